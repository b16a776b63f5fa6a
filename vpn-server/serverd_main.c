// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vpn-serverd: tells CEs what the VPN database says.
 *
 * One thread waits for changes of the database and for times to come; workers,
 * each with a connection to the database of its own, take CEs that have
 * something to be told, one at a time; one thread per port takes calls of CEs,
 * each of which has a thread of its own.
 * All state is in the database: the process may be killed at any time, and
 * several of them may run, on one machine or on several.
 */
#define _GNU_SOURCE /* pthread_timedjoin_np() */
#include "vpn-server/serverd.h"
#include "vpn-server/authority.h"
#include "vpn-server/provision.h"
#include "vpn-server/renewal.h"
#include "vpn-server/revocation.h"
#include "vpn-server/schema.h"
#include "vpn-server/settings.h"

#include <errno.h>
#include <getopt.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define WORKERS_MOST	64
#define READY_MOST	64
#define LOOK_MS		500 /* SQLite has no notifications but that its log is written to */
#define LOOK_SOON	10  /* ms, when it was */
#define LOOK_SOON_TIMES 20
#define LOOK_LEAST	100 /* ms between two looks, however many changes there are */
#define LOOK_MOST	30  /* seconds without a look, whatever is said */
#define OWNER_SIZE	128

static struct {
	char where[SETTING_SIZE], ssh_key[SETTING_SIZE], owner[OWNER_SIZE];
	int workers, tls_port, ssh_port;
	struct identity identity;
	struct tls *tls;
	struct calls *calls;
	pthread_mutex_t mutex;
	pthread_cond_t wake;
	int64_t ready[READY_MOST];
	size_t ready_count;
	int64_t ready_last; /* up to this id was looked, 0: the next look is from the beginning */
	bool look;	    /* something changed since a worker looked from the beginning */
} server = {
	.workers = 4,
	.mutex = PTHREAD_MUTEX_INITIALIZER,
	.wake = PTHREAD_COND_INITIALIZER,
};

static volatile sig_atomic_t stopping;

static void stop(int signal)
{
	(void)signal;
	stopping = 1;
}

void serverd_log(const char *format, ...)
{
	char line[1200], when[32];
	struct tm tm;
	time_t now = time(NULL);
	va_list args;

	gmtime_r(&now, &tm);
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	fprintf(stderr, "%s %s\n", when, line);
}

static int fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
static int fail(const char *format, ...)
{
	va_list args;

	fputs("vpn-serverd: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return 1;
}

/* ---- workers */

static void look_again(void)
{
	pthread_mutex_lock(&server.mutex);
	server.look = true;
	pthread_cond_broadcast(&server.wake);
	pthread_mutex_unlock(&server.mutex);
}

/* The next of those that are ready; the mutex is held. */
static void look_for_ready(struct db *db)
{
	if (!server.ready_last)
		server.look = false;
	server.ready_count = task_ready(db, server.ready_last, server.ready, READY_MOST);
	/* the list is taken from its end: the last one first */
	server.ready_last = server.ready_count == READY_MOST ? server.ready[READY_MOST - 1] : 0;
}

/* A CE that may be told something, or 0 after a wait. The mutex is held when the list is filled: one asks for all. */
static int64_t next_ce(struct db *db)
{
	int64_t ce = 0;

	pthread_mutex_lock(&server.mutex);
	while (!server.ready_count && !server.look && !server.ready_last && !stopping)
		pthread_cond_wait(&server.wake, &server.mutex);
	if (!server.ready_count)
		look_for_ready(db);
	if (server.ready_count)
		ce = server.ready[--server.ready_count];
	pthread_mutex_unlock(&server.mutex);
	return ce;
}

/* The next one is told. */
static void work_once(struct db *db)
{
	struct lease lease;
	int64_t ce = next_ce(db);

	if (ce && lease_begin(&lease, db, ce, server.owner)) {
		push_ce(db, server.tls, &server.identity, ce, server.owner);
		lease_end(&lease);
		look_again(); /* others may have waited for this one */
	} else if (db_failed(db)) {
		look_again(); /* nobody has looked: the connection is lost */
		poll(NULL, 0, 500);
	}
}

static struct db *open_database(void)
{
	char error[500];
	struct db *db = db_open(server.where, error, sizeof(error));

	if (!db)
		serverd_log("%s", error);
	return db;
}

static void *work(void *arg)
{
	struct db *db = NULL;

	(void)arg;
	while (!stopping) {
		if ((!db && !(db = open_database())) || (db_lost(db) && !db_reconnect(db)))
			poll(NULL, 0, 1000);
		else
			work_once(db);
	}
	db_close(db);
	return NULL;
}

/* ---- start */

static bool read_number(const char *text, const char *name, int least, int most, int *number)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (*text && !*end && value >= least && value <= most) {
		*number = (int)value;
		return true;
	}
	fail("%s: \"%.40s\" is not a number from %d to %d", name, text, least, most);
	return false;
}

