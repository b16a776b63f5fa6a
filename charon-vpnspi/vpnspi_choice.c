// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The choice among tunnel links; see vpnspi_choice.h.
 *
 * Nothing is guessed: where two links could be meant, none is taken.  An SA in
 * the wrong VPN would be worse than none.
 */
#include "vpnspi_choice.h"

#include <stdio.h>
#include <string.h>

static bool same_id(const struct vpnspi_link *link, const struct vpnspi_offer *offer)
{
	return link->has_vpn_id && !memcmp(link->vpn_id, offer->vpn_id, VPNSPI_VPN_ID_SIZE);
}

const char *vpnspi_choice_misfit(const struct vpnspi_link *link, const struct vpnspi_offer *offer,
				 bool peer_is_ours)
{
	if (offer->broken)
		return offer->broken;
	if (offer->has_vpn_id && !link->has_vpn_id)
		return "the peer's link has a VPN-ID, ours has none";
	if (offer->has_vpn_id && !same_id(link, offer))
		return "the peer's link has another VPN-ID";
	if (!offer->has_vpn_id && link->has_vpn_id && peer_is_ours)
		return "the peer's link has no VPN-ID, ours has one";
	if (link->signal == VPNSPI_SIGNAL_VENDOR_ID && !peer_is_ours)
		return "the peer has not sent our vendor ID, which is this link's signal";
	return NULL;
}

static int choose_by_id(const struct vpnspi_link *links, unsigned int count,
			const struct vpnspi_offer *offer, bool peer_is_ours, char *why, size_t size)
{
	char id[VPNSPI_VPN_ID_STRING_SIZE];
	const char *misfit;

	for (unsigned int i = 0; i < count; i++) {
		if (!same_id(&links[i], offer))
			continue;
		misfit = vpnspi_choice_misfit(&links[i], offer, peer_is_ours);
		if (!misfit)
			return i;
		snprintf(why, size, "%s", misfit);
		return -1;
	}
	snprintf(why, size, "no link to this peer with its mode and selectors has VPN-ID %s",
		 vpnspi_vpn_id_string(offer->vpn_id, id));
	return -1;
}

static int choose_without(const struct vpnspi_link *links, unsigned int count,
			  const struct vpnspi_offer *offer, bool peer_is_ours, char *why,
			  size_t size)
{
	const char *misfit;
	int found = -1;

	for (unsigned int i = 0; i < count; i++) {
		if (links[i].has_vpn_id && count > 1)
			continue;
		if (found >= 0) {
			snprintf(why, size,
				 "the peer sends no VPN-ID, and it may mean link %s or link %s",
				 links[found].child, links[i].child);
			return -1;
		}
		found = i;
	}
	if (found < 0) {
		snprintf(why, size,
			 "the peer sends no VPN-ID, and %u links have one: it cannot tell which it means",
			 count);
		return -1;
	}
	misfit = vpnspi_choice_misfit(&links[found], offer, peer_is_ours);
	if (!misfit)
		return found;
	snprintf(why, size, "%s", misfit);
	return -1;
}

int vpnspi_choice(const struct vpnspi_link *links, unsigned int count,
		  const struct vpnspi_offer *offer, bool peer_is_ours, char *why, size_t size)
{
	if (offer->broken) {
		snprintf(why, size, "%s", offer->broken);
		return -1;
	}
	if (!count) {
		snprintf(why, size, "no link to this peer has its mode and selectors");
		return -1;
	}
	if (offer->has_vpn_id)
		return choose_by_id(links, count, offer, peer_is_ours, why, size);
	return choose_without(links, count, offer, peer_is_ours, why, size);
}
