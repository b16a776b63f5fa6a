// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vpnd/vpn_plugin_msg.c: messages of charon's plugin are taken whole, or not at
 * all.
 */
/* link: vpnd/vpn_plugin_msg.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "vpnd/vpn_plugin_msg.h"

static uint8_t buf[2 * VPNSPI_MESSAGE_MAX];

static size_t put(uint8_t *at, unsigned int type, const void *body, size_t size)
{
	struct vpnspi_header header = { .size = sizeof(header) + size, .type = type, .id = 7 };

	memcpy(at, &header, sizeof(header));
	memcpy(at + sizeof(header), body, size);
	return header.size;
}

static void test_two_in_a_row_by_octets(void **state)
{
	struct vpnspi_hello hello = { .magic = VPNSPI_MAGIC, .version = 1, .strongswan = "6.0.1" };
	struct vpnspi_done done = { .error = 17,
				    .text = "label 256 is received on if_id 9 already" };
	size_t first = put(buf, VPNSPI_HELLO, &hello, sizeof(hello)), used, len;
	size_t both = first + put(buf + first, VPNSPI_DONE, &done, sizeof(done));
	struct vpn_plugin_msg msg;

	(void)state;
	for (len = 0; len < first; len++)
		assert_int_equal(vpn_plugin_msg_get(buf, len, &msg, &used), 0);
	assert_int_equal(vpn_plugin_msg_get(buf, first, &msg, &used), 1);
	assert_int_equal(used, first);
	assert_string_equal(msg.body.hello.strongswan, "6.0.1");
	for (len = first; len < both; len++)
		assert_int_equal(vpn_plugin_msg_get(buf + first, len - first, &msg, &used), 0);
	assert_int_equal(vpn_plugin_msg_get(buf + first, both - first, &msg, &used), 1);
	assert_int_equal(msg.header.id, 7);
	assert_int_equal(msg.body.done.error, 17);
	assert_string_equal(msg.body.done.text, done.text);
}

static void expect_refused(unsigned int type, const void *body, size_t size)
{
	struct vpn_plugin_msg msg;
	size_t used, len = put(buf, type, body, size);

	assert_int_equal(vpn_plugin_msg_get(buf, len, &msg, &used), -1);
}

static void test_refused(void **state)
{
	struct vpnspi_hello hello = { .magic = 0x12345678 };
	struct vpnspi_peer_is peer_is = { .peer.family = AF_INET, .state = 2 };
	struct vpnspi_counters counters = { .peer.family = AF_UNIX };
	struct vpnspi_label_in in = {};
	struct vpnspi_done done = {};

	(void)state;
	expect_refused(VPNSPI_HELLO, &hello, sizeof(hello));	   /* not our magic */
	expect_refused(VPNSPI_PEER_IS, &peer_is, sizeof(peer_is)); /* no such state */
	expect_refused(VPNSPI_COUNTERS, &counters, sizeof(counters));
	expect_refused(VPNSPI_LABEL_IN, &in, sizeof(in)); /* ours to say */
	expect_refused(VPNSPI_DONE, &done, sizeof(done) - 1);
	expect_refused(VPNSPI_DONE, buf + 1000, sizeof(done) + 1);
	expect_refused(99, &done, sizeof(done));
}

/* A size that lies is refused at once, not waited for. */
static void test_size_lies(void **state)
{
	struct vpnspi_header header = { .size = UINT32_MAX, .type = VPNSPI_DONE };
	struct vpn_plugin_msg msg;
	size_t used;

	(void)state;
	assert_int_equal(vpn_plugin_msg_get((uint8_t *)&header, sizeof(header), &msg, &used), -1);
	header.size = 0;
	assert_int_equal(vpn_plugin_msg_get((uint8_t *)&header, sizeof(header), &msg, &used), -1);
}

static void test_strings_end(void **state)
{
	struct vpnspi_alert alert = {};
	struct vpnspi_link_alert link_alert;
	struct vpn_plugin_msg msg;
	size_t used, len;

	(void)state;
	memset(alert.text, 'x', sizeof(alert.text));
	len = put(buf, VPNSPI_ALERT, &alert, sizeof(alert));
	assert_int_equal(vpn_plugin_msg_get(buf, len, &msg, &used), 1);
	assert_int_equal(strlen(msg.body.alert.text), sizeof(alert.text) - 1);
	memset(&link_alert, 'x', sizeof(link_alert));
	len = put(buf, VPNSPI_LINK_ALERT, &link_alert, sizeof(link_alert));
	assert_int_equal(vpn_plugin_msg_get(buf, len, &msg, &used), 1);
	assert_int_equal(strlen(msg.body.link_alert.conn), sizeof(link_alert.conn) - 1);
	assert_int_equal(strlen(msg.body.link_alert.child), sizeof(link_alert.child) - 1);
	assert_int_equal(strlen(msg.body.link_alert.text), sizeof(link_alert.text) - 1);
}

/* Whoever knocks has an address. */
static void test_knock(void **state)
{
	struct vpnspi_knock knock = { .peer = { .family = AF_INET, .octets = { 192, 0, 2, 7 } } };
	struct vpn_plugin_msg msg;
	size_t used, len;

	(void)state;
	len = put(buf, VPNSPI_KNOCK, &knock, sizeof(knock));
	assert_int_equal(vpn_plugin_msg_get(buf, len, &msg, &used), 1);
	assert_memory_equal(&msg.body.knock, &knock, sizeof(knock));
	knock.peer.family = 0;
	len = put(buf, VPNSPI_KNOCK, &knock, sizeof(knock));
	assert_int_equal(vpn_plugin_msg_get(buf, len, &msg, &used), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_in_a_row_by_octets),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_size_lies),
		cmocka_unit_test(test_strings_end),
		cmocka_unit_test(test_knock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
