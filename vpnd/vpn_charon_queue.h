/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests to charon over VICI that wait for their turn and their answer; for
 * vpn_charon*.c only.  See vpn_charon.c.
 */
#ifndef VPND_VPN_CHARON_QUEUE_H
#define VPND_VPN_CHARON_QUEUE_H

#include <zebra.h>

#include "lib/ipaddr.h"
#include "lib/printfrr.h"
#include "lib/typesafe.h"

#include "vpnd/vici.h"
#include "vpnd/vpn_charon_msg.h"

struct vpn_profile;

PREDECL_DLIST(vpn_charon_requests);

struct vpn_charon_request {
	struct vpn_charon_requests_item item;
	struct vici_buf buf;
	bool sent;
	bool essential; /* its failure is worth a warning */
	char what[128]; /* for messages: "load of vpnd-pe-10.0.0.2" */
	struct ipaddr peer;
	bool has_peer;
	char conn[VPN_CONN_NAME_SIZE]; /* of a gateway; empty: of none */
	char child[VPN_CONN_NAME_SIZE];

	/* Called once with the answer, at most one of them; error is NULL on success. */
	void (*done)(const struct ipaddr *peer, const char *error);
	void (*conn_done)(const char *conn, const char *child, const char *error);
	void (*answer)(const struct vpn_charon_request *request, const struct vici_packet *packet);

	/* called for each list-sa event that comes before the answer */
	void (*event)(const struct vpn_charon_request *request, const struct vici_packet *packet);
};

/*
 * A request at the end of the queue, its message to be written into buf, but
 * for vici_finish; then vpn_charon_run() sends it when its turn has come.
 */
PRINTFRR(2, 3)
struct vpn_charon_request *vpn_charon_request_new(const struct ipaddr *peer, const char *what, ...);
void vpn_charon_run(void);

/*
 * Loads the profile's secret under this id, good for the owners (identities,
 * a NULL behind the last one), or its private key.  NULL, or why not in words
 * (a file that cannot be read).  With two owners, us and the peer, the second
 * key that is only accepted is loaded, too, or unloaded; *alone says if charon
 * is known to have none, and is kept by whoever calls.
 */
const char *vpn_charon_put_secret(const char *id, const char *const owners[],
				  const struct vpn_profile *profile, bool *alone);

/* Unloads both. */
void vpn_charon_unload_shared(const char *id);

/*
 * Loads what charon does not read itself of a profile by certificates: the list
 * of revoked ones, if there is one, and the private key.  NULL, or why not.
 */
const char *vpn_charon_put_certificate(const struct vpn_profile *profile);

/*
 * A whole file on its way to charon, in memory of its own, with a NUL behind it;
 * it may be a secret: vpn_charon_file_free() zeroes it.  NULL, and *error has why.
 */
char *vpn_charon_file_read(const char *path, size_t *len, const char **error);
void vpn_charon_file_free(char **data);

/* An event that nobody asked for now: a CHILD_SA came, was rekeyed, or went (vpn_charon_link.c). */
void vpn_charon_event(const struct vici_packet *packet);

#endif /* VPND_VPN_CHARON_QUEUE_H */
