// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lock, unlock, validate, commit, discard-changes (RFC 6241, 7 and 8.3), and
 * the confirmed commit (8.4).
 *
 * mgmtd has the datastores and their locks, and wants both locked for a commit;
 * what the session has not locked is locked for the time of the operation. A
 * lock that a vtysh in configuration mode has is in the way like any other.
 *
 * mgmtd knows no confirmed commit. So the running configuration is kept, in
 * memory and in a file, before such a commit; if it is not confirmed in time,
 * or its session ends, it is committed again. netconfd may be killed meanwhile:
 * when it starts and finds the file, it rolls back at once. The time is kept by
 * the event loop, the roll-back runs in a thread, because it has to wait for
 * mgmtd.
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

#include "netconfd/netconf_access.h"
#include "netconfd/netconf_commit.h"
#include "netconfd/netconf_edit.h"
#include "netconfd/netconf_error.h"
#include "netconfd/netconf_memory.h"
#include "netconfd/netconf_mgmt.h"
#include "netconfd/netconf_rpc.h"
#include "netconfd/netconf_session.h"

#define CONFIRM_DEFAULT	 600 /* seconds, RFC 6241 */
#define ROLLBACK_TRIES	 20
#define ROLLBACK_SECONDS 3

/* ------------------------------------------------------------------------ locks */

static bool has_lock(struct netconf_session *session, bool candidate)
{
	return candidate ? session->candidate_locked : session->running_locked;
}

/* Asks mgmtd for a lock or to release it. */
static void move_lock(struct netconf_session *session, bool candidate, bool lock,
		      struct netconf_reply *reply)
{
	netconf_mgmt_lock(session->mgmt, candidate ? MGMTD_DS_CANDIDATE : MGMTD_DS_RUNNING, lock,
			  reply);
}

static struct nc_server_reply *in_use(struct netconf_session *session, bool candidate,
				      const struct netconf_reply *reply)
{
	uint32_t id = netconf_session_locker(candidate);

	if (reply->lost)
		return netconf_error_mgmt(session, reply, NULL);
	if (id)
		return netconf_error(session, NC_ERR_IN_USE, NULL, "%s is locked by session %u",
				     candidate ? "candidate" : "running", id);
	return netconf_error(session, NC_ERR_IN_USE, NULL,
			     "%s is locked by somebody else: vtysh in configuration mode, or a daemon that starts",
			     candidate ? "candidate" : "running");
}

static struct nc_server_reply *hold_one(struct netconf_session *session, bool candidate, bool *held)
{
	struct nc_server_reply *answer = NULL;
	struct netconf_reply reply;

	*held = false;
	if (has_lock(session, candidate))
		return NULL;
	move_lock(session, candidate, true, &reply);
	if (reply.ok)
		*held = true;
	else
		answer = in_use(session, candidate, &reply);
	netconf_reply_free(&reply);
	return answer;
}

static void release_one(struct netconf_session *session, bool candidate)
{
	struct netconf_reply reply;

	move_lock(session, candidate, false, &reply);
	netconf_session_heed(session, &reply);
	netconf_reply_free(&reply);
}

struct nc_server_reply *netconf_hold(struct netconf_session *session, bool running,
				     struct netconf_hold *hold)
{
	struct nc_server_reply *answer;

	hold->running = false;
	answer = hold_one(session, true, &hold->candidate);
	if (!answer && running)
		answer = hold_one(session, false, &hold->running);
	if (answer && hold->candidate) {
		release_one(session, true);
		hold->candidate = false;
	}
	return answer;
}

void netconf_release(struct netconf_session *session, const struct netconf_hold *hold)
{
	if (hold->running)
		release_one(session, false);
	if (hold->candidate)
		release_one(session, true);
}

static struct nc_server_reply *lock_or_unlock(struct netconf_session *session, struct lyd_node *rpc,
					      bool lock)
{
	enum netconf_ds ds = netconf_rpc_datastore(rpc, "target");
	bool candidate = ds == NETCONF_DS_CANDIDATE;
	struct nc_server_reply *answer = NULL;
	struct netconf_reply reply;

	if (ds != NETCONF_DS_CANDIDATE && ds != NETCONF_DS_RUNNING)
		return netconf_error(session, NC_ERR_OP_NOT_SUPPORTED, NULL,
				     "the datastores running and candidate can be locked");
	if (lock && has_lock(session, candidate))
		return netconf_error_lock(session, session->id, netconf_ds_name(ds));
	if (!lock && !has_lock(session, candidate))
		return netconf_error(session, NC_ERR_OP_FAILED, NULL,
				     "%s is not locked by this session", netconf_ds_name(ds));
	move_lock(session, candidate, lock, &reply);
	if (!reply.ok)
		answer = lock && !reply.lost
				 ? netconf_error_lock(session, netconf_session_locker(candidate),
						      netconf_ds_name(ds))
				 : netconf_error_mgmt(session, &reply, NULL);
	else if (candidate)
		session->candidate_locked = lock;
	else
		session->running_locked = lock;
	netconf_reply_free(&reply);
	return answer ? answer : nc_server_reply_ok();
}

