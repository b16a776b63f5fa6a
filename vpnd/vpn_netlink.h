/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rtnetlink: the codec, on buffers only (libmnl).
 *
 * Only what vpnd needs: VRF devices and xfrm interfaces are read and written,
 * routes and addresses are asked for.  What comes in is checked before it is
 * used; attributes that do not make sense make the message one of no interest.
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
};

struct vpn_link_info {
	ifindex_t ifindex;
	char name[IFNAMSIZ];
	enum vpn_link_kind kind;
	ifindex_t master; /* 0: none */
	unsigned int mtu;
	bool admin_up;
	uint32_t if_id; /* of an xfrm interface */
	char alias[VPN_ALIAS_SIZE];
};

/* Reads an RTM_NEWLINK or RTM_DELLINK.  False if it is none, or malformed. */
bool vpn_netlink_link(const struct nlmsghdr *nlh, struct vpn_link_info *info);

struct vpn_route_info {
	uint8_t type; /* RTN_UNICAST, RTN_LOCAL, … */
	ifindex_t oif;
	unsigned int mtu; /* metric of the route, 0: none */
};

/* Reads the answer to a route request.  False if it is none, or malformed. */
bool vpn_netlink_route(const struct nlmsghdr *nlh, struct vpn_route_info *info);

/*
 * Each writes a request into buf of VPN_NETLINK_BUF octets and returns it;
 * sequence number and flags for the acknowledgement are the caller's.
 */
struct nlmsghdr *vpn_netlink_xfrm_new(void *buf, const char *name, uint32_t if_id, ifindex_t master,
				      unsigned int mtu);
struct nlmsghdr *vpn_netlink_link_alias(void *buf, ifindex_t ifindex, const char *alias);
struct nlmsghdr *vpn_netlink_link_mtu(void *buf, ifindex_t ifindex, unsigned int mtu);
struct nlmsghdr *vpn_netlink_link_master(void *buf, ifindex_t ifindex, ifindex_t master);
struct nlmsghdr *vpn_netlink_link_up(void *buf, ifindex_t ifindex);
struct nlmsghdr *vpn_netlink_link_no_addrgen(void *buf, ifindex_t ifindex);
struct nlmsghdr *vpn_netlink_link_del(void *buf, ifindex_t ifindex);
struct nlmsghdr *vpn_netlink_link_get(void *buf, ifindex_t ifindex);
struct nlmsghdr *vpn_netlink_link_get_named(void *buf, const char *name);
struct nlmsghdr *vpn_netlink_link_dump(void *buf);
struct nlmsghdr *vpn_netlink_route_get(void *buf, const struct ipaddr *src,
				       const struct ipaddr *dst);

#endif /* VPND_VPN_NETLINK_H */
