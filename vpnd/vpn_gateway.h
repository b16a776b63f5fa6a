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
 * A peer that does not answer in IKE for the profile's timeout is taken for dead:
 * its children are DOWN, though charon, which goes on asking for minutes, has their
 * CHILD_SAs still; they are UP at once when it answers after all.
 *
 * The end with the lower address begins; the other one only if nothing has come
 * after VPN_PEER_YIELD_MS, or if it has come already and was refused (vpn_knock.h).
 * A gateway of `remote any` never begins.
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
#include "vpnd/vpn_esp.h"
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
	uint32_t id;   /* charon's unique id */
	int64_t asked; /* monotonic ms: the peer was asked then, and has not answered; 0: it has */
};

struct vpn_child {
	struct vpn_children_item item;
	struct vpn_gateway *gateway;
	char name[VPN_CHILD_NAME_SIZE];

	enum vpn_encap encap;
	uint32_t if_id; /* 0: transport mode in the default VRF */
	enum vpn_signal signal;
	bool has_vpn_id;
	uint8_t vpn_id[VPN_ID_SIZE];
	bool on_traffic, on_traffic_wanted;
	uint32_t idle, idle_wanted; /* seconds, of on_traffic */
	unsigned int users;	    /* links; 0: it goes */
	unsigned int spokes; /* of a template: so many at most; 0: it is none (vpn_template.h) */
	uint32_t spoke;	     /* of a spoke: its number; 0: it is none */
	char spoke_of[IFNAMSIZ];	  /* and its template's name */
	char identity[VPN_SPOKE_ID_SIZE]; /* and who it is */
	bool said;			  /* charon's plugin was told of it, on this connection */
	uint32_t said_id;		  /* the request that did */

	enum vpn_peer_state state;
	char reason[VPN_REASON_SIZE]; /* in words, when not up */

	struct vpn_child_sas_head sas;
	struct vpn_backoff backoff;
	bool yielded;		 /* the higher address has waited for the lower */
	bool cleared;		 /* it goes down because we want it to */
	bool held;		 /* up, though charon knows nothing of it: see above */
	bool silent;		 /* down, though it has CHILD_SAs: the peer does not answer */
	time_t since;		 /* wall clock, s: when state was entered */
	struct event *t_retry;	 /* while DOWN: the next attempt */
	struct event *t_attempt; /* while CONNECTING: its limit */
	struct event *t_grace;	 /* while UP without a CHILD_SA */
	struct event *t_twins;	 /* while there is more than one CHILD_SA */
	struct event *t_silent;	 /* while UP, and the peer of each CHILD_SA is asked in vain */

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
	bool one_key;		     /* charon is known to have no second key for it */
	uint32_t digest;	     /* of the connection that it was given, 0: none */
	char error[VPN_REASON_SIZE]; /* why it has not, in words */
};

int vpn_gateway_cmp(const struct vpn_gateway *a, const struct vpn_gateway *b);
DECLARE_RBTREE_UNIQ(vpn_gateways, struct vpn_gateway, item, vpn_gateway_cmp);
DECLARE_DLIST(vpn_children, struct vpn_child, item);
DECLARE_DLIST(vpn_child_sas, struct vpn_child_sa, item);

/* Every gateway, by name.  Read-only for everybody but vpn_gateway*.c and vpn_tunnel_apply.c. */
extern struct vpn_gateways_head vpn_gateways;

struct vpn_gateway *vpn_gateway_find(const char *name);

/* Milliseconds to the next attempt; -1: none is planned. */
int64_t vpn_child_next_attempt(const struct vpn_child *child);

/* Has it failed so often that nothing more is tried? */
bool vpn_child_given_up(const struct vpn_child *child);

/* --- for vpn_tunnel_apply.c ---------------------------------------------------------------- */

/*
 * The child that negotiates for this link, made if it is not there, as one
 * that is used.  if_id: of the link's xfrm interface, 0 for a shared one.
 * held: the link was found up at the start, so the child is taken for up until
 * charon had the time to say otherwise.
 */
struct vpn_child *vpn_gateway_want(const struct vpn_tunnel_config *config, uint32_t if_id,
				   bool held);

/* Before and after all links have said what they want: what nobody wants goes. */
void vpn_gateways_unwant(void);
void vpn_gateways_sweep(void);

/* Brings up what should be and is not, one step at a time; safe to call at any time. */
void vpn_gateways_drive(void);

/* The set is complete: charon unloads what an earlier vpnd left beside it. */
void vpn_gateways_clean(void);

/* `clear vpn tunnel-link`: its SAs are terminated, and it is negotiated anew. */
void vpn_child_clear(struct vpn_child *child);

/* --- events -------------------------------------------------------------------------------- */

struct vpn_charon_sa;
struct vpnspi_link_alert;
struct vpnspi_silent;

/* VICI is connected, or not any more. */
void vpn_gateways_charon_up(void);
void vpn_gateways_charon_down(const char *reason);

/* What charon says of CHILD_SAs: one that is listed, the end of the list, one that came or went. */
void vpn_gateway_sa_listed(const struct vpn_charon_sa *sa);
void vpn_gateways_listed(void);
void vpn_gateway_sa_event(const struct vpn_charon_sa *sa);

/* The plugin is connected, or not any more; it refused an SA; it answered a LINK. */
void vpn_gateways_plugin_changed(void);
void vpn_gateway_alert(const struct vpnspi_link_alert *alert);
void vpn_gateway_link_done(uint32_t id, const char *error);

/* This peer tries, and is refused as long as charon has no connection for it: it is not waited for. */
void vpn_gateways_knocked(const struct ipaddr *local, const struct ipaddr *peer);

/* A peer does not answer, or answers again. */
void vpn_gateway_silent(const struct vpnspi_silent *silent);

/* LINK of every child, within the plugin's SYNC. */
void vpn_gateways_say(void);

/* The configuration has changed: what failed may work now. */
void vpn_gateways_try_again(void);

/* The route to this address has changed. */
void vpn_gateways_route_changed(const struct ipaddr *addr);

/* Is there a gateway at this address? */
bool vpn_gateway_at(const struct ipaddr *addr);

void vpn_gateways_terminate(void);

#endif /* VPND_VPN_GATEWAY_H */
