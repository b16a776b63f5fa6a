// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel device of a tunnel link.  See vpn_device.h.
 *
 * Life cycle: guard, device, alias, addresses, admin state; back in reverse.
 * Before each step the kernel's links as vpn_kernel.h knows them are looked at,
 * and what is as it should be is left alone.
 */
#include <zebra.h>

#include <netinet/ip6.h>

#include "lib/log.h"
#include "lib/printfrr.h"

#include "wire/opaque.h"

#include "vpnd/vpn_bus.h"
#include "vpnd/vpn_debug.h"
#include "vpnd/vpn_device.h"
#include "vpnd/vpn_device_alias.h"
#include "vpnd/vpn_device_l2tp.h"
#include "vpnd/vpn_device_mpls.h"
#include "vpnd/vpn_device_others.h"
#include "vpnd/vpn_guard.h"
#include "vpnd/vpn_kernel.h"

#define GRE_HEADER    4
#define ALL_ADDRESSES 2 /* that a link may be given: IPv4 and IPv6 */

/* --- what it should be --------------------------------------------------------------------- */

/* The IP protocol outside, for those that are guarded; 0 for the others. */
static uint8_t protocol(const struct vpn_device *device)
{
	switch (device->encap) {
	case VPN_ENCAP_GRE:
		return IPPROTO_GRE;
	case VPN_ENCAP_MPLS:
		return IPPROTO_MPLS;
	case VPN_ENCAP_L2TP:
		return IPPROTO_L2TP;
	case VPN_ENCAP_NONE:
	case VPN_ENCAP_IPSEC_TUNNEL:
	case VPN_ENCAP_IPIP_SHARED:
	case VPN_ENCAP_IPIP_DISTINCT:
		break;
	}
	return 0;
}

static bool guarded(const struct vpn_device *device)
{
	return device->ipsec && protocol(device);
}

/* The kernel's link that is the device; of l2tp its session is made otherwise. */
static void link_of(const struct vpn_device *want, struct vpn_link_info *link)
{
	bool v6 = IS_IPADDR_V6(&want->local);

	memset(link, 0, sizeof(*link));
	strlcpy(link->name, want->name, sizeof(link->name));
	link->master = want->master;
	link->mtu = want->mtu;
	link->multicast = true;
	if (want->encap == VPN_ENCAP_L2TP)
		return;
	if (want->encap == VPN_ENCAP_MPLS || vpn_device_is_xfrm(want)) {
		link->kind = VPN_LINK_XFRM;
		link->if_id = want->if_id;
		return;
	}
	link->outer = (struct vpn_link_outer){ .local = want->local, .remote = want->remote };
	link->kind = v6 ? VPN_LINK_IP6TNL : VPN_LINK_SIT;
	if (want->encap == VPN_ENCAP_GRE) {
		link->kind = v6 ? VPN_LINK_IP6GRE : VPN_LINK_GRE;
		link->outer.has_key = want->has_key;
		link->outer.key = want->has_key ? want->key : 0;
	}
}

static bool outer_same(const struct vpn_link_outer *a, const struct vpn_link_outer *b)
{
	return a->local.ipa_type == b->local.ipa_type && a->remote.ipa_type == b->remote.ipa_type &&
	       !ipaddr_cmp(&a->local, &b->local) && !ipaddr_cmp(&a->remote, &b->remote) &&
	       a->has_key == b->has_key && a->key == b->key && a->proto == b->proto;
}

/* Has the link what cannot be changed in place, as far as the kernel says? */
static bool link_fits(const struct vpn_device *want, const struct vpn_link *link)
{
	struct vpn_link_info like;

	link_of(want, &like);
	if (link->info.kind != like.kind)
		return false;
	if (want->encap == VPN_ENCAP_MPLS)
		return vpn_device_mpls_if_id(link->info.if_id);
	return link->info.if_id == like.if_id &&
	       (like.kind == VPN_LINK_XFRM || like.kind == VPN_LINK_OTHER ||
		outer_same(&link->info.outer, &like.outer));
}

static unsigned int outer_header(const struct vpn_device *device)
{
	return IS_IPADDR_V6(&device->local) ? sizeof(struct ip6_hdr) : sizeof(struct ip);
}

