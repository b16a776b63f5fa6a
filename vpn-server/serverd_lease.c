// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Leases: which CEs this process talks to now.
 *
 * Whoever talks to a CE has a lease of it in the database (owner, owned_until;
 * task.c), so that two servers never talk to one CE at once.  It is short, so
 * that the CEs of a server that died are soon another's, and renewed as long as
 * the talk lasts, however slow the CE is.  What is renewed is what this process
 * is at, not what is written under its name: a push that could not be recorded
 * is nobody's within LEASE_SECONDS.
 *
 * Its end is a time of day: clocks of servers that share a database have to agree
 * within a few seconds.  Should two talk to one CE all the same, the CE's own lock
 * keeps them apart, and what is pushed may be pushed twice (provision.c).
 */
#include "vpn-server/serverd.h"
#include "vpn-server/task.h"

#include <pthread.h>
#include <stddef.h>

#define KEEP_SECONDS (LEASE_SECONDS / 3)
#define KEEP_MOST    128 /* more than there are workers and calls */

static struct lease *leases;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

/* False: another thread is at it. */
static bool enter(struct lease *lease)
{
	bool found = false;

	pthread_mutex_lock(&mutex);
	for (const struct lease *other = leases; other && !found; other = other->next)
		found = other->ce == lease->ce;
	if (!found) {
		lease->next = leases;
		leases = lease;
	}
	pthread_mutex_unlock(&mutex);
	return !found;
}

bool lease_begin(struct lease *lease, struct db *db, int64_t ce, const char *owner)
{
	lease->ce = ce;
	if (!enter(lease))
		return false;
	if (task_claim_ce(db, ce, owner, LEASE_SECONDS))
		return true;
	lease_end(lease);
	return false;
}

void lease_end(struct lease *lease)
{
	struct lease **at;

	pthread_mutex_lock(&mutex);
	for (at = &leases; *at != lease; at = &(*at)->next)
		;
	*at = lease->next;
	pthread_mutex_unlock(&mutex);
}

static size_t list(int64_t *ids)
{
	size_t count = 0;

	pthread_mutex_lock(&mutex);
	for (const struct lease *lease = leases; lease && count < KEEP_MOST; lease = lease->next)
		ids[count++] = lease->ce;
	pthread_mutex_unlock(&mutex);
	return count;
}

bool lease_keep(struct db *db, const char *owner)
{
	static int64_t last;
	int64_t ids[KEEP_MOST], now = now_seconds();
	size_t count;

	/* a clock that was set back is no reason to wait */
	if (now >= last && now - last < KEEP_SECONDS)
		return true;
	last = now;
	count = list(ids);
	if (!count)
		return true;
	if (!db_begin(db))
		return false;
	for (size_t i = 0; i < count; i++)
		task_keep_ce(db, ids[i], owner, LEASE_SECONDS);
	return db_commit(db);
}
