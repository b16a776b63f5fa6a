// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vpnd/vpn_netlink.c: links, addresses and routes are read from messages as the
 * kernel builds them, malformed ones are refused, and a request to make an
 * interface or an address reads back as what was asked for.
 */
/* link: vpnd/vpn_netlink.c vpnd/vpn_netlink_attr.c */
/* libs: frr mnl */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <zebra.h>

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <libmnl/libmnl.h>

#include "vpnd/vpn_netlink.h"
#include "vpnd/vpn_uapi.h"

static uint8_t buf[2048] __attribute__((aligned(NLMSG_ALIGNTO)));

/* A link event as the kernel sends it, up to its attributes. */
static struct nlmsghdr *link_event(uint16_t type, uint8_t family, int ifindex)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));

	nlh->nlmsg_type = type;
	ifi->ifi_family = family;
	ifi->ifi_index = ifindex;
	ifi->ifi_flags = IFF_UP;
	return nlh;
}

static void test_xfrm_link(void **state)
{
	struct nlmsghdr *nlh = link_event(RTM_NEWLINK, AF_UNSPEC, 7);
	struct nlattr *info, *data;
	struct vpn_link_info link;

	mnl_attr_put_strz(nlh, IFLA_IFNAME, "vpno1");
	mnl_attr_put_u32(nlh, IFLA_MTU, 1446);
	mnl_attr_put_u32(nlh, IFLA_MASTER, 5);
	mnl_attr_put_strz(nlh, IFLA_IFALIAS, "frr-vpnd out red 10.0.0.2 300/16");
	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "xfrm");
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	mnl_attr_put_u32(nlh, IFLA_XFRM_LINK, 0);
	mnl_attr_put_u32(nlh, IFLA_XFRM_IF_ID, 0x20000001);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
	assert_true(vpn_netlink_link(nlh, &link));
	assert_int_equal(link.ifindex, 7);
	assert_string_equal(link.name, "vpno1");
	assert_int_equal(link.kind, VPN_LINK_XFRM);
	assert_int_equal(link.master, 5);
	assert_int_equal(link.mtu, 1446);
	assert_true(link.admin_up);
	assert_int_equal(link.if_id, 0x20000001);
	assert_string_equal(link.alias, "frr-vpnd out red 10.0.0.2 300/16");
}

static void test_vrf_link(void **state)
{
	struct nlmsghdr *nlh = link_event(RTM_NEWLINK, AF_UNSPEC, 5);
	struct vpn_link_info link;
	struct nlattr *info;

	mnl_attr_put_strz(nlh, IFLA_IFNAME, "red");
	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "vrf");
	mnl_attr_nest_end(nlh, info);
	assert_true(vpn_netlink_link(nlh, &link));
	assert_int_equal(link.kind, VPN_LINK_VRF);
	assert_int_equal(link.master, 0);
}

static void test_links_refused(void **state)
{
	struct vpn_link_info link;
	struct nlmsghdr *nlh;

	nlh = link_event(RTM_NEWLINK, AF_UNSPEC, 7); /* no name */
	assert_false(vpn_netlink_link(nlh, &link));
	nlh = link_event(RTM_NEWLINK, AF_BRIDGE,
			 7); /* a bridge's port: nothing of the link itself */
	mnl_attr_put_strz(nlh, IFLA_IFNAME, "eth0");
	assert_false(vpn_netlink_link(nlh, &link));
	nlh = link_event(RTM_NEWLINK, AF_UNSPEC, 0);
	mnl_attr_put_strz(nlh, IFLA_IFNAME, "eth0");
	assert_false(vpn_netlink_link(nlh, &link));
	nlh = link_event(RTM_NEWLINK, AF_UNSPEC, 7);
	mnl_attr_put_strz(nlh, IFLA_IFNAME, "a-name-longer-than-any");
	assert_false(vpn_netlink_link(nlh, &link));
	nlh = link_event(RTM_NEWADDR, AF_UNSPEC, 7);
	mnl_attr_put_strz(nlh, IFLA_IFNAME, "eth0");
	assert_false(vpn_netlink_link(nlh, &link));
	nlh = link_event(RTM_NEWLINK, AF_UNSPEC, 7);
	nlh->nlmsg_len = MNL_NLMSG_HDRLEN + 4; /* cut short */
	assert_false(vpn_netlink_link(nlh, &link));
}

