// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tasks: the link ends that CEs have yet to be told about, and in which order.
 *
 * A task says "look at (site, peer) again"; what the CE gets is computed when it
 * is told, so a task is never out of date and may be done twice.  Per link:
 *
 *	phase 0	any time
 *	phase 1	after the other end's phase 0 of the same link, so that a new
 *		site is known by its peer before it talks, and a removed one is
 *		cut off at its peer first; or after TASK_PATIENCE
 *
 * A CE whose task waits for a peer that answers is left alone until all can be
 * told at once; a peer that does not answer holds up its own link only.
 */
#ifndef VPN_SERVER_TASK_H
#define VPN_SERVER_TASK_H

#include "vpn-server/model.h"

#define TASK_PATIENCE 600 /* seconds */
#define NOTIFY_FIRST  5	  /* seconds until a CE that was told to come is told again */
#define NOTIFY_MOST   300

/* The number of the change that this transaction makes. */
int64_t task_version(struct db *db);

/* One end of a link, told by the CE of site. */
void task_add(struct db *db, const struct site *site, int64_t peer, int64_t version, int phase);

/* Both ends: first's before second's, or with ordered false as they come. */
void task_link(struct db *db, const struct site *first, const struct site *second, int64_t version,
	       bool ordered);

/* A CE that may be told something now: its id, or 0. lease: seconds that it is ours. */
int64_t task_claim(struct db *db, const char *owner, int lease);

/*
 * Ids of CEs that could be claimed, behind the id after, at most most of them; the
 * count.  Who goes on after the last one looks at each CE once, however many there are.
 */
size_t task_ready(struct db *db, int64_t after, int64_t *ids, size_t most);
bool task_claim_ce(struct db *db, int64_t ce, const char *owner, int lease);
/* A CE that is the owner's stays so for another lease seconds. */
void task_keep_ce(struct db *db, int64_t ce, const char *owner, int lease);

/*
 * The address of one CE in mode notify that is to be told to come, now; it is not named again for a while.
 * False: there is none, or the database failed.
 */
bool task_notify(struct db *db, char address[PREFIX_TEXT]);

struct task {
	int64_t site, peer, version;
};
/* The tasks of a CE whose turn it is.  malloc'ed. */
struct task *task_of_ce(struct db *db, int64_t ce, size_t *count);

/* When somebody should look again though nothing changed: seconds from now, at most most. */
int64_t task_next(struct db *db, int64_t most);

/* Key rotation: starts it, and takes the next step where all were told or the time is up. */
bool rotation_start(struct db *db, struct vpn *vpn, int64_t wait);
bool rotation_advance(struct db *db);

#endif /* VPN_SERVER_TASK_H */
