// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One NETCONF session; see netconf_session.c.
 */
#ifndef _NETCONF_SESSION_H
#define _NETCONF_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include <libyang/libyang.h>
#include "netconfd/netconf_nc.h"

#include "lib/typesafe.h"

struct netconf_mgmt;
struct netconf_reply;
struct netconf_subscription;
struct vty;

PREDECL_DLIST(netconf_sessions);

/* Its thread's, but for what is marked. */
struct netconf_session {
	struct netconf_sessions_item item;
	struct nc_session *nc;
	struct nc_pollsession *poll;
	struct netconf_mgmt *mgmt;
	int fd;	    /* of its connection */
	int wakeup; /* eventfd: others have something for it */

	/* constant while it runs */
	uint32_t id;
	const char *user, *host, *transport;
	const char *home; /* who was called, or NULL */
	time_t since;

	/* set by others, too */
	_Atomic bool ending;
	_Atomic uint32_t killed_by; /* the session that did, 0: none */
	_Atomic bool candidate_locked, running_locked;
	_Atomic uint32_t rpcs, bad_rpcs, errors, notifications;

	bool locks_lost; /* mgmtd went away while it held locks */
	time_t last_rpc;
	struct netconf_subscription *subscription;
};

DECLARE_DLIST(netconf_sessions, struct netconf_session, item);

/*
 * Has a session live until it ends, in the calling thread; nc is freed. home:
 * who was called, NULL when it was the client who came. False: there are as many
 * sessions as there may be, and it was ended at once.
 */
extern bool netconf_session_run(struct nc_session *nc, const char *home);

/* The session of libnetconf2's. */
extern struct netconf_session *netconf_session_of(const struct nc_session *nc);

/* How many there are. From any thread. */
extern unsigned int netconf_session_count(void);

/*
 * Ends a session, for another (by) or for the program (0). False: there is no
 * such session.
 */
extern bool netconf_session_kill(uint32_t id, uint32_t by);
extern void netconf_session_end_all(void);

/*
 * The id of the session that has a lock (candidate or running), 0 when it is
 * none of NETCONF's.
 */
extern uint32_t netconf_session_locker(bool candidate);

/* Calls each() for all sessions, which stay meanwhile. */
extern void netconf_session_each(void (*each)(struct netconf_session *session, void *arg),
				 void *arg);

/* Its thread will look whether there is something to do. */
extern void netconf_session_wake(struct netconf_session *session);

/*
 * mgmtd's answer: if it was away meanwhile, locks and changes are gone. The
 * session is told by an error, and ended if it had locks.
 */
extern void netconf_session_heed(struct netconf_session *session, const struct netconf_reply *reply);

#endif /* _NETCONF_SESSION_H */
