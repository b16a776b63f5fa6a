// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SQLite behind db.h: nothing to install, one machine.
 *
 * The file is made with mode 0600, and so are its companions (-wal, -shm,
 * -journal: SQLite gives them the mode of the file).  A file that others may
 * read is refused, for it holds keys.  Write-ahead logging lets vpnctl read
 * while vpn-serverd writes; synchronous=FULL survives a power cut.  Others'
 * changes are seen by PRAGMA data_version, which costs a look at shared memory;
 * that somebody writes to the log, and a look is worth while, inotify says.
 */
#include "vpn-server/db_driver.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>
#include <sqlite3.h>

#define BUSY_TIMEOUT_MS 20000
#define CACHE_SIZE	256
#define NOT_YET		(-2)

/* A prepared statement that is kept: preparing costs more than most of ours do. */
struct kept {
	sqlite3_stmt *stmt;
	bool busy;
};

struct connection {
	sqlite3 *sqlite;
	int64_t data_version;
	int watch;		       /* of the log; NOT_YET, or -1: there is none */
	struct kept cache[CACHE_SIZE]; /* by the hash of the SQL; a collision replaces */
};

struct result {
	sqlite3_stmt *stmt;
	sqlite3 *sqlite;
	struct kept *kept; /* NULL: finalized after use */
	bool row;	   /* the first row was already fetched */
	bool done;
};

/* The directory of the default place is made, too; others are their makers'. */
static void prepare_folder(const char *path)
{
	if (!strcmp(path, DB_DEFAULT))
		mkdir(STATE_FOLDER, 0700);
}

/* Is what lies there ours to open? */
static bool check_file(const char *path, const struct stat *st, char *error, size_t size)
{
	if (!S_ISREG(st->st_mode))
		snprintf(error, size, "%s: not a file", path);
	else if (st->st_mode & 0077)
		snprintf(error, size,
			 "%s: others may read it (mode %04o), and it holds keys: chmod 600 %s",
			 path, st->st_mode & 07777, path);
	else
		return true;
	return false;
}

/*
 * Made with the mode it shall have, never wider for a moment.  A file that is
 * there is only looked at: to open and close it would take away the locks that
 * another connection of this process has on it (POSIX), and the next program
 * that closes the database would take the log from under all of ours.
 */
static bool prepare_file(const char *path, char *error, size_t size)
{
	struct stat st;
	int fd;

	prepare_folder(path);
	if (!lstat(path, &st))
		return check_file(path, &st, error, size);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 && errno == EEXIST && !lstat(path, &st)) /* another was faster */
		return check_file(path, &st, error, size);
	if (fd < 0) {
		snprintf(error, size, "%s: %s", path, strerror(errno));
		return false;
	}
	close(fd);
	return true;
}

static int64_t data_version(sqlite3 *sqlite)
{
	sqlite3_stmt *stmt;
	int64_t version = 0;

	if (sqlite3_prepare_v2(sqlite, "PRAGMA data_version", -1, &stmt, NULL))
		return 0;
	if (sqlite3_step(stmt) == SQLITE_ROW)
		version = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return version;
}

