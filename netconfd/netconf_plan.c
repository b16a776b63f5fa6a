// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * When to call home, and whom (RFC 8071; ietf-netconf-server's reconnect-strategy).
 *
 *     server 1: attempt, wait, attempt, ... ─▶ server 2: ... ─▶ last one: ...
 *        ▲                                                        │
 *        └──── wait, twice as long each time, up to the maximum ──┘
 *
 * The next server is tried at once, because it may well be there; but when none
 * of them answers, more and more time passes until they are tried again. A
 * quarter of that time is by chance: a thousand devices whose server restarts
 * shall not come in the same second.
 *
 * A connection that is kept is made again at once when it ends, but not sooner
 * than one wait after it began: who closes each one is not called in a loop. One
 * that is periodic is made again a period after it began; when it breaks off, its
 * caller takes it for an attempt that failed, and only what ends well ends the
 * back-off.
 *
 * Somebody may want a call while there is one. Whatever he has changed, that call
 * may have begun without it: so there is one more when it is over.
 *
 * Arithmetic only, tested in tests/unit/test_netconf_plan.c.
 */
#include "netconfd/netconf_plan.h"

/* The pause after so many rounds through the list. */
static int64_t pause_after(const struct netconf_plan *plan, unsigned int rounds, uint32_t random)
{
	int64_t pause = plan->wait * INT64_C(1000), maximum = plan->maximum * INT64_C(1000);

	for (unsigned int i = 1; i < rounds && pause < maximum; i++)
		pause *= 2;
	if (pause > maximum && plan->maximum > plan->wait)
		pause = maximum;
	return pause - pause / 4 * (random % 1024) / 1024;
}

void netconf_plan_failed(struct netconf_plan *plan, int64_t now, uint32_t random)
{
	plan->next = now;
	if (++plan->tried < plan->attempts) {
		plan->next += plan->wait * INT64_C(1000);
	} else {
		plan->tried = 0;
		if (plan->failed < UINT32_MAX)
			plan->failed++;
		plan->current = plan->current + 1 < plan->servers ? plan->current + 1 : 0;
		if (plan->servers && plan->failed % plan->servers == 0)
			plan->next += pause_after(plan, plan->failed / plan->servers, random);
	}
	if (plan->wanted)
		plan->next = now;
}

void netconf_plan_calls(struct netconf_plan *plan)
{
	plan->wanted = false;
}

void netconf_plan_connected(struct netconf_plan *plan, int64_t now)
{
	plan->called = now;
}

void netconf_plan_ended(struct netconf_plan *plan, int64_t now)
{
	uint32_t pause = plan->period && !plan->wanted ? plan->period : plan->wait;

	plan->tried = 0;
	plan->failed = 0;
	if (!plan->last_connected)
		plan->current = 0;
	plan->next = plan->called + pause * INT64_C(1000);
	if (plan->next < now)
		plan->next = now;
}

void netconf_plan_hurry(struct netconf_plan *plan, int64_t now)
{
	plan->next = now;
	plan->tried = 0;
	plan->wanted = true;
}
