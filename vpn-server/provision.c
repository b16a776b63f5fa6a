// SPDX-License-Identifier: GPL-2.0-or-later
/* Plans; see provision.h. */
#include "vpn-server/provision.h"
#include "vpn-server/compute.h"
#include "vpn-server/revocation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BACKOFF_FIRST 5
#define BACKOFF_MOST  300

static void add_end(struct plan *plan, int64_t site, int64_t peer, const struct config *config)
{
	struct plan_end *end;

	if (!(plan->end_count & (plan->end_count - 1))) {
		size_t room = plan->end_count ? plan->end_count * 2 : 1;

		plan->ends = realloc(plan->ends, room * sizeof(*plan->ends));
		if (!plan->ends)
			abort();
	}
	end = &plan->ends[plan->end_count++];
	*end = (struct plan_end){ .site = site, .peer = peer };
	if (config->count) {
		struct json_object *json = config_digest(config);

		end->digest = strdup(json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN));
		json_object_put(json);
	}
}

static void plan_end(struct db *db, struct plan *plan, int64_t site, int64_t peer)
{
	struct config config;

	if (end_compute(db, site, peer, &config)) {
		add_end(plan, site, peer, &config);
		config_merge(&plan->new, &config);
	}
	config_clear(&config);
}

static void read_old(struct db *db, struct plan *plan, int64_t site, int64_t peer)
{
	struct db_rows *rows =
		db_query(db, "SELECT config FROM provisioned WHERE site = $1 AND peer = $2", "ii",
			 site, peer);

	if (db_next(rows))
		config_from_digest(&plan->old, db_text(rows, 0));
	db_end(rows);
}

/* Only what changed: the ends that there are tasks for. */
static void plan_changes(struct db *db, struct plan *plan)
{
	for (size_t i = 0; i < plan->task_count && !db_failed(db); i++) {
		read_old(db, plan, plan->tasks[i].site, plan->tasks[i].peer);
		plan_end(db, plan, plan->tasks[i].site, plan->tasks[i].peer);
	}
}

static int compare_tasks(const void *x, const void *y)
{
	const struct task *a = x, *b = y;

	if (a->site != b->site)
		return a->site < b->site ? -1 : 1;
	return a->peer < b->peer ? -1 : a->peer > b->peer;
}

/* A task that it is too early for: neither done nor ready. */
static bool blocked(struct db *db, const struct plan *plan, int64_t site, int64_t peer)
{
	struct task wanted = { .site = site, .peer = peer };

	return db_number(db, 0, "SELECT 1 FROM task WHERE site = $1 AND peer = $2", "ii", site,
			 peer) &&
	       !bsearch(&wanted, plan->tasks, plan->task_count, sizeof(wanted), compare_tasks);
}

static void plan_whole(struct db *db, struct plan *plan)
{
	struct db_rows *rows = db_query(db, "SELECT id FROM site WHERE ce = $1 ORDER BY id", "i",
					plan->ce.id);

	if (plan->task_count)
		qsort(plan->tasks, plan->task_count, sizeof(*plan->tasks), compare_tasks);
	while (db_next(rows) && !db_failed(db)) {
		struct site site;
		struct vpn vpn;
		int64_t *peers;
		size_t count;

		if (!site_by_id(db, db_int(rows, 0), &site) || !vpn_by_id(db, site.vpn, &vpn))
			continue;
		peers = topology_neighbours(db, &vpn, &site, &count);
		for (size_t i = 0; i < count && !db_failed(db); i++)
			if (!plan->task_count || !blocked(db, plan, site.id, peers[i]))
				plan_end(db, plan, site.id, peers[i]);
		free(peers);
	}
	db_end(rows);
}

bool plan_make(struct db *db, int64_t ce, struct plan *plan)
{
	*plan = (struct plan){ 0 };
	if (!db_begin(db))
		return false;
	if (!ce_by_id(db, ce, &plan->ce))
		db_fail(db, "the CE is gone");
	plan->crl = revocation_number(db);
	plan->whole = !plan->ce.synced;
	plan->tasks = task_of_ce(db, ce, &plan->task_count);
	if (plan->whole)
		plan_whole(db, plan);
	else
		plan_changes(db, plan);
	config_sort(&plan->old);
	config_sort(&plan->new);
	/* until it is recorded, nobody knows what the CE runs */
	db_exec(db, "UPDATE ce SET synced = 0 WHERE id = $1 AND synced <> 0", "i", ce);
	return db_commit(db);
}

