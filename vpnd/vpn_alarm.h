/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Alarms: what an operator must know about without asking.
 *
 * An alarm is raised once per object and cleared when its cause has gone; both
 * are logged and given to the hook (the northbound sends a notification).
 */
#ifndef VPND_VPN_ALARM_H
#define VPND_VPN_ALARM_H

#include <zebra.h>

#include "lib/hook.h"
#include "lib/typesafe.h"

#include "wire/opaque.h"

PREDECL_RBTREE_UNIQ(vpn_alarms);

struct vpn_alarm {
	struct vpn_alarms_item item;

	char object[96];	    /* "peer 10.0.0.2", "vrf red" */
	char text[VPN_REASON_SIZE]; /* in words */
	time_t since;		    /* wall clock, s */
};

int vpn_alarm_cmp(const struct vpn_alarm *a, const struct vpn_alarm *b);
DECLARE_RBTREE_UNIQ(vpn_alarms, struct vpn_alarm, item, vpn_alarm_cmp);

/* Every alarm that stands, by object. */
extern struct vpn_alarms_head vpn_alarms;

/* Raised or cleared; the alarm is valid only during the call. */
DECLARE_HOOK(vpn_alarm_changed, (const struct vpn_alarm *alarm, bool raised), (alarm, raised));

/* Raises, or changes the text of, the object's alarm. */
void vpn_alarm_raise(const char *object, const char *text);

/* Clears the object's alarm, if there is one. */
void vpn_alarm_clear(const char *object);

void vpn_alarm_terminate(void);

#endif /* VPND_VPN_ALARM_H */
