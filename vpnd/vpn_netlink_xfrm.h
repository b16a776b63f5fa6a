/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * XFRM netlink: the codec of guards, on buffers only (libmnl).  See vpn_guard.h.
 */
#ifndef VPND_VPN_NETLINK_XFRM_H
#define VPND_VPN_NETLINK_XFRM_H

#include <zebra.h>

#include <linux/netlink.h>

#include "lib/ipaddr.h"

#include "vpnd/vpn_netlink.h"

/*
 * In xfrm_selector.user, which takes part when the kernel compares selectors of
 * two policies and in no look-up: so ours are never taken for charon's.
 */
#define VPN_POLICY_USER 0x56504e44u

/* A policy of ours: packets of one protocol between two addresses, in one direction. */
struct vpn_policy_info {
	struct ipaddr src, dst;
	uint8_t proto;
	uint8_t dir; /* XFRM_POLICY_IN, XFRM_POLICY_OUT */
};

/* Reads an answer to the dump.  False if it is none, malformed, or no policy of ours. */
bool vpn_netlink_policy(const struct nlmsghdr *nlh, struct vpn_policy_info *info);

/* Does this event say that a policy of ours was removed, or may have been? */
bool vpn_netlink_policy_gone(const struct nlmsghdr *nlh);

/*
 * Each writes a request into buf of VPN_NETLINK_BUF octets and returns it.  The
 * policy blocks, with the lowest priority there is: any other of the same
 * packets comes first.
 */
struct nlmsghdr *vpn_netlink_policy_add(void *buf, const struct vpn_policy_info *info);

/* Replaces it, in one step, by one that wants ESP in place of blocking (esp), or back. */
struct nlmsghdr *vpn_netlink_policy_replace(void *buf, const struct vpn_policy_info *info, bool esp);
struct nlmsghdr *vpn_netlink_policy_del(void *buf, const struct vpn_policy_info *info);
struct nlmsghdr *vpn_netlink_policy_dump(void *buf);

#endif /* VPND_VPN_NETLINK_XFRM_H */