static bool read_settings(const char *const options[6])
{
	static const char *const names[] = { "database", "name",     "ssh-key",
					     "workers",	 "tls-port", "ssh-port" };
	char value[6][SETTING_SIZE], host[64] = "", error[400];

	gethostname(host, sizeof(host) - 1);
	for (int i = 0; i < 6; i++) {
		const char *otherwise =
			(const char *[]){ DB_DEFAULT, host, "", "4", "4335", "4334" }[i];

		if (!setting_read(options[i], i ? NULL : "VPN_DATABASE", names[i], otherwise,
				  value[i], error, sizeof(error))) {
			fail("%s", error);
			return false;
		}
	}
	snprintf(server.where, sizeof(server.where), "%s", value[0]);
	snprintf(server.owner, sizeof(server.owner), "%.100s", value[1]);
	snprintf(server.ssh_key, sizeof(server.ssh_key), "%s", value[2]);
	server.identity.ssh_key = server.ssh_key;
	return read_number(value[3], "workers", 1, WORKERS_MOST, &server.workers) &&
	       read_number(value[4], "tls-port", 0, 65535, &server.tls_port) &&
	       read_number(value[5], "ssh-port", 0, 65535, &server.ssh_port);
}

/* A certificate for this run; its key is in this process only. */
static bool make_identity(struct db *db)
{
	char name[NAME_SIZE];

	snprintf(name, sizeof(name), "%.40s", server.owner);
	if (!db_begin(db))
		return false;
	if (name_check(db, "server", name, sizeof(name)) && ce_exists(db, name))
		db_fail(db, "%s is the name of a CE: give this server another (--name)", name);
	/* certificates of earlier runs are of no use to anybody */
	db_exec(db, "DELETE FROM certificate WHERE name = $1 AND not_after < $2", "si", name,
		now_seconds());
	server.identity.ca = authority_certificate(db);
	server.identity.certificate = authority_issue(db, name, NULL, CERTIFICATE_DAYS,
						      &server.identity.key);
	return db_commit(db);
}

static bool start_listener(int port, bool ssh)
{
	struct listener *listener = calloc(1, sizeof(*listener));
	char error[400];
	pthread_t thread;

	if (!port) {
		free(listener);
		return true;
	}
	*listener = (struct listener){ .calls = server.calls,
				       .where = server.where,
				       .owner = server.owner,
				       .identity = &server.identity,
				       .tls = server.tls,
				       .ssh = ssh };
	listener->fd = listen_open(port, error, sizeof(error));
	if (listener->fd >= 0 && !pthread_create(&thread, NULL, listen_run, listener) &&
	    !pthread_detach(thread))
		return true;
	fail("%s", error);
	return false;
}

static struct db *start(void)
{
	char error[500];
	struct db *db = db_open(server.where, error, sizeof(error));

	server.calls = calls_new();
	if (!db) {
		fail("%s", error);
		return NULL;
	}
	if (!schema_migrate(db) || !make_identity(db) || !plan_release_all(db, server.owner) ||
	    !db_listen(db)) {
		fail("%s", db_error(db));
	} else if (!session_start(error, sizeof(error)) ||
		   !(server.tls = tls_new(&server.identity, error, sizeof(error)))) {
		fail("%s", error);
	} else if (start_listener(server.tls_port, false) && start_listener(server.ssh_port, true)) {
		return db;
	}
	db_close(db);
	return NULL;
}

