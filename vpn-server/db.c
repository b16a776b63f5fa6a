// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One SQL layer: transactions, sticky errors, values.  See db.h.
 *
 * Both databases take $1: SQLite knows it as the name of a parameter.
 */
#include "vpn-server/db.h"
#include "vpn-server/db_driver.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct db {
	const struct db_driver *driver;
	void *connection;
	bool in_transaction;
	bool failed;
	int64_t affected;
	char error[512];
};

struct db_rows {
	struct db *db;
	void *result;
};

void (*db_before_statement)(const char *sql);

struct db *db_open(const char *where, char *error, size_t size)
{
	bool postgres = !strncmp(where, "postgresql:", 11) || !strncmp(where, "postgres:", 9) ||
			strstr(where, "host=") || strstr(where, "dbname=");
	struct db *db = calloc(1, sizeof(*db));

	if (!db) {
		snprintf(error, size, "out of memory");
		return NULL;
	}
	if (!strncmp(where, "sqlite:", 7))
		where += 7;
	db->driver = postgres ? &db_postgres : &db_sqlite;
	db->connection = postgres ? db_postgres_open(where, error, size)
				  : db_sqlite_open(where, error, size);
	if (!db->connection) {
		free(db);
		return NULL;
	}
	return db;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	if (db->in_transaction)
		db_rollback(db);
	db->driver->close(db->connection);
	free(db);
}

bool db_is_postgres(const struct db *db)
{
	return db->driver == &db_postgres;
}

bool db_lost(const struct db *db)
{
	return db->driver->lost && db->driver->lost(db->connection);
}

bool db_reconnect(struct db *db)
{
	db->in_transaction = false;
	db_clear(db);
	return !db->driver->reconnect ||
	       db->driver->reconnect(db->connection, db->error, sizeof(db->error));
}

void db_fail(struct db *db, const char *format, ...)
{
	va_list args;

	if (db->failed)
		return; /* the first error says what happened */
	va_start(args, format);
	vsnprintf(db->error, sizeof(db->error), format, args);
	va_end(args);
	db->failed = true;
}

bool db_failed(const struct db *db)
{
	return db->failed;
}

const char *db_error(const struct db *db)
{
	return db->error;
}

void db_clear(struct db *db)
{
	db->failed = false;
	db->error[0] = '\0';
}

static int read_values(struct db_value *values, const char *types, va_list args)
{
	int count = 0;

	for (; types && *types && count < DB_MAX_VALUES; types++, count++) {
		struct db_value *value = &values[count];

		value->number = *types == 'i';
		if (value->number) {
			snprintf(value->digits, sizeof(value->digits), "%" PRId64,
				 va_arg(args, int64_t));
			value->text = value->digits;
		} else {
			value->text = va_arg(args, const char *);
		}
	}
	return count;
}

/* Any statement.  Outside of a transaction each one starts anew. */
static void *run(struct db *db, const char *sql, const char *types, va_list args)
{
	struct db_value values[DB_MAX_VALUES];
	char error[400] = "";
	void *result;

	if (!db->in_transaction)
		db_clear(db);
	if (db->failed)
		return NULL;
	if (db_before_statement)
		db_before_statement(sql);
	result = db->driver->run(db->connection, sql, values, read_values(values, types, args),
				 &db->affected, error, sizeof(error));
	if (!result)
		db_fail(db, "the database: %s", error);
	return result;
}

static void *run_plain(struct db *db, const char *sql, const char *types, ...)
{
	va_list args;
	void *result;

	va_start(args, types);
	result = run(db, sql, types, args);
	va_end(args);
	return result;
}

static bool statement(struct db *db, const char *sql)
{
	void *result = run_plain(db, sql, "");

	if (!result)
		return false;
	db->driver->end(result);
	return true;
}

bool db_exec(struct db *db, const char *sql, const char *types, ...)
{
	char error[400] = "";
	va_list args;
	void *result;

	db->affected = 0;
	va_start(args, types);
	result = run(db, sql, types, args);
	va_end(args);
	if (!result)
		return false;
	while (db->driver->next(result, error, sizeof(error)))
		continue;
	db->driver->end(result);
	if (error[0])
		db_fail(db, "the database: %s", error);
	return !db->failed;
}

int64_t db_affected(const struct db *db)
{
	return db->affected;
}

struct db_rows *db_query(struct db *db, const char *sql, const char *types, ...)
{
	struct db_rows *rows = calloc(1, sizeof(*rows));
	va_list args;

	if (!rows)
		abort(); /* nothing sensible can follow */
	va_start(args, types);
	rows->db = db;
	rows->result = run(db, sql, types, args);
	va_end(args);
	return rows;
}

bool db_next(struct db_rows *rows)
{
	char error[400] = "";

	if (!rows->result)
		return false;
	if (rows->db->driver->next(rows->result, error, sizeof(error)))
		return true;
	if (error[0])
		db_fail(rows->db, "the database: %s", error);
	return false;
}

int64_t db_int(const struct db_rows *rows, int column)
{
	return rows->db->driver->number(rows->result, column);
}

const char *db_text(const struct db_rows *rows, int column)
{
	const char *text = rows->db->driver->text(rows->result, column);

	return text ? text : "";
}

void db_end(struct db_rows *rows)
{
	if (rows->result)
		rows->db->driver->end(rows->result);
	free(rows);
}

int64_t db_number(struct db *db, int64_t otherwise, const char *sql, const char *types, ...)
{
	struct db_rows rows = { .db = db };
	int64_t number;
	va_list args;

	va_start(args, types);
	rows.result = run(db, sql, types, args);
	va_end(args);
	number = db_next(&rows) ? db_int(&rows, 0) : otherwise;
	if (rows.result)
		db->driver->end(rows.result);
	return number;
}

bool db_begin(struct db *db)
{
	db_clear(db);
	if (!statement(db, db->driver->begin[0]))
		return false;
	db->in_transaction = true;
	if (db->driver->begin[1] && !statement(db, db->driver->begin[1])) {
		db_rollback(db);
		return false;
	}
	return true;
}

void db_rollback(struct db *db)
{
	char kept[sizeof(db->error)];
	bool failed = db->failed;

	snprintf(kept, sizeof(kept), "%s", db->error);
	db_clear(db);
	if (db->in_transaction)
		statement(db, "ROLLBACK");
	db->in_transaction = false;
	db->failed = failed;
	snprintf(db->error, sizeof(db->error), "%s", kept);
}

bool db_commit(struct db *db)
{
	if (!db->failed && statement(db, "COMMIT")) {
		db->in_transaction = false;
		return true;
	}
	db_rollback(db);
	return false;
}

int64_t db_counter(struct db *db, const char *name)
{
	int64_t value =
		db_number(db, 0,
			  "UPDATE counter SET value = value + 1 WHERE name = $1 RETURNING value",
			  "s", name);

	if (!value)
		db_fail(db, "the database has no counter \"%s\": it is damaged", name);
	return value;
}

void db_wake_others(struct db *db)
{
	if (db->driver->wake && !db->failed)
		statement(db, db->driver->wake);
}

bool db_listen(struct db *db)
{
	return !db->driver->listen || statement(db, db->driver->listen);
}

int db_descriptor(const struct db *db)
{
	return db->driver->descriptor ? db->driver->descriptor(db->connection) : -1;
}

bool db_changed(struct db *db)
{
	return db->driver->changed(db->connection);
}
