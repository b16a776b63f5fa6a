// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * CEs: devices, each known by one address in the provider's space, and how the
 * server talks to them.  Which VPNs they are in is site.c's.
 */
#include "vpn-server/model.h"
#include "vpn-server/revocation.h"
#include "vpn-server/task.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS                                                                                    \
	"id, name, address, mode, transport, host, port, login, host_key, revoked, leaving, "      \
	"synced, version, provisioned_at, failures, next_attempt, error, credentials, "            \
	"certificate_until, renew"

void ce_defaults(struct ce *ce)
{
	*ce = (struct ce){ .mode = "push", .transport = "tls", .login = "vpn-server" };
}

static void read_row(const struct db_rows *rows, struct ce *ce)
{
	*ce = (struct ce){
		.id = db_int(rows, 0),
		.port = db_int(rows, 6),
		.revoked = db_int(rows, 9),
		.leaving = db_int(rows, 10),
		.synced = db_int(rows, 11),
		.version = db_int(rows, 12),
		.provisioned_at = db_int(rows, 13),
		.failures = db_int(rows, 14),
		.next_attempt = db_int(rows, 15),
		.certificate_until = db_int(rows, 18),
		.renew = db_int(rows, 19),
	};
	snprintf(ce->name, sizeof(ce->name), "%s", db_text(rows, 1));
	snprintf(ce->address, sizeof(ce->address), "%s", db_text(rows, 2));
	snprintf(ce->mode, sizeof(ce->mode), "%s", db_text(rows, 3));
	snprintf(ce->transport, sizeof(ce->transport), "%s", db_text(rows, 4));
	snprintf(ce->host, sizeof(ce->host), "%s", db_text(rows, 5));
	snprintf(ce->login, sizeof(ce->login), "%s", db_text(rows, 7));
	snprintf(ce->host_key, sizeof(ce->host_key), "%s", db_text(rows, 8));
	snprintf(ce->error, sizeof(ce->error), "%s", db_text(rows, 16));
	snprintf(ce->credentials, sizeof(ce->credentials), "%s", db_text(rows, 17));
}

static bool read_one(struct db_rows *rows, struct ce *ce)
{
	bool found = db_next(rows);

	if (found)
		read_row(rows, ce);
	db_end(rows);
	return found;
}

bool ce_by_id(struct db *db, int64_t id, struct ce *ce)
{
	return read_one(db_query(db, "SELECT " COLUMNS " FROM ce WHERE id = $1", "i", id), ce);
}

bool ce_find(struct db *db, const char *name, struct ce *ce)
{
	if (read_one(db_query(db, "SELECT " COLUMNS " FROM ce WHERE name = $1", "s", name), ce))
		return true;
	db_fail(db, "there is no CE \"%.60s\"", name);
	return false;
}

bool ce_exists(struct db *db, const char *name)
{
	return db_number(db, 0, "SELECT 1 FROM ce WHERE name = $1", "s", name);
}

static bool taken(struct db *db, const struct ce *ce)
{
	struct db_rows *rows =
		db_query(db, "SELECT name, leaving FROM ce WHERE name = $1 OR address = $2", "ss",
			 ce->name, ce->address);
	bool found = db_next(rows);

	if (found && db_int(rows, 1))
		db_fail(db,
			"CE %s is leaving and has not been told yet: wait, or make the server forget it "
			"(vpnctl ce remove --forget %s)",
			db_text(rows, 0), db_text(rows, 0));
	else if (found && !strcmp(db_text(rows, 0), ce->name))
		db_fail(db, "there is a CE %s already", ce->name);
	else if (found)
		db_fail(db, "address %s is that of CE %s", ce->address, db_text(rows, 0));
	db_end(rows);
	return found;
}

/* Letters of addresses and names only: it goes to the resolver, and into messages. */
static bool host_check(struct db *db, const struct ce *ce)
{
	for (const char *c = ce->host; *c; c++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:-_/",
			    *c)) {
			db_fail(db, "CE %s: \"%.80s\" is neither an address nor the name of a host",
				ce->name, ce->host);
			return false;
		}
	return true;
}

