// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * validate, commit, discard-changes (RFC 6241, 8.3).
 *
 * They are mgmtd's; what is ours is who may (the candidate is everybody's), the
 * locks (netconf_lock.c), and the confirmed commit (netconf_confirm.c).
 */
#include <zebra.h>

#include "netconfd/netconf_access.h"
#include "netconfd/netconf_commit.h"
#include "netconfd/netconf_confirm.h"
#include "netconfd/netconf_edit.h"
#include "netconfd/netconf_error.h"
#include "netconfd/netconf_lock.h"
#include "netconfd/netconf_mgmt.h"
#include "netconfd/netconf_rpc.h"
#include "netconfd/netconf_session.h"

struct nc_server_reply *netconf_running_get(struct netconf_session *session,
					    struct netconf_reply *reply)
{
	netconf_mgmt_get(session->mgmt, MGMT_MSG_DATASTORE_RUNNING, LYD_XML, GET_DATA_FLAG_CONFIG,
			 GET_DATA_DEFAULTS_EXPLICIT, "/*", reply);
	return reply->ok ? NULL : netconf_error_mgmt(session, reply, NULL);
}

void netconf_candidate_set(struct netconf_mgmt *mgmt, char *data, struct netconf_reply *reply)
{
	char root[] = "/";
	const struct netconf_change changes[] = {
		{ .op = EDIT_OP_REMOVE, .xpath = root },
		{ .op = EDIT_OP_MERGE, .xpath = root, .data = data },
	};

	netconf_mgmt_edit(mgmt, changes, data && data[0] ? 2 : 1, reply);
}

/* May the user change what running will differ by? The candidate is everybody's. */
static struct nc_server_reply *check_commit(struct netconf_session *session)
{
	struct netconf_reply running = {}, candidate = {};
	struct nc_server_reply *answer;

	if (netconf_access_is_free(session->user))
		return NULL;
	answer = netconf_running_get(session, &running);
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

	answer = netconf_confirm_may(session, netconf_rpc_value(rpc, "persist-id"));
	if (answer)
		return answer;
	answer = netconf_hold(session, true, &hold);
	if (answer)
		return answer;
	answer = check_commit(session);
	if (!answer && confirmed)
		answer = netconf_confirm_keep(session, &before);
	if (!answer) {
		netconf_mgmt_commit(session->mgmt, false, false, &reply);
		if (!reply.ok)
			answer = netconf_error_mgmt(session, &reply, NULL);
		netconf_reply_free(&reply);
	}
	netconf_release(session, &hold);
	if (answer) {
		netconf_confirm_undo(before);
		return answer;
	}
	if (confirmed)
		netconf_confirm_begin(session, rpc, before);
	else
		netconf_confirm_done();
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
