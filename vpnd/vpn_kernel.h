/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's links, their addresses, and what is asked of them.
 *
 * All links are read at start and followed by events.  No policy here.
 */
#ifndef VPND_VPN_KERNEL_H
#define VPND_VPN_KERNEL_H

#include <zebra.h>

#include "lib/ipaddr.h"
#include "lib/typesafe.h"

#include <libmnl/libmnl.h>

#include "vpnd/vpn_netlink.h"

PREDECL_HASH(vpn_links);
PREDECL_HASH(vpn_link_names);
PREDECL_DLIST(vpn_addresses);
PREDECL_RBTREE_UNIQ(vpn_all_addresses);

/* An address of a link. */
struct vpn_address {
	struct vpn_addresses_item item;
	struct vpn_all_addresses_item all_item;
	struct vpn_address_info info;
};

/* A link that the kernel has now. */
struct vpn_link {
	struct vpn_links_item item;
	struct vpn_link_names_item name_item;
	struct vpn_link_info info;
	struct vpn_addresses_head addresses;
};

DECLARE_DLIST(vpn_addresses, struct vpn_address, item);

/*
 * Opens the sockets and reads all links.  False if the kernel cannot be read,
 * which is logged.  Later changes are given to vpn_apply_kernel_changed().
 */
bool vpn_kernel_init(void);
void vpn_kernel_stop(void);

/* NULL if there is none of this index or name. */
const struct vpn_link *vpn_kernel_link(ifindex_t ifindex);
const struct vpn_link *vpn_kernel_link_named(const char *name);

/* Calls back for each link that there is; the callback may remove that link, no other. */
void vpn_kernel_each_link(void (*each)(const struct vpn_link *link));

/* The VRF device of this name; 0 is the default VRF, -1: there is none. */
ifindex_t vpn_kernel_vrf(const char *name);

/*
 * Is the address one of this machine's, in the default VRF, on a link that is
 * up?  It is known from the kernel's news, and so as soon as something changes.
 */
bool vpn_kernel_address_is_local(const struct ipaddr *addr);

/* Octets of the path to dst: the route's MTU metric or its interface's; 0: no route. */
unsigned int vpn_kernel_path_mtu(const struct ipaddr *src, const struct ipaddr *dst);

/*
 * Calls back for each route of this table over this interface, IPv4 and IPv6.
 * The kernel picks them out; where it cannot, there are none.
 */
void vpn_kernel_each_route(uint32_t table, ifindex_t oif,
			   void (*each)(const struct vpn_route_info *route, void *arg), void *arg);

/*
 * Each returns 0 or a negative errno.  An interface is made in master (0: the
 * default VRF), with its alias, and up.
 */
int vpn_kernel_xfrm_create(const char *name, uint32_t if_id, ifindex_t master, unsigned int mtu,
			   const char *alias, ifindex_t *ifindex);
int vpn_kernel_link_alias(ifindex_t ifindex, const char *alias);
int vpn_kernel_link_mtu(ifindex_t ifindex, unsigned int mtu);
int vpn_kernel_link_master(ifindex_t ifindex, ifindex_t master);
int vpn_kernel_link_up(ifindex_t ifindex);
int vpn_kernel_link_delete(ifindex_t ifindex);

/* Of any kind that vpn_netlink_link_new() can make: down, without alias. */
int vpn_kernel_link_create(const struct vpn_link_info *want, ifindex_t *ifindex);

/* Of IFF_UP and IFF_MULTICAST: those in change become as in flags. */
int vpn_kernel_link_flags(ifindex_t ifindex, unsigned int flags, unsigned int change);

/* Looks for a link of this name that was made by other means than these, and its index. */
int vpn_kernel_link_find(const char *name, ifindex_t *ifindex);

/* It was removed by other means than these. */
void vpn_kernel_link_forget(ifindex_t ifindex);

/* The statistics now; all 0 if it fails. */
int vpn_kernel_link_stats(ifindex_t ifindex, struct vpn_link_stats *stats);

/* Addresses, of links that are there.  One that is there already is no error. */
int vpn_kernel_address_add(const struct vpn_address_info *address);
int vpn_kernel_address_del(const struct vpn_address_info *address);

/* Reads all links' addresses again: what the kernel did with them after other changes. */
int vpn_kernel_addresses_read(void);

/* A number of this interface in /proc/sys/net/FAMILY/conf, FAMILY ipv4 or ipv6; false: refused. */
bool vpn_kernel_sysctl(const char *family, const char *name, const char *key, const char *value);

/*
 * From now on each event about IPsec policies is given to each(), and NULL when
 * some were lost.  0 or a negative errno.
 */
int vpn_kernel_watch_policies(void (*each)(const struct nlmsghdr *nlh));

#endif /* VPND_VPN_KERNEL_H */
