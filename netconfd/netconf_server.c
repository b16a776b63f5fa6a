// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Connections become sessions.
 *
 * libnetconf2 opens the listening sockets, accepts, does the handshake of SSH
 * or TLS and the exchange of <hello>, blocking its caller for up to a minute if
 * the other end is slow. So the event loop only waits until a connection is
 * there, and starts a thread, in which libnetconf2 does all that; when it
 * succeeds the same thread becomes the session's.
 *
 *     event loop: socket readable ──▶ thread: accept, handshake, <hello>, session
 *           ▲                                  │
 *           └────────── next one ◀── accepted ─┘
 *
 * Bounds: at most HANDSHAKES_MAX connections that are not sessions yet, of which
 * at most HANDSHAKES_PER_HOST from one address: those that connect and say
 * nothing keep nobody else out. More sessions than configured are refused.
 *
 * Sessions that were called home (RFC 8071) begin in a thread of libnetconf2,
 * which gives them to us.
 */
#include <zebra.h>

#include <dirent.h>
#include "netconfd/netconf_nc.h"

#include "lib/frr_pthread.h"
#include "lib/frrevent.h"
#include "lib/libfrr.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "lib/sockunion.h"

#include "netconfd/netconf_config.h"
#include "netconfd/netconf_guard.h"
#include "netconfd/netconf_home.h"
#include "netconfd/netconf_memory.h"
#include "netconfd/netconf_schema.h"
#include "netconfd/netconf_server.h"
#include "netconfd/netconf_session.h"

#define HANDSHAKES_MAX	    64
#define HANDSHAKES_PER_HOST 16
#define LISTENERS_MAX	    32
#define STOP_SECONDS	    5

PREDECL_DLIST(netconf_threads);

/* A thread, from the connection to the session's end. */
struct netconf_thread {
	struct netconf_threads_item item;
	struct frr_pthread *fpt;
	struct nc_session *called; /* a session that was called home, or NULL */
	char *home;		   /* who was called */
	int fd;
	bool handshake;
	union sockunion from;
};

DECLARE_DLIST(netconf_threads, struct netconf_thread, item);

static struct event_loop *loop;
static struct netconf_threads_head threads[1];
static unsigned int handshakes;
static _Atomic unsigned int refused;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* of the three before */

static struct listener {
	int fd;
	struct event *event;
} listeners[LISTENERS_MAX];
static unsigned int listener_count;
static bool armed;
static struct event *stop_timer;
static void (*on_stopped)(void);

/* The thread that is running. */
static _Thread_local struct netconf_thread *self;

struct netconf_server_state netconf_server_state(void)
{
	struct netconf_server_state state = { .listening = listener_count, .refused = refused };

	frr_with_mutex (&mutex)
		state.handshakes = handshakes;
	return state;
}

/* ------------------------------------------------------------------ in a thread */

static void rearm(struct event *event);

static unsigned int handshakes_from(const union sockunion *from)
{
	struct netconf_thread *thread;
	unsigned int count = 0;

	frr_each (netconf_threads, threads, thread)
		if (thread->handshake && sockunion_same(&thread->from, from))
			count++;
	return count;
}

/* A connection was accepted; may it go on? */
static bool admit(int fd, const struct sockaddr *from)
{
	bool full = netconf_session_count() >= netconf_config_session_limit();
	bool good = !full;
	union sockunion su = {};

	if (from->sa_family == AF_INET)
		su.sin = *(const struct sockaddr_in *)from;
	else if (from->sa_family == AF_INET6)
		su.sin6 = *(const struct sockaddr_in6 *)from;
	frr_with_mutex (&mutex) {
		if (handshakes_from(&su) >= HANDSHAKES_PER_HOST)
			good = false;
		self->from = su;
		self->fd = fd;
		self->handshake = good;
		handshakes += good;
	}
	if (!good) {
		refused++;
		zlog_warn("a connection from %pSU is refused: there are %s", &su,
			  full ? "as many sessions as there may be"
			       : "many from there that say nothing");
	}
	/* the next one may come; after a refusal this thread looks for it */
	if (good)
		event_add_event(loop, rearm, NULL, 0, NULL);
	return good;
}

static void handshake_end(void)
{
	frr_with_mutex (&mutex) {
		if (self->handshake)
			handshakes--;
		self->handshake = false;
	}
	/* there is room for one more */
	event_add_event(loop, rearm, NULL, 0, NULL);
}

static void thread_end(struct event *event);

static void *thread_run(void *arg)
{
	struct frr_pthread *fpt = arg;
	struct nc_session *nc;

	self = fpt->data;
	nc = self->called;
	if (nc) {
		netconf_guard_adopt(self->fd);
	} else {
		netconf_guard_accepting(admit);
		if (nc_accept(0, netconf_schema(), &nc) != NC_MSG_HELLO)
			nc = NULL;
		handshake_end();
	}
	if (nc && !netconf_session_run(nc, self->home)) {
		refused++;
		if (self->home)
			netconf_home_refused(self->home,
					     "there are as many sessions as there may be");
	}
	netconf_guard_end();
	event_add_event(loop, thread_end, self, 0, NULL);
	return NULL;
}

/* ----------------------------------------------------------- in the main thread */

static int thread_stop(struct frr_pthread *fpt, void **result)
{
	return pthread_join(fpt->thread, result);
}

