// SPDX-License-Identifier: GPL-2.0-or-later
/* The tables, their versions, and the way from one version to the next. */
#ifndef VPN_SERVER_SCHEMA_H
#define VPN_SERVER_SCHEMA_H

#include "vpn-server/db.h"

/* The version that this program reads and writes. */
int schema_latest(void);

/*
 * Brings the database to the latest version, in one transaction: killed at any
 * statement it is as before.  A database of a newer version is refused and not
 * touched.  False: db_error() says why.
 */
bool schema_migrate(struct db *db);

/* For tests: no further than to this version. */
bool schema_migrate_to(struct db *db, int version);

#endif /* VPN_SERVER_SCHEMA_H */
