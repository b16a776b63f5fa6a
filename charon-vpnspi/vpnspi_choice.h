/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which tunnel link is an SA for that a peer proposes?
 *
 * Links to one gateway often have the same selectors (the gateways' addresses and
 * protocol 4, or everything), so those do not tell: the VPN-ID does
 * (draft-duffy-ppvpn-ipsec-vlink-00 section 5.3).  A peer that cannot send one
 * gets the link that needs none, or the only one there is.
 */
#ifndef VPNSPI_CHOICE_H
#define VPNSPI_CHOICE_H

#include <stdbool.h>
#include <stddef.h>

#include "wire/plugin.h"

#include "vpnspi_offer.h"

/* What is the matter with one link of the connection, for this offer? NULL: it fits. */
const char *vpnspi_choice_misfit(const struct vpnspi_link *link, const struct vpnspi_offer *offer,
				 bool peer_is_ours);

/*
 * The index of the one of count links, whose mode and selectors fit, that the
 * offer is for; -1 if there is none: why is then in words.
 */
int vpnspi_choice(const struct vpnspi_link *links, unsigned int count,
		  const struct vpnspi_offer *offer, bool peer_is_ours, char *why, size_t size);

#endif /* VPNSPI_CHOICE_H */
