// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * When to call home, and whom; see netconf_plan.c.
 */
#ifndef _NETCONF_PLAN_H
#define _NETCONF_PLAN_H

#include <stdbool.h>
#include <stdint.h>

struct netconf_plan {
	/* as configured; seconds */
	uint32_t wait;	       /* between attempts at one server */
	uint32_t maximum;      /* and at the most, when all were tried again and again */
	uint32_t period;       /* from one call to the next; 0: the connection is kept */
	unsigned int attempts; /* at one server, before the next; at least 1 */
	unsigned int servers;
	bool last_connected; /* begin with the one that answered last, not with the first */

	/* the state; times are monotonic, in milliseconds */
	unsigned int current; /* whose turn it is */
	unsigned int tried;   /* how often already */
	unsigned int failed;  /* servers since a session ended well, one after the other */
	int64_t called;	      /* when the last session began */
	int64_t next;	      /* not before then */
	bool wanted;	      /* somebody wants a call, since the last one began */
};

/* An attempt at the current server failed, or a periodic session with it broke off. random: any number, spreads who calls. */
extern void netconf_plan_failed(struct netconf_plan *plan, int64_t now, uint32_t random);

/* The current server is called now. */
extern void netconf_plan_calls(struct netconf_plan *plan);

/* The current server is a session now; and that session ended, well if it is a periodic one. */
extern void netconf_plan_connected(struct netconf_plan *plan, int64_t now);
extern void netconf_plan_ended(struct netconf_plan *plan, int64_t now);

/* Call as soon as possible, whatever was planned: also once more after a call that is under way. */
extern void netconf_plan_hurry(struct netconf_plan *plan, int64_t now);

#endif /* _NETCONF_PLAN_H */
