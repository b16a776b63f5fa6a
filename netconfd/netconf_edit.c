// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * edit-config (RFC 6241, 7.2), edit-data (RFC 8526, 3.2), copy-config and
 * delete-config, on the candidate.
 *
 * What the client wants becomes a list of edits (netconf_changes.c). One edit is
 * done by mgmtd as a whole or not at all; for more, the candidate is fetched
 * before, and put back if one of them fails. That is what rollback-on-error
 * asks for, and stop-on-error gets it too: half of an edit is of use to nobody.
 * continue-on-error keeps what could be done.
 *
 * An edit is not validated unless test-option says so: the candidate may be
 * incomplete until it is committed.
 *
 * A user who may not change everything is asked for what the edit has changed:
 * the candidate is compared with what it was before, and put back if there is a
 * node among it that is none of the user's.
 *
 * copy-config puts one datastore over another: a configuration, or running, over
 * the candidate; the candidate over running is a commit. There is no startup
 * datastore in mgmtd, and running cannot be deleted.
 */
#include <zebra.h>

#include "lib/darr.h"
#include "lib/memory.h"

#include "netconfd/netconf_access.h"
#include "netconfd/netconf_commit.h"
#include "netconfd/netconf_edit.h"
#include "netconfd/netconf_error.h"
#include "netconfd/netconf_lock.h"
#include "netconfd/netconf_mgmt.h"
#include "netconfd/netconf_rpc.h"
#include "netconfd/netconf_session.h"

/* An edit as the client asked for it. */
struct edit {
	enum netconf_op default_op;
	bool clear; /* what was there goes */
	bool test;  /* validate the result */
	bool keep;  /* the result is wanted, not only tested */
	bool go_on; /* after an error */
	const struct lyd_node *config;
};

/* --------------------------------------------------------------------- errors */

static struct nc_server_reply *error_of_fault(struct netconf_session *session,
					      const struct netconf_fault *fault)
{
	switch (fault->kind) {
	case NETCONF_FAULT_ELEMENT:
		return netconf_error_element(session, NC_ERR_UNKNOWN_ELEM, fault->element, NULL,
					     fault->path, "no YANG module has %s there",
					     fault->element);
	case NETCONF_FAULT_NAMESPACE:
		return netconf_error_element(session, NC_ERR_UNKNOWN_NS, fault->element,
					     fault->detail, fault->path,
					     "no YANG module has the namespace \"%s\"",
					     fault->detail);
	case NETCONF_FAULT_VALUE:
		return netconf_error(session, NC_ERR_INVALID_VALUE, fault->path, "%s: %s",
				     fault->element, fault->detail);
	case NETCONF_FAULT_STATE:
		return netconf_error(session, NC_ERR_INVALID_VALUE, fault->path,
				     "%s is state and cannot be configured", fault->element);
	case NETCONF_FAULT_ATTRIBUTE:
		return netconf_error_attribute(session, NC_ERR_BAD_ATTR, "operation",
					       fault->element, fault->path, "%s: operation %s",
					       fault->element, fault->detail);
	case NETCONF_FAULT_INSERT:
		return netconf_error(session, NC_ERR_OP_NOT_SUPPORTED, fault->path,
				     "mgmtd puts new entries last: insert \"%s\" cannot be done",
				     fault->detail);
	case NETCONF_FAULT_NONE:
	case NETCONF_FAULT_INTERNAL:
		break;
	}
	return netconf_error(session, NC_ERR_OP_FAILED, fault->path, "%s", fault->detail);
}

/* ------------------------------------------------------------------- carrying out */

static struct nc_server_reply *get_candidate(struct netconf_session *session,
					     struct netconf_reply *reply)
{
	netconf_mgmt_get(session->mgmt, MGMT_MSG_DATASTORE_CANDIDATE, LYD_XML, GET_DATA_FLAG_CONFIG,
			 GET_DATA_DEFAULTS_EXPLICIT, "/*", reply);
	return reply->ok ? NULL : netconf_error_mgmt(session, reply, NULL);
}

/* Instances that operations are below of must be there (operation none). */
static struct nc_server_reply *check_needed(struct netconf_session *session,
					    const struct netconf_changes *changes)
{
	struct nc_server_reply *answer = NULL;
	struct netconf_reply reply;
	char **path;

	darr_foreach_p (changes->needed, path) {
		netconf_mgmt_get(session->mgmt, MGMT_MSG_DATASTORE_CANDIDATE, LYD_XML,
				 GET_DATA_FLAG_CONFIG | GET_DATA_FLAG_EXACT,
				 GET_DATA_DEFAULTS_EXPLICIT, *path, &reply);
		if (!reply.ok)
			answer = netconf_error_mgmt(session, &reply, *path);
		else if (!reply.data || !reply.data[0])
			answer = netconf_error(session, NC_ERR_DATA_MISSING, *path,
					       "it is not there, and the operation is none");
		netconf_reply_free(&reply);
		if (answer)
			break;
	}
	return answer;
}

