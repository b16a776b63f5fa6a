// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Devices that share something with one of them.  See vpn_device_others.h.
 */
#include <zebra.h>

#include "vpnd/vpn_device_alias.h"
#include "vpnd/vpn_device_others.h"
#include "vpnd/vpn_kernel.h"

static struct {
	const struct vpn_device *like;
	vpn_device_match match;
	char found[IFNAMSIZ];
} search;

static void search_link(const struct vpn_link *link)
{
	struct vpn_device other;

	if (!search.found[0] && strcmp(link->info.name, search.like->name) &&
	    vpn_device_alias_read(link->info.alias, &other) && search.match(&other, search.like))
		strlcpy(search.found, link->info.name, sizeof(search.found));
}

const char *vpn_device_other(const struct vpn_device *like, vpn_device_match match)
{
	search.like = like;
	search.match = match;
	search.found[0] = '\0';
	vpn_kernel_each_link(search_link);
	return search.found[0] ? search.found : NULL;
}

bool vpn_device_same_ends(const struct vpn_device *a, const struct vpn_device *b)
{
	return a->local.ipa_type == b->local.ipa_type && a->remote.ipa_type == b->remote.ipa_type &&
	       !ipaddr_cmp(&a->local, &b->local) && !ipaddr_cmp(&a->remote, &b->remote);
}
