/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Knocks: peers that began to negotiate before we knew them, and were refused.
 *
 * Of two ends the one with the lower address begins, and the other waits for it
 * (vpn_gateway.h).  Where two are configured one after the other, the first may
 * have begun already and been refused, since charon had no connection for it
 * yet.  It comes again when its back-off ends, so it is not waited for.
 *
 * A knock proves nothing: anybody can send one in anybody's name.  All that it
 * brings about is that we begin up to VPN_PEER_YIELD_MS sooner.
 */
#ifndef VPND_VPN_KNOCK_H
#define VPND_VPN_KNOCK_H

#include <zebra.h>

#include "lib/ipaddr.h"

/* A peer that charon has no connection for has tried to negotiate with this address of ours. */
void vpn_knock(const struct ipaddr *local, const struct ipaddr *peer);

/* Has it, within the last ten seconds? */
bool vpn_knock_lately(const struct ipaddr *local, const struct ipaddr *peer);

#endif /* VPND_VPN_KNOCK_H */
