// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel's links, as far as vpnd is concerned with them.
 *
 * One netlink socket listens to link and address events and is read from the
 * event loop; if it overflows, all links are read anew.  Requests are vpn_bus.c's.
 * After a change that vpnd makes itself the link is read back at once, so that
 * the next step of the same run sees it.
 */
#include <zebra.h>

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <linux/xfrm.h>

#include <libmnl/libmnl.h>

#include "lib/frrevent.h"
#include "lib/jhash.h"
#include "lib/log.h"
#include "lib/privs.h"
#include "lib/vrf.h"

#include "vpnd/vpn_apply.h"
#include "vpnd/vpn_bus.h"
#include "vpnd/vpn_debug.h"
#include "vpnd/vpn_kernel.h"
#include "vpnd/vpn_memory.h"

DEFINE_MTYPE_STATIC(VPND, VPN_LINK, "VPN kernel link");
DEFINE_MTYPE_STATIC(VPND, VPN_ADDRESS, "VPN kernel address");

#define READ_TRIES 10 /* to read a table that changes meanwhile */

extern struct zebra_privs_t vpnd_privs; /* vpn_main.c */

static int link_index_cmp(const struct vpn_link *a, const struct vpn_link *b)
{
	return numcmp(a->info.ifindex, b->info.ifindex);
}

static uint32_t link_index_hash(const struct vpn_link *link)
{
	return jhash_1word(link->info.ifindex, 0x56504e);
}

static int link_name_cmp(const struct vpn_link *a, const struct vpn_link *b)
{
	return strcmp(a->info.name, b->info.name);
}

static uint32_t link_name_hash(const struct vpn_link *link)
{
	return string_hash_make(link->info.name);
}

/* By the address, then by where it is. */
static int address_cmp(const struct vpn_address *a, const struct vpn_address *b)
{
	int cmp = ipaddr_cmp(&a->info.local, &b->info.local);

	if (!cmp)
		cmp = numcmp(a->info.ifindex, b->info.ifindex);
	if (!cmp)
		cmp = numcmp(a->info.len, b->info.len);
	return cmp ? cmp : ipaddr_cmp(&a->info.peer, &b->info.peer);
}

DECLARE_HASH(vpn_links, struct vpn_link, item, link_index_cmp, link_index_hash);
DECLARE_HASH(vpn_link_names, struct vpn_link, name_item, link_name_cmp, link_name_hash);
DECLARE_RBTREE_UNIQ(vpn_all_addresses, struct vpn_address, all_item, address_cmp);

static struct vpn_links_head links = INIT_HASH(links);
static struct vpn_link_names_head link_names = INIT_HASH(link_names);
static struct vpn_all_addresses_head addresses = INIT_RBTREE_UNIQ(addresses);

static struct mnl_socket *events;
static struct mnl_socket *policy_events;
static void (*policy_event)(const struct nlmsghdr *nlh);
static struct event *t_policy_events;
static struct event *t_events;

/* --- the table ----------------------------------------------------------------------------- */

static struct vpn_link *link_find(ifindex_t ifindex)
{
	struct vpn_link key = { .info.ifindex = ifindex };

	return vpn_links_find(&links, &key);
}

static struct vpn_link *link_find_name(const char *name)
{
	struct vpn_link key = {};

	strlcpy(key.info.name, name, sizeof(key.info.name));
	return vpn_link_names_find(&link_names, &key);
}

static struct vpn_address *address_find(const struct vpn_address_info *info)
{
	struct vpn_address key = { .info = *info };

	return vpn_all_addresses_find(&addresses, &key);
}

static struct vpn_address *address_get(struct vpn_link *link, const struct vpn_address_info *info)
{
	struct vpn_address *address = address_find(info);

	if (!address) {
		address = XCALLOC(MTYPE_VPN_ADDRESS, sizeof(*address));
		address->info = *info;
		vpn_addresses_add_tail(&link->addresses, address);
		vpn_all_addresses_add(&addresses, address);
	}
	return address;
}

static void address_remove(struct vpn_link *link, struct vpn_address *address)
{
	vpn_addresses_del(&link->addresses, address);
	vpn_all_addresses_del(&addresses, address);
	XFREE(MTYPE_VPN_ADDRESS, address);
}

