// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The YANG modules that are offered; see netconf_schema.c.
 */
#ifndef _NETCONF_SCHEMA_H
#define _NETCONF_SCHEMA_H

#include <stdbool.h>

#include <libyang/libyang.h>

/* Asks mgmtd for its modules; ready() is called when there are some. Main thread. */
extern void netconf_schema_fetch(void (*ready)(void));

/*
 * The modules of mgmtd and those of NETCONF; NULL before mgmtd was there once.
 * A session keeps what it began with: a context lives as long as netconfd.
 */
extern const struct ly_ctx *netconf_schema(void);

/* Is the module one of mgmtd's, with data there? */
extern bool netconf_schema_is_data(const struct lys_module *module);

extern void netconf_schema_fini(void);

#endif /* _NETCONF_SCHEMA_H */
