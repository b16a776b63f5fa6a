// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * <rpc-error>; see netconf_error.c.
 */
#ifndef _NETCONF_ERROR_H
#define _NETCONF_ERROR_H

#include "netconfd/netconf_nc.h"

struct netconf_reply;
struct netconf_session;

/*
 * An error of the session: a tag that needs no more than a type, a path (JSON
 * form, or NULL) and words for a person.
 */
extern struct nc_server_reply *netconf_error(struct netconf_session *session, NC_ERR tag,
					     const char *path, const char *format, ...)
	PRINTFRR(4, 5);

/*
 * An error about an element: NC_ERR_UNKNOWN_ELEM, NC_ERR_BAD_ELEM,
 * NC_ERR_MISSING_ELEM, or NC_ERR_UNKNOWN_NS with the namespace.
 */
extern struct nc_server_reply *netconf_error_element(struct netconf_session *session, NC_ERR tag,
						     const char *element, const char *ns,
						     const char *path, const char *format, ...)
	PRINTFRR(6, 7);

/* NC_ERR_BAD_ATTR, NC_ERR_UNKNOWN_ATTR or NC_ERR_MISSING_ATTR. */
extern struct nc_server_reply *netconf_error_attribute(struct netconf_session *session, NC_ERR tag,
						       const char *attribute, const char *element,
						       const char *path, const char *format, ...)
	PRINTFRR(6, 7);

/* A lock is another's: id is its session, 0 for one that is not NETCONF's. */
extern struct nc_server_reply *netconf_error_lock(struct netconf_session *session, uint32_t id,
						  const char *datastore);

/*
 * What mgmtd or a backend said, in its words, when it refused something about
 * path (NULL: what its words say, if they do).
 */
extern struct nc_server_reply *netconf_error_mgmt(struct netconf_session *session,
						  const struct netconf_reply *reply,
						  const char *path);

/* Adds what more's first error says; more is freed. Either may be NULL. */
extern struct nc_server_reply *netconf_error_add(struct nc_server_reply *reply,
						 struct nc_server_reply *more);

#endif /* _NETCONF_ERROR_H */
