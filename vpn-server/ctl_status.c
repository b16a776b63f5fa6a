// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vpnctl status: what is provisioned and what is not, by VPN and by CE; with
 * --watch again at each change, until interrupted.
 */
#include "vpn-server/ctl.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#define LOOK_EVERY_MS 500
#define EXPIRY_DAYS   30

static const char *state_of(const struct ce *ce, int64_t tasks)
{
	if (ce->revoked)
		return "revoked";
	if (ce->leaving)
		return "leaving";
	if (ce->failures)
		return "unreachable";
	if (tasks)
		return "pending";
	return ce->version ? "provisioned" : "new";
}

static struct json_object *ce_json(const struct ce *ce, int64_t tasks)
{
	struct json_object *json = json_object_new_object();

	ctl_put(json, "state", state_of(ce, tasks));
	ctl_put(json, "address", ce->address);
	ctl_put(json, "mode", ce->mode);
	ctl_put_number(json, "version", ce->version);
	ctl_put_number(json, "pendingLinks", tasks);
	ctl_put_number(json, "failures", ce->failures);
	if (ce->provisioned_at)
		ctl_put(json, "provisionedAt", ctl_time(ce->provisioned_at));
	if (ce->error[0])
		ctl_put(json, "error", ce->error);
	if (ce->certificate_until)
		ctl_put(json, "certificateUntil", ctl_time(ce->certificate_until));
	if (ce->renew)
		ctl_put_flag(json, "certificateToRenew", true);
	if (ce->failures)
		ctl_put(json, "nextAttempt", ctl_time(ce->next_attempt));
	return json;
}

static void ce_line(const struct ce *ce, int64_t tasks)
{
	printf("%-24s %-16s %-12s %7" PRId64 " %7" PRId64 "  %s\n", ce->name, ce->address,
	       state_of(ce, tasks), ce->version, tasks, ce->error);
}

static struct json_object *ces(struct db *db, bool json)
{
	struct json_object *all = json ? json_object_new_object() : NULL;
	struct db_rows *rows = db_query(db, "SELECT id FROM ce ORDER BY name", "");

	if (!json)
		printf("%-24s %-16s %-12s %7s %7s\n", "CE", "ADDRESS", "STATE", "VERSION",
		       "PENDING");
	while (db_next(rows)) {
		struct ce ce;
		int64_t tasks;

		if (!ce_by_id(db, db_int(rows, 0), &ce))
			continue;
		tasks = db_number(db, 0, "SELECT count(*) FROM task WHERE ce = $1", "i", ce.id);
		if (json)
			json_object_object_add(all, ce.name, ce_json(&ce, tasks));
		else
			ce_line(&ce, tasks);
	}
	db_end(rows);
	return all;
}

/* A rotation under way, and whom it waits for. */
static struct json_object *rotations(struct db *db, bool json)
{
	struct json_object *all = json ? json_object_new_object() : NULL, *one, *waiting;
	struct db_rows *rows =
		db_query(db,
			 "SELECT v.name, v.rotation_step, v.rotation_deadline, v.id FROM vpn v "
			 "WHERE v.rotation_step > 0 ORDER BY v.name",
			 "");

	while (db_next(rows)) {
		struct db_rows *late =
			db_query(db,
				 "SELECT DISTINCT c.name FROM task t JOIN ce c ON c.id = t.ce "
				 "WHERE t.vpn = $1 ORDER BY c.name",
				 "i", db_int(rows, 3));

		waiting = json_object_new_array();
		if (!json)
			printf("keys of VPN %s: step %" PRId64 " of 2, waits until %s for:",
			       db_text(rows, 0), db_int(rows, 1), ctl_time(db_int(rows, 2)));
		while (db_next(late)) {
			json_object_array_add(waiting, json_object_new_string(db_text(late, 0)));
			if (!json)
				printf(" %s", db_text(late, 0));
		}
		db_end(late);
		if (!json) {
			printf("\n");
			json_object_put(waiting);
			continue;
		}
		one = json_object_new_object();
		ctl_put_number(one, "step", db_int(rows, 1));
		ctl_put(one, "until", ctl_time(db_int(rows, 2)));
		json_object_object_add(one, "waitsFor", waiting);
		json_object_object_add(all, db_text(rows, 0), one);
	}
	db_end(rows);
	return all;
}

/* Certificates in use that end soon: what a CE has shown counts, otherwise what was made for the name. */
static struct json_object *expiries(struct db *db, bool json)
{
	struct json_object *all = json ? json_object_new_object() : NULL;
	struct db_rows *rows =
		db_query(db,
			 "SELECT name, certificate_until FROM ce WHERE revoked = 0 "
			 "AND certificate_until > 0 AND certificate_until < $1 "
			 "UNION SELECT x.name, max(x.not_after) FROM certificate x WHERE x.revoked = 0 "
			 "AND NOT EXISTS (SELECT 1 FROM ce c WHERE c.name = x.name "
			 "AND c.certificate_until > 0) "
			 "GROUP BY x.name HAVING max(x.not_after) < $1 ORDER BY 1",
			 "i", now_seconds() + EXPIRY_DAYS * 86400);

	while (db_next(rows)) {
		if (json)
			ctl_put(all, db_text(rows, 0), ctl_time(db_int(rows, 1)));
		else
			printf("the certificate of %s expires %s\n", db_text(rows, 0),
			       ctl_time(db_int(rows, 1)));
	}
	db_end(rows);
	return all;
}

static void print_once(const struct ctl *ctl)
{
	struct json_object *rotating = rotations(ctl->db, ctl->json);
	struct json_object *expiring = expiries(ctl->db, ctl->json);
	struct json_object *all, *devices = ces(ctl->db, ctl->json);

	if (ctl->json) {
		all = json_object_new_object();
		json_object_object_add(all, "ces", devices);
		json_object_object_add(all, "rotations", rotating);
		json_object_object_add(all, "expiring", expiring);
		ctl_put_number(all, "version",
			       db_number(ctl->db, 0,
					 "SELECT value FROM counter WHERE name = 'version'", ""));
		ctl_print(all);
	}
	fflush(stdout);
}

static int status(const struct ctl *ctl)
{
	bool tty = isatty(STDOUT_FILENO);

	if (ctl->option("watch"))
		db_listen(ctl->db);
	for (;;) {
		if (ctl->option("watch") && tty && !ctl->json)
			fputs("\033[H\033[J", stdout);
		print_once(ctl);
		if (!ctl->option("watch") || db_failed(ctl->db) || ferror(stdout))
			return ctl_done(ctl);
		do {
			struct pollfd fd = { .fd = db_descriptor(ctl->db), .events = POLLIN };

			poll(&fd, 1, LOOK_EVERY_MS);
			if (db_lost(ctl->db))
				return ctl_error("the connection to the database is lost");
		} while (!db_changed(ctl->db));
	}
}

const struct ctl_command ctl_status_commands[] = {
	{ "status", "[--watch]", " watch ", 0, 0, status,
	  "what is provisioned, what is not, and why" },
	{ 0 },
};
