/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What vpnd says to charon and reads from its answers: VICI messages, on
 * buffers only.
 */
#ifndef VPND_VPN_CHARON_MSG_H
#define VPND_VPN_CHARON_MSG_H

#include <zebra.h>

#include "lib/ipaddr.h"

#include "vpnd/vici.h"

struct vpn_profile;

#define VPN_CONN_NAME_SIZE 64	 /* of a connection, with the NUL */
#define VPN_CONN_ANY	   "any" /* behind the prefix: the responder for any peer */

/* The connection's name for this peer (NULL: any) into buf; returns buf. */
char *vpn_conn_name(const struct ipaddr *peer, char buf[VPN_CONN_NAME_SIZE]);

/* The peer of a connection's name.  False if it is not ours; IPADDR_NONE: any peer. */
bool vpn_conn_peer(const struct vici_blob *name, struct ipaddr *peer);

/* load-conn for this peer (NULL: any), complete but for vici_finish. */
void vpn_charon_put_conn(struct vici_buf *buf, const struct ipaddr *local,
			 const struct ipaddr *peer, const struct vpn_profile *profile);

/*
 * Reads a command's response.  True if it says success; else error says why
 * not, in charon's words.
 */
bool vpn_charon_read_result(const struct vici_packet *packet, char *error, size_t size);

/* Reads a list-sa event.  True if its IKE_SA is ours and with this peer; *id is its unique id. */
bool vpn_charon_read_sa(const struct vici_packet *packet, const struct ipaddr *peer, uint32_t *id);

/* Calls back for each connection in a response to get-conns.  False if it is malformed. */
bool vpn_charon_read_conns(const struct vici_packet *packet,
			   void (*each)(const struct vici_blob *name));

#endif /* VPND_VPN_CHARON_MSG_H */
