// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The VRFs of VPNs, kept apart from the provider's routing space; see vpn_apart.h.
 */
#include <zebra.h>

#include <linux/rtnetlink.h>

#include "lib/jhash.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "lib/typesafe.h"
#include "lib/vrf.h"

#include "vpnd/vpn_apart.h"
#include "vpnd/vpn_bus.h"
#include "vpnd/vpn_config.h"
#include "vpnd/vpn_label.h"
#include "vpnd/vpn_memory.h"
#include "vpnd/vpn_netlink.h"
#include "vpnd/vpn_use.h"
#include "vpnd/vpn_zebra.h"

DEFINE_MTYPE_STATIC(VPND, VPN_APART, "VPN table of a VRF");

PREDECL_HASH(aparts);

/* A table that has the routes. */
struct apart {
	struct aparts_item item;
	uint32_t table;
	char vrf[VRF_NAMSIZ];
	bool wanted;
};

static int apart_cmp(const struct apart *a, const struct apart *b)
{
	return numcmp(a->table, b->table);
}

static uint32_t apart_hash(const struct apart *apart)
{
	return jhash_1word(apart->table, 0x56504e);
}

DECLARE_HASH(aparts, struct apart, item, apart_cmp, apart_hash);

static struct aparts_head aparts = INIT_HASH(aparts);

/* A kernel without IPv6 has no routes of it, and needs none. */
static void routes_change(const struct apart *apart, bool add)
{
	static const int families[] = { AF_INET, AF_INET6 };
	uint8_t buf[VPN_NETLINK_BUF];
	int error;

	for (size_t i = 0; i < array_size(families); i++) {
		error = vpn_bus_request(VPN_BUS_ROUTE,
					vpn_netlink_unreachable(buf, add, families[i], apart->table),
					NULL, NULL);
		if (!error || error == (add ? -EEXIST : -ESRCH) || families[i] != AF_INET)
			continue;
		zlog_err("VRF %s: the route that keeps it apart from the provider's space is not %s: %s",
			 apart->vrf, add ? "made" : "removed", safe_strerror(-error));
	}
}

static void want(const char *name)
{
	struct apart key = { .table = vpn_zebra_table(name) }, *apart;

	if (!key.table || key.table == RT_TABLE_MAIN)
		return;
	apart = aparts_find(&aparts, &key);
	if (!apart) {
		apart = XCALLOC(MTYPE_VPN_APART, sizeof(*apart));
		apart->table = key.table;
		strlcpy(apart->vrf, name, sizeof(apart->vrf));
		aparts_add(&aparts, apart);
		routes_change(apart, true);
	}
	apart->wanted = true;
}

/* A customer edge's are those with a link; a provider edge's those with a label, or routes of other PEs. */
static void want_all(void)
{
	const struct vpn_tunnel_config *link;
	const struct vpn_label *label;
	const struct vpn_use *use;

	if (vpn_config.ce.present)
		frr_each (vpn_tunnel_configs_const, &vpn_config.tunnels, link)
			want(link->vrf);
	frr_each (vpn_labels_const, &vpn_labels, label)
		if (label->label.len)
			want(label->vrf);
	frr_each (vpn_uses_const, &vpn_uses, use)
		want(use->vrf);
}

void vpn_apart_apply(void)
{
	struct apart *apart;

	if (!vpn_config.arrived)
		return;
	frr_each (aparts, &aparts, apart)
		apart->wanted = false;
	want_all();
	frr_each_safe (aparts, &aparts, apart) {
		if (apart->wanted)
			continue;
		routes_change(apart, false);
		aparts_del(&aparts, apart);
		XFREE(MTYPE_VPN_APART, apart);
	}
}

void vpn_apart_stop(void)
{
	struct apart *apart;

	while ((apart = aparts_pop(&aparts)))
		XFREE(MTYPE_VPN_APART, apart);
	aparts_fini(&aparts);
}
