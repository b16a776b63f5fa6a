// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The confirmed commit (RFC 6241, 8.4).
 *
 * mgmtd knows none. So the running configuration is kept, in memory and in a file,
 * before such a commit; if it is not confirmed in time, or its session ends, it is
 * committed again. netconfd may be killed meanwhile: when it starts and finds the
 * file, it rolls back at once. The time is kept by the event loop, the roll-back
 * runs in a thread, because it has to wait for mgmtd.
 */
#include <zebra.h>

#include <fcntl.h>
#include <sys/stat.h>

#include "lib/frr_pthread.h"
#include "lib/frrevent.h"
#include "lib/libfrr.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "lib/monotime.h"

#include "netconfd/netconf_commit.h"
#include "netconfd/netconf_confirm.h"
#include "netconfd/netconf_error.h"
#include "netconfd/netconf_memory.h"
#include "netconfd/netconf_mgmt.h"
#include "netconfd/netconf_rpc.h"
#include "netconfd/netconf_session.h"

#define CONFIRM_DEFAULT	 600 /* seconds, RFC 6241 */
#define ROLLBACK_TRIES	 20
#define ROLLBACK_SECONDS 3

/* The one that waits to be confirmed; there can only be one. */
static struct {
	bool waiting;
	uint32_t session; /* that may confirm; 0 with persist */
	char *persist;
	char *before; /* the running configuration to go back to, XML */
	time_t until; /* monotonic */
} confirm;
static pthread_mutex_t confirm_mutex = PTHREAD_MUTEX_INITIALIZER;

/* The main thread's. */
static struct event_loop *loop;
static struct event *confirm_timer;
static struct frr_pthread *rollback_thread;

static void confirm_path(char *path, size_t size)
{
	snprintf(path, size, "%s/netconfd.unconfirmed.xml", frr_libstatedir);
}

static void confirm_file_remove(void)
{
	char path[PATH_MAX];

	confirm_path(path, sizeof(path));
	unlink(path);
}

/* Keeps what there is to go back to where a restart finds it. */
static bool confirm_file_write(const char *before)
{
	char path[PATH_MAX], fresh[PATH_MAX + 8];
	size_t len = strlen(before);
	bool good;
	int fd;

	confirm_path(path, sizeof(path));
	snprintf(fresh, sizeof(fresh), "%s.new", path);
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	good = write(fd, before, len) == (ssize_t)len && !fsync(fd);
	good = !close(fd) && good;
	return good && !rename(fresh, path);
}

static void confirm_forget(void)
{
	confirm.waiting = false;
	confirm.session = 0;
	XFREE(MTYPE_NETCONF_CONFIRM, confirm.persist);
	XFREE(MTYPE_NETCONF_CONFIRM, confirm.before);
	confirm_file_remove();
}

static void confirm_timer_event(struct event *event);

/* In the main thread: the time of a commit that waits is as long as it says. */
static void confirm_timer_set(struct event *event)
{
	time_t left = 0;
	bool waiting = false;

	frr_with_mutex (&confirm_mutex) {
		waiting = confirm.waiting;
		left = confirm.until - monotime(NULL);
	}
	event_cancel(&confirm_timer);
	if (waiting)
		event_add_timer(loop, confirm_timer_event, NULL, MAX(left, 0), &confirm_timer);
}

long netconf_confirm_waiting(void)
{
	long left = -1;

	frr_with_mutex (&confirm_mutex)
		if (confirm.waiting)
			left = MAX(confirm.until - monotime(NULL), 0);
	return left;
}

