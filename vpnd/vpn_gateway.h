/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Gateways: the IKE peers of tunnel links, and what is negotiated with them.
 *
 * A gateway is one IKE connection: our address, the peer's (or any), a profile,
 * two identities.  Links that agree in all of these share it.  Below it are
 * children, a CHILD_SA each: one per link whose device is an xfrm interface,
 * named after the link; one per protocol ("proto-gre", "proto-mpls",
 * "proto-l2tp") for the links whose packets the default VRF carries in
 * transport mode, shared by all of them.
 *
 *                 wanted, our turn               CHILD_SA installed
 *        DOWN ──────────────────▶ CONNECTING ────────────────────────▶ UP
 *         ▲     after back-off        │                                 │
 *         └───────────────────────────┘◀────────────────────────────────┘
 *            LINK_ALERT, time limit       the last CHILD_SA has gone, and
 *                                         none came within the grace period
 *
 * What is installed is known from VICI alone: list-sas once after (re)connect,
 * then child-updown and child-rekey.  A child is up while any CHILD_SA of its
 * name is installed: a rekey, a reauthentication, two ends that began at once,
 * an old SA that dies are nothing to it.
 *
 * charon may die: its SAs stay in the kernel and carry traffic, so what was up
 * is held for the time that dead peer detection would take, and negotiated
 * anew meanwhile.
 *
 * The end with the lower address begins; the other one only if nothing has come
 * after VPN_PEER_YIELD_MS.  A gateway of `remote any` never begins.
 */
#ifndef VPND_VPN_GATEWAY_H
#define VPND_VPN_GATEWAY_H

#include <zebra.h>

#include "lib/frrevent.h"
#include "lib/ipaddr.h"
#include "lib/typesafe.h"

#include "wire/opaque.h"

#include "vpnd/vpn_backoff.h"
#include "vpnd/vpn_config.h"
#include "vpnd/vpn_peer.h"

#define VPN_GATEWAY_NAME_SIZE 64 /* of a connection, with the NUL */
#define VPN_CHILD_NAME_SIZE   32 /* of a child, with the NUL */
#define VPN_ALGORITHMS_SIZE   96 /* of what was negotiated, in charon's words, with the NUL */

#define VPN_GATEWAY_GRACE_MS 500 /* from the last CHILD_SA to down, if none replaces it */

PREDECL_RBTREE_UNIQ(vpn_gateways);
PREDECL_DLIST(vpn_children);
PREDECL_DLIST(vpn_child_sas);

/* One CHILD_SA that charon has installed. */
struct vpn_child_sa {
	struct vpn_child_sas_item item;
	uint32_t id; /* charon's unique id */
	bool named;  /* in the list-sas that runs */
};

/* What packets of a child need beside themselves; see vpn_overhead.h. */
struct vpn_esp_size {
	unsigned int header; /* octets before what is encrypted: IP, UDP if any, ESP, IV */
	unsigned int icv;    /* octets behind it */
	unsigned int block;  /* what is encrypted is padded to a multiple of it */
};

struct vpn_child {
	struct vpn_children_item item;
	struct vpn_gateway *gateway;
	char name[VPN_CHILD_NAME_SIZE];

	enum vpn_encap encap;
	uint32_t if_id; /* 0: transport mode in the default VRF */
	enum vpn_signal signal;
	bool on_traffic;
	uint32_t idle;	    /* seconds, of on_traffic */
	unsigned int users; /* links; 0: it goes */

	enum vpn_peer_state state;
	char reason[VPN_REASON_SIZE]; /* in words, when not up */

	struct vpn_child_sas_head sas;
	struct vpn_backoff backoff;
	bool yielded;		 /* the higher address has waited for the lower */
	bool cleared;		 /* it goes down because we want it to */
	bool held;		 /* up, though charon knows nothing of it: see above */
	time_t since;		 /* wall clock, s: when state was entered */
	struct event *t_retry;	 /* while DOWN: the next attempt */
	struct event *t_attempt; /* while CONNECTING: its limit */
	struct event *t_grace;	 /* while UP without a CHILD_SA */

	/* of the newest CHILD_SA, valid while there is one */
	uint64_t rekeys; /* since it came up */
	char proposal[VPN_ALGORITHMS_SIZE];
	struct vpn_esp_size esp;
	struct ipaddr remote; /* outer address of the peer: with `remote any`, what it is now */
	uint8_t ike_version;
};

struct vpn_gateway {
	struct vpn_gateways_item item;
	char name[VPN_GATEWAY_NAME_SIZE]; /* VPNSPI_LINK_PREFIX, the remote address, a hash of the rest */

	struct ipaddr local;
	struct ipaddr remote; /* IPADDR_NONE: any */
	char profile[VPN_NAME_SIZE];
	char local_id[VPN_IDENTITY_SIZE]; /* empty: the address */
	char remote_id[VPN_IDENTITY_SIZE];

	struct vpn_children_head children;
	bool loaded;		     /* charon has the connection, as configured now */
	bool secret;		     /* and what proves who we are */
	char error[VPN_REASON_SIZE]; /* why it has not, in words */
};

int vpn_gateway_cmp(const struct vpn_gateway *a, const struct vpn_gateway *b);
DECLARE_RBTREE_UNIQ(vpn_gateways, struct vpn_gateway, item, vpn_gateway_cmp);
DECLARE_DLIST(vpn_children, struct vpn_child, item);
DECLARE_DLIST(vpn_child_sas, struct vpn_child_sa, item);

/* Every gateway, by name.  Read-only for everybody but vpn_gateway*.c and vpn_tunnel_apply.c. */
extern struct vpn_gateways_head vpn_gateways;

struct vpn_gateway *vpn_gateway_find(const char *name);
struct vpn_child *vpn_child_find(const char *gateway, const char *name);

/* Does charon's plugin reach a verdict for children of this kind, so that vpnd tells it of them? */
bool vpn_child_is_link(const struct vpn_child *child);

/* Milliseconds to the next attempt; -1: none is planned. */
int64_t vpn_child_next_attempt(const struct vpn_child *child);

#endif /* VPND_VPN_GATEWAY_H */
