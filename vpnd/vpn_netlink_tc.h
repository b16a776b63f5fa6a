/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rtnetlink: the codec of traffic control filters, on buffers only (libmnl).
 *
 * What vpn_device_mpls.c needs and no more.  Ingress and egress filters hang on
 * a qdisc "clsact".  Every filter has a handle of its own that is known
 * beforehand, so one is asked for, replaced and removed by what it is for.
 */
#ifndef VPND_VPN_NETLINK_TC_H
#define VPND_VPN_NETLINK_TC_H

#include <zebra.h>

#include <linux/netlink.h>

#include "lib/if.h"

#include "vpnd/vpn_netlink.h"

/* Which filter: its interface, direction, chain and handle. */
enum vpn_filter_kind {
	VPN_FILTER_PUSH, /* egress: everything gets a label and leaves by another interface */
	VPN_FILTER_SORT, /* ingress: IPv4 and IPv6 below one label go on to chains of their own */
	VPN_FILTER_POP, /* ingress, such a chain: one label is taken off and the packet comes in elsewhere */
	VPN_FILTER_DROP, /* ingress, after SORT: everything is dropped */
};

struct vpn_filter {
	enum vpn_filter_kind kind;
	ifindex_t ifindex;
	bool ipv6;	    /* SORT and POP: of IPv6, not of IPv4 */
	uint32_t label;	    /* PUSH: the one put on; POP: the one taken off */
	ifindex_t redirect; /* PUSH and POP: to this interface; 0: it is no more */
	uint64_t packets;   /* read only: that met it */
	uint64_t bytes;	    /* read only: PUSH without the label, POP with it */
};

/*
 * Reads an answer to vpn_netlink_filter_get(): label of PUSH, redirect and
 * counters, into filter, whose kind says which was asked for.  False if it is
 * none, or malformed.
 */
bool vpn_netlink_filter(const struct nlmsghdr *nlh, struct vpn_filter *filter);

/* Each writes a request into buf of VPN_NETLINK_BUF octets and returns it. */
struct nlmsghdr *vpn_netlink_clsact(void *buf, ifindex_t ifindex);
struct nlmsghdr *vpn_netlink_filter_set(void *buf, const struct vpn_filter *filter);
struct nlmsghdr *vpn_netlink_filter_get(void *buf, const struct vpn_filter *filter);
struct nlmsghdr *vpn_netlink_filter_del(void *buf, const struct vpn_filter *filter);

#endif /* VPND_VPN_NETLINK_TC_H */
