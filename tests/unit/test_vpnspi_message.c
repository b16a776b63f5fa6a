// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The parser of vpnd's requests (charon-vpnspi/vpnspi_message.c).
 */
/* link: charon-vpnspi/vpnspi_message.c */
/* libs: strongswan */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <library.h>

#include <cmocka.h>

#include "charon-vpnspi/vpnspi_labels.h"
#include "charon-vpnspi/vpnspi_message.h"

struct message {
	struct vpnspi_header header;
	union {
		struct vpnspi_config config;
		struct vpnspi_label_in in;
		struct vpnspi_label_out out;
		struct vpnspi_link link;
		struct vpnspi_spoke spoke;
	};
};

static struct message make(enum vpnspi_type type)
{
	struct message message = { .header = { .type = type, .id = 42 } };

	message.header.size = sizeof(message.header) + vpnspi_body_size(type);
	return message;
}

static int parse(const struct message *message, size_t size, struct vpnspi_request *request)
{
	const char *broken = NULL;
	int took = vpnspi_message_parse((const uint8_t *)message, size, request, &broken);

	assert_int_equal(took < 0, broken != NULL);
	return took;
}

/* Parses a whole message that must be taken; why it makes no sense, or NULL. */
static const char *refusal(const struct message *message)
{
	struct vpnspi_request request;

	assert_int_equal(parse(message, message->header.size, &request), message->header.size);
	assert_int_equal(request.type, message->header.type);
	assert_int_equal(request.id, 42);
	return request.refused;
}

/* Octet by octet: nothing is taken before the last. */
static void test_piecemeal(void **state)
{
	struct message message = make(VPNSPI_LABEL_IN);
	struct vpnspi_request request;

	(void)state;
	message.in = (struct vpnspi_label_in){ 300, 101 };
	for (size_t size = 0; size < message.header.size; size++)
		assert_int_equal(parse(&message, size, &request), 0);
	assert_int_equal(parse(&message, sizeof(message), &request), message.header.size);
	assert_int_equal(request.in.label, 300);
	assert_int_equal(request.in.if_id, 101);
	assert_null(request.refused);
}

static void test_all_types(void **state)
{
	(void)state;
	for (unsigned int type = 0; type < 256; type++) {
		struct message message = make(type);
		struct vpnspi_request request;
		bool ours = type >= VPNSPI_CONFIG && type <= VPNSPI_SPOKE_DEL;

		assert_int_equal(parse(&message, sizeof(message), &request),
				 ours ? (int)message.header.size : -1);
		message.header.size++;
		assert_int_equal(parse(&message, sizeof(message), &request), -1);
		message.header.size = 0xffffffff;
		assert_int_equal(parse(&message, sizeof(message), &request), -1);
	}
}

static void test_config(void **state)
{
	struct message message = make(VPNSPI_CONFIG);

	(void)state;
	assert_null(refusal(&message)); /* no provider edge */
	message.config.local.family = AF_INET;
	for (unsigned int len = 0; len < 256; len++) {
		message.config.prefix_len = len;
		assert_int_equal(!refusal(&message), len >= 7 && len <= 26);
	}
	message.config.prefix_len = 16;
	message.config.local.family = 99;
	assert_non_null(refusal(&message));
}

/* What is behind an IPv4 address must not make two addresses of one. */
static void test_addresses_are_trimmed(void **state)
{
	struct message message = make(VPNSPI_LABEL_OUT);
	struct vpnspi_request request;

	(void)state;
	message.out = (struct vpnspi_label_out){ .label = 300, .if_id = 1, .label_len = 16 };
	message.out.peer.family = AF_INET;
	message.out.peer.reserved = 7;
	memset(message.out.peer.octets, 0xff, sizeof(message.out.peer.octets));
	parse(&message, message.header.size, &request);
	assert_int_equal(request.out.peer.octets[3], 0xff);
	assert_int_equal(request.out.peer.octets[4], 0);
	assert_int_equal(request.out.peer.reserved, 0);
	message.out.peer.family = AF_INET6;
	parse(&message, message.header.size, &request);
	assert_int_equal(request.out.peer.octets[15], 0xff);
}

