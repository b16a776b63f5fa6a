// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tasks and their order; see task.h.
 *
 * Whoever talks to a CE owns it for a while (owner, owned_until), again and
 * again (serverd_lease.c): a server that dies loses it by time, and two servers
 * never talk to one CE at once.
 */
#include "vpn-server/task.h"

#include <stdio.h>
#include <stdlib.h>

/*
 * Phase 1 of w waits: the other end has not been told. $2: since when patience is over.
 * Nobody waits for one in mode pull to learn of a new site: it asks when that site knocks. Nor
 * is one in mode pull sent away that has come to learn of its peers: it will not be back soon.
 */
#define BLOCKED                                                                                     \
	"w.phase = 1 AND w.created > $2 AND EXISTS (SELECT 1 FROM task u JOIN ce d ON d.id = u.ce " \
	"JOIN ce e ON e.id = w.ce WHERE u.site = w.peer AND u.peer = w.site AND u.phase = 0 AND "   \
	"((d.mode <> 'pull' AND e.mode <> 'pull') OR "                                              \
	"NOT EXISTS (SELECT 1 FROM site s WHERE s.id = w.site)))"

/* … and will soon be: it is one that we push to, and it answered last time. */
#define BLOCKED_BY_LIVE                                                                             \
	"w.phase = 1 AND w.created > $2 AND EXISTS (SELECT 1 FROM task u JOIN ce d ON d.id = u.ce " \
	"WHERE u.site = w.peer AND u.peer = w.site AND u.phase = 0 AND d.failures = 0 "             \
	"AND d.revoked = 0 AND d.mode = 'push')"

int64_t task_version(struct db *db)
{
	db_wake_others(db);
	return db_counter(db, "version");
}

void task_add(struct db *db, const struct site *site, int64_t peer, int64_t version, int phase)
{
	db_exec(db,
		"INSERT INTO task (site, peer, ce, vpn, version, phase, created) "
		"SELECT $1, $2, id, $4, $5, $6, $7 FROM ce WHERE id = $3 AND revoked = 0 "
		"ON CONFLICT (site, peer) DO UPDATE SET version = excluded.version, "
		"phase = excluded.phase, created = excluded.created",
		"iiiiiii", site->id, peer, site->ce, site->vpn, version, (int64_t)phase,
		now_seconds());
}

void task_link(struct db *db, const struct site *first, const struct site *second, int64_t version,
	       bool ordered)
{
	task_add(db, first, second->id, version, 0);
	task_add(db, second, first->id, version, ordered ? 1 : 0);
}

/* By the tasks, not by the CEs: where little is to be told, little is looked at. */
size_t task_ready(struct db *db, int64_t after, int64_t *ids, size_t most)
{
	struct db_rows *rows;
	int64_t now = now_seconds();
	size_t count = 0;

	rows = db_query(db,
			"SELECT c.id FROM (SELECT ce AS id FROM task WHERE ce > $4 "
			"UNION SELECT id FROM ce WHERE renew > 0 AND id > $4) x "
			"JOIN ce c ON c.id = x.id WHERE c.revoked = 0 AND c.mode = 'push' AND c.next_attempt <= $1 AND c.owned_until <= $1 "
			"AND (c.renew > 0 OR EXISTS "
			"(SELECT 1 FROM task w WHERE w.ce = c.id AND NOT (" BLOCKED "))) "
			"AND NOT EXISTS (SELECT 1 FROM task w WHERE w.ce = c.id AND " BLOCKED_BY_LIVE
			") "
			"ORDER BY c.id LIMIT $3",
			"iiii", now, now - TASK_PATIENCE, (int64_t)most, after);
	while (count < most && db_next(rows))
		ids[count++] = db_int(rows, 0);
	db_end(rows);
	return count;
}

/* The older a task is, the rarer: at first every NOTIFY_FIRST seconds. */
static int64_t notify_wait(int64_t now, int64_t since)
{
	int64_t wait = (now - since) / 2;

	return wait < NOTIFY_FIRST ? NOTIFY_FIRST : wait > NOTIFY_MOST ? NOTIFY_MOST : wait;
}

