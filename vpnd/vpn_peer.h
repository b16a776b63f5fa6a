/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Peers: the PEs that we send to or that send to us.
 *
 * Nobody configures one.  A peer exists while bgpd has a use of its address
 * (then we bring it up), or while charon has a CHILD_SA with it (then it sends
 * to us, and we let it).
 *
 *                  use wanted                     PEER_IS up
 *          DOWN ───────────────▶ CONNECTING ────────────────────▶ UP
 *           ▲    after back-off      │                             │
 *           └────────────────────────┘◀────────────────────────────┘
 *                     failure, time limit              PEER_IS down
 *
 * A peer that does not answer in IKE for the profile's timeout is taken for dead: it is
 * DOWN, and so are the routes over it, though charon, which goes on asking for minutes, has
 * its CHILD_SA still; it is UP at once when it answers after all.
 *
 * One IKE negotiation: when both ends want each other at the same moment, the
 * end with the lower address initiates at once, the other one only if nothing
 * has come after VPN_PEER_YIELD_MS.
 *
 * Back-off: `retry initial`, doubled up to `maximum`, with jitter; after
 * `limit` failures in a row no more, and an alarm.  `clear vpn peer` and a
 * changed route to the peer start again.  See vpn_backoff.h.
 */
#ifndef VPND_VPN_PEER_H
#define VPND_VPN_PEER_H

#include <zebra.h>

#include "lib/frrevent.h"
#include "lib/ipaddr.h"
#include "lib/typesafe.h"

#include "wire/opaque.h"
#include "wire/plugin.h"

#include "vpnd/vpn_backoff.h"

#define VPN_PEER_YIELD_MS   3000 /* how long the higher address waits for the lower */
#define VPN_PEER_ATTEMPT_S  180	 /* an attempt without any word is over; charon gives up at 165 s */
#define VPN_PEER_COUNTERS_S 5	 /* how often counters are asked for */

enum vpn_peer_state {
	VPN_PEER_DOWN = 0,
	VPN_PEER_CONNECTING,
	VPN_PEER_UP,
};

struct vpn_counters {
	uint64_t bytes_in;
	uint64_t bytes_out;
	uint64_t packets_in;
	uint64_t packets_out;
};

PREDECL_RBTREE_UNIQ(vpn_peers);

struct vpn_peer {
	struct vpn_peers_item item;

	struct ipaddr addr;
	unsigned int uses; /* wanted by bgpd; 0: only the peer wants us */

	enum vpn_peer_state state;
	char reason[VPN_REASON_SIZE]; /* in words, when not up */
	time_t since;		      /* wall clock, s: when state was entered */
	char alert[VPN_REASON_SIZE];  /* what went wrong while UP, */
	time_t alerted;		      /* and when (monotonic s): soon after, it is why it ended */

	bool loaded;		    /* charon has the connection, as configured now */
	bool yielded;		    /* the higher address has waited for the lower */
	bool cleared;		    /* it goes down because we want it to */
	struct vpn_backoff backoff; /* failures in a row, next delay */
	time_t attempt_since;	    /* monotonic s, of the attempt that runs; 0: none */
	uint64_t initiations;	    /* IKE negotiations that we started, ever */
	struct event *t_retry;	 /* while DOWN: the next attempt; its remainder is "nextAttempt" */
	struct event *t_attempt; /* while CONNECTING: its limit */

	int64_t asked; /* monotonic ms: it was asked then, and has not answered; 0: it has */
	bool silent;   /* DOWN, though charon has a CHILD_SA with it: see above */
	struct event *t_silent; /* while UP and asked */

	/* what the plugin said last; is.state tells whether the rest is valid */
	struct vpnspi_peer_is is;
	bool heard; /* it has spoken of this peer on the connection that is open now */

	unsigned int path_mtu; /* octets, of the underlay to this peer; 0: no route */
	unsigned int mtu;      /* octets, of an inner packet */

	struct vpn_counters last; /* as charon counts */
	struct vpn_counters base; /* of charons that are gone */
	time_t counted;		  /* wall clock, s: when last was read; 0: never */
};

int vpn_peer_cmp(const struct vpn_peer *a, const struct vpn_peer *b);
DECLARE_RBTREE_UNIQ(vpn_peers, struct vpn_peer, item, vpn_peer_cmp);

/* Every peer, by address.  Read-only for everybody but vpn_peer.c and vpn_apply.c. */
extern struct vpn_peers_head vpn_peers;

struct vpn_peer *vpn_peer_find(const struct ipaddr *addr);
struct vpn_peer *vpn_peer_get(const struct ipaddr *addr); /* made if it is not there */

/* "up", "connecting", "down" */
const char *vpn_peer_state_str(enum vpn_peer_state state);

/* Sums over all charons since vpnd started. */
void vpn_peer_counters(const struct vpn_peer *peer, struct vpn_counters *sum);

/*
 * `clear vpn peer`: its IKE_SAs are terminated, failures and alarm are
 * forgotten, and if it has uses it is brought up again at once.
 */
void vpn_peer_clear(struct vpn_peer *peer);

/*
 * Octets that an inner packet may have beside this path MTU, given the sizes
 * in PEER_IS; 0 if nothing fits.  Pure.
 */
unsigned int vpn_peer_inner_mtu(unsigned int path_mtu, unsigned int overhead, unsigned int trailer,
				unsigned int block);

/* Address of the plugin's form to libfrr's and back; false if the family is neither. */
bool vpn_peer_from_wire(const struct vpnspi_addr *wire, struct ipaddr *addr);
void vpn_peer_to_wire(const struct ipaddr *addr, struct vpnspi_addr *wire);

/* Whose turn is it to initiate when both want to?  Pure. */
bool vpn_peer_initiates_first(const struct ipaddr *local, const struct ipaddr *peer);

/* --- for vpn_apply.c and vpn_plugin.c ------------------------------------------------------ */

/* Brings it up if it should be and is not, one step at a time; safe to call at any time. */
void vpn_peer_drive(struct vpn_peer *peer);

/* What the plugin said about a peer. */
void vpn_peer_is(const struct vpnspi_peer_is *is);
void vpn_peer_alert(const struct vpnspi_alert *alert);
void vpn_peer_count(const struct vpnspi_counters *counters);
void vpn_peer_silent(const struct vpnspi_silent *silent);

/* The plugin's connection is gone: nobody is up, for this reason. */
void vpn_peer_all_down(const char *reason);

/* A new connection to the plugin: what it says of its peers follows. */
void vpn_peer_all_unheard(void);

/* That was all: peers that were up and that it did not speak of are not known to this charon. */
void vpn_peer_unheard_down(void);

/* VICI is new or the configuration has changed: connections are to be loaded again. */
void vpn_peer_all_reload(void);

/* The route to this peer has changed: look at its MTU again, and try now if it was down. */
void vpn_peer_route_changed(const struct ipaddr *addr);

/* The configuration has changed: what failed may work now, so it is tried at once. */
void vpn_peer_try_again(struct vpn_peer *peer);

/* Path and inner MTU anew, from the kernel. */
void vpn_peer_mtu_refresh(struct vpn_peer *peer);

void vpn_peer_free(struct vpn_peer **peer);
void vpn_peer_terminate(void);

#endif /* VPND_VPN_PEER_H */
