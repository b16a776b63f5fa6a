// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The path of an access rule; see netconf_access_path.c.
 */
#ifndef _NETCONF_ACCESS_PATH_H
#define _NETCONF_ACCESS_PATH_H

#include <stdbool.h>

#include <libyang/libyang.h>

struct netconf_access_path;

/* NULL: it is none. netconf_access_path_free() takes NULL, too. */
extern struct netconf_access_path *netconf_access_path_new(const char *text);
extern void netconf_access_path_free(struct netconf_access_path *path);

/* Is the node the one that the path names, or in it? */
extern bool netconf_access_path_covers(const struct netconf_access_path *path,
				       const struct lyd_node *node);

#endif /* _NETCONF_ACCESS_PATH_H */
