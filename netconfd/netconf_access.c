// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who may do what (RFC 8341, the Network Configuration Access Control Model).
 *
 * Asked whether a user may read, create, update or delete a node, have an RPC
 * done, or get a notification, the first that knows decides:
 *
 *  1. the rules, in the order of their lists, of lists for a group of the user;
 *  2. "user NAME write": permitted;
 *  3. nacm:default-deny-all and default-deny-write in the YANG module, at the
 *     node or above it: denied (keys of key chains, pre-shared keys);
 *  4. read-default (permit), write-default (deny), exec-default (deny; RFC 8341
 *     has permit there, which would let every reader throw away the candidate
 *     that all share).
 *
 * What is configured by commands, and not in ietf-netconf-acm's tree: who may
 * change the configuration over NETCONF is not to be changed over NETCONF.
 *
 * Nodes that may not be read are left out; what is above a node that may be read
 * stays, with its keys. Writing is asked of what an edit has really changed, node
 * by node, and at a commit of what running will have changed: so whatever way of
 * writing a client finds, it ends here.
 */
#include <zebra.h>

#include "lib/command.h"
#include "lib/frr_pthread.h"
#include "lib/memory.h"
#include "lib/typesafe.h"
#include "lib/vty.h"

#include "netconfd/netconf_access.h"
#include "netconfd/netconf_access_path.h"
#include "netconfd/netconf_config.h"
#include "netconfd/netconf_memory.h"

PREDECL_DLIST(names);
PREDECL_DLIST(groups);
PREDECL_DLIST(rules);
PREDECL_DLIST(rule_lists);

struct name {
	struct names_item item;
	char *name;
};

struct group {
	struct groups_item item;
	char *name;
	struct names_head users[1];
};

struct rule {
	struct rules_item item;
	struct netconf_rule rule; /* its strings are ours */
	char *name, *module, *subject;
	struct netconf_access_path *path;
};

struct rule_list {
	struct rule_lists_item item;
	char *name;
	struct names_head groups[1];
	struct rules_head rules[1];
};

DECLARE_DLIST(names, struct name, item);
DECLARE_DLIST(groups, struct group, item);
DECLARE_DLIST(rules, struct rule, item);
DECLARE_DLIST(rule_lists, struct rule_list, item);

#define DEFAULTS (NETCONF_READ)

static struct groups_head groups[1] = { INIT_DLIST(groups[0]) };
static struct rule_lists_head lists[1] = { INIT_DLIST(lists[0]) };
static uint8_t permitted = DEFAULTS; /* rights that are permitted by default */
static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER; /* of the three before */

static _Atomic uint32_t denied_operations, denied_writes, denied_notifications;

/* ------------------------------------------------------------------ names and sets */

static struct name *name_find(struct names_head *names, const char *text)
{
	struct name *name;

	frr_each (names, names, name)
		if (strmatch(name->name, text))
			return name;
	return NULL;
}

static void name_set(struct names_head *names, const char *text, bool member)
{
	struct name *name = name_find(names, text);

	if (member && !name) {
		name = XCALLOC(MTYPE_NETCONF_CONFIG, sizeof(*name));
		name->name = XSTRDUP(MTYPE_NETCONF_CONFIG, text);
		names_add_tail(names, name);
	} else if (!member && name) {
		names_del(names, name);
		XFREE(MTYPE_NETCONF_CONFIG, name->name);
		XFREE(MTYPE_NETCONF_CONFIG, name);
	}
}

static void names_clear(struct names_head *names)
{
	while (names_count(names))
		name_set(names, names_first(names)->name, false);
}

static struct group *group_find(const char *name)
{
	struct group *group;

	frr_each (groups, groups, group)
		if (strmatch(group->name, name))
			return group;
	return NULL;
}

static struct rule_list *list_find(const char *name, bool make)
{
	struct rule_list *list;

	frr_each (rule_lists, lists, list)
		if (strmatch(list->name, name))
			return list;
	if (!make)
		return NULL;
	list = XCALLOC(MTYPE_NETCONF_CONFIG, sizeof(*list));
	list->name = XSTRDUP(MTYPE_NETCONF_CONFIG, name);
	names_init(list->groups);
	rules_init(list->rules);
	rule_lists_add_tail(lists, list);
	return list;
}

static struct rule *rule_find(struct rule_list *list, const char *name)
{
	struct rule *rule;

	frr_each (rules, list->rules, rule)
		if (strmatch(rule->name, name))
			return rule;
	return NULL;
}

static void rule_clear(struct rule *rule)
{
	netconf_access_path_free(rule->path);
	netconf_config_set(&rule->name, NULL);
	netconf_config_set(&rule->module, NULL);
	netconf_config_set(&rule->subject, NULL);
}