static void addresses_clear(struct vpn_link *link)
{
	struct vpn_address *address;

	frr_each_safe (vpn_addresses, &link->addresses, address)
		address_remove(link, address);
}

static void link_remove(struct vpn_link *link)
{
	vpn_links_del(&links, link);
	vpn_link_names_del(&link_names, link);
	addresses_clear(link);
	vpn_addresses_fini(&link->addresses);
	XFREE(MTYPE_VPN_LINK, link);
}

/* The link of this index, new or as it was but for its name, which must be nobody else's. */
static struct vpn_link *link_get(const struct vpn_link_info *info)
{
	struct vpn_link *link = link_find(info->ifindex), *other = link_find_name(info->name);

	if (other && other != link)
		link_remove(other); /* renamed away or deleted; its own event says which */
	if (!link) {
		link = XCALLOC(MTYPE_VPN_LINK, sizeof(*link));
		vpn_addresses_init(&link->addresses);
		link->info.ifindex = info->ifindex;
		vpn_links_add(&links, link);
	} else
		vpn_link_names_del(&link_names, link);
	return link;
}

static void link_store(const struct vpn_link_info *info)
{
	struct vpn_link *link = link_get(info);

	link->info = *info;
	vpn_link_names_add(&link_names, link);
}

static void address_message(const struct nlmsghdr *nlh, const struct vpn_address_info *info)
{
	struct vpn_link *link = link_find(info->ifindex);
	struct vpn_address *address = address_find(info);

	if (link && nlh->nlmsg_type == RTM_NEWADDR)
		address_get(link, info)->info = *info;
	else if (link && address)
		address_remove(link, address);
}

/* One message of an event or a dump. */
static int link_message(const struct nlmsghdr *nlh, void *changed)
{
	struct vpn_address_info address;
	struct vpn_link_info info;
	struct vpn_link *link;

	if (vpn_netlink_address(nlh, &address))
		address_message(nlh, &address);

	if (vpn_netlink_link(nlh, &info)) {
		link = link_find(info.ifindex);
		if (nlh->nlmsg_type == RTM_NEWLINK)
			link_store(&info);
		else if (link)
			link_remove(link);
		if (info.kind != VPN_LINK_OTHER)
			DEBUGD(&vpn_dbg_kernel, "link %s (%d): %s", info.name, info.ifindex,
			       nlh->nlmsg_type == RTM_NEWLINK ? "is there" : "has gone");
	}
	if (changed)
		*(bool *)changed = true;
	return MNL_CB_OK;
}

const struct vpn_link *vpn_kernel_link(ifindex_t ifindex)
{
	return link_find(ifindex);
}

const struct vpn_link *vpn_kernel_link_named(const char *name)
{
	return link_find_name(name);
}

void vpn_kernel_each_link(void (*each)(const struct vpn_link *link))
{
	struct vpn_link *link;

	frr_each_safe (vpn_links, &links, link)
		each(link);
}

ifindex_t vpn_kernel_vrf(const char *name)
{
	struct vpn_link *link;

	if (!strcmp(name, VRF_DEFAULT_NAME))
		return 0;
	if (strlen(name) >= IFNAMSIZ)
		return -1;
	link = link_find_name(name);
	return link && link->info.kind == VPN_LINK_VRF ? link->info.ifindex : -1;
}

/* The default VRF's, on a link that is up. */
static bool address_usable(const struct vpn_address *address)
{
	const struct vpn_link *link = link_find(address->info.ifindex), *over;

	if (!link || !link->info.admin_up || address->info.tentative ||
	    link->info.kind == VPN_LINK_VRF)
		return false;
	over = link->info.master ? link_find(link->info.master) : NULL;
	return !over || over->info.kind != VPN_LINK_VRF;
}

bool vpn_kernel_address_is_local(const struct ipaddr *addr)
{
	const struct vpn_address *address, key = { .info.local = *addr };

	for (address = vpn_all_addresses_find_gteq(&addresses, &key);
	     address && !ipaddr_cmp(&address->info.local, addr);
	     address = vpn_all_addresses_const_next(&addresses, address))
		if (address_usable(address))
			return true;
	return false;
}

/* --- requests ------------------------------------------------------------------------------ */

static int request(struct nlmsghdr *nlh, mnl_cb_t each, void *arg)
{
	return vpn_bus_request(VPN_BUS_ROUTE, nlh, each, arg);
}

