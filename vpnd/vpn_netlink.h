/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rtnetlink: the codec, on buffers only (libmnl).
 *
 * Only what vpnd needs: VRF devices, xfrm interfaces and tunnels are read and
 * written, and addresses; routes are asked for.  What comes in is checked before
 * it is used; attributes that do not make sense make the message one of no
 * interest.
 */
#ifndef VPND_VPN_NETLINK_H
#define VPND_VPN_NETLINK_H

#include <zebra.h>

#include <linux/netlink.h>

#include "lib/if.h"
#include "lib/ipaddr.h"

#include "vpnd/vpn_ifname.h"

#define VPN_NETLINK_BUF 1024 /* octets that hold any request of this file */

enum vpn_link_kind {
	VPN_LINK_OTHER = 0,
	VPN_LINK_VRF,
	VPN_LINK_XFRM,
	VPN_LINK_GRE,	 /* IPv4 outside */
	VPN_LINK_IP6GRE, /* IPv6 outside */
	VPN_LINK_IPIP,	 /* IPv4 outside; one protocol inside */
	VPN_LINK_SIT,	 /* IPv4 outside; in its mode "any" IPv4 and IPv6 inside */
	VPN_LINK_IP6TNL, /* IPv6 outside */
};

/* What a tunnel's packets are outside. */
struct vpn_link_outer {
	struct ipaddr local, remote; /* IPADDR_NONE: any */
	bool has_key;		     /* GRE: the same key in both directions */
	uint32_t key;
	uint8_t proto; /* inside IPIP, SIT and IP6TNL: 0: IPv4 and IPv6, or IPPROTO_MPLS, … */
};

struct vpn_link_info {
	ifindex_t ifindex;
	char name[IFNAMSIZ];
	enum vpn_link_kind kind;
	ifindex_t master; /* 0: none */
	unsigned int mtu;
	bool admin_up;
	bool multicast;		     /* the flag */
	uint32_t if_id;		     /* of an xfrm interface */
	struct vpn_link_outer outer; /* of a tunnel */
	char alias[VPN_ALIAS_SIZE];
};

/* Reads an RTM_NEWLINK or RTM_DELLINK.  False if it is none, or malformed. */
bool vpn_netlink_link(const struct nlmsghdr *nlh, struct vpn_link_info *info);

/* Inner packets and octets, of RTM_NEWLINK's statistics. */
struct vpn_link_stats {
	uint64_t bytes_in, bytes_out, packets_in, packets_out;
};

/* Reads the statistics of an RTM_NEWLINK.  False if it has none, or is malformed. */
bool vpn_netlink_stats(const struct nlmsghdr *nlh, struct vpn_link_stats *stats);

/* An address of an interface, with its prefix length, and the other end's, if there is one. */
struct vpn_address_info {
	ifindex_t ifindex;
	struct ipaddr local;
	struct ipaddr peer; /* IPADDR_NONE: none */
	uint8_t len;	    /* bits: of the peer's prefix, or of local's if there is none */
	bool tentative; /* IPv6: the kernel has not yet found it to be nobody else's, or has not */
	bool ours;	/* it carries VPN_ADDRESS_PROTO */
};

/* Who made an address (IFA_PROTO), or a route: a number that nobody else uses. */
#define VPN_ADDRESS_PROTO 86

/* Reads an RTM_NEWADDR or RTM_DELADDR.  False if it is none, or malformed. */
bool vpn_netlink_address(const struct nlmsghdr *nlh, struct vpn_address_info *info);

/* Are they the same but for who made them, and when? */
bool vpn_address_same(const struct vpn_address_info *a, const struct vpn_address_info *b);

struct vpn_route_info {
	uint8_t type;	  /* RTN_UNICAST, RTN_UNREACHABLE, … */
	uint8_t protocol; /* who made it: RTPROT_OSPF, … */
	ifindex_t oif;
	unsigned int mtu; /* metric of the route, 0: none */
};

/* Reads one route of the answer to a route request.  False if it is none, or malformed. */
bool vpn_netlink_route(const struct nlmsghdr *nlh, struct vpn_route_info *info);

/*
 * Each writes a request into buf of VPN_NETLINK_BUF octets and returns it;
 * sequence number and flags for the acknowledgement are the caller's.
 */

/*
 * An interface of any kind but OTHER and VRF, with this name, kind, master, MTU
 * (0: the kernel's choice), multicast flag and what the kind needs; down and
 * without alias.  Tunnels copy DSCP and ECN to the outside, and have a hop limit
 * of their own: that of routing protocols is 1.
 */
struct nlmsghdr *vpn_netlink_link_new(void *buf, const struct vpn_link_info *want);

/*
 * Of a kind that it has, the kernel refuses this with another error than
 * EOPNOTSUPP; nothing is ever made.  Of any kind but OTHER and VRF.
 */
struct nlmsghdr *vpn_netlink_kind_probe(void *buf, enum vpn_link_kind kind);
struct nlmsghdr *vpn_netlink_link_alias(void *buf, ifindex_t ifindex, const char *alias);
struct nlmsghdr *vpn_netlink_link_mtu(void *buf, ifindex_t ifindex, unsigned int mtu);
struct nlmsghdr *vpn_netlink_link_master(void *buf, ifindex_t ifindex, ifindex_t master);
/* Of IFF_UP and IFF_MULTICAST: those in change become as in flags. */
struct nlmsghdr *vpn_netlink_link_flags(void *buf, ifindex_t ifindex, unsigned int flags,
					unsigned int change);
struct nlmsghdr *vpn_netlink_link_no_addrgen(void *buf, ifindex_t ifindex);
struct nlmsghdr *vpn_netlink_link_del(void *buf, ifindex_t ifindex);
struct nlmsghdr *vpn_netlink_link_get(void *buf, ifindex_t ifindex);
struct nlmsghdr *vpn_netlink_link_get_named(void *buf, const char *name);
struct nlmsghdr *vpn_netlink_link_dump(void *buf);
struct nlmsghdr *vpn_netlink_address_add(void *buf, const struct vpn_address_info *address);
struct nlmsghdr *vpn_netlink_address_del(void *buf, const struct vpn_address_info *address);
struct nlmsghdr *vpn_netlink_address_dump(void *buf);
struct nlmsghdr *vpn_netlink_route_get(void *buf, const struct ipaddr *src,
				       const struct ipaddr *dst);

/* The routes of a table over this interface, chosen by the kernel if the socket checks strictly. */
struct nlmsghdr *vpn_netlink_routes_dump(void *buf, int family, uint32_t table, ifindex_t oif);

/*
 * The least of all default routes of a table, which refuses; added or removed.  Of
 * the protocols that a route may come from, zebra passes over this one's only.
 */
#define VPN_UNREACHABLE_METRIC 4278198272u
#define VPN_UNREACHABLE_PROTO  RTPROT_REDIRECT
struct nlmsghdr *vpn_netlink_unreachable(void *buf, bool add, int family, uint32_t table);

#endif /* VPND_VPN_NETLINK_H */
