// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The tables of the provider's VPN database (draft-ietf-l3vpn-ce-based-02,
 * section 3.1), and their migrations.
 *
 * A CE is a device with one address in the provider's space.  A site is a CE's
 * place in a VPN: a VRF of it, the prefixes behind it if they are static, its
 * role.  Which sites are linked follows from the VPN's topology; only a graph
 * stores its links (edge).  A task is a link end that its CE has to be told
 * about; provisioned is what it was told last, secrets replaced by a digest.
 *
 * SQL that both SQLite and PostgreSQL take: BIGINT and TEXT only, ids from a
 * counter, booleans as 0 and 1, times in seconds since 1970.
 *
 * A migration is a list of statements that is never changed once released; a
 * new version appends one.  They run with the version's update in a single
 * transaction (both databases have transactional DDL).
 */
#include "vpn-server/schema.h"

static const char *const version_1[] = {
	"CREATE TABLE counter (name TEXT PRIMARY KEY, value BIGINT NOT NULL)",
	"INSERT INTO counter (name, value) VALUES ('id', 0), ('version', 0)",
	"CREATE TABLE vpn ("
	" id BIGINT PRIMARY KEY,"
	" name TEXT NOT NULL UNIQUE,"
	" vpn_id TEXT NOT NULL UNIQUE,"
	" topology TEXT NOT NULL,"
	" encapsulation TEXT NOT NULL,"
	" authentication TEXT NOT NULL,"
	" establish TEXT NOT NULL,"
	" idle BIGINT NOT NULL,"
	" routing TEXT NOT NULL,"
	" ike_proposal TEXT NOT NULL,"
	" esp_proposal TEXT NOT NULL,"
	" lifetime BIGINT NOT NULL,"
	" dead_peer_detection BIGINT NOT NULL,"
	" generation BIGINT NOT NULL,"	     /* of the keys in use */
	" rotation_step BIGINT NOT NULL,"    /* 0: none under way */
	" rotation_version BIGINT NOT NULL," /* of the changes that the step waits for */
	" rotation_deadline BIGINT NOT NULL,"
	" rotation_wait BIGINT NOT NULL)",
	"CREATE TABLE vpn_prefix (" /* what a spoke reaches through its hubs */
	" vpn BIGINT NOT NULL REFERENCES vpn (id),"
	" prefix TEXT NOT NULL,"
	" PRIMARY KEY (vpn, prefix))",
	"CREATE TABLE ce ("
	" id BIGINT PRIMARY KEY,"
	" name TEXT NOT NULL UNIQUE,"
	" address TEXT NOT NULL UNIQUE,"
	" mode TEXT NOT NULL,"
	" transport TEXT NOT NULL,"
	" host TEXT NOT NULL," /* management address, if not the address */
	" port BIGINT NOT NULL,"
	" login TEXT NOT NULL,"
	" host_key TEXT NOT NULL," /* SSH: SHA256 fingerprint */
	" revoked BIGINT NOT NULL,"
	" leaving BIGINT NOT NULL," /* to be told so, then forgotten */
	" synced BIGINT NOT NULL,"  /* what it runs is what provisioned says */
	" version BIGINT NOT NULL," /* of the last change that it has */
	" provisioned_at BIGINT NOT NULL,"
	" failures BIGINT NOT NULL,"
	" next_attempt BIGINT NOT NULL,"
	" error TEXT NOT NULL,"
	" owner TEXT NOT NULL," /* server that talks to it, until */
	" owned_until BIGINT NOT NULL)",
	"CREATE TABLE site ("
	" id BIGINT PRIMARY KEY,"
	" vpn BIGINT NOT NULL REFERENCES vpn (id),"
	" ce BIGINT NOT NULL REFERENCES ce (id),"
	" vrf TEXT NOT NULL,"
	" hub BIGINT NOT NULL,"
	" link_name TEXT NOT NULL UNIQUE," /* of its peers' interface towards it */
	" UNIQUE (vpn, ce),"
	" UNIQUE (ce, vrf))",
	"CREATE INDEX site_hub ON site (vpn, hub)",
	"CREATE INDEX site_vrf ON site (vrf)",
	"CREATE TABLE site_prefix ("
	" site BIGINT NOT NULL REFERENCES site (id),"
	" vpn BIGINT NOT NULL REFERENCES vpn (id),"
	" prefix TEXT NOT NULL,"
	" first TEXT NOT NULL," /* family and address in hexadecimal: ordered as text */
	" last TEXT NOT NULL,"
	" PRIMARY KEY (site, prefix))",
	"CREATE INDEX site_prefix_range ON site_prefix (vpn, first)",
	"CREATE TABLE edge (" /* a graph's links: a < b */
	" a BIGINT NOT NULL REFERENCES site (id),"
	" b BIGINT NOT NULL REFERENCES site (id),"
	" PRIMARY KEY (a, b))",
	"CREATE INDEX edge_b ON edge (b)",
	"CREATE TABLE psk (" /* one secret per pair of sites: a < b */
	" a BIGINT NOT NULL REFERENCES site (id),"
	" b BIGINT NOT NULL REFERENCES site (id),"
	" generation BIGINT NOT NULL,"
	" secret TEXT NOT NULL,"
	" created BIGINT NOT NULL,"
	" PRIMARY KEY (a, b, generation))",
	"CREATE INDEX psk_b ON psk (b)",
	"CREATE TABLE task ("
	" site BIGINT NOT NULL,"
	" peer BIGINT NOT NULL,"
	" ce BIGINT NOT NULL REFERENCES ce (id),"
	" vpn BIGINT NOT NULL,"
	" version BIGINT NOT NULL,"
	" phase BIGINT NOT NULL,"
	" created BIGINT NOT NULL,"
	" PRIMARY KEY (site, peer))",
	"CREATE INDEX task_ce ON task (ce)",
	"CREATE INDEX task_version ON task (vpn, version)",
	"CREATE TABLE provisioned ("
	" site BIGINT NOT NULL,"
	" peer BIGINT NOT NULL,"
	" ce BIGINT NOT NULL REFERENCES ce (id),"
	" config TEXT NOT NULL,"
	" PRIMARY KEY (site, peer))",
	"CREATE INDEX provisioned_ce ON provisioned (ce)",
	NULL,
};

