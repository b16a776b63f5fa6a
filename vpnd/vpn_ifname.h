/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How our interfaces are called, and what is written on them.
 *
 *   vpni<label>   receives for one VRF     alias "frr-vpnd in red 256/16"
 *   vpno<number>  sends for one use        alias "frr-vpnd out red 10.0.0.2 300/16"
 *
 * The alias (IFLA_IFALIAS) is vpnd's memory in the kernel: a vpnd that starts
 * reads it and knows what each interface is for, so it keeps them, and not one
 * packet is lost.  Label and length stand as label/length.
 */
#ifndef VPND_VPN_IFNAME_H
#define VPND_VPN_IFNAME_H

#include <zebra.h>

#include "lib/ipaddr.h"
#include "lib/vrf.h"

#include "wire/spi_label.h"

#define VPN_IFNAME_IN  "vpni"
#define VPN_IFNAME_OUT "vpno"

/* XFRM if_ids: the kind in the top four bits, label or number below. */
#define VPN_IF_ID_IN  0x10000000u
#define VPN_IF_ID_OUT 0x20000000u

#define VPN_ALIAS_SIZE 256 /* with the NUL; the kernel takes no more */

enum vpn_ifkind {
	VPN_IFKIND_NONE = 0, /* not ours */
	VPN_IFKIND_IN,
	VPN_IFKIND_OUT,
};

/* What an interface of ours is for. */
struct vpn_ifalias {
	enum vpn_ifkind kind;
	char vrf[VRF_NAMSIZ];
	struct ipaddr pe; /* of VPN_IFKIND_OUT */
	struct spi_label label;
};

/* Writes the alias into buf of VPN_ALIAS_SIZE octets; returns buf. */
char *vpn_ifalias_write(const struct vpn_ifalias *alias, char *buf);

/* Reads what vpn_ifalias_write wrote; false, and kind NONE, if it is anything else. */
bool vpn_ifalias_read(const char *str, struct vpn_ifalias *alias);

/* Which kind the name and if_id say, whatever the alias; *number is what follows the name. */
enum vpn_ifkind vpn_ifname_kind(const char *name, uint32_t if_id, uint32_t *number);

#endif /* VPND_VPN_IFNAME_H */