static void test_route(void **state)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct rtmsg *rtm = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtm));
	struct vpn_route_info route;
	struct nlattr *metrics;

	nlh->nlmsg_type = RTM_NEWROUTE;
	rtm->rtm_type = RTN_UNICAST;
	rtm->rtm_protocol = RTPROT_OSPF;
	mnl_attr_put_u32(nlh, RTA_OIF, 3);
	assert_true(vpn_netlink_route(nlh, &route));
	assert_int_equal(route.type, RTN_UNICAST);
	assert_int_equal(route.protocol, RTPROT_OSPF);
	assert_int_equal(route.oif, 3);
	assert_int_equal(route.mtu, 0);
	metrics = mnl_attr_nest_start(nlh, RTA_METRICS);
	mnl_attr_put_u32(nlh, RTAX_MTU, 1400);
	mnl_attr_nest_end(nlh, metrics);
	assert_true(vpn_netlink_route(nlh, &route));
	assert_int_equal(route.mtu, 1400);
	nlh->nlmsg_type = RTM_DELROUTE;
	assert_false(vpn_netlink_route(nlh, &route));
}

static void test_request_reads_back(void **state)
{
	const struct vpn_link_info want = { .name = "vpni256",
					    .kind = VPN_LINK_XFRM,
					    .if_id = 0x10000100,
					    .master = 5,
					    .mtu = 1500 };
	struct nlmsghdr *nlh = vpn_netlink_link_new(buf, &want);
	struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	struct vpn_link_info link;

	assert_int_equal(nlh->nlmsg_flags, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL);
	assert_true(nlh->nlmsg_len <= VPN_NETLINK_BUF);
	ifi->ifi_index = 9;
	assert_true(vpn_netlink_link(nlh, &link));
	assert_string_equal(link.name, "vpni256");
	assert_int_equal(link.kind, VPN_LINK_XFRM);
	assert_int_equal(link.if_id, 0x10000100);
	assert_int_equal(link.master, 5);
	assert_int_equal(link.mtu, 1500);
}

static struct ipaddr ip(const char *text)
{
	struct ipaddr addr;

	assert_int_equal(str2ipaddr(text, &addr), 0);
	return addr;
}

/* What is asked for, as the kernel would tell of it. */
static void reads_back(struct vpn_link_info *want)
{
	struct nlmsghdr *nlh = vpn_netlink_link_new(buf, want);
	struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	struct vpn_link_info link;

	assert_true(nlh->nlmsg_len <= VPN_NETLINK_BUF);
	ifi->ifi_index = 9;
	assert_true(vpn_netlink_link(nlh, &link));
	assert_string_equal(link.name, want->name);
	assert_int_equal(link.kind, want->kind);
	assert_int_equal(link.multicast, want->multicast);
	assert_int_equal(link.if_id, want->if_id);
	assert_int_equal(link.outer.local.ipa_type, want->outer.local.ipa_type);
	assert_int_equal(link.outer.remote.ipa_type, want->outer.remote.ipa_type);
	assert_int_equal(ipaddr_cmp(&link.outer.local, &want->outer.local), 0);
	assert_int_equal(ipaddr_cmp(&link.outer.remote, &want->outer.remote), 0);
	assert_int_equal(link.outer.has_key, want->outer.has_key);
	assert_int_equal(link.outer.key, want->outer.key);
	assert_int_equal(link.outer.proto, want->outer.proto);
}

static void test_every_kind_reads_back(void **state)
{
	struct vpn_link_info v4 = { .name = "to-paris", .multicast = true };
	struct vpn_link_info v6;

	v4.outer.local = ip("192.0.2.1");
	v4.outer.remote = ip("192.0.2.2");
	v6 = v4;
	v6.outer.local = ip("2001:db8::1");
	v6.outer.remote = ip("2001:db8::2");
	v4.kind = VPN_LINK_GRE;
	reads_back(&v4);
	v4.outer.has_key = true; /* and the key 0 is one */
	reads_back(&v4);
	v4.outer.key = 0xdeadbeef;
	reads_back(&v4);
	v6.kind = VPN_LINK_IP6GRE;
	v6.outer.has_key = true;
	v6.outer.key = 7;
	reads_back(&v6);
	v4.outer.has_key = v6.outer.has_key = false;
	v4.outer.key = v6.outer.key = 0;
	v4.kind = VPN_LINK_SIT;
	reads_back(&v4);
	v6.kind = VPN_LINK_IP6TNL;
	reads_back(&v6);
	v4.kind = VPN_LINK_IPIP;
	v4.outer.proto = IPPROTO_MPLS;
	reads_back(&v4);
}

