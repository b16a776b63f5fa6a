// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who is linked with whom.  A full mesh and a hub and spoke follow from the
 * sites and their roles (hubs are linked with everybody, so with each other,
 * too); a graph is stored link by link.
 *
 * Changing the topology makes tasks for the links that come and go, and for
 * none that stay: the old and the new neighbours of each site are compared.
 */
#include "vpn-server/model.h"
#include "vpn-server/key.h"
#include "vpn-server/task.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ids {
	int64_t *id;
	size_t count;
};

static void push(struct ids *ids, int64_t id)
{
	if (!(ids->count & (ids->count - 1))) {
		size_t room = ids->count ? ids->count * 2 : 1;

		ids->id = realloc(ids->id, room * sizeof(*ids->id));
		if (!ids->id)
			abort();
	}
	ids->id[ids->count++] = id;
}

static struct ids collect(struct db_rows *rows)
{
	struct ids ids = { 0 };

	while (db_next(rows))
		push(&ids, db_int(rows, 0));
	db_end(rows);
	return ids;
}

static bool is(const struct vpn *vpn, const char *topology)
{
	return !strcmp(vpn->topology, topology);
}

/* A revoked CE is linked with nobody. */
#define TRUSTED "EXISTS (SELECT 1 FROM ce c WHERE c.id = s.ce AND c.revoked = 0)"

static bool trusted(struct db *db, int64_t ce)
{
	return db_number(db, 0, "SELECT 1 FROM ce WHERE id = $1 AND revoked = 0", "i", ce);
}

bool topology_linked(struct db *db, const struct vpn *vpn, const struct site *a,
		     const struct site *b)
{
	if (a->vpn != vpn->id || b->vpn != vpn->id || a->id == b->id || !trusted(db, a->ce) ||
	    !trusted(db, b->ce))
		return false;
	if (is(vpn, "full-mesh"))
		return true;
	if (is(vpn, "hub-and-spoke"))
		return a->hub || b->hub;
	return db_number(db, 0, "SELECT 1 FROM edge WHERE a = $1 AND b = $2", "ii",
			 a->id < b->id ? a->id : b->id, a->id < b->id ? b->id : a->id);
}

int64_t *topology_neighbours(struct db *db, const struct vpn *vpn, const struct site *site,
			     size_t *count)
{
	struct ids ids = { 0 };

	if (!trusted(db, site->ce))
		;
	else if (is(vpn, "graph"))
		ids = collect(
			db_query(db,
				 "SELECT s.id FROM (SELECT b AS id FROM edge WHERE a = $1 UNION "
				 "SELECT a FROM edge WHERE b = $1) e JOIN site s ON s.id = e.id "
				 "WHERE " TRUSTED " ORDER BY s.id",
				 "i", site->id));
	else if (is(vpn, "full-mesh") || site->hub)
		ids = collect(
			db_query(db,
				 "SELECT s.id FROM site s WHERE s.vpn = $1 AND s.id <> $2 AND " TRUSTED
				 " ORDER BY s.id",
				 "ii", vpn->id, site->id));
	else
		ids = collect(
			db_query(db,
				 "SELECT s.id FROM site s WHERE s.vpn = $1 AND s.hub = 1 AND " TRUSTED
				 " ORDER BY s.id",
				 "i", vpn->id));
	*count = ids.count;
	return ids.id;
}

/* ---- is it one VPN? */

struct edge {
	int64_t a, b;
};

