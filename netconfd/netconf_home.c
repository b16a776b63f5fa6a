// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Call home (RFC 8071): whose turn it is, and what became of it.
 *
 * libnetconf2 has a thread for each name that is called, which tries one address
 * after the other, a fixed time between attempts. That is no back-off, knows
 * periods in minutes only, and tells nobody why an attempt failed. So it is
 * configured to try each second, and its connect() passes by here first
 * (netconf_guard.c): an attempt is let through only when netconf_plan.c says
 * that it is this server's turn, and libnetconf2 has what is configured now, so
 * that nobody is shown what was there before. All others fail at once and cost
 * nothing.
 *
 *     libnetconf2's thread                     here
 *       connect() ──▶ netconf_home_may_call()     no: EAGAIN, asked again in a second
 *       (the real one) ─▶ netconf_home_called()   an errno: failed
 *       handshake, session ──▶ netconf_home_begins()
 *       handshake fails: connect() again          it was called, and there is no session: failed
 *
 * A server is found by its address and port: no two names may have the same one
 * (the commands see to that).
 *
 * What happens to a name outlives a change of its configuration: a session that
 * is there goes on, and nobody is called a second time.
 */
#include <zebra.h>

#include "lib/frr_pthread.h"
#include "lib/frrevent.h"
#include "lib/jhash.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "lib/monotime.h"
#include "lib/printfrr.h"
#include "lib/sockunion.h"
#include "lib/typesafe.h"

#include "netconfd/netconf_config.h"
#include "netconfd/netconf_home.h"
#include "netconfd/netconf_memory.h"
#include "netconfd/netconf_plan.h"

PREDECL_DLIST(calls);

/* A name that is called. */
struct call {
	struct calls_item item;
	char *name;
	bool configured;	  /* else: only its session is still there */
	union sockunion *servers; /* plan.servers of them, with ports */
	struct netconf_plan plan;
	bool calling; /* connected, and no session yet */
	unsigned int sessions;
	uint32_t failures;
	time_t last_contact;
	char last_server[SU_ADDRSTRLEN + 16];
	char error[256];
};

DECLARE_DLIST(calls, struct call, item);

static struct calls_head calls[1] = { INIT_DLIST(calls[0]) };
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* of all of them */
static struct event_loop *loop;
static bool changed;		/* libnetconf2 does not know the configuration yet */
static bool configuring, early; /* it is being told; an attempt fell into that */

static int64_t now_msec(void)
{
	struct timeval tv;

	monotime(&tv);
	return tv.tv_sec * INT64_C(1000) + tv.tv_usec / 1000;
}

static uint16_t port_of(const union sockunion *su)
{
	return ntohs(su->sa.sa_family == AF_INET ? su->sin.sin_port : su->sin6.sin6_port);
}

static void server_text(const struct call *call, unsigned int server, char *text, size_t size)
{
	text[0] = '\0';
	if (server < call->plan.servers)
		snprintfrr(text, size, "%pSU port %u", &call->servers[server],
			   port_of(&call->servers[server]));
}

static struct call *call_find(const char *name)
{
	struct call *call;

	frr_each (calls, calls, call)
		if (strmatch(call->name, name))
			return call;
	return NULL;
}

static void call_free(struct call *call)
{
	calls_del(calls, call);
	XFREE(MTYPE_NETCONF_CONFIG, call->servers);
	XFREE(MTYPE_NETCONF_CONFIG, call->name);
	XFREE(MTYPE_NETCONF_CONFIG, call);
}

/* -------------------------------------------------------------- the configuration */

/* The servers of the configuration, in its order; the one whose turn it is keeps it. */
static void take_servers(struct call *call, struct netconf_home *home)
{
	unsigned int count = netconf_servers_count(home->servers), i = 0;
	union sockunion current = {}, *servers;
	struct netconf_server *server;

	if (call->plan.current < call->plan.servers)
		current = call->servers[call->plan.current];
	servers = XCALLOC(MTYPE_NETCONF_CONFIG, MAX(count, 1U) * sizeof(*servers));
	call->plan.current = 0;
	frr_each (netconf_servers, home->servers, server) {
		if (str2sockunion(server->address, &servers[i]))
			continue;
		if (servers[i].sa.sa_family == AF_INET)
			servers[i].sin.sin_port = htons(server->port);
		else
			servers[i].sin6.sin6_port = htons(server->port);
		if (sockunion_same(&servers[i], &current) &&
		    port_of(&servers[i]) == port_of(&current))
			call->plan.current = i;
		i++;
	}
	XFREE(MTYPE_NETCONF_CONFIG, call->servers);
	call->servers = servers;
	call->plan.servers = i;
}

static void take_home(struct netconf_home *home)
{
	struct call *call = call_find(home->name);

	if (!call) {
		call = XCALLOC(MTYPE_NETCONF_CONFIG, sizeof(*call));
		call->name = XSTRDUP(MTYPE_NETCONF_CONFIG, home->name);
		calls_add_tail(calls, call);
	}
	call->configured = true;
	/* something changed: what was planned for the old configuration is nothing to wait for */
	if (!call->plan.period || call->plan.period != home->period)
		netconf_plan_hurry(&call->plan, now_msec());
	call->plan.wait = home->wait;
	call->plan.maximum = home->maximum;
	call->plan.period = home->period;
	call->plan.attempts = home->attempts;
	call->plan.last_connected = home->last_connected;
	take_servers(call, home);
}

void netconf_home_configure(void)
{
	struct netconf_home *home;
	struct call *call;

	frr_with_mutex (&mutex) {
		frr_each (calls, calls, call)
			call->configured = false;
		frr_each (netconf_homes, netconf_config->homes, home)
			take_home(home);
		frr_each_safe (calls, calls, call)
			if (!call->configured && !call->sessions)
				call_free(call);
	}
}

