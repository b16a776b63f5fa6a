// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * CEs that call home (RFC 8071): they open the connection, we are the client on
 * it nevertheless.  Who it is says its certificate or host key; whoever cannot
 * prove to be a CE is told nothing, and does not disturb others.
 *
 * A call has a thread of its own, so that one who connects and says nothing
 * delays nobody.  All calls together are at most CALLS_MOST; more wait in the
 * kernel's queue.  From one address there are at most CALLS_OF_ONE, as a CE has
 * one to say: more are closed, so that no single host takes all the places.
 * What waits has an end: the hand shake's CONNECT_TIMEOUT, libnetconf2's for
 * the hello, REPLY_TIMEOUT, and LEASE_SECONDS for whoever talks to the CE already:
 * most likely a server that died, from which the CE came to us.
 *
 * A call's connection to the database is kept for the next one: there are as
 * many as there were calls at once.
 */
#define _GNU_SOURCE /* accept4() */
#include "vpn-server/serverd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LOOK_MS 500 /* whether a CE is free by now */

int listen_open(int port, char *error, size_t size)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && !setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int)) &&
	    !setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){ 0 }, sizeof(int)) &&
	    !bind(fd, (struct sockaddr *)&any, sizeof(any)) && !listen(fd, 128))
		return fd;
	snprintf(error, size, "port %d: %s", port, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

/* "192.0.2.1", of IPv4 in IPv6, too. */
static void address_text(const struct sockaddr_in6 *from, char text[INET6_ADDRSTRLEN])
{
	if (IN6_IS_ADDR_V4MAPPED(&from->sin6_addr))
		inet_ntop(AF_INET, &from->sin6_addr.s6_addr[12], text, INET6_ADDRSTRLEN);
	else
		inet_ntop(AF_INET6, &from->sin6_addr, text, INET6_ADDRSTRLEN);
}

/* It is who it says; is it where it is known to be? */
static bool admit(struct db *db, const struct ce *ce, const char *from)
{
	char words[300];

	if (ce->revoked) {
		serverd_log("CE %s calls from %s: it is revoked", ce->name, from);
		return false;
	}
	if (strcmp(from, ce->address) && strcmp(from, ce->host)) {
		snprintf(words, sizeof(words), "it calls from %s, but its address is %s", from,
			 ce->address);
		serverd_log("CE %s: %s", ce->name, words);
		db_exec(db, "UPDATE ce SET error = $1 WHERE id = $2", "si", words, ce->id);
		return false;
	}
	return true;
}

/* Tells it what there is to tell, as soon as nobody else does. */
static void tell(const struct listener *listener, struct db *db, struct nc_session *session,
		 const struct ce *ce)
{
	int64_t until = now_seconds() + LEASE_SECONDS;
	struct lease lease;

	while (!lease_begin(&lease, db, ce->id, listener->owner)) {
		if (db_failed(db) || now_seconds() > until) {
			serverd_log("CE %s calls while it is being told already", ce->name);
			return;
		}
		poll(NULL, 0, LOOK_MS);
	}
	/* it may have lost all since: compare with what it has */
	if (db_exec(db, "UPDATE ce SET synced = 0 WHERE id = $1", "i", ce->id))
		push_session(db, session, ce->id, listener->owner);
	lease_end(&lease);
}

static void serve(const struct listener *listener, struct db *db, int fd, const char *from)
{
	struct nc_session *session;
	char name[NAME_SIZE], error[500] = "";
	struct ce ce;

	session = session_accept(listener->tls, listener->identity, db, fd, listener->ssh, name,
				 error, sizeof(error));
	if (!session) {
		serverd_log("a call from %s: %s", from, error);
		return;
	}
	db_clear(db);
	if (ce_find(db, name, &ce) && admit(db, &ce, from))
		tell(listener, db, session, &ce);
	session_close(session);
}

/* ---- calls at once */

struct call {
	struct calls *calls;
	const struct listener *listener;
	bool busy;
	int fd;
	char from[INET6_ADDRSTRLEN];
	struct db *db; /* stays when the call has ended; NULL: not opened yet */
};

struct calls {
	pthread_mutex_t mutex;
	pthread_cond_t room;
	struct call call[CALLS_MOST];
};

struct calls *calls_new(void)
{
	struct calls *calls = calloc(1, sizeof(*calls));

	if (!calls)
		abort();
	pthread_mutex_init(&calls->mutex, NULL);
	pthread_cond_init(&calls->room, NULL);
	return calls;
}

/* A free place, one with a connection to the database rather than another; NULL: none.  The mutex is held. */
static struct call *free_place(struct calls *calls)
{
	struct call *found = NULL;

	for (size_t i = 0; i < CALLS_MOST; i++)
		if (!calls->call[i].busy && (!found || (!found->db && calls->call[i].db)))
			found = &calls->call[i];
	return found;
}

size_t calls_count(struct calls *calls)
{
	size_t count = 0;

	pthread_mutex_lock(&calls->mutex);
	for (size_t i = 0; i < CALLS_MOST; i++)
		count += calls->call[i].busy;
	pthread_mutex_unlock(&calls->mutex);
	return count;
}

static void wait_for_room(struct calls *calls)
{
	pthread_mutex_lock(&calls->mutex);
	while (!free_place(calls))
		pthread_cond_wait(&calls->room, &calls->mutex);
	pthread_mutex_unlock(&calls->mutex);
}

/* A place for a call from there; NULL: too many from there, or another port's call was faster. */
static struct call *take_place(const struct listener *listener, int fd, const char *from)
{
	struct calls *calls = listener->calls;
	struct call *call;
	int same = 0;

	pthread_mutex_lock(&calls->mutex);
	call = free_place(calls);
	for (size_t i = 0; i < CALLS_MOST; i++)
		same += calls->call[i].busy && !strcmp(calls->call[i].from, from);
	if (same >= CALLS_OF_ONE)
		call = NULL;
	if (call) {
		call->calls = calls;
		call->listener = listener;
		call->busy = true;
		call->fd = fd;
		snprintf(call->from, sizeof(call->from), "%s", from);
	}
	pthread_mutex_unlock(&calls->mutex);
	return call;
}

static void leave_place(struct call *call)
{
	struct calls *calls = call->calls;

	pthread_mutex_lock(&calls->mutex);
	call->busy = false;
	pthread_cond_broadcast(&calls->room);
	pthread_mutex_unlock(&calls->mutex);
}

static bool have_database(struct call *call)
{
	char error[500];

	if (!call->db)
		call->db = db_open(call->listener->where, error, sizeof(error));
	if (call->db && (!db_lost(call->db) || db_reconnect(call->db)))
		return true;
	serverd_log("the database: %s", call->db ? db_error(call->db) : error);
	return false;
}

static void *call_run(void *arg)
{
	struct call *call = arg;

	if (have_database(call))
		serve(call->listener, call->db, call->fd, call->from);
	else
		close(call->fd);
	leave_place(call);
	return NULL;
}

static void begin_call(const struct listener *listener, int fd, const char *from)
{
	struct call *call = take_place(listener, fd, from);
	pthread_t thread;

	if (call && !pthread_create(&thread, NULL, call_run, call)) {
		pthread_detach(thread);
		return;
	}
	serverd_log("a call from %s is not taken: %s", from,
		    call ? "no thread" : "too many from there have not ended");
	close(fd);
	if (call)
		leave_place(call);
}

void *listen_run(void *arg)
{
	const struct listener *listener = arg;

	for (;;) {
		struct sockaddr_in6 address;
		socklen_t length = sizeof(address);
		char from[INET6_ADDRSTRLEN] = "";
		int fd;

		wait_for_room(listener->calls);
		fd = accept4(listener->fd, (struct sockaddr *)&address, &length, SOCK_CLOEXEC);
		if (fd >= 0) {
			address_text(&address, from);
			begin_call(listener, fd, from);
		} else if (errno != EINTR && errno != ECONNABORTED) {
			poll(NULL, 0, 100); /* no descriptors, no memory: not at once again */
		}
	}
	return NULL;
}