unsigned int vpn_device_overhead(const struct vpn_device *device)
{
	if (vpn_device_is_xfrm(device))
		return 0;
	switch (device->encap) {
	case VPN_ENCAP_GRE:
		return outer_header(device) + GRE_HEADER +
		       (device->has_key ? sizeof(device->key) : 0);
	case VPN_ENCAP_MPLS:
		return outer_header(device) + VPN_MPLS_LABEL_OCTETS;
	case VPN_ENCAP_L2TP:
		return outer_header(device) + vpn_device_l2tp_header(&device->l2tp);
	case VPN_ENCAP_NONE:
	case VPN_ENCAP_IPSEC_TUNNEL:
	case VPN_ENCAP_IPIP_SHARED:
	case VPN_ENCAP_IPIP_DISTINCT:
		break;
	}
	return outer_header(device);
}

/* --- ours, or not -------------------------------------------------------------------------- */

/*
 * The link of this name if it is ours, and what its alias says.  One without an
 * alias that is what we would make was made by a vpnd that ended too early.
 */
static const struct vpn_link *find(const struct vpn_device *want, struct vpn_device *said)
{
	const struct vpn_link *link = vpn_kernel_link_named(want->name);

	if (!link || vpn_device_alias_read(link->info.alias, said))
		return link;
	*said = *want;
	return !link->info.alias[0] && link->info.kind != VPN_LINK_OTHER && link_fits(want, link)
		       ? link
		       : NULL;
}

static bool is_foreign(const struct vpn_device *want)
{
	struct vpn_device said;

	return vpn_kernel_link_named(want->name) && !find(want, &said);
}

static bool needs_guard(const struct vpn_device *other, const struct vpn_device *like)
{
	return other->ipsec && protocol(other) == protocol(like) &&
	       vpn_device_same_ends(other, like);
}

/* --- addresses ----------------------------------------------------------------------------- */

static bool address_of(const struct prefix *prefix, const struct prefix *peer, ifindex_t ifindex,
		       struct vpn_address_info *info)
{
	memset(info, 0, sizeof(*info));
	info->ifindex = ifindex;
	info->len = prefix->prefixlen;
	if (prefix->family == AF_INET) {
		SET_IPADDR_V4(&info->local);
		info->local.ipaddr_v4 = prefix->u.prefix4;
	} else if (prefix->family == AF_INET6) {
		SET_IPADDR_V6(&info->local);
		info->local.ipaddr_v6 = prefix->u.prefix6;
	} else
		return false;
	if (peer && peer->family == prefix->family) {
		SET_IPADDR_V4(&info->peer);
		info->peer.ipaddr_v4 = peer->u.prefix4;
		info->len = peer->prefixlen;
	}
	return true;
}

/* The addresses that it should have; how many. */
static unsigned int addresses_of(const struct vpn_device *want, ifindex_t ifindex,
				 struct vpn_address_info list[ALL_ADDRESSES])
{
	unsigned int n = 0;

	n += address_of(&want->address, &want->peer_address, ifindex, &list[n]);
	n += address_of(&want->address6, NULL, ifindex, &list[n]);
	return n;
}

static bool address_listed(const struct vpn_address_info *info, const struct vpn_address_info *list,
			   unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		if (vpn_address_same(info, &list[i]))
			return true;
	return false;
}

static bool address_there(const struct vpn_link *link, const struct vpn_address_info *info)
{
	const struct vpn_address *address;

	frr_each (vpn_addresses_const, &link->addresses, address)
		if (vpn_address_same(&address->info, info))
			return true;
	return false;
}

/* An address of ours that it should not have, or NULL. */
static const struct vpn_address *address_stale(const struct vpn_link *link,
					       const struct vpn_address_info *list, unsigned int n)
{
	const struct vpn_address *address;

	frr_each (vpn_addresses_const, &link->addresses, address)
		if (address->info.ours && !address_listed(&address->info, list, n))
			return address;
	return NULL;
}

