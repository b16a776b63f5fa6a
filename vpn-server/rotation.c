// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rotation of a VPN's pre-shared keys, with both valid until every CE has the
 * new one:
 *
 *	step 1	every CE proves itself by the old key and accepts the new one
 *	step 2	every CE proves itself by the new key and accepts the old one
 *	end	the old key is forgotten
 *
 * A step ends when no task of the VPN is left, or at its deadline: who could not
 * be reached by then is named in "vpnctl status", and its links last until they
 * authenticate again.
 */
#include "vpn-server/task.h"
#include "vpn-server/key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void set_step(struct db *db, struct vpn *vpn, int64_t step)
{
	vpn->rotation_step = step;
	vpn->rotation_version = task_version(db);
	vpn->rotation_deadline = now_seconds() + vpn->rotation_wait;
	db_exec(db,
		"UPDATE vpn SET rotation_step = $1, rotation_version = $2, rotation_deadline = $3, "
		"rotation_wait = $4, generation = $5 WHERE id = $6",
		"iiiiii", step, vpn->rotation_version, vpn->rotation_deadline, vpn->rotation_wait,
		vpn->generation, vpn->id);
	topology_tell_all(db, vpn, vpn->rotation_version);
}

bool rotation_start(struct db *db, struct vpn *vpn, int64_t wait)
{
	if (strcmp(vpn->authentication, "psk"))
		db_fail(db,
			"VPN %s authenticates by certificates: a CE renews its own before it expires",
			vpn->name);
	if (vpn->rotation_step)
		db_fail(db, "the keys of VPN %s are being rotated (see vpnctl status)", vpn->name);
	if (wait < 1)
		db_fail(db, "the longest wait is at least a second");
	if (db_failed(db))
		return false;
	vpn->rotation_wait = wait;
	set_step(db, vpn, 1);
	return !db_failed(db);
}

static void step(struct db *db, struct vpn *vpn)
{
	if (vpn->rotation_step == 1) {
		set_step(db, vpn, 2);
		return;
	}
	vpn->generation++;
	db_exec(db,
		"DELETE FROM psk WHERE generation < $1 AND a IN (SELECT id FROM site WHERE vpn = $2)",
		"ii", vpn->generation, vpn->id);
	set_step(db, vpn, 0);
}

bool rotation_advance(struct db *db)
{
	int64_t ids[32];
	struct db_rows *rows;
	size_t count = 0;

	rows = db_query(db,
			"SELECT v.id FROM vpn v WHERE v.rotation_step > 0 AND (v.rotation_deadline <= $1 "
			"OR NOT EXISTS (SELECT 1 FROM task t WHERE t.vpn = v.id))",
			"i", now_seconds());
	while (count < 32 && db_next(rows))
		ids[count++] = db_int(rows, 0);
	db_end(rows);
	if (!count || db_failed(db))
		return !db_failed(db);
	if (!db_begin(db))
		return false;
	for (size_t i = 0; i < count; i++) {
		struct vpn vpn;

		/* another server may have been faster */
		if (vpn_by_id(db, ids[i], &vpn) && vpn.rotation_step > 0 &&
		    (vpn.rotation_deadline <= now_seconds() ||
		     !db_number(db, 0, "SELECT 1 FROM task WHERE vpn = $1 LIMIT 1", "i", vpn.id)))
			step(db, &vpn);
	}
	return db_commit(db);
}
