// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests of clients: who does what, and who may ask for it.
 *
 * libnetconf2 parses a request against its YANG module and calls netconf_rpc()
 * in the session's thread. Operations of NETCONF have a handler here; any other
 * RPC or action is a backend's, and mgmtd passes it on.
 *
 * Access is netconf_access.c's. Reading is asked of each node that is read, and
 * writing of each that is changed, so for these operations themselves it is
 * enough that no rule denies them; for all others something has to permit them.
 * Everybody may close their own session.
 */
#include <zebra.h>

#include "lib/log.h"
#include "lib/memory.h"

#include "netconfd/netconf_access.h"
#include "netconfd/netconf_error.h"
#include "netconfd/netconf_mgmt.h"
#include "netconfd/netconf_rpc.h"
#include "netconfd/netconf_session.h"

struct lyd_node *netconf_rpc_child(const struct lyd_node *parent, const char *name)
{
	struct lyd_node *child;

	LY_LIST_FOR (lyd_child(parent), child)
		if (strmatch(LYD_NAME(child), name))
			return child;
	return NULL;
}

const char *netconf_rpc_value(const struct lyd_node *parent, const char *name)
{
	struct lyd_node *child = netconf_rpc_child(parent, name);

	return child ? lyd_get_value(child) : NULL;
}

const char *netconf_ds_name(enum netconf_ds ds)
{
	switch (ds) {
	case NETCONF_DS_RUNNING:
		return "running";
	case NETCONF_DS_CANDIDATE:
		return "candidate";
	case NETCONF_DS_OPERATIONAL:
		return "operational";
	case NETCONF_DS_NONE:
	case NETCONF_DS_CONFIG:
		break;
	}
	return "no datastore";
}

/* A datastore by its name; RFC 8342's identities, "ietf-datastores:running", too. */
static enum netconf_ds ds_by_name(const char *name)
{
	const char *colon = name ? strchr(name, ':') : NULL;

	name = colon ? colon + 1 : name;
	if (!name)
		return NETCONF_DS_NONE;
	if (strmatch(name, "running"))
		return NETCONF_DS_RUNNING;
	if (strmatch(name, "candidate"))
		return NETCONF_DS_CANDIDATE;
	if (strmatch(name, "operational"))
		return NETCONF_DS_OPERATIONAL;
	if (strmatch(name, "config"))
		return NETCONF_DS_CONFIG;
	return NETCONF_DS_NONE;
}

enum netconf_ds netconf_rpc_datastore(const struct lyd_node *rpc, const char *parameter)
{
	struct lyd_node *node = netconf_rpc_child(rpc, parameter);

	if (!node)
		return NETCONF_DS_NONE;
	if (strmatch(parameter, "datastore"))
		return ds_by_name(lyd_get_value(node));
	node = lyd_child(node);
	if (!node)
		return NETCONF_DS_NONE;
	if (strmatch(LYD_NAME(node), "datastore"))
		return ds_by_name(lyd_get_value(node));
	return ds_by_name(LYD_NAME(node));
}

/* ---------------------------------------------------------------------- replies */

static struct nc_server_reply *data_reply(struct netconf_session *session,
					  const struct lyd_node *rpc, const char *name,
					  const void *value, LYD_ANYDATA_VALUETYPE type,
					  NC_WD_MODE defaults)
{
	struct lyd_node *output = NULL;

	if (lyd_dup_single(rpc, NULL, 0, &output) != LY_SUCCESS ||
	    lyd_new_any(output, NULL, name, value, type, LYD_NEW_VAL_OUTPUT, NULL) != LY_SUCCESS) {
		lyd_free_tree(output);
		return netconf_error(session, NC_ERR_OP_FAILED, NULL,
				     "the reply cannot be made: %s", ly_last_errmsg());
	}
	return nc_server_reply_data(output, defaults, NC_PARAMTYPE_FREE);
}

/*
 * lyd_new_any() parses XML that it gets, and libnetconf2 prints a tree in pieces
 * of a kilobyte, each a packet of its own. So the node gets its XML afterwards,
 * as it is, and is printed in one go. libyang prints anyxml so (get, get-config),
 * and refuses to with anydata (get-data).
 */
