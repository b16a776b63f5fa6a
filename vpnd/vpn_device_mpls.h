/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MPLS in IP (RFC 4023): the devices of a tunnel link, for vpn_device.c.
 *
 *	VRF red                           default VRF
 *	to-paris ── egress: push 200 ──▶  vpnm1   MPLS in IP 192.0.2.1 → 192.0.2.2
 *	to-paris ◀── ingress: pop 100 ──  vpnm1
 *
 * One carrier, an ipip (ip6tnl) device for MPLS alone, for each pair of
 * addresses, and one interface for each link.  Linux has no interface that is a
 * label, and a route through a label carries no link-local multicast; so the
 * interface is an xfrm interface, which is point-to-point, has no link layer,
 * and drops what is sent on it unless a policy says otherwise, which here never
 * is; its egress filter puts the label on and redirects to the carrier.  On the
 * carrier an ingress filter finds the label in a hash table, takes it off, and
 * lets the packet come in on the link's interface: whatever it is, TTL 1 and
 * 224.0.0.5 included.  What has no label that is known, or none, is dropped.  If a
 * filter is missing nothing passes.
 *
 * The carrier's alias is "frr-vpnd carrier 192.0.2.1 192.0.2.2".
 *
 * Limits: the interface's own statistics stay at 0 and tcpdump on it sees what
 * comes in only; counters are those of the filters.  The label's traffic class
 * and TTL are fixed (pipe model), and so are DSCP and ECN outside.  IPv6: a
 * carrier takes the place of any other ip6tnl between its addresses.
 */
#ifndef VPND_VPN_DEVICE_MPLS_H
#define VPND_VPN_DEVICE_MPLS_H

#include <zebra.h>

#include "vpnd/vpn_device.h"
#include "vpnd/vpn_netlink.h"

#define VPN_MPLS_LABEL_OCTETS 4

/* Is it one of a link's interface, of this kind? */
bool vpn_device_mpls_if_id(uint32_t if_id);

/* Makes the interface; its if_id is chosen here.  0 or a negative errno, as all of these. */
int vpn_device_mpls_create(const struct vpn_link_info *link, ifindex_t *ifindex);

/* Makes carrier and filters as they should be; what fits stays. */
int vpn_device_mpls_join(const struct vpn_device *want, ifindex_t ifindex);

/* Is the carrier not there, or not up?  Costs no request. */
bool vpn_device_mpls_differs(const struct vpn_device *want);

/* Removes the label from the carrier, and the carrier, if nobody else uses it. */
void vpn_device_mpls_leave(const struct vpn_device *said);

/* Removes carriers that nobody uses. */
void vpn_device_mpls_tidy(void);

bool vpn_device_mpls_counters(const struct vpn_device *said, ifindex_t ifindex,
			      struct vpn_device_counters *counters);

#endif /* VPND_VPN_DEVICE_MPLS_H */
