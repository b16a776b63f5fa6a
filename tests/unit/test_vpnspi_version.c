// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which strongSwan is this? (charon-vpnspi/vpnspi_version.c)
 */
/* link: charon-vpnspi/vpnspi_version.c */
/* libs: strongswan */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "charon-vpnspi/vpnspi_version.h"

static bool find(const char *text, size_t size, char *version)
{
	return vpnspi_version_find((const uint8_t *)text, size, version, 32);
}

static void test_find(void **state)
{
	static const char text[] = "x\0strongSwan\0strongSwan swanctl\0Starting charon-systemd IKE "
				   "daemon (strongSwan 6.0.1, %s %s, %s)\0strongSwan 9.9";
	char version[32] = "";

	(void)state;
	assert_true(find(text, sizeof(text), version));
	assert_string_equal(version, "6.0.1");
	assert_true(find("strongSwan 6.0.2dr3 ", 20, version));
	assert_string_equal(version, "6.0.2dr3");
	assert_false(find("strongSwan ", 11, version));
	assert_false(find("strongSwa", 9, version));
	assert_false(find("", 0, version));
	/* the text may end within the version */
	assert_true(find("strongSwan 6.0.1", 14, version));
	assert_string_equal(version, "6.0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
