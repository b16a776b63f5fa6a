// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The VPN database's rules, each on SQLite and on PostgreSQL: what is refused
 * and in which words, which CEs a change touches, and in which order they are
 * told.
 */
/* link: vpn-server/db.c vpn-server/db_sqlite.c vpn-server/db_postgres.c vpn-server/schema.c */
/* link: vpn-server/vpn.c vpn-server/ce.c vpn-server/revocation.c vpn-server/site.c vpn-server/topology.c vpn-server/task.c */
/* link: vpn-server/rotation.c vpn-server/key.c vpn-server/prefix.c tests/vpn_server/databases.c */
/* libs: sqlite3 pq crypto */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/vpn_server/databases.h"
#include "vpn-server/key.h"
#include "vpn-server/task.h"

static struct db *db;

static void begin(void)
{
	if (!db_begin(db))
		fail_msg("%s", db_error(db));
}

static void commit(void)
{
	if (!db_commit(db))
		fail_msg("%s", db_error(db));
}

/* The transaction fails, in words that have these in them. */
static void refused(const char *words)
{
	assert_false(db_commit(db));
	if (!strstr(db_error(db), words))
		fail_msg("\"%s\" does not say \"%s\"", db_error(db), words);
}

static struct vpn vpn_new(const char *name, const char *id, const char *topology)
{
	struct vpn vpn;

	vpn_defaults(&vpn);
	snprintf(vpn.name, sizeof(vpn.name), "%s", name);
	snprintf(vpn.vpn_id, sizeof(vpn.vpn_id), "%s", id);
	snprintf(vpn.topology, sizeof(vpn.topology), "%s", topology);
	vpn_add(db, &vpn);
	return vpn;
}

static struct ce ce_new(const char *name, const char *address)
{
	struct ce ce;

	ce_defaults(&ce);
	snprintf(ce.name, sizeof(ce.name), "%s", name);
	snprintf(ce.address, sizeof(ce.address), "%s", address);
	ce_add(db, &ce);
	return ce;
}

/* A CE 10.255.x.y, and its site. */
static struct site join(const struct vpn *vpn, const char *name, int number, bool hub,
			const char *prefix, const char *link)
{
	const char *const prefixes[] = { prefix, NULL }, *const links[] = { link, NULL };
	struct site_options options = { .hub = hub, .prefixes = prefixes, .links = links };
	char address[32];
	struct site site = { 0 };
	struct ce ce;

	snprintf(address, sizeof(address), "10.255.%d.%d", number / 256, number % 256);
	if (ce_exists(db, name))
		ce_find(db, name, &ce);
	else
		ce = ce_new(name, address);
	if (!db_failed(db))
		site_add(db, vpn, &ce, &options, &site);
	return site;
}

static void told_all(void)
{
	assert_true(db_exec(db, "DELETE FROM task", ""));
	assert_true(db_exec(db, "UPDATE ce SET owned_until = 0", ""));
}

static int64_t tasks(void)
{
	return db_number(db, -1, "SELECT count(*) FROM task", "");
}

static int64_t touched(void)
{
	return db_number(db, -1, "SELECT count(DISTINCT ce) FROM task", "");
}

static int open_db(void **state)
{
	db = database_open(databases_postgres);
	return 0;
}

static int close_db(void **state)
{
	db_close(db);
	return 0;
}

static void test_duplicates_are_refused(void **state)
{
	struct vpn red, other;

	begin();
	red = vpn_new("red", "00A0C9:1", "full-mesh");
	join(&red, "paris", 1, false, NULL, NULL);
	commit();
	assert_string_equal(red.vpn_id, "00a0c9:00000001");
	begin();
	vpn_new("red", "00a0c9:2", "full-mesh");
	refused("there is a VPN red already");
	begin();
	vpn_new("blue", "00a0c9:00000001", "full-mesh");
	refused("VPN-ID 00a0c9:00000001 is in use by VPN red");
	begin();
	ce_new("paris", "10.9.9.9");
	refused("there is a CE paris already");
	begin();
	ce_new("rome", "10.255.0.1");
	refused("address 10.255.0.1 is that of CE paris");
	begin();
	join(&red, "paris", 1, false, NULL, NULL);
	refused("CE paris is in VPN red already");
	begin();
	vpn_remove(db, "red");
	refused("VPN red has 1 site: remove it first");
	begin();
	assert_false(vpn_find(db, "green", &other));
	refused("there is no VPN \"green\"");
}

