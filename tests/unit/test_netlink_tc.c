// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vpnd/vpn_netlink_tc.c: a filter that is written reads back with its label and
 * where it leads; counters are read; each filter has a handle of its own.
 */
/* link: vpnd/vpn_netlink_tc.c vpnd/vpn_netlink_attr.c */
/* libs: frr mnl */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <zebra.h>

#include <linux/gen_stats.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_mirred.h>

#include <libmnl/libmnl.h>

#include "vpnd/vpn_netlink_tc.h"

static uint8_t buf[VPN_NETLINK_BUF] __attribute__((aligned(NLMSG_ALIGNTO)));

static struct tcmsg *tcm(struct nlmsghdr *nlh)
{
	return mnl_nlmsg_get_payload(nlh);
}

static void test_push_reads_back(void **state)
{
	const struct vpn_filter want = { VPN_FILTER_PUSH, .ifindex = 5, .label = 1048575,
					 .redirect = 9 };
	struct vpn_filter have = { VPN_FILTER_PUSH };
	struct nlmsghdr *nlh = vpn_netlink_filter_set(buf, &want);

	assert_true(nlh->nlmsg_len <= VPN_NETLINK_BUF);
	assert_int_equal(tcm(nlh)->tcm_ifindex, 5);
	assert_true(vpn_netlink_filter(nlh, &have));
	assert_int_equal(have.label, 1048575);
	assert_int_equal(have.redirect, 9);
	assert_int_equal(have.packets, 0);
}

/* The label that a pop takes off is its handle: who asks knows it. */
static void test_pop_reads_back(void **state)
{
	struct vpn_filter want = { VPN_FILTER_POP, .ifindex = 5, .label = 100, .redirect = 9 };
	struct vpn_filter have = { VPN_FILTER_POP, .label = 100 };
	struct nlmsghdr *nlh;

	for (int v6 = 0; v6 < 2; v6++) {
		want.ipv6 = v6;
		nlh = vpn_netlink_filter_set(buf, &want);
		assert_true(nlh->nlmsg_len <= VPN_NETLINK_BUF);
		assert_int_equal(tcm(nlh)->tcm_handle, 100);
		assert_true(vpn_netlink_filter(nlh, &have));
		assert_int_equal(have.label, 100);
		assert_int_equal(have.redirect, 9);
	}
}

/* Asked for and removed by the same handle, chain and priority that it was made with. */
static void test_same_filter_each_time(void **state)
{
	const struct vpn_filter filters[] = {
		{ VPN_FILTER_PUSH, .label = 16 },
		{ VPN_FILTER_SORT },
		{ VPN_FILTER_SORT, .ipv6 = true },
		{ VPN_FILTER_POP, .label = 16 },
		{ VPN_FILTER_POP, .ipv6 = true, .label = 17 },
		{ VPN_FILTER_DROP },
	};

	for (unsigned int i = 0; i < array_size(filters); i++) {
		const struct tcmsg set = *tcm(vpn_netlink_filter_set(buf, &filters[i]));
		const struct tcmsg get = *tcm(vpn_netlink_filter_get(buf, &filters[i]));
		const struct tcmsg del = *tcm(vpn_netlink_filter_del(buf, &filters[i]));

		assert_int_not_equal(set.tcm_handle, 0);
		assert_memory_equal(&set, &get, sizeof(set));
		assert_memory_equal(&set, &del, sizeof(set));
	}
}

/* An answer of the kernel's: one action with its counters. */
static struct nlmsghdr *answer(uint32_t packets, uint64_t packets64)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nlattr *options, *actions, *action, *stats;
	struct gnet_stats_basic basic = { .bytes = 1ull << 33, .packets = packets };

	nlh->nlmsg_type = RTM_NEWTFILTER;
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct tcmsg));
	mnl_attr_put_strz(nlh, TCA_KIND, "flower");
	options = mnl_attr_nest_start(nlh, TCA_OPTIONS);
	actions = mnl_attr_nest_start(nlh, TCA_FLOWER_ACT);
	action = mnl_attr_nest_start(nlh, 1);
	mnl_attr_put_strz(nlh, TCA_ACT_KIND, "mirred");
	stats = mnl_attr_nest_start(nlh, TCA_ACT_STATS);
	mnl_attr_put(nlh, TCA_STATS_BASIC, sizeof(basic), &basic);
	if (packets64)
		mnl_attr_put_u64(nlh, TCA_STATS_PKT64, packets64);
	mnl_attr_nest_end(nlh, stats);
	mnl_attr_nest_end(nlh, action);
	mnl_attr_nest_end(nlh, actions);
	mnl_attr_nest_end(nlh, options);
	return nlh;
}

static void test_counters(void **state)
{
	struct vpn_filter have = { VPN_FILTER_POP, .label = 100 };

	assert_true(vpn_netlink_filter(answer(7, 0), &have));
	assert_true(have.bytes == 1ull << 33);
	assert_int_equal(have.packets, 7);
	assert_true(vpn_netlink_filter(answer(7, 1ull << 35), &have));
	assert_true(have.packets == 1ull << 35);
}

static void test_others_refused(void **state)
{
	struct vpn_filter have = { VPN_FILTER_POP, .label = 100 };
	struct nlmsghdr *nlh = answer(7, 0);

	nlh->nlmsg_type = RTM_NEWLINK;
	assert_false(vpn_netlink_filter(nlh, &have));
	nlh = answer(7, 0);
	nlh->nlmsg_len = MNL_NLMSG_HDRLEN + 8; /* cut short */
	assert_false(vpn_netlink_filter(nlh, &have));
	nlh = vpn_netlink_clsact(buf, 5);
	nlh->nlmsg_type = RTM_NEWTFILTER; /* of a kind that is none of ours */
	assert_false(vpn_netlink_filter(nlh, &have));
	assert_int_equal(have.redirect, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_push_reads_back),	      cmocka_unit_test(test_pop_reads_back),
		cmocka_unit_test(test_same_filter_each_time), cmocka_unit_test(test_counters),
		cmocka_unit_test(test_others_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
