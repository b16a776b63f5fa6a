// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who may do what (RFC 8341); see netconf_access.c.
 */
#ifndef _NETCONF_ACCESS_H
#define _NETCONF_ACCESS_H

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

/* What a rule is about. */
enum netconf_subject {
	NETCONF_ABOUT_ALL,
	NETCONF_ABOUT_PATH,
	NETCONF_ABOUT_RPC,
	NETCONF_ABOUT_NOTIFICATION,
};

/* A rule as it is configured; strings are copied. */
struct netconf_rule {
	const char *name;
	bool permit;
	uint8_t rights;	    /* NETCONF_READ, ... */
	const char *module; /* or NULL: any */
	enum netconf_subject about;
	const char *subject; /* the path, or the name; NULL with NETCONF_ABOUT_ALL */
};

struct netconf_access_counters {
	uint32_t operations, writes, notifications; /* that were denied */
};

struct vty;

/* --------------------------------------------- configuration, in the main thread */

/* Which of read, write and exec is permitted when nothing else says so. */
extern void netconf_access_default(enum netconf_right right, bool permit);

extern void netconf_access_group(const char *group, const char *user, bool member);

/* group: a name, or "*" for every user. */
extern void netconf_access_list_group(const char *list, const char *group, bool member);

/* Sets a rule, at the end of its list if it is new. False: its path is none. */
extern bool netconf_access_rule(const char *list, const struct netconf_rule *rule);
extern void netconf_access_rule_remove(const char *list, const char *rule);
extern void netconf_access_list_remove(const char *list);
extern void netconf_access_reset(void);

extern void netconf_access_write(struct vty *vty);
extern struct netconf_access_counters netconf_access_counters(void);

/* ------------------------------------------------------- questions, in any thread */

/* The user has "write", and no rule speaks of it: nothing has to be looked at. */
extern bool netconf_access_is_free(const char *user);

/* Is there any node that the user may change? */
extern bool netconf_access_may_write(const char *user);

/*
 * May the user have this RPC or action done? unless: what is so when neither a
 * rule nor "write" nor the YANG module decides; NULL for exec-default.
 */
extern bool netconf_access_may_exec(const char *user, const struct lyd_node *rpc,
				    const bool *unless);

/* Removes what the user may not read. */
extern void netconf_access_prune(const char *user, struct lyd_node **tree);

extern bool netconf_access_may_hear(const char *user, const struct lyd_node *notification);

/*
 * The first node that the user would have changed and may not, as a path to be
 * freed; NULL if there is none. diff: of lyd_diff_siblings().
 */
extern char *netconf_access_denied(const char *user, const struct lyd_node *diff,
				   enum netconf_right *right);

#endif /* _NETCONF_ACCESS_H */