/* A GRE device of somebody else: a key in one direction only is none that we can have. */
static void test_gre_key_of_one_direction(void **state)
{
	struct nlmsghdr *nlh = link_event(RTM_NEWLINK, AF_UNSPEC, 7);
	struct vpn_link_info link;
	struct nlattr *info, *data;

	mnl_attr_put_strz(nlh, IFLA_IFNAME, "gre1");
	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "gre");
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	mnl_attr_put_u16(nlh, UAPI_GRE_OFLAGS, htons(UAPI_GRE_KEY));
	mnl_attr_put_u32(nlh, UAPI_GRE_OKEY, htonl(5));
	mnl_attr_put_u32(nlh, UAPI_GRE_LOCAL, 0); /* any */
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
	assert_true(vpn_netlink_link(nlh, &link));
	assert_int_equal(link.kind, VPN_LINK_GRE);
	assert_false(link.outer.has_key);
	assert_int_equal(link.outer.local.ipa_type, IPADDR_NONE);
}

/* A probe must never make a device: it has no name, and what no kind accepts. */
static void test_probe_names_nothing(void **state)
{
	struct vpn_link_info link;

	for (unsigned int kind = VPN_LINK_XFRM; kind <= VPN_LINK_IP6TNL; kind++)
		assert_false(vpn_netlink_link(vpn_netlink_kind_probe(buf, kind), &link));
}

static void test_stats(void **state)
{
	struct nlmsghdr *nlh = link_event(RTM_NEWLINK, AF_UNSPEC, 7);
	struct rtnl_link_stats64 counters = {
		.rx_packets = 1, .tx_packets = 2, .rx_bytes = 1ull << 40, .tx_bytes = 4
	};
	struct vpn_link_stats stats;

	mnl_attr_put_strz(nlh, IFLA_IFNAME, "to-paris");
	assert_false(vpn_netlink_stats(nlh, &stats));
	mnl_attr_put(nlh, IFLA_STATS64, sizeof(counters), &counters);
	assert_true(vpn_netlink_stats(nlh, &stats));
	assert_int_equal(stats.packets_in, 1);
	assert_int_equal(stats.packets_out, 2);
	assert_true(stats.bytes_in == 1ull << 40);
	assert_int_equal(stats.bytes_out, 4);
	nlh = link_event(RTM_NEWLINK, AF_UNSPEC, 7);
	mnl_attr_put(nlh, IFLA_STATS64, 8, &counters); /* cut short */
	assert_false(vpn_netlink_stats(nlh, &stats));
}

static void address_reads_back(const struct vpn_address_info *want)
{
	struct vpn_address_info address;

	assert_true(vpn_netlink_address(vpn_netlink_address_add(buf, want), &address));
	assert_true(vpn_address_same(&address, want));
	assert_true(address.ours);
	assert_true(vpn_netlink_address(vpn_netlink_address_del(buf, want), &address));
	assert_true(vpn_address_same(&address, want));
}

static void test_addresses_read_back(void **state)
{
	struct vpn_address_info address = { .ifindex = 7, .len = 32 };

	address.local = ip("172.16.0.1");
	address_reads_back(&address);
	address.peer = ip("172.16.0.2");
	address_reads_back(&address);
	memset(&address.peer, 0, sizeof(address.peer));
	address.local = ip("2001:db8::1");
	address.len = 64;
	address_reads_back(&address);
}

static void test_addresses_differ(void **state)
{
	struct vpn_address_info one = { .ifindex = 7, .len = 32 }, other;

	one.local = ip("172.16.0.1");
	other = one;
	other.ours = true;
	assert_true(vpn_address_same(&one, &other));
	other.peer = ip("172.16.0.2");
	assert_false(vpn_address_same(&one, &other));
	other = one;
	other.len = 31;
	assert_false(vpn_address_same(&one, &other));
	other = one;
	other.ifindex = 8;
	assert_false(vpn_address_same(&one, &other));
}

/* As the kernel tells of one that somebody else made. */
static struct nlmsghdr *address_event(uint8_t family, uint8_t len, const void *addr, size_t size)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifaddrmsg *ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));

	nlh->nlmsg_type = RTM_NEWADDR;
	ifa->ifa_family = family;
	ifa->ifa_prefixlen = len;
	ifa->ifa_index = 7;
	mnl_attr_put(nlh, IFA_ADDRESS, size, addr);
	return nlh;
}

