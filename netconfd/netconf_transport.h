// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The configuration put into effect; see netconf_transport.c.
 */
#ifndef _NETCONF_TRANSPORT_H
#define _NETCONF_TRANSPORT_H

struct event_loop;
struct vty;

extern void netconf_transport_init(struct event_loop *loop);

/* The configuration changed, or can be put into effect now: soon. Main thread. */
extern void netconf_transport_schedule(void);

/* Why nothing or not all can be listened on, or NULL; in words. */
extern const char *netconf_transport_problem(void);

#endif /* _NETCONF_TRANSPORT_H */
