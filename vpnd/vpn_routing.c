// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Routing protocols over tunnel links, as far as vpnd can see them.
 *
 * A traffic-driven link ends when nothing has crossed it for a while, and a
 * routing protocol is never silent: the two do not go together
 * (draft-ietf-l3vpn-ce-based-02).  What is configured of OSPF, BGP and IS-IS only
 * their daemons know (of RIP mgmtd, see vpn_cli_check.c), so vpnd goes by what
 * they do: routes over a link, and the groups that they have joined on it
 * (vpn_multicast.h).
 *
 *   at commit  what is newly made on-traffic is refused if a protocol has routes
 *              now over that link or another one of its VRF, or listens there.
 *              The kernel is asked, which answers within the call.
 *   ever after the first route over an on-traffic link, of which zebra tells,
 *              takes it down, and so does a protocol that listens there, for which
 *              the kernel is asked now and then.  The device goes, and with it the
 *              adjacency, so this stands until an operator decides.
 *
 * A commit is refused only for links that stand by an earlier one: what is loaded
 * at a start stands by none, so a saved configuration is always taken, and its
 * links tell what is wrong.  A label interface of a provider edge is no link:
 * BGP's routes to other PEs do not count, nor do routes over a link that another
 * VRF took over, which are in that VRF's table.
 *
 * Limit: BGP and IS-IS without a route over a link are not seen.
 */
#include <zebra.h>

#include <linux/rtnetlink.h>

#include "vpnd/vpn_apply.h"
#include "vpnd/vpn_kernel.h"
#include "vpnd/vpn_multicast.h"
#include "vpnd/vpn_routing.h"
#include "vpnd/vpn_zebra.h"

/* As zebra writes them into the kernel's routes. */
static const struct {
	uint8_t number;
	const char *name;
} protocols[] = {
	{ RTPROT_OSPF, "OSPF" },   { RTPROT_BGP, "BGP" },     { RTPROT_ISIS, "IS-IS" },
	{ RTPROT_EIGRP, "EIGRP" }, { RTPROT_BABEL, "Babel" },
};

static const char *name_of(uint8_t number)
{
	for (size_t i = 0; i < array_size(protocols); i++)
		if (number == protocols[i].number)
			return protocols[i].name;
	return NULL;
}

/* --- at commit ----------------------------------------------------------------------------- */

static void protocol_of(const struct vpn_route_info *route, void *arg)
{
	const char **name = arg;

	if (name_of(route->protocol))
		*name = name_of(route->protocol);
}

/* The protocol that has routes over this link now, or listens there (what: which of the two); NULL: none. */
static const char *carried(const struct vpn_tunnel *tunnel, const char **what)
{
	uint32_t table = vpn_zebra_table(tunnel->config.vrf);
	const char *name = NULL;

	if (!tunnel->ifindex)
		return NULL;
	*what = "has routes over";
	if (table)
		vpn_kernel_each_route(table, tunnel->ifindex, protocol_of, &name);
	if (name)
		return name;
	*what = "listens on";
	return name_of(vpn_multicast_on(tunnel->ifindex));
}

/* Is it made on-traffic, or put into this VRF, by the commit? */
static bool is_new(const struct vpn_tunnel_config *config)
{
	const struct vpn_tunnel_config *now = vpn_tunnel_config_find(&vpn_config, config->name);

	return config->on_traffic && (!now || !now->on_traffic || strcmp(now->vrf, config->vrf));
}

/* Is this link in this VRF, now and after the commit? */
static bool stands(struct vpn_config *candidate, const struct vpn_tunnel *tunnel, const char *vrf)
{
	const struct vpn_tunnel_config *config;

	if (!tunnel->wanted || strcmp(tunnel->config.vrf, vrf))
		return false;
	config = tunnel->config.number
			 ? vpn_template_config_find(candidate, tunnel->config.spoke_of)
			 : vpn_tunnel_config_find(candidate, tunnel->name);
	return config && !strcmp(config->vrf, vrf);
}

/* Does a protocol run over a link of its VRF?  Says which over which. */
static bool excluded(struct vpn_config *candidate, const struct vpn_tunnel_config *config,
		     char *why, size_t size)
{
	const struct vpn_tunnel *tunnel;
	const char *protocol, *what;

	vpn_multicast_look();
	frr_each (vpn_tunnels_const, &vpn_tunnels, tunnel) {
		protocol = stands(candidate, tunnel, config->vrf) ? carried(tunnel, &what) : NULL;
		if (!protocol)
			continue;
		snprintf(why, size,
			 "tunnel-link %s: establish on-traffic and %s in VRF %s exclude each other, as %s is never silent, and it %s tunnel-link %s: say establish permanent, or have no %s on the links of that VRF",
			 config->name, protocol, config->vrf, protocol, what, tunnel->name,
			 protocol);
		return true;
	}
	return false;
}

bool vpn_routing_check(struct vpn_config *candidate, char *why, size_t size)
{
	const struct vpn_tunnel_config *config;
	const char *looked = NULL; /* at this VRF last: many links may come at once */

	frr_each (vpn_tunnel_configs_const, &candidate->tunnels, config) {
		if (!is_new(config) || (looked && !strcmp(looked, config->vrf)))
			continue;
		if (excluded(candidate, config, why, size))
			return false;
		looked = config->vrf;
	}
	return true;
}

/* --- ever after ---------------------------------------------------------------------------- */

/* NULL: none does. */
static void runs_over(struct vpn_tunnel *tunnel, const char *protocol)
{
	if (!protocol || tunnel->learned[0])
		return;
	strlcpy(tunnel->learned, protocol, sizeof(tunnel->learned));
	vpn_apply_schedule();
}

void vpn_routing_learned(ifindex_t ifindex, const char *protocol)
{
	struct vpn_tunnel *tunnel;

	frr_each (vpn_tunnels, &vpn_tunnels, tunnel)
		if (tunnel->ifindex == ifindex && tunnel->config.on_traffic)
			runs_over(tunnel, protocol);
}

void vpn_routing_watch(void)
{
	struct vpn_tunnel *tunnel;
	bool looked = false;

	frr_each (vpn_tunnels, &vpn_tunnels, tunnel) {
		if (!tunnel->config.on_traffic || !tunnel->ifindex)
			continue;
		if (!looked)
			vpn_multicast_look();
		looked = true;
		runs_over(tunnel, name_of(vpn_multicast_on(tunnel->ifindex)));
	}
}

const char *vpn_routing_forbids(const struct vpn_tunnel *tunnel)
{
	static char words[VPN_REASON_SIZE];

	if (!tunnel->config.on_traffic || !tunnel->learned[0])
		return NULL;
	snprintf(words, sizeof(words),
		 "%s runs over it: establish on-traffic excludes routing protocols, which are never silent; say establish permanent, or take it out of %s and \"clear vpn tunnel-link %s\"",
		 tunnel->learned, tunnel->learned, tunnel->name);
	return words;
}
