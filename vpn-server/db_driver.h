// SPDX-License-Identifier: GPL-2.0-or-later
/* What db.c wants of SQLite and of PostgreSQL: no policy, no memory of errors. */
#ifndef VPN_SERVER_DB_DRIVER_H
#define VPN_SERVER_DB_DRIVER_H

#include "vpn-server/db.h"

#define DB_MAX_VALUES 24

/* A value of a statement: a text, a number already as text, or NULL. */
struct db_value {
	const char *text;
	bool number;
	char digits[24];
};

struct db_driver {
	/* One statement; NULL and words if it failed.  A result may have no rows. */
	void *(*run)(void *connection, const char *sql, const struct db_value *values, int count,
		     int64_t *affected, char *error, size_t size);
	bool (*next)(void *result, char *error, size_t size);
	int64_t (*number)(const void *result, int column);
	const char *(*text)(const void *result, int column);
	void (*end)(void *result);
	void (*close)(void *connection);
	bool (*lost)(const void *connection);
	bool (*reconnect)(void *connection, char *error, size_t size);
	bool (*changed)(void *connection);
	int (*descriptor)(const void *connection);
	const char *begin[2]; /* statements of db_begin(), the second may be NULL */
	const char *wake, *listen;
};

extern const struct db_driver db_sqlite, db_postgres;

void *db_sqlite_open(const char *path, char *error, size_t size);
void *db_postgres_open(const char *conninfo, char *error, size_t size);

#endif /* VPN_SERVER_DB_DRIVER_H */
