/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tunnel links: what should be, compared with what is.  Part of the one run of
 * vpn_apply.c.
 */
#ifndef VPND_VPN_TUNNEL_APPLY_H
#define VPND_VPN_TUNNEL_APPLY_H

#include <zebra.h>

#include "lib/if.h"
#include "lib/ipaddr.h"

/* Before the event loop runs: the devices that an earlier vpnd left. */
void vpn_tunnels_adopt(void);

/* One step of each link that has one to take; part of each run. */
void vpn_tunnels_apply(void);

/* Path MTUs anew, from the kernel: to this peer, NULL: to all. */
void vpn_tunnels_mtu_refresh(const struct ipaddr *peer);

/*
 * A routing protocol has installed a route over this interface.  It is never
 * silent, so a link that only traffic keeps up would never go down: if it is
 * such a link it goes down now, with that as its reason, until it is configured
 * otherwise or cleared.
 */
void vpn_tunnels_route_learned(ifindex_t ifindex, const char *protocol);

/* Does any link want IPsec, so that it matters if charon runs? */
bool vpn_tunnels_need_charon(void);

/*
 * Links of this VRF fell into the default VRF since its device was deleted:
 * they go at once.
 */
void vpn_tunnels_fallen_remove(void);

#endif /* VPND_VPN_TUNNEL_APPLY_H */
