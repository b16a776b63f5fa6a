// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Memory of IKE_SAs; see vpnspi_talks.h.
 */
#include "vpnspi_talks.h"

#include <collections/hashtable.h>
#include <threading/mutex.h>

struct vpnspi_talks {
	mutex_t *mutex;
	hashtable_t *entries; /* unique id of the IKE_SA → struct vpnspi_talk */
};

static void *key_of(ike_sa_t *ike_sa)
{
	return (void *)(uintptr_t)ike_sa->get_unique_id(ike_sa);
}

struct vpnspi_talks *vpnspi_talks_create(void)
{
	struct vpnspi_talks *talks;

	INIT(talks, .mutex = mutex_create(MUTEX_TYPE_DEFAULT),
	     .entries = hashtable_create(hashtable_hash_ptr, hashtable_equals_ptr, 32), );
	return talks;
}

void vpnspi_talk_selectors(struct vpnspi_talk *talk, linked_list_t *ours, linked_list_t *theirs)
{
	for (unsigned int i = 0; i < countof(talk->ts); i++)
		DESTROY_OFFSET_IF(talk->ts[i], offsetof(traffic_selector_t, destroy));
	talk->ts[0] = ours;
	talk->ts[1] = theirs;
}

static void free_entry(void *talk, const void *key)
{
	(void)key;
	vpnspi_talk_selectors(talk, NULL, NULL);
	free(talk);
}

void vpnspi_talks_destroy(struct vpnspi_talks *talks)
{
	talks->entries->destroy_function(talks->entries, free_entry);
	talks->mutex->destroy(talks->mutex);
	free(talks);
}

struct vpnspi_talk *vpnspi_talks_get(struct vpnspi_talks *talks, ike_sa_t *ike_sa)
{
	struct vpnspi_talk *talk;

	talks->mutex->lock(talks->mutex);
	talk = talks->entries->get(talks->entries, key_of(ike_sa));
	if (!talk) {
		INIT(talk, .peer_is_ours = false);
		talks->entries->put(talks->entries, key_of(ike_sa), talk);
	}
	talks->mutex->unlock(talks->mutex);
	return talk;
}

void vpnspi_talks_forget(struct vpnspi_talks *talks, ike_sa_t *ike_sa)
{
	struct vpnspi_talk *talk;

	talks->mutex->lock(talks->mutex);
	talk = talks->entries->remove(talks->entries, key_of(ike_sa));
	talks->mutex->unlock(talks->mutex);
	if (talk)
		free_entry(talk, NULL);
}