static bool addresses_differ(const struct vpn_device *want, const struct vpn_link *link)
{
	struct vpn_address_info list[ALL_ADDRESSES];
	unsigned int n = addresses_of(want, link->info.ifindex, list);

	for (unsigned int i = 0; i < n; i++)
		if (!address_there(link, &list[i]))
			return true;
	return address_stale(link, list, n) != NULL;
}

static int addresses_adjust(const struct vpn_device *want, ifindex_t ifindex)
{
	const struct vpn_link *link = vpn_kernel_link(ifindex);
	struct vpn_address_info list[ALL_ADDRESSES], info;
	unsigned int n = addresses_of(want, ifindex, list);
	const struct vpn_address *stale;
	int ret = 0;

	while (!ret && (stale = address_stale(link, list, n))) {
		info = stale->info;
		ret = vpn_kernel_address_del(&info);
	}
	for (unsigned int i = 0; !ret && i < n; i++)
		if (!address_there(link, &list[i]))
			ret = vpn_kernel_address_add(&list[i]);
	return ret;
}

/* --- is it as it should be? ---------------------------------------------------------------- */

static bool guard_differs(const struct vpn_device *want)
{
	return protocol(want) &&
	       want->ipsec != vpn_guard_stands(&want->local, &want->remote, protocol(want));
}

bool vpn_device_differs(const struct vpn_device *want)
{
	const struct vpn_link *link;
	char alias[VPN_ALIAS_SIZE];
	struct vpn_device said;

	link = find(want, &said);
	return !link || !link_fits(want, link) ||
	       strcmp(link->info.alias, vpn_device_alias_write(want, alias)) ||
	       link->info.master != want->master || (want->mtu && link->info.mtu != want->mtu) ||
	       link->info.admin_up != want->up || !link->info.multicast ||
	       addresses_differ(want, link) || guard_differs(want) ||
	       (want->encap == VPN_ENCAP_MPLS && vpn_device_mpls_differs(want));
}

/* --- errors in words ----------------------------------------------------------------------- */

static const char *option_of(const struct vpn_device *want)
{
	bool v6 = IS_IPADDR_V6(&want->local);

	switch (want->encap) {
	case VPN_ENCAP_GRE:
		return v6 ? "no GRE over IPv6 (CONFIG_IPV6_GRE)" : "no GRE (CONFIG_NET_IPGRE)";
	case VPN_ENCAP_MPLS:
		return "no MPLS in IP (CONFIG_MPLS, CONFIG_NET_IPIP, CONFIG_IPV6_TUNNEL, CONFIG_NET_CLS_FLOWER, CONFIG_NET_CLS_MATCHALL, CONFIG_NET_CLS_U32, CONFIG_NET_ACT_MPLS, CONFIG_NET_ACT_MIRRED)";
	case VPN_ENCAP_L2TP:
		return "no L2TPv3 over IP (CONFIG_L2TP_IP, CONFIG_L2TP_ETH)";
	case VPN_ENCAP_NONE:
	case VPN_ENCAP_IPSEC_TUNNEL:
	case VPN_ENCAP_IPIP_SHARED:
	case VPN_ENCAP_IPIP_DISTINCT:
		break;
	}
	if (vpn_device_is_xfrm(want))
		return "no xfrm interfaces (CONFIG_XFRM_INTERFACE)";
	return v6 ? "no tunnels in IPv6 (CONFIG_IPV6_TUNNEL)"
		  : "no IPv4 and IPv6 in IPv4 (CONFIG_IPV6_SIT)";
}

static const char *exists_words(const struct vpn_device *want)
{
	if (vpn_device_is_xfrm(want))
		return "another interface has its XFRM if_id";
	if (want->encap == VPN_ENCAP_GRE)
		return "another GRE tunnel has its addresses and key";
	if (want->encap == VPN_ENCAP_L2TP)
		return "another L2TP tunnel or session has its ids";
	return "another tunnel has its addresses";
}

static void words_of(const struct vpn_device *want, int error, char *buf, size_t size)
{
	if (error == -EOPNOTSUPP || error == -ENOENT || error == -EPROTONOSUPPORT)
		snprintf(buf, size, "the kernel has %s", option_of(want));
	else if (error == -EPERM || error == -EACCES)
		strlcpy(buf, "vpnd may not (it needs CAP_NET_ADMIN)", size);
	else if (error == -EEXIST)
		strlcpy(buf, exists_words(want), size);
	else if (error == -EADDRNOTAVAIL)
		snprintfrr(buf, size, "%pIA is not an address of this machine", &want->local);
	else
		strlcpy(buf, safe_strerror(-error), size);
}

