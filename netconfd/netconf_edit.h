// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What an <edit-config> means, as a list of edits for mgmtd; see netconf_changes.c.
 */
#ifndef _NETCONF_EDIT_H
#define _NETCONF_EDIT_H

#include <stdbool.h>
#include <stddef.h>

#include <libyang/libyang.h>

#include "netconfd/netconf_mgmt.h"

struct nc_server_reply;
struct netconf_session;

/* Operations of RFC 6241, 7.2. */
enum netconf_op {
	NETCONF_OP_MERGE,
	NETCONF_OP_REPLACE,
	NETCONF_OP_NONE,
	NETCONF_OP_CREATE,
	NETCONF_OP_DELETE,
	NETCONF_OP_REMOVE,
};

/* Why configuration cannot be used: the first reason that was found. */
struct netconf_fault {
	enum netconf_fault_kind {
		NETCONF_FAULT_NONE,
		NETCONF_FAULT_ELEMENT,	 /* no YANG module has it */
		NETCONF_FAULT_NAMESPACE, /* nobody has the namespace */
		NETCONF_FAULT_VALUE,	 /* not a value of its type */
		NETCONF_FAULT_STATE,	 /* it is state */
		NETCONF_FAULT_ATTRIBUTE, /* the operation is none, or none that can be there */
		NETCONF_FAULT_INSERT,	 /* yang:insert in the middle */
		NETCONF_FAULT_INTERNAL,
	} kind;
	char *path;
	char element[128];
	char detail[1024]; /* the namespace, the attribute, or words */
};

/* A list of edits, in the order in which mgmtd shall make them. */
struct netconf_changes {
	struct netconf_change *list; /* darr */
	char **paths;		     /* darr; what each is about, for its error */
	char **needed;		     /* darr; instances that have to be there already */
	struct netconf_fault fault;
};

/*
 * Fills changes from the content of <config> (first sibling). False: see fault.
 * netconf_changes_free() is called in any case.
 */
extern bool netconf_changes_of(const struct lyd_node *config, enum netconf_op default_op,
			       struct netconf_changes *changes);

/* Whatever there is, is removed before. */
extern void netconf_changes_clear_first(struct netconf_changes *changes);

extern void netconf_changes_free(struct netconf_changes *changes);

/*
 * May the session's user change what differs between two configurations, in XML?
 * Returns an error, or NULL.
 */
extern struct nc_server_reply *netconf_edit_check_access(struct netconf_session *session,
							 const char *before, const char *after);

#endif /* _NETCONF_EDIT_H */
