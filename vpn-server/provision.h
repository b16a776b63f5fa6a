// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a CE is to be told now, and what to remember of it.  No network: a plan
 * is made from the database, somebody carries it out, and it is recorded.
 *
 * Killed in between, nothing is lost: the tasks are still there, and the next
 * plan is whole (synced is 0 while somebody is at it), which finds by the CE's
 * own configuration what was done.
 */
#ifndef VPN_SERVER_PROVISION_H
#define VPN_SERVER_PROVISION_H

#include "vpn-server/config.h"
#include "vpn-server/task.h"

struct plan_end {
	int64_t site, peer;
	char *digest; /* NULL: the link is gone */
};

struct plan {
	struct ce ce;
	int64_t crl; /* number of the list of revoked certificates that new may name; 0: there is none */
	bool whole;	   /* old is not known: read what the CE runs, and compare with that */
	struct config old; /* by digest, as recorded */
	struct config new;
	struct task *tasks; /* that are done with it */
	size_t task_count;
	struct plan_end *ends;
	size_t end_count;
};

/* Of a CE that is owned by the caller.  False: db_error(). */
bool plan_make(struct db *db, int64_t ce, struct plan *plan);
void plan_clear(struct plan *plan);
/* The version of the database that the CE has when the plan was carried out. */
int64_t plan_version(const struct plan *plan);

/*
 * It was carried out: recorded, unless the ownership was lost meanwhile (false,
 * with words).  A leaving CE that was told all is forgotten.
 */
bool plan_done(struct db *db, const struct plan *plan, const char *owner);

/* It was not: the words are kept, and the next attempt is later each time. */
bool plan_failed(struct db *db, int64_t ce, const char *owner, const char *words);

/* Seconds to wait after so many failures: 5, 10, 20, … 300, and a little chance. */
int64_t plan_backoff(int64_t failures, unsigned int chance);

/* Ownership of CEs that a server of this name left behind when it died. */
bool plan_release_all(struct db *db, const char *owner);

#endif /* VPN_SERVER_PROVISION_H */
