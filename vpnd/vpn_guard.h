/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guards: what is to leave as ESP never leaves in clear, and never comes in so.
 *
 * The devices of gre, mpls-in-ip and l2tp send plain packets, which IPsec
 * protects by policies that charon installs and removes: without charon they
 * would go out in clear.  So there is, for each pair of addresses and protocol,
 * a policy in each direction that blocks, of the lowest priority: it counts when
 * no policy of charon's does.  It stands before the device does and goes after
 * it, and stays when vpnd and charon end.
 *
 * The kernel takes a policy with an equal selector for the same one; ours have a
 * mark where nothing else looks (vpn_netlink_xfrm.h), which also tells a
 * restarted vpnd which are its own.
 *
 * Limits: a policy selects by address and protocol: links without IPsec cannot
 * share both with a link that has it (so it is in draft-duffy-ppvpn-ipsec-vlink-00,
 * sections 6.4 to 6.6, too).  Who flushes the kernel's policies by hand flushes
 * guards: vpnd sees it and puts them back.
 */
#ifndef VPND_VPN_GUARD_H
#define VPND_VPN_GUARD_H

#include <zebra.h>

#include "lib/ipaddr.h"

/* Has this pair and protocol its guard, as far as is known?  Costs no request. */
bool vpn_guard_stands(const struct ipaddr *local, const struct ipaddr *remote, uint8_t proto);

/* Each returns 0 or a negative errno. */
int vpn_guard_set(const struct ipaddr *local, const struct ipaddr *remote, uint8_t proto);
int vpn_guard_drop(const struct ipaddr *local, const struct ipaddr *remote, uint8_t proto);

/*
 * Relaxed, it does not refuse packets but wants them in ESP, whose SA it lacks:
 * the same for packets, and a socket can be connected.  For a moment only.
 */
void vpn_guard_relax(const struct ipaddr *local, const struct ipaddr *remote, uint8_t proto,
		     bool relaxed);

/* Calls back for each guard; the callback may drop that one, no other. */
void vpn_guard_each(void (*each)(const struct ipaddr *local, const struct ipaddr *remote,
				 uint8_t proto));

/* Forgets them; those of the kernel stay. */
void vpn_guard_stop(void);

#endif /* VPND_VPN_GUARD_H */
