// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Groups and rules of access control; see netconf_policy.c.
 */
#ifndef _NETCONF_POLICY_H
#define _NETCONF_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include <libyang/libyang.h>

enum netconf_right {
	NETCONF_READ = 1,
	NETCONF_CREATE = 2,
	NETCONF_UPDATE = 4,
	NETCONF_DELETE = 8,
	NETCONF_EXEC = 16,
	NETCONF_WRITE = NETCONF_CREATE | NETCONF_UPDATE | NETCONF_DELETE,
	NETCONF_RIGHTS = 31,
};

/* What a rule, or a question, is about; a question is never about everything. */
enum netconf_subject {
	NETCONF_ABOUT_ALL,
	NETCONF_ABOUT_PATH,
	NETCONF_ABOUT_RPC,
	NETCONF_ABOUT_NOTIFICATION,
};

/* May the user do that with this node, RPC or notification? */
struct netconf_question {
	const char *user;
	enum netconf_right right;
	const struct lyd_node *node;
	enum netconf_subject about;
};

struct netconf_policy;

/*
 * Of the container nacm of ietf-netconf-acm; NULL: nothing is configured. Never
 * NULL; netconf_policy_free() takes NULL, too.
 */
extern struct netconf_policy *netconf_policy_new(const struct lyd_node *nacm);
extern void netconf_policy_free(struct netconf_policy *policy);

/* 1: permitted by a rule, 0: denied by one, -1: no rule speaks of it. */
extern int netconf_policy_says(const struct netconf_policy *policy,
			       const struct netconf_question *question);

/* Is it permitted when nobody speaks of it? */
extern bool netconf_policy_permits(const struct netconf_policy *policy, enum netconf_right right);

/* Is there a list of rules for a group of the user? */
extern bool netconf_policy_knows(const struct netconf_policy *policy, const char *user);

/* Is there a rule that permits the user one of the rights somewhere? */
extern bool netconf_policy_grants(const struct netconf_policy *policy, const char *user,
				  uint8_t rights);

#endif /* _NETCONF_POLICY_H */
