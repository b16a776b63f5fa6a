// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What an earlier vpnd left: interfaces of labels and uses.  See vpn_adopt.h.
 */
#include <zebra.h>

#include "lib/log.h"

#include "vpnd/vpn_adopt.h"
#include "vpnd/vpn_apply.h"
#include "vpnd/vpn_debug.h"
#include "vpnd/vpn_ifname.h"
#include "vpnd/vpn_interface.h"
#include "vpnd/vpn_kernel.h"
#include "vpnd/vpn_label.h"
#include "vpnd/vpn_use.h"

static bool dirty; /* a number was learned from an interface */

bool vpn_adopt_number_taken(uint32_t number)
{
	char name[IFNAMSIZ];

	snprintf(name, sizeof(name), VPN_IFNAME_OUT "%u", number);
	return vpn_kernel_link_named(name) != NULL;
}

static void adopt_label(const struct vpn_link *link, const struct vpn_ifalias *alias,
			uint32_t number)
{
	struct vpn_label *label;

	if (number != alias->label.label || vpn_label_find(alias->vrf))
		return;
	dirty |= vpn_label_remember(alias->vrf, number);
	label = vpn_label_get(alias->vrf);
	label->label = alias->label;
	label->if_id = link->info.if_id;
	label->ifindex = link->info.ifindex;
	strlcpy(label->ifname, link->info.name, sizeof(label->ifname));
	label->remove_at = vpn_apply_started() + VPN_STALE_S;
}

static void adopt_use(const struct vpn_link *link, const struct vpn_ifalias *alias, uint32_t number)
{
	struct vpn_use *use;

	if (!number || vpn_use_find(alias->vrf, &alias->pe, &alias->label))
		return;
	use = vpn_use_get(alias->vrf, &alias->pe, &alias->label);
	vpn_use_number(use, number, vpn_adopt_number_taken);
	use->ifindex = link->info.ifindex;
	use->mtu = link->info.mtu;
	use->remove_at = vpn_apply_started() + VPN_STALE_S;
}

static void adopt(const struct vpn_link *link)
{
	struct vpn_ifalias alias;
	uint32_t number;
	enum vpn_ifkind kind;

	if (link->info.kind != VPN_LINK_XFRM)
		return;
	kind = vpn_ifname_kind(link->info.name, link->info.if_id, &number);
	if (kind == VPN_IFKIND_NONE || !vpn_ifalias_read(link->info.alias, &alias) ||
	    alias.kind != kind)
		return;
	DEBUGD(&vpn_dbg_kernel, "interface %s is kept: %s", link->info.name, link->info.alias);
	if (kind == VPN_IFKIND_IN)
		adopt_label(link, &alias, number);
	else
		adopt_use(link, &alias, number);
}

bool vpn_adopt_interfaces(void)
{
	dirty = false;
	vpn_kernel_each_link(adopt);
	return dirty;
}

void vpn_adopt_orphan_remove(const struct vpn_link *link)
{
	struct vpn_label *label;
	uint32_t number;
	char name[IFNAMSIZ];

	if (link->info.kind != VPN_LINK_XFRM)
		return;
	switch (vpn_ifname_kind(link->info.name, link->info.if_id, &number)) {
	case VPN_IFKIND_NONE:
		return;
	case VPN_IFKIND_OUT:
		if (vpn_use_by_number(number))
			return;
		break;
	case VPN_IFKIND_IN:
		frr_each (vpn_labels, &vpn_labels, label)
			if (label->ifindex == link->info.ifindex)
				return;
		break;
	}
	if (!vpn_apply_may_step())
		return;
	strlcpy(name, link->info.name, sizeof(name));
	vpn_interface_remove(link->info.ifindex, name);
}
