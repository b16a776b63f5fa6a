/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an earlier vpnd left: interfaces of labels and uses, which say in their
 * alias what they are for.  A vpnd that starts takes them over, wanted by nobody
 * and due to go after VPN_STALE_S; when bgpd names them they are wanted again,
 * and nothing has happened to them.
 */
#ifndef VPND_VPN_ADOPT_H
#define VPND_VPN_ADOPT_H

#include <zebra.h>

struct vpn_link;

/* Reads them back into vpn_labels and vpn_uses.  True if label numbers are to be saved. */
bool vpn_adopt_interfaces(void);

/* Is there an interface of this number, of a use or not? */
bool vpn_adopt_number_taken(uint32_t number);

/* Removes this one if it is ours by name but says nothing that we know. */
void vpn_adopt_orphan_remove(const struct vpn_link *link);

#endif /* VPND_VPN_ADOPT_H */
