/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One interface of ours: as it should be, compared with the kernel's.
 */
#ifndef VPND_VPN_INTERFACE_H
#define VPND_VPN_INTERFACE_H

#include <zebra.h>

#include "vpnd/vpn_ifname.h"

/* As it should be. */
struct vpn_interface {
	enum vpn_ifkind kind;
	const char *name;
	uint32_t if_id;
	ifindex_t master; /* the VRF device; 0: the default VRF */
	unsigned int mtu;
	struct vpn_ifalias alias; /* all but its kind */
};

/* Is there anything to change?  Costs no request. */
bool vpn_interface_differs(const struct vpn_interface *want);

/*
 * Makes it so, with the fewest changes: an interface that is there and fits
 * stays.  Its index; 0 if it cannot be, and why in words in error.
 */
ifindex_t vpn_interface_ensure(const struct vpn_interface *want, char *error, size_t size);

/* Removes it; name is for the log. */
void vpn_interface_remove(ifindex_t ifindex, const char *name);

#endif /* VPND_VPN_INTERFACE_H */
