/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The VRFs of VPNs, kept apart from the provider's routing space.
 *
 * For a packet of a VRF the kernel looks into the VRF's table, and if it finds no
 * route there, into the main one, which on a customer edge and on a provider edge
 * is the provider's.  So what has no route in the VPN (any more) would leave in
 * clear by the provider's routes.  On a customer edge the rules of the provider's
 * interface drop what is forwarded; what it sends itself they cannot tell from
 * other packets of its.  On a provider edge there are no such rules.
 *
 * So each VRF that has a tunnel link of a customer edge, a label, or routes of
 * other PEs gets a default route of both families that says "unreachable".  Any
 * other default route is better, and internet-access works as if it were not there.
 * zebra does not see it (VPN_UNREACHABLE_PROTO): it would select it where there is no
 * other, and have daemons redistribute it, or resolve next hops by it.
 *
 * It stays when vpnd ends, and when bgpd does; it is removed when none of these is in
 * the VRF any more.  Limit: of one whose last link or label was removed while vpnd did
 * not run nobody knows any more whose it is; it stays until the next boot.
 */
#ifndef VPND_VPN_APART_H
#define VPND_VPN_APART_H

/* Part of the run: has the kernel have the routes that the configuration asks for. */
extern void vpn_apart_apply(void);

/* Forgets them; those of the kernel stay. */
extern void vpn_apart_stop(void);

#endif /* VPND_VPN_APART_H */
