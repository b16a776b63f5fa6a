// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Alarms: what an operator must know about without asking.  See vpn_alarm.h.
 */
#include <zebra.h>

#include "lib/log.h"

#include "vpnd/vpn_alarm.h"
#include "vpnd/vpn_memory.h"

DEFINE_MTYPE_STATIC(VPND, VPN_ALARM, "VPN alarm");

DEFINE_HOOK(vpn_alarm_changed, (const struct vpn_alarm *alarm, bool raised), (alarm, raised));

struct vpn_alarms_head vpn_alarms = INIT_RBTREE_UNIQ(vpn_alarms);

int vpn_alarm_cmp(const struct vpn_alarm *a, const struct vpn_alarm *b)
{
	return strcmp(a->object, b->object);
}

static struct vpn_alarm *alarm_find(const char *object)
{
	struct vpn_alarm key = {};

	strlcpy(key.object, object, sizeof(key.object));
	return vpn_alarms_find(&vpn_alarms, &key);
}

/* Does the text begin with the object anyway? */
static bool object_said(const struct vpn_alarm *alarm)
{
	return !strncmp(alarm->text, alarm->object, strlen(alarm->object));
}

void vpn_alarm_raise(const char *object, const char *text)
{
	struct vpn_alarm *alarm = alarm_find(object);

	if (alarm && !strcmp(alarm->text, text))
		return;
	if (!alarm) {
		alarm = XCALLOC(MTYPE_VPN_ALARM, sizeof(*alarm));
		strlcpy(alarm->object, object, sizeof(alarm->object));
		alarm->since = time(NULL);
		vpn_alarms_add(&vpn_alarms, alarm);
	}
	strlcpy(alarm->text, text, sizeof(alarm->text));
	zlog_err("alarm: %s%s%s", object_said(alarm) ? "" : alarm->object,
		 object_said(alarm) ? "" : ": ", alarm->text);
	hook_call(vpn_alarm_changed, alarm, true);
}

void vpn_alarm_clear(const char *object)
{
	struct vpn_alarm *alarm = alarm_find(object);

	if (!alarm)
		return;
	vpn_alarms_del(&vpn_alarms, alarm);
	zlog_notice("alarm cleared: %s%s%s", object_said(alarm) ? "" : alarm->object,
		    object_said(alarm) ? "" : ": ", alarm->text);
	hook_call(vpn_alarm_changed, alarm, false);
	XFREE(MTYPE_VPN_ALARM, alarm);
}

void vpn_alarm_terminate(void)
{
	struct vpn_alarm *alarm;

	while ((alarm = vpn_alarms_pop(&vpn_alarms)))
		XFREE(MTYPE_VPN_ALARM, alarm);
}