static bool kind_known(enum vpn_link_kind kind)
{
	uint8_t buf[VPN_NETLINK_BUF];

	return vpn_bus_request(VPN_BUS_ROUTE, vpn_netlink_kind_probe(buf, kind), NULL, NULL) !=
	       -EOPNOTSUPP;
}

static bool encap_known(enum vpn_encap encap)
{
	switch (encap) {
	case VPN_ENCAP_GRE:
		return kind_known(VPN_LINK_GRE);
	case VPN_ENCAP_MPLS:
		return kind_known(VPN_LINK_IPIP) && kind_known(VPN_LINK_XFRM);
	case VPN_ENCAP_L2TP:
		return vpn_device_l2tp_supported();
	case VPN_ENCAP_NONE:
	case VPN_ENCAP_IPSEC_TUNNEL:
	case VPN_ENCAP_IPIP_SHARED:
	case VPN_ENCAP_IPIP_DISTINCT:
		break;
	}
	return kind_known(VPN_LINK_XFRM);
}

bool vpn_device_supported(enum vpn_encap encap, char *error, size_t size)
{
	const struct vpn_device device = { .encap = encap, .ipsec = true };

	error[0] = '\0';
	if (encap_known(encap))
		return true;
	snprintf(error, size, "the kernel has %s", option_of(&device));
	return false;
}

/* For ensure: says why, and that it is not there. */
static ifindex_t refused(const struct vpn_device *want, const char *why, char *buf, size_t size)
{
	char words[VPN_REASON_SIZE];

	snprintf(words, sizeof(words), "interface %s cannot be made: %s", want->name, why);
	if (strcmp(words, buf)) /* once, not at each try */
		zlog_warn("tunnel-link %s: %s", want->name, words);
	strlcpy(buf, words, size);
	return 0;
}

static ifindex_t failed(const struct vpn_device *want, int error, char *buf, size_t size)
{
	char why[VPN_REASON_SIZE];

	words_of(want, error, why, sizeof(why));
	return refused(want, why, buf, size);
}

/* --- making it so -------------------------------------------------------------------------- */

/*
 * New: what is not set on the interface itself is set once.  IPv6 addresses stay
 * when it is down, as IPv4 ones do; nobody else can have them, so none is asked for.
 */
static int create(const struct vpn_device *want, ifindex_t *ifindex)
{
	struct vpn_link_info link;
	int ret;

	link_of(want, &link);
	if (want->encap == VPN_ENCAP_L2TP)
		ret = vpn_device_l2tp_create(want, ifindex);
	else if (want->encap == VPN_ENCAP_MPLS)
		ret = vpn_device_mpls_create(&link, ifindex);
	else
		ret = vpn_kernel_link_create(&link, ifindex);
	if (ret)
		return ret;
	/* a kernel without IPv6 has neither */
	vpn_kernel_sysctl("ipv6", want->name, "keep_addr_on_down", "1");
	vpn_kernel_sysctl("ipv6", want->name, "accept_dad", "0");
	DEBUGD(&vpn_dbg_kernel, "interface %s is made", want->name);
	return 0;
}

