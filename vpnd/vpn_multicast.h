/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Routing protocols that listen on interfaces.
 *
 * A protocol that runs on an interface has joined its multicast group there
 * (OSPF: RFC 2328, appendix A.1; OSPFv3: RFC 5340, A.1; EIGRP: RFC 7868, 6.6;
 * Babel: RFC 8966, 4), whether it has neighbours or not.  The kernel lists who has
 * joined what, of IPv4 up to Linux 6.14 in /proc alone, so both lists are read
 * there: those of this process's network namespace, all VRFs.
 *
 * Limit: BGP has no group, and IS-IS none of IP's.  RIP's is left out, as mgmtd
 * has its configuration (vpn_cli_check.c).
 */
#ifndef VPND_VPN_MULTICAST_H
#define VPND_VPN_MULTICAST_H

#include <zebra.h>

#include "lib/if.h"

/* Takes what the kernel lists now.  What was taken before is forgotten. */
void vpn_multicast_look(void);

/* A protocol that listened on this interface at the last look: RTPROT_OSPF (of either version) and such; 0: none. */
uint8_t vpn_multicast_on(ifindex_t ifindex);

/* The lists, in the form of /proc/net/igmp and igmp6; either may be NULL.  For vpn_multicast_look() and its test. */
void vpn_multicast_take(FILE *igmp, FILE *igmp6);

void vpn_multicast_fini(void);

#endif /* VPND_VPN_MULTICAST_H */