static int link_read(ifindex_t ifindex)
{
	uint8_t buf[VPN_NETLINK_BUF];

	return request(vpn_netlink_link_get(buf, ifindex), link_message, NULL);
}

static int link_read_named(const char *name)
{
	uint8_t buf[VPN_NETLINK_BUF];

	return request(vpn_netlink_link_get_named(buf, name), link_message, NULL);
}

/* What changes while the kernel tells it is told again; what is gone by then an event says. */
static int table_read(struct nlmsghdr *(*write)(void *buf))
{
	uint8_t buf[VPN_NETLINK_BUF];
	int ret = -EINTR;

	for (int i = 0; ret == -EINTR && i < READ_TRIES; i++)
		ret = request(write(buf), link_message, NULL);
	return ret;
}

int vpn_kernel_addresses_read(void)
{
	struct vpn_link *link;

	frr_each (vpn_links, &links, link)
		addresses_clear(link);
	return table_read(vpn_netlink_address_dump);
}

static int links_read(void)
{
	int ret = table_read(vpn_netlink_link_dump);

	return ret ? ret : vpn_kernel_addresses_read();
}

/* A change, and the link read back. */
static int link_change(struct nlmsghdr *nlh, ifindex_t ifindex)
{
	int ret = request(nlh, NULL, NULL);

	if (!ret)
		link_read(ifindex);
	return ret;
}

int vpn_kernel_link_alias(ifindex_t ifindex, const char *alias)
{
	uint8_t buf[VPN_NETLINK_BUF];

	return link_change(vpn_netlink_link_alias(buf, ifindex, alias), ifindex);
}

int vpn_kernel_link_mtu(ifindex_t ifindex, unsigned int mtu)
{
	uint8_t buf[VPN_NETLINK_BUF];

	return link_change(vpn_netlink_link_mtu(buf, ifindex, mtu), ifindex);
}

int vpn_kernel_link_master(ifindex_t ifindex, ifindex_t master)
{
	uint8_t buf[VPN_NETLINK_BUF];

	return link_change(vpn_netlink_link_master(buf, ifindex, master), ifindex);
}

int vpn_kernel_link_flags(ifindex_t ifindex, unsigned int flags, unsigned int change)
{
	uint8_t buf[VPN_NETLINK_BUF];

	return link_change(vpn_netlink_link_flags(buf, ifindex, flags, change), ifindex);
}

int vpn_kernel_link_up(ifindex_t ifindex)
{
	return vpn_kernel_link_flags(ifindex, IFF_UP, IFF_UP);
}

int vpn_kernel_link_delete(ifindex_t ifindex)
{
	uint8_t buf[VPN_NETLINK_BUF];
	int ret = request(vpn_netlink_link_del(buf, ifindex), NULL, NULL);

	if (ret && ret != -ENODEV)
		return ret;
	vpn_kernel_link_forget(ifindex);
	return 0;
}

void vpn_kernel_link_forget(ifindex_t ifindex)
{
	struct vpn_link *link = link_find(ifindex);

	if (link)
		link_remove(link);
}

int vpn_kernel_link_find(const char *name, ifindex_t *ifindex)
{
	struct vpn_link *link;
	int ret = link_read_named(name);

	if (ret)
		return ret;
	link = link_find_name(name);
	if (!link)
		return -ENODEV;
	*ifindex = link->info.ifindex;
	return 0;
}

int vpn_kernel_link_create(const struct vpn_link_info *want, ifindex_t *ifindex)
{
	uint8_t buf[VPN_NETLINK_BUF];
	int ret = request(vpn_netlink_link_new(buf, want), NULL, NULL);

	return ret ? ret : vpn_kernel_link_find(want->name, ifindex);
}

static int stats_message(const struct nlmsghdr *nlh, void *arg)
{
	struct vpn_link_stats stats;

	if (vpn_netlink_stats(nlh, &stats))
		*(struct vpn_link_stats *)arg = stats;
	return MNL_CB_OK;
}

int vpn_kernel_link_stats(ifindex_t ifindex, struct vpn_link_stats *stats)
{
	uint8_t buf[VPN_NETLINK_BUF];

	memset(stats, 0, sizeof(*stats));
	return request(vpn_netlink_link_get(buf, ifindex), stats_message, stats);
}