void plan_clear(struct plan *plan)
{
	config_clear(&plan->old);
	config_clear(&plan->new);
	for (size_t i = 0; i < plan->end_count; i++)
		free(plan->ends[i].digest);
	free(plan->ends);
	free(plan->tasks);
	*plan = (struct plan){ 0 };
}

int64_t plan_version(const struct plan *plan)
{
	int64_t version = plan->ce.version;

	for (size_t i = 0; i < plan->task_count; i++)
		if (plan->tasks[i].version > version)
			version = plan->tasks[i].version;
	return version;
}

/* The CE's record is this plan's, and the CE is free again. */
static void record_ce(struct db *db, const struct plan *plan, const char *owner)
{
	int64_t version = plan_version(plan), now = now_seconds();

	db_exec(db,
		"UPDATE ce SET synced = 1, version = $1, provisioned_at = $2, failures = 0, "
		"next_attempt = 0, error = '', owner = '', owned_until = 0 "
		"WHERE id = $3 AND owner = $4",
		"iiis", version, now, plan->ce.id, owner);
	if (!db_failed(db) && !db_affected(db))
		db_fail(db, "another server may be talking to the CE now");
}

static void record_end(struct db *db, const struct plan *plan, const struct plan_end *end)
{
	if (end->digest)
		db_exec(db,
			"INSERT INTO provisioned (site, peer, ce, config) VALUES ($1, $2, $3, $4) "
			"ON CONFLICT (site, peer) DO UPDATE SET config = excluded.config",
			"iiis", end->site, end->peer, plan->ce.id, end->digest);
	else
		db_exec(db, "DELETE FROM provisioned WHERE site = $1 AND peer = $2", "ii",
			end->site, end->peer);
}

bool plan_done(struct db *db, const struct plan *plan, const char *owner)
{
	struct ce ce;

	if (!db_begin(db))
		return false;
	record_ce(db, plan, owner);
	if (plan->whole)
		db_exec(db, "DELETE FROM provisioned WHERE ce = $1", "i", plan->ce.id);
	for (size_t i = 0; i < plan->end_count && !db_failed(db); i++)
		record_end(db, plan, &plan->ends[i]);
	/* a task that was renewed meanwhile has another version, and stays */
	for (size_t i = 0; i < plan->task_count && !db_failed(db); i++)
		db_exec(db, "DELETE FROM task WHERE site = $1 AND peer = $2 AND version = $3",
			"iii", plan->tasks[i].site, plan->tasks[i].peer, plan->tasks[i].version);
	if (!db_failed(db) && ce_by_id(db, plan->ce.id, &ce) && ce.leaving &&
	    !db_number(db, 0, "SELECT 1 FROM task WHERE ce = $1 LIMIT 1", "i", ce.id))
		ce_forget(db, &ce);
	db_wake_others(db);
	return db_commit(db);
}

int64_t plan_backoff(int64_t failures, unsigned int chance)
{
	int64_t wait = BACKOFF_FIRST;

	while (--failures > 0 && wait < BACKOFF_MOST)
		wait *= 2;
	if (wait > BACKOFF_MOST)
		wait = BACKOFF_MOST;
	return wait + chance % (wait / 4 + 1);
}

bool plan_failed(struct db *db, int64_t ce, const char *owner, const char *words)
{
	int64_t failures;

	if (!db_begin(db))
		return false;
	failures = 1 + db_number(db, 0, "SELECT failures FROM ce WHERE id = $1", "i", ce);
	db_exec(db,
		"UPDATE ce SET synced = 0, failures = $1, next_attempt = $2, error = $3, owner = '', "
		"owned_until = 0 WHERE id = $4 AND owner = $5",
		"iisis", failures, now_seconds() + plan_backoff(failures, (unsigned int)rand()),
		words, ce, owner);
	db_wake_others(db);
	return db_commit(db);
}

bool plan_release_all(struct db *db, const char *owner)
{
	return db_exec(db, "UPDATE ce SET owner = '', owned_until = 0 WHERE owner = $1", "s", owner);
}
