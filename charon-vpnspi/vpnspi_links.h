/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tunnel links that vpnd has told us of (wire/plugin.h, VPNSPI_LINK).
 *
 * A link is known by its IKE connection and its child there.  Charon's threads
 * look links up while vpnd's connection changes them: the table has a lock of
 * its own, and what is looked up is copied out.
 *
 * A link with spokes is a template.  Links of its spokes are in the table, too,
 * each with its identity; they are not part of a sync, and go with the template.
 */
#ifndef VPNSPI_LINKS_H
#define VPNSPI_LINKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/plugin.h"

struct vpnspi_links;

struct vpnspi_links *vpnspi_links_create(void);
void vpnspi_links_destroy(struct vpnspi_links *links);

/* A new link, or another description of one that is known.  Copies *link. */
void vpnspi_links_set(struct vpnspi_links *links, const struct vpnspi_link *link);

/* False: it is not known. */
bool vpnspi_links_unset(struct vpnspi_links *links, const struct vpnspi_link *link);

/* What is not set between these two is forgotten. */
void vpnspi_links_sync_begin(struct vpnspi_links *links);
void vpnspi_links_sync_end(struct vpnspi_links *links);

/* The link of this child of this connection into *link; false: there is none. */
bool vpnspi_links_get(struct vpnspi_links *links, const char *conn, const char *child,
		      struct vpnspi_link *link);

/* A link with this if_id, or with this VPN-ID. */
bool vpnspi_links_by_if_id(struct vpnspi_links *links, uint32_t if_id, struct vpnspi_link *link);
bool vpnspi_links_by_vpn_id(struct vpnspi_links *links, const uint8_t vpn_id[7],
			    struct vpnspi_link *link);

/*
 * The link of the spoke with this identity: the one that it has had, or a new one with
 * the lowest number that is free.  False: why says what is against it.
 */
bool vpnspi_links_spoke(struct vpnspi_links *links, const struct vpnspi_link *template,
			const char *identity, struct vpnspi_link *link, char *why, size_t size);

/*
 * vpnd knows this spoke, or forgets it.  A spoke may be known before its template
 * is; set returns false if the number is another one's.
 */
bool vpnspi_links_spoke_set(struct vpnspi_links *links, const struct vpnspi_spoke *spoke);
void vpnspi_links_spoke_unset(struct vpnspi_links *links, const struct vpnspi_spoke *spoke);

/* Is any link configured? */
bool vpnspi_links_any(struct vpnspi_links *links);

#endif /* VPNSPI_LINKS_H */
