// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The address that an unnumbered link borrows from its VRF.  See vpn_borrow.h.
 *
 * The interfaces are those that zebra told us of.  Links of ours are left out:
 * what they have is borrowed already, and would outlive its owner.
 */
#include <zebra.h>

#include "lib/if.h"
#include "lib/vrf.h"

#include "vpnd/vpn_borrow.h"
#include "vpnd/vpn_ifname.h"
#include "vpnd/vpn_tunnel.h"

static bool ours(const struct interface *ifp)
{
	return vpn_tunnel_find(ifp->name) ||
	       !strncmp(ifp->name, VPN_IFNAME_IN, strlen(VPN_IFNAME_IN)) ||
	       !strncmp(ifp->name, VPN_IFNAME_OUT, strlen(VPN_IFNAME_OUT));
}

static bool address_of(const struct interface *ifp, struct prefix *address)
{
	const struct connected *connected;

	frr_each (if_connected_const, ifp->connected, connected) {
		if (connected->address->family != AF_INET ||
		    IPV4_NET127(ntohl(connected->address->u.prefix4.s_addr)))
			continue;
		prefix_copy(address, connected->address);
		address->prefixlen = IPV4_MAX_BITLEN;
		return true;
	}
	return false;
}

bool vpn_borrow_address(const char *vrf_name, const char *name, struct prefix *address)
{
	struct vrf *vrf = vrf_lookup_by_name(vrf_name);
	struct interface *ifp;

	if (!vrf)
		return false;
	ifp = if_lookup_by_name(name[0] ? name : vrf_name, vrf->vrf_id);
	if (ifp && address_of(ifp, address))
		return true;
	if (name[0])
		return false;
	FOR_ALL_INTERFACES (vrf, ifp)
		if (!ours(ifp) && address_of(ifp, address))
			return true;
	return false;
}