static void test_nonsense_is_refused(void **state)
{
	static const char *const names[] = { "",
					     "-x",
					     "a b",
					     "x\"y",
					     "../etc",
					     "é",
					     "12345678901234567890123456789012345678901",
					     NULL };
	static const char *const ids[] = { "",	  "1", "00a0c9:0", "00a0c9:1x", "a0c9:123456789",
					   "x:1", NULL };
	static const char *const addresses[] = { "",	    "1.2.3",	 "224.0.0.1",
						 "0.0.0.0", "127.0.0.1", "fe80::1",
						 "::",	    "ff02::1",	 "10.0.0.1/24",
						 NULL };
	struct vpn red, other;
	struct db_rows *rows;

	for (const char *const *id = ids; *id; id++) {
		begin();
		vpn_new("v", *id, "full-mesh");
		refused("is no VPN-ID");
	}
	for (const char *const *name = names; *name; name++) {
		struct ce ce;

		begin();
		ce_defaults(&ce);
		snprintf(ce.name, sizeof(ce.name), "%s", *name);
		if (!strcmp(ce.name, *name)) { /* the longest does not even fit */
			ce_add(db, &ce);
			refused("is no name of a CE");
		} else {
			db_rollback(db);
		}
	}
	for (const char *const *address = addresses; *address; address++) {
		begin();
		ce_new("ce", *address);
		refused("CE ce: ");
	}
	begin();
	red = vpn_new("red", "00a0c9:1", "star");
	refused("the topology is \"star\", it may be: full-mesh, hub-and-spoke, graph");
	begin();
	vpn_defaults(&other);
	other = (struct vpn){ .name = "x",
			      .vpn_id = "1:1",
			      .topology = "graph",
			      .encapsulation = "gre",
			      .authentication = "psk",
			      .establish = "on-traffic",
			      .routing = "dynamic",
			      .idle = 60,
			      .lifetime = -1,
			      .dead_peer_detection = -1 };
	vpn_add(db, &other);
	refused("links that come with traffic cannot carry dynamic routing");
	begin();
	red = vpn_new("red", "00a0c9:1", "full-mesh");
	join(&red, "paris", 1, false, "10.1.0.0/33", NULL);
	refused("is not a prefix");
	begin();
	red = vpn_new("red", "00a0c9:1", "full-mesh");
	join(&red, "paris", 1, false, "10.1.0.1/16", NULL);
	refused("10.1.0.1/16 has bits beyond its length");
	rows = db_query(db, "SELECT 1 FROM ce", "");
	assert_false(db_next(rows));
	db_end(rows);
}

static void test_overlapping_prefixes_are_refused_in_one_vpn_only(void **state)
{
	static const char *const overlapping[] = { "10.1.0.0/16", "10.1.2.0/24",     "10.0.0.0/8",
						   "0.0.0.0/0",	  "10.1.255.255/32", "10.1.0.0/32",
						   NULL };
	static const char *const beside[] = { "10.0.0.0/16", "10.2.0.0/16", "10.3.255.255/32",
					      "2001:db8::/32", NULL };
	struct vpn red, blue;
	char name[16];
	int number = 10;

	begin();
	red = vpn_new("red", "00a0c9:1", "full-mesh");
	blue = vpn_new("blue", "00a0c9:2", "full-mesh");
	join(&red, "paris", 1, false, "10.1.0.0/16", NULL);
	commit();
	for (const char *const *p = overlapping; *p; p++) {
		begin();
		join(&red, "rome", 2, false, *p, NULL);
		refused("of CE paris in VPN red");
	}
	for (const char *const *p = beside; *p; p++) {
		begin();
		snprintf(name, sizeof(name), "ce%d", number);
		join(&red, name, number++, false, *p, NULL);
		commit();
	}
	begin();
	join(&red, "rome", 2, false, "::/0", NULL);
	refused("overlaps 2001:db8::/32 of CE ce13");
	begin();
	join(&blue, "rome", 2, false, "10.1.0.0/16", NULL);
	commit();
}

