/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tunnel links: what should be, compared with what is.  Part of the one run of
 * vpn_apply.c.
 */
#ifndef VPND_VPN_TUNNEL_APPLY_H
#define VPND_VPN_TUNNEL_APPLY_H

#include <zebra.h>

#include "lib/ipaddr.h"

/* Before the event loop runs: the devices that an earlier vpnd left. */
void vpn_tunnels_adopt(void);

/* One step of each link that has one to take; part of each run. */
void vpn_tunnels_apply(void);

/* Path MTUs anew, from the kernel: to this peer, NULL: to all. */
void vpn_tunnels_mtu_refresh(const struct ipaddr *peer);

/* Does any link want IPsec, so that it matters if charon runs? */
bool vpn_tunnels_need_charon(void);

/*
 * Links of this VRF fell into the default VRF since its device was deleted:
 * they go at once.
 */
void vpn_tunnels_fallen_remove(void);

#endif /* VPND_VPN_TUNNEL_APPLY_H */
