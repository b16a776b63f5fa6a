// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netconfd/netconf_home.c: whom libnetconf2's threads may connect to, and when.
 * A change of the configuration, a call that is wanted and a session come in each
 * order that they can come in.
 */
/* link: netconfd/netconf_home.c netconfd/netconf_plan.c netconfd/netconf_memory.c */
/* libs: frr */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <zebra.h>

#include "lib/frrevent.h"
#include "lib/sockunion.h"

#include "netconfd/netconf_config.h"
#include "netconfd/netconf_home.h"

#define NAME   "provider"
#define PERIOD 3600

struct netconf_config netconf_config[1];

static struct netconf_server server = { .address = (char *)"127.0.0.1", .port = 4335 };
static struct netconf_home home = { .name = (char *)NAME, .period = PERIOD, .attempts = 1 };
static struct event_loop *loop;

/* What libnetconf2 does each second. */
static bool may_call(void)
{
	union sockunion to = {};

	str2sockunion(server.address, &to);
	to.sin.sin_port = htons(server.port);
	return netconf_home_may_call(&to.sa);
}

static void connected(int error)
{
	union sockunion to = {};

	str2sockunion(server.address, &to);
	to.sin.sin_port = htons(server.port);
	netconf_home_called(&to.sa, error);
}

static void take_effect(void)
{
	netconf_home_configure();
	netconf_home_configuring();
	assert_true(netconf_home_configured());
}

/* The first failure is logged, by the event loop. */
static void log_failure(void)
{
	struct event event;

	assert_non_null(event_fetch(loop, &event));
	event_call(&event);
}

static void one_session(void)
{
	assert_true(may_call());
	connected(0);
	netconf_home_begins(NAME);
	assert_false(may_call());
	netconf_home_ends(NAME, NULL);
	assert_false(may_call());
}

static int begin(void **state)
{
	loop = event_master_create(NULL);
	netconf_home_init(loop);
	netconf_homes_init(netconf_config->homes);
	netconf_servers_init(home.servers);
	netconf_servers_add_tail(home.servers, &server);
	netconf_homes_add_tail(netconf_config->homes, &home);
	take_effect();
	one_session(); /* the next one is an hour away */
	return 0;
}

static int end(void **state)
{
	netconf_homes_fini(netconf_config->homes);
	netconf_servers_fini(home.servers);
	netconf_home_configure();
	event_master_free(loop);
	return 0;
}

/* A customer edge with another certificate calls to show it: a call with the old one would be the last for an hour. */
static void test_nobody_is_called_before_a_change_has_taken_effect(void **state)
{
	netconf_home_changed();
	assert_true(netconf_home_call(NAME));
	assert_false(may_call());
	netconf_home_configure();
	netconf_home_configuring();
	/* changed once more while libnetconf2 was told */
	netconf_home_changed();
	assert_true(netconf_home_configured());
	assert_false(may_call());
	take_effect();
	one_session();
}

/* libnetconf2 counts such an attempt wrongly. */
static void test_an_attempt_while_it_is_configured_is_known(void **state)
{
	netconf_home_call(NAME);
	netconf_home_configuring();
	assert_false(may_call());
	assert_false(netconf_home_configured());
	take_effect();
	one_session();
}

/* What he wants it for may have come too late for the session that is there. */
static void test_a_call_that_is_wanted_in_a_session_follows_it(void **state)
{
	netconf_home_call(NAME);
	assert_true(may_call());
	connected(0);
	netconf_home_begins(NAME);
	netconf_home_call(NAME);
	assert_false(may_call());
	netconf_home_ends(NAME, NULL);
	one_session();
}

/* The same between the connection and the session, which may have begun with old credentials. */
static void test_a_call_that_is_wanted_in_the_handshake_follows_it(void **state)
{
	netconf_home_call(NAME);
	assert_true(may_call());
	connected(0);
	netconf_home_changed();
	netconf_home_call(NAME);
	netconf_home_begins(NAME);
	take_effect();
	netconf_home_ends(NAME, NULL);
	one_session();
}

/* … and while an attempt comes to nothing: the back-off is for those that nobody wants. */
static void test_a_call_that_is_wanted_while_one_fails_follows_it(void **state)
{
	home.wait = PERIOD;
	home.maximum = PERIOD;
	netconf_home_call(NAME);
	take_effect();
	assert_true(may_call());
	netconf_home_call(NAME);
	connected(ECONNREFUSED);
	log_failure();
	assert_true(may_call());
	connected(ECONNREFUSED);
	assert_false(may_call());
	home.wait = home.maximum = 0;
	netconf_home_call(NAME);
	take_effect();
	one_session();
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_nobody_is_called_before_a_change_has_taken_effect),
		TEST(test_an_attempt_while_it_is_configured_is_known),
		TEST(test_a_call_that_is_wanted_in_a_session_follows_it),
		TEST(test_a_call_that_is_wanted_in_the_handshake_follows_it),
		TEST(test_a_call_that_is_wanted_while_one_fails_follows_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
