// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The SQL layer and the schema, each test on SQLite and on PostgreSQL: values
 * come back as they went, errors stick, a writer excludes others, a newer
 * database is refused, and a migration killed at any of its statements has
 * done nothing.
 */
/* link: vpn-server/db.c vpn-server/db_sqlite.c vpn-server/db_postgres.c vpn-server/schema.c */
/* link: tests/vpn_server/databases.c */
/* libs: sqlite3 pq */
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/vpn_server/databases.h"
#include "vpn-server/schema.h"

static struct db *open_at(const char *where)
{
	char error[400] = "";
	struct db *db = db_open(where, error, sizeof(error));

	if (!db)
		fail_msg("%s", error);
	return db;
}

static void test_values(void **state)
{
	struct db *db = database_open(databases_postgres);
	struct db_rows *rows;

	assert_true(db_exec(db, "CREATE TABLE t (n BIGINT, s TEXT, z TEXT)", ""));
	assert_true(db_exec(db, "INSERT INTO t (n, s, z) VALUES ($1, $2, $3)", "iss", INT64_MIN,
			    "it's \"quoted\"; DROP TABLE t --", NULL));
	assert_int_equal(db_affected(db), 1);
	/* the same value in two places, and not in the order of their numbers */
	rows = db_query(db, "SELECT n, s, z FROM t WHERE s = $2 AND n = $1 AND s = $2", "is",
			INT64_MIN, "it's \"quoted\"; DROP TABLE t --");
	assert_true(db_next(rows));
	assert_true(db_int(rows, 0) == INT64_MIN);
	assert_string_equal(db_text(rows, 1), "it's \"quoted\"; DROP TABLE t --");
	assert_string_equal(db_text(rows, 2), "");
	assert_false(db_next(rows));
	db_end(rows);
	assert_int_equal(db_number(db, 7, "SELECT n FROM t WHERE n = $1", "i", (int64_t)1), 7);
	assert_int_equal(db_counter(db, "id"), 1);
	assert_int_equal(db_counter(db, "id"), 2);
	db_close(db);
}

static void test_an_error_sticks_until_the_transaction_ends(void **state)
{
	struct db *db = database_open(databases_postgres);

	assert_true(db_begin(db));
	assert_true(db_exec(db, "UPDATE counter SET value = 5", ""));
	assert_false(db_exec(db, "UPDATE nothing SET value = 6", ""));
	assert_false(db_exec(db, "UPDATE counter SET value = 7", ""));
	assert_non_null(strstr(db_error(db), "nothing"));
	assert_false(db_commit(db));
	assert_non_null(strstr(db_error(db), "nothing"));
	assert_int_equal(db_number(db, -1, "SELECT max(value) FROM counter", ""), 0);
	assert_true(db_begin(db));
	db_fail(db, "first %d", 1);
	db_fail(db, "second");
	assert_false(db_commit(db));
	assert_string_equal(db_error(db), "first 1");
	db_close(db);
}

/* Two processes count to 100 each, in transactions that read and then write. */
static void test_writers_queue(void **state)
{
	const char *where = database_fresh(databases_postgres);
	struct db *db = open_at(where);
	int status;
	pid_t pid;

	assert_true(schema_migrate(db));
	pid = fork();
	if (pid == 0)
		db = NULL; /* the parent's connection is the parent's */
	if (!db)
		db = open_at(where);
	for (int i = 0; i < 100; i++) {
		int64_t value;

		if (!db_begin(db))
			_exit(2);
		value = db_number(db, -1, "SELECT value FROM counter WHERE name = 'id'", "");
		db_exec(db, "UPDATE counter SET value = $1 WHERE name = 'id'", "i", value + 1);
		if (!db_commit(db))
			_exit(3);
	}
	if (pid == 0)
		_exit(0);
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
	assert_int_equal(db_number(db, -1, "SELECT value FROM counter WHERE name = 'id'", ""), 200);
	db_close(db);
}

static void test_others_changes_are_seen(void **state)
{
	const char *where = database_fresh(databases_postgres);
	struct db *db = open_at(where), *other = open_at(where);
	struct pollfd fd = { .events = POLLIN };

	assert_true(schema_migrate(db));
	assert_true(db_listen(db));
	fd.fd = db_descriptor(db);
	assert_true(fd.fd >= 0);
	db_changed(db);
	assert_false(db_changed(db));
	assert_true(db_begin(other));
	assert_true(db_exec(other, "UPDATE counter SET value = 9", ""));
	db_wake_others(other);
	assert_true(db_commit(other));
	assert_int_equal(poll(&fd, 1, 60000), 1);
	for (int i = 0; i < 100 && !db_changed(db); i++) {
		assert_int_not_equal(i, 99);
		usleep(20000);
	}
	assert_false(db_changed(db));
	db_close(other);
	db_close(db);
}

