// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vpnd/vpn_backoff.c: pauses double up to the maximum, jitter only shortens
 * them, the limit ends them; and vpnd/vpn_peer_math.c: sizes and turns.
 */
/* link: vpnd/vpn_backoff.c vpnd/vpn_peer_math.c */
/* libs: frr */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <zebra.h>

#include "vpnd/vpn_backoff.h"
#include "vpnd/vpn_peer.h"

static void test_doubles(void **state)
{
	static const int64_t seconds[] = { 5, 10, 20, 40, 80, 160, 300, 300 };
	struct vpn_backoff backoff = {};
	size_t i;

	for (i = 0; i < array_size(seconds); i++)
		assert_int_equal(vpn_backoff_failed(&backoff, 5, 300, 0, 0), seconds[i] * 1000);
	vpn_backoff_reset(&backoff);
	assert_int_equal(vpn_backoff_failed(&backoff, 5, 300, 0, 0), 5000);
}

static void test_jitter(void **state)
{
	struct vpn_backoff backoff = {};
	int64_t pause;
	uint32_t i;

	assert_int_equal(vpn_backoff_failed(&backoff, 8, 300, 0, UINT32_MAX), 6000);
	for (i = 0; i < 1000; i++) {
		vpn_backoff_reset(&backoff);
		pause = vpn_backoff_failed(&backoff, 8, 300, 0, i * 4294967u);
		assert_in_range(pause, 6000, 8000);
	}
}

static void test_limit(void **state)
{
	struct vpn_backoff backoff = {};
	int i;

	for (i = 0; i < 19; i++)
		assert_true(vpn_backoff_failed(&backoff, 5, 300, 20, 0) > 0);
	assert_false(vpn_backoff_exhausted(&backoff, 20));
	assert_int_equal(vpn_backoff_failed(&backoff, 5, 300, 20, 0), -1);
	assert_true(vpn_backoff_exhausted(&backoff, 20));
	assert_false(vpn_backoff_exhausted(&backoff, 0)); /* 0: no limit */
	assert_false(vpn_backoff_exhausted(&backoff, 30));
}

static void test_no_overflow(void **state)
{
	struct vpn_backoff backoff = { .failures = UINT32_MAX };

	assert_int_equal(vpn_backoff_failed(&backoff, 4000000, 4000000, 0, 0), 4000000000ll);
	assert_int_equal(backoff.failures, UINT32_MAX);
	vpn_backoff_reset(&backoff);
	assert_int_equal(vpn_backoff_failed(&backoff, 300, 5, 0, 0), 5000); /* maximum wins */
}

/* The largest inner packet that fits, by building the outer one the other way round. */
static void test_inner_mtu(void **state)
{
	unsigned int path, block, inner, outer;

	/* AES-GCM-16 over IPv4: 20 + 8 + 8, ICV 16, padded to 4 */
	assert_int_equal(vpn_peer_inner_mtu(1500, 36, 16, 4), 1446);
	/* AES-CBC, HMAC-SHA-256-128: 20 + 8 + 16, ICV 16, padded to 16 */
	assert_int_equal(vpn_peer_inner_mtu(1500, 44, 16, 16), 1438);
	assert_int_equal(vpn_peer_inner_mtu(0, 36, 16, 4), 0);
	assert_int_equal(vpn_peer_inner_mtu(52, 36, 16, 4), 0);
	assert_int_equal(vpn_peer_inner_mtu(56, 36, 16, 4), 2);
	for (path = 576; path < 1600; path++) {
		for (block = 1; block <= 16; block *= 2) {
			inner = vpn_peer_inner_mtu(path, 44, 16, block);
			outer = 44 + 16 +
				(inner + 2 + MAX(block, 4u) - 1) / MAX(block, 4u) * MAX(block, 4u);
			assert_true(outer <= path);
			inner++;
			outer = 44 + 16 +
				(inner + 2 + MAX(block, 4u) - 1) / MAX(block, 4u) * MAX(block, 4u);
			assert_true(outer > path);
		}
	}
}

static void test_one_initiates(void **state)
{
	struct ipaddr a, b, c;

	str2ipaddr("10.0.0.2", &a);
	str2ipaddr("10.0.0.10", &b);
	str2ipaddr("2001:db8::1", &c);
	assert_true(vpn_peer_initiates_first(&a, &b));
	assert_false(vpn_peer_initiates_first(&b, &a));
	assert_true(vpn_peer_initiates_first(&a, &c) != vpn_peer_initiates_first(&c, &a));
}

static void test_addresses(void **state)
{
	struct vpnspi_addr wire;
	struct ipaddr addr, back;

	str2ipaddr("10.0.0.2", &addr);
	vpn_peer_to_wire(&addr, &wire);
	assert_int_equal(wire.family, AF_INET);
	assert_memory_equal(wire.octets, "\x0a\0\0\2\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	assert_true(vpn_peer_from_wire(&wire, &back));
	assert_true(ipaddr_is_same(&addr, &back));
	str2ipaddr("2001:db8::1", &addr);
	vpn_peer_to_wire(&addr, &wire);
	assert_true(vpn_peer_from_wire(&wire, &back));
	assert_true(ipaddr_is_same(&addr, &back));
	wire.family = 99;
	assert_false(vpn_peer_from_wire(&wire, &back));
	assert_int_equal(back.ipa_type, IPADDR_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_doubles),	  cmocka_unit_test(test_jitter),
		cmocka_unit_test(test_limit),	  cmocka_unit_test(test_no_overflow),
		cmocka_unit_test(test_inner_mtu), cmocka_unit_test(test_one_initiates),
		cmocka_unit_test(test_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