struct nc_server_reply *netconf_lock(struct netconf_session *session, struct lyd_node *rpc)
{
	return lock_or_unlock(session, rpc, true);
}

struct nc_server_reply *netconf_unlock(struct netconf_session *session, struct lyd_node *rpc)
{
	enum netconf_ds ds = netconf_rpc_datastore(rpc, "target");
	struct netconf_reply reply;

	/* RFC 6241, 8.3.5.2: with the lock, changes that were not committed go */
	if (ds == NETCONF_DS_CANDIDATE && session->candidate_locked) {
		struct netconf_hold hold;
		struct nc_server_reply *answer = netconf_hold(session, true, &hold);

		if (!answer) {
			netconf_mgmt_commit(session->mgmt, false, true, &reply);
			netconf_reply_free(&reply);
			netconf_release(session, &hold);
		}
		nc_server_reply_free(answer);
	}
	return lock_or_unlock(session, rpc, false);
}

/* ------------------------------------------------------------ a confirmed commit */

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

long netconf_commit_waiting(void)
{
	long left = -1;

	frr_with_mutex (&confirm_mutex)
		if (confirm.waiting)
			left = MAX(confirm.until - monotime(NULL), 0);
	return left;
}

static struct nc_server_reply *get_running(struct netconf_session *session,
					   struct netconf_reply *reply)
{
	netconf_mgmt_get(session->mgmt, MGMT_MSG_DATASTORE_RUNNING, LYD_XML, GET_DATA_FLAG_CONFIG,
			 GET_DATA_DEFAULTS_EXPLICIT, "/*", reply);
	return reply->ok ? NULL : netconf_error_mgmt(session, reply, NULL);
}

/* Changes the candidate to data as a whole. */
static void candidate_set(struct netconf_mgmt *mgmt, char *data, struct netconf_reply *reply)
{
	char root[] = "/";
	const struct netconf_change changes[] = {
		{ .op = EDIT_OP_REMOVE, .xpath = root },
		{ .op = EDIT_OP_MERGE, .xpath = root, .data = data },
	};

	netconf_mgmt_edit(mgmt, changes, data && data[0] ? 2 : 1, reply);
}

void netconf_candidate_restore(struct netconf_session *session, char *data,
			       struct netconf_reply *reply)
{
	candidate_set(session->mgmt, data, reply);
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
	candidate_set(mgmt, before, &reply);
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

void netconf_commit_session_ends(struct netconf_session *session)
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

void netconf_commit_resume(void)
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

void netconf_commit_init(struct event_loop *event_loop)
{
	loop = event_loop;
}

/* ------------------------------------------------------------------------ commit */

/* May this session confirm the commit that waits? An error if not. */
static struct nc_server_reply *may_confirm(struct netconf_session *session, const char *persist_id)
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

/* The commit went well and is to be confirmed. */
static void confirm_begin(struct netconf_session *session, struct lyd_node *rpc, char *before)
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

static void confirm_done(void)
{
	frr_with_mutex (&confirm_mutex)
		if (confirm.waiting)
			confirm_forget();
	event_add_event(loop, confirm_timer_set, NULL, 0, NULL);
}

/* Keeps the running configuration; an error if it cannot be kept. */
static struct nc_server_reply *keep_running(struct netconf_session *session, char **before)
{
	struct nc_server_reply *answer;
	struct netconf_reply reply;

	answer = get_running(session, &reply);
	if (!answer) {
		*before = XSTRDUP(MTYPE_NETCONF_CONFIRM, reply.data ? reply.data : "");
		if (netconf_commit_waiting() < 0 && !confirm_file_write(*before)) {
			answer = netconf_error(session, NC_ERR_RES_DENIED, NULL,
					       "what to go back to cannot be kept in %s: %s",
					       frr_libstatedir, safe_strerror(errno));
			XFREE(MTYPE_NETCONF_CONFIRM, *before);
		}
	}
	netconf_reply_free(&reply);
	return answer;
}

/* May the user change what running will differ by? The candidate is everybody's. */
static struct nc_server_reply *check_commit(struct netconf_session *session)
{
	struct netconf_reply running = {}, candidate = {};
	struct nc_server_reply *answer;

