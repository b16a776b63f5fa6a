/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What vpnd says to charon about tunnel links, and what charon says of their
 * CHILD_SAs: VICI messages, on buffers only.
 */
#ifndef VPND_VPN_CHARON_LINK_MSG_H
#define VPND_VPN_CHARON_LINK_MSG_H

#include <zebra.h>

#include "vpnd/vici.h"
#include "vpnd/vpn_gateway.h"

/* load-conn of this gateway with all its children, complete but for vici_finish. */
void vpn_charon_put_gateway(struct vici_buf *buf, const struct vpn_gateway *gateway,
			    const struct vpn_profile *profile);

/* In what part of an event a CHILD_SA stands. */
enum vpn_charon_part {
	VPN_CHARON_SA = 0, /* list-sa, child-updown */
	VPN_CHARON_SA_OLD, /* child-rekey */
	VPN_CHARON_SA_NEW,
};

/* A CHILD_SA of a link, as charon lists it. */
struct vpn_charon_sa {
	enum vpn_charon_part part;
	bool up;			     /* of child-updown: it came */
	char gateway[VPN_GATEWAY_NAME_SIZE]; /* name of the connection */
	char child[VPN_CHILD_NAME_SIZE];     /* name of the child */
	uint32_t id;			     /* unique */
	uint32_t ike;			     /* its IKE_SA's unique id */
	bool installed; /* it carries traffic, and no other has taken its place */
	bool transport; /* mode */
	uint8_t ike_version;
	struct ipaddr remote;		    /* outer address of the peer */
	char identity[VPN_SPOKE_ID_SIZE];   /* who it has proved to be; empty if that is longer */
	char encryption[32], integrity[32]; /* charon's names; empty: none */
	char proposal[VPN_ALGORITHMS_SIZE]; /* the same for people: "AES_GCM_16-256" */
	struct vpn_esp_size esp;
};

/*
 * Reads a list-sa, child-updown or child-rekey event and calls back for each
 * CHILD_SA of a connection that is a gateway's (by its name).  False if it is
 * malformed; what came before was told.
 */
bool vpn_charon_read_sas(const struct vici_packet *packet,
			 void (*each)(const struct vpn_charon_sa *sa));

#endif /* VPND_VPN_CHARON_LINK_MSG_H */
