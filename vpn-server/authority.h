// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The server's own certification authority: who is a CE of ours, and who is a
 * server of ours.  Its key is in the database and nowhere else; it is made when
 * it is needed first.
 *
 * Texts are PEM, malloc'ed; NULL after an error, which db_error() has.  All are
 * called in a transaction.
 */
#ifndef VPN_SERVER_AUTHORITY_H
#define VPN_SERVER_AUTHORITY_H

#include "vpn-server/db.h"

#define AUTHORITY_DAYS	 3650
#define CERTIFICATE_DAYS 365
#define CRL_DAYS	 30

/* The authority's certificate. */
char *authority_certificate(struct db *db);

/*
 * A certificate for name and, if not NULL, address: for the key of a signing
 * request, whose signature is checked and whose own names are not believed.
 */
char *authority_sign(struct db *db, const char *request, const char *name, const char *address,
		     int64_t days);

/* The same with a key pair made here; the private key goes to *key. */
char *authority_issue(struct db *db, const char *name, const char *address, int64_t days,
		      char **key);

/* The list of revoked certificates that have not expired. */
char *authority_crl(struct db *db);

/* Frees a text that holds a private key. */
void authority_cleanse(char *text);

#endif /* VPN_SERVER_AUTHORITY_H */