/* The server's own certification authority. */
static const char *const version_2[] = {
	"CREATE TABLE authority ("
	" id BIGINT PRIMARY KEY,"
	" certificate TEXT NOT NULL,"
	" private_key TEXT NOT NULL,"
	" crl_number BIGINT NOT NULL)",
	"CREATE TABLE certificate ("
	" serial BIGINT PRIMARY KEY,"
	" name TEXT NOT NULL," /* whom it names: a CE, or a server */
	" pem TEXT NOT NULL,"
	" not_after BIGINT NOT NULL,"
	" revoked BIGINT NOT NULL)", /* when; 0: it is not */
	"CREATE INDEX certificate_name ON certificate (name)",
	"INSERT INTO counter (name, value) VALUES ('serial', 0)",
	NULL,
};

/* Keys that CEs make themselves. */
static const char *const version_3[] = {
	"ALTER TABLE ce ADD COLUMN credentials TEXT NOT NULL DEFAULT ''",
	"ALTER TABLE ce ADD COLUMN certificate_until BIGINT NOT NULL DEFAULT 0",
	"ALTER TABLE ce ADD COLUMN renew BIGINT NOT NULL DEFAULT 0",
	"ALTER TABLE ce ADD COLUMN renew_after BIGINT NOT NULL DEFAULT 0",
	"CREATE INDEX ce_certificate ON ce (certificate_until)",
	"CREATE INDEX ce_renew ON ce (renew)",
	NULL,
};

/* The number of the list of revoked certificates that CEs have; 0: none is revoked. */
static const char *const version_4[] = {
	"INSERT INTO counter (name, value) VALUES ('crl', 0)",
	NULL,
};

/* When that list ends; of one that was sent before this was known: 0, it is made anew. */
static const char *const version_5[] = {
	"ALTER TABLE authority ADD COLUMN crl_until BIGINT NOT NULL DEFAULT 0",
	NULL,
};

static const char *const *const migrations[] = { version_1, version_2, version_3, version_4,
						 version_5 };

#define LATEST ((int)(sizeof(migrations) / sizeof(migrations[0])))

int schema_latest(void)
{
	return LATEST;
}

/* Refuses what a newer program made. */
static bool known(struct db *db, int64_t version)
{
	if (version <= LATEST)
		return true;
	db_fail(db,
		"the database has version %lld, this program knows up to %d: "
		"it was used with a newer program, which is the one to use",
		(long long)version, LATEST);
	return false;
}

static void apply(struct db *db, int64_t from, int to)
{
	for (int64_t version = from; version < to; version++)
		for (const char *const *sql = migrations[version]; *sql; sql++)
			if (!db_exec(db, *sql, ""))
				return;
	if (from)
		db_exec(db, "UPDATE schema_version SET version = $1", "i", (int64_t)to);
	else
		db_exec(db, "INSERT INTO schema_version (version) VALUES ($1)", "i", (int64_t)to);
}

bool schema_migrate_to(struct db *db, int to)
{
	int64_t version = db_number(db, 0, "SELECT version FROM schema_version", "");

	/* no such table is no error: nothing was made yet */
	if (db_failed(db) && db_lost(db))
		return false;
	db_clear(db);
	if (!known(db, version))
		return false;
	if (version >= to)
		return true;
	if (!db_begin(db))
		return false;
	db_exec(db, "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)", "");
	/* again, as another may have been faster */
	version = db_number(db, 0, "SELECT version FROM schema_version", "");
	if (!db_failed(db) && known(db, version) && version < to)
		apply(db, version, to);
	return db_commit(db);
}

bool schema_migrate(struct db *db)
{
	return schema_migrate_to(db, LATEST);
}
