// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What only mgmtd can refuse: contradictions between vpnd's configuration and
 * that of other daemons, which vpnd is never given.  Compiled into mgmtd,
 * which calls it for each commit.
 *
 * A traffic-driven link ends when nothing has crossed it for a while, and a
 * routing protocol is never silent: the two do not go together
 * (draft-ietf-l3vpn-ce-based-02).  mgmtd has the configuration of RIP and
 * RIPng.  It has none of OSPF, BGP or IS-IS: there vpnd goes by their routes, and
 * by who listens on a link (vpn_routing.c).
 */
#include <zebra.h>

#include "lib/northbound.h"
#include "lib/yang.h"

#include "vpnd/vpn_cli.h"

static const struct {
	const char *name, *command, *daemon;
} vpn_routing[] = {
	{ "RIP", "router rip", "ripd" },
	{ "RIPng", "router ripng", "ripngd" },
};

struct vpn_refusal {
	const struct lyd_node *root;
	char *why;
	size_t size;
};

/* Refuses an on-traffic link if a routing protocol runs in its VRF. */
static int vpn_check_on_traffic(const struct lyd_node *dnode, void *arg)
{
	struct vpn_refusal *refusal = arg;
	const char *vrf = yang_dnode_get_string(dnode, "./vrf");

	for (size_t i = 0; i < array_size(vpn_routing); i++) {
		const char *daemon = vpn_routing[i].daemon;

		if (!yang_dnode_existsf(refusal->root, "/frr-%s:%s/instance[vrf='%s']", daemon,
					daemon, vrf))
			continue;
		snprintf(refusal->why, refusal->size,
			 "tunnel-link %s: establish on-traffic and %s in VRF %s exclude each other, as %s is never silent: say establish permanent, or remove '%s vrf %s'",
			 yang_dnode_get_string(dnode, "./name"), vpn_routing[i].name, vrf,
			 vpn_routing[i].name, vpn_routing[i].command, vrf);
		return YANG_ITER_STOP;
	}
	return YANG_ITER_CONTINUE;
}

bool vpn_cli_candidate_check(const struct lyd_node *root, char *why, size_t size)
{
	struct vpn_refusal refusal = { .root = root, .why = why, .size = size };

	why[0] = '\0';
	if (root)
		yang_dnode_iterate(vpn_check_on_traffic, &refusal, root,
				   VPN_XPATH "/tunnel-link[establish/mode='on-traffic']");
	return !why[0];
}
