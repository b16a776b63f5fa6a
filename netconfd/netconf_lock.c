// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Locks (RFC 6241, 7.5 and 7.6).
 *
 * mgmtd has the locks of its datastores, and wants both locked for a commit; what
 * the session has not locked is locked for the time of the operation. A lock that a
 * vtysh in configuration mode has is in the way like any other.
 */
#include <zebra.h>

#include "netconfd/netconf_error.h"
#include "netconfd/netconf_lock.h"
#include "netconfd/netconf_mgmt.h"
#include "netconfd/netconf_rpc.h"
#include "netconfd/netconf_session.h"

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
