// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The state of the NETCONF server as data: ietf-netconf-monitoring (RFC 6022)
 * with capabilities, datastores, schemas and sessions; the event streams of RFC
 * 5277; what was denied (RFC 8341); and the YANG library (RFC 8525) of what this server offers, which is
 * mgmtd's modules and NETCONF's.
 */
#include <zebra.h>

#include "lib/libfrr.h"

#include "netconfd/netconf_access.h"
#include "netconfd/netconf_error.h"
#include "netconfd/netconf_log.h"
#include "netconfd/netconf_session.h"
#include "netconfd/netconf_state.h"

#define MONITORING "/ietf-netconf-monitoring:netconf-state"
#define ACM	   "/ietf-netconf-acm:nacm"
#define STREAM	   "/nc-notifications:netconf/streams/stream[name='%s']"

static struct timespec started; /* of this process, and its log */

void netconf_state_init(void)
{
	clock_gettime(CLOCK_REALTIME, &started);
}

static void put(struct lyd_node **tree, const struct ly_ctx *ctx, const char *path,
		const char *value)
{
	struct lyd_node *made = NULL;

	if (lyd_new_path(*tree, ctx, path, value, LYD_NEW_PATH_UPDATE, &made) == LY_SUCCESS &&
	    !*tree)
		*tree = made;
}

static void put_number(struct lyd_node **tree, const struct ly_ctx *ctx, const char *path,
		       uint32_t number)
{
	char value[16];

	snprintf(value, sizeof(value), "%u", number);
	put(tree, ctx, path, value);
}

static void add_capabilities(struct lyd_node **tree, const struct ly_ctx *ctx)
{
	char **capabilities = nc_server_get_cpblts(ctx);

	for (char **at = capabilities; at && *at; at++) {
		put(tree, ctx, MONITORING "/capabilities/capability", *at);
		free(*at);
	}
	free(capabilities);
}

static void add_datastore(struct lyd_node **tree, const struct ly_ctx *ctx, const char *name,
			  bool candidate)
{
	uint32_t locker = netconf_session_locker(candidate);
	char path[256];

	snprintf(path, sizeof(path), MONITORING "/datastores/datastore[name='%s']", name);
	put(tree, ctx, path, NULL);
	if (!locker)
		return;
	snprintf(path, sizeof(path),
		 MONITORING "/datastores/datastore[name='%s']/locks/global-lock/locked-by-session",
		 name);
	put_number(tree, ctx, path, locker);
}

static void add_schema(struct lyd_node **tree, const struct ly_ctx *ctx,
		       const struct lys_module *module)
{
	char list[512], path[600];

	snprintf(list, sizeof(list),
		 MONITORING
		 "/schemas/schema[identifier='%s'][version='%s'][format='ietf-netconf-monitoring:yang']",
		 module->name, module->revision ? module->revision : "");
	snprintf(path, sizeof(path), "%s/namespace", list);
	put(tree, ctx, path, module->ns);
	snprintf(path, sizeof(path), "%s/location", list);
	put(tree, ctx, path, "NETCONF");
}

struct session_adder {
	struct lyd_node **tree;
	const struct ly_ctx *ctx;
};

static void add_session(struct netconf_session *session, void *arg)
{
	const struct session_adder *adder = arg;
	const struct {
		const char *name;
		uint32_t number;
	} counters[] = {
		{ "in-rpcs", session->rpcs },
		{ "in-bad-rpcs", session->bad_rpcs },
		{ "out-rpc-errors", session->errors },
		{ "out-notifications", session->notifications },
	};
	char list[256], path[300], *since = NULL;

	snprintf(list, sizeof(list), MONITORING "/sessions/session[session-id='%u']", session->id);
	snprintf(path, sizeof(path), "%s/transport", list);
	put(adder->tree, adder->ctx, path, session->transport);
	snprintf(path, sizeof(path), "%s/username", list);
	put(adder->tree, adder->ctx, path, session->user);
	snprintf(path, sizeof(path), "%s/source-host", list);
	put(adder->tree, adder->ctx, path, session->host);
	if (ly_time_time2str(session->since, NULL, &since) == LY_SUCCESS) {
		snprintf(path, sizeof(path), "%s/login-time", list);
		put(adder->tree, adder->ctx, path, since);
		free(since);
	}
	for (size_t i = 0; i < array_size(counters); i++) {
		snprintf(path, sizeof(path), "%s/%s", list, counters[i].name);
		put_number(adder->tree, adder->ctx, path, counters[i].number);
	}
}

