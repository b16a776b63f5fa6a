// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * get, get-config (RFC 6241, 7), get-data (RFC 8526, 3.1).
 *
 * mgmtd selects by an XPath expression and knows the modes of with-defaults
 * (RFC 6243), so an XPath filter is passed on, and an answer that needs no more
 * work goes to the client as the XML that mgmtd wrote. A subtree filter first
 * narrows what mgmtd is asked for to the subtrees it begins with; the rest is
 * done here (netconf_filter.c).
 *
 * What a user may not read is taken out before a filter looks at it: nobody finds
 * out by a filter what cannot be seen. So for a user who may not read all, an
 * expression with predicates is evaluated here.
 *
 * The state of NETCONF itself, and the YANG library with NETCONF's own modules,
 * are added here: mgmtd does not know them.
 */
#include <zebra.h>

#include "lib/darr.h"
#include "lib/memory.h"

#include "netconfd/netconf_access.h"
#include "netconfd/netconf_error.h"
#include "netconfd/netconf_filter.h"
#include "netconfd/netconf_mgmt.h"
#include "netconfd/netconf_rpc.h"
#include "netconfd/netconf_schema.h"
#include "netconfd/netconf_session.h"
#include "netconfd/netconf_state.h"

/* What is asked for. */
struct query {
	enum netconf_ds ds;
	uint8_t flags;	  /* GET_DATA_FLAG_* */
	uint8_t defaults; /* GET_DATA_DEFAULTS_*, of mgmtd */
	NC_WD_MODE all;	  /* NC_WD_ALL or NC_WD_ALL_TAG: defaults are wanted, too; or 0 */
	const struct lyd_node *filter; /* first of a subtree filter's nodes */
	bool filtered;		       /* there is a subtree filter, maybe an empty one */
	const char *xpath;	       /* or NULL */
	char *own_xpath;	       /* to free */
	int max_depth;		       /* 0: all */
};

static uint8_t datastore_of(enum netconf_ds ds)
{
	if (ds == NETCONF_DS_CANDIDATE)
		return MGMT_MSG_DATASTORE_CANDIDATE;
	if (ds == NETCONF_DS_OPERATIONAL)
		return MGMT_MSG_DATASTORE_OPERATIONAL;
	return MGMT_MSG_DATASTORE_RUNNING;
}

/*
 * with-defaults of a request; explicit if it does not say. Defaults that are to
 * be reported are put in here: mgmtd has none in a candidate that nobody
 * validated yet.
 */
static void take_defaults(const struct lyd_node *rpc, struct query *query)
{
	const char *mode = netconf_rpc_value(rpc, "with-defaults");

	query->defaults = GET_DATA_DEFAULTS_EXPLICIT;
	if (mode && strmatch(mode, "trim"))
		query->defaults = GET_DATA_DEFAULTS_TRIM;
	else if (mode && strmatch(mode, "report-all"))
		query->all = NC_WD_ALL;
	else if (mode && strmatch(mode, "report-all-tagged"))
		query->all = NC_WD_ALL_TAG;
}

/* The data tree of an anydata or anyxml node; NULL if it is empty. */
static const struct lyd_node *any_tree(const struct lyd_node *node)
{
	const struct lyd_node_any *any = (const struct lyd_node_any *)node;

	if (!node || !(node->schema && node->schema->nodetype & LYD_NODE_ANY))
		return node ? lyd_child(node) : NULL;
	return any->value_type == LYD_ANYDATA_DATATREE ? any->value.tree : NULL;
}

/* <filter> of get and get-config. */
static struct nc_server_reply *take_filter(struct netconf_session *session,
					   const struct lyd_node *rpc, struct query *query)
{
	struct lyd_node *filter = netconf_rpc_child(rpc, "filter");
	struct lyd_meta *type, *select;

	if (!filter)
		return NULL;
	type = lyd_find_meta(filter->meta, NULL, "ietf-netconf:type");
	if (!type || strmatch(lyd_get_meta_value(type), "subtree")) {
		query->filtered = true;
		query->filter = any_tree(filter);
		return NULL;
	}
	select = lyd_find_meta(filter->meta, NULL, "ietf-netconf:select");
	if (!select)
		return netconf_error_attribute(session, NC_ERR_MISSING_ATTR, "select", "filter",
					       NULL, "a filter of type xpath needs select");
	query->xpath = lyd_get_meta_value(select);
	return NULL;
}

/* ------------------------------------------------------------------ asking mgmtd */

