/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * May this CHILD_SA be installed as what its child's configuration says?
 */
#ifndef VPNSPI_LINK_CHECK_H
#define VPNSPI_LINK_CHECK_H

#include <daemon.h>

#include "wire/plugin.h"

#include "vpnspi_talks.h"

/*
 * Of a connection of links.  link: what vpnd says of the child, or NULL; local
 * and remote: the selectors agreed on.  NULL if all is well, else why not.
 */
const char *vpnspi_link_check(ike_sa_t *ike_sa, child_cfg_t *config, const struct vpnspi_link *link,
			      const struct vpnspi_talk *talk, linked_list_t *local,
			      linked_list_t *remote);

/*
 * Of any other connection: is the offer the signal of a tunnel link, and config
 * not made for it by hand?
 */
bool vpnspi_link_is_signal(ike_sa_t *ike_sa, child_cfg_t *config, const struct vpnspi_talk *talk,
			   linked_list_t *local, linked_list_t *remote);

/* Do these selectors and the child's have anything in common? */
bool vpnspi_link_overlaps(child_cfg_t *config, bool local, linked_list_t *ts, linked_list_t *hosts);

/*
 * Would an offer with these selectors come through for a child: one of a link
 * (link: what vpnd says of it), one that links share, or one of a static
 * connection? ts, hosts: ours and the peer's.
 */
bool vpnspi_link_suits(ike_sa_t *ike_sa, child_cfg_t *config, const struct vpnspi_link *link,
		       const struct vpnspi_talk *talk, linked_list_t *ts[2],
		       linked_list_t *hosts[2]);

#endif /* VPNSPI_LINK_CHECK_H */
