// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * RPCs of frr-vpnd: what "clear vpn ..." does, for those who come by NETCONF or
 * another front end of mgmtd. Without an argument it is done to all.
 */
#include <zebra.h>

#include "lib/northbound.h"
#include "lib/yang.h"

#include "vpnd/vpn_nb.h"
#include "vpnd/vpn_peer.h"
#include "vpnd/vpn_tunnel.h"

int vpn_nb_clear_peer_rpc(struct nb_cb_rpc_args *args)
{
	struct vpn_peer *peer;
	struct ipaddr addr = {};

	if (!yang_dnode_exists(args->input, "address")) {
		frr_each_safe (vpn_peers, &vpn_peers, peer)
			vpn_peer_clear(peer);
		return NB_OK;
	}
	yang_dnode_get_ip(&addr, args->input, "address");
	peer = vpn_peer_find(&addr);
	if (!peer) {
		snprintfrr(args->errmsg, args->errmsg_len, "%pIA is no peer", &addr);
		return NB_ERR_NOT_FOUND;
	}
	vpn_peer_clear(peer);
	return NB_OK;
}

int vpn_nb_clear_tunnel_link_rpc(struct nb_cb_rpc_args *args)
{
	struct vpn_tunnel *tunnel;
	const char *name;

	if (!yang_dnode_exists(args->input, "name")) {
		frr_each_safe (vpn_tunnels, &vpn_tunnels, tunnel)
			vpn_tunnel_clear(tunnel);
		return NB_OK;
	}
	name = yang_dnode_get_string(args->input, "name");
	tunnel = vpn_tunnel_find(name);
	if (!tunnel) {
		snprintfrr(args->errmsg, args->errmsg_len, "there is no tunnel-link %s", name);
		return NB_ERR_NOT_FOUND;
	}
	vpn_tunnel_clear(tunnel);
	return NB_OK;
}
