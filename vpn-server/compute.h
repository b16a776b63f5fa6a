// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From the database to the configuration of one link's end, in two steps: what
 * is needed is read (link_read), then computed from it alone (link_compute),
 * which is pure.
 */
#ifndef VPN_SERVER_COMPUTE_H
#define VPN_SERVER_COMPUTE_H

#include "vpn-server/config.h"
#include "vpn-server/key.h"
#include "vpn-server/model.h"

/* Where a CE has its key and certificate: "" are those that it was shipped with. */
void credentials_path(char *path, size_t size, const char *what, const char *credentials);
#define CREDENTIALS_PATH 80

/* Where a CE has the list of revoked certificates of that number, which is a list's own. */
void crl_path(char *path, size_t size, int64_t number);

struct link_end {
	const struct vpn *vpn;
	struct site site, peer;
	char local[PREFIX_TEXT], remote[PREFIX_TEXT];
	char credentials[CREDENTIALS_SIZE]; /* as in struct ce */
	char key[KEY_TEXT];	  /* by which the CE proves itself; "" with certificates */
	char other_key[KEY_TEXT]; /* which it accepts, too, while keys rotate; "" */
	int64_t crl;		  /* with certificates: number of the list of revoked ones, or 0 */
	struct ip_prefix *prefixes; /* behind the peer */
	bool *shared;		    /* of each: other links may lead there, too */
	size_t prefix_count;
};

/* False if there is no such link (any more). */
bool link_read(struct db *db, const struct vpn *vpn, int64_t site, int64_t peer,
	       struct link_end *end);
void link_clear(struct link_end *end);

/* Adds the end's entries; config_sort() is the caller's. */
void link_compute(const struct link_end *end, struct config *config);

/* All of a CE, sorted.  False: db_error(). */
bool ce_compute(struct db *db, int64_t ce, struct config *config);

/* The same for one link end; sorted; empty if there is no such link. */
bool end_compute(struct db *db, int64_t site, int64_t peer, struct config *config);

#endif /* VPN_SERVER_COMPUTE_H */
