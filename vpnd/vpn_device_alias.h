/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is written on a tunnel link's device: all of it that cannot be changed in place.
 *
 *	frr-vpnd link xfrm
 *	frr-vpnd link xfrm spoke 7 of hub: C=BE, CN=ce1
 *	frr-vpnd link ipip plain 192.0.2.1 192.0.2.2
 *	frr-vpnd link gre ipsec 192.0.2.1 192.0.2.2 key 7
 *	frr-vpnd link mpls ipsec 192.0.2.1 192.0.2.2 label 100/200
 *	frr-vpnd link l2tp ipsec 192.0.2.1 192.0.2.2 tunnel 1/2 session 3/4 cookie 0a0b0c0d/-
 *
 * Ours comes first, the other end's second.  The alias (IFLA_IFALIAS) is vpnd's
 * memory in the kernel, as it is for the interfaces of vpn_ifname.h.
 */
#ifndef VPND_VPN_DEVICE_ALIAS_H
#define VPND_VPN_DEVICE_ALIAS_H

#include <zebra.h>

#include "vpnd/vpn_device.h"
#include "vpnd/vpn_ifname.h"

/* Writes the alias into buf of VPN_ALIAS_SIZE octets; returns buf. */
char *vpn_device_alias_write(const struct vpn_device *device, char *buf);

/*
 * Reads what vpn_device_alias_write() wrote into the members that it tells of;
 * the others become zero, encap of the xfrm kinds VPN_ENCAP_IPSEC_TUNNEL.
 * False if it is anything else.
 */
bool vpn_device_alias_read(const char *str, struct vpn_device *device);

/* Does the alias say the same of both, protection by IPsec apart? */
bool vpn_device_alias_same(const struct vpn_device *a, const struct vpn_device *b);

/* Is its device an xfrm interface whose SAs are the tunnel? */
bool vpn_device_is_xfrm(const struct vpn_device *device);

#endif /* VPND_VPN_DEVICE_ALIAS_H */
