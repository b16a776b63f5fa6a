/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * zebra: the interfaces as it knows them, routes to peers, and the opaque
 * messages that bgpd and vpnd exchange through it.
 */
#ifndef VPND_VPN_ZEBRA_H
#define VPND_VPN_ZEBRA_H

#include <zebra.h>

#include "lib/ipaddr.h"
#include "lib/vrf.h"

#include "wire/opaque.h"

void vpn_zebra_init(void);
void vpn_zebra_stop(void);

/* Is there a connection to zebra now? */
bool vpn_zebra_connected(void);

/* Does zebra know this interface in this VRF, operative?  Only then may bgpd install over it. */
bool vpn_zebra_interface_ready(ifindex_t ifindex, const char *vrf);

/* The kernel's table of a VRF, RT_TABLE_MAIN of the default one; 0: zebra has not told of it. */
uint32_t vpn_zebra_table(const char *vrf);

/* Have changes of the route to this peer reported to vpn_peer_route_changed, or no more. */
void vpn_zebra_track(const struct ipaddr *addr, bool track);

/*
 * Have the routes that routing protocols install in this VRF reported to
 * vpn_routing_learned.  Saying it twice costs nothing.
 */
void vpn_zebra_watch_routes(const char *vrf);

/* Queues a record for bgpd; what is queued goes out with vpn_zebra_flush. */
void vpn_zebra_tell(const struct vpn_opaque *record);
void vpn_zebra_flush(void);

#endif /* VPND_VPN_ZEBRA_H */
