// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * MPLS in IP: the devices of a tunnel link.  See vpn_device_mpls.h.
 */
#include <zebra.h>

#include "lib/log.h"
#include "lib/printfrr.h"

#include "vpnd/vpn_bus.h"
#include "vpnd/vpn_debug.h"
#include "vpnd/vpn_device_alias.h"
#include "vpnd/vpn_device_mpls.h"
#include "vpnd/vpn_device_others.h"
#include "vpnd/vpn_kernel.h"
#include "vpnd/vpn_netlink_tc.h"

#define CARRIER_NAME  "vpnm"
#define CARRIER_ALIAS "frr-vpnd carrier "

/* XFRM if_ids of interfaces that are labels: this and a number.  See vpn_ifname.h for the others. */
#define IF_ID_MPLS	0x40000000u
#define IF_ID_KIND_MASK 0xf0000000u

bool vpn_device_mpls_if_id(uint32_t if_id)
{
	return (if_id & IF_ID_KIND_MASK) == IF_ID_MPLS;
}

/* --- numbers that are free ----------------------------------------------------------------- */

static struct {
	uint32_t if_id;
	bool taken;
} if_id_search;

static void if_id_look(const struct vpn_link *link)
{
	if (link->info.kind == VPN_LINK_XFRM && link->info.if_id == if_id_search.if_id)
		if_id_search.taken = true;
}

/* Each search begins where the last ended, so that many links cost few steps. */
static uint32_t if_id_free(void)
{
	static uint32_t last;

	do {
		last = (last + 1) & ~IF_ID_KIND_MASK;
		if_id_search.if_id = IF_ID_MPLS + last;
		if_id_search.taken = false;
		vpn_kernel_each_link(if_id_look);
	} while (if_id_search.taken);
	return if_id_search.if_id;
}

int vpn_device_mpls_create(const struct vpn_link_info *link, ifindex_t *ifindex)
{
	struct vpn_link_info numbered = *link;

	numbered.if_id = if_id_free();
	return vpn_kernel_link_create(&numbered, ifindex);
}

/* --- the carrier --------------------------------------------------------------------------- */

static struct {
	char alias[VPN_ALIAS_SIZE];
	const struct vpn_link *found;
} carrier_search;

static void carrier_look(const struct vpn_link *link)
{
	if (!strcmp(link->info.alias, carrier_search.alias))
		carrier_search.found = link;
}

static void carrier_alias(const struct vpn_device *device, char alias[VPN_ALIAS_SIZE])
{
	snprintfrr(alias, VPN_ALIAS_SIZE, CARRIER_ALIAS "%pIA %pIA", &device->local,
		   &device->remote);
}

static const struct vpn_link *carrier_find(const struct vpn_device *device)
{
	carrier_alias(device, carrier_search.alias);
	carrier_search.found = NULL;
	vpn_kernel_each_link(carrier_look);
	return carrier_search.found;
}

/* In IPv6 the kernel has no tunnel for MPLS alone: one for everything, and all else is dropped. */
static int carrier_create(const struct vpn_device *want, ifindex_t *ifindex)
{
	bool v6 = IS_IPADDR_V6(&want->local);
	struct vpn_link_info link = {
		.kind = v6 ? VPN_LINK_IP6TNL : VPN_LINK_IPIP,
		.outer = { .local = want->local,
			   .remote = want->remote,
			   .proto = v6 ? 0 : IPPROTO_MPLS },
	};
	char alias[VPN_ALIAS_SIZE];
	uint8_t buf[VPN_NETLINK_BUF];
	unsigned int number = 0;
	int ret;

	do
		snprintf(link.name, sizeof(link.name), CARRIER_NAME "%u", ++number);
	while (vpn_kernel_link_named(link.name));
	ret = vpn_kernel_link_create(&link, ifindex);
	if (ret)
		return ret;
	carrier_alias(want, alias);
	vpn_bus_request(VPN_BUS_ROUTE, vpn_netlink_link_no_addrgen(buf, *ifindex), NULL,
			NULL); /* a kernel without IPv6 refuses */
	ret = vpn_kernel_link_alias(*ifindex, alias);
	if (ret)
		vpn_kernel_link_delete(*ifindex);
	else
		DEBUGD(&vpn_dbg_kernel, "interface %s is made: %s", link.name, alias);
	return ret;
}

static int clsact(ifindex_t ifindex)
{
	uint8_t buf[VPN_NETLINK_BUF];
	int ret = vpn_bus_request(VPN_BUS_ROUTE, vpn_netlink_clsact(buf, ifindex), NULL, NULL);

	return ret == -EEXIST ? 0 : ret;
}

static int filter_message(const struct nlmsghdr *nlh, void *arg)
{
	struct vpn_filter *filter = arg;

	vpn_netlink_filter(nlh, filter);
	return MNL_CB_OK;
}

/* What the kernel has of it: label, redirect and counters; all 0 if it has none. */
static int filter_read(struct vpn_filter *filter)
{
	uint8_t buf[VPN_NETLINK_BUF];
	struct nlmsghdr *nlh = vpn_netlink_filter_get(buf, filter);

	if (filter->kind == VPN_FILTER_PUSH)
		filter->label = 0;
	filter->redirect = 0;
	filter->packets = filter->bytes = 0;
	return vpn_bus_request(VPN_BUS_ROUTE, nlh, filter_message, filter);
}

/* One that does already what it should is left alone: a new one would count from 0. */
static int filter_ensure(const struct vpn_filter *want)
{
	uint8_t buf[VPN_NETLINK_BUF];
	struct vpn_filter have = *want;

	if (!filter_read(&have) && have.label == want->label && have.redirect == want->redirect)
		return 0;
	return vpn_bus_request(VPN_BUS_ROUTE, vpn_netlink_filter_set(buf, want), NULL, NULL);
}

