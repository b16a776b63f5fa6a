/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's links, as far as vpnd is concerned with them.
 *
 * VRF devices and xfrm interfaces are read at start and followed by events;
 * requests wait for the kernel's answer, which comes at once.  No policy here.
 */
#ifndef VPND_VPN_KERNEL_H
#define VPND_VPN_KERNEL_H

#include <zebra.h>

#include "lib/ipaddr.h"
#include "lib/typesafe.h"

#include "vpnd/vpn_netlink.h"

PREDECL_HASH(vpn_links);
PREDECL_HASH(vpn_link_names);

/* A VRF device or an xfrm interface that the kernel has now. */
struct vpn_link {
	struct vpn_links_item item;
	struct vpn_link_names_item name_item;
	struct vpn_link_info info;
};

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

/* Is the address one of this machine's, in the default VRF? */
bool vpn_kernel_address_is_local(const struct ipaddr *addr);

/* Octets of the path to dst: the route's MTU metric or its interface's; 0: no route. */
unsigned int vpn_kernel_path_mtu(const struct ipaddr *src, const struct ipaddr *dst);

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

#endif /* VPND_VPN_KERNEL_H */
