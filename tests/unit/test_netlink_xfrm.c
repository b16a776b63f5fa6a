// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vpnd/vpn_netlink_xfrm.c: a guard that is written reads back as itself, as its
 * relaxed form does; policies of others and malformed ones are none of ours.
 */
/* link: vpnd/vpn_netlink_xfrm.c */
/* libs: frr mnl */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <zebra.h>

#include <linux/xfrm.h>

#include <libmnl/libmnl.h>

#include "vpnd/vpn_netlink_xfrm.h"

static uint8_t buf[VPN_NETLINK_BUF] __attribute__((aligned(NLMSG_ALIGNTO)));

static struct vpn_policy_info guard(const char *src, const char *dst)
{
	struct vpn_policy_info info = { .proto = IPPROTO_GRE, .dir = XFRM_POLICY_OUT };

	assert_int_equal(str2ipaddr(src, &info.src), 0);
	assert_int_equal(str2ipaddr(dst, &info.dst), 0);
	return info;
}

static struct xfrm_userpolicy_info *policy(struct nlmsghdr *nlh)
{
	return mnl_nlmsg_get_payload(nlh);
}

static void reads_back(struct nlmsghdr *nlh, const struct vpn_policy_info *want)
{
	struct vpn_policy_info info;

	assert_true(nlh->nlmsg_len <= VPN_NETLINK_BUF);
	nlh->nlmsg_type = XFRM_MSG_NEWPOLICY;
	assert_true(vpn_netlink_policy(nlh, &info));
	assert_int_equal(info.proto, want->proto);
	assert_int_equal(info.dir, want->dir);
	assert_int_equal(ipaddr_cmp(&info.src, &want->src), 0);
	assert_int_equal(ipaddr_cmp(&info.dst, &want->dst), 0);
}

static void test_reads_back(void **state)
{
	const struct vpn_policy_info v4 = guard("192.0.2.1", "192.0.2.2");
	const struct vpn_policy_info v6 = guard("2001:db8::1", "2001:db8::2");

	reads_back(vpn_netlink_policy_add(buf, &v4), &v4);
	reads_back(vpn_netlink_policy_add(buf, &v6), &v6);
	reads_back(vpn_netlink_policy_replace(buf, &v4, true), &v4);
	reads_back(vpn_netlink_policy_replace(buf, &v4, false), &v4);
}

/* It blocks, and comes after every other. */
static void test_blocks_last(void **state)
{
	const struct vpn_policy_info info = guard("192.0.2.1", "192.0.2.2");
	struct nlmsghdr *nlh = vpn_netlink_policy_add(buf, &info);

	assert_int_equal(policy(nlh)->action, XFRM_POLICY_BLOCK);
	assert_int_equal(policy(nlh)->priority, UINT32_MAX);
	assert_int_equal(policy(nlh)->sel.prefixlen_s, 32);
	assert_int_equal(policy(nlh)->sel.prefixlen_d, 32);
	assert_int_equal(policy(nlh)->sel.user, VPN_POLICY_USER);
}

/* Relaxed it lets nothing through either: what passes needs an SA. */
static void test_relaxed_wants_esp(void **state)
{
	const struct vpn_policy_info info = guard("192.0.2.1", "192.0.2.2");
	struct nlmsghdr *nlh = vpn_netlink_policy_replace(buf, &info, true);
	const struct nlattr *attr;
	const struct xfrm_user_tmpl *template = NULL;

	mnl_attr_for_each(attr, nlh,
			  sizeof(struct xfrm_userpolicy_info)) if (mnl_attr_get_type(attr) ==
								   XFRMA_TMPL) template =
		mnl_attr_get_payload(attr);
	assert_non_null(template);
	assert_int_equal(template->id.proto, IPPROTO_ESP);
	assert_int_equal(template->optional, 0);
}

static void test_others_refused(void **state)
{
	const struct vpn_policy_info info = guard("192.0.2.1", "192.0.2.2");
	struct vpn_policy_info read;
	struct nlmsghdr *nlh;

	nlh = vpn_netlink_policy_add(buf, &info);
	policy(nlh)->sel.user = 0;
	assert_false(vpn_netlink_policy(nlh, &read));
	nlh = vpn_netlink_policy_add(buf, &info);
	policy(nlh)->sel.prefixlen_s = 24;
	assert_false(vpn_netlink_policy(nlh, &read));
	nlh = vpn_netlink_policy_add(buf, &info);
	policy(nlh)->sel.family = AF_UNIX;
	assert_false(vpn_netlink_policy(nlh, &read));
	nlh = vpn_netlink_policy_add(buf, &info);
	nlh->nlmsg_len -= 8; /* cut short */
	assert_false(vpn_netlink_policy(nlh, &read));
	assert_false(vpn_netlink_policy(vpn_netlink_policy_del(buf, &info), &read));
}

/* Removed by whom ever: ours, or everything. */
static void test_gone(void **state)
{
	const struct vpn_policy_info info = guard("192.0.2.1", "192.0.2.2");
	struct nlmsghdr *nlh = vpn_netlink_policy_del(buf, &info);
	struct xfrm_userpolicy_id *id = mnl_nlmsg_get_payload(nlh);

	assert_true(vpn_netlink_policy_gone(nlh));
	id->sel.user = 0;
	assert_false(vpn_netlink_policy_gone(nlh));
	nlh->nlmsg_type = XFRM_MSG_FLUSHPOLICY;
	assert_true(vpn_netlink_policy_gone(nlh));
	assert_false(vpn_netlink_policy_gone(vpn_netlink_policy_add(buf, &info)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_back),
		cmocka_unit_test(test_blocks_last),
		cmocka_unit_test(test_relaxed_wants_esp),
		cmocka_unit_test(test_others_refused),
		cmocka_unit_test(test_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