static void test_a_newer_database_is_refused(void **state)
{
	const char *where = database_fresh(databases_postgres);
	struct db *db = open_at(where);

	assert_true(schema_migrate(db));
	assert_true(schema_migrate(db));
	assert_int_equal(db_number(db, 0, "SELECT version FROM schema_version", ""),
			 schema_latest());
	assert_true(db_exec(db, "UPDATE schema_version SET version = version + 1", ""));
	assert_false(schema_migrate(db));
	assert_non_null(strstr(db_error(db), "newer program"));
	assert_int_equal(db_number(db, 0, "SELECT version FROM schema_version", ""),
			 schema_latest() + 1);
	db_close(db);
}

/* ---- kill -9 at each statement */

static int statements_left;

static void die_later(const char *sql)
{
	if (statements_left-- == 0)
		kill(getpid(), SIGKILL);
}

/* Migrates in a process that is killed before its nth statement: was it? */
static bool killed_at(const char *where, int n)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		struct db *db = open_at(where);

		statements_left = n;
		db_before_statement = die_later;
		_exit(schema_migrate(db) ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	assert_true(WIFSIGNALED(status) || (WIFEXITED(status) && WEXITSTATUS(status) == 0));
	return WIFSIGNALED(status);
}

/* From version: with a row of that version in it, which must survive. */
static void migrate_under_fire(int version)
{
	char where[200];
	struct db *db;
	int n = 0;

	snprintf(where, sizeof(where), "%s", database_fresh(databases_postgres));
	db = open_at(where);
	if (version) {
		assert_true(schema_migrate_to(db, version));
		assert_true(db_exec(db, "UPDATE counter SET value = 4711 WHERE name = 'id'", ""));
	}
	db_close(db);
	while (killed_at(where, n++)) {
		db = open_at(where);
		assert_int_equal(db_number(db, 0, "SELECT version FROM schema_version", ""),
				 version);
		if (version)
			assert_int_equal(db_number(db, 0,
						   "SELECT value FROM counter WHERE name = 'id'",
						   ""),
					 4711);
		else
			assert_int_equal(db_number(db, 0, "SELECT count(*) FROM counter", ""), 0);
		db_close(db);
	}
	assert_true(n > 5); /* it was killed in the middle, too */
	db = open_at(where);
	assert_true(schema_migrate(db));
	assert_int_equal(db_number(db, 0, "SELECT version FROM schema_version", ""),
			 schema_latest());
	if (version)
		assert_int_equal(db_number(db, 0, "SELECT value FROM counter WHERE name = 'id'", ""),
				 4711);
	db_close(db);
}

static void test_a_killed_migration_did_nothing(void **state)
{
	for (int version = 0; version < schema_latest(); version++)
		migrate_under_fire(version);
}

static void test_the_file_is_its_owners(void **state)
{
	const char *where = database_fresh(false);
	char error[400] = "", wal[220];
	struct stat st;
	struct db *db;

	umask(0);
	db = open_at(where);
	assert_true(schema_migrate(db));
	assert_int_equal(stat(where, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	snprintf(wal, sizeof(wal), "%s-wal", where);
	assert_int_equal(stat(wal, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	db_close(db);
	assert_int_equal(chmod(where, 0640), 0);
	assert_null(db_open(where, error, sizeof(error)));
	assert_non_null(strstr(error, "chmod 600"));
	assert_null(db_open("/nonexistent/vpn.db", error, sizeof(error)));
	assert_non_null(strstr(error, "/nonexistent/vpn.db"));
	assert_null(db_open("host=/nonexistent dbname=vpn", error, sizeof(error)));
	assert_non_null(strstr(error, "nonexistent"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_an_error_sticks_until_the_transaction_ends),
		cmocka_unit_test(test_writers_queue),
		cmocka_unit_test(test_others_changes_are_seen),
		cmocka_unit_test(test_a_newer_database_is_refused),
		cmocka_unit_test(test_a_killed_migration_did_nothing),
		cmocka_unit_test(test_the_file_is_its_owners),
	};

	return databases_run(tests);
}