/* One after the other, each error kept; for continue-on-error. */
static struct nc_server_reply *edit_going_on(struct netconf_session *session,
					     const struct netconf_changes *changes)
{
	struct nc_server_reply *answer = NULL;
	struct netconf_reply reply;

	for (uint i = 0; i < darr_len(changes->list); i++) {
		netconf_mgmt_edit(session->mgmt, &changes->list[i], 1, &reply);
		if (!reply.ok)
			answer = netconf_error_add(answer, netconf_error_mgmt(session, &reply,
									      changes->paths[i]));
		netconf_reply_free(&reply);
	}
	return answer;
}

static struct nc_server_reply *edit_all(struct netconf_session *session,
					const struct netconf_changes *changes)
{
	struct nc_server_reply *answer = NULL;
	struct netconf_reply reply;

	netconf_mgmt_edit(session->mgmt, changes->list, darr_len(changes->list), &reply);
	if (!reply.ok)
		answer = netconf_error_mgmt(session, &reply,
					    reply.index < darr_len(changes->paths)
						    ? changes->paths[reply.index]
						    : NULL);
	netconf_reply_free(&reply);
	return answer;
}

static struct nc_server_reply *test(struct netconf_session *session)
{
	struct nc_server_reply *answer = NULL;
	struct netconf_reply reply;

	netconf_mgmt_commit(session->mgmt, true, false, &reply);
	if (!reply.ok)
		answer = netconf_error_mgmt(session, &reply, NULL);
	netconf_reply_free(&reply);
	return answer;
}

/* Puts back what was there before; answer is why. */
static struct nc_server_reply *put_back(struct netconf_session *session, char *before,
					struct nc_server_reply *answer)
{
	struct netconf_reply reply;

	netconf_candidate_set(session->mgmt, before, &reply);
	if (!reply.ok) {
		nc_server_reply_free(answer);
		answer = netconf_error(session, NC_ERR_ROLLBACK_FAILED, NULL,
				       "the candidate is not what it was: %s", reply.words);
	}
	netconf_reply_free(&reply);
	return answer;
}

struct nc_server_reply *netconf_edit_check_access(struct netconf_session *session,
						  const char *before, const char *after)
{
	const struct ly_ctx *ctx = nc_session_get_ctx(session->nc);
	struct lyd_node *old = NULL, *new = NULL, *diff = NULL;
	struct nc_server_reply *answer = NULL;
	enum netconf_right right = 0;
	char *path = NULL;

	if (lyd_parse_data_mem(ctx, before ? before : "", LYD_XML, LYD_PARSE_ONLY, 0, &old) !=
		    LY_SUCCESS ||
	    lyd_parse_data_mem(ctx, after ? after : "", LYD_XML, LYD_PARSE_ONLY, 0, &new) !=
		    LY_SUCCESS ||
	    lyd_diff_siblings(old, new, 0, &diff) != LY_SUCCESS)
		answer = netconf_error(session, NC_ERR_OP_FAILED, NULL,
				       "what would change cannot be found out: %s",
				       ly_last_errmsg());
	else
		path = netconf_access_denied(session->user, diff, &right);
	if (path)
		answer = netconf_error(session, NC_ERR_ACCESS_DENIED, path, "user %s may not %s it",
				       session->user,
				       right == NETCONF_CREATE	 ? "create"
				       : right == NETCONF_DELETE ? "delete"
								 : "change");
	free(path);
	lyd_free_all(old);
	lyd_free_all(new);
	lyd_free_all(diff);
	return answer;
}

/* Has an edit changed what the user may not change? */
static struct nc_server_reply *check_edit(struct netconf_session *session, const char *before)
{
	struct netconf_reply after = {};
	struct nc_server_reply *answer = get_candidate(session, &after);

	if (!answer)
		answer = netconf_edit_check_access(session, before, after.data);
	netconf_reply_free(&after);
	return answer;
}

/* With the locks held. Returns an error, or NULL. */
static struct nc_server_reply *edit_locked(struct netconf_session *session, const struct edit *edit,
					   const struct netconf_changes *changes)
{
	bool is_free = netconf_access_is_free(session->user), denied = false;
	bool may_go_back = (darr_len(changes->list) > 1 || edit->test || !edit->keep) &&
			   !edit->go_on;
	struct netconf_reply before = {};
	struct nc_server_reply *answer, *denial;

	answer = check_needed(session, changes);
	if (answer)
		return answer;
	if (may_go_back || !is_free)
		answer = get_candidate(session, &before);
	if (answer) {
		netconf_reply_free(&before);
		return answer;
	}
	answer = edit->go_on ? edit_going_on(session, changes) : edit_all(session, changes);
	if (!is_free && (!answer || edit->go_on)) {
		denial = check_edit(session, before.data);
		denied = denial != NULL;
		answer = netconf_error_add(denial, answer);
	}
	if (!answer && edit->test)
		answer = test(session);
	if (denied || ((answer || !edit->keep) && may_go_back))
		answer = put_back(session, before.data, answer);
	netconf_reply_free(&before);
	return answer;
}