bool vpn_kernel_sysctl(const char *family, const char *name, const char *key, const char *value)
{
	char path[128];
	FILE *file;
	bool done;

	snprintf(path, sizeof(path), "/proc/sys/net/%s/conf/%s/%s", family, name, key);
	frr_with_privs (&vpnd_privs) {
		file = fopen(path, "we");
	}
	if (!file)
		return false;
	done = fputs(value, file) >= 0;
	return !fclose(file) && done;
}

/*
 * What arrives over one interface goes back over another one, which a strict
 * reverse path filter takes for forged.  Where the machine is strict for all
 * interfaces only "loose" overrides it, else it is switched off for this one.
 */
static void relax_rp_filter(const char *name)
{
	char all = '0';
	FILE *file;

	file = fopen("/proc/sys/net/ipv4/conf/all/rp_filter", "re");
	if (file) {
		all = getc(file);
		fclose(file);
	}
	if (!vpn_kernel_sysctl("ipv4", name, "rp_filter", all == '1' ? "2" : "0"))
		zlog_warn("%s: the reverse path filter cannot be relaxed (%m): asymmetric VPN traffic may be dropped",
			  name);
}

int vpn_kernel_xfrm_create(const char *name, uint32_t if_id, ifindex_t master, unsigned int mtu,
			   const char *alias, ifindex_t *ifindex)
{
	struct vpn_link_info want = {
		.kind = VPN_LINK_XFRM, .if_id = if_id, .master = master, .mtu = mtu
	};
	uint8_t buf[VPN_NETLINK_BUF];
	int ret;

	strlcpy(want.name, name, sizeof(want.name));
	ret = vpn_kernel_link_create(&want, ifindex);
	if (ret)
		return ret;
	request(vpn_netlink_link_no_addrgen(buf, *ifindex), NULL,
		NULL); /* a kernel without IPv6 refuses */
	relax_rp_filter(name);
	ret = request(vpn_netlink_link_alias(buf, *ifindex, alias), NULL, NULL);
	if (!ret)
		ret = vpn_kernel_link_up(*ifindex);
	if (ret)
		vpn_kernel_link_delete(*ifindex);
	return ret;
}

/* --- addresses ----------------------------------------------------------------------------- */

/* What the kernel has now is learnt here and not from the event, which comes later. */
static int address_change(struct nlmsghdr *nlh, const struct vpn_address_info *info, int no_error)
{
	int ret = request(nlh, NULL, NULL);

	if (ret && ret != no_error)
		return ret;
	address_message(nlh, info);
	return 0;
}

int vpn_kernel_address_add(const struct vpn_address_info *address)
{
	uint8_t buf[VPN_NETLINK_BUF];
	struct vpn_address_info ours = *address;

	ours.ours = true;
	return address_change(vpn_netlink_address_add(buf, &ours), &ours, -EEXIST);
}

int vpn_kernel_address_del(const struct vpn_address_info *address)
{
	uint8_t buf[VPN_NETLINK_BUF];

	return address_change(vpn_netlink_address_del(buf, address), address, -EADDRNOTAVAIL);
}

/* --- routes -------------------------------------------------------------------------------- */

static int route_message(const struct nlmsghdr *nlh, void *arg)
{
	struct vpn_route_info *route = arg, read;

	if (vpn_netlink_route(nlh, &read))
		*route = read;
	return MNL_CB_OK;
}

static int mtu_message(const struct nlmsghdr *nlh, void *arg)
{
	struct vpn_link_info info;

	if (vpn_netlink_link(nlh, &info))
		*(unsigned int *)arg = info.mtu;
	return MNL_CB_OK;
}

unsigned int vpn_kernel_path_mtu(const struct ipaddr *src, const struct ipaddr *dst)
{
	uint8_t buf[VPN_NETLINK_BUF];
	struct vpn_route_info route = {};
	unsigned int mtu = 0;

	if (request(vpn_netlink_route_get(buf, src, dst), route_message, &route) ||
	    route.type != RTN_UNICAST)
		return 0;
	if (request(vpn_netlink_link_get(buf, route.oif), mtu_message, &mtu))
		return 0;
	return route.mtu && route.mtu < mtu ? route.mtu : mtu;
}

struct each_route {
	void (*call)(const struct vpn_route_info *route, void *arg);
	void *arg;
};