static void test_addresses_of_others(void **state)
{
	const uint8_t octets[16] = { 0xfe, 0x80, 1 };
	struct vpn_address_info address;
	struct nlmsghdr *nlh;

	assert_true(vpn_netlink_address(address_event(AF_INET6, 64, octets, 16), &address));
	assert_false(address.ours);
	assert_false(address.tentative);
	assert_int_equal(address.len, 64);
	nlh = address_event(AF_INET6, 64, octets, 16);
	((struct ifaddrmsg *)mnl_nlmsg_get_payload(nlh))->ifa_flags = IFA_F_TENTATIVE;
	assert_true(vpn_netlink_address(nlh, &address));
	assert_true(address.tentative);
	assert_true(vpn_netlink_address(address_event(AF_INET, 24, octets, 4), &address));
	assert_false(vpn_netlink_address(address_event(AF_INET, 33, octets, 4), &address));
	assert_false(vpn_netlink_address(address_event(AF_INET, 24, octets, 16), &address));
	assert_false(vpn_netlink_address(address_event(AF_INET6, 64, octets, 5), &address));
}

/* A default route: no prefix, no interface, no gateway; in its table, after all others. */
static void test_unreachable(void **state)
{
	const struct nlmsghdr *nlh = vpn_netlink_unreachable(buf, true, AF_INET6, 1001);
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;
	uint32_t table = 0, metric = 0;

	assert_int_equal(nlh->nlmsg_type, RTM_NEWROUTE);
	assert_int_equal(rtm->rtm_family, AF_INET6);
	assert_int_equal(rtm->rtm_type, RTN_UNREACHABLE);
	assert_int_equal(rtm->rtm_protocol, RTPROT_REDIRECT);
	assert_int_equal(rtm->rtm_dst_len, 0);
	mnl_attr_for_each(attr, nlh, sizeof(*rtm))
	{
		if (mnl_attr_get_type(attr) == RTA_TABLE)
			table = mnl_attr_get_u32(attr);
		else if (mnl_attr_get_type(attr) == RTA_PRIORITY)
			metric = mnl_attr_get_u32(attr);
		else
			fail_msg("attribute %u", mnl_attr_get_type(attr));
	}
	assert_int_equal(table, 1001);
	assert_int_equal(metric, 0xff002000);
	nlh = vpn_netlink_unreachable(buf, false, AF_INET, 1001);
	assert_int_equal(nlh->nlmsg_type, RTM_DELROUTE);
}

/* A strict kernel refuses what it does not choose by. */
static void test_routes_of_a_link(void **state)
{
	const struct nlmsghdr *nlh = vpn_netlink_routes_dump(buf, AF_INET6, 1001, 7);
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr = mnl_nlmsg_get_payload_offset(nlh, sizeof(*rtm));

	assert_int_equal(nlh->nlmsg_type, RTM_GETROUTE);
	assert_int_equal(nlh->nlmsg_flags & NLM_F_DUMP, NLM_F_DUMP);
	assert_int_equal(rtm->rtm_family, AF_INET6);
	assert_int_equal(rtm->rtm_dst_len, 0);
	assert_int_equal(mnl_attr_get_type(attr), RTA_TABLE);
	assert_int_equal(mnl_attr_get_u32(attr), 1001);
	attr = mnl_attr_next(attr);
	assert_int_equal(mnl_attr_get_type(attr), RTA_OIF);
	assert_int_equal(mnl_attr_get_u32(attr), 7);
	assert_int_equal(mnl_nlmsg_get_payload_len(nlh), sizeof(*rtm) + 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_xfrm_link),
		cmocka_unit_test(test_vrf_link),
		cmocka_unit_test(test_links_refused),
		cmocka_unit_test(test_route),
		cmocka_unit_test(test_routes_of_a_link),
		cmocka_unit_test(test_request_reads_back),
		cmocka_unit_test(test_every_kind_reads_back),
		cmocka_unit_test(test_gre_key_of_one_direction),
		cmocka_unit_test(test_probe_names_nothing),
		cmocka_unit_test(test_stats),
		cmocka_unit_test(test_addresses_read_back),
		cmocka_unit_test(test_addresses_differ),
		cmocka_unit_test(test_addresses_of_others),
		cmocka_unit_test(test_unreachable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
