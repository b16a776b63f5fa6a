// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One SQL layer over SQLite and PostgreSQL.
 *
 * Both get the same statements, with $1, $2, … for values.  What they spell
 * differently (types of keys, upserts, auto-increment) is kept out of the
 * statements: schema.c says how.  No objects are mapped; a caller writes SQL
 * and reads columns.
 *
 * Errors stick: after the first failed statement of a transaction the others
 * do nothing, and db_commit() rolls back and says so.  A function that makes
 * ten statements thus checks once, at its end.  The words are in db_error().
 *
 * A struct db is one connection, for one thread.
 */
#ifndef VPN_SERVER_DB_H
#define VPN_SERVER_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct db;
struct db_rows;

/* Where the database is when nobody says: a file that only its owner may read. */
#ifndef STATE_FOLDER
#define STATE_FOLDER "/var/lib/frr-vpnd"
#endif
#define DB_DEFAULT STATE_FOLDER "/vpn.db"

/*
 * Opens "PATH", "sqlite:PATH" or "postgresql://…" (libpq's connection string or
 * URI: several hosts, target_session_attrs, …).  A missing SQLite file is made,
 * with mode 0600.  The schema is not looked at: schema.h does.
 * NULL: error has the reason in words.
 */
struct db *db_open(const char *where, char *error, size_t size);
void db_close(struct db *db);

/*
 * A lost connection to PostgreSQL is made again, to whichever host takes writes.
 * False: not yet; db_error() says why.  Always true for SQLite.
 */
bool db_reconnect(struct db *db);
bool db_lost(const struct db *db);

/*
 * Runs one statement.  types has a letter for each value that follows:
 * 'i' int64_t, 's' const char * (NULL is SQL's NULL).  True if it worked;
 * db_affected() then says how many rows changed.
 */
bool db_exec(struct db *db, const char *sql, const char *types, ...);
int64_t db_affected(const struct db *db);

/*
 * Runs a query.  Never NULL: after an error there are no rows.  Rows are read
 * with db_next() and freed with db_end().  Texts live until the next db_next().
 */
struct db_rows *db_query(struct db *db, const char *sql, const char *types, ...);
bool db_next(struct db_rows *rows);
int64_t db_int(const struct db_rows *rows, int column);
const char *db_text(const struct db_rows *rows, int column); /* NULL reads as "" */
void db_end(struct db_rows *rows);

/* The first column of the first row, or otherwise if there is none. */
int64_t db_number(struct db *db, int64_t otherwise, const char *sql, const char *types, ...);

/*
 * A transaction that writes: one at a time in the whole database, so that what
 * was checked in it is true until it ends.  They do not nest.
 */
bool db_begin(struct db *db);
bool db_commit(struct db *db); /* or rolls back what failed, and is false */
void db_rollback(struct db *db);

/* Makes the transaction fail, in these words. */
void db_fail(struct db *db, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool db_failed(const struct db *db);
const char *db_error(const struct db *db);
void db_clear(struct db *db); /* forgets an error outside of a transaction */

/* The next number of a counter: "id" of rows, "version" of changes. */
int64_t db_counter(struct db *db, const char *name);

/* Tells the other connections, once this transaction is committed, that there is work. */
void db_wake_others(struct db *db);

/*
 * For a loop that waits for others' changes.  db_listen() once; the descriptor
 * (-1: there is none) becomes readable when something arrived; db_changed()
 * says whether another connection changed anything since it was last asked.
 */
bool db_listen(struct db *db);
int db_descriptor(const struct db *db);
bool db_changed(struct db *db);

bool db_is_postgres(const struct db *db);

/* For tests: called before each statement, transactions' own among them. */
extern void (*db_before_statement)(const char *sql);

#endif /* VPN_SERVER_DB_H */
