// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Locks, commit and its confirmation; see netconf_commit.c.
 */
#ifndef _NETCONF_COMMIT_H
#define _NETCONF_COMMIT_H

#include <stdbool.h>

#include "netconfd/netconf_nc.h"

struct event_loop;
struct netconf_session;
struct netconf_reply;
struct vty;

/* Locks that were taken for one operation only. */
struct netconf_hold {
	bool candidate, running;
};

/*
 * Takes the lock of the candidate, and with running that of the running
 * configuration, unless the session has it. Returns an error if that cannot be;
 * else NULL, and netconf_release() gives back what was taken.
 */
extern struct nc_server_reply *netconf_hold(struct netconf_session *session, bool running,
					    struct netconf_hold *hold);
extern void netconf_release(struct netconf_session *session, const struct netconf_hold *hold);

/*
 * Puts back the candidate: all of it is data (XML, may be empty). It must be
 * locked. The reply says how it went.
 */
extern void netconf_candidate_restore(struct netconf_session *session, char *data,
				      struct netconf_reply *reply);

/* A session ends: a commit that only it could confirm is rolled back. */
extern void netconf_commit_session_ends(struct netconf_session *session);

extern void netconf_commit_init(struct event_loop *loop);

/*
 * mgmtd is there: a commit that was not confirmed before netconfd ended is
 * rolled back. Main thread.
 */
extern void netconf_commit_resume(void);

/* What "show netconf" tells of a commit that waits: seconds left, -1 for none. */
extern long netconf_commit_waiting(void);

#endif /* _NETCONF_COMMIT_H */