/* All that can be changed in place; the flags last, and first if it goes down. */
static int adjust(const struct vpn_device *want, ifindex_t ifindex)
{
	const struct vpn_link_info info = vpn_kernel_link(ifindex)->info;
	char alias[VPN_ALIAS_SIZE];
	int ret = 0;

	if (info.admin_up && !want->up)
		ret = vpn_kernel_link_flags(ifindex, 0, IFF_UP);
	if (!ret && info.master != want->master) {
		ret = vpn_kernel_link_master(ifindex, want->master);
		vpn_kernel_addresses_read(); /* the kernel drops those of IPv6 */
	}
	if (!ret && want->mtu && info.mtu != want->mtu)
		ret = vpn_kernel_link_mtu(ifindex, want->mtu);
	if (!ret && !info.multicast)
		ret = vpn_kernel_link_flags(ifindex, IFF_MULTICAST, IFF_MULTICAST);
	if (!ret && want->encap == VPN_ENCAP_MPLS)
		ret = vpn_device_mpls_join(want, ifindex);
	/* what has its alias is complete but for its addresses */
	if (!ret && strcmp(info.alias, vpn_device_alias_write(want, alias)))
		ret = vpn_kernel_link_alias(ifindex, alias);
	if (!ret)
		ret = addresses_adjust(want, ifindex);
	if (!ret && !info.admin_up && want->up)
		ret = vpn_kernel_link_flags(ifindex, IFF_UP, IFF_UP);
	return ret;
}

static void guard_unneeded(const struct vpn_device *device)
{
	int ret;

	if (!protocol(device) || vpn_device_other(device, needs_guard))
		return;
	ret = vpn_guard_drop(&device->local, &device->remote, protocol(device));
	if (ret)
		zlog_warn("%s: its guard cannot be removed: %s", device->name, safe_strerror(-ret));
}

/* The device alone, and what carries only it; the guard stays. */
static int take_down(const struct vpn_device *said, ifindex_t ifindex)
{
	int ret;

	if (said->encap == VPN_ENCAP_MPLS)
		vpn_device_mpls_leave(said);
	ret = said->encap == VPN_ENCAP_L2TP ? vpn_device_l2tp_remove(said)
					    : vpn_kernel_link_delete(ifindex);
	if (ret)
		zlog_warn("interface %s cannot be removed: %s", said->name, safe_strerror(-ret));
	else
		DEBUGD(&vpn_dbg_kernel, "interface %s is removed", said->name);
	return ret;
}

void vpn_device_remove(const char *name)
{
	const struct vpn_link *link = vpn_kernel_link_named(name);
	struct vpn_device said;

	if (!link || !vpn_device_alias_read(link->info.alias, &said))
		return;
	strlcpy(said.name, name, sizeof(said.name));
	if (!take_down(&said, link->info.ifindex))
		guard_unneeded(&said);
}

/*
 * The index of the device if it can stay, 0 if there is none.  One that cannot
 * stay goes, and its guard unless the new one has the same.
 */
static ifindex_t keep_or_remove(const struct vpn_device *want)
{
	const struct vpn_link *link;
	struct vpn_device said;

	link = find(want, &said);
	if (!link)
		return 0;
	if (vpn_device_alias_same(&said, want) && link_fits(want, link))
		return link->info.ifindex;
	strlcpy(said.name, want->name, sizeof(said.name));
	if (!take_down(&said, link->info.ifindex) &&
	    (!guarded(want) || protocol(&said) != protocol(want) ||
	     ipaddr_cmp(&said.local, &want->local) || ipaddr_cmp(&said.remote, &want->remote)))
		guard_unneeded(&said);
	return 0;
}

/*
 * The guard stands before the device.  Without IPsec there must be none: one that
 * another link needs wins, and the device of this one goes, so that, when both
 * are to lose their protection, the other can.
 */
static bool guard_ready(const struct vpn_device *want, char *why, size_t size)
{
	const char *other;
	int ret;

	if (!protocol(want))
		return true;
	if (want->ipsec) {
		ret = vpn_guard_set(&want->local, &want->remote, protocol(want));
		if (ret)
			snprintf(why, size,
				 "no policy keeps its packets from going out in clear: %s",
				 safe_strerror(-ret));
		return !ret;
	}
	other = vpn_device_other(want, needs_guard);
	if (!other)
		return true;
	snprintf(why, size,
		 "tunnel-link %s, between the same addresses, has IPsec, which cannot tell their packets apart: give both the same protection, or one another address",
		 other);
	vpn_device_remove(want->name);
	return false;
}

