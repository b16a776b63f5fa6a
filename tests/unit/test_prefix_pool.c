// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The pool of SPI prefixes: no two overlap, a peer always gets its share, what
 * was released comes last.
 */
/* link: charon-vpnspi/vpnspi_prefix.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "charon-vpnspi/vpnspi_prefix.h"

static struct vpnspi_addr peer_number(uint32_t number)
{
	struct vpnspi_addr peer = { .family = AF_INET, .octets = { 10 } };

	peer.octets[1] = number >> 16;
	peer.octets[2] = number >> 8 & 0xff;
	peer.octets[3] = number & 0xff;
	return peer;
}

static bool take(struct vpnspi_pool *pool, uint32_t number, struct vpn_spi_prefix *prefix)
{
	struct vpnspi_addr peer = peer_number(number);
	char reason[256] = "";
	bool taken = vpnspi_pool_take(pool, &peer, prefix, reason, sizeof(reason));

	assert_int_equal(taken, !*reason);
	return taken;
}

static bool overlap(const struct vpn_spi_prefix *a, const struct vpn_spi_prefix *b)
{
	uint8_t len = a->len < b->len ? a->len : b->len;

	return !((a->bits ^ b->bits) & vpn_spi_prefix_mask(len));
}

static void none_overlap(const struct vpn_spi_prefix *prefixes, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		assert_true(prefixes[i].bits & VPN_SPI_TOP_BIT);
		assert_int_equal(prefixes[i].bits & ~vpn_spi_prefix_mask(prefixes[i].len), 0);
		for (unsigned int j = 0; j < i; j++)
			assert_false(overlap(&prefixes[i], &prefixes[j]));
	}
}

/* Seven bits are 64 prefixes, four for each of 16 peers; the 17th is told. */
static void test_share(void **state)
{
	struct vpnspi_pool *pool = vpnspi_pool_create(12345);
	struct vpn_spi_prefix prefixes[64];
	struct vpnspi_addr peer = peer_number(99);
	unsigned int count = 0;
	char reason[256];

	(void)state;
	vpnspi_pool_set_len(pool, 7);
	for (uint32_t number = 0; number < 16; number++)
		assert_true(take(pool, number, &prefixes[count++]));
	assert_false(vpnspi_pool_take(pool, &peer, &prefixes[63], reason, sizeof(reason)));
	assert_non_null(strstr(reason, "enough for 16 peers"));
	for (uint32_t number = 0; number < 16; number++)
		for (int more = 0; more < 3; more++)
			assert_true(take(pool, number, &prefixes[count++]));
	assert_int_equal(count, 64);
	none_overlap(prefixes, count);
	assert_false(take(pool, 0, &prefixes[63]));
	assert_int_equal(vpnspi_pool_count(pool, NULL), 64);
	peer = peer_number(3);
	assert_int_equal(vpnspi_pool_count(pool, &peer), 4);
	vpnspi_pool_destroy(pool);
}

/* One peer may have more than its share, but not that of others. */
static void test_greedy_peer(void **state)
{
	struct vpnspi_pool *pool = vpnspi_pool_create(0);
	struct vpn_spi_prefix prefix;
	unsigned int got = 0;

	(void)state;
	vpnspi_pool_set_len(pool, 7);
	assert_true(take(pool, 1, &prefix));
	while (take(pool, 2, &prefix))
		got++;
	assert_int_equal(got, 60);
	for (int more = 0; more < 3; more++)
		assert_true(take(pool, 1, &prefix));
	assert_false(take(pool, 1, &prefix));
	vpnspi_pool_destroy(pool);
}

static void test_released_comes_last(void **state)
{
	struct vpnspi_pool *pool = vpnspi_pool_create(77);
	struct vpn_spi_prefix first, next;

	(void)state;
	vpnspi_pool_set_len(pool, 10);
	assert_true(take(pool, 1, &first));
	assert_true(vpnspi_pool_release(pool, &first));
	assert_false(vpnspi_pool_release(pool, &first));
	for (int i = 0; i < 511; i++) {
		assert_true(take(pool, 1, &next));
		assert_int_not_equal(next.bits, first.bits);
		assert_true(vpnspi_pool_release(pool, &next));
	}
	assert_true(take(pool, 1, &next));
	assert_int_equal(next.bits, first.bits);
	assert_int_equal(vpnspi_pool_count(pool, NULL), 1);
	vpnspi_pool_destroy(pool);
}

/* A share is given back with the last prefix. */
static void test_peer_leaves(void **state)
{
	struct vpnspi_pool *pool = vpnspi_pool_create(0);
	struct vpn_spi_prefix prefix[17];

	(void)state;
	vpnspi_pool_set_len(pool, 7);
	for (uint32_t number = 0; number < 16; number++)
		assert_true(take(pool, number, &prefix[number]));
	assert_false(take(pool, 16, &prefix[16]));
	assert_true(vpnspi_pool_release(pool, &prefix[5]));
	assert_true(take(pool, 16, &prefix[16]));
	vpnspi_pool_destroy(pool);
}

/* After a change of length the old prefixes and the new do not overlap. */
static void test_lengths_side_by_side(void **state)
{
	struct vpnspi_pool *pool = vpnspi_pool_create(0);
	struct vpn_spi_prefix prefixes[60];
	unsigned int count = 0;

	(void)state;
	vpnspi_pool_set_len(pool, 7);
	while (count < 20)
		assert_true(take(pool, count / 4, &prefixes[count])), count++;
	vpnspi_pool_set_len(pool, 26);
	while (count < 40)
		assert_true(take(pool, count / 4, &prefixes[count])), count++;
	vpnspi_pool_set_len(pool, 8);
	while (count < 60)
		assert_true(take(pool, count / 4, &prefixes[count])), count++;
	none_overlap(prefixes, count);
	vpnspi_pool_destroy(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_share),
		cmocka_unit_test(test_greedy_peer),
		cmocka_unit_test(test_released_comes_last),
		cmocka_unit_test(test_peer_leaves),
		cmocka_unit_test(test_lengths_side_by_side),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