static struct nc_server_reply *edit_run(struct netconf_session *session, const struct edit *edit)
{
	struct netconf_changes changes;
	struct nc_server_reply *answer;
	struct netconf_hold hold;

	if (!netconf_changes_of(edit->config, edit->default_op, &changes)) {
		answer = error_of_fault(session, &changes.fault);
		netconf_changes_free(&changes);
		return answer;
	}
	if (edit->clear)
		netconf_changes_clear_first(&changes);
	answer = netconf_hold(session, edit->test, &hold);
	if (!answer) {
		answer = edit_locked(session, edit, &changes);
		netconf_release(session, &hold);
	}
	netconf_changes_free(&changes);
	return answer ? answer : nc_server_reply_ok();
}

/* -------------------------------------------------------------------- the requests */

/* The tree of <config>; false if it is not one. */
static bool config_tree(const struct lyd_node *rpc, const struct lyd_node **tree)
{
	const struct lyd_node_any *config = (void *)netconf_rpc_child(rpc, "config");

	*tree = NULL;
	if (!config || config->value_type != LYD_ANYDATA_DATATREE)
		return config == NULL || !config->value.str || !config->value.str[0];
	*tree = config->value.tree;
	return true;
}

/* RFC 6241: replace is about the datastore as a whole. */
static void default_operation(const struct lyd_node *rpc, struct edit *edit)
{
	const char *value = netconf_rpc_value(rpc, "default-operation");

	edit->default_op = value && strmatch(value, "none") ? NETCONF_OP_NONE : NETCONF_OP_MERGE;
	edit->clear = value && strmatch(value, "replace");
}

static bool says(const struct lyd_node *rpc, const char *leaf, const char *value)
{
	const char *is = netconf_rpc_value(rpc, leaf);
	const struct lyd_node *node = netconf_rpc_child(rpc, leaf);

	return is && !(node->flags & LYD_DEFAULT) && strmatch(is, value);
}

static struct nc_server_reply *edit(struct netconf_session *session, struct lyd_node *rpc,
				    enum netconf_ds ds)
{
	struct edit edit = {
		.test = says(rpc, "test-option", "test-then-set") ||
			says(rpc, "test-option", "test-only"),
		.keep = !says(rpc, "test-option", "test-only"),
		.go_on = says(rpc, "error-option", "continue-on-error"),
	};

	if (ds != NETCONF_DS_CANDIDATE)
		return netconf_error(session, NC_ERR_OP_NOT_SUPPORTED, NULL,
				     "the candidate can be edited, and then committed");
	if (netconf_rpc_child(rpc, "url") || !config_tree(rpc, &edit.config))
		return netconf_error(session, NC_ERR_OP_NOT_SUPPORTED, NULL,
				     "the configuration has to be in the request");
	default_operation(rpc, &edit);
	return edit_run(session, &edit);
}

struct nc_server_reply *netconf_edit_config(struct netconf_session *session, struct lyd_node *rpc)
{
	return edit(session, rpc, netconf_rpc_datastore(rpc, "target"));
}

struct nc_server_reply *netconf_edit_data(struct netconf_session *session, struct lyd_node *rpc)
{
	return edit(session, rpc, netconf_rpc_datastore(rpc, "datastore"));
}

/* The configuration in <source>: over the candidate, as a whole. */
static struct nc_server_reply *copy_inline(struct netconf_session *session, struct lyd_node *rpc)
{
	struct edit edit = { .clear = true, .keep = true };

	if (!config_tree(netconf_rpc_child(rpc, "source"), &edit.config))
		return netconf_error(session, NC_ERR_OP_NOT_SUPPORTED, NULL,
				     "the configuration has to be in the request");
	return edit_run(session, &edit);
}

struct nc_server_reply *netconf_copy_config(struct netconf_session *session, struct lyd_node *rpc)
{
	enum netconf_ds from = netconf_rpc_datastore(rpc, "source");
	enum netconf_ds to = netconf_rpc_datastore(rpc, "target");

	if (to == from && to != NETCONF_DS_NONE)
		return netconf_error(session, NC_ERR_INVALID_VALUE, NULL,
				     "source and target are the same datastore");
	if (to == NETCONF_DS_CANDIDATE && from == NETCONF_DS_RUNNING)
		return netconf_discard_changes(session, rpc);
	if (to == NETCONF_DS_CANDIDATE && from == NETCONF_DS_CONFIG)
		return copy_inline(session, rpc);
	if (to == NETCONF_DS_RUNNING && from == NETCONF_DS_CANDIDATE)
		return netconf_commit(session, rpc);
	return netconf_error(
		session, NC_ERR_OP_NOT_SUPPORTED, NULL,
		"what can be copied: running or a configuration to the candidate, the candidate to running");
}

struct nc_server_reply *netconf_delete_config(struct netconf_session *session, struct lyd_node *rpc)
{
	return netconf_error(session, NC_ERR_OP_NOT_SUPPORTED, NULL,
			     "there is no datastore that can be deleted");
}