void *db_sqlite_open(const char *path, char *error, size_t size)
{
	static const char settings[] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
				       "PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;";
	struct connection *connection;
	char *why = NULL;

	if (!prepare_file(path, error, size))
		return NULL;
	connection = calloc(1, sizeof(*connection));
	if (!connection)
		return NULL;
	if (sqlite3_open_v2(path, &connection->sqlite, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
	    sqlite3_busy_timeout(connection->sqlite, BUSY_TIMEOUT_MS) == SQLITE_OK &&
	    sqlite3_exec(connection->sqlite, settings, NULL, NULL, &why) == SQLITE_OK) {
		connection->data_version = data_version(connection->sqlite);
		connection->watch = NOT_YET;
		return connection;
	}
	snprintf(error, size, "%s: %s", path, why ? why : sqlite3_errmsg(connection->sqlite));
	sqlite3_free(why);
	sqlite3_close(connection->sqlite);
	free(connection);
	return NULL;
}

static void sqlite_close(void *connection)
{
	struct connection *c = connection;

	for (size_t i = 0; i < CACHE_SIZE; i++)
		sqlite3_finalize(c->cache[i].stmt);
	sqlite3_close(c->sqlite);
	if (c->watch >= 0)
		close(c->watch);
	free(c);
}

static bool bind(sqlite3_stmt *stmt, const struct db_value *values, int count)
{
	for (int i = 0; i < count; i++) {
		char name[16];
		int index, rc;

		snprintf(name, sizeof(name), "$%d", i + 1);
		index = sqlite3_bind_parameter_index(stmt, name);
		if (!index)
			continue;
		if (!values[i].text)
			rc = sqlite3_bind_null(stmt, index);
		else if (values[i].number)
			rc = sqlite3_bind_int64(stmt, index, strtoll(values[i].text, NULL, 10));
		else
			rc = sqlite3_bind_text(stmt, index, values[i].text, -1, SQLITE_TRANSIENT);
		if (rc != SQLITE_OK)
			return false;
	}
	return true;
}

static struct kept *slot_of(struct connection *c, const char *sql)
{
	uint32_t hash = 2166136261u; /* FNV-1a */

	for (const char *p = sql; *p; p++)
		hash = (hash ^ (unsigned char)*p) * 16777619u;
	return &c->cache[hash % CACHE_SIZE];
}

/* The statement, from the cache if it is there and nobody else reads from it. */
static bool prepare(struct connection *c, const char *sql, struct result *result)
{
	struct kept *kept = slot_of(c, sql);

	if (kept->stmt && !kept->busy && !strcmp(sqlite3_sql(kept->stmt), sql)) {
		result->kept = kept;
	} else {
		if (sqlite3_prepare_v3(c->sqlite, sql, -1, SQLITE_PREPARE_PERSISTENT, &result->stmt,
				       NULL))
			return false;
		if (kept->busy)
			return true;
		sqlite3_finalize(kept->stmt);
		kept->stmt = result->stmt;
		result->kept = kept;
	}
	result->stmt = kept->stmt;
	kept->busy = true;
	return true;
}

static void release(struct result *result)
{
	if (result->kept) {
		sqlite3_reset(result->stmt);
		sqlite3_clear_bindings(result->stmt); /* they may be secrets */
		result->kept->busy = false;
	} else {
		sqlite3_finalize(result->stmt);
	}
	free(result);
}

static void *sqlite_run(void *connection, const char *sql, const struct db_value *values, int count,
			int64_t *affected, char *error, size_t size)
{
	struct connection *c = connection;
	struct result *result = calloc(1, sizeof(*result));
	int rc = SQLITE_NOMEM;

	if (result && prepare(c, sql, result) && bind(result->stmt, values, count)) {
		result->sqlite = c->sqlite;
		rc = sqlite3_step(result->stmt);
	}
	if (rc == SQLITE_ROW || rc == SQLITE_DONE) {
		result->row = rc == SQLITE_ROW;
		result->done = rc == SQLITE_DONE;
		*affected = sqlite3_changes64(c->sqlite);
		return result;
	}
	snprintf(error, size, "%s", sqlite3_errmsg(c->sqlite));
	if (result)
		release(result);
	return NULL;
}

static bool sqlite_next(void *result, char *error, size_t size)
{
	struct result *r = result;
	int rc;

	if (r->row) {
		r->row = false;
		return true;
	}
	if (r->done)
		return false;
	rc = sqlite3_step(r->stmt);
	r->done = rc != SQLITE_ROW;
	if (r->done && rc != SQLITE_DONE)
		snprintf(error, size, "%s", sqlite3_errmsg(r->sqlite));
	return !r->done;
}

static int64_t sqlite_number(const void *result, int column)
{
	return sqlite3_column_int64(((const struct result *)result)->stmt, column);
}

static const char *sqlite_text(const void *result, int column)
{
	return (const char *)sqlite3_column_text(((const struct result *)result)->stmt, column);
}

static void sqlite_end(void *result)
{
	release(result);
}

/* Becomes readable when somebody writes to the log, which is before it counts. */
static int sqlite_descriptor(const void *connection)
{
	struct connection *c = (struct connection *)connection;
	char log[PATH_MAX];

	if (c->watch != NOT_YET)
		return c->watch;
	snprintf(log, sizeof(log), "%s-wal", sqlite3_db_filename(c->sqlite, NULL));
	c->watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (c->watch >= 0 && inotify_add_watch(c->watch, log, IN_MODIFY) < 0) {
		close(c->watch);
		c->watch = -1;
	}
	return c->watch;
}

static bool sqlite_changed(void *connection)
{
	struct connection *c = connection;
	char events[4096];
	int64_t version;
	bool changed;

	/* before the look: what comes after it is news */
	while (c->watch >= 0 && read(c->watch, events, sizeof(events)) > 0)
		continue;
	version = data_version(c->sqlite);
	changed = version != c->data_version;
	c->data_version = version;
	return changed;
}

const struct db_driver db_sqlite = {
	.run = sqlite_run,
	.next = sqlite_next,
	.number = sqlite_number,
	.text = sqlite_text,
	.end = sqlite_end,
	.close = sqlite_close,
	.changed = sqlite_changed,
	.descriptor = sqlite_descriptor,
	.begin = { "BEGIN IMMEDIATE" },
};
