// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One NETCONF session, in a thread of its own.
 *
 * libnetconf2 reads a request, calls us back (netconf_rpc.c) and writes the
 * answer, all in one call. It has no way to wait without burning time (it looks
 * every 100 us), so the thread waits itself: for its socket, and for a
 * descriptor that others wake it by. Then libnetconf2 is called, without
 * waiting, until it says that there is nothing.
 *
 * Nobody but its thread touches a session of libnetconf2. Others only set flags
 * and wake it, or shut its socket down when it has to end now.
 */
#include <zebra.h>

#include <poll.h>
#include <sys/eventfd.h>

#include "lib/frr_pthread.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "lib/monotime.h"
#include "lib/network.h"

#include "netconfd/netconf_config.h"
#include "netconfd/netconf_confirm.h"
#include "netconfd/netconf_guard.h"
#include "netconfd/netconf_home.h"
#include "netconfd/netconf_memory.h"
#include "netconfd/netconf_mgmt.h"
#include "netconfd/netconf_notify.h"
#include "netconfd/netconf_session.h"

/* Seconds of silence on a connection that is made now and then (ietf-netconf-server). */
#define PERIODIC_IDLE 180

static struct netconf_sessions_head sessions[1] = { INIT_DLIST(sessions[0]) };
static unsigned int session_count; /* those that begin and end, too */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

struct netconf_session *netconf_session_of(const struct nc_session *nc)
{
	return nc_session_get_data(nc);
}

unsigned int netconf_session_count(void)
{
	unsigned int count = 0;

	frr_with_mutex (&mutex)
		count = session_count;
	return count;
}

void netconf_session_wake(struct netconf_session *session)
{
	uint64_t one = 1;

	/* a full counter wakes as well */
	(void)!write(session->wakeup, &one, sizeof(one));
}

static void session_end(struct netconf_session *session, uint32_t by)
{
	session->killed_by = by;
	session->ending = true;
	/* a read or write under way ends now */
	if (session->fd >= 0)
		shutdown(session->fd, SHUT_RDWR);
	netconf_session_wake(session);
}

bool netconf_session_kill(uint32_t id, uint32_t by)
{
	struct netconf_session *session;
	bool found = false;

	frr_with_mutex (&mutex) {
		frr_each (netconf_sessions, sessions, session) {
			if (session->id != id)
				continue;
			session_end(session, by);
			found = true;
		}
	}
	return found;
}

void netconf_session_end_all(void)
{
	struct netconf_session *session;

	frr_with_mutex (&mutex)
		frr_each (netconf_sessions, sessions, session)
			session_end(session, 0);
}

uint32_t netconf_session_locker(bool candidate)
{
	struct netconf_session *session;
	uint32_t id = 0;

	frr_with_mutex (&mutex)
		frr_each (netconf_sessions, sessions, session)
			if (candidate ? session->candidate_locked : session->running_locked)
				id = session->id;
	return id;
}

void netconf_session_each(void (*each)(struct netconf_session *session, void *arg), void *arg)
{
	struct netconf_session *session;

	frr_with_mutex (&mutex)
		frr_each (netconf_sessions, sessions, session)
			each(session, arg);
}

void netconf_session_heed(struct netconf_session *session, const struct netconf_reply *reply)
{
	if (!reply->lost)
		return;
	if (session->candidate_locked || session->running_locked) {
		zlog_warn("session %u of %s: mgmtd went away with its locks: the session is ended",
			  session->id, session->user);
		session->locks_lost = true;
	}
	session->candidate_locked = false;
	session->running_locked = false;
}

static const char *transport_name(struct nc_session *nc)
{
	switch (nc_session_get_ti(nc)) {
	case NC_TI_SSH:
		return "netconf-ssh";
	case NC_TI_TLS:
		return "netconf-tls";
	case NC_TI_NONE:
	case NC_TI_FD:
	case NC_TI_UNIX:
		break;
	}
	return "unknown";
}

/* Makes a session of libnetconf2's one of ours; NULL when there is no room. */
static struct netconf_session *session_new(struct nc_session *nc, const char *home)
{
	struct netconf_session *session = XCALLOC(MTYPE_NETCONF_SESSION, sizeof(*session));

	session->nc = nc;
	session->id = nc_session_get_id(nc);
	session->user = nc_session_get_username(nc);
	session->host = nc_session_get_host(nc);
	session->transport = transport_name(nc);
	session->home = home;
	session->since = time(NULL);
	session->last_rpc = monotime(NULL);
	session->fd = netconf_guard_socket();
	session->wakeup = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	session->poll = nc_ps_new();
	session->mgmt = netconf_mgmt_new();
	if (session->wakeup < 0 || !session->poll || nc_ps_add_session(session->poll, nc))
		session->ending = true;
	nc_session_set_data(nc, session);
	frr_with_mutex (&mutex)
		netconf_sessions_add_tail(sessions, session);
	zlog_info("session %u of %s from %s begins", session->id, session->user, session->host);
	return session;
}

