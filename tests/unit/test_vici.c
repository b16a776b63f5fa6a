// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vpnd/vici.c: what is written reads back, nothing malformed is taken, and
 * reading takes time in proportion to the octets.
 */
/* link: vpnd/vici.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "vpnd/vici.h"

/* The example of the protocol's description. */
static const uint8_t example[] = {
	3,   4,	  'k', 'e', 'y', '1', 0,   6,	'v', 'a', 'l', 'u', 'e', '1', 1,   8,
	's', 'e', 'c', 't', 'i', 'o', 'n', '1', 1,   11,  's', 'u', 'b', '-', 's', 'e',
	'c', 't', 'i', 'o', 'n', 3,   4,   'k', 'e', 'y', '2', 0,   6,	 'v', 'a', 'l',
	'u', 'e', '2', 2,   4,	 5,   'l', 'i', 's', 't', '1', 5,   0,	 5,   'i', 't',
	'e', 'm', '1', 5,   0,	 5,   'i', 't', 'e', 'm', '2', 6,   2,
};

static void put_example(struct vici_buf *buf)
{
	vici_put(buf, "key1", "value1");
	vici_section(buf, "section1");
	vici_section(buf, "sub-section");
	vici_put(buf, "key2", "value2");
	vici_section_end(buf);
	vici_list(buf, "list1");
	vici_item(buf, "item1");
	vici_item(buf, "item2");
	vici_list_end(buf);
	vici_section_end(buf);
}

static void test_write_example(void **state)
{
	struct vici_buf buf = {};
	size_t header = 4 + 1 + 1 + 4;

	(void)state;
	vici_begin(&buf, VICI_CMD_REQUEST, "name");
	put_example(&buf);
	assert_true(vici_finish(&buf));
	assert_int_equal(buf.len, header + sizeof(example));
	assert_memory_equal(buf.data, "\0\0\0", 3);
	assert_int_equal(buf.data[3], buf.len - 4);
	assert_memory_equal(buf.data + 4, "\0\4name", 6);
	assert_memory_equal(buf.data + header, example, sizeof(example));
	vici_buf_free(&buf);
}

static void expect(struct vici_reader *reader, enum vici_element_type type, const char *name,
		   const char *value)
{
	struct vici_element element;

	assert_int_equal(vici_next(reader, &element), 1);
	assert_int_equal(element.type, type);
	assert_true(vici_blob_is(&element.name, name));
	assert_true(vici_blob_is(&element.value, value));
}

static void test_read_example(void **state)
{
	struct vici_blob message = { example, sizeof(example) };
	struct vici_element element;
	struct vici_reader reader;

	(void)state;
	vici_reader_init(&reader, &message);
	expect(&reader, VICI_KEY_VALUE, "key1", "value1");
	expect(&reader, VICI_SECTION_START, "section1", "");
	expect(&reader, VICI_SECTION_START, "sub-section", "");
	expect(&reader, VICI_KEY_VALUE, "key2", "value2");
	expect(&reader, VICI_SECTION_END, "", "");
	expect(&reader, VICI_LIST_START, "list1", "");
	expect(&reader, VICI_LIST_ITEM, "", "item1");
	expect(&reader, VICI_LIST_ITEM, "", "item2");
	expect(&reader, VICI_LIST_END, "", "");
	expect(&reader, VICI_SECTION_END, "", "");
	assert_int_equal(vici_next(&reader, &element), 0);
	assert_int_equal(vici_next(&reader, &element), 0);
}

/* Every proper prefix of a message is malformed or stops at an element's border. */
static void test_truncated(void **state)
{
	struct vici_element element;
	struct vici_reader reader;
	size_t len;
	int ret;

	(void)state;
	for (len = 15; len < sizeof(example); len++) {
		struct vici_blob message = { example, len };

		vici_reader_init(&reader, &message);
		while ((ret = vici_next(&reader, &element)) > 0)
			;
		assert_int_equal(ret, -1);
	}
}

static void expect_malformed(const void *octets, size_t len)
{
	struct vici_blob message = { octets, len };
	struct vici_element element;
	struct vici_reader reader;
	int ret;

	vici_reader_init(&reader, &message);
	while ((ret = vici_next(&reader, &element)) > 0)
		;
	assert_int_equal(ret, -1);
}

static void test_malformed(void **state)
{
	uint8_t deep[3 * (VICI_DEPTH_MAX + 1)];
	size_t i;

	(void)state;
	expect_malformed("\2", 1);		   /* end without start */
	expect_malformed("\1\1a", 3);		   /* start without end */
	expect_malformed("\5\0\1a", 4);		   /* item outside a list */
	expect_malformed("\4\1a\3\1k\0\1v\6", 10); /* key in a list */
	expect_malformed("\4\1a\1\1s\2\6", 8);	   /* section in a list */
	expect_malformed("\4\1a\4\1b\6\6", 8);	   /* list in a list */
	expect_malformed("\4\1a", 3);		   /* list without end */
	expect_malformed("\0", 1);		   /* no such element */
	expect_malformed("\7", 1);		   /* no such element */
	expect_malformed("\3\1k\xff\xffv", 6);	   /* value longer than the message */
	expect_malformed("\3\xffk\0\1v", 6);	   /* name longer than the message */
	for (i = 0; i < sizeof(deep); i += 3)
		memcpy(deep + i, "\1\1s", 3);
	expect_malformed(deep, sizeof(deep));
}