/* The union of the subtrees that a filter begins with. */
static char *xpath_of_filter(const struct lyd_node *filter)
{
	const struct lyd_node *node;
	const struct lys_module *module;
	char *xpath = NULL;

	LY_LIST_FOR (filter, node) {
		module = lyd_node_module(node);
		if (!module || !netconf_schema_is_data(module))
			continue;
		darr_in_strcatf(xpath, "%s/%s:%s", xpath ? " | " : "", module->name, LYD_NAME(node));
	}
	return xpath;
}

/* Is there something of mgmtd's in the query? Completes its XPath if so. */
static bool concerns_mgmtd(struct query *query)
{
	if (query->xpath)
		return true;
	if (!query->filtered) {
		query->xpath = "/*";
		return true;
	}
	query->own_xpath = xpath_of_filter(query->filter);
	query->xpath = query->own_xpath;
	return query->xpath != NULL;
}

static struct nc_server_reply *parse_answer(struct netconf_session *session,
					    const struct netconf_reply *reply,
					    struct lyd_node **tree)
{
	const struct ly_ctx *ctx = nc_session_get_ctx(session->nc);
	struct lyd_node *part = NULL;

	if (!reply->data || !reply->len)
		return NULL;
	if (lyd_parse_data_mem(ctx, reply->data, LYD_XML, LYD_PARSE_ONLY | LYD_PARSE_OPAQ, 0,
			       &part) != LY_SUCCESS)
		return netconf_error(session, NC_ERR_OP_FAILED, NULL,
				     "mgmtd's data is not what its YANG modules say: %s",
				     ly_last_errmsg());
	if (lyd_merge_siblings(tree, part, LYD_MERGE_DESTRUCT | LYD_MERGE_WITH_FLAGS) != LY_SUCCESS)
		return netconf_error(session, NC_ERR_OP_FAILED, NULL, "data cannot be merged: %s",
				     ly_last_errmsg());
	return NULL;
}

static struct nc_server_reply *ask(struct netconf_session *session, const struct query *query,
				   const char *xpath, struct netconf_reply *reply)
{
	netconf_mgmt_get(session->mgmt, datastore_of(query->ds), LYD_XML, query->flags,
			 query->defaults, xpath, reply);
	if (reply->ok)
		return NULL;
	return netconf_error_mgmt(session, reply, NULL);
}

/*
 * Configuration and state of all that mgmtd has: backends give state by the
 * subtree only, so each of the modules' top nodes is asked for.
 */
static struct nc_server_reply *get_all_state(struct netconf_session *session,
					     const struct query *query, struct lyd_node **tree)
{
	const struct ly_ctx *ctx = nc_session_get_ctx(session->nc);
	const struct lys_module *module;
	const struct lysc_node *node;
	struct nc_server_reply *answer = NULL;
	struct netconf_reply reply;
	char xpath[512];
	uint32_t index = 0;

	while (!answer && (module = ly_ctx_get_module_iter(ctx, &index))) {
		if (!netconf_schema_is_data(module))
			continue;
		for (node = module->compiled->data; node && !answer; node = node->next) {
			if (!(node->nodetype & (LYS_CONTAINER | LYS_LIST)))
				continue;
			snprintf(xpath, sizeof(xpath), "/%s:%s", module->name, node->name);
			answer = ask(session, query, xpath, &reply);
			if (!answer)
				answer = parse_answer(session, &reply, tree);
			netconf_reply_free(&reply);
		}
	}
	return answer;
}

/* ---------------------------------------------------------------------- answering */

/* Cuts what is deeper than so many levels (RFC 8526, max-depth). */
static void cut_depth(struct lyd_node *tree, int levels)
{
	struct lyd_node *node, *child, *next;

	LY_LIST_FOR (tree, node) {
		if (levels > 1) {
			cut_depth(lyd_child(node), levels - 1);
			continue;
		}
		LY_LIST_FOR_SAFE(lyd_child_no_keys(node), next, child)
		lyd_free_tree(child);
	}
}

/* mgmtd's part as it is, when nothing has to be done with it. */
static bool passes_as_it_is(const struct query *query)
{
	return !query->filtered && !query->max_depth && query->ds != NETCONF_DS_OPERATIONAL &&
	       !query->all;
}

static struct nc_server_reply *collect(struct netconf_session *session, struct query *query,
				       struct lyd_node **tree)
{
	struct nc_server_reply *answer;
	struct netconf_reply reply;

	if (query->ds == NETCONF_DS_OPERATIONAL && (query->flags & GET_DATA_FLAG_STATE)) {
		answer = netconf_state_add(session, query->xpath, query->filter, query->filtered,
					   tree);
		if (answer || (query->xpath && netconf_state_is_about(query->xpath)))
			return answer;
		if (!query->xpath && !query->filtered)
			return get_all_state(session, query, tree);
	}
	if (!concerns_mgmtd(query))
		return NULL;
	answer = ask(session, query, query->xpath, &reply);
	if (!answer)
		answer = parse_answer(session, &reply, tree);
	netconf_reply_free(&reply);
	return answer;
}

