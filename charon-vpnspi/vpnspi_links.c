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

	/* of a spoke */
	uint32_t number;   /* 0: it is none */
	char *identity;	   /* NULL: it is none */
	char template[64]; /* its template's child */
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

static void entry_free(struct entry *entry)
{
	if (!entry)
		return;
	free(entry->identity);
	free(entry);
}

/* Removes every entry that is to go. */
static void sweep(struct vpnspi_links *links, bool (*goes)(struct entry *entry, const void *what),
		  const void *what)
{
	enumerator_t *entries = links->entries->create_enumerator(links->entries);
	struct entry *entry;
	void *key;

	while (entries->enumerate(entries, &key, &entry)) {
		if (!goes(entry, what))
			continue;
		links->entries->remove_at(links->entries, entries);
		entry_free(entry);
	}
	entries->destroy(entries);
}

static bool always(struct entry *entry, const void *what)
{
	(void)entry;
	(void)what;
	return true;
}

static bool is_stale(struct entry *entry, const void *what)
{
	(void)what;
	return entry->stale && !entry->number;
}

static bool is_spoke_of(struct entry *entry, const void *what)
{
	const struct vpnspi_link *template = what;

	return entry->number && streq(entry->link.conn, template->conn) &&
	       streq(entry->template, template->child);
}

/* Its template is in the table no more. */
static bool is_orphan(struct entry *entry, const void *what)
{
	const struct vpnspi_links *links = what;
	struct vpnspi_link key = { 0 };
	struct entry *template;

	if (!entry->number)
		return false;
	memcpy(key.conn, entry->link.conn, sizeof(key.conn));
	memcpy(key.child, entry->template, sizeof(key.child));
	template = links->entries->get(links->entries, &key);
	return !template || !template->link.spokes;
}

void vpnspi_links_destroy(struct vpnspi_links *links)
{
	sweep(links, always, NULL);
	links->entries->destroy(links->entries);
	links->lock->destroy(links->lock);
	free(links);
}

/* What a spoke has of its template. */
static void spoke_like(struct entry *entry, const struct vpnspi_link *template)
{
	struct vpnspi_link *link = &entry->link;

	link->if_id = template->if_id + entry->number;
	link->has_vpn_id = template->has_vpn_id;
	memcpy(link->vpn_id, template->vpn_id, sizeof(link->vpn_id));
	link->signal = template->signal;
}

/* A template was described: so are its spokes. */
static void spokes_follow(struct vpnspi_links *links, const struct vpnspi_link *template)
{
	enumerator_t *entries;
	struct entry *entry;
	void *key;

	if (!template->spokes)
		return;
	entries = links->entries->create_enumerator(links->entries);
	while (entries->enumerate(entries, &key, &entry))
		if (is_spoke_of(entry, template))
			spoke_like(entry, template);
	entries->destroy(entries);
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
	spokes_follow(links, link);
	links->lock->unlock(links->lock);
}

