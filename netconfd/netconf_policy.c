// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Groups and rules of access control (RFC 8341, 3.4), made of the configuration
 * of ietf-netconf-acm as a whole, and never changed: who changes rules gets
 * another policy.
 *
 * A user is in the groups that name it; a list of rules is for groups, or for
 * everybody ("*"). Of the rules, in the order of their lists, the first that fits
 * decides: module, rights, and what it is about have to fit. Rules with a path
 * are about data, and about actions that are in the data.
 */
#include <zebra.h>

#include "lib/memory.h"
#include "lib/typesafe.h"

#include "netconfd/netconf_access_path.h"
#include "netconfd/netconf_memory.h"
#include "netconfd/netconf_policy.h"
#include "netconfd/netconf_value.h"

PREDECL_LIST(names);
PREDECL_LIST(groups);
PREDECL_LIST(rules);
PREDECL_LIST(rule_lists);

struct name {
	struct names_item item;
	char text[];
};

struct group {
	struct groups_item item;
	char *name;
	struct names_head users[1];
};

struct rule {
	struct rules_item item;
	bool permit;
	uint8_t rights;
	enum netconf_subject about;
	char *module;  /* or NULL: any */
	char *subject; /* the name of an RPC or notification, or "*" */
	struct netconf_access_path *path;
};

struct rule_list {
	struct rule_lists_item item;
	struct names_head groups[1];
	struct rules_head rules[1];
};

DECLARE_LIST(names, struct name, item);
DECLARE_LIST(groups, struct group, item);
DECLARE_LIST(rules, struct rule, item);
DECLARE_LIST(rule_lists, struct rule_list, item);

struct netconf_policy {
	uint8_t permitted; /* rights, when nobody speaks of it */
	struct groups_head groups[1];
	struct rule_lists_head lists[1];
};

/* ------------------------------------------------------------------------- made */

/* All values of a leaf-list. */
static void take_names(const struct lyd_node *parent, const char *leaf, struct names_head *names)
{
	const struct lyd_node *child;
	struct name *name;
	size_t size;

	names_init(names);
	LY_LIST_FOR (lyd_child(parent), child) {
		if (!strmatch(LYD_NAME(child), leaf))
			continue;
		size = strlen(lyd_get_value(child)) + 1;
		name = XCALLOC(MTYPE_NETCONF_CONFIG, sizeof(*name) + size);
		memcpy(name->text, lyd_get_value(child), size);
		names_add_tail(names, name);
	}
}

static char *copy_of(const char *value)
{
	return value ? XSTRDUP(MTYPE_NETCONF_CONFIG, value) : NULL;
}

/* "*", or words as "create read". */
static uint8_t rights_of(const char *text)
{
	static const char *const words[] = { "read", "create", "update", "delete", "exec" };
	uint8_t rights = 0;

	if (!text || strmatch(text, "*"))
		return NETCONF_RIGHTS;
	for (size_t i = 0; i < array_size(words); i++)
		if (strstr(text, words[i]))
			rights |= 1 << i;
	return rights;
}

static void take_rule(const struct lyd_node *node, struct rules_head *rules)
{
	const char *path = netconf_value_of(node, "path"), *rpc = netconf_value_of(node, "rpc-name");
	const char *notification = netconf_value_of(node, "notification-name");
	const char *module = netconf_value_of(node, "module-name");
	struct rule *rule = XCALLOC(MTYPE_NETCONF_CONFIG, sizeof(*rule));

	rule->permit = strmatch(netconf_value_of(node, "action"), "permit");
	rule->rights = rights_of(netconf_value_of(node, "access-operations"));
	rule->module = module && !strmatch(module, "*") ? copy_of(module) : NULL;
	if (path) {
		rule->about = NETCONF_ABOUT_PATH;
		rule->path = netconf_access_path_new(path);
	} else if (rpc || notification) {
		rule->about = rpc ? NETCONF_ABOUT_RPC : NETCONF_ABOUT_NOTIFICATION;
		rule->subject = copy_of(rpc ? rpc : notification);
	}
	rules_add_tail(rules, rule);
}

static void take_list(const struct lyd_node *node, struct rule_lists_head *lists)
{
	struct rule_list *list = XCALLOC(MTYPE_NETCONF_CONFIG, sizeof(*list));
	const struct lyd_node *child;

	take_names(node, "group", list->groups);
	rules_init(list->rules);
	LY_LIST_FOR (lyd_child(node), child)
		if (strmatch(LYD_NAME(child), "rule"))
			take_rule(child, list->rules);
	rule_lists_add_tail(lists, list);
}

static void take_groups(const struct lyd_node *node, struct groups_head *groups)
{
	const struct lyd_node *child;
	struct group *group;

	LY_LIST_FOR (lyd_child(node), child) {
		group = XCALLOC(MTYPE_NETCONF_CONFIG, sizeof(*group));
		group->name = copy_of(netconf_value_of(child, "name"));
		take_names(child, "user-name", group->users);
		groups_add_tail(groups, group);
	}
}