/* One whose certificate is to be renewed. */
static int64_t notify_renewal(struct db *db, int64_t now, char address[PREFIX_TEXT])
{
	struct db_rows *rows;
	int64_t ce = 0;

	rows = db_query(db,
			"SELECT id, address FROM ce WHERE renew > 0 AND mode = 'notify' AND revoked = 0 "
			"AND next_attempt <= $1 AND owned_until <= $1 ORDER BY id LIMIT 1",
			"i", now);
	if (db_next(rows)) {
		ce = db_int(rows, 0);
		snprintf(address, PREFIX_TEXT, "%s", db_text(rows, 1));
	}
	db_end(rows);
	return ce;
}

bool task_notify(struct db *db, char address[PREFIX_TEXT])
{
	struct db_rows *rows;
	int64_t now = now_seconds(), ce = 0, since = now;

	rows = db_query(db,
			"SELECT c.id, c.address, min(w.created) FROM ce c JOIN task w ON w.ce = c.id "
			"WHERE c.revoked = 0 AND c.mode = 'notify' AND c.next_attempt <= $1 "
			"AND c.owned_until <= $1 AND NOT (" BLOCKED ") "
			"GROUP BY c.id, c.address ORDER BY c.id LIMIT 1",
			"ii", now, now - TASK_PATIENCE);
	if (db_next(rows)) {
		ce = db_int(rows, 0);
		snprintf(address, PREFIX_TEXT, "%s", db_text(rows, 1));
		since = db_int(rows, 2);
	}
	db_end(rows);
	if (!ce)
		ce = notify_renewal(db, now, address);
	/* another server may have been faster; that is no end of the search */
	return ce &&
	       db_exec(db, "UPDATE ce SET next_attempt = $1 WHERE id = $2 AND next_attempt <= $3",
		       "iii", now + notify_wait(now, since), ce, now);
}

bool task_claim_ce(struct db *db, int64_t ce, const char *owner, int lease)
{
	int64_t now = now_seconds();

	return db_exec(db,
		       "UPDATE ce SET owner = $1, owned_until = $2 WHERE id = $3 AND owned_until <= $4",
		       "siii", owner, now + lease, ce, now) &&
	       db_affected(db) == 1;
}

void task_keep_ce(struct db *db, int64_t ce, const char *owner, int lease)
{
	db_exec(db, "UPDATE ce SET owned_until = $1 WHERE id = $2 AND owner = $3", "iis",
		now_seconds() + lease, ce, owner);
}

int64_t task_claim(struct db *db, const char *owner, int lease)
{
	int64_t ids[16];
	size_t count = task_ready(db, 0, ids, 16);

	for (size_t i = 0; i < count; i++)
		if (task_claim_ce(db, ids[i], owner, lease))
			return ids[i];
	return 0;
}

struct task *task_of_ce(struct db *db, int64_t ce, size_t *count)
{
	struct task *tasks = NULL;
	struct db_rows *rows;
	size_t room = 0;

	*count = 0;
	rows = db_query(db,
			"SELECT w.site, w.peer, w.version FROM task w WHERE w.ce = $1 AND NOT (" BLOCKED
			") ORDER BY w.site, w.peer",
			"ii", ce, now_seconds() - TASK_PATIENCE);
	while (db_next(rows)) {
		if (*count == room) {
			room = room ? room * 2 : 16;
			tasks = realloc(tasks, room * sizeof(*tasks));
			if (!tasks)
				abort();
		}
		tasks[(*count)++] = (struct task){
			.site = db_int(rows, 0),
			.peer = db_int(rows, 1),
			.version = db_int(rows, 2),
		};
	}
	db_end(rows);
	return tasks;
}

int64_t task_next(struct db *db, int64_t most)
{
	int64_t now = now_seconds(), until = now + most, when;

	when = db_number(db, until,
			 "SELECT min(CASE WHEN c.next_attempt > c.owned_until THEN c.next_attempt "
			 "ELSE c.owned_until END) FROM ce c WHERE c.mode <> 'pull' AND c.revoked = 0 "
			 "AND (c.next_attempt > $1 OR c.owned_until > $1) "
			 "AND EXISTS (SELECT 1 FROM task t WHERE t.ce = c.id)",
			 "i", now);
	/* min() of nothing is NULL, which reads as 0 */
	if (when <= now || when > until)
		when = until;
	return when - now;
}