static void test_no_site_is_left_alone(void **state)
{
	const char *const two[] = { "a:b", NULL }, *const all[] = { "a:b", "b:c", NULL };
	const char *const ring[] = { "a:b", "b:c", "c:a", NULL }, *const none[] = { NULL };
	const char *const hub_b[] = { "b", NULL };
	struct vpn red;

	begin();
	red = vpn_new("red", "00a0c9:1", "hub-and-spoke");
	join(&red, "b", 2, false, NULL, NULL);
	refused("VPN red has no hub yet: CE b would be alone");
	begin();
	red = vpn_new("red", "00a0c9:1", "hub-and-spoke");
	join(&red, "a", 1, true, NULL, NULL);
	join(&red, "b", 2, false, NULL, NULL);
	join(&red, "c", 3, false, NULL, NULL);
	commit();
	begin();
	ce_remove(db, "a", false);
	refused("CE a is a hub of VPN red");
	begin();
	topology_set(db, &red, "hub-and-spoke", none);
	refused("VPN red would have no hub");
	begin();
	vpn_find(db, "red", &red);
	topology_set(db, &red, "graph", two);
	refused("nothing links CE c with the rest of it");
	begin();
	vpn_find(db, "red", &red);
	topology_set(db, &red, "graph", all);
	commit();
	begin();
	join(&red, "d", 4, false, NULL, NULL);
	refused("VPN red is a graph: CE d would be alone");
	begin();
	join(&red, "d", 4, false, NULL, "nobody");
	refused("CE nobody is not in VPN red");
	begin();
	ce_remove(db, "b", false);
	refused("VPN red would fall apart");
	begin();
	topology_set(db, &red, "graph", ring);
	commit();
	begin();
	ce_remove(db, "b", false);
	commit();
	begin();
	vpn_find(db, "red", &red);
	topology_set(db, &red, "hub-and-spoke", hub_b);
	refused("CE b is not in VPN red");
}

/* Ids of ready CEs; how many. */
static size_t ready(int64_t ids[8])
{
	size_t count = task_ready(db, 0, ids, 8);

	if (db_failed(db))
		fail_msg("%s", db_error(db));
	return count;
}

static void done(int64_t ce)
{
	assert_true(db_exec(db, "DELETE FROM task WHERE ce = $1", "i", ce));
}

static void test_a_new_site_is_known_before_it_talks(void **state)
{
	struct site a, b, c;
	int64_t ids[8];
	struct vpn red;

	begin();
	red = vpn_new("red", "00a0c9:1", "full-mesh");
	a = join(&red, "a", 1, false, NULL, NULL);
	b = join(&red, "b", 2, false, NULL, NULL);
	commit();
	told_all();
	begin();
	c = join(&red, "c", 3, false, NULL, NULL);
	commit();
	assert_int_equal(tasks(), 4);
	assert_int_equal(ready(ids), 2); /* a and b, not c */
	assert_true(ids[0] == a.ce && ids[1] == b.ce);
	done(a.ce);
	assert_int_equal(ready(ids), 1);
	assert_true(ids[0] == b.ce); /* c waits for b, too, for b answers */
	/* b does not answer any more: c is told of a, and of b when b was */
	assert_true(db_exec(db, "UPDATE ce SET failures = 1, next_attempt = $1 WHERE id = $2", "ii",
			    now_seconds() + 100, b.ce));
	assert_int_equal(ready(ids), 1);
	assert_true(ids[0] == c.ce);
	{
		size_t count;
		struct task *list = task_of_ce(db, c.ce, &count);

		assert_int_equal(count, 1);
		assert_true(list[0].site == c.id && list[0].peer == a.id);
		free(list);
	}
	/* or patience ends */
	assert_true(db_exec(db, "UPDATE task SET created = created - 3600", ""));
	{
		size_t count;
		struct task *list = task_of_ce(db, c.ce, &count);

		assert_int_equal(count, 2);
		free(list);
	}
}