static const char *why_ended(struct netconf_session *session)
{
	const char *refused = netconf_guard_refused();

	if (refused)
		return refused;
	if (session->killed_by)
		return "killed by another session";
	if (session->locks_lost)
		return "mgmtd was restarted";
	if (session->ending)
		return "netconfd ends";
	switch (nc_session_get_term_reason(session->nc)) {
	case NC_SESSION_TERM_CLOSED:
		return "closed";
	case NC_SESSION_TERM_DROPPED:
		return "the connection was closed";
	case NC_SESSION_TERM_TIMEOUT:
		return "nothing asked for too long";
	case NC_SESSION_TERM_ERR:
	case NC_SESSION_TERM_NONE:
	case NC_SESSION_TERM_KILLED:
	case NC_SESSION_TERM_BADHELLO:
	case NC_SESSION_TERM_OTHER:
		break;
	}
	return "an error of the connection";
}

/* Why, if neither end wanted it to end; NULL: one of them did. */
static const char *why_broken(struct netconf_session *session)
{
	NC_SESSION_TERM_REASON reason = nc_session_get_term_reason(session->nc);

	if (session->killed_by || session->locks_lost || session->ending ||
	    reason == NC_SESSION_TERM_CLOSED || reason == NC_SESSION_TERM_TIMEOUT)
		return NULL;
	return why_ended(session);
}

static void session_free(struct netconf_session *session)
{
	const char *broken = why_broken(session);

	zlog_info("session %u of %s ends: %s", session->id, session->user, why_ended(session));
	netconf_notify_unsubscribe(session);
	/* nobody may shut down a socket that is somebody else's by then */
	frr_with_mutex (&mutex)
		netconf_sessions_del(sessions, session);
	netconf_confirm_session_ends(session);
	netconf_mgmt_free(session->mgmt);
	if (session->killed_by) {
		nc_session_set_term_reason(session->nc, NC_SESSION_TERM_KILLED);
		nc_session_set_killed_by(session->nc, session->killed_by);
	}
	nc_ps_del_session(session->poll, session->nc);
	nc_ps_free(session->poll);
	nc_session_free(session->nc, NULL);
	if (session->wakeup >= 0)
		close(session->wakeup);
	if (session->home)
		netconf_home_ends(session->home, broken);
	netconf_guard_end();
	XFREE(MTYPE_NETCONF_SESSION, session);
}

/* Has libnetconf2 read and answer what there is; false: the session is over. */
static bool session_serve(struct netconf_session *session)
{
	bool chunked = nc_session_get_version(session->nc) != 0;
	int ret;

	while (!session->ending && !session->locks_lost) {
		netconf_guard_messages(chunked, netconf_config_message_limit());
		ret = nc_ps_poll(session->poll, 0, NULL);
		if (ret & NC_PSPOLL_TIMEOUT)
			return true;
		if (ret & NC_PSPOLL_RPC) {
			session->last_rpc = monotime(NULL);
			session->rpcs++;
		}
		if (ret & NC_PSPOLL_BAD_RPC)
			session->bad_rpcs++;
		if (ret & NC_PSPOLL_REPLY_ERROR)
			session->errors++;
		if ((ret & NC_PSPOLL_SESSION_TERM) || (ret & NC_PSPOLL_ERROR) ||
		    nc_session_get_status(session->nc) != NC_STATUS_RUNNING)
			return false;
	}
	return false;
}

/* How long it may still be silent, for poll(); -1: for ever. */
static int session_patience(struct netconf_session *session)
{
	time_t idle = netconf_config->idle_timeout, silent = monotime(NULL) - session->last_rpc;

	if (session->home && netconf_home_is_periodic(session->home))
		idle = idle ? MIN(idle, PERIODIC_IDLE) : PERIODIC_IDLE;
	else if (session->home)
		idle = 0;
	if (session->subscription)
		return netconf_notify_patience(session);
	if (!idle)
		return -1;
	return silent >= idle ? 0 : (idle - silent) * 1000;
}

/* Waits until there is something to do; false: silent for too long. */
static bool session_wait(struct netconf_session *session)
{
	struct pollfd pfd[] = {
		{ .fd = session->fd, .events = POLLIN },
		{ .fd = session->wakeup, .events = POLLIN },
	};
	int patience = session_patience(session);
	uint64_t count;
	int ret = 0;

	if (patience != 0)
		ret = poll(pfd, array_size(pfd), patience);
	/* a subscription's stop time has come */
	if (ret == 0 && session->subscription)
		return true;
	if (ret == 0) {
		nc_session_set_term_reason(session->nc, NC_SESSION_TERM_TIMEOUT);
		return false;
	}
	(void)!read(session->wakeup, &count, sizeof(count));
	return true;
}

/* Many may come through their handshakes at the same time: the limit is exact. */
static bool take_place(void)
{
	bool room = false;

	frr_with_mutex (&mutex) {
		room = session_count < netconf_config_session_limit();
		session_count += room;
	}
	return room;
}

bool netconf_session_run(struct nc_session *nc, const char *home)
{
	struct netconf_session *session;

	if (!take_place()) {
		nc_session_free(nc, NULL);
		return false;
	}
	session = session_new(nc, home);
	do {
		if (!session_serve(session))
			break;
		netconf_notify_deliver(session);
	} while (session_wait(session));
	session_free(session);
	frr_with_mutex (&mutex)
		session_count--;
	return true;
}