static int compare_ids(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static size_t index_of(const struct ids *sites, int64_t id)
{
	const int64_t *found = bsearch(&id, sites->id, sites->count, sizeof(id), compare_ids);

	return found ? (size_t)(found - sites->id) : 0;
}

static size_t root(size_t *parent, size_t i)
{
	while (parent[i] != i)
		i = parent[i] = parent[parent[i]];
	return i;
}

/* The site that a smaller part has, by union and find over the links; or -1. */
static int64_t apart(struct db *db, const struct vpn *vpn, const struct ids *sites)
{
	size_t *parent = calloc(sites->count, sizeof(*parent));
	size_t *members = calloc(sites->count, sizeof(*members));
	struct db_rows *rows =
		db_query(db,
			 "SELECT e.a, e.b FROM edge e JOIN site s ON s.id = e.a WHERE s.vpn = $1",
			 "i", vpn->id);
	int64_t found = -1;
	size_t least = sites->count;

	if (!parent || !members)
		abort();
	for (size_t i = 0; i < sites->count; i++)
		parent[i] = i;
	while (db_next(rows)) {
		size_t a = root(parent, index_of(sites, db_int(rows, 0)));

		parent[a] = root(parent, index_of(sites, db_int(rows, 1)));
	}
	db_end(rows);
	for (size_t i = 0; i < sites->count; i++)
		members[root(parent, i)]++;
	for (size_t i = 0; i < sites->count; i++)
		if (members[root(parent, i)] < least) {
			least = members[root(parent, i)];
			found = sites->id[i];
		}
	free(parent);
	free(members);
	return found;
}

bool topology_check(struct db *db, const struct vpn *vpn)
{
	struct site site = { 0 };
	struct ids sites;
	int64_t alone;

	if (is(vpn, "full-mesh"))
		return !db_failed(db);
	if (is(vpn, "hub-and-spoke")) {
		if (db_number(db, 0, "SELECT 1 FROM site WHERE vpn = $1 LIMIT 1", "i", vpn->id) &&
		    !db_number(db, 0, "SELECT 1 FROM site WHERE vpn = $1 AND hub = 1 LIMIT 1", "i",
			       vpn->id))
			db_fail(db, "VPN %s would have no hub, and every site would be alone",
				vpn->name);
		return !db_failed(db);
	}
	sites = collect(
		db_query(db, "SELECT id FROM site WHERE vpn = $1 ORDER BY id", "i", vpn->id));
	alone = sites.count > 1 ? apart(db, vpn, &sites) : -1;
	if (alone >= 0 && site_by_id(db, alone, &site))
		db_fail(db, "VPN %s would fall apart: nothing links CE %s with %s", vpn->name,
			site.ce_name, sites.count == 2 ? "the other site" : "the rest of it");
	free(sites.id);
	return !db_failed(db);
}

/* ---- another topology */

struct link {
	int64_t a, b; /* a < b */
};

struct links {
	struct link *link;
	size_t count, room;
};

static int compare_links(const void *x, const void *y)
{
	const struct link *a = x, *b = y;

	if (a->a != b->a)
		return a->a < b->a ? -1 : 1;
	return a->b < b->b ? -1 : a->b > b->b;
}

static struct links links_of(struct db *db, const struct vpn *vpn)
{
	struct ids sites = collect(
		db_query(db, "SELECT id FROM site WHERE vpn = $1 ORDER BY id", "i", vpn->id));
	struct links links = { 0 };

	for (size_t i = 0; i < sites.count && !db_failed(db); i++) {
		struct site site;
		int64_t *peers;
		size_t count;

		if (!site_by_id(db, sites.id[i], &site))
			continue;
		peers = topology_neighbours(db, vpn, &site, &count);
		for (size_t p = 0; p < count; p++) {
			if (peers[p] < site.id)
				continue;
			if (links.count == links.room) {
				links.room = links.room ? links.room * 2 : 64;
				links.link = realloc(links.link, links.room * sizeof(*links.link));
				if (!links.link)
					abort();
			}
			links.link[links.count++] = (struct link){ site.id, peers[p] };
		}
		free(peers);
	}
	free(sites.id);
	if (links.count)
		qsort(links.link, links.count, sizeof(*links.link), compare_links);
	return links;
}

static void link_changed(struct db *db, const struct vpn *vpn, const struct link *link,
			 int64_t version, bool comes)
{
	struct site a, b;

	if (!site_by_id(db, link->a, &a) || !site_by_id(db, link->b, &b))
		return;
	if (comes)
		key_make(db, vpn, a.id, b.id);
	else
		db_exec(db, "DELETE FROM psk WHERE a = $1 AND b = $2", "ii", a.id, b.id);
	/* both are sites already: whoever is told second starts to talk to one who knows */
	task_link(db, &a, &b, version, comes);
}

/* It stays, but what its ends route over it may be another: the VPN's prefixes follow the hubs. */
static void link_stays(struct db *db, const struct link *link, int64_t version)
{
	struct site a, b;

	if (site_by_id(db, link->a, &a) && site_by_id(db, link->b, &b))
		task_link(db, &a, &b, version, false);
}

/* Two sorted lists, side by side: in one only, it came or went. */
static void compare(struct db *db, const struct vpn *vpn, const struct links *old,
		    const struct links *new)
{
	int64_t version = task_version(db);
	bool prefixes = db_number(db, 0, "SELECT 1 FROM vpn_prefix WHERE vpn = $1 LIMIT 1", "i",
				  vpn->id);
	size_t i = 0, j = 0;

	while (!db_failed(db) && (i < old->count || j < new->count)) {
		int order = i == old->count   ? 1
			    : j == new->count ? -1
					      : compare_links(&old->link[i], &new->link[j]);

		if (order < 0)
			link_changed(db, vpn, &old->link[i], version, false);
		else if (order > 0)
			link_changed(db, vpn, &new->link[j], version, true);
		else if (prefixes)
			link_stays(db, &new->link[j], version);
		i += order <= 0;
		j += order >= 0;
	}
}

static void set_hubs(struct db *db, const struct vpn *vpn, const char *const *hubs)
{
	struct site site;

	db_exec(db, "UPDATE site SET hub = 0 WHERE vpn = $1 AND hub <> 0", "i", vpn->id);
	for (; *hubs && !db_failed(db); hubs++)
		if (site_find(db, vpn, *hubs, &site))
			db_exec(db, "UPDATE site SET hub = 1 WHERE id = $1", "i", site.id);
}

bool topology_edge_add(struct db *db, const struct vpn *vpn, const char *name, const char *other)
{
	struct site a, b;

	if (!site_find(db, vpn, name, &a) || !site_find(db, vpn, other, &b))
		return false;
	if (a.id == b.id)
		db_fail(db, "CE %s cannot be linked with itself", name);
	return db_exec(db, "INSERT INTO edge (a, b) VALUES ($1, $2) ON CONFLICT (a, b) DO NOTHING",
		       "ii", a.id < b.id ? a.id : b.id, a.id < b.id ? b.id : a.id);
}

static void set_edges(struct db *db, const struct vpn *vpn, const char *const *edges)
{
	db_exec(db, "DELETE FROM edge WHERE a IN (SELECT id FROM site WHERE vpn = $1)", "i",
		vpn->id);
	for (; *edges && !db_failed(db); edges++) {
		const char *colon = strchr(*edges, ':');
		char first[NAME_SIZE];

		if (!colon || (size_t)(colon - *edges) >= sizeof(first)) {
			db_fail(db,
				"\"%.90s\" is no link: two names of CEs and ':', as paris:london",
				*edges);
			return;
		}
		snprintf(first, sizeof(first), "%.*s", (int)(colon - *edges), *edges);
		topology_edge_add(db, vpn, first, colon + 1);
	}
}

bool topology_announce(struct db *db, const struct vpn *vpn)
{
	const struct links none = { 0 };
	struct links all;

	if (!topology_check(db, vpn))
		return false;
	all = links_of(db, vpn);
	compare(db, vpn, &none, &all);
	free(all.link);
	return !db_failed(db);
}

bool topology_set(struct db *db, struct vpn *vpn, const char *kind, const char *const *args)
{
	static const char *const none[] = { NULL };
	struct links old = links_of(db, vpn), new;
	bool hubs = !strcmp(kind, "hub-and-spoke"), graph = !strcmp(kind, "graph");

	if (!hubs && !graph && strcmp(kind, "full-mesh"))
		db_fail(db,
			"\"%.40s\" is no topology: full-mesh, hub-and-spoke HUB..., graph A:B...",
			kind);
	if (!hubs && !graph && *args)
		db_fail(db, "a full mesh takes no further words, not \"%.40s\"", *args);
	snprintf(vpn->topology, sizeof(vpn->topology), "%.15s", kind);
	if (!db_failed(db)) {
		set_hubs(db, vpn, hubs ? args : none);
		set_edges(db, vpn, graph ? args : none);
		db_exec(db, "UPDATE vpn SET topology = $1 WHERE id = $2", "si", vpn->topology,
			vpn->id);
	}
	if (topology_check(db, vpn)) {
		new = links_of(db, vpn);
		compare(db, vpn, &old, &new);
		free(new.link);
	}
	free(old.link);
	return !db_failed(db);
}

void topology_tell_all(struct db *db, const struct vpn *vpn, int64_t version)
{
	struct db_rows *rows = db_query(db, "SELECT id FROM site WHERE vpn = $1 ORDER BY id", "i",
					vpn->id);

	while (db_next(rows) && !db_failed(db)) {
		struct site site;
		int64_t *peers;
		size_t count;

		if (!site_by_id(db, db_int(rows, 0), &site))
			continue;
		peers = topology_neighbours(db, vpn, &site, &count);
		for (size_t i = 0; i < count && !db_failed(db); i++) {
			if (site.id < peers[i])
				key_make(db, vpn, site.id, peers[i]);
			task_add(db, &site, peers[i], version, 0);
		}
		free(peers);
	}
	db_end(rows);
}