static void test_segments(void **state)
{
	const uint8_t stream[] = { 0, 0, 0, 2, 5, 6, 0, 0, 0, 1, 1, 0, 8 };
	const uint8_t huge[] = { 0x00, 0x08, 0x00, 0x01 };
	struct vici_blob packet;
	size_t used;

	(void)state;
	assert_int_equal(vici_segment(stream, 3, &packet, &used), 0);
	assert_int_equal(vici_segment(stream, 5, &packet, &used), 0);
	assert_int_equal(vici_segment(stream, sizeof(stream), &packet, &used), 1);
	assert_int_equal(used, 6);
	assert_int_equal(packet.len, 2);
	assert_int_equal(vici_segment(stream + 6, sizeof(stream) - 6, &packet, &used), 1);
	assert_int_equal(used, 5);
	assert_int_equal(vici_segment(stream + 11, 2, &packet, &used), 0);
	assert_int_equal(vici_segment(huge, sizeof(huge), &packet, &used), -1);
}

static void test_packets(void **state)
{
	struct vici_packet packet;
	struct vici_blob event = { (const uint8_t *)"\7\3abcxyz", 8 };
	struct vici_blob response = { (const uint8_t *)"\1rest", 5 };
	struct vici_blob unknown = { (const uint8_t *)"\10", 1 };
	struct vici_blob cut = { (const uint8_t *)"\7\5abc", 5 };
	struct vici_blob empty = { (const uint8_t *)"", 0 };

	(void)state;
	assert_true(vici_packet_parse(&event, &packet));
	assert_int_equal(packet.type, VICI_EVENT);
	assert_true(vici_blob_is(&packet.name, "abc"));
	assert_true(vici_blob_is(&packet.message, "xyz"));
	assert_true(vici_packet_parse(&response, &packet));
	assert_int_equal(packet.type, VICI_CMD_RESPONSE);
	assert_true(vici_blob_is(&packet.message, "rest"));
	assert_false(vici_packet_parse(&unknown, &packet));
	assert_false(vici_packet_parse(&cut, &packet));
	assert_false(vici_packet_parse(&empty, &packet));
}

static void test_limits(void **state)
{
	char *big = malloc(70000);
	struct vici_buf buf = {};
	int i;

	(void)state;
	memset(big, 'x', 69999);
	big[69999] = '\0';
	vici_begin(&buf, VICI_CMD_REQUEST, "name");
	vici_put(&buf, "key", big); /* a value has 16 bits of length */
	assert_false(vici_finish(&buf));
	big[300] = '\0';
	vici_begin(&buf, VICI_CMD_REQUEST, "name");
	vici_put(&buf, big, "value"); /* a name has 8 */
	assert_false(vici_finish(&buf));
	big[300] = 'x';
	big[60000] = '\0';
	vici_begin(&buf, VICI_CMD_REQUEST, "name");
	for (i = 0; i < 10; i++) /* a segment has 512 KiB */
		vici_put(&buf, "key", big);
	assert_false(vici_finish(&buf));
	vici_begin(&buf, VICI_CMD_REQUEST, "name"); /* begins anew */
	vici_put(&buf, "key", "value");
	assert_true(vici_finish(&buf));
	vici_buf_free(&buf);
	free(big);
}

static double seconds_to_read(const struct vici_buf *buf, unsigned int *elements)
{
	struct vici_blob packet;
	struct vici_packet parsed;
	struct vici_element element;
	struct vici_reader reader;
	struct timespec from, to;
	size_t used;
	int ret;

	*elements = 0;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	assert_int_equal(vici_segment(buf->data, buf->len, &packet, &used), 1);
	assert_true(vici_packet_parse(&packet, &parsed));
	vici_reader_init(&reader, &parsed.message);
	while ((ret = vici_next(&reader, &element)) > 0)
		(*elements)++;
	assert_int_equal(ret, 0);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	return (to.tv_sec - from.tv_sec) + (to.tv_nsec - from.tv_nsec) / 1e9;
}

static void sections(struct vici_buf *buf, int count)
{
	int i;

	vici_begin(buf, VICI_EVENT, "list-sa");
	for (i = 0; i < count; i++) {
		vici_section(buf, "sa");
		vici_put(buf, "uniqueid", "1234");
		vici_section_end(buf);
	}
	assert_true(vici_finish(buf));
}

/* Sixteen times the octets must not take sixteen times sixteen times as long. */
static void test_linear(void **state)
{
	struct vici_buf small = {}, big = {};
	double small_s = 1, big_s = 1, s;
	unsigned int elements;
	int i;

	(void)state;
	sections(&small, 1000);
	sections(&big, 16000);
	for (i = 0; i < 20; i++) { /* the best of some, so that a busy machine does not matter */
		s = seconds_to_read(&small, &elements);
		assert_int_equal(elements, 3000);
		small_s = s < small_s ? s : small_s;
		s = seconds_to_read(&big, &elements);
		assert_int_equal(elements, 48000);
		big_s = s < big_s ? s : big_s;
	}
	assert_true(big_s < small_s * 16 * 4);
	vici_buf_free(&small);
	vici_buf_free(&big);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_write_example), cmocka_unit_test(test_read_example),
		cmocka_unit_test(test_truncated),     cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_segments),      cmocka_unit_test(test_packets),
		cmocka_unit_test(test_limits),	      cmocka_unit_test(test_linear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
