// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A commit that is to be confirmed; see netconf_confirm.c.
 */
#ifndef _NETCONF_CONFIRM_H
#define _NETCONF_CONFIRM_H

#include "netconfd/netconf_nc.h"

struct event_loop;
struct netconf_session;

/* May this session confirm the commit that waits, or commit if none does? An error if not. */
extern struct nc_server_reply *netconf_confirm_may(struct netconf_session *session,
						   const char *persist_id);

/*
 * Before a commit that is to be confirmed: keeps the running configuration. Returns
 * an error if it cannot be kept; else NULL, and *before is for one of the next two.
 */
extern struct nc_server_reply *netconf_confirm_keep(struct netconf_session *session, char **before);

/* The commit went well and is to be confirmed, as its RPC says. Takes before. */
extern void netconf_confirm_begin(struct netconf_session *session, struct lyd_node *rpc,
				  char *before);

/* The commit failed: there is nothing to go back to. Takes before, which may be NULL. */
extern void netconf_confirm_undo(char *before);

/* A commit went well that needs none: it confirms the one that waits. */
extern void netconf_confirm_done(void);

/* A session ends: a commit that only it could confirm is rolled back. */
extern void netconf_confirm_session_ends(struct netconf_session *session);

extern void netconf_confirm_init(struct event_loop *loop);

/*
 * mgmtd is there: a commit that was not confirmed before netconfd ended is
 * rolled back. Main thread.
 */
extern void netconf_confirm_resume(void);

/* What "show netconf" tells of a commit that waits: seconds left, -1 for none. */
extern long netconf_confirm_waiting(void);

#endif /* _NETCONF_CONFIRM_H */
