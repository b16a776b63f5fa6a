// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vpnd/vpn_label.c: numbers are the lowest, stay with their VRF, survive a
 * restart, and are given to another VRF only when none is left.
 */
/* link: vpnd/vpn_label.c vpnd/vpn_memory.c vpnd/vpn_waiting.c */
/* libs: frr */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <zebra.h>

#include "lib/json.h"

#include "vpnd/vpn_label.h"

static int clean(void **state)
{
	vpn_label_terminate();
	return 0;
}

/* The number of a VRF that is wanted. */
static uint32_t assign(const char *vrf, uint8_t prefix_len)
{
	struct spi_label label = {};
	bool changed = false;

	vpn_label_get(vrf);
	assert_true(vpn_label_assign(vrf, prefix_len, &label, &changed));
	assert_int_equal(label.len, 32 - prefix_len);
	return label.label;
}

static void unwant(const char *vrf)
{
	struct vpn_label *label = vpn_label_find(vrf);

	vpn_label_free(&label);
}

static void test_lowest(void **state)
{
	struct spi_label label;
	bool changed = false;

	assert_int_equal(assign("red", 16), 256);
	assert_int_equal(assign("blue", 16), 257);
	assert_int_equal(assign("green", 16), 258);
	assert_int_equal(assign("red", 16), 256);
	assert_true(vpn_label_assign("red", 16, &label, &changed));
	assert_false(changed);
	assert_true(vpn_label_assign("white", 16, &label, &changed));
	assert_true(changed);
}

static void test_reserved_after_release(void **state)
{
	assert_int_equal(assign("red", 16), 256);
	assert_int_equal(assign("blue", 16), 257);
	unwant("red");
	assert_int_equal(assign("green", 16), 258); /* not red's */
	assert_int_equal(assign("red", 16), 256);   /* red's again */
}

static void test_exhausted(void **state)
{
	struct spi_label label;
	bool changed = false;
	char name[16];
	int i;

	/* beside 26 bits there are 64 labels; 0 is not given */
	for (i = 1; i < 64; i++) {
		snprintf(name, sizeof(name), "vrf%d", i);
		assert_int_equal(assign(name, 26), i);
	}
	vpn_label_get("late");
	assert_false(vpn_label_assign("late", 26, &label, &changed));
	assert_false(changed);

	/* the one released longest ago goes to the newcomer */
	unwant("vrf9");
	unwant("vrf5");
	assert_int_equal(assign("late", 26), 9);
	assert_int_equal(assign("later", 26), 5);

	/* and its former owner gets none */
	vpn_label_get("vrf9");
	assert_false(vpn_label_assign("vrf9", 26, &label, &changed));
}

static void test_spared(void **state)
{
	assert_int_equal(assign("a", 22), 256); /* 1024 labels: 0 to 255 are left alone */
	vpn_label_terminate();
	assert_int_equal(assign("a", 23), 1); /* 512: they are not */
}

static void test_prefix_length_changes(void **state)
{
	int i;
	char name[16];

	for (i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "vrf%d", i);
		assert_int_equal(assign(name, 16), 256 + i);
	}
	assert_int_equal(assign("vrf99", 25), 1); /* 355 does not fit in 7 bits */
	assert_int_equal(assign("vrf98", 16), 354);
}

static void test_state(void **state)
{
	struct json_object *json;

	assign("red", 16);
	assign("blue", 16);
	json = vpn_label_save();
	vpn_label_terminate();
	assert_int_equal(vpn_label_reserved(), 0);
	vpn_label_load(json);
	json_object_free(json);
	assert_int_equal(vpn_label_reserved(), 2);
	assert_int_equal(assign("green", 16), 258);
	assert_int_equal(assign("blue", 16), 257);
	assert_int_equal(assign("red", 16), 256);
}

static void load(const char *text)
{
	struct json_object *json = json_tokener_parse(text);

	vpn_label_load(json);
	json_object_free(json);
}

static void test_state_nonsense(void **state)
{
	load("[1, 2]");
	load("{\"red\": \"256\", \"blue\": -1, \"green\": 4294967296, \"white\": null, "
	     "\"a-name-that-is-longer-than-a-vrf-may-have\": 300}");
	assert_int_equal(vpn_label_reserved(), 0);
	load("{\"red\": 300, \"blue\": 300}"); /* one number, two names */
	assert_int_equal(vpn_label_reserved(), 1);
	load("{\"red\": 301}"); /* one name, two numbers */
	assert_int_equal(vpn_label_reserved(), 1);
}

static void test_remember(void **state)
{
	assert_true(vpn_label_remember("red", 300));
	assert_false(vpn_label_remember("red", 301));
	assert_false(vpn_label_remember("blue", 300));
	assert_int_equal(assign("red", 16), 300);
	assert_int_equal(assign("blue", 16), 256);
}

#define TEST(name) cmocka_unit_test_teardown(name, clean)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_lowest),	   TEST(test_reserved_after_release),
		TEST(test_exhausted),	   TEST(test_spared),
		TEST(test_state),	   TEST(test_prefix_length_changes),
		TEST(test_state_nonsense), TEST(test_remember),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
