// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The state of the NETCONF server as data; see netconf_state.c.
 */
#ifndef _NETCONF_STATE_H
#define _NETCONF_STATE_H

#include <stdbool.h>

#include "netconfd/netconf_nc.h"

struct netconf_session;

extern void netconf_state_init(void);

/* Is an XPath expression about the server's own data, and not mgmtd's? */
extern bool netconf_state_is_about(const char *xpath);

/*
 * Adds the server's own data to *tree, as far as the request concerns it: an
 * XPath expression, or a subtree filter, or neither. Returns an error, or NULL.
 */
extern struct nc_server_reply *netconf_state_add(struct netconf_session *session, const char *xpath,
						 const struct lyd_node *filter, bool filtered,
						 struct lyd_node **tree);

#endif /* _NETCONF_STATE_H */
