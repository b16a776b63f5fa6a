/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * L2TPv3 over IP (RFC 3931, RFC 4719): the device of a tunnel link, for vpn_device.c.
 *
 * An Ethernet session in a tunnel; several links may be sessions of one tunnel.
 * Ids and cookies are configured on both ends and given to the kernel: there is
 * no control connection.  The tunnel is made before its first session and goes
 * after its last, unless somebody else has one in it.
 *
 * Limits: doc/developer/tunnel-devices.md has what is missing without a control
 * connection.
 */
#ifndef VPND_VPN_DEVICE_L2TP_H
#define VPND_VPN_DEVICE_L2TP_H

#include <zebra.h>

#include "vpnd/vpn_device.h"

/* Octets between the outer IP header and the inner packet, at most, of both directions. */
unsigned int vpn_device_l2tp_header(const struct vpn_l2tp *l2tp);

/* Has the kernel L2TPv3 over IP? */
bool vpn_device_l2tp_supported(void);

/* Makes tunnel, if it is not there, and session.  0 or a negative errno, as all of these. */
int vpn_device_l2tp_create(const struct vpn_device *want, ifindex_t *ifindex);

/* Is the interface of this name the session that want describes?  Asks the kernel. */
bool vpn_device_l2tp_is(const struct vpn_device *want);

/* Removes the session, and the tunnel if that was its last. */
int vpn_device_l2tp_remove(const struct vpn_device *said);

/* The interface's counters are made those of inner packets. */
void vpn_device_l2tp_inner(const struct vpn_l2tp *l2tp, struct vpn_device_counters *counters);

#endif /* VPND_VPN_DEVICE_L2TP_H */