bool netconf_home_call(const char *name)
{
	struct call *call;

	frr_with_mutex (&mutex) {
		call = call_find(name);
		if (call)
			netconf_plan_hurry(&call->plan, now_msec());
	}
	return call != NULL;
}

void netconf_home_changed(void)
{
	frr_with_mutex (&mutex)
		changed = true;
}

void netconf_home_configuring(void)
{
	frr_with_mutex (&mutex) {
		changed = false;
		configuring = true;
		early = false;
	}
}

bool netconf_home_configured(void)
{
	bool was_early;

	frr_with_mutex (&mutex) {
		configuring = false;
		was_early = early;
	}
	return !was_early;
}

void netconf_home_init(struct event_loop *event_loop)
{
	loop = event_loop;
}

/* ---------------------------------------------------------- libnetconf2's attempts */

/* Whose server it is, and which of them; NULL: nobody's. */
static struct call *call_of(const struct sockaddr *to, unsigned int *server)
{
	union sockunion su = {};
	struct call *call;

	memcpy(&su, to, to->sa_family == AF_INET6 ? sizeof(su.sin6) : sizeof(su.sin));
	frr_each (calls, calls, call) {
		if (!call->configured)
			continue;
		for (*server = 0; *server < call->plan.servers; (*server)++)
			if (sockunion_same(&call->servers[*server], &su) &&
			    port_of(&call->servers[*server]) == port_of(&su))
				return call;
	}
	return NULL;
}

/* Threads of libnetconf2 must not log by FRR's means. */
static void log_words(struct event *event)
{
	char *words = EVENT_ARG(event);

	zlog_warn("%s", words);
	XFREE(MTYPE_TMP, words);
}

static void call_failed(struct call *call, const char *words)
{
	char server[SU_ADDRSTRLEN + 16];
	uint32_t random = jhash_2words(call->failures, (uint32_t)now_msec(), getpid());

	server_text(call, call->plan.current, server, sizeof(server));
	snprintf(call->error, sizeof(call->error), "%s: %s", server, words);
	/* once, not each time: it may go on for days */
	if (!call->failures++)
		event_add_event(loop, log_words,
				asprintfrr(MTYPE_TMP, "call-home %s: %s", call->name, call->error),
				0, NULL);
	call->calling = false;
	netconf_plan_failed(&call->plan, now_msec(), random);
}

bool netconf_home_may_call(const struct sockaddr *to)
{
	unsigned int server;
	struct call *call;
	bool may = false;

	frr_with_mutex (&mutex) {
		call = call_of(to, &server);
		/* it calls again, so what it called before came to nothing */
		if (call && call->calling)
			call_failed(call,
				    "it was there, and is no client: its certificate or key, or what it said, is not right (the log says more)");
		early = early || configuring;
		may = call && !changed && !configuring && !call->sessions &&
		      server == call->plan.current && now_msec() >= call->plan.next;
		if (may)
			netconf_plan_calls(&call->plan);
	}
	return may;
}

void netconf_home_called(const struct sockaddr *to, int error)
{
	unsigned int server;
	struct call *call;

	frr_with_mutex (&mutex) {
		call = call_of(to, &server);
		if (call && error)
			call_failed(call, safe_strerror(error));
		else if (call)
			call->calling = true;
	}
}

/* --------------------------------------------------------------------- sessions */

void netconf_home_begins(const char *name)
{
	struct call *call;

	frr_with_mutex (&mutex) {
		call = call_find(name);
		if (call) {
			call->calling = false;
			call->sessions++;
			call->failures = 0;
			call->error[0] = '\0';
			call->last_contact = time(NULL);
			server_text(call, call->plan.current, call->last_server,
				    sizeof(call->last_server));
			netconf_plan_connected(&call->plan, now_msec());
		}
	}
}

void netconf_home_refused(const char *name, const char *words)
{
	struct call *call;

	frr_with_mutex (&mutex) {
		call = call_find(name);
		/* it may have begun already */
		if (call && call->sessions)
			call->sessions--;
		if (call)
			call_failed(call, words);
	}
}

void netconf_home_ends(const char *name, const char *broke)
{
	char words[128];
	struct call *call;

	frr_with_mutex (&mutex) {
		call = call_find(name);
		if (call && call->sessions && !--call->sessions) {
			/* one that is kept is made again soon in any case */
			if (broke && call->plan.period) {
				snprintf(words, sizeof(words), "the session broke off: %s", broke);
				call_failed(call, words);
			} else {
				netconf_plan_ended(&call->plan, now_msec());
			}
			if (!call->configured)
				call_free(call);
		}
	}
}

bool netconf_home_is_periodic(const char *name)
{
	struct call *call;
	bool periodic = false;

	frr_with_mutex (&mutex) {
		call = call_find(name);
		periodic = call && call->plan.period;
	}
	return periodic;
}

void netconf_home_each(void (*each)(const struct netconf_home_status *status, void *arg), void *arg)
{
	char server[SU_ADDRSTRLEN + 16];
	struct call *call;
	int64_t now = now_msec();

	frr_with_mutex (&mutex) {
		frr_each (calls, calls, call) {
			struct netconf_home_status status = {
				.name = call->name,
				.server = server,
				.last_server = call->last_server[0] ? call->last_server : NULL,
				.last_contact = call->last_contact,
				.connected = call->sessions,
				.calling = call->calling,
				.failures = call->failures,
				.error = call->error[0] ? call->error : NULL,
			};

			if (!call->sessions && call->plan.next > now)
				status.next_call = (call->plan.next - now + 999) / 1000;
			server_text(call, call->plan.current, server, sizeof(server));
			each(&status, arg);
		}
	}
}
