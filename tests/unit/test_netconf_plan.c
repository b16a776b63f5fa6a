// SPDX-License-Identifier: GPL-2.0-or-later
/* link: netconfd/netconf_plan.c */
/*
 * Whom netconfd calls home next, and when: attempts, the next server, back-off,
 * periods.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "netconfd/netconf_plan.h"

static struct netconf_plan plan_of(unsigned int servers, unsigned int attempts)
{
	return (struct netconf_plan){
		.wait = 5, .maximum = 60, .attempts = attempts, .servers = servers
	};
}

/* Each server has its attempts, a wait apart; the next one follows at once. */
static void test_attempts_and_the_next(void **state)
{
	struct netconf_plan plan = plan_of(2, 3);

	netconf_plan_failed(&plan, 1000, 0);
	assert_int_equal(plan.current, 0);
	assert_int_equal(plan.next, 6000);
	netconf_plan_failed(&plan, 6000, 0);
	assert_int_equal(plan.next, 11000);
	netconf_plan_failed(&plan, 11000, 0);
	assert_int_equal(plan.current, 1);
	assert_int_equal(plan.next, 11000);
}

/* Nobody answers: 5, 10, 20, 40, 60, 60 seconds, and never more. */
static void test_back_off(void **state)
{
	static const int64_t pauses[] = { 5000, 10000, 20000, 40000, 60000, 60000, 60000 };
	struct netconf_plan plan = plan_of(2, 1);

	for (size_t i = 0; i < sizeof(pauses) / sizeof(pauses[0]); i++) {
		netconf_plan_failed(&plan, 0, 0);
		assert_int_equal(plan.current, 1);
		assert_int_equal(plan.next, 0);
		netconf_plan_failed(&plan, 0, 0);
		assert_int_equal(plan.current, 0);
		assert_int_equal(plan.next, pauses[i]);
	}
	plan.failed = UINT32_MAX - 1;
	netconf_plan_failed(&plan, 0, 0);
	netconf_plan_failed(&plan, 0, 0);
	assert_int_equal(plan.failed, UINT32_MAX);
}

/* Chance takes up to a quarter away, and adds nothing. */
static void test_spread(void **state)
{
	for (uint32_t random = 0; random < 5000; random += 7) {
		struct netconf_plan plan = plan_of(1, 1);

		netconf_plan_failed(&plan, 0, random);
		assert_in_range(plan.next, 3750, 5000);
	}
}

/* A wait that is longer than the maximum stays as it is. */
static void test_a_maximum_below_the_wait(void **state)
{
	struct netconf_plan plan = plan_of(1, 1);

	plan.wait = 100;
	for (int i = 0; i < 3; i++) {
		netconf_plan_failed(&plan, 0, 0);
		assert_int_equal(plan.next, 100000);
	}
}

/* A session that ends ends the back-off; the first of the list is called again, or the last that answered. */
static void test_connected(void **state)
{
	struct netconf_plan plan = plan_of(2, 1);

	netconf_plan_failed(&plan, 0, 0);
	netconf_plan_connected(&plan, 1000);
	netconf_plan_ended(&plan, 2000);
	assert_int_equal(plan.failed, 0);
	assert_int_equal(plan.current, 0);
	assert_int_equal(plan.next, 6000);
	plan.last_connected = true;
	plan.current = 1;
	netconf_plan_ended(&plan, 90000);
	assert_int_equal(plan.current, 1);
	assert_int_equal(plan.next, 90000);
}

/* A period counts from where the call began, and not twice if the call was longer. */
static void test_period(void **state)
{
	struct netconf_plan plan = plan_of(1, 1);

	plan.period = 100;
	netconf_plan_connected(&plan, 5000);
	netconf_plan_ended(&plan, 6000);
	assert_int_equal(plan.next, 105000);
	netconf_plan_ended(&plan, 300000);
	assert_int_equal(plan.next, 300000);
	netconf_plan_ended(&plan, 6000);
	netconf_plan_hurry(&plan, 7000);
	assert_int_equal(plan.next, 7000);
}

/* Wanted while there is a session, a call follows a wait after that began; wanted while an attempt fails, at once. */
static void test_wanted_meanwhile(void **state)
{
	struct netconf_plan plan = plan_of(1, 1);

	plan.period = 3600;
	netconf_plan_calls(&plan);
	netconf_plan_connected(&plan, 1000);
	netconf_plan_hurry(&plan, 2000);
	netconf_plan_ended(&plan, 3000);
	assert_int_equal(plan.next, 6000);
	netconf_plan_calls(&plan);
	netconf_plan_hurry(&plan, 6500);
	netconf_plan_failed(&plan, 7000, 0);
	assert_int_equal(plan.next, 7000);
	netconf_plan_calls(&plan);
	netconf_plan_failed(&plan, 8000, 0);
	assert_int_equal(plan.next, 18000);
	netconf_plan_calls(&plan);
	netconf_plan_connected(&plan, 18000);
	netconf_plan_ended(&plan, 19000);
	assert_int_equal(plan.next, 3618000);
}

/* Servers that answer, and whose sessions break off: the next one at once, but ever later when all do. */
static void test_sessions_that_break_off(void **state)
{
	static const int64_t pauses[] = { 5000, 10000, 20000 };
	struct netconf_plan plan = plan_of(2, 1);

	plan.period = 3600;
	for (size_t i = 0; i < sizeof(pauses) / sizeof(pauses[0]); i++) {
		netconf_plan_connected(&plan, 0);
		netconf_plan_failed(&plan, 0, 0);
		assert_int_equal(plan.current, 1);
		assert_int_equal(plan.next, 0);
		netconf_plan_connected(&plan, 0);
		netconf_plan_failed(&plan, 0, 0);
		assert_int_equal(plan.current, 0);
		assert_int_equal(plan.next, pauses[i]);
	}
	netconf_plan_connected(&plan, 1000);
	netconf_plan_ended(&plan, 2000);
	assert_int_equal(plan.next, 3601000);
	assert_int_equal(plan.failed, 0);
}

/* Without servers nothing is divided by their number. */
static void test_no_servers(void **state)
{
	struct netconf_plan plan = plan_of(0, 1);

	netconf_plan_failed(&plan, 0, 0);
	assert_int_equal(plan.current, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_attempts_and_the_next),
		cmocka_unit_test(test_back_off),
		cmocka_unit_test(test_spread),
		cmocka_unit_test(test_a_maximum_below_the_wait),
		cmocka_unit_test(test_connected),
		cmocka_unit_test(test_period),
		cmocka_unit_test(test_wanted_meanwhile),
		cmocka_unit_test(test_sessions_that_break_off),
		cmocka_unit_test(test_no_servers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
