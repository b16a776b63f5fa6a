// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vpnd/vpn_netlink_l2tp.c: tunnels and sessions that are asked for read back as
 * what was asked; the family's number is found; what is none is refused.
 */
/* link: vpnd/vpn_netlink_l2tp.c vpnd/vpn_netlink_attr.c */
/* libs: frr mnl */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <zebra.h>

#include <linux/genetlink.h>
#include <linux/l2tp.h>

#include <libmnl/libmnl.h>

#include "vpnd/vpn_netlink_l2tp.h"

#define FAMILY 33

static uint8_t buf[VPN_NETLINK_BUF] __attribute__((aligned(NLMSG_ALIGNTO)));

static const struct vpn_l2tp l2tp = {
	.tunnel_id = 1,
	.peer_tunnel_id = 2,
	.session_id = 3,
	.peer_session_id = 4,
	.cookie = { 0xa, 0xb, 0xc, 0xd },
	.cookie_len = 4,
	.peer_cookie = { 1, 2, 3, 4, 5, 6, 7, 8 },
	.peer_cookie_len = 8,
};

static struct ipaddr ip(const char *text)
{
	struct ipaddr addr;

	assert_int_equal(str2ipaddr(text, &addr), 0);
	return addr;
}

static void tunnel_reads_back(const char *local_text, const char *remote_text)
{
	const struct ipaddr local = ip(local_text), remote = ip(remote_text);
	struct nlmsghdr *nlh = vpn_netlink_l2tp_tunnel_new(buf, FAMILY, &local, &remote, &l2tp);
	struct vpn_l2tp_info info;

	assert_true(vpn_netlink_l2tp(nlh, FAMILY, &info));
	assert_int_equal(info.tunnel_id, 1);
	assert_int_equal(info.peer_tunnel_id, 2);
	assert_int_equal(info.session_id, 0);
	assert_int_equal(info.local.ipa_type, local.ipa_type);
	assert_int_equal(ipaddr_cmp(&info.local, &local), 0);
	assert_int_equal(ipaddr_cmp(&info.remote, &remote), 0);
}

static void test_tunnel_reads_back(void **state)
{
	tunnel_reads_back("192.0.2.1", "192.0.2.2");
	tunnel_reads_back("2001:db8::1", "2001:db8::2");
}

static void test_session_reads_back(void **state)
{
	struct nlmsghdr *nlh = vpn_netlink_l2tp_session_new(buf, FAMILY, "to-paris", &l2tp);
	const struct nlattr *attr;
	struct vpn_l2tp_info info;
	unsigned int cookies = 0;

	assert_true(vpn_netlink_l2tp(nlh, FAMILY, &info));
	assert_int_equal(info.tunnel_id, 1);
	assert_int_equal(info.session_id, 3);
	assert_int_equal(info.peer_session_id, 4);
	assert_string_equal(info.name, "to-paris");
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
	{
		/* the kernel expects its "peer cookie", and sends its "cookie" */
		if (mnl_attr_get_type(attr) == L2TP_ATTR_PEER_COOKIE) {
			assert_int_equal(mnl_attr_get_payload_len(attr), 4);
			assert_memory_equal(mnl_attr_get_payload(attr), l2tp.cookie, 4);
			cookies++;
		}
		if (mnl_attr_get_type(attr) == L2TP_ATTR_COOKIE) {
			assert_int_equal(mnl_attr_get_payload_len(attr), 8);
			assert_memory_equal(mnl_attr_get_payload(attr), l2tp.peer_cookie, 8);
			cookies++;
		}
	}
	assert_int_equal(cookies, 2);
}

static void test_family(void **state)
{
	struct nlmsghdr *nlh = vpn_netlink_family_get(buf, L2TP_GENL_NAME);
	uint16_t family = 0;

	assert_false(vpn_netlink_family(nlh, &family)); /* the question is no answer */
	mnl_attr_put_u16(nlh, CTRL_ATTR_FAMILY_ID, FAMILY);
	assert_true(vpn_netlink_family(nlh, &family));
	assert_int_equal(family, FAMILY);
}

static void test_others_refused(void **state)
{
	struct nlmsghdr *nlh = vpn_netlink_l2tp_tunnel_get(buf, FAMILY, 1);
	struct vpn_l2tp_info info;

	assert_true(vpn_netlink_l2tp(nlh, FAMILY, &info));
	assert_false(vpn_netlink_l2tp(nlh, FAMILY + 1, &info));
	nlh->nlmsg_len = MNL_NLMSG_HDRLEN + 2; /* cut short */
	assert_false(vpn_netlink_l2tp(nlh, FAMILY, &info));
	assert_false(vpn_netlink_l2tp(vpn_netlink_l2tp_session_dump(buf, FAMILY), FAMILY, &info));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tunnel_reads_back),
		cmocka_unit_test(test_session_reads_back),
		cmocka_unit_test(test_family),
		cmocka_unit_test(test_others_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
