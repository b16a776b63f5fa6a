// SPDX-License-Identifier: GPL-2.0-or-later
/* vpnd/vpn_id.c: VPN-IDs and cookies as text, and what is none. */
/* link: vpnd/vpn_id.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "vpnd/vpn_id.h"

static void test_vpn_id(void **state)
{
	static const uint8_t expected[VPN_ID_SIZE] = { 0x00, 0xa0, 0xc9, 0x00, 0x00, 0x00, 0x01 };
	uint8_t id[VPN_ID_SIZE];
	char buf[VPN_ID_STR_SIZE];

	assert_true(vpn_id_parse("00a0c9:00000001", id));
	assert_memory_equal(id, expected, sizeof(id));
	assert_string_equal(vpn_id_str(id, buf), "00a0c9:00000001");
	assert_true(vpn_id_parse("FFEEDD:CCBBAA99", id));
	assert_string_equal(vpn_id_str(id, buf), "ffeedd:ccbbaa99");
}

static void test_no_vpn_id(void **state)
{
	static const char *const texts[] = {
		"",
		":",
		"00a0c9",
		"00a0c9:",
		"00a0c9:0000000",
		"00a0c9:000000010",
		"0a0c9:00000001",
		"00a0c9-00000001",
		"00a0c900000001",
		"00a0cg:00000001",
		"00a0c9:0000000g",
		" 00a0c9:00000001",
		"00a0c9:00000001 ",
		"000a0c9:0000001",
	};
	static const uint8_t zeros[VPN_ID_SIZE];
	uint8_t id[VPN_ID_SIZE];

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		memset(id, 0xff, sizeof(id));
		if (vpn_id_parse(texts[i], id))
			fail_msg("\"%s\" is a VPN-ID", texts[i]);
		assert_memory_equal(id, zeros, sizeof(id));
	}
}

static void test_cookie(void **state)
{
	static const uint8_t four[VPN_COOKIE_SIZE] = { 0x0b, 0xad, 0xca, 0xfe };
	static const uint8_t eight[VPN_COOKIE_SIZE] = { 0x0b, 0xad, 0xca, 0xfe,
							0x01, 0x23, 0x45, 0x67 };
	uint8_t cookie[VPN_COOKIE_SIZE];

	memset(cookie, 0xff, sizeof(cookie));
	assert_int_equal(vpn_cookie_parse("0badcafe", cookie), 4);
	assert_memory_equal(cookie, four, sizeof(cookie));
	assert_int_equal(vpn_cookie_parse("0BADCAFE01234567", cookie), 8);
	assert_memory_equal(cookie, eight, sizeof(cookie));
}

static void test_no_cookie(void **state)
{
	static const char *const texts[] = {
		"",
		"0badcaf",
		"0badcafe0",
		"0badcafe012345",
		"0badcafe0123456",
		"0badcafe012345678",
		"0badcafg",
		"0badcafe0123456g",
		"0x0badca",
	};
	static const uint8_t zeros[VPN_COOKIE_SIZE];
	uint8_t cookie[VPN_COOKIE_SIZE];

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		memset(cookie, 0xff, sizeof(cookie));
		if (vpn_cookie_parse(texts[i], cookie))
			fail_msg("\"%s\" is a cookie", texts[i]);
		assert_memory_equal(cookie, zeros, sizeof(cookie));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vpn_id),
		cmocka_unit_test(test_no_vpn_id),
		cmocka_unit_test(test_cookie),
		cmocka_unit_test(test_no_cookie),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
