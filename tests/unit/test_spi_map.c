// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tools/spi_map.c and tools/summary.c: SPIs explained by what vpnd's show
 * commands print.
 */
/* link: tools/spi_map.c tools/summary.c tools/packet.c */
/* libs: json-c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <json-c/json.h>

#include "tools/spi_map.h"
#include "tools/summary.h"

/* as "show vpn peer json" and "show vpn spi-label json" print them on 10.0.0.1 */
static const char peers_json[] =
	"{\"peers\": {\"10.0.0.2\": {\"state\": \"up\", \"since\": \"2025-01-01T00:00:00Z\","
	"  \"prefixIn\": \"0xc2004000\", \"spiPrefixIn\": \"0x80100000\", \"prefixLengthIn\": 16,"
	"  \"prefixOut\": \"0xd2008000\", \"spiPrefixOut\": \"0x80200000\", \"prefixLengthOut\": 20},"
	" \"10.0.0.3\": {\"state\": \"down\", \"reason\": \"no answer from 10.0.0.3\"}}}";
static const char labels_json[] =
	"{\"labels\": {\"red\": {\"state\": \"up\", \"label\": 257, \"length\": 16},"
	" \"green\": {\"state\": \"down\", \"reason\": \"no free label\"}},"
	" \"uses\": [{\"vrf\": \"blue\", \"pe\": \"10.0.0.2\", \"label\": 300, \"length\": 12,"
	"  \"state\": \"up\", \"spi\": \"0x8020012c\"},"
	" {\"vrf\": \"red\", \"pe\": \"10.0.0.4\", \"label\": 1000000, \"length\": 24, \"state\": \"down\"}]}";

static struct packet_addr addr(const char *text)
{
	struct packet_addr a;

	assert_true(packet_addr_parse(text, &a));
	return a;
}

static struct spi_meaning explain(const struct spi_map *map, const char *from, const char *to,
				  uint32_t spi)
{
	struct packet_addr source = addr(from), destination = addr(to);

	return spi_map_explain(map, &source, &destination, spi);
}

static struct spi_map *whole_map(void)
{
	struct spi_map *map = spi_map_new();

	assert_non_null(map);
	assert_null(spi_map_add(map, peers_json));
	assert_null(spi_map_add(map, labels_json));
	return map;
}

static void to_peer(void **state)
{
	struct spi_map *map = whole_map();
	struct spi_meaning m = explain(map, "10.0.0.1", "10.0.0.2", 0x8020012c);

	assert_true(m.known);
	assert_int_equal(m.prefix_len, 20);
	assert_int_equal(m.prefix, 0x80200000);
	assert_int_equal(m.label, 300);
	assert_string_equal(m.vrf, "blue");
	/* the next prefix after a rekey: the label is the same */
	m = explain(map, "10.0.0.1", "10.0.0.2", 0x8030112c);
	assert_int_equal(m.label, 300);
	assert_string_equal(m.vrf, "blue");
	/* a label that nobody told of */
	m = explain(map, "10.0.0.1", "10.0.0.2", 0x8020012d);
	assert_true(m.known);
	assert_null(m.vrf);
	spi_map_free(map);
}

static void from_peer(void **state)
{
	struct spi_map *map = whole_map();
	struct spi_meaning m = explain(map, "10.0.0.2", "10.0.0.1", 0x80100101);

	assert_true(m.known);
	assert_int_equal(m.prefix, 0x80100000);
	assert_int_equal(m.label, 257);
	assert_string_equal(m.vrf, "red");
	spi_map_free(map);
}

/* A peer that is down has no prefixes, but a use of it says how long they would be. */
static void length_from_use(void **state)
{
	struct spi_map *map = whole_map();
	struct spi_meaning m = explain(map, "10.0.0.1", "10.0.0.4", 0x800f4240);

	assert_true(m.known);
	assert_int_equal(m.prefix_len, 8);
	assert_int_equal(m.label, 1000000);
	assert_string_equal(m.vrf, "red");
	spi_map_free(map);
}

static void unknown(void **state)
{
	struct spi_map *map = whole_map();

	assert_false(explain(map, "10.9.0.1", "10.9.0.2", 0x8020012c).known);
	/* an ordinary SPI has its top bit clear */
	assert_false(explain(map, "10.0.0.1", "10.0.0.2", 0x0020012c).known);
	spi_map_default_length(map, 16);
	assert_int_equal(explain(map, "10.9.0.1", "10.9.0.2", 0x8020012c).label, 300);
	assert_false(explain(map, "10.9.0.1", "10.9.0.2", 0x0020012c).known);
	spi_map_default_length(map, 0); /* no prefix: all of it is the label */
	assert_int_equal(explain(map, "10.9.0.1", "10.9.0.2", 0x0020012c).label, 0x20012c);
	spi_map_free(map);
}