/* Adjusts it, or makes it; an interface that is gone meanwhile is made anew. */
static int establish(const struct vpn_device *want, ifindex_t *ifindex)
{
	bool made = false;
	int ret;

	*ifindex = keep_or_remove(want);
	ret = *ifindex ? adjust(want, *ifindex) : -ENODEV;
	if (ret == -ENODEV) {
		if (*ifindex) /* deleted by somebody; the event is still on its way */
			vpn_kernel_link_delete(*ifindex);
		ret = create(want, ifindex);
		made = !ret;
	}
	if (made)
		ret = adjust(want, *ifindex);
	if (ret && made)
		take_down(want, *ifindex);
	return ret;
}

/* A session of ours whose alias is missing: a vpnd that ended too early made it. */
static bool adopt_session(const struct vpn_device *want)
{
	const struct vpn_link *link = vpn_kernel_link_named(want->name);
	char alias[VPN_ALIAS_SIZE];

	return want->encap == VPN_ENCAP_L2TP && !link->info.alias[0] &&
	       link->info.kind == VPN_LINK_OTHER && vpn_device_l2tp_is(want) &&
	       !vpn_kernel_link_alias(link->info.ifindex, vpn_device_alias_write(want, alias));
}

ifindex_t vpn_device_ensure(const struct vpn_device *want, char *error, size_t size)
{
	char why[VPN_REASON_SIZE];
	ifindex_t ifindex;
	int ret;

	if (is_foreign(want) && !adopt_session(want))
		return refused(want,
			       "there is one of this name that is not vpnd's: call the link otherwise, or remove the interface",
			       error, size);
	if (!guard_ready(want, why, sizeof(why)))
		return refused(want, why, error, size);
	ret = establish(want, &ifindex);
	if (!ret && !want->ipsec)
		guard_unneeded(want); /* it was protected before */
	if (ret)
		return failed(want, ret, error, size);
	error[0] = '\0';
	return ifindex;
}

/* --- all of them --------------------------------------------------------------------------- */

static void (*each_device)(const char *name, ifindex_t ifindex);

static void each_link(const struct vpn_link *link)
{
	struct vpn_device said;
	char name[IFNAMSIZ];

	if (!vpn_device_alias_read(link->info.alias, &said))
		return;
	strlcpy(name, link->info.name, sizeof(name)); /* the callback may remove the link */
	each_device(name, link->info.ifindex);
}

void vpn_device_each(void (*each)(const char *name, ifindex_t ifindex))
{
	each_device = each;
	vpn_kernel_each_link(each_link);
}

bool vpn_device_said(const char *name, struct vpn_device *said)
{
	const struct vpn_link *link = vpn_kernel_link_named(name);

	return link && vpn_device_alias_read(link->info.alias, said);
}

static void tidy_guard(const struct ipaddr *local, const struct ipaddr *remote, uint8_t proto)
{
	struct vpn_device device = { .local = *local, .remote = *remote, .ipsec = true };

	device.encap = proto == IPPROTO_GRE    ? VPN_ENCAP_GRE
		       : proto == IPPROTO_MPLS ? VPN_ENCAP_MPLS
		       : proto == IPPROTO_L2TP ? VPN_ENCAP_L2TP
					       : VPN_ENCAP_NONE;
	if (!vpn_device_other(&device, needs_guard))
		vpn_guard_drop(local, remote, proto);
}

void vpn_device_tidy(void)
{
	vpn_device_mpls_tidy();
	vpn_guard_each(tidy_guard);
}

/* --- counters ------------------------------------------------------------------------------ */

bool vpn_device_counters(const char *name, struct vpn_device_counters *counters)
{
	const struct vpn_link *link = vpn_kernel_link_named(name);
	struct vpn_link_stats stats;
	struct vpn_device said;

	memset(counters, 0, sizeof(*counters));
	if (!link || !vpn_device_alias_read(link->info.alias, &said))
		return false;
	if (said.encap == VPN_ENCAP_MPLS)
		return vpn_device_mpls_counters(&said, link->info.ifindex, counters);
	if (vpn_kernel_link_stats(link->info.ifindex, &stats))
		return false;
	counters->packets_in = stats.packets_in;
	counters->packets_out = stats.packets_out;
	counters->bytes_in = stats.bytes_in;
	counters->bytes_out = stats.bytes_out;
	if (said.encap == VPN_ENCAP_L2TP)
		vpn_device_l2tp_inner(&said.l2tp, counters);
	return true;
}