static void rule_free(struct rule_list *list, struct rule *rule)
{
	rules_del(list->rules, rule);
	rule_clear(rule);
	XFREE(MTYPE_NETCONF_CONFIG, rule);
}

static void list_free(struct rule_list *list)
{
	rule_lists_del(lists, list);
	while (rules_count(list->rules))
		rule_free(list, rules_first(list->rules));
	names_clear(list->groups);
	XFREE(MTYPE_NETCONF_CONFIG, list->name);
	XFREE(MTYPE_NETCONF_CONFIG, list);
}

static void group_free(struct group *group)
{
	groups_del(groups, group);
	names_clear(group->users);
	XFREE(MTYPE_NETCONF_CONFIG, group->name);
	XFREE(MTYPE_NETCONF_CONFIG, group);
}

/* ------------------------------------------------------------------- configuration */

void netconf_access_default(enum netconf_right right, bool permit)
{
	pthread_rwlock_wrlock(&lock);
	permitted = permit ? permitted | right : permitted & ~right;
	pthread_rwlock_unlock(&lock);
}

void netconf_access_group(const char *name, const char *user, bool member)
{
	struct group *group;

	pthread_rwlock_wrlock(&lock);
	group = group_find(name);
	if (!group && member) {
		group = XCALLOC(MTYPE_NETCONF_CONFIG, sizeof(*group));
		group->name = XSTRDUP(MTYPE_NETCONF_CONFIG, name);
		names_init(group->users);
		groups_add_tail(groups, group);
	}
	if (group)
		name_set(group->users, user, member);
	if (group && !names_count(group->users))
		group_free(group);
	pthread_rwlock_unlock(&lock);
}

void netconf_access_list_group(const char *name, const char *group, bool member)
{
	struct rule_list *list;

	pthread_rwlock_wrlock(&lock);
	list = list_find(name, member);
	if (list)
		name_set(list->groups, group, member);
	pthread_rwlock_unlock(&lock);
}

bool netconf_access_rule(const char *list_name, const struct netconf_rule *wanted)
{
	struct netconf_access_path *path = NULL;
	struct rule_list *list;
	struct rule *rule;

	if (wanted->about == NETCONF_ABOUT_PATH) {
		path = netconf_access_path_new(wanted->subject);
		if (!path)
			return false;
	}
	pthread_rwlock_wrlock(&lock);
	list = list_find(list_name, true);
	rule = rule_find(list, wanted->name);
	if (rule) {
		rule_clear(rule);
	} else {
		rule = XCALLOC(MTYPE_NETCONF_CONFIG, sizeof(*rule));
		rules_add_tail(list->rules, rule);
	}
	netconf_config_set(&rule->name, wanted->name);
	netconf_config_set(&rule->module, wanted->module);
	netconf_config_set(&rule->subject, wanted->subject);
	rule->path = path;
	rule->rule = *wanted;
	rule->rule.name = rule->name;
	rule->rule.module = rule->module;
	rule->rule.subject = rule->subject;
	pthread_rwlock_unlock(&lock);
	return true;
}

void netconf_access_rule_remove(const char *list_name, const char *name)
{
	struct rule_list *list;
	struct rule *rule;

	pthread_rwlock_wrlock(&lock);
	list = list_find(list_name, false);
	rule = list ? rule_find(list, name) : NULL;
	if (rule)
		rule_free(list, rule);
	pthread_rwlock_unlock(&lock);
}

void netconf_access_list_remove(const char *name)
{
	struct rule_list *list;

	pthread_rwlock_wrlock(&lock);
	list = list_find(name, false);
	if (list)
		list_free(list);
	pthread_rwlock_unlock(&lock);
}

void netconf_access_reset(void)
{
	pthread_rwlock_wrlock(&lock);
	while (rule_lists_count(lists))
		list_free(rule_lists_first(lists));
	while (groups_count(groups))
		group_free(groups_first(groups));
	permitted = DEFAULTS;
	pthread_rwlock_unlock(&lock);
}

/* ------------------------------------------------------------------------ deciding */

static bool user_is_in(struct names_head *names, const char *user)
{
	struct group *group;
	struct name *name;

	frr_each (names, names, name) {
		if (strmatch(name->name, "*"))
			return true;
		group = group_find(name->name);
		if (group && name_find(group->users, user))
			return true;
	}
	return false;
}

/* What is asked about: a node, or an RPC or notification by its schema. */
struct question {
	const char *user;
	enum netconf_right right;
	const struct lyd_node *node;
	enum netconf_subject about; /* NETCONF_ABOUT_PATH: it is data */
};