static bool thread_start(struct nc_session *called, int fd, char *home)
{
	static const struct frr_pthread_attr attr = { .start = thread_run, .stop = thread_stop };
	struct netconf_thread *thread = XCALLOC(MTYPE_NETCONF_SESSION, sizeof(*thread));

	thread->fd = fd;
	thread->called = called;
	thread->home = home;
	thread->fpt = frr_pthread_new(&attr, "NETCONF session", "nc-session");
	thread->fpt->data = thread;
	frr_with_mutex (&mutex)
		netconf_threads_add_tail(threads, thread);
	if (!frr_pthread_run(thread->fpt, NULL))
		return true;
	zlog_err("no thread can be started for a session: %s", safe_strerror(errno));
	frr_with_mutex (&mutex)
		netconf_threads_del(threads, thread);
	frr_pthread_destroy(thread->fpt);
	XFREE(MTYPE_NETCONF_SESSION, thread);
	return false;
}

static void stopped(struct event *event)
{
	event_cancel(&stop_timer);
	on_stopped();
}

static void thread_end(struct event *event)
{
	struct netconf_thread *thread = EVENT_ARG(event);
	bool last = false;

	frr_pthread_stop(thread->fpt, NULL);
	frr_pthread_destroy(thread->fpt);
	frr_with_mutex (&mutex) {
		netconf_threads_del(threads, thread);
		last = !netconf_threads_count(threads);
	}
	XFREE(MTYPE_NETCONF_SESSION, thread->home);
	XFREE(MTYPE_NETCONF_SESSION, thread);
	if (on_stopped) {
		if (last)
			stopped(NULL);
		return;
	}
	rearm(NULL);
}

static void listener_ready(struct event *event)
{
	/* until it is accepted, the same connection would be there again */
	for (unsigned int i = 0; i < listener_count; i++)
		event_cancel(&listeners[i].event);
	armed = false;
	if (!thread_start(NULL, -1, NULL))
		event_add_timer(loop, rearm, NULL, 1, NULL);
}

/* Waits for the next connection, if there is room for one. */
static void rearm(struct event *event)
{
	bool room = false;

	frr_with_mutex (&mutex)
		room = handshakes < HANDSHAKES_MAX;
	if (armed || !room || on_stopped)
		return;
	for (unsigned int i = 0; i < listener_count; i++)
		event_add_read(loop, listener_ready, NULL, listeners[i].fd, &listeners[i].event);
	armed = true;
}

void netconf_server_unlisten(void)
{
	for (unsigned int i = 0; i < listener_count; i++)
		event_cancel(&listeners[i].event);
	listener_count = 0;
	armed = false;
}

/* Is it a socket that listens where we are configured to listen? */
static bool is_listener(int fd)
{
	struct netconf_listen *listen;
	union sockunion su;
	socklen_t len = sizeof(su);
	int listening = 0;
	socklen_t size = sizeof(listening);

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) || !listening)
		return false;
	if (getsockname(fd, &su.sa, &len) ||
	    (su.sa.sa_family != AF_INET && su.sa.sa_family != AF_INET6))
		return false;
	frr_each (netconf_listens, netconf_config->listens, listen)
		if (ntohs(su.sa.sa_family == AF_INET ? su.sin.sin_port : su.sin6.sin6_port) ==
		    listen->port)
			return true;
	return false;
}

void netconf_server_listen(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;

	netconf_server_unlisten();
	/* libnetconf2 does not tell its sockets */
	while (dir && (entry = readdir(dir)) && listener_count < LISTENERS_MAX) {
		int fd = atoi(entry->d_name);

		if (entry->d_name[0] != '.' && is_listener(fd))
			listeners[listener_count++].fd = fd;
	}
	if (dir)
		closedir(dir);
	if (listener_count)
		zlog_notice("NETCONF: listening on %u addresses", listener_count);
	rearm(NULL);
}

/* -------------------------------------------------------------------- call home */

/* A session on its way from libnetconf2's thread to its own. */
struct called {
	struct nc_session *nc;
	int fd;
	char *home;
};

static void called_home(struct event *event)
{
	struct called *called = EVENT_ARG(event);

	if (!thread_start(called->nc, called->fd, called->home)) {
		nc_session_free(called->nc, NULL);
		netconf_home_ends(called->home, "no thread for it");
		XFREE(MTYPE_NETCONF_SESSION, called->home);
	}
	XFREE(MTYPE_NETCONF_SESSION, called);
}

/* In a thread of libnetconf2: a session that we called is there. */
static int home_session(const char *name, struct nc_session *nc, void *arg)
{
	struct called *called;

	if (netconf_session_count() >= netconf_config_session_limit()) {
		refused++;
		netconf_home_refused(name, "there are as many sessions as there may be");
		return 1;
	}
	netconf_home_begins(name);
	called = XCALLOC(MTYPE_NETCONF_SESSION, sizeof(*called));
	called->nc = nc;
	called->fd = netconf_guard_socket();
	called->home = XSTRDUP(MTYPE_NETCONF_SESSION, name);
	event_add_event(loop, called_home, called, 0, NULL);
	return 0;
}

static const struct ly_ctx *home_context(void *arg)
{
	return netconf_schema();
}

static void home_context_release(void *arg)
{
}

/* ------------------------------------------------------------------ begin and end */

static void shut_down(struct netconf_thread *thread)
{
	if (thread->handshake && thread->fd >= 0)
		shutdown(thread->fd, SHUT_RDWR);
}

void netconf_server_stop(void (*done)(void))
{
	struct netconf_thread *thread;
	bool none = false;

	on_stopped = done;
	netconf_server_unlisten();
	netconf_session_end_all();
	frr_with_mutex (&mutex) {
		frr_each (netconf_threads, threads, thread)
			shut_down(thread);
		none = !netconf_threads_count(threads);
	}
	if (none)
		done();
	else
		event_add_timer(loop, stopped, NULL, STOP_SECONDS, &stop_timer);
}

void netconf_server_init(struct event_loop *event_loop)
{
	loop = event_loop;
	netconf_threads_init(threads);
	nc_server_ch_set_dispatch_data(home_context, home_context_release, NULL, home_session, NULL);
}
