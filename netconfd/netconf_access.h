// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who may do what (RFC 8341); see netconf_access.c.
 */
#ifndef _NETCONF_ACCESS_H
#define _NETCONF_ACCESS_H

#include <stdbool.h>
#include <stdint.h>

#include <libyang/libyang.h>

#include "netconfd/netconf_policy.h"

struct netconf_access_counters {
	uint32_t operations, writes, notifications; /* that were denied */
};

/* From now on these are the rules; it is taken over. Main thread. */
extern void netconf_access_set(struct netconf_policy *policy);

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
