// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vpnd/vpn_ifname.c: what is written on an interface reads back, nothing else
 * is taken for ours.
 */
/* link: vpnd/vpn_ifname.c */
/* libs: frr */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <zebra.h>

#include "vpnd/vpn_ifname.h"

static void expect_round_trip(const struct vpn_ifalias *alias, const char *text)
{
	struct vpn_ifalias back;
	char buf[VPN_ALIAS_SIZE];

	assert_string_equal(vpn_ifalias_write(alias, buf), text);
	assert_true(vpn_ifalias_read(buf, &back));
	assert_int_equal(back.kind, alias->kind);
	assert_string_equal(back.vrf, alias->vrf);
	assert_true(spi_label_same(&back.label, &alias->label));
	if (alias->kind == VPN_IFKIND_OUT)
		assert_true(ipaddr_is_same(&back.pe, &alias->pe));
}

static void test_round_trip(void **state)
{
	struct vpn_ifalias alias = { .kind = VPN_IFKIND_IN, .label = { 256, 16 } };

	strlcpy(alias.vrf, "red", sizeof(alias.vrf));
	expect_round_trip(&alias, "frr-vpnd in red 256/16");
	alias.kind = VPN_IFKIND_OUT;
	str2ipaddr("10.0.0.2", &alias.pe);
	alias.label = (struct spi_label){ 300, 16 };
	expect_round_trip(&alias, "frr-vpnd out red 10.0.0.2 300/16");
	str2ipaddr("2001:db8:1:2:3:4:5:6", &alias.pe);
	alias.label = (struct spi_label){ UINT32_MAX, 32 };
	memset(alias.vrf, 'v', sizeof(alias.vrf) - 1);
	expect_round_trip(&alias,
			  "frr-vpnd out vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv 2001:db8:1:2:3:4:5:6 4294967295/32");
}

static void test_not_ours(void **state)
{
	static const char *const texts[] = {
		"",
		"frr-vpnd",
		"frr-vpnd ",
		"frr-vpnd in",
		"frr-vpnd in red",
		"frr-vpnd in red ",
		"frr-vpnd in red 256",
		"frr-vpnd in red 256/",
		"frr-vpnd in red /16",
		"frr-vpnd in red 256/16 ",
		"frr-vpnd in red 256/16x",
		"frr-vpnd in red -256/16",
		"frr-vpnd in red +256/16",
		"frr-vpnd in red  256/16",
		"frr-vpnd in red 65536/16",
		"frr-vpnd in red 4294967296/32",
		"frr-vpnd in red 1/5",
		"frr-vpnd in red 1/33",
		"frr-vpnd in red 10.0.0.2 256/16",
		"frr-vpnd out red 256/16",
		"frr-vpnd out red 10.0.0.256 256/16",
		"frr-vpnd up red 256/16",
		"frr-vpnd in vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv 256/16",
		"uplink of red",
	};
	struct vpn_ifalias alias;
	size_t i;

	for (i = 0; i < array_size(texts); i++) {
		assert_false(vpn_ifalias_read(texts[i], &alias));
		assert_int_equal(alias.kind, VPN_IFKIND_NONE);
	}
}

static void test_names(void **state)
{
	uint32_t number;

	assert_int_equal(vpn_ifname_kind("vpni256", 0x10000100, &number), VPN_IFKIND_IN);
	assert_int_equal(number, 256);
	assert_int_equal(vpn_ifname_kind("vpno7", 0x20000007, &number), VPN_IFKIND_OUT);
	assert_int_equal(number, 7);
	assert_int_equal(vpn_ifname_kind("vpno7", 0x20000008, &number), VPN_IFKIND_NONE);
	assert_int_equal(vpn_ifname_kind("vpno", 0x20000000, &number), VPN_IFKIND_NONE);
	assert_int_equal(vpn_ifname_kind("vpnox", 0x20000000, &number), VPN_IFKIND_NONE);
	assert_int_equal(vpn_ifname_kind("vpno7x", 0x20000007, &number), VPN_IFKIND_NONE);
	assert_int_equal(vpn_ifname_kind("vpno4294967295", 0x1fffffff, &number), VPN_IFKIND_NONE);
	assert_int_equal(vpn_ifname_kind("eth0", 0, &number), VPN_IFKIND_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_not_ours),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