static bool may_be_text(const struct lyd_node *rpc, const char *name)
{
	const struct lysc_node *node = lys_find_child(rpc->schema, rpc->schema->module, name, 0, 0,
						      LYS_GETNEXT_OUTPUT);

	return node && node->nodetype == LYS_ANYXML;
}

struct nc_server_reply *netconf_rpc_data_xml(struct netconf_session *session,
					     const struct lyd_node *rpc, const char *name,
					     const char *xml)
{
	const union lyd_any_value value = { .str = xml ? xml : "" };
	struct lyd_node *output = NULL, *any = NULL;

	if (!may_be_text(rpc, name))
		return data_reply(session, rpc, name, value.str, LYD_ANYDATA_XML, NC_WD_EXPLICIT);
	if (lyd_dup_single(rpc, NULL, 0, &output) != LY_SUCCESS ||
	    lyd_new_any(output, NULL, name, NULL, LYD_ANYDATA_DATATREE, LYD_NEW_VAL_OUTPUT, &any) !=
		    LY_SUCCESS ||
	    lyd_any_copy_value(any, &value, LYD_ANYDATA_XML) != LY_SUCCESS) {
		lyd_free_tree(output);
		return netconf_error(session, NC_ERR_OP_FAILED, NULL,
				     "the reply cannot be made: %s", ly_last_errmsg());
	}
	return nc_server_reply_data(output, NC_WD_EXPLICIT, NC_PARAMTYPE_FREE);
}

struct nc_server_reply *netconf_rpc_data_tree(struct netconf_session *session,
					      const struct lyd_node *rpc, const char *name,
					      struct lyd_node *tree, NC_WD_MODE defaults)
{
	const uint32_t options = LYD_PRINT_SHRINK | LYD_PRINT_WITHSIBLINGS |
				 (defaults == NC_WD_ALL	      ? LYD_PRINT_WD_ALL
				  : defaults == NC_WD_ALL_TAG ? LYD_PRINT_WD_ALL_TAG
							      : LYD_PRINT_WD_EXPLICIT);
	struct nc_server_reply *answer;
	char *xml = NULL;

	if (!may_be_text(rpc, name))
		return data_reply(session, rpc, name, tree, LYD_ANYDATA_DATATREE, defaults);
	if (tree && lyd_print_mem(&xml, tree, LYD_XML, options) != LY_SUCCESS)
		answer = netconf_error(session, NC_ERR_OP_FAILED, NULL,
				       "the reply cannot be made: %s", ly_last_errmsg());
	else
		answer = netconf_rpc_data_xml(session, rpc, name, xml);
	lyd_free_all(tree);
	free(xml);
	return answer;
}

/* ------------------------------------------------------------- small operations */

static struct nc_server_reply *kill_session(struct netconf_session *session, struct lyd_node *rpc)
{
	const char *value = netconf_rpc_value(rpc, "session-id");
	uint32_t id = value ? strtoul(value, NULL, 10) : 0;

	if (id == session->id)
		return netconf_error(session, NC_ERR_INVALID_VALUE, NULL,
				     "session %u is this one: use close-session", id);
	if (!netconf_session_kill(id, session->id))
		return netconf_error(session, NC_ERR_INVALID_VALUE, NULL, "there is no session %u",
				     id);
	zlog_notice("session %u of %s kills session %u", session->id, session->user, id);
	return nc_server_reply_ok();
}

static struct nc_server_reply *close_session(struct netconf_session *session, struct lyd_node *rpc)
{
	return nc_clb_default_close_session(rpc, session->nc);
}

static struct nc_server_reply *get_schema(struct netconf_session *session, struct lyd_node *rpc)
{
	return nc_clb_default_get_schema(rpc, session->nc);
}

/* An RPC or action of a backend. */
static struct nc_server_reply *backend_rpc(struct netconf_session *session, struct lyd_node *rpc)
{
	const struct ly_ctx *ctx = nc_session_get_ctx(session->nc);
	struct nc_server_reply *answer;
	struct netconf_reply reply;
	struct lyd_node *output = NULL;
	char *xpath = lyd_path(rpc, LYD_PATH_STD, NULL, 0), *xml = NULL;
	struct ly_in *in = NULL;