static void test_a_removed_site_is_cut_off_at_its_peers_first(void **state)
{
	struct site a, b, c;
	int64_t ids[8];
	struct vpn red;
	struct ce ce;

	begin();
	red = vpn_new("red", "00a0c9:1", "full-mesh");
	a = join(&red, "a", 1, false, NULL, NULL);
	b = join(&red, "b", 2, false, NULL, NULL);
	c = join(&red, "c", 3, false, NULL, NULL);
	commit();
	told_all();
	begin();
	ce_remove(db, "c", false);
	commit();
	assert_int_equal(ready(ids), 2);
	assert_true(ids[0] == a.ce && ids[1] == b.ce);
	assert_true(ce_by_id(db, c.ce, &ce) && ce.leaving);
	done(a.ce);
	done(b.ce);
	assert_int_equal(ready(ids), 1);
	assert_true(ids[0] == c.ce);
	/* the other way: it is forgotten, and never told */
	begin();
	ce_remove(db, "b", true);
	commit();
	assert_false(ce_by_id(db, b.ce, &ce));
	assert_int_equal(ready(ids), 2); /* a, to drop b, and c */
	assert_int_equal(db_number(db, -1, "SELECT count(*) FROM psk", ""), 0);
}

static void test_one_of_two_servers_talks_to_a_ce(void **state)
{
	int64_t first, second;
	struct vpn red;

	begin();
	red = vpn_new("red", "00a0c9:1", "full-mesh");
	join(&red, "a", 1, false, NULL, NULL);
	join(&red, "b", 2, false, NULL, NULL);
	commit();
	first = task_claim(db, "one", 60);
	assert_true(first != 0);
	assert_false(task_claim_ce(db, first, "two", 60));
	second = task_claim(db, "two", 60);
	assert_int_equal(second, 0);				       /* b waits for a */
	assert_true(db_exec(db, "UPDATE ce SET owned_until = 0", "")); /* one has died */
	assert_true(task_claim(db, "two", 60) == first);
}

/*
 * Adding a site to many touches the hubs and that site; so does removing it.
 * 1,000 in SQLite; in PostgreSQL, where each statement is a journey, fewer. (bench/provisioning
 * has 10,000.)
 */
static void test_adding_to_many_touches_few(void **state)
{
	int many = databases_postgres ? 50 : 1000;
	char name[16];
	struct vpn red;

	begin();
	red = vpn_new("red", "00a0c9:1", "hub-and-spoke");
	join(&red, "hub1", 1, true, NULL, NULL);
	join(&red, "hub2", 2, true, NULL, NULL);
	for (int i = 0; i < many && !db_failed(db); i++) {
		snprintf(name, sizeof(name), "ce%d", i);
		join(&red, name, 256 + i, false, NULL, NULL);
	}
	commit();
	assert_int_equal(touched(), many + 2);
	told_all();
	begin();
	join(&red, "new", 3, false, "10.1.0.0/16", NULL);
	commit();
	assert_int_equal(tasks(), 4);
	assert_int_equal(touched(), 3);
	told_all();
	begin();
	ce_remove(db, "ce7", false);
	commit();
	assert_int_equal(tasks(), 4);
	assert_int_equal(touched(), 3);
}

static void test_another_topology_touches_what_differs(void **state)
{
	const char *const hub_a[] = { "a", NULL }, *const none[] = { NULL };
	const char *const path[] = { "a:b", "b:c", "c:d", NULL };
	struct vpn red;

	begin();
	red = vpn_new("red", "00a0c9:1", "hub-and-spoke");
	for (char name[2] = "a"; name[0] <= 'd'; name[0]++)
		join(&red, name, name[0], name[0] == 'a', NULL, NULL);
	commit();
	assert_int_equal(tasks(), 6);
	told_all();
	begin();
	topology_set(db, &red, "full-mesh", none); /* b-c, b-d, c-d come */
	commit();
	assert_int_equal(tasks(), 6);
	assert_int_equal(touched(), 3);
	assert_int_equal(db_number(db, -1, "SELECT count(*) FROM psk", ""), 6);
	told_all();
	begin();
	topology_set(db, &red, "graph", path); /* a-c, a-d, b-d go */
	commit();
	assert_int_equal(tasks(), 6);
	assert_int_equal(db_number(db, -1, "SELECT count(*) FROM psk", ""), 3);
	told_all();
	begin();
	topology_set(db, &red, "graph", path);
	commit();
	assert_int_equal(tasks(), 0);
	begin();
	topology_set(db, &red, "hub-and-spoke", hub_a);
	commit();
	assert_int_equal(tasks(), 8); /* b-c, c-d go, a-c, a-d come */
}

