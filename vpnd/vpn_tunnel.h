/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tunnel links: what is known of each.
 *
 * A link is configured (vpn_config.tunnels), is a kernel device in its VRF
 * (vpn_device.h), and, unless it goes without IPsec, a child of a gateway
 * (vpn_gateway.h).  It is up when traffic can pass: the device stands and an
 * SA is installed; then, and only then, the device is up, and the routing
 * protocols see the link.
 *
 * "Tunnel" in names of our code is a tunnel link; a link is one of the kernel.
 */
#ifndef VPND_VPN_TUNNEL_H
#define VPND_VPN_TUNNEL_H

#include <zebra.h>

#include "lib/if.h"
#include "lib/typesafe.h"

#include "wire/opaque.h"

#include "vpnd/vpn_config.h"
#include "vpnd/vpn_gateway.h"
#include "vpnd/vpn_peer.h"

/* XFRM if_ids of links: this and a number.  See vpn_ifname.h for the others. */
#define VPN_IF_ID_LINK 0x30000000u

#define VPN_PROTOCOL_SIZE 16 /* a routing protocol's name, as zebra says it */

PREDECL_RBTREE_UNIQ(vpn_tunnels);

struct vpn_tunnel {
	struct vpn_tunnels_item item;
	char name[IFNAMSIZ];

	bool wanted;			 /* it is configured */
	struct vpn_tunnel_config config; /* as it was when last applied; item is not in use */

	enum vpn_peer_state state;
	char reason[VPN_REASON_SIZE]; /* in words, when not up */
	time_t since;		      /* wall clock, s: when state was entered */

	struct vpn_child *child; /* NULL: no IPsec, or it cannot be negotiated yet */
	uint32_t if_id;		 /* of an xfrm interface; 0: none */
	ifindex_t ifindex;	 /* of its device; 0: not there */
	bool device_up;		 /* as vpnd wants it */
	unsigned int path_mtu;	 /* octets, of the underlay; 0: no route */
	unsigned int mtu;	 /* octets, of an inner packet, as set on the device */

	char learned[VPN_PROTOCOL_SIZE]; /* on traffic: the protocol that runs over it */
	char failed[VPN_REASON_SIZE];	 /* the kernel's words about the device */
	time_t retry_at;		 /* monotonic s; of a failed step */
	time_t gone_at; /* monotonic s; of a spoke that is not up, since when; else 0 */
	bool usable;	/* nothing of its configuration, its VRF or the kernel is missing */
	bool adopted;	/* its device is of an earlier vpnd, and this one's first look is to come */
	struct prefix address; /* borrowed; family 0: none */
};

int vpn_tunnel_cmp(const struct vpn_tunnel *a, const struct vpn_tunnel *b);
DECLARE_RBTREE_UNIQ(vpn_tunnels, struct vpn_tunnel, item, vpn_tunnel_cmp);

/* Every link that is configured or not gone yet, by name.  Read-only for show and northbound. */
extern struct vpn_tunnels_head vpn_tunnels;

struct vpn_tunnel *vpn_tunnel_find(const char *name);
struct vpn_tunnel *vpn_tunnel_get(const char *name); /* made if it is not there */
void vpn_tunnel_free(struct vpn_tunnel **tunnel);
void vpn_tunnels_terminate(void);

/* The name of its alarm; valid until the next call. */
const char *vpn_tunnel_alarm(const struct vpn_tunnel *tunnel);

/*
 * The device's own counters, asked of the kernel now: inner packets that went
 * through, and their octets.  They survive rekeys and restarts of charon and
 * vpnd.  All 0 if there is no device.
 */
void vpn_tunnel_counters(const struct vpn_tunnel *tunnel, struct vpn_counters *counters);

/* What was negotiated, in charon's words; "" when nothing is. */
const char *vpn_tunnel_proposal(const struct vpn_tunnel *tunnel);

uint8_t vpn_tunnel_ike_version(const struct vpn_tunnel *tunnel);   /* 0: nothing negotiated */
uint64_t vpn_tunnel_rekeys(const struct vpn_tunnel *tunnel);	   /* since it came up */
unsigned int vpn_tunnel_failures(const struct vpn_tunnel *tunnel); /* in a row */
int64_t vpn_tunnel_next_attempt(const struct vpn_tunnel *tunnel);  /* ms; -1: none is planned */

/* The peer's outer address, with `remote any` the one it has now; IPADDR_NONE if it is not known. */
struct ipaddr vpn_tunnel_remote(const struct vpn_tunnel *tunnel);

/*
 * `clear vpn tunnel-link`: its SAs are terminated, failures and alarm are
 * forgotten, and it is negotiated anew.
 */
void vpn_tunnel_clear(struct vpn_tunnel *tunnel);

#endif /* VPND_VPN_TUNNEL_H */