static struct nc_server_reply *run(struct netconf_session *session, const struct lyd_node *rpc,
				   struct query *query)
{
	struct nc_server_reply *answer;
	struct netconf_reply reply;
	struct lyd_node *tree = NULL;
	bool is_free = netconf_access_is_free(session->user);
	const char *later = NULL;

	if (is_free && passes_as_it_is(query) && concerns_mgmtd(query)) {
		answer = ask(session, query, query->xpath, &reply);
		if (!answer)
			answer = netconf_rpc_data_xml(session, rpc, "data", reply.data);
		netconf_reply_free(&reply);
		return answer;
	}
	if (!is_free && query->xpath && strpbrk(query->xpath, "[(|")) {
		later = query->xpath;
		query->xpath = NULL;
	}
	answer = collect(session, query, &tree);
	if (!answer && query->all && tree)
		(void)lyd_new_implicit_all(&tree, NULL, LYD_IMPLICIT_NO_STATE, NULL);
	if (!answer && !is_free)
		netconf_access_prune(session->user, &tree);
	if (!answer && later && tree && lyd_trim_xpath(&tree, later, NULL) != LY_SUCCESS)
		answer = netconf_error(session, NC_ERR_INVALID_VALUE, NULL, "XPath %s: %s", later,
				       ly_last_errmsg());
	if (!answer && query->filtered)
		netconf_filter_subtree(query->filter, &tree);
	if (!answer && query->max_depth)
		cut_depth(tree, query->max_depth);
	darr_free(query->own_xpath);
	if (!answer)
		return netconf_rpc_data_tree(session, rpc, "data", tree,
					     query->all ? query->all : NC_WD_EXPLICIT);
	lyd_free_all(tree);
	return answer;
}

struct nc_server_reply *netconf_get(struct netconf_session *session, struct lyd_node *rpc)
{
	struct query query = {
		.ds = NETCONF_DS_OPERATIONAL,
		.flags = GET_DATA_FLAG_CONFIG | GET_DATA_FLAG_STATE,
	};
	struct nc_server_reply *answer = take_filter(session, rpc, &query);

	take_defaults(rpc, &query);
	return answer ? answer : run(session, rpc, &query);
}

struct nc_server_reply *netconf_get_config(struct netconf_session *session, struct lyd_node *rpc)
{
	struct query query = {
		.ds = netconf_rpc_datastore(rpc, "source"),
		.flags = GET_DATA_FLAG_CONFIG,
	};
	struct nc_server_reply *answer = take_filter(session, rpc, &query);

	take_defaults(rpc, &query);
	if (!answer && query.ds != NETCONF_DS_RUNNING && query.ds != NETCONF_DS_CANDIDATE)
		answer = netconf_error(session, NC_ERR_OP_NOT_SUPPORTED, NULL,
				       "there are the datastores running and candidate");
	return answer ? answer : run(session, rpc, &query);
}

struct nc_server_reply *netconf_get_data(struct netconf_session *session, struct lyd_node *rpc)
{
	struct query query = {
		.ds = netconf_rpc_datastore(rpc, "datastore"),
		.flags = GET_DATA_FLAG_CONFIG | GET_DATA_FLAG_STATE,
	};
	const char *config = netconf_rpc_value(rpc, "config-filter");
	const char *depth = netconf_rpc_value(rpc, "max-depth");
	struct lyd_node *filter = netconf_rpc_child(rpc, "subtree-filter");

	if (query.ds != NETCONF_DS_RUNNING && query.ds != NETCONF_DS_CANDIDATE &&
	    query.ds != NETCONF_DS_OPERATIONAL)
		return netconf_error(session, NC_ERR_INVALID_VALUE, NULL,
				     "there are the datastores running, candidate and operational");
	if (query.ds != NETCONF_DS_OPERATIONAL)
		query.flags = GET_DATA_FLAG_CONFIG;
	if (config && query.ds == NETCONF_DS_OPERATIONAL)
		query.flags = strmatch(config, "true") ? GET_DATA_FLAG_CONFIG : GET_DATA_FLAG_STATE;
	else if (config && strmatch(config, "false"))
		return netconf_rpc_data_xml(session, rpc, "data", NULL);
	if (depth && !strmatch(depth, "unbounded"))
		query.max_depth = strtol(depth, NULL, 10);
	take_defaults(rpc, &query);
	query.xpath = netconf_rpc_value(rpc, "xpath-filter");
	query.filtered = filter != NULL;
	query.filter = any_tree(filter);
	return run(session, rpc, &query);
}