/* One attempt to go back; true when that is done. */
static bool rollback_try(struct netconf_mgmt *mgmt, char *before)
{
	struct netconf_reply reply;
	bool good = false;

	netconf_mgmt_lock(mgmt, MGMTD_DS_CANDIDATE, true, &reply);
	if (!reply.ok)
		goto candidate;
	netconf_reply_free(&reply);
	netconf_mgmt_lock(mgmt, MGMTD_DS_RUNNING, true, &reply);
	if (!reply.ok)
		goto running;
	netconf_reply_free(&reply);
	netconf_candidate_set(mgmt, before, &reply);
	if (reply.ok) {
		netconf_reply_free(&reply);
		netconf_mgmt_commit(mgmt, false, false, &reply);
	}
	good = reply.ok;
	if (!good)
		zlog_err("the commit that was not confirmed cannot be rolled back: %s", reply.words);
	netconf_reply_free(&reply);
	netconf_mgmt_lock(mgmt, MGMTD_DS_RUNNING, false, &reply);
running:
	netconf_reply_free(&reply);
	netconf_mgmt_lock(mgmt, MGMTD_DS_CANDIDATE, false, &reply);
candidate:
	netconf_reply_free(&reply);
	return good;
}

static void rollback_end(struct event *event);

static void *rollback_run(void *arg)
{
	struct netconf_mgmt *mgmt = netconf_mgmt_new();
	char *before = NULL;
	bool good = false;

	frr_with_mutex (&confirm_mutex) {
		before = confirm.before;
		confirm.before = NULL;
		confirm.waiting = false;
	}
	/* a lock that is in the way may go away */
	for (int try = 0; before && !good && try < ROLLBACK_TRIES; try++) {
		if (try)
			sleep(ROLLBACK_SECONDS);
		good = rollback_try(mgmt, before);
	}
	if (good) {
		zlog_notice("a commit was not confirmed: the configuration before it is back");
		frr_with_mutex (&confirm_mutex)
			if (!confirm.waiting)
				confirm_forget();
	} else if (before) {
		zlog_err(
			"a commit was not confirmed, and the configuration before it cannot be brought back: a restart of netconfd tries again");
	}
	XFREE(MTYPE_NETCONF_CONFIRM, before);
	netconf_mgmt_free(mgmt);
	event_add_event(loop, rollback_end, NULL, 0, NULL);
	return NULL;
}

static int rollback_stop(struct frr_pthread *fpt, void **result)
{
	return pthread_join(fpt->thread, result);
}

static void rollback_end(struct event *event)
{
	frr_pthread_stop(rollback_thread, NULL);
	frr_pthread_destroy(rollback_thread);
	rollback_thread = NULL;
	confirm_timer_set(NULL);
}

/* In the main thread: nobody confirmed. */
static void rollback_start(void)
{
	static const struct frr_pthread_attr attr = { .start = rollback_run, .stop = rollback_stop };

	if (rollback_thread)
		return;
	rollback_thread = frr_pthread_new(&attr, "NETCONF roll-back", "nc-rollback");
	frr_pthread_run(rollback_thread, NULL);
}

static void confirm_timer_event(struct event *event)
{
	rollback_start();
}

void netconf_confirm_session_ends(struct netconf_session *session)
{
	bool mine = false;

	frr_with_mutex (&confirm_mutex) {
		mine = confirm.waiting && confirm.session == session->id;
		if (mine)
			confirm.until = 0;
	}
	if (mine)
		event_add_event(loop, confirm_timer_set, NULL, 0, NULL);
}

void netconf_confirm_resume(void)
{
	char path[PATH_MAX];
	struct stat info;
	FILE *file;

	confirm_path(path, sizeof(path));
	if (confirm.waiting || rollback_thread || stat(path, &info))
		return;
	file = fopen(path, "r");
	if (!file)
		return;
	frr_with_mutex (&confirm_mutex) {
		confirm.before = XCALLOC(MTYPE_NETCONF_CONFIRM, info.st_size + 1);
		confirm.waiting = fread(confirm.before, 1, info.st_size, file) ==
				  (size_t)info.st_size;
		confirm.until = 0;
	}
	fclose(file);
	zlog_notice("a commit was not confirmed before netconfd ended");
	confirm_timer_set(NULL);
}

void netconf_confirm_init(struct event_loop *event_loop)
{
	loop = event_loop;
}

/* ---------------------------------------------------------- in threads of sessions */

