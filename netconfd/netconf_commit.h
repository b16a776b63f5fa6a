// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The datastores as a whole; see netconf_commit.c.
 */
#ifndef _NETCONF_COMMIT_H
#define _NETCONF_COMMIT_H

#include "netconfd/netconf_nc.h"

struct netconf_mgmt;
struct netconf_reply;
struct netconf_session;

/* All of the running configuration, XML. Returns NULL, or an error; the reply is to be freed anyway. */
extern struct nc_server_reply *netconf_running_get(struct netconf_session *session,
						   struct netconf_reply *reply);

/*
 * Changes the candidate to data as a whole (XML, may be empty). It must be locked.
 * The reply says how it went.
 */
extern void netconf_candidate_set(struct netconf_mgmt *mgmt, char *data,
				  struct netconf_reply *reply);

#endif /* _NETCONF_COMMIT_H */
