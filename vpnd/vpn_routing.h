/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Routing protocols over tunnel links, as far as vpnd can see them: a link that
 * only traffic keeps up (establish on-traffic) and they exclude each other.
 */
#ifndef VPND_VPN_ROUTING_H
#define VPND_VPN_ROUTING_H

#include <zebra.h>

#include "lib/if.h"

#include "vpnd/vpn_config.h"
#include "vpnd/vpn_tunnel.h"

/*
 * May what this candidate makes on-traffic be so?  False, and why in words, if a
 * routing protocol has routes now over that link or another one of its VRF, or listens there.
 */
bool vpn_routing_check(struct vpn_config *candidate, char *why, size_t size);

/*
 * A routing protocol has installed a route over this interface.  If it is an
 * on-traffic link's, the link goes down, until it is configured otherwise or
 * cleared.
 */
void vpn_routing_learned(ifindex_t ifindex, const char *protocol);

/* Now and then: the same with on-traffic links on which a routing protocol listens. */
void vpn_routing_watch(void);

/* Why this link must be down for that, in words, valid until the next call; NULL: it need not. */
const char *vpn_routing_forbids(const struct vpn_tunnel *tunnel);

#endif /* VPND_VPN_ROUTING_H */