/* ---- the loop */

/* Until another connection changed something, or the time has come. */
static void wait_for_change(struct db *db)
{
	int64_t until = now_seconds() + renewal_next(db, task_next(db, LOOK_MOST));
	int soon = 0;

	poll(NULL, 0, LOOK_LEAST);
	while (!stopping && now_seconds() < until) {
		struct pollfd fd = { .fd = db_descriptor(db), .events = POLLIN };

		/* SQLite: somebody writes, and will soon have written */
		if (poll(&fd, 1, soon ? LOOK_SOON : LOOK_MS) > 0)
			soon = LOOK_SOON_TIMES;
		else if (soon)
			soon--;
		if (!lease_keep(db, server.owner) || db_changed(db) || db_lost(db))
			return;
	}
}

/* Those who come when they are called. */
static void notify_all(struct db *db)
{
	char address[PREFIX_TEXT];

	while (!stopping && task_notify(db, address))
		knock(address);
	if (db_failed(db)) {
		serverd_log("%s", db_error(db));
		db_clear(db);
	}
}

static void loop(struct db *db)
{
	while (!stopping) {
		if (db_lost(db)) {
			if (!db_reconnect(db) || !db_listen(db)) {
				serverd_log("the database: %s", db_error(db));
				poll(NULL, 0, 1000);
				continue;
			}
			/* what was being recorded then may be lost: nobody is told twice at once, as CEs lock */
			plan_release_all(db, server.owner);
			serverd_log("the database is back");
		}
		if (!rotation_advance(db) || !renewal_look(db) || !revocation_look(db))
			serverd_log("%s", db_error(db));
		notify_all(db);
		look_again();
		wait_for_change(db);
	}
}

/* The workers end what they are at, and it is theirs until then. */
static void join(struct db *db, const pthread_t *workers, int count)
{
	struct timespec until;

	look_again();
	for (int i = 0; i < count; i++) {
		do {
			lease_keep(db, server.owner);
			clock_gettime(CLOCK_REALTIME, &until);
			until.tv_sec++;
		} while (pthread_timedjoin_np(workers[i], NULL, &until) == ETIMEDOUT);
	}
}

static void usage(FILE *to)
{
	fputs("Usage: vpn-serverd [--database WHERE] [--name NAME] [--ssh-key FILE] [--workers N]\n"
	      "                   [--tls-port N] [--ssh-port N]\n"
	      "Provisions CEs from the VPN database over NETCONF; see vpn-serverd(8).\n",
	      to);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "database", required_argument, NULL, 0 },
		{ "name", required_argument, NULL, 0 },
		{ "ssh-key", required_argument, NULL, 0 },
		{ "workers", required_argument, NULL, 0 },
		{ "tls-port", required_argument, NULL, 0 },
		{ "ssh-port", required_argument, NULL, 0 },
		{ "help", no_argument, NULL, 0 },
		{ NULL, 0, NULL, 0 },
	};
	struct sigaction action = { .sa_handler = stop };
	pthread_t workers[WORKERS_MOST];
	const char *given[7] = { NULL };
	int index, c, count = 0;
	struct db *db;

	while ((c = getopt_long(argc, argv, "", options, &index)) != -1) {
		if (c != 0)
			return 1;
		given[index] = optarg ? optarg : "";
	}
	if (given[6] || optind < argc) {
		usage(given[6] ? stdout : stderr);
		return given[6] ? 0 : 1;
	}
	/* a thread per session comes and goes: their memory is not to be kept apart */
	mallopt(M_ARENA_MAX, 2);
	if (!read_settings(given) || !(db = start()))
		return 1;
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	srand((unsigned int)(time(NULL) ^ getpid()));
	while (count < server.workers && !pthread_create(&workers[count], NULL, work, NULL))
		count++;
	if (!count)
		return fail("no threads");
	serverd_log("%s provisions, %d CEs at a time", server.owner, count);
	loop(db);
	join(db, workers, count);
	plan_release_all(db, server.owner);
	db_close(db);
	if (calls_count(server.calls))
		_exit(0); /* they use what would be freed */
	tls_free(server.tls);
	authority_cleanse(server.identity.key);
	return 0;
}