static void take_default(struct netconf_policy *policy, enum netconf_right right, const char *action)
{
	if (!action)
		return;
	policy->permitted &= ~right;
	if (strmatch(action, "permit"))
		policy->permitted |= right;
}

struct netconf_policy *netconf_policy_new(const struct lyd_node *nacm)
{
	struct netconf_policy *policy = XCALLOC(MTYPE_NETCONF_CONFIG, sizeof(*policy));
	const struct lyd_node *child;

	policy->permitted = NETCONF_READ;
	groups_init(policy->groups);
	rule_lists_init(policy->lists);
	if (!nacm)
		return policy;
	take_default(policy, NETCONF_READ, netconf_value_of(nacm, "read-default"));
	take_default(policy, NETCONF_WRITE, netconf_value_of(nacm, "write-default"));
	take_default(policy, NETCONF_EXEC, netconf_value_of(nacm, "exec-default"));
	LY_LIST_FOR (lyd_child(nacm), child) {
		if (strmatch(LYD_NAME(child), "groups"))
			take_groups(child, policy->groups);
		else if (strmatch(LYD_NAME(child), "rule-list"))
			take_list(child, policy->lists);
	}
	return policy;
}

/* ------------------------------------------------------------------------ freed */

static void free_names(struct names_head *names)
{
	struct name *name;

	while ((name = names_pop(names)))
		XFREE(MTYPE_NETCONF_CONFIG, name);
}

static void free_list(struct rule_list *list)
{
	struct rule *rule;

	while ((rule = rules_pop(list->rules))) {
		netconf_access_path_free(rule->path);
		XFREE(MTYPE_NETCONF_CONFIG, rule->module);
		XFREE(MTYPE_NETCONF_CONFIG, rule->subject);
		XFREE(MTYPE_NETCONF_CONFIG, rule);
	}
	free_names(list->groups);
	XFREE(MTYPE_NETCONF_CONFIG, list);
}

void netconf_policy_free(struct netconf_policy *policy)
{
	struct rule_list *list;
	struct group *group;

	if (!policy)
		return;
	while ((list = rule_lists_pop(policy->lists)))
		free_list(list);
	while ((group = groups_pop(policy->groups))) {
		free_names(group->users);
		XFREE(MTYPE_NETCONF_CONFIG, group->name);
		XFREE(MTYPE_NETCONF_CONFIG, group);
	}
	XFREE(MTYPE_NETCONF_CONFIG, policy);
}

/* ------------------------------------------------------------------------ asked */

static bool has_name(const struct names_head *names, const char *text)
{
	const struct name *name;

	frr_each (names_const, names, name)
		if (strmatch(name->text, text))
			return true;
	return false;
}

/* Is the list for this user? */
static bool is_for(const struct netconf_policy *policy, const struct rule_list *list,
		   const char *user)
{
	const struct group *group;

	if (has_name(list->groups, "*"))
		return true;
	frr_each (groups_const, policy->groups, group)
		if (has_name(list->groups, group->name) && has_name(group->users, user))
			return true;
	return false;
}

static bool rule_fits(const struct rule *rule, const struct netconf_question *question)
{
	const struct lyd_node *node = question->node;

	if (!(rule->rights & question->right))
		return false;
	if (rule->module && !strmatch(rule->module, node->schema->module->name))
		return false;
	if (rule->about == NETCONF_ABOUT_ALL)
		return true;
	/* an action is somewhere in the data: a path covers it, too */
	if (rule->about == NETCONF_ABOUT_PATH) {
		if (question->about != NETCONF_ABOUT_PATH && !lyd_parent(node))
			return false;
		/* a path that is none (nobody can commit one) permits nothing, and denies all */
		return rule->path ? netconf_access_path_covers(rule->path, node) : !rule->permit;
	}
	return rule->about == question->about &&
	       (strmatch(rule->subject, "*") || strmatch(rule->subject, LYD_NAME(node)));
}

int netconf_policy_says(const struct netconf_policy *policy, const struct netconf_question *question)
{
	const struct rule_list *list;
	const struct rule *rule;

	frr_each (rule_lists_const, policy->lists, list) {
		if (!is_for(policy, list, question->user))
			continue;
		frr_each (rules_const, list->rules, rule)
			if (rule_fits(rule, question))
				return rule->permit;
	}
	return -1;
}

bool netconf_policy_permits(const struct netconf_policy *policy, enum netconf_right right)
{
	return policy->permitted & right;
}

bool netconf_policy_knows(const struct netconf_policy *policy, const char *user)
{
	const struct rule_list *list;

	frr_each (rule_lists_const, policy->lists, list)
		if (is_for(policy, list, user))
			return true;
	return false;
}

bool netconf_policy_grants(const struct netconf_policy *policy, const char *user, uint8_t rights)
{
	const struct rule_list *list;
	const struct rule *rule;

	frr_each (rule_lists_const, policy->lists, list) {
		if (!is_for(policy, list, user))
			continue;
		frr_each (rules_const, list->rules, rule)
			if (rule->permit && rule->rights & rights)
				return true;
	}
	return false;
}
