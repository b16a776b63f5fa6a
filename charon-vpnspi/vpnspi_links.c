// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The table of tunnel links; see vpnspi_links.h.
 */
#include "vpnspi_links.h"

#include <collections/hashtable.h>
#include <library.h>
#include <threading/rwlock.h>

struct entry {
	struct vpnspi_link link;
	bool stale; /* not said again since SYNC_BEGIN */
};

struct vpnspi_links {
	rwlock_t *lock;
	hashtable_t *entries; /* struct vpnspi_link, by conn and child → struct entry */
};

static u_int hash(const void *key)
{
	const struct vpnspi_link *link = key;

	return chunk_hash_inc(chunk_from_str((char *)link->conn),
			      chunk_hash(chunk_from_str((char *)link->child)));
}

static bool equals(const void *key, const void *other)
{
	const struct vpnspi_link *a = key, *b = other;

	return streq(a->conn, b->conn) && streq(a->child, b->child);
}

struct vpnspi_links *vpnspi_links_create(void)
{
	struct vpnspi_links *links;

	INIT(links, .lock = rwlock_create(RWLOCK_TYPE_DEFAULT),
	     .entries = hashtable_create(hash, equals, 32), );
	return links;
}

/* Removes every entry, or those that are stale. */
static void sweep(struct vpnspi_links *links, bool all)
{
	enumerator_t *entries = links->entries->create_enumerator(links->entries);
	struct entry *entry;
	void *key;

	while (entries->enumerate(entries, &key, &entry)) {
		if (!all && !entry->stale)
			continue;
		links->entries->remove_at(links->entries, entries);
		free(entry);
	}
	entries->destroy(entries);
}

void vpnspi_links_destroy(struct vpnspi_links *links)
{
	sweep(links, true);
	links->entries->destroy(links->entries);
	links->lock->destroy(links->lock);
	free(links);
}

void vpnspi_links_set(struct vpnspi_links *links, const struct vpnspi_link *link)
{
	struct entry *entry;

	links->lock->write_lock(links->lock);
	entry = links->entries->get(links->entries, link);
	if (!entry) {
		INIT(entry, .link = *link);
		links->entries->put(links->entries, &entry->link, entry);
	}
	entry->link = *link;
	entry->stale = false;
	links->lock->unlock(links->lock);
}

bool vpnspi_links_unset(struct vpnspi_links *links, const struct vpnspi_link *link)
{
	struct entry *entry;

	links->lock->write_lock(links->lock);
	entry = links->entries->remove(links->entries, link);
	links->lock->unlock(links->lock);
	free(entry);
	return entry != NULL;
}

void vpnspi_links_sync_begin(struct vpnspi_links *links)
{
	enumerator_t *entries;
	struct entry *entry;
	void *key;

	links->lock->write_lock(links->lock);
	entries = links->entries->create_enumerator(links->entries);
	while (entries->enumerate(entries, &key, &entry))
		entry->stale = true;
	entries->destroy(entries);
	links->lock->unlock(links->lock);
}

void vpnspi_links_sync_end(struct vpnspi_links *links)
{
	links->lock->write_lock(links->lock);
	sweep(links, false);
	links->lock->unlock(links->lock);
}

bool vpnspi_links_get(struct vpnspi_links *links, const char *conn, const char *child,
		      struct vpnspi_link *link)
{
	struct vpnspi_link key = { 0 };
	struct entry *entry;

	if (snprintf(key.conn, sizeof(key.conn), "%s", conn) >= (int)sizeof(key.conn) ||
	    snprintf(key.child, sizeof(key.child), "%s", child) >= (int)sizeof(key.child))
		return false;
	links->lock->read_lock(links->lock);
	entry = links->entries->get(links->entries, &key);
	if (entry)
		*link = entry->link;
	links->lock->unlock(links->lock);
	return entry != NULL;
}

/* Copies out the first link that matches. */
static bool find(struct vpnspi_links *links, bool (*match)(const struct vpnspi_link *, const void *),
		 const void *what, struct vpnspi_link *link)
{
	enumerator_t *entries;
	struct entry *entry;
	bool found = false;
	void *key;

	links->lock->read_lock(links->lock);
	entries = links->entries->create_enumerator(links->entries);
	while (!found && entries->enumerate(entries, &key, &entry)) {
		found = match(&entry->link, what);
		if (found)
			*link = entry->link;
	}
	entries->destroy(entries);
	links->lock->unlock(links->lock);
	return found;
}

static bool has_if_id(const struct vpnspi_link *link, const void *what)
{
	return link->if_id == *(const uint32_t *)what;
}

bool vpnspi_links_by_if_id(struct vpnspi_links *links, uint32_t if_id, struct vpnspi_link *link)
{
	return find(links, has_if_id, &if_id, link);
}

static bool has_vpn_id(const struct vpnspi_link *link, const void *what)
{
	return link->has_vpn_id && memeq(link->vpn_id, what, sizeof(link->vpn_id));
}

bool vpnspi_links_by_vpn_id(struct vpnspi_links *links, const uint8_t vpn_id[7],
			    struct vpnspi_link *link)
{
	return find(links, has_vpn_id, vpn_id, link);
}

bool vpnspi_links_any(struct vpnspi_links *links)
{
	bool any;

	links->lock->read_lock(links->lock);
	any = links->entries->get_count(links->entries) > 0;
	links->lock->unlock(links->lock);
	return any;
}
