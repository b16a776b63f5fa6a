// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Wanted labels and their difference to what stands; see vpnspi_labels.h.
 *
 * No kernel, no charon: only strongSwan's hash table, so that all of it is
 * tested as it runs.
 */
#include "vpnspi_labels.h"

void vpnspi_labels_init(struct vpnspi_labels *labels)
{
	memset(labels, 0, sizeof(*labels));
	labels->wants = hashtable_create(hashtable_hash_ptr, hashtable_equals_ptr, 32);
}

static void want_free(struct vpnspi_want *want)
{
	free(want->why);
	free(want);
}

static void want_free_cb(void *want, const void *key)
{
	(void)key;
	want_free(want);
}

void vpnspi_labels_clear(struct vpnspi_labels *labels)
{
	labels->wants->destroy_function(labels->wants, want_free_cb);
	free(labels->touched.label);
	memset(labels, 0, sizeof(*labels));
}

struct vpnspi_want *vpnspi_labels_get(const struct vpnspi_labels *labels, uint32_t label)
{
	return labels->wants->get(labels->wants, vpnspi_label_key(label));
}

unsigned int vpnspi_labels_count(const struct vpnspi_labels *labels)
{
	enumerator_t *wants = labels->wants->create_enumerator(labels->wants);
	struct vpnspi_want *want;
	unsigned int count = 0;
	void *key;

	while (wants->enumerate(wants, &key, &want))
		count += !want->gone;
	wants->destroy(wants);
	return count;
}

/* Remembers to compare this label; when memory is short, all are compared. */
static void touch(struct vpnspi_touched *touched, struct vpnspi_want *want)
{
	if (touched->all || want->touched)
		return;
	if (touched->count == touched->room) {
		unsigned int room = touched->room ? touched->room * 2 : 64;
		uint32_t *more = realloc(touched->label, room * sizeof(*more));

		if (!more) {
			touched->all = true;
			return;
		}
		touched->label = more;
		touched->room = room;
	}
	touched->label[touched->count++] = want->label;
	want->touched = true;
}

struct vpnspi_want *vpnspi_labels_set(struct vpnspi_labels *labels, uint32_t label, uint32_t if_id,
				      uint8_t label_len, uint32_t *other_if_id)
{
	struct vpnspi_want *want = vpnspi_labels_get(labels, label);

	if (want && !want->gone && !want->stale && want->if_id != if_id) {
		*other_if_id = want->if_id;
		return NULL;
	}
	if (!want) {
		INIT(want, .label = label, );
		labels->wants->put(labels->wants, vpnspi_label_key(label), want);
	}
	want->if_id = if_id;
	want->label_len = label_len;
	want->stale = false;
	want->gone = false;
	touch(&labels->touched, want);
	return want;
}

bool vpnspi_labels_unset(struct vpnspi_labels *labels, uint32_t label, uint32_t if_id)
{
	struct vpnspi_want *want = vpnspi_labels_get(labels, label);

	if (!want || want->gone || want->if_id != if_id)
		return false;
	want->gone = true;
	touch(&labels->touched, want);
	return true;
}

void vpnspi_labels_sync_begin(struct vpnspi_labels *labels)
{
	enumerator_t *wants = labels->wants->create_enumerator(labels->wants);
	struct vpnspi_want *want;
	void *key;

	while (wants->enumerate(wants, &key, &want))
		want->stale = true;
	wants->destroy(wants);
}

void vpnspi_labels_sync_end(struct vpnspi_labels *labels)
{
	enumerator_t *wants = labels->wants->create_enumerator(labels->wants);
	struct vpnspi_want *want;
	void *key;

	while (wants->enumerate(wants, &key, &want)) {
		if (!want->stale || want->gone)
			continue;
		want->gone = true;
		touch(&labels->touched, want);
	}
	wants->destroy(wants);
}

static void forget(struct vpnspi_labels *labels, struct vpnspi_want *want)
{
	if (!want)
		return;
	want->touched = false;
	if (!want->gone)
		return;
	labels->wants->remove(labels->wants, vpnspi_label_key(want->label));
	want_free(want);
}

static void forget_all_gone(struct vpnspi_labels *labels)
{
	enumerator_t *wants = labels->wants->create_enumerator(labels->wants);
	struct vpnspi_want *want;
	void *key;

	while (wants->enumerate(wants, &key, &want)) {
		want->touched = false;
		if (!want->gone)
			continue;
		labels->wants->remove_at(labels->wants, wants);
		want_free(want);
	}
	wants->destroy(wants);
}

void vpnspi_labels_settle(struct vpnspi_labels *labels)
{
	if (labels->touched.all)
		forget_all_gone(labels);
	else
		for (unsigned int i = 0; i < labels->touched.count; i++)
			forget(labels, vpnspi_labels_get(labels, labels->touched.label[i]));
	labels->touched.count = 0;
	labels->touched.all = false;
}

struct vpnspi_step vpnspi_labels_diff(const struct vpnspi_want *want,
				      const struct vpnspi_label_sa *sa)
{
	bool wanted = want && !want->gone;

	if (wanted && !sa)
		return (struct vpnspi_step){ VPNSPI_STEP_ADD, want->if_id };
	if (wanted && sa->if_id != want->if_id)
		return (struct vpnspi_step){ VPNSPI_STEP_MOVE, want->if_id };
	if (!wanted && sa && sa->if_id != VPNSPI_IF_ID_PARKED)
		return (struct vpnspi_step){ VPNSPI_STEP_MOVE, VPNSPI_IF_ID_PARKED };
	return (struct vpnspi_step){ VPNSPI_STEP_NONE, 0 };
}
