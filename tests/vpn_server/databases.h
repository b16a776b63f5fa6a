// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Databases for unit tests: an SQLite file in a fresh directory, and a
 * PostgreSQL server of the test's own, on a Unix socket in that directory.
 */
#ifndef TESTS_VPN_SERVER_DATABASES_H
#define TESTS_VPN_SERVER_DATABASES_H

#include "vpn-server/db.h"

/* Called once each, from a group's setup and teardown.  A failure ends the test with words. */
void databases_start(bool postgres);
void databases_stop(void);

/* The directory, which goes with databases_stop(). */
const char *databases_folder(void);

/* Where a database is that has nothing in it; the string lives until the next call. */
const char *database_fresh(bool postgres);

/* Which database the tests are run with now. */
extern bool databases_postgres;

/*
 * Runs the tests twice: on SQLite, and on PostgreSQL with "_postgres" behind
 * their names.  The exit status.  tests is an array of struct CMUnitTest.
 */
#define databases_run(tests) databases_run_each(tests, sizeof(tests) / sizeof((tests)[0]))
struct CMUnitTest;
int databases_run_each(const struct CMUnitTest *tests, size_t count);

/* A fresh one, migrated. */
struct db *database_open(bool postgres);

#endif /* TESTS_VPN_SERVER_DATABASES_H */