static bool rule_fits(const struct rule *rule, const struct question *question)
{
	const struct lyd_node *node = question->node;

	if (!(rule->rule.rights & question->right))
		return false;
	if (rule->module && !strmatch(rule->module, node->schema->module->name))
		return false;
	if (rule->rule.about == NETCONF_ABOUT_ALL)
		return true;
	/* an action is somewhere in the data: a path covers it, too */
	if (rule->rule.about == NETCONF_ABOUT_PATH)
		return (question->about == NETCONF_ABOUT_PATH || lyd_parent(node)) &&
		       netconf_access_path_covers(rule->path, node);
	return rule->rule.about == question->about &&
	       (strmatch(rule->subject, "*") || strmatch(rule->subject, LYD_NAME(node)));
}

/* 1: permitted by a rule, 0: denied by one, -1: no rule speaks of it. */
static int rules_say(const struct question *question)
{
	struct rule_list *list;
	struct rule *rule;

	frr_each (rule_lists, lists, list) {
		if (!user_is_in(list->groups, question->user))
			continue;
		frr_each (rules, list->rules, rule)
			if (rule_fits(rule, question))
				return rule->rule.permit;
	}
	return -1;
}

/* Does the YANG module deny it to all whom no rule permits it? */
static bool module_denies(const struct lysc_node *schema, enum netconf_right right)
{
	const struct lysc_ext_instance *exts;

	for (; schema; schema = schema->parent) {
		exts = schema->exts;
		for (LY_ARRAY_COUNT_TYPE i = 0; i < LY_ARRAY_COUNT(exts); i++) {
			if (!strmatch(exts[i].def->module->name, "ietf-netconf-acm"))
				continue;
			if (strmatch(exts[i].def->name, "default-deny-all"))
				return true;
			if (strmatch(exts[i].def->name, "default-deny-write") &&
			    right & NETCONF_WRITE)
				return true;
		}
	}
	return false;
}

static bool decide(const struct question *question, const bool *unless)
{
	int said = rules_say(question);

	if (said >= 0)
		return said;
	if (netconf_config_may_write(question->user))
		return true;
	if (module_denies(question->node->schema, question->right))
		return false;
	if (unless)
		return *unless;
	return permitted & question->right;
}

bool netconf_access_is_free(const char *user)
{
	struct rule_list *list;
	bool is_free = netconf_config_may_write(user);

	pthread_rwlock_rdlock(&lock);
	frr_each (rule_lists, lists, list)
		if (is_free && user_is_in(list->groups, user))
			is_free = false;
	pthread_rwlock_unlock(&lock);
	return is_free;
}

bool netconf_access_may_write(const char *user)
{
	bool may = netconf_config_may_write(user);
	struct rule_list *list;
	struct rule *rule;

	pthread_rwlock_rdlock(&lock);
	may = may || permitted & NETCONF_WRITE;
	frr_each (rule_lists, lists, list) {
		if (may || !user_is_in(list->groups, user))
			continue;
		frr_each (rules, list->rules, rule)
			may = may || (rule->rule.permit && rule->rule.rights & NETCONF_WRITE);
	}
	pthread_rwlock_unlock(&lock);
	return may;
}

bool netconf_access_may_exec(const char *user, const struct lyd_node *rpc, const bool *unless)
{
	struct question question = {
		.user = user,
		.right = NETCONF_EXEC,
		.node = rpc,
		.about = NETCONF_ABOUT_RPC,
	};
	bool may;

	pthread_rwlock_rdlock(&lock);
	may = decide(&question, unless);
	pthread_rwlock_unlock(&lock);
	denied_operations += !may;
	return may;
}

bool netconf_access_may_hear(const char *user, const struct lyd_node *notification)
{
	struct question question = {
		.user = user,
		.right = NETCONF_READ,
		.node = notification,
		.about = NETCONF_ABOUT_NOTIFICATION,
	};
	bool may;

	if (!notification->schema)
		return true;
	pthread_rwlock_rdlock(&lock);
	may = decide(&question, NULL);
	pthread_rwlock_unlock(&lock);
	denied_notifications += !may;
	return may;
}

/* Keeps of the siblings what may be read, or has something in it that may; is something kept? */
static bool prune(const char *user, struct lyd_node **first)
{
	struct lyd_node *node, *next, *child;
	bool some = false, may;

	LY_LIST_FOR_SAFE(*first, next, node)
	{
		struct question question = {
			.user = user,
			.right = NETCONF_READ,
			.node = node,
			.about = NETCONF_ABOUT_PATH,
		};

		/* keys tell whose the rest is: they go with their list */
		if (node->schema && lysc_is_key(node->schema))
			continue;
		may = !node->schema || decide(&question, NULL);
		child = lyd_child(node);
		if (prune(user, &child) || may) {
			some = true;
			continue;
		}
		if (*first == node)
			*first = next;
		lyd_free_tree(node);
	}
	return some;
}

