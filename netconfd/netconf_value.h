// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The value of a leaf in an entry or a container, by its name: for readers of
 * small trees whose schema they know.
 */
#ifndef _NETCONF_VALUE_H
#define _NETCONF_VALUE_H

#include <libyang/libyang.h>

/* The tree's own string; NULL if there is no such leaf. Of a leaf-list the first. */
static inline const char *netconf_value_of(const struct lyd_node *parent, const char *name)
{
	const struct lyd_node *child;

	LY_LIST_FOR (lyd_child(parent), child)
		if (strmatch(LYD_NAME(child), name))
			return lyd_get_value(child);
	return NULL;
}

#endif /* _NETCONF_VALUE_H */