	lyd_print_mem(&xml, rpc, LYD_XML, LYD_PRINT_SHRINK);
	netconf_mgmt_rpc(session->mgmt, xpath, xml, &reply);
	if (!reply.ok) {
		answer = netconf_error_mgmt(session, &reply, NULL);
	} else if (!reply.data) {
		answer = nc_server_reply_ok();
	} else if (ly_in_new_memory(reply.data, &in) != LY_SUCCESS ||
		   lyd_parse_op(ctx, NULL, in, LYD_XML, LYD_TYPE_REPLY_YANG, &output, NULL) !=
			   LY_SUCCESS) {
		answer = netconf_error(session, NC_ERR_OP_FAILED, NULL,
				       "the backend's answer is not what its YANG module says: %s",
				       ly_last_errmsg());
	} else {
		answer = nc_server_reply_data(output, NC_WD_EXPLICIT, NC_PARAMTYPE_FREE);
	}
	ly_in_free(in, 0);
	free(xpath);
	free(xml);
	netconf_reply_free(&reply);
	return answer;
}

/* -------------------------------------------------------------------- who does what */

static const struct operation {
	const char *module, *name;
	enum {
		READS,	/* nodes are asked for one by one */
		WRITES, /* the same, but not by who may change none */
		DOES,
		ENDS, /* the session itself */
	} kind;
	netconf_rpc_handler *handler;
} operations[] = {
	{ "ietf-netconf", "get", READS, netconf_get },
	{ "ietf-netconf", "get-config", READS, netconf_get_config },
	{ "ietf-netconf-nmda", "get-data", READS, netconf_get_data },
	{ "ietf-netconf", "edit-config", WRITES, netconf_edit_config },
	{ "ietf-netconf-nmda", "edit-data", WRITES, netconf_edit_data },
	{ "ietf-netconf", "copy-config", DOES, netconf_copy_config },
	{ "ietf-netconf", "delete-config", DOES, netconf_delete_config },
	{ "ietf-netconf", "commit", DOES, netconf_commit },
	{ "ietf-netconf", "cancel-commit", DOES, netconf_cancel_commit },
	{ "ietf-netconf", "discard-changes", DOES, netconf_discard_changes },
	{ "ietf-netconf", "validate", WRITES, netconf_validate },
	{ "ietf-netconf", "lock", DOES, netconf_lock },
	{ "ietf-netconf", "unlock", DOES, netconf_unlock },
	{ "ietf-netconf", "kill-session", DOES, kill_session },
	{ "ietf-netconf", "close-session", ENDS, close_session },
	{ "ietf-netconf-monitoring", "get-schema", READS, get_schema },
	{ "frr-vpn-certificate", "certificate-request", DOES, netconf_certificate_request },
	{ "frr-vpn-certificate", "certificate-install", DOES, netconf_certificate_install },
	{ "frr-vpn-certificate", "crl-install", DOES, netconf_crl_install },
	{ "notifications", "create-subscription", READS, netconf_create_subscription },
};

static const struct operation backend_operation = { "", "", DOES, backend_rpc };

static const struct operation *operation_of(const struct lyd_node *rpc)
{
	const char *module = rpc->schema->module->name;

	for (size_t i = 0; i < array_size(operations); i++)
		if (strmatch(operations[i].name, LYD_NAME(rpc)) &&
		    strmatch(operations[i].module, module))
			return &operations[i];
	return &backend_operation;
}

static struct nc_server_reply *rpc_callback(struct lyd_node *rpc, struct nc_session *nc)
{
	struct netconf_session *session = netconf_session_of(nc);
	const struct operation *operation = operation_of(rpc);

	bool unless = operation->kind == READS ||
		      (operation->kind == WRITES && netconf_access_may_write(session->user));

	if (operation->kind != ENDS &&
	    !netconf_access_may_exec(session->user, rpc, operation->kind == DOES ? NULL : &unless))
		return netconf_error(session, NC_ERR_ACCESS_DENIED, NULL,
				     "user %s may not %s: no rule permits it, nor has the user write access",
				     session->user, LYD_NAME(rpc));
	return operation->handler(session, rpc);
}

void netconf_rpc_init(void)
{
	nc_set_global_rpc_clb(rpc_callback);
}
