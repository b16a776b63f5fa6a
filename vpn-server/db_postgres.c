// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PostgreSQL behind db.h: several servers on one replicated database.
 *
 * The connection string is libpq's.  With several hosts in it,
 * target_session_attrs=read-write (added if nobody gave another) leads to
 * whichever is primary now, so a takeover is a lost connection and a new one.
 * A transaction that writes takes an advisory lock, which makes writers queue as
 * they do in SQLite.  NOTIFY arrives when the transaction commits, not before.
 */
#include "vpn-server/db_driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <libpq-fe.h>

/* "frr-vpnd" as a number: the advisory lock of writers */
#define WRITER_LOCK	"SELECT pg_advisory_xact_lock(7381251174498067044)"
#define CONNECT_TIMEOUT "5"

struct result {
	PGresult *rows;
	int row; /* the one that db_next() came to */
};

static void quiet(void *arg, const char *message)
{
	(void)arg;
	(void)message;
}

/* libpq's words, the last line's worth, without the newline. */
static void words(const PGconn *pg, char *error, size_t size)
{
	size_t length;

	snprintf(error, size, "%s", PQerrorMessage(pg));
	length = strlen(error);
	while (length && (error[length - 1] == '\n' || error[length - 1] == ' '))
		error[--length] = '\0';
	for (char *c = error; *c; c++)
		if (*c == '\n' || *c == '\t')
			*c = ' ';
}

void *db_postgres_open(const char *conninfo, char *error, size_t size)
{
	bool choosy = strstr(conninfo, "target_session_attrs");
	const char *keys[] = { "target_session_attrs", "connect_timeout", "application_name",
			       "dbname", NULL };
	const char *values[] = { choosy ? "any" : "read-write", CONNECT_TIMEOUT, "frr-vpnd",
				 conninfo, NULL };
	/* what comes later wins: the given string is last */
	PGconn *pg = PQconnectdbParams(keys, values, 1);

	if (PQstatus(pg) == CONNECTION_OK) {
		PQsetNoticeProcessor(pg, quiet, NULL);
		return pg;
	}
	words(pg, error, size);
	PQfinish(pg);
	return NULL;
}

static void postgres_close(void *connection)
{
	PQfinish(connection);
}

static bool postgres_lost(const void *connection)
{
	return PQstatus(connection) != CONNECTION_OK;
}

static bool postgres_reconnect(void *connection, char *error, size_t size)
{
	PQreset(connection);
	if (PQstatus(connection) == CONNECTION_OK)
		return true;
	words(connection, error, size);
	return false;
}

static void *postgres_run(void *connection, const char *sql, const struct db_value *values,
			  int count, int64_t *affected, char *error, size_t size)
{
	struct result *result = calloc(1, sizeof(*result));
	const char *texts[DB_MAX_VALUES];
	ExecStatusType status;

	if (!result)
		return NULL;
	for (int i = 0; i < count; i++)
		texts[i] = values[i].text;
	result->rows = PQexecParams(connection, sql, count, NULL, texts, NULL, NULL, 0);
	result->row = -1;
	status = PQresultStatus(result->rows);
	if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
		*affected = strtoll(PQcmdTuples(result->rows), NULL, 10);
		return result;
	}
	words(connection, error, size);
	PQclear(result->rows);
	free(result);
	return NULL;
}

static bool postgres_next(void *result, char *error, size_t size)
{
	struct result *r = result;

	(void)error;
	(void)size;
	return ++r->row < PQntuples(r->rows);
}

static const char *postgres_text(const void *result, int column)
{
	const struct result *r = result;

	return PQgetvalue(r->rows, r->row, column);
}

static int64_t postgres_number(const void *result, int column)
{
	return strtoll(postgres_text(result, column), NULL, 10);
}

static void postgres_end(void *result)
{
	PQclear(((struct result *)result)->rows);
	free(result);
}

static bool postgres_changed(void *connection)
{
	bool changed = false;
	PGnotify *note;

	PQconsumeInput(connection);
	while ((note = PQnotifies(connection))) {
		changed = true;
		PQfreemem(note);
	}
	return changed;
}

static int postgres_descriptor(const void *connection)
{
	return PQsocket(connection);
}

const struct db_driver db_postgres = {
	.run = postgres_run,
	.next = postgres_next,
	.number = postgres_number,
	.text = postgres_text,
	.end = postgres_end,
	.close = postgres_close,
	.lost = postgres_lost,
	.reconnect = postgres_reconnect,
	.changed = postgres_changed,
	.descriptor = postgres_descriptor,
	.begin = { "BEGIN", WRITER_LOCK },
	.wake = "NOTIFY frr_vpnd",
	.listen = "LISTEN frr_vpnd",
};