static int each_route_message(const struct nlmsghdr *nlh, void *arg)
{
	const struct each_route *each = arg;
	struct vpn_route_info route;

	if (vpn_netlink_route(nlh, &route))
		each->call(&route, each->arg);
	return MNL_CB_OK;
}

void vpn_kernel_each_route(uint32_t table, ifindex_t oif,
			   void (*call)(const struct vpn_route_info *route, void *arg), void *arg)
{
	static const int families[] = { AF_INET, AF_INET6 };
	struct each_route each = { .call = call, .arg = arg };
	uint8_t buf[VPN_NETLINK_BUF];

	for (size_t i = 0; i < array_size(families); i++)
		vpn_bus_request(VPN_BUS_CHOOSE,
				vpn_netlink_routes_dump(buf, families[i], table, oif),
				each_route_message, &each);
}

/* --- events -------------------------------------------------------------------------------- */

static void links_read_anew(void)
{
	struct vpn_link *link;
	int ret;

	frr_each_safe (vpn_links, &links, link)
		link_remove(link);
	ret = links_read();
	if (ret)
		zlog_err("kernel: links cannot be read: %s", safe_strerror(-ret));
}

static void events_read(struct event *event)
{
	static uint8_t buf[VPN_BUS_READ] __attribute__((aligned(NLMSG_ALIGNTO)));
	bool changed = false;
	ssize_t len;

	event_add_read(master, events_read, NULL, mnl_socket_get_fd(events), &t_events);
	for (;;) {
		len = mnl_socket_recvfrom(events, buf, sizeof(buf));
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0 && (errno == ENOBUFS || errno == ENOSPC)) {
			zlog_warn("kernel: link events were lost, all links are read anew");
			links_read_anew();
			changed = true;
			continue;
		}
		if (len <= 0)
			break;
		mnl_cb_run(buf, len, 0, 0, link_message, &changed);
	}
	if (changed)
		vpn_apply_kernel_changed();
}

static int policy_message(const struct nlmsghdr *nlh, void *arg)
{
	policy_event(nlh);
	return MNL_CB_OK;
}

static void policy_events_read(struct event *event)
{
	static uint8_t buf[VPN_BUS_READ] __attribute__((aligned(NLMSG_ALIGNTO)));
	ssize_t len;

	event_add_read(master, policy_events_read, NULL, mnl_socket_get_fd(policy_events),
		       &t_policy_events);
	for (;;) {
		len = mnl_socket_recvfrom(policy_events, buf, sizeof(buf));
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0 && (errno == ENOBUFS || errno == ENOSPC)) {
			policy_event(NULL);
			continue;
		}
		if (len <= 0)
			break;
		mnl_cb_run(buf, len, 0, 0, policy_message, NULL);
	}
}

int vpn_kernel_watch_policies(void (*each)(const struct nlmsghdr *nlh))
{
	policy_event = each;
	if (policy_events)
		return 0;
	policy_events = vpn_bus_listen(NETLINK_XFRM, 1u << (XFRMNLGRP_POLICY - 1));
	if (!policy_events)
		return errno ? -errno : -ENOTCONN;
	event_add_read(master, policy_events_read, NULL, mnl_socket_get_fd(policy_events),
		       &t_policy_events);
	return 0;
}

bool vpn_kernel_init(void)
{
	int ret;

	events = vpn_bus_listen(NETLINK_ROUTE,
				RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR);
	if (!events) {
		zlog_err("kernel: no rtnetlink socket: %m");
		return false;
	}
	event_add_read(master, events_read, NULL, mnl_socket_get_fd(events), &t_events);
	ret = links_read();
	if (ret)
		zlog_err("kernel: links cannot be read: %s", safe_strerror(-ret));
	return !ret;
}

void vpn_kernel_stop(void)
{
	struct vpn_link *link;

	event_cancel(&t_events);
	event_cancel(&t_policy_events);
	frr_each_safe (vpn_links, &links, link)
		link_remove(link);
	vpn_links_fini(&links);
	vpn_link_names_fini(&link_names);
	vpn_all_addresses_fini(&addresses);
	if (events)
		mnl_socket_close(events);
	if (policy_events)
		mnl_socket_close(policy_events);
	events = policy_events = NULL;
	vpn_bus_stop();
}
