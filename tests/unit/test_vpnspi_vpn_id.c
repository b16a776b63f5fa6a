// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * VPN-IDs in IKE (charon-vpnspi/vpnspi_vpn_id.c) to the octet, and which link an
 * offer is for (charon-vpnspi/vpnspi_choice.c).
 */
/* link: charon-vpnspi/vpnspi_vpn_id.c charon-vpnspi/vpnspi_choice.c */
/* libs: charon */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <library.h>

#include <cmocka.h>

#include "charon-vpnspi/vpnspi_choice.h"
#include "charon-vpnspi/vpnspi_vpn_id.h"

#define RED_ID	{ 0x00, 0xa0, 0xc9, 0, 0, 0, 1 }
#define BLUE_ID { 0x00, 0xa0, 0xc9, 0, 0, 0, 2 }

static const uint8_t red_id[VPNSPI_VPN_ID_SIZE] = RED_ID;

/* The vector of doc/developer/wire-formats.md. */
static void test_vector(void **state)
{
	static const uint8_t wire[] = { 0x01, 0x00, 0xa0, 0xc9, 0x00, 0x00, 0x00, 0x01 };
	uint8_t data[VPNSPI_VPN_ID_NOTIFY_SIZE], id[VPNSPI_VPN_ID_SIZE];
	char text[VPNSPI_VPN_ID_STRING_SIZE];

	(void)state;
	vpnspi_vpn_id_put(data, red_id);
	assert_memory_equal(data, wire, sizeof(wire));
	assert_null(vpnspi_vpn_id_get(wire, sizeof(wire), id));
	assert_memory_equal(id, red_id, sizeof(id));
	assert_string_equal(vpnspi_vpn_id_string(id, text), "00a0c9:00000001");
}

static void test_malformed(void **state)
{
	uint8_t data[16] = { VPNSPI_VPN_ID_FORMAT }, id[VPNSPI_VPN_ID_SIZE];

	(void)state;
	for (size_t size = 0; size <= sizeof(data); size++) {
		memset(id, 0x5a, sizeof(id));
		if (size == VPNSPI_VPN_ID_NOTIFY_SIZE) {
			assert_null(vpnspi_vpn_id_get(data, size, id));
			continue;
		}
		assert_non_null(vpnspi_vpn_id_get(data, size, id));
		assert_int_equal(id[0], 0x5a);
	}
	data[0] = 2;
	assert_non_null(vpnspi_vpn_id_get(data, VPNSPI_VPN_ID_NOTIFY_SIZE, id));
}

static const struct vpnspi_link red = { .child = "red", .has_vpn_id = 1, .vpn_id = RED_ID };
static const struct vpnspi_link blue = { .child = "blue", .has_vpn_id = 1, .vpn_id = BLUE_ID };
static const struct vpnspi_link plain = { .child = "plain" };
static const struct vpnspi_link other = { .child = "other" };

static const struct vpnspi_offer for_red = { .has_vpn_id = true, .vpn_id = RED_ID };
static const struct vpnspi_offer for_any = { .transport = true };

static int choose(const struct vpnspi_link *links, unsigned int count,
		  const struct vpnspi_offer *offer, bool ours)
{
	char why[VPNSPI_TEXT_SIZE] = "";
	int chosen = vpnspi_choice(links, count, offer, ours, why, sizeof(why));

	assert_int_equal(chosen < 0, why[0] != '\0');
	return chosen;
}

static void test_by_vpn_id(void **state)
{
	const struct vpnspi_link links[] = { plain, blue, red };

	(void)state;
	assert_int_equal(choose(links, 3, &for_red, true), 2);
	assert_int_equal(choose(links, 2, &for_red, true), -1); /* unknown */
	assert_int_equal(choose(links, 1, &for_red, true), -1); /* ours has none */
	assert_int_equal(choose(links, 0, &for_red, true), -1);
}

/* A peer that cannot send a VPN-ID: the link that needs none, or the only one. */
static void test_without_vpn_id(void **state)
{
	const struct vpnspi_link links[] = { red, plain, blue };
	const struct vpnspi_link two[] = { plain, other };
	const struct vpnspi_link ids[] = { red, blue };

	(void)state;
	assert_int_equal(choose(links, 3, &for_any, false), 1);
	assert_int_equal(choose(links, 1, &for_any, false), 0);
	assert_int_equal(choose(two, 2, &for_any, false), -1);
	assert_int_equal(choose(ids, 2, &for_any, false), -1);
}

/* One that could and does not has another idea of the link than we. */
static void test_peer_of_ours_without_vpn_id(void **state)
{
	const struct vpnspi_link links[] = { red, plain };

	(void)state;
	assert_int_equal(choose(links, 1, &for_any, true), -1);
	assert_int_equal(choose(links, 2, &for_any, true), 1);
}

static void test_broken(void **state)
{
	const struct vpnspi_offer broken = { .broken = "the VPN-ID is not seven octets long" };

	(void)state;
	assert_int_equal(choose(&plain, 1, &broken, true), -1);
	assert_non_null(vpnspi_choice_misfit(&plain, &broken, true));
}

static void test_misfit(void **state)
{
	const struct vpnspi_link by_vendor = { .signal = VPNSPI_SIGNAL_VENDOR_ID };

	(void)state;
	assert_null(vpnspi_choice_misfit(&red, &for_red, true));
	assert_null(vpnspi_choice_misfit(&red, &for_any, false));
	assert_null(vpnspi_choice_misfit(&plain, &for_any, true));
	assert_non_null(vpnspi_choice_misfit(&blue, &for_red, true));
	assert_non_null(vpnspi_choice_misfit(&plain, &for_red, true));
	assert_non_null(vpnspi_choice_misfit(&red, &for_any, true));
	assert_non_null(vpnspi_choice_misfit(&by_vendor, &for_any, false));
	assert_null(vpnspi_choice_misfit(&by_vendor, &for_any, true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vector),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_by_vpn_id),
		cmocka_unit_test(test_without_vpn_id),
		cmocka_unit_test(test_peer_of_ours_without_vpn_id),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_misfit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
