// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vpnd/vpn_nftables.c, vpnd/vpn_firewall.c: a batch is what the kernel takes,
 * message by message; each rule set ends in dropping, whatever the exceptions;
 * what does not fit is not sent.  That packets fare accordingly is shown in a
 * real kernel (tests/topotests/vpn_customer_edge).
 */
/* link: vpnd/vpn_firewall_rules.c vpnd/vpn_nftables.c */
/* libs: frr mnl */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <zebra.h>

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "vpnd/vpn_firewall.h"

static uint8_t buf[65536] __attribute__((aligned(NLMSG_ALIGNTO)));
static struct vpn_nft nft;

static void write_rules(const struct vpn_firewall *firewall)
{
	vpn_nft_begin(&nft, buf, sizeof(buf), 7);
	vpn_firewall_write(&nft, firewall, true);
	assert_true(vpn_nft_end(&nft));
}

static struct vpn_firewall plain(void)
{
	struct vpn_firewall firewall = { .interface = "wan0" };

	return firewall;
}

/* Octets anywhere in a message. */
static bool holds(const struct nlmsghdr *nlh, const void *what, size_t len)
{
	return memmem(nlh, nlh->nlmsg_len, what, len) != NULL;
}

/* Its verdict: 0 drops, 1 accepts, -1: none. */
static int verdict_of(const struct nlmsghdr *nlh)
{
	const struct nlattr *attr = NULL, *expr, *part, *data, *code;
	int verdict = -1;

	mnl_attr_for_each(attr, nlh, sizeof(struct nfgenmsg))
	{
		if (mnl_attr_get_type(attr) != NFTA_RULE_EXPRESSIONS)
			continue;
		mnl_attr_for_each_nested(expr, attr) mnl_attr_for_each_nested(part, expr)
		{
			if (mnl_attr_get_type(part) != NFTA_EXPR_DATA)
				continue;
			mnl_attr_for_each_nested(data,
						 part) if (mnl_attr_get_payload_len(data) >= 12 &&
							   mnl_attr_get_type(data) ==
								   NFTA_IMMEDIATE_DATA &&
							   mnl_attr_get_type(mnl_attr_get_payload(
								   data)) == NFTA_DATA_VERDICT)
				mnl_attr_for_each_nested(code, (const struct nlattr *)
								       mnl_attr_get_payload(data))
					verdict = ntohl(mnl_attr_get_u32(code));
		}
	}
	return verdict;
}

struct seen {
	unsigned int rules, drops;
	int last_input; /* verdict of the last rule of a chain */
	int last_forward;
};

/* Goes over all messages as the kernel does: sizes, numbers, types. */
static struct seen walk(void)
{
	const struct nlmsghdr *nlh = (const void *)buf;
	int left = nft.used;
	uint32_t seq = 7;
	struct seen seen = { .last_input = -1, .last_forward = -1 };

	assert_int_equal(nlh->nlmsg_type, NFNL_MSG_BATCH_BEGIN);
	for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
		assert_int_equal(nlh->nlmsg_seq, seq++);
		if (nlh->nlmsg_type != (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWRULE))
			continue;
		seen.rules++;
		seen.drops += verdict_of(nlh) == 0;
		if (holds(nlh, "input", sizeof("input")))
			seen.last_input = verdict_of(nlh);
		if (holds(nlh, "forward", sizeof("forward")))
			seen.last_forward = verdict_of(nlh);
	}
	assert_int_equal(left, 0);
	assert_int_equal(nft.seq, seq - 2); /* the last but the batch's end */
	return seen;
}

static void test_all_ends_in_dropping(void **state)
{
	static const enum vpn_internet modes[] = { VPN_INTERNET_NONE, VPN_INTERNET_GATEWAY,
						   VPN_INTERNET_NAT };
	struct vpn_firewall firewall = plain();

	strlcpy(firewall.vrf, "red", sizeof(firewall.vrf));
	strlcpy(firewall.slaves[0], "lan0", IFNAMSIZ);
	firewall.slave_count = 1;
	for (size_t i = 0; i < array_size(modes); i++) {
		struct seen seen;

		firewall.internet = modes[i];
		write_rules(&firewall);
		seen = walk();
		assert_int_equal(seen.last_input, 0);
		assert_int_equal(seen.last_forward, 0);
		assert_int_equal(seen.drops, 3);
	}
}

/* Exceptions are rules more, each where it belongs. */
static void test_exceptions_are_counted(void **state)
{
	struct vpn_firewall firewall = plain();
	unsigned int rules;

	write_rules(&firewall);
	rules = walk().rules;
	firewall.dhcp = true;
	write_rules(&firewall);
	assert_int_equal(walk().rules, rules + 1);
	firewall.server_count = 2;
	assert_int_equal(str2ipaddr("192.0.2.1", &firewall.servers[0]), 0);
	assert_int_equal(str2ipaddr("2001:db8::1", &firewall.servers[1]), 0);
	write_rules(&firewall);
	assert_int_equal(walk().rules, rules + 5);
}

/* As many as there may be. */
static void test_the_largest_fits(void **state)
{
	struct vpn_firewall firewall = plain();

	firewall.internet = VPN_INTERNET_GATEWAY;
	firewall.slave_count = VPN_FIREWALL_SLAVES;
	firewall.server_count = VPN_CE_SERVERS_MAX;
	for (unsigned int i = 0; i < firewall.server_count; i++)
		assert_int_equal(str2ipaddr("2001:db8::1", &firewall.servers[i]), 0);
	write_rules(&firewall);
	walk();
}

static void test_what_does_not_fit_is_not_sent(void **state)
{
	struct vpn_firewall firewall = plain();

	vpn_nft_begin(&nft, buf, 4096, 7);
	vpn_firewall_write(&nft, &firewall, true);
	assert_false(vpn_nft_end(&nft));
	assert_true(nft.used <= 4096);
}

/* No interface, no table. */
static void test_removal(void **state)
{
	const struct vpn_firewall none = {};

	write_rules(&none);
	assert_int_equal(walk().rules, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_ends_in_dropping),
		cmocka_unit_test(test_exceptions_are_counted),
		cmocka_unit_test(test_the_largest_fits),
		cmocka_unit_test(test_what_does_not_fit_is_not_sent),
		cmocka_unit_test(test_removal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
