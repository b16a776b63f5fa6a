/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tunnel links that vpnd has told us of (wire/plugin.h, VPNSPI_LINK).
 *
 * A link is known by its IKE connection and its child there.  Charon's threads
 * look links up while vpnd's connection changes them: the table has a lock of
 * its own, and what is looked up is copied out.
 */
#ifndef VPNSPI_LINKS_H
#define VPNSPI_LINKS_H

#include <stdbool.h>
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

/* Is any link configured? */
bool vpnspi_links_any(struct vpnspi_links *links);

#endif /* VPNSPI_LINKS_H */
