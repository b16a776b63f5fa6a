// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Wanted labels and the difference to what stands (charon-vpnspi/vpnspi_labels.c).
 */
/* link: charon-vpnspi/vpnspi_labels.c */
/* libs: strongswan */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <library.h>

#include <cmocka.h>

#include "charon-vpnspi/vpnspi_labels.h"

static int set_up(void **state)
{
	struct vpnspi_labels *labels = malloc(sizeof(*labels));

	vpnspi_labels_init(labels);
	*state = labels;
	return 0;
}

static int tear_down(void **state)
{
	vpnspi_labels_clear(*state);
	free(*state);
	return 0;
}

static void step_is(const struct vpnspi_want *want, const struct vpnspi_label_sa *sa,
		    enum vpnspi_step_kind kind, uint32_t if_id)
{
	struct vpnspi_step step = vpnspi_labels_diff(want, sa);

	assert_int_equal(step.kind, kind);
	assert_int_equal(step.if_id, if_id);
}

/* Every case of the difference. */
static void test_diff(void **state)
{
	struct vpnspi_want want = { .label = 300, .if_id = 5 }, gone = want;
	struct vpnspi_label_sa same = { 300, 5, 1 }, other = { 300, 6, 1 };
	struct vpnspi_label_sa parked = { 300, VPNSPI_IF_ID_PARKED, 1 };

	(void)state;
	gone.gone = true;
	step_is(NULL, NULL, VPNSPI_STEP_NONE, 0);
	step_is(&gone, NULL, VPNSPI_STEP_NONE, 0);
	step_is(&want, NULL, VPNSPI_STEP_ADD, 5);
	step_is(&want, &same, VPNSPI_STEP_NONE, 0);
	step_is(&want, &other, VPNSPI_STEP_MOVE, 5);
	step_is(&want, &parked, VPNSPI_STEP_MOVE, 5);
	step_is(&gone, &same, VPNSPI_STEP_MOVE, VPNSPI_IF_ID_PARKED);
	step_is(NULL, &same, VPNSPI_STEP_MOVE, VPNSPI_IF_ID_PARKED);
	step_is(NULL, &parked, VPNSPI_STEP_NONE, 0);
}

static void test_set_and_unset(void **state)
{
	struct vpnspi_labels *labels = *state;
	uint32_t other = 0;

	assert_non_null(vpnspi_labels_set(labels, 300, 5, 0, &other));
	assert_null(vpnspi_labels_set(labels, 300, 6, 0, &other));
	assert_int_equal(other, 5);
	assert_int_equal(vpnspi_labels_count(labels), 1);
	assert_false(vpnspi_labels_unset(labels, 300, 6));
	assert_false(vpnspi_labels_unset(labels, 301, 5));
	assert_true(vpnspi_labels_unset(labels, 300, 5));
	assert_false(vpnspi_labels_unset(labels, 300, 5));
	assert_int_equal(vpnspi_labels_count(labels), 0);
	/* it may come back with another if_id before that is carried out */
	assert_non_null(vpnspi_labels_set(labels, 300, 6, 0, &other));
	assert_int_equal(vpnspi_labels_get(labels, 300)->if_id, 6);
}

/* A label is compared once, however often it was touched. */
static void test_touched_once(void **state)
{
	struct vpnspi_labels *labels = *state;
	uint32_t other;

	vpnspi_labels_set(labels, 300, 5, 0, &other);
	vpnspi_labels_unset(labels, 300, 5);
	vpnspi_labels_set(labels, 300, 7, 0, &other);
	vpnspi_labels_set(labels, 0, 8, 0, &other);
	assert_int_equal(labels->touched.count, 2);
	vpnspi_labels_settle(labels);
	assert_int_equal(labels->touched.count, 0);
	vpnspi_labels_unset(labels, 0, 8);
	assert_int_equal(labels->touched.count, 1);
	assert_non_null(vpnspi_labels_get(labels, 0));
	vpnspi_labels_settle(labels);
	assert_null(vpnspi_labels_get(labels, 0));
	assert_non_null(vpnspi_labels_get(labels, 300));
}

static void test_sync(void **state)
{
	struct vpnspi_labels *labels = *state;
	uint32_t other;

	for (uint32_t label = 256; label < 1256; label++)
		assert_non_null(vpnspi_labels_set(labels, label, label, 0, &other));
	vpnspi_labels_settle(labels);
	vpnspi_labels_sync_begin(labels);
	for (uint32_t label = 256; label < 756; label++)
		assert_non_null(vpnspi_labels_set(labels, label, label, 0, &other));
	/* while it syncs, a label may have another if_id than before */
	assert_non_null(vpnspi_labels_set(labels, 800, 9999, 0, &other));
	vpnspi_labels_sync_end(labels);
	assert_int_equal(vpnspi_labels_count(labels), 501);
	step_is(vpnspi_labels_get(labels, 1000), &(struct vpnspi_label_sa){ 1000, 1000, 1 },
		VPNSPI_STEP_MOVE, VPNSPI_IF_ID_PARKED);
	step_is(vpnspi_labels_get(labels, 300), &(struct vpnspi_label_sa){ 300, 300, 1 },
		VPNSPI_STEP_NONE, 0);
	step_is(vpnspi_labels_get(labels, 800), &(struct vpnspi_label_sa){ 800, 800, 1 },
		VPNSPI_STEP_MOVE, 9999);
	vpnspi_labels_settle(labels);
	assert_null(vpnspi_labels_get(labels, 1000));
	assert_int_equal(labels->wants->get_count(labels->wants), 501);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_diff),
		cmocka_unit_test_setup_teardown(test_set_and_unset, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_touched_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_sync, set_up, tear_down),
	};
	int failed;

	library_init(NULL, "test");
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	library_deinit();
	return failed;
}