void netconf_access_prune(const char *user, struct lyd_node **tree)
{
	pthread_rwlock_rdlock(&lock);
	prune(user, tree);
	pthread_rwlock_unlock(&lock);
}

/* The right that a node of a diff needs; 0: it is only above what changed. */
static enum netconf_right right_of(const struct lyd_node *node, enum netconf_right above)
{
	struct lyd_meta *meta = lyd_find_meta(node->meta, NULL, "yang:operation");
	const char *operation = meta ? lyd_get_meta_value(meta) : NULL;

	if (!operation)
		return above;
	if (strmatch(operation, "create"))
		return NETCONF_CREATE;
	if (strmatch(operation, "delete"))
		return NETCONF_DELETE;
	return strmatch(operation, "replace") ? NETCONF_UPDATE : 0;
}

static const struct lyd_node *denied(const char *user, const struct lyd_node *nodes,
				     enum netconf_right above, enum netconf_right *right)
{
	const struct lyd_node *node, *found = NULL;

	LY_LIST_FOR (nodes, node) {
		struct question question = {
			.user = user,
			.right = right_of(node, above),
			.node = node,
			.about = NETCONF_ABOUT_PATH,
		};

		if (!node->schema)
			continue;
		/* a container that means nothing by itself is neither made nor removed; a key goes with its list */
		if (question.right && !lysc_is_key(node->schema) &&
		    !(node->schema->nodetype == LYS_CONTAINER &&
		      !(node->schema->flags & LYS_PRESENCE)) &&
		    !(node->flags & LYD_DEFAULT) && !decide(&question, NULL)) {
			*right = question.right;
			return node;
		}
		found = denied(user, lyd_child(node), question.right, right);
		if (found)
			return found;
	}
	return NULL;
}

char *netconf_access_denied(const char *user, const struct lyd_node *diff, enum netconf_right *right)
{
	const struct lyd_node *node;

	pthread_rwlock_rdlock(&lock);
	node = denied(user, diff, 0, right);
	pthread_rwlock_unlock(&lock);
	denied_writes += node != NULL;
	return node ? lyd_path(node, LYD_PATH_STD, NULL, 0) : NULL;
}

struct netconf_access_counters netconf_access_counters(void)
{
	return (struct netconf_access_counters){
		.operations = denied_operations,
		.writes = denied_writes,
		.notifications = denied_notifications,
	};
}

/* -------------------------------------------------------------------- written back */

static void write_rule(struct vty *vty, const struct rule_list *list, const struct rule *rule)
{
	static const char *const about[] = {
		[NETCONF_ABOUT_PATH] = "path",
		[NETCONF_ABOUT_RPC] = "rpc",
		[NETCONF_ABOUT_NOTIFICATION] = "notification",
	};
	static const char *const rights[] = { "read", "create", "update", "delete", "exec" };

	vty_out(vty, " access rule %s %s %s", list->name, rule->name,
		rule->rule.permit ? "permit" : "deny");
	if (rule->module)
		vty_out(vty, " module %s", rule->module);
	if (rule->rule.about != NETCONF_ABOUT_ALL)
		vty_out(vty, " %s %s", about[rule->rule.about], rule->subject);
	for (size_t i = 0; i < array_size(rights) && rule->rule.rights != NETCONF_RIGHTS; i++)
		if (rule->rule.rights & 1 << i)
			vty_out(vty, " %s", rights[i]);
	vty_out(vty, "\n");
}

void netconf_access_write(struct vty *vty)
{
	struct rule_list *list;
	struct group *group;
	struct rule *rule;
	struct name *name;

	if (!(permitted & NETCONF_READ))
		vty_out(vty, " access read-default deny\n");
	if (permitted & NETCONF_WRITE)
		vty_out(vty, " access write-default permit\n");
	if (permitted & NETCONF_EXEC)
		vty_out(vty, " access exec-default permit\n");
	frr_each (groups, groups, group)
		frr_each (names, group->users, name)
			vty_out(vty, " access group %s user %s\n", group->name, name->name);
	frr_each (rule_lists, lists, list) {
		frr_each (names, list->groups, name)
			vty_out(vty, " access rule-list %s group %s\n", list->name, name->name);
		frr_each (rules, list->rules, rule)
			write_rule(vty, list, rule);
	}
}