static void malformed(void **state)
{
	static const char *const bad[] = {
		"",
		"{",
		"[]",
		"7",
		"{}",
		"{\"peers\": []}",
		"{\"peers\": {\"red\": {}}}",
		"{\"uses\": [1]}",
		"{\"uses\": [{\"pe\": \"10.0.0.2\", \"vrf\": null, \"label\": 1, \"length\": 16}]}",
		"{\"uses\": [{\"pe\": \"10.0.0.2\", \"vrf\": \"red\", \"label\": 1, \"length\": 33}]}",
		"{\"uses\": [{\"pe\": \"10.0.0.2\", \"vrf\": \"red\", \"label\": -1, \"length\": 16}]}",
	};
	struct spi_map *map = spi_map_new();

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_non_null(spi_map_add(map, bad[i]));
	/* odd, but no reason to refuse all of it */
	assert_null(
		spi_map_add(map,
			    "{\"peers\": {\"10.0.0.2\": {\"prefixLengthIn\": 27}}, \"labels\": 1}"));
	assert_null(spi_map_add(map, "{\"labels\": {\"red\": null}}"));
	assert_false(explain(map, "10.0.0.2", "10.0.0.1", 0x80100101).known);
	spi_map_free(map);
}

/* Counts an ESP packet, or what else kind says. */
static void count(struct summary *summary, enum packet_kind kind, const char *from, const char *to,
		  uint32_t spi, bool cleartext)
{
	struct packet packet = { .kind = kind, .ip_count = 1, .spi = spi };

	packet.ip[0].source = addr(from);
	packet.ip[0].destination = addr(to);
	packet.ike.version = 0x20;
	packet.ike.exchange = 34;
	summary_count(summary, &packet, 100, cleartext);
}

static struct json_object *summary_json(const struct summary *summary, const struct spi_map *map)
{
	struct json_object *json;
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_true(summary_print_json(summary, map, out));
	fclose(out);
	json = json_tokener_parse(text);
	assert_non_null(json);
	free(text);
	return json;
}

static struct json_object *member(struct json_object *json, const char *key)
{
	struct json_object *value = NULL;

	assert_true(json_object_object_get_ex(json, key, &value));
	return value;
}

static int number(struct json_object *json, const char *key)
{
	return json_object_get_int(member(json, key));
}

static void summary_as_json(void **state)
{
	struct spi_map *map = whole_map();
	struct summary *summary = summary_new();
	struct json_object *json, *spis, *spi;

	count(summary, PACKET_ESP, "10.0.0.1", "10.0.0.2", 0x8020012c, false);
	count(summary, PACKET_ESP, "10.0.0.2", "10.0.0.1", 0x80100101, false);
	count(summary, PACKET_ESP, "10.0.0.1", "10.0.0.2", 0x8020012c, false);
	count(summary, PACKET_IKE, "10.0.0.1", "10.0.0.2", 0, false);
	count(summary, PACKET_IKE, "10.0.0.1", "10.0.0.2", 0, false);
	count(summary, PACKET_ICMP, "10.1.0.1", "10.2.0.1", 0, true);
	json = summary_json(summary, map);
	assert_int_equal(number(json, "packets"), 6);
	assert_int_equal(number(json, "cleartextCustomerPackets"), 1);
	assert_int_equal(number(member(json, "kinds"), "esp"), 3);
	assert_false(json_object_object_get_ex(member(json, "kinds"), "ospf", NULL));
	assert_int_equal(number(member(json, "ike"), "ikeSaInit"), 1);
	assert_int_equal(number(member(json, "ike"), "retransmissions"), 1);
	assert_int_equal(number(member(json, "ike"), "createChildSa"), 0);
	spis = member(json, "spis");
	assert_int_equal(json_object_array_length(spis), 2);
	spi = json_object_array_get_idx(spis, 0);
	assert_string_equal(json_object_get_string(member(spi, "source")), "10.0.0.1");
	assert_string_equal(json_object_get_string(member(spi, "spi")), "0x8020012c");
	assert_string_equal(json_object_get_string(member(spi, "prefix")), "0x80200000");
	assert_string_equal(json_object_get_string(member(spi, "vrf")), "blue");
	assert_int_equal(number(spi, "label"), 300);
	assert_int_equal(number(spi, "packets"), 2);
	assert_int_equal(number(spi, "bytes"), 200);
	json_object_put(json);
	summary_free(summary);
	spi_map_free(map);
}

/* Memory is bounded: what finds no room is counted together. */
static void summary_bounded(void **state)
{
	struct spi_map *map = spi_map_new();
	struct summary *summary = summary_new();
	struct json_object *json;

	for (uint32_t spi = 0; spi < SUMMARY_SPIS_MAX + 10; spi++)
		count(summary, PACKET_ESP, "10.0.0.1", "10.0.0.2", 0x80000000 + spi * 16411, false);
	count(summary, PACKET_ESP, "10.0.0.1", "10.0.0.2", 0x80000000, false);
	json = summary_json(summary, map);
	assert_int_equal(json_object_array_length(member(json, "spis")), SUMMARY_SPIS_MAX);
	assert_int_equal(number(json, "packetsOfFurtherSpis"), 10);
	assert_int_equal(number(json, "packets"), SUMMARY_SPIS_MAX + 11);
	json_object_put(json);
	summary_free(summary);
	spi_map_free(map);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(to_peer),	   cmocka_unit_test(from_peer),
		cmocka_unit_test(length_from_use), cmocka_unit_test(unknown),
		cmocka_unit_test(malformed),	   cmocka_unit_test(summary_as_json),
		cmocka_unit_test(summary_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
