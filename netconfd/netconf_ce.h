// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A customer edge's calls to its provider's servers; see netconf_ce.c.
 */
#ifndef _NETCONF_CE_H
#define _NETCONF_CE_H

#include <stdbool.h>

#define NETCONF_CE_USER "vpn-server" /* who the provider's server is */

struct event_loop;

/* The main thread, after netconf_mgmt_init(). */
extern void netconf_ce_init(struct event_loop *loop);

/* At the end, before netconf_config_reset(). */
extern void netconf_ce_fini(void);

/* The main thread: mgmtd is there and its modules are known, or something changed. */
extern void netconf_ce_refresh(void);

/* The main thread: a notification of a backend has come; it may be for us. */
extern void netconf_ce_notified(const char *json);

/* Any thread: is this the provider's server, which may write? */
extern bool netconf_ce_may_write(const char *user);

#endif /* _NETCONF_CE_H */