static bool check(struct db *db, struct ce *ce)
{
	char address[PREFIX_TEXT], error[160];

	if (!name_check(db, "CE", ce->name, sizeof(ce->name)) || !host_check(db, ce))
		return false;
	if (!ce->address[0])
		db_fail(db, "CE %s: it needs its address in the provider's network (--address)",
			ce->name);
	else if (!address_parse(ce->address, address, error, sizeof(error)))
		db_fail(db, "CE %s: %s", ce->name, error);
	else
		snprintf(ce->address, sizeof(ce->address), "%s", address);
	if (strcmp(ce->mode, "push") && strcmp(ce->mode, "pull") && strcmp(ce->mode, "notify"))
		db_fail(db, "CE %s: mode \"%s\", it may be: push, pull, notify", ce->name, ce->mode);
	if (strcmp(ce->transport, "tls") && strcmp(ce->transport, "ssh"))
		db_fail(db, "CE %s: transport \"%s\", it may be: tls, ssh", ce->name, ce->transport);
	if (ce->port < 0 || ce->port > 65535)
		db_fail(db, "CE %s: a port is 1 to 65535", ce->name);
	return !db_failed(db);
}

bool ce_add(struct db *db, struct ce *ce)
{
	if (!check(db, ce) || taken(db, ce))
		return false;
	ce->id = db_counter(db, "id");
	return db_exec(db,
		       "INSERT INTO ce (" COLUMNS
		       ", owner, owned_until) VALUES ($1, $2, $3, $4, $5, $6, "
		       "$7, $8, $9, 0, 0, 0, 0, 0, 0, 0, '', '', 0, 0, '', 0)",
		       "isssssiss", ce->id, ce->name, ce->address, ce->mode, ce->transport,
		       ce->host, ce->port, ce->login, ce->host_key);
}

/* Nothing of it is left.  What it runs is no longer ours to change. */
void ce_forget(struct db *db, const struct ce *ce)
{
	db_exec(db, "DELETE FROM task WHERE ce = $1", "i", ce->id);
	db_exec(db, "DELETE FROM provisioned WHERE ce = $1", "i", ce->id);
	db_exec(db, "DELETE FROM ce WHERE id = $1", "i", ce->id);
	revocation_of(db, ce->name);
}

static size_t vpns_of(struct db *db, int64_t ce, int64_t *ids, size_t most)
{
	struct db_rows *rows = db_query(db, "SELECT vpn FROM site WHERE ce = $1 ORDER BY id", "i",
					ce);
	size_t count = 0;

	while (count < most && db_next(rows))
		ids[count++] = db_int(rows, 0);
	db_end(rows);
	return count;
}

bool ce_remove(struct db *db, const char *name, bool forgotten)
{
	int64_t vpns[64];
	struct ce ce;
	size_t count;

	if (!ce_find(db, name, &ce))
		return false;
	/* again until it is in none, however many there are */
	while (!db_failed(db) && (count = vpns_of(db, ce.id, vpns, 64)))
		for (size_t i = 0; i < count && !db_failed(db); i++) {
			struct vpn vpn;

			if (vpn_by_id(db, vpns[i], &vpn))
				site_remove(db, &vpn, &ce);
		}
	if (forgotten || !db_number(db, 0, "SELECT count(*) FROM task WHERE ce = $1", "i", ce.id))
		ce_forget(db, &ce);
	else
		db_exec(db, "UPDATE ce SET leaving = 1, next_attempt = 0 WHERE id = $1", "i", ce.id);
	return !db_failed(db);
}

/* Its peers drop it; it is told nothing more, as it is trusted no more. */
bool ce_revoke(struct db *db, const char *name)
{
	struct db_rows *rows;
	struct ce ce;
	int64_t version;
	int64_t sites[64];
	size_t count = 0;

	if (!ce_find(db, name, &ce))
		return false;
	if (ce.revoked) {
		db_fail(db, "CE %s is revoked already", name);
		return false;
	}
	version = task_version(db);
	rows = db_query(db, "SELECT id FROM site WHERE ce = $1", "i", ce.id);
	while (count < 64 && db_next(rows))
		sites[count++] = db_int(rows, 0);
	db_end(rows);
	for (size_t i = 0; i < count; i++) {
		struct site site, peer;
		int64_t *peers;
		struct vpn vpn;
		size_t many;

		if (!site_by_id(db, sites[i], &site) || !vpn_by_id(db, site.vpn, &vpn))
			continue;
		peers = topology_neighbours(db, &vpn, &site, &many);
		for (size_t p = 0; p < many; p++)
			if (site_by_id(db, peers[p], &peer))
				task_add(db, &peer, site.id, version, 0);
		free(peers);
		db_exec(db, "DELETE FROM psk WHERE a = $1 OR b = $1", "i", site.id);
	}
	db_exec(db, "DELETE FROM task WHERE ce = $1", "i", ce.id);
	db_exec(db, "UPDATE ce SET revoked = 1, error = 'revoked' WHERE id = $1", "i", ce.id);
	revocation_of(db, ce.name);
	return !db_failed(db);
}
