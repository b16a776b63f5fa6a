// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Locks of the datastores; see netconf_lock.c.
 */
#ifndef _NETCONF_LOCK_H
#define _NETCONF_LOCK_H

#include <stdbool.h>

#include "netconfd/netconf_nc.h"

struct netconf_session;

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

#endif /* _NETCONF_LOCK_H */
