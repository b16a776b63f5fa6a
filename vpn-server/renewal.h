// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which CEs need a new certificate; serverd_certificate.c gets it for them.
 * Times in seconds since 1970.
 */
#ifndef VPN_SERVER_RENEWAL_H
#define VPN_SERVER_RENEWAL_H

#include "vpn-server/model.h"

#define RENEW_SECONDS (30 * 86400) /* before the end */
#define RENEW_AGAIN   3600	   /* after an attempt that failed */
#define RENEW_SEEN    5		   /* after one that did not: is it shown? */
#define RENEW_SHOWN   300	   /* a CE that is configured to a new one shows it within these */

/* A CE has shown a certificate that ends then: noted, if it is another one. */
bool renewal_seen(struct db *db, const char *name, int64_t until);

/* Somebody wants the CE to have a new key and certificate, at its next session. */
bool renewal_want(struct db *db, const char *name);

/* Notes whom there is to talk to about it now; wakes servers if there is anybody. */
bool renewal_look(struct db *db);

/* Seconds until renewal_look() finds somebody though nothing changed, at most most. */
int64_t renewal_next(struct db *db, int64_t most);

bool renewal_due(const struct ce *ce);
/* It was given a pair a moment ago, and nobody has asked for another one since. */
bool renewal_is_fresh(const struct ce *ce);

/* It has the pair of that name: its configuration is to name it. */
bool renewal_done(struct db *db, const struct ce *ce, const char *name);
bool renewal_not_due(struct db *db, const struct ce *ce);
/* It is configured to that pair: looked at again in a moment. */
bool renewal_wait(struct db *db, const struct ce *ce);
bool renewal_failed(struct db *db, const struct ce *ce);

#endif /* VPN_SERVER_RENEWAL_H */