	if (netconf_access_is_free(session->user))
		return NULL;
	answer = get_running(session, &running);
	if (!answer) {
		netconf_mgmt_get(session->mgmt, MGMT_MSG_DATASTORE_CANDIDATE, LYD_XML,
				 GET_DATA_FLAG_CONFIG, GET_DATA_DEFAULTS_EXPLICIT, "/*", &candidate);
		answer = candidate.ok
				 ? netconf_edit_check_access(session, running.data, candidate.data)
				 : netconf_error_mgmt(session, &candidate, NULL);
	}
	netconf_reply_free(&running);
	netconf_reply_free(&candidate);
	return answer;
}

struct nc_server_reply *netconf_commit(struct netconf_session *session, struct lyd_node *rpc)
{
	bool confirmed = netconf_rpc_child(rpc, "confirmed") != NULL;
	struct nc_server_reply *answer;
	struct netconf_hold hold;
	struct netconf_reply reply;
	char *before = NULL;

	answer = may_confirm(session, netconf_rpc_value(rpc, "persist-id"));
	if (answer)
		return answer;
	answer = netconf_hold(session, true, &hold);
	if (answer)
		return answer;
	answer = check_commit(session);
	if (!answer && confirmed)
		answer = keep_running(session, &before);
	if (!answer) {
		netconf_mgmt_commit(session->mgmt, false, false, &reply);
		if (!reply.ok)
			answer = netconf_error_mgmt(session, &reply, NULL);
		netconf_reply_free(&reply);
	}
	netconf_release(session, &hold);
	if (answer) {
		if (before && netconf_commit_waiting() < 0)
			confirm_file_remove();
		XFREE(MTYPE_NETCONF_CONFIRM, before);
		return answer;
	}
	if (confirmed)
		confirm_begin(session, rpc, before);
	else
		confirm_done();
	return nc_server_reply_ok();
}

struct nc_server_reply *netconf_cancel_commit(struct netconf_session *session, struct lyd_node *rpc)
{
	struct nc_server_reply *answer;

	if (netconf_commit_waiting() < 0)
		return netconf_error(session, NC_ERR_OP_FAILED, NULL,
				     "no commit waits to be confirmed");
	answer = may_confirm(session, netconf_rpc_value(rpc, "persist-id"));
	if (answer)
		return answer;
	frr_with_mutex (&confirm_mutex)
		confirm.until = 0;
	event_add_event(loop, confirm_timer_set, NULL, 0, NULL);
	return nc_server_reply_ok();
}

struct nc_server_reply *netconf_discard_changes(struct netconf_session *session,
						struct lyd_node *rpc)
{
	struct nc_server_reply *answer;
	struct netconf_hold hold;
	struct netconf_reply reply;

	answer = netconf_hold(session, true, &hold);
	if (answer)
		return answer;
	netconf_mgmt_commit(session->mgmt, false, true, &reply);
	if (!reply.ok)
		answer = netconf_error_mgmt(session, &reply, NULL);
	netconf_reply_free(&reply);
	netconf_release(session, &hold);
	return answer ? answer : nc_server_reply_ok();
}

struct nc_server_reply *netconf_validate(struct netconf_session *session, struct lyd_node *rpc)
{
	enum netconf_ds ds = netconf_rpc_datastore(rpc, "source");
	struct nc_server_reply *answer;
	struct netconf_hold hold;
	struct netconf_reply reply;

	if (ds == NETCONF_DS_RUNNING)
		return nc_server_reply_ok();
	if (ds != NETCONF_DS_CANDIDATE)
		return netconf_error(session, NC_ERR_OP_NOT_SUPPORTED, NULL,
				     "the candidate can be validated, and the running configuration is valid");
	answer = netconf_hold(session, true, &hold);
	if (answer)
		return answer;
	netconf_mgmt_commit(session->mgmt, true, false, &reply);
	if (!reply.ok)
		answer = netconf_error_mgmt(session, &reply, NULL);
	netconf_reply_free(&reply);
	netconf_release(session, &hold);
	return answer ? answer : nc_server_reply_ok();
}
