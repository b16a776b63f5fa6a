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
 * The rules are configuration of ietf-netconf-acm, which mgmtd has (netconf_acm.c);
 * who may write anyway is netconfd's own configuration, which NETCONF cannot
 * change.
 *
 * Nodes that may not be read are left out; what is above a node that may be read
 * stays, with its keys. Writing is asked of what an edit has really changed, node
 * by node, and at a commit of what running will have changed: so whatever way of
 * writing a client finds, it ends here.
 */
#include <zebra.h>

#include "lib/frr_pthread.h"
#include "lib/memory.h"

#include "netconfd/netconf_access.h"
#include "netconfd/netconf_config.h"

static struct netconf_policy *policy;
/* of the policy; readers that come again and again would keep the main thread waiting */
static pthread_rwlock_t lock = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;

static _Atomic uint32_t denied_operations, denied_writes, denied_notifications;

void netconf_access_set(struct netconf_policy *fresh)
{
	struct netconf_policy *old;

	pthread_rwlock_wrlock(&lock);
	old = policy;
	policy = fresh;
	pthread_rwlock_unlock(&lock);
	netconf_policy_free(old);
}

/* ------------------------------------------------------------------------ deciding */

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

static bool decide(const struct netconf_question *question, const bool *unless)
{
	int said = netconf_policy_says(policy, question);

	if (said >= 0)
		return said;
	if (netconf_config_may_write(question->user))
		return true;
	if (module_denies(question->node->schema, question->right))
		return false;
	if (unless)
		return *unless;
	return netconf_policy_permits(policy, question->right);
}

bool netconf_access_is_free(const char *user)
{
	bool is_free = netconf_config_may_write(user);

	pthread_rwlock_rdlock(&lock);
	is_free = is_free && !netconf_policy_knows(policy, user);
	pthread_rwlock_unlock(&lock);
	return is_free;
}

bool netconf_access_may_write(const char *user)
{
	bool may = netconf_config_may_write(user);

	pthread_rwlock_rdlock(&lock);
	may = may || netconf_policy_permits(policy, NETCONF_WRITE) ||
	      netconf_policy_grants(policy, user, NETCONF_WRITE);
	pthread_rwlock_unlock(&lock);
	return may;
}

bool netconf_access_may_exec(const char *user, const struct lyd_node *rpc, const bool *unless)
{
	struct netconf_question question = {
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
	struct netconf_question question = {
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
		struct netconf_question question = {
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
		struct netconf_question question = {
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
