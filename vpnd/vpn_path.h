/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Paths of the underlay: when their MTUs are worth a look that nobody asks for.
 *
 * The kernel tells of links and addresses (vpn_kernel.h) and zebra of next hops
 * (vpn_zebra.h); each change there is followed by a look.  Two things nobody tells: that a
 * router on the way has said "too big", which the kernel keeps with the route, and that the
 * kernel has forgotten it again, after net.ipv4.route.mtu_expires.  The first shows in the
 * kernel's two counters of such messages, however many paths there are; the second can only
 * come in a certain time after it.  A route of which `mtu` alone was changed by hand shows
 * nowhere: for this all paths are looked at every ten minutes.  So a vpnd at rest reads two
 * numbers now and then.
 */
#ifndef VPND_VPN_PATH_H
#define VPND_VPN_PATH_H

#include <zebra.h>

#define VPN_PATH_LOOK_S 15 /* seconds from one question to the next */

/* May the MTU of a path have changed since the last question, though nobody has told? */
bool vpn_path_news(void);

#endif /* VPND_VPN_PATH_H */