static void test_keys_rotate_with_both_valid(void **state)
{
	char old[KEY_TEXT], new[KEY_TEXT];
	struct site a, b;
	struct vpn red;

	begin();
	red = vpn_new("red", "00a0c9:1", "full-mesh");
	a = join(&red, "a", 1, false, NULL, NULL);
	b = join(&red, "b", 2, false, NULL, NULL);
	commit();
	told_all();
	begin();
	rotation_start(db, &red, 100);
	commit();
	begin();
	rotation_start(db, &red, 100);
	refused("the keys of VPN red are being rotated");
	key_read(db, a.id, b.id, 1, old);
	key_read(db, b.id, a.id, 2, new);
	assert_int_equal(strlen(old), 66);
	assert_int_equal(strlen(new), 66);
	assert_string_not_equal(old, new);
	assert_int_equal(tasks(), 2);
	assert_true(rotation_advance(db)); /* not before all were told */
	assert_true(vpn_find(db, "red", &red));
	assert_int_equal(red.rotation_step, 1);
	told_all();
	assert_true(rotation_advance(db));
	assert_true(vpn_find(db, "red", &red));
	assert_int_equal(red.rotation_step, 2);
	assert_int_equal(tasks(), 2);
	/* or at the deadline, for who cannot be reached */
	assert_true(db_exec(db, "UPDATE vpn SET rotation_deadline = 1", ""));
	assert_true(rotation_advance(db));
	assert_true(vpn_find(db, "red", &red));
	assert_int_equal(red.rotation_step, 0);
	assert_int_equal(red.generation, 2);
	key_read(db, a.id, b.id, 1, old);
	assert_string_equal(old, "");
	key_read(db, a.id, b.id, 2, old);
	assert_string_equal(old, new);
}

static void test_a_revoked_ce_is_cut_off(void **state)
{
	struct site a, b, c;
	int64_t ids[8];
	struct vpn red;

	begin();
	red = vpn_new("red", "00a0c9:1", "full-mesh");
	a = join(&red, "a", 1, false, NULL, NULL);
	b = join(&red, "b", 2, false, NULL, NULL);
	c = join(&red, "c", 3, false, NULL, NULL);
	commit();
	told_all();
	begin();
	ce_revoke(db, "c");
	commit();
	assert_int_equal(ready(ids), 2);
	assert_true(ids[0] == a.ce && ids[1] == b.ce);
	assert_true(topology_linked(db, &red, &a, &b));
	assert_false(topology_linked(db, &red, &a, &c));
	assert_false(topology_linked(db, &red, &c, &b));
	begin();
	ce_revoke(db, "c");
	refused("CE c is revoked already");
	begin();
	join(&red, "d", 4, false, NULL, NULL);
	commit();
	assert_int_equal(db_number(db, -1, "SELECT count(*) FROM task WHERE ce = $1 OR peer = $2",
				   "ii", c.ce, c.id),
			 2); /* only those that cut it off */
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, open_db, close_db)
	const struct CMUnitTest tests[] = {
		T(test_duplicates_are_refused),
		T(test_nonsense_is_refused),
		T(test_overlapping_prefixes_are_refused_in_one_vpn_only),
		T(test_no_site_is_left_alone),
		T(test_a_new_site_is_known_before_it_talks),
		T(test_a_removed_site_is_cut_off_at_its_peers_first),
		T(test_one_of_two_servers_talks_to_a_ce),
		T(test_adding_to_many_touches_few),
		T(test_another_topology_touches_what_differs),
		T(test_keys_rotate_with_both_valid),
		T(test_a_revoked_ce_is_cut_off),
	};

	return databases_run(tests);
}