static const char *refusal_out(uint32_t label, uint8_t len, uint32_t if_id)
{
	struct message message = make(VPNSPI_LABEL_OUT);

	message.out = (struct vpnspi_label_out){ .label = label, .if_id = if_id, .label_len = len };
	message.out.peer.family = AF_INET;
	return refusal(&message);
}

static void test_labels(void **state)
{
	struct message message = make(VPNSPI_LABEL_IN);

	(void)state;
	message.in.if_id = 0;
	assert_non_null(refusal(&message));
	message.in.if_id = VPNSPI_IF_ID_PARKED;
	assert_non_null(refusal(&message));
	assert_null(refusal_out(300, 16, 1));
	assert_null(refusal_out(0, 16, 1));
	assert_null(refusal_out(63, 6, 1));
	assert_null(refusal_out(256, 32, 1));
	assert_non_null(refusal_out(255, 32, 1));
	assert_non_null(refusal_out(64, 6, 1));
	assert_non_null(refusal_out(3, 5, 1));
	assert_non_null(refusal_out(3, 33, 1));
	assert_non_null(refusal_out(3, 0, 1));
	assert_non_null(refusal_out(300, 16, 0));
}

static struct message make_link(enum vpnspi_type type)
{
	struct message message = make(type);

	message.link = (struct vpnspi_link){ .conn = "vpnd-link-192.0.2.2",
					     .child = "red",
					     .if_id = 0x30000001,
					     .has_vpn_id = 1,
					     .vpn_id = { 0, 0xa0, 0xc9, 0, 0, 0, 1 },
					     .signal = VPNSPI_SIGNAL_TRANSPORT };
	return message;
}

static void test_links(void **state)
{
	struct message message = make_link(VPNSPI_LINK_DEL);

	(void)state;
	assert_null(refusal(&message));
	message = make_link(VPNSPI_LINK);
	assert_null(refusal(&message));
	message.link.signal = VPNSPI_SIGNAL_VENDOR_ID + 1;
	assert_non_null(refusal(&message));
	message = make_link(VPNSPI_LINK);
	message.link.has_vpn_id = 2;
	assert_non_null(refusal(&message));
	message = make_link(VPNSPI_LINK);
	message.link.if_id = 0;
	assert_non_null(refusal(&message));
}

/* Names that do not end, are empty, or of connections that are not a link's. */
static void test_link_names(void **state)
{
	struct message message = make_link(VPNSPI_LINK);

	(void)state;
	memset(message.link.conn + 10, 'x', sizeof(message.link.conn) - 10);
	assert_non_null(refusal(&message));
	message.link.conn[sizeof(message.link.conn) - 1] = '\0';
	assert_null(refusal(&message));
	strcpy(message.link.conn, "vpnd-pe-192.0.2.2");
	assert_non_null(refusal(&message));
	message = make_link(VPNSPI_LINK);
	message.link.child[0] = '\0';
	assert_non_null(refusal(&message));
	memset(message.link.child, 'x', sizeof(message.link.child));
	assert_non_null(refusal(&message));
}

static void test_spokes(void **state)
{
	struct message message = make_link(VPNSPI_LINK);

	(void)state;
	message.link.spokes = VPNSPI_SPOKES_MAX;
	assert_null(refusal(&message));
	message.link.spokes++;
	assert_non_null(refusal(&message));
	message = make(VPNSPI_SPOKE);
	strcpy(message.spoke.conn, "vpnd-link-any-01234567");
	strcpy(message.spoke.child, "hub");
	strcpy(message.spoke.identity, "ce1.example");
	assert_non_null(refusal(&message)); /* number 0 */
	message.spoke.number = VPNSPI_SPOKES_MAX + 1;
	assert_non_null(refusal(&message));
	message.spoke.number = 1;
	assert_null(refusal(&message));
	memset(message.spoke.identity, 'x', sizeof(message.spoke.identity));
	assert_non_null(refusal(&message));
	message.spoke.identity[0] = '\0';
	assert_non_null(refusal(&message));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_piecemeal),  cmocka_unit_test(test_all_types),
		cmocka_unit_test(test_config),	   cmocka_unit_test(test_addresses_are_trimmed),
		cmocka_unit_test(test_labels),	   cmocka_unit_test(test_links),
		cmocka_unit_test(test_link_names), cmocka_unit_test(test_spokes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