bool vpnspi_links_unset(struct vpnspi_links *links, const struct vpnspi_link *link)
{
	struct entry *entry;
	bool known;

	links->lock->write_lock(links->lock);
	entry = links->entries->remove(links->entries, link);
	if (entry && entry->link.spokes)
		sweep(links, is_spoke_of, link);
	links->lock->unlock(links->lock);
	known = entry != NULL;
	entry_free(entry);
	return known;
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
	sweep(links, is_stale, NULL);
	sweep(links, is_orphan, links);
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

/* ---- spokes */

/* The entry of the spoke with this number; NULL: the number is free. */
static struct entry *spoke_get(struct vpnspi_links *links, const char *conn, const char *template,
			       uint32_t number)
{
	struct vpnspi_link key = { 0 };

	snprintf(key.conn, sizeof(key.conn), "%s", conn);
	snprintf(key.child, sizeof(key.child), "%s%u", template, number);
	return links->entries->get(links->entries, &key);
}

static struct entry *spoke_add(struct vpnspi_links *links, const char *conn, const char *template,
			       uint32_t number, const char *identity)
{
	struct entry *entry;

	INIT(entry, .number = number, .identity = strdup(identity), );
	snprintf(entry->link.conn, sizeof(entry->link.conn), "%s", conn);
	snprintf(entry->link.child, sizeof(entry->link.child), "%s%u", template, number);
	snprintf(entry->template, sizeof(entry->template), "%s", template);
	links->entries->put(links->entries, &entry->link, entry);
	return entry;
}

/* The spoke of this template with this identity, or NULL. */
static struct entry *spoke_find(struct vpnspi_links *links, const char *conn, const char *template,
				const char *identity)
{
	enumerator_t *entries = links->entries->create_enumerator(links->entries);
	struct entry *entry, *found = NULL;
	void *key;

	while (!found && entries->enumerate(entries, &key, &entry))
		if (entry->number && streq(entry->identity, identity) &&
		    streq(entry->template, template) && streq(entry->link.conn, conn))
			found = entry;
	entries->destroy(entries);
	return found;
}

/* A new spoke, if there is a number left. */
static struct entry *spoke_admit(struct vpnspi_links *links, const struct vpnspi_link *template,
				 const char *identity)
{
	for (uint32_t number = 1; number <= template->spokes; number++)
		if (!spoke_get(links, template->conn, template->child, number))
			return spoke_add(links, template->conn, template->child, number, identity);
	return NULL;
}

bool vpnspi_links_spoke(struct vpnspi_links *links, const struct vpnspi_link *template,
			const char *identity, struct vpnspi_link *link, char *why, size_t size)
{
	struct entry *entry;

	if (strlen(identity) >= VPNSPI_IDENTITY_SIZE) {
		snprintf(why, size, "a spoke's identity has %d octets at most, this one %zu",
			 VPNSPI_IDENTITY_SIZE - 1, strlen(identity));
		return false;
	}
	links->lock->write_lock(links->lock);
	entry = spoke_find(links, template->conn, template->child, identity);
	if (entry && entry->number > template->spokes)
		entry = NULL; /* the limit was lowered */
	else if (!entry)
		entry = spoke_admit(links, template, identity);
	if (entry) {
		spoke_like(entry, template);
		*link = entry->link;
	} else {
		snprintf(why, size,
			 "the limit of %u spokes is reached: %s is refused (raise the limit, or wait until one is forgotten)",
			 template->spokes, identity);
	}
	links->lock->unlock(links->lock);
	return entry != NULL;
}

bool vpnspi_links_spoke_set(struct vpnspi_links *links, const struct vpnspi_spoke *spoke)
{
	struct vpnspi_link key = { 0 };
	struct entry *entry, *template;
	bool good;

	memcpy(key.conn, spoke->conn, sizeof(key.conn));
	memcpy(key.child, spoke->child, sizeof(key.child));
	links->lock->write_lock(links->lock);
	entry = spoke_get(links, spoke->conn, spoke->child, spoke->number);
	if (!entry && !spoke_find(links, spoke->conn, spoke->child, spoke->identity))
		entry = spoke_add(links, spoke->conn, spoke->child, spoke->number, spoke->identity);
	good = entry && entry->number && streq(entry->identity, spoke->identity);
	template = links->entries->get(links->entries, &key);
	if (good && template)
		spoke_like(entry, &template->link);
	links->lock->unlock(links->lock);
	return good;
}

void vpnspi_links_spoke_unset(struct vpnspi_links *links, const struct vpnspi_spoke *spoke)
{
	struct entry *entry;

	links->lock->write_lock(links->lock);
	entry = spoke_find(links, spoke->conn, spoke->child, spoke->identity);
	if (entry)
		links->entries->remove(links->entries, &entry->link);
	links->lock->unlock(links->lock);
	entry_free(entry);
}

/* ---- looking up */

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
