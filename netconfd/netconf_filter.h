// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Subtree filters; see netconf_filter.c.
 */
#ifndef _NETCONF_FILTER_H
#define _NETCONF_FILTER_H

#include <libyang/libyang.h>

/*
 * Removes from *tree (first sibling; may become NULL) what the filter does not
 * select. filter is the first node of the filter, NULL selects nothing.
 */
extern void netconf_filter_subtree(const struct lyd_node *filter, struct lyd_node **tree);

#endif /* _NETCONF_FILTER_H */