struct nc_server_reply *netconf_confirm_may(struct netconf_session *session, const char *persist_id)
{
	struct nc_server_reply *answer = NULL;

	frr_with_mutex (&confirm_mutex) {
		if (!confirm.waiting) {
			if (persist_id)
				answer = netconf_error(session, NC_ERR_INVALID_VALUE, NULL,
						       "no commit waits for persist-id %s",
						       persist_id);
		} else if (confirm.persist) {
			if (!persist_id || strcmp(persist_id, confirm.persist))
				answer = netconf_error(
					session, NC_ERR_INVALID_VALUE, NULL,
					"a commit waits to be confirmed, with another persist-id");
		} else if (confirm.session != session->id) {
			answer = netconf_error(session, NC_ERR_IN_USE, NULL,
					       "a commit of session %u waits to be confirmed",
					       confirm.session);
		} else if (persist_id) {
			answer = netconf_error(session, NC_ERR_INVALID_VALUE, NULL,
					       "the commit that waits has no persist-id");
		}
	}
	return answer;
}

void netconf_confirm_begin(struct netconf_session *session, struct lyd_node *rpc, char *before)
{
	const char *timeout = netconf_rpc_value(rpc, "confirm-timeout");
	const char *persist = netconf_rpc_value(rpc, "persist");

	frr_with_mutex (&confirm_mutex) {
		if (confirm.waiting) {
			/* a second one extends the first: what it goes back to stays */
			XFREE(MTYPE_NETCONF_CONFIRM, before);
		} else {
			XFREE(MTYPE_NETCONF_CONFIRM, confirm.before);
			confirm.before = before;
		}
		confirm.waiting = true;
		confirm.until = monotime(NULL) +
				(timeout ? (time_t)strtoul(timeout, NULL, 10) : CONFIRM_DEFAULT);
		if (persist) {
			XFREE(MTYPE_NETCONF_CONFIRM, confirm.persist);
			confirm.persist = XSTRDUP(MTYPE_NETCONF_CONFIRM, persist);
		}
		confirm.session = confirm.persist ? 0 : session->id;
	}
	event_add_event(loop, confirm_timer_set, NULL, 0, NULL);
}

void netconf_confirm_done(void)
{
	frr_with_mutex (&confirm_mutex)
		if (confirm.waiting)
			confirm_forget();
	event_add_event(loop, confirm_timer_set, NULL, 0, NULL);
}

struct nc_server_reply *netconf_confirm_keep(struct netconf_session *session, char **before)
{
	struct nc_server_reply *answer;
	struct netconf_reply reply;

	answer = netconf_running_get(session, &reply);
	if (!answer) {
		*before = XSTRDUP(MTYPE_NETCONF_CONFIRM, reply.data ? reply.data : "");
		if (netconf_confirm_waiting() < 0 && !confirm_file_write(*before)) {
			answer = netconf_error(session, NC_ERR_RES_DENIED, NULL,
					       "what to go back to cannot be kept in %s: %s",
					       frr_libstatedir, safe_strerror(errno));
			XFREE(MTYPE_NETCONF_CONFIRM, *before);
		}
	}
	netconf_reply_free(&reply);
	return answer;
}

void netconf_confirm_undo(char *before)
{
	if (before && netconf_confirm_waiting() < 0)
		confirm_file_remove();
	XFREE(MTYPE_NETCONF_CONFIRM, before);
}

struct nc_server_reply *netconf_cancel_commit(struct netconf_session *session, struct lyd_node *rpc)
{
	struct nc_server_reply *answer;

	if (netconf_confirm_waiting() < 0)
		return netconf_error(session, NC_ERR_OP_FAILED, NULL,
				     "no commit waits to be confirmed");
	answer = netconf_confirm_may(session, netconf_rpc_value(rpc, "persist-id"));
	if (answer)
		return answer;
	frr_with_mutex (&confirm_mutex)
		confirm.until = 0;
	event_add_event(loop, confirm_timer_set, NULL, 0, NULL);
	return nc_server_reply_ok();
}
