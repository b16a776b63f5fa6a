// SPDX-License-Identifier: GPL-2.0-or-later
/* link: netconfd/netconf_pace.c */
/*
 * How slowly a client may take its replies, at the edges.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "netconfd/netconf_pace.h"

static void test_one_that_takes_nothing(void **state)
{
	struct netconf_pace pace = {};

	assert_true(netconf_pace_holds(&pace, 5, 1000));
	assert_true(netconf_pace_holds(&pace, 5, 1000 + NETCONF_PACE_MSEC - 1));
	assert_false(netconf_pace_holds(&pace, 5, 1000 + NETCONF_PACE_MSEC));
	assert_false(netconf_pace_holds(&pace, 5, 1000 + NETCONF_PACE_MSEC));
}

static void test_one_that_takes_too_little(void **state)
{
	struct netconf_pace pace = {};
	int64_t now = 0;

	/* a byte each second */
	while (netconf_pace_holds(&pace, now / 1000, now))
		now += 1000;
	assert_int_equal(now, NETCONF_PACE_MSEC);
}

static void test_one_that_takes_enough(void **state)
{
	struct netconf_pace pace = {};
	const int64_t step = NETCONF_PACE_MSEC - 1;

	for (uint64_t i = 0; i < 100; i++)
		assert_true(netconf_pace_holds(&pace, i * NETCONF_PACE_BYTES, i * step));
	assert_true(netconf_pace_holds(&pace, 100 * NETCONF_PACE_BYTES - 1, 100 * step));
	assert_false(netconf_pace_holds(&pace, 100 * NETCONF_PACE_BYTES - 1, 100 * step + 1));
}

static void test_one_that_took_all_may_be_silent(void **state)
{
	struct netconf_pace pace = {};

	assert_true(netconf_pace_holds(&pace, 0, 0));
	netconf_pace_done(&pace);
	assert_true(netconf_pace_holds(&pace, 1, 10 * NETCONF_PACE_MSEC));
	assert_true(netconf_pace_holds(&pace, 1, 11 * NETCONF_PACE_MSEC - 1));
	assert_false(netconf_pace_holds(&pace, 1, 11 * NETCONF_PACE_MSEC));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_that_takes_nothing),
		cmocka_unit_test(test_one_that_takes_too_little),
		cmocka_unit_test(test_one_that_takes_enough),
		cmocka_unit_test(test_one_that_took_all_may_be_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