bool vpn_device_mpls_differs(const struct vpn_device *want)
{
	const struct vpn_link *carrier = carrier_find(want);

	return !carrier || !carrier->info.admin_up;
}

static bool same_carrier(const struct vpn_device *other, const struct vpn_device *like)
{
	return other->encap == VPN_ENCAP_MPLS && vpn_device_same_ends(other, like);
}

/* --- one label ----------------------------------------------------------------------------- */

/* The filters of a link whose carrier stands. */
static int label_ensure(const struct vpn_device *device, ifindex_t ifindex, ifindex_t carrier)
{
	struct vpn_filter push = { .kind = VPN_FILTER_PUSH,
				   .ifindex = ifindex,
				   .label = device->remote_label,
				   .redirect = carrier };
	struct vpn_filter pop = { .kind = VPN_FILTER_POP,
				  .ifindex = carrier,
				  .label = device->label,
				  .redirect = ifindex };
	int ret = clsact(ifindex);

	if (!ret)
		ret = filter_ensure(&push);
	for (int v6 = 0; !ret && v6 < 2; v6++) {
		pop.ipv6 = v6;
		ret = filter_ensure(&pop);
	}
	return ret;
}

/* A new carrier: the links that the old one had. */
static struct {
	const struct vpn_device *like;
	ifindex_t ifindex;
	int ret;
} carrier_new;

static void carrier_take(const struct vpn_link *link)
{
	struct vpn_device said;

	if (vpn_device_alias_read(link->info.alias, &said) && !carrier_new.ret &&
	    same_carrier(&said, carrier_new.like))
		carrier_new.ret = label_ensure(&said, link->info.ifindex, carrier_new.ifindex);
}

static int carrier_complete(const struct vpn_device *want, ifindex_t ifindex)
{
	struct vpn_filter sort = { .kind = VPN_FILTER_SORT, .ifindex = ifindex };
	struct vpn_filter drop = { .kind = VPN_FILTER_DROP, .ifindex = ifindex };
	int ret = clsact(ifindex);

	if (!ret)
		ret = filter_ensure(&drop);
	for (int v6 = 0; !ret && v6 < 2; v6++) {
		sort.ipv6 = v6;
		ret = filter_ensure(&sort);
	}
	if (ret)
		return ret;
	carrier_new.like = want;
	carrier_new.ifindex = ifindex;
	carrier_new.ret = 0;
	vpn_kernel_each_link(carrier_take);
	return carrier_new.ret;
}

/* Up means complete, so that is what comes last. */
static int carrier_ensure(const struct vpn_device *want, ifindex_t *ifindex)
{
	const struct vpn_link *carrier = carrier_find(want);
	int ret = 0;

	if (carrier)
		*ifindex = carrier->info.ifindex;
	else
		ret = carrier_create(want, ifindex);
	if (ret || (carrier && carrier->info.admin_up))
		return ret;
	ret = carrier_complete(want, *ifindex);
	return ret ? ret : vpn_kernel_link_up(*ifindex);
}

int vpn_device_mpls_join(const struct vpn_device *want, ifindex_t ifindex)
{
	ifindex_t carrier;
	int ret = carrier_ensure(want, &carrier);

	return ret ? ret : label_ensure(want, ifindex, carrier);
}

void vpn_device_mpls_leave(const struct vpn_device *said)
{
	const struct vpn_link *carrier = carrier_find(said);
	uint8_t buf[VPN_NETLINK_BUF];
	struct vpn_filter pop = { .kind = VPN_FILTER_POP, .label = said->label };

	if (!carrier)
		return;
	if (!vpn_device_other(said, same_carrier)) {
		vpn_kernel_link_delete(carrier->info.ifindex);
		return;
	}
	pop.ifindex = carrier->info.ifindex;
	for (int v6 = 0; v6 < 2; v6++) {
		pop.ipv6 = v6;
		vpn_bus_request(VPN_BUS_ROUTE, vpn_netlink_filter_del(buf, &pop), NULL, NULL);
	}
}

static void tidy_link(const struct vpn_link *link)
{
	struct vpn_device like = { .encap = VPN_ENCAP_MPLS };

	if (strncmp(link->info.alias, CARRIER_ALIAS, strlen(CARRIER_ALIAS)))
		return;
	like.local = link->info.outer.local;
	like.remote = link->info.outer.remote;
	if (!vpn_device_other(&like, same_carrier))
		vpn_kernel_link_delete(link->info.ifindex);
}

void vpn_device_mpls_tidy(void)
{
	vpn_kernel_each_link(tidy_link);
}

/* --- counters ------------------------------------------------------------------------------ */

bool vpn_device_mpls_counters(const struct vpn_device *said, ifindex_t ifindex,
			      struct vpn_device_counters *counters)
{
	const struct vpn_link *carrier = carrier_find(said);
	struct vpn_filter push = { .kind = VPN_FILTER_PUSH, .ifindex = ifindex };
	struct vpn_filter pop = { .kind = VPN_FILTER_POP, .label = said->label };

	if (!carrier || filter_read(&push))
		return false;
	counters->packets_out = push.packets;
	counters->bytes_out = push.bytes;
	pop.ifindex = carrier->info.ifindex;
	for (int v6 = 0; v6 < 2; v6++) {
		pop.ipv6 = v6;
		if (filter_read(&pop))
			return false;
		counters->packets_in += pop.packets;
		counters->bytes_in += pop.bytes - VPN_MPLS_LABEL_OCTETS * pop.packets;
	}
	return true;
}
