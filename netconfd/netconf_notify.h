// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Notifications; see netconf_notify.c.
 */
#ifndef _NETCONF_NOTIFY_H
#define _NETCONF_NOTIFY_H

struct netconf_session;

/* mgmtd has a notification (JSON): for all that subscribed. Main thread. */
extern void netconf_notify_arrived(const char *json);

/* In the session's thread: sends what has come for it. */
extern void netconf_notify_deliver(struct netconf_session *session);

/* How long nothing has to be sent if nothing comes, for poll(); with a subscription only. */
extern int netconf_notify_patience(struct netconf_session *session);

extern void netconf_notify_unsubscribe(struct netconf_session *session);

#endif /* _NETCONF_NOTIFY_H */
