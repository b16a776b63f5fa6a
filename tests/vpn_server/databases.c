// SPDX-License-Identifier: GPL-2.0-or-later
/* See databases.h.  PostgreSQL's programs refuse to run as root: they run as user postgres then. */
#define _GNU_SOURCE
#include "tests/vpn_server/databases.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <setjmp.h>
#include <stddef.h>
#include <cmocka.h>

#include "vpn-server/schema.h"

#define POSTGRES "/usr/lib/postgresql/17/bin/"

static char folder[64];
static pid_t server;
static int fresh;
bool databases_postgres;

static void give_up(const char *what)
{
	fprintf(stderr, "%s\n", what);
	databases_stop();
	exit(1);
}

/* As a user whom PostgreSQL accepts; its words go to a file. */
static pid_t start(char *const argv[])
{
	pid_t pid = fork();

	if (pid == 0) {
		const struct passwd *user = getuid() ? NULL : getpwnam("postgres");
		char log[96];
		int fd;

		if (!getuid() &&
		    (!user || setgroups(0, NULL) || setgid(user->pw_gid) || setuid(user->pw_uid)))
			_exit(126);
		snprintf(log, sizeof(log), "%s/postgres.log", folder);
		fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
		dup2(fd, 1);
		dup2(fd, 2);
		execv(argv[0], argv);
		_exit(127);
	}
	return pid;
}

static void start_postgres(void)
{
	char data[80], *init[] = {
		POSTGRES "initdb",   "-D",	   data, "-U",	 "vpn", "-A", "trust", "--no-sync",
		"--no-instructions", "--locale=C", "-E", "UTF8", NULL
	};
	char *run[] = { POSTGRES "postgres",  "-D", data, "-k", folder, "-h", "", "-F", "-c",
			"max_connections=20", NULL };
	char where[160], error[400] = "";
	struct db *db = NULL;
	int status;

	snprintf(data, sizeof(data), "%s/data", folder);
	waitpid(start(init), &status, 0);
	if (status)
		give_up("initdb failed: is postgresql-17 installed?");
	server = start(run);
	snprintf(where, sizeof(where), "postgresql://vpn@/postgres?host=%s", folder);
	for (int i = 0; !db && i < 300; i++) {
		db = db_open(where, error, sizeof(error));
		if (!db)
			usleep(100000);
	}
	if (!db)
		give_up(error);
	db_close(db);
}

void databases_start(bool postgres)
{
	const struct passwd *user = getpwnam("postgres");

	snprintf(folder, sizeof(folder), "/tmp/vpn-server.XXXXXX");
	if (!mkdtemp(folder))
		give_up("no directory in /tmp");
	if (postgres && !getuid() && (!user || chown(folder, user->pw_uid, user->pw_gid)))
		give_up("there is no user postgres");
	if (postgres)
		start_postgres();
}

static int unlink_it(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

void databases_stop(void)
{
	if (server > 0) {
		kill(server, SIGINT);
		waitpid(server, NULL, 0);
		server = 0;
	}
	nftw(folder, unlink_it, 16, FTW_DEPTH | FTW_PHYS);
}

const char *databases_folder(void)
{
	return folder;
}

const char *database_fresh(bool postgres)
{
	static char where[200];
	char error[400], sql[80];
	struct db *db;

	fresh++;
	if (!postgres) {
		snprintf(where, sizeof(where), "%s/%d.db", folder, fresh);
		return where;
	}
	snprintf(where, sizeof(where), "postgresql://vpn@/postgres?host=%s", folder);
	db = db_open(where, error, sizeof(error));
	snprintf(sql, sizeof(sql), "CREATE DATABASE t%d", fresh);
	if (!db || !db_exec(db, sql, ""))
		give_up(db ? db_error(db) : error);
	db_close(db);
	snprintf(where, sizeof(where), "postgresql://vpn@/t%d?host=%s", fresh, folder);
	return where;
}

struct db *database_open(bool postgres)
{
	char error[400];
	struct db *db = db_open(database_fresh(postgres), error, sizeof(error));

	if (!db || !schema_migrate(db))
		give_up(db ? db_error(db) : error);
	return db;
}

static int setup(void **state)
{
	(void)state;
	databases_start(databases_postgres);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	databases_stop();
	return 0;
}

int databases_run_each(const struct CMUnitTest *tests, size_t count)
{
	struct CMUnitTest *again = calloc(count, sizeof(*again));
	int failed = _cmocka_run_group_tests("sqlite", tests, count, setup, teardown);

	databases_postgres = true;
	for (size_t i = 0; i < count; i++) {
		char *name = malloc(strlen(tests[i].name) + 10);

		sprintf(name, "%s_postgres", tests[i].name);
		again[i] = tests[i];
		again[i].name = name;
	}
	failed += _cmocka_run_group_tests("postgres", again, count, setup, teardown);
	for (size_t i = 0; i < count; i++)
		free((char *)again[i].name);
	free(again);
	return failed;
}