static void add_monitoring(struct lyd_node **tree, const struct ly_ctx *ctx)
{
	struct session_adder adder = { .tree = tree, .ctx = ctx };
	const struct lys_module *module;
	uint32_t index = 0;

	add_capabilities(tree, ctx);
	add_datastore(tree, ctx, "running", false);
	add_datastore(tree, ctx, "candidate", true);
	while ((module = ly_ctx_get_module_iter(ctx, &index)))
		add_schema(tree, ctx, module);
	netconf_session_each(add_session, &adder);
}

static void put_time(struct lyd_node **tree, const struct ly_ctx *ctx, const char *leaf,
		     const struct timespec *when)
{
	char path[256], *text = NULL;

	snprintf(path, sizeof(path), STREAM "/%s", "NETCONF", leaf);
	if (ly_time_ts2str(when, &text) == LY_SUCCESS)
		put(tree, ctx, path, text);
	free(text);
}

static void add_streams(struct lyd_node **tree, const struct ly_ctx *ctx)
{
	struct timespec aged;
	char path[256];

	snprintf(path, sizeof(path), STREAM "/description", "NETCONF");
	put(tree, ctx, path, "All notifications of FRR's daemons, alarms of vpnd among them");
	snprintf(path, sizeof(path), STREAM "/replaySupport", "NETCONF");
	put(tree, ctx, path, "true");
	put_time(tree, ctx, "replayLogCreationTime", &started);
	if (netconf_log_aged(&aged))
		put_time(tree, ctx, "replayLogAgedTime", &aged);
}

static void add_library(struct lyd_node **tree, const struct ly_ctx *ctx)
{
	struct lyd_node *library = NULL;

	if (ly_ctx_get_yanglib_data(ctx, &library, "%u", ly_ctx_get_change_count(ctx)) == LY_SUCCESS)
		(void)lyd_insert_sibling(*tree, library, tree);
}

/* What was denied; the configuration beside it is mgmtd's. */
static void add_denied(struct lyd_node **tree, const struct ly_ctx *ctx)
{
	const struct netconf_access_counters denied = netconf_access_counters();

	put_number(tree, ctx, ACM "/denied-operations", denied.operations);
	put_number(tree, ctx, ACM "/denied-data-writes", denied.writes);
	put_number(tree, ctx, ACM "/denied-notifications", denied.notifications);
}

static const struct part {
	const char *module;
	const char *top, *other; /* names of its top nodes */
	void (*add)(struct lyd_node **tree, const struct ly_ctx *ctx);
	bool shared; /* mgmtd has something of it, too */
} parts[] = {
	{ "ietf-netconf-monitoring", "netconf-state", NULL, add_monitoring },
	{ "nc-notifications", "netconf", NULL, add_streams },
	{ "ietf-yang-library", "yang-library", "modules-state", add_library },
	{ "ietf-netconf-acm", "nacm", NULL, add_denied, true },
};

/* Does the filter begin with a node of the module? */
static bool filter_names(const struct lyd_node *filter, const char *module)
{
	const struct lyd_node *node;
	const struct lys_module *found;

	LY_LIST_FOR (filter, node) {
		found = lyd_node_module(node);
		if (found && strmatch(found->name, module))
			return true;
	}
	return false;
}

/* Does an absolute path without a prefix begin with the name? */
static bool begins_with(const char *xpath, const char *name)
{
	size_t len = name ? strlen(name) : 0;

	while (*xpath == '/' || isspace((unsigned char)*xpath))
		xpath++;
	return name && !strncmp(xpath, name, len) && !isalnum((unsigned char)xpath[len]) &&
	       !strchr("-_.:", xpath[len] ? xpath[len] : ' ');
}

/* Clients write prefixes, which are modules by now, or leave them away. */
static bool part_is_meant(const struct part *part, const char *xpath)
{
	return strstr(xpath, part->module) || begins_with(xpath, part->top) ||
	       begins_with(xpath, part->other);
}

bool netconf_state_is_about(const char *xpath)
{
	for (size_t i = 0; i < array_size(parts); i++)
		if (!parts[i].shared && part_is_meant(&parts[i], xpath))
			return true;
	return false;
}

struct nc_server_reply *netconf_state_add(struct netconf_session *session, const char *xpath,
					  const struct lyd_node *filter, bool filtered,
					  struct lyd_node **tree)
{
	const struct ly_ctx *ctx = nc_session_get_ctx(session->nc);

	for (size_t i = 0; i < array_size(parts); i++) {
		if (xpath ? !part_is_meant(&parts[i], xpath)
			  : filtered && !filter_names(filter, parts[i].module))
			continue;
		parts[i].add(tree, ctx);
	}
	if (!xpath || !*tree)
		return NULL;
	if (lyd_trim_xpath(tree, xpath, NULL) != LY_SUCCESS)
		return netconf_error(session, NC_ERR_INVALID_VALUE, NULL, "XPath %s: %s", xpath,
				     ly_last_errmsg());
	return NULL;
}
