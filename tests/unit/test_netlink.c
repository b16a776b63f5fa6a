// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vpnd/vpn_netlink.c: links and routes are read from messages as the kernel
 * builds them, malformed ones are refused, and a request to make an interface
 * reads back as the interface that was asked for.
 */
/* link: vpnd/vpn_netlink.c */
/* libs: frr mnl */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <zebra.h>

#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <libmnl/libmnl.h>

#include "vpnd/vpn_netlink.h"

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
	mnl_attr_put_u32(nlh, RTA_OIF, 3);
	assert_true(vpn_netlink_route(nlh, &route));
	assert_int_equal(route.type, RTN_UNICAST);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_xfrm_link),	   cmocka_unit_test(test_vrf_link),
		cmocka_unit_test(test_links_refused),	   cmocka_unit_test(test_route),
		cmocka_unit_test(test_request_reads_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
