// SPDX-License-Identifier: GPL-2.0-or-later
/* See renewal.h. ce.renew: 0 nobody wants it, RENEW_OLD its certificate ends soon, RENEW_WANTED somebody said so. */
#include "vpn-server/renewal.h"

#include <stdlib.h>

enum { RENEW_OLD = 1, RENEW_WANTED = 2 };

bool renewal_seen(struct db *db, const char *name, int64_t until)
{
	return db_exec(db,
		       "UPDATE ce SET certificate_until = $1 WHERE name = $2 AND certificate_until <> $1",
		       "is", until, name);
}

bool renewal_want(struct db *db, const char *name)
{
	struct ce ce;

	if (!ce_find(db, name, &ce))
		return false;
	if (ce.revoked)
		db_fail(db, "CE %s is revoked: remove it and add it again with new credentials",
			name);
	db_exec(db, "UPDATE ce SET renew = $1 WHERE id = $2", "ii", (int64_t)RENEW_WANTED, ce.id);
	db_wake_others(db);
	return !db_failed(db);
}

bool renewal_look(struct db *db)
{
	int64_t now = now_seconds();

	return db_exec(db,
		       "UPDATE ce SET renew = $1 WHERE renew = 0 AND certificate_until > 0 "
		       "AND certificate_until < $2 AND renew_after <= $3 AND revoked = 0 AND leaving = 0",
		       "iii", (int64_t)RENEW_OLD, now + RENEW_SECONDS, now);
}

int64_t renewal_next(struct db *db, int64_t most)
{
	int64_t now = now_seconds(), when;

	when = db_number(db, 0,
			 "SELECT min(renew_after) FROM ce WHERE renew = 0 AND certificate_until > 0 "
			 "AND certificate_until < $1 AND renew_after > $2 AND revoked = 0 AND leaving = 0",
			 "ii", now + RENEW_SECONDS, now);
	/* min() of nothing is NULL, which reads as 0 */
	return when > now && when - now < most ? when - now : most;
}

bool renewal_due(const struct ce *ce)
{
	return ce->renew == RENEW_WANTED ||
	       (ce->certificate_until && ce->certificate_until < now_seconds() + RENEW_SECONDS);
}

bool renewal_is_fresh(const struct ce *ce)
{
	/* a pair's name is when it was made */
	return ce->renew != RENEW_WANTED &&
	       now_seconds() < strtoll(ce->credentials, NULL, 10) + RENEW_SHOWN;
}

bool renewal_wait(struct db *db, const struct ce *ce)
{
	return db_exec(db, "UPDATE ce SET renew = 0, renew_after = $1 WHERE id = $2", "ii",
		       now_seconds() + RENEW_SEEN, ce->id);
}

bool renewal_done(struct db *db, const struct ce *ce, const char *name)
{
	return db_exec(db,
		       "UPDATE ce SET credentials = $1, synced = 0, renew = 0, renew_after = $2 WHERE id = $3",
		       "sii", name, now_seconds() + RENEW_SEEN, ce->id);
}

bool renewal_not_due(struct db *db, const struct ce *ce)
{
	return db_exec(db, "UPDATE ce SET renew = 0 WHERE id = $1", "i", ce->id);
}

bool renewal_failed(struct db *db, const struct ce *ce)
{
	return db_exec(db, "UPDATE ce SET renew = 0, renew_after = $1 WHERE id = $2", "ii",
		       now_seconds() + RENEW_AGAIN, ce->id);
}
