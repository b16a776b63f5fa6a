// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The list of revoked certificates, as something that CEs are provisioned with.
 *
 * It has a number (counter.crl), which is in the name of the file that each CE
 * keeps it in, and that its profiles name: so a new one is a change of
 * configuration, with tasks, in the VPNs whose links authenticate by
 * certificates, and in no others.  The list itself is made when it is sent
 * (authority_crl()), so it may say more than when its number was given, and it
 * ends later than authority.crl_until, never before.
 *
 * A list has an end (RFC 5280, nextUpdate).  LIST_RENEW_SECONDS before it there is
 * another one, under another number, whether or not anything was revoked: who has
 * not got it by then has not been reached for all that time.
 */
#include "vpn-server/revocation.h"
#include "vpn-server/authority.h"
#include "vpn-server/task.h"

/* Whoever authenticates by certificates is told of a new list. */
static void tell(struct db *db)
{
	struct db_rows *rows;
	int64_t version;

	db_counter(db, "crl");
	db_exec(db, "UPDATE authority SET crl_until = $1 WHERE id = 1", "i",
		now_seconds() + CRL_DAYS * 86400);
	version = task_version(db);
	rows = db_query(db, "SELECT id FROM vpn WHERE authentication = 'certificate' ORDER BY id",
			"");
	while (db_next(rows) && !db_failed(db)) {
		struct vpn vpn;

		if (vpn_by_id(db, db_int(rows, 0), &vpn))
			topology_tell_all(db, &vpn, version);
	}
	db_end(rows);
}

bool revocation_of(struct db *db, const char *name)
{
	db_exec(db, "UPDATE certificate SET revoked = $1 WHERE name = $2 AND revoked = 0", "is",
		now_seconds(), name);
	if (!db_failed(db) && db_affected(db))
		tell(db);
	return !db_failed(db);
}

int64_t revocation_number(struct db *db)
{
	return db_number(db, 0, "SELECT value FROM counter WHERE name = 'crl'", "");
}

static bool ends_soon(struct db *db)
{
	return db_number(db, 0,
			 "SELECT 1 FROM authority, counter WHERE counter.name = 'crl' "
			 "AND counter.value > 0 AND authority.crl_until < $1",
			 "i", now_seconds() + LIST_RENEW_SECONDS);
}

bool revocation_look(struct db *db)
{
	if (!ends_soon(db))
		return !db_failed(db);
	if (!db_begin(db))
		return false;
	/* another server may have been faster */
	if (ends_soon(db))
		tell(db);
	return db_commit(db);
}
