// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Certificates that are void, and the list of them that CEs have.
 */
#ifndef VPN_SERVER_REVOCATION_H
#define VPN_SERVER_REVOCATION_H

#include "vpn-server/model.h"

#define LIST_RENEW_SECONDS (10 * 86400) /* before the end */

/*
 * All certificates of this name are void from now on, and the list that says so
 * has another number.  In a transaction.
 */
bool revocation_of(struct db *db, const char *name);

/* The number of the list that CEs are to have; 0: nothing was ever revoked, there is none. */
int64_t revocation_number(struct db *db);

/* Has a list that ends soon made anew.  Takes a transaction of its own, if there is one. */
bool revocation_look(struct db *db);

#endif /* VPN_SERVER_REVOCATION_H */
