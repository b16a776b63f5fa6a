// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * zebra: interfaces, routes to peers, opaque messages.  See vpn_zebra.h.
 *
 * vpnd has no routes and so no route type of its own; it names itself by one
 * that no daemon has (HSLS), with its process id as the session, so that zebra
 * takes a vpnd that was restarted for a new one and tells bgpd of it.
 *
 * Traps of zebra's opaque module, found in zebra/zebra_opaque.c of 10.3: it does
 * not forget the registration of a daemon that died (our patch series mends
 * that); it answers a second registration under the same name with silence;
 * and it sends a message also to whoever only asked to be notified.  Hence the session, the SYNC_REQUEST on each
 * connection, and the check of the type of what comes in.
 */
#include <zebra.h>

#include <linux/rtnetlink.h>

#include "lib/if.h"
#include "lib/log.h"
#include "lib/prefix.h"
#include "lib/privs.h"
#include "lib/stream.h"
#include "lib/vrf.h"
#include "lib/zclient.h"

#include "vpnd/vpn_apply.h"
#include "vpnd/vpn_bgp.h"
#include "vpnd/vpn_gateway.h"
#include "vpnd/vpn_ifname.h"
#include "vpnd/vpn_peer.h"
#include "vpnd/vpn_routing.h"
#include "vpnd/vpn_tunnel_apply.h"
#include "vpnd/vpn_zebra.h"

extern struct zebra_privs_t vpnd_privs; /* vpn_main.c */

static struct zclient *zclient;
static struct stream *to_bgpd; /* what waits for vpn_zebra_flush */

bool vpn_zebra_connected(void)
{
	return zclient && zclient->sock >= 0;
}

/* --- interfaces ---------------------------------------------------------------------------- */

static int interface_changed(struct interface *ifp)
{
	if (zclient && !strncmp(ifp->name, VPN_IFNAME_OUT, strlen(VPN_IFNAME_OUT)))
		vpn_apply_schedule();
	return 0;
}

/* Links borrow addresses. */
static int address_added(ZAPI_CALLBACK_ARGS)
{
	if (zebra_interface_address_read(cmd, zclient->ibuf, vrf_id))
		vpn_apply_schedule();
	return 0;
}

static int address_deleted(ZAPI_CALLBACK_ARGS)
{
	struct connected *connected = zebra_interface_address_read(cmd, zclient->ibuf, vrf_id);

	if (connected)
		connected_free(&connected);
	vpn_apply_schedule();
	return 0;
}

bool vpn_zebra_interface_ready(ifindex_t ifindex, const char *vrf_name)
{
	struct vrf *vrf = vrf_lookup_by_name(vrf_name);
	struct interface *ifp = vrf ? if_lookup_by_index(ifindex, vrf->vrf_id) : NULL;

	return ifp && if_is_operative(ifp);
}

static int vrf_enabled(struct vrf *vrf)
{
	if (zclient && vrf->vrf_id != VRF_DEFAULT)
		zclient_send_reg_requests(zclient, vrf->vrf_id);
	vpn_apply_schedule();
	return 0;
}

static int vrf_disabled(struct vrf *vrf)
{
	if (!zclient)
		return 0; /* vpnd ends */
	if (vrf->vrf_id != VRF_DEFAULT)
		zclient_send_dereg_requests(zclient, vrf->vrf_id);
	vpn_apply_schedule();
	return 0;
}

uint32_t vpn_zebra_table(const char *vrf_name)
{
	struct vrf *vrf = vrf_lookup_by_name(vrf_name);

	if (!vrf || !vrf_is_enabled(vrf))
		return 0;
	return vrf->vrf_id == VRF_DEFAULT ? RT_TABLE_MAIN : vrf->data.l.table_id;
}

static int vrf_unremarkable(struct vrf *vrf)
{
	return 0;
}

/* --- routes to peers ----------------------------------------------------------------------- */

static void addr_to_prefix(const struct ipaddr *addr, struct prefix *p)
{
	memset(p, 0, sizeof(*p));
	p->family = ipaddr_family(addr);
	p->prefixlen = 8 * IPADDRSZ(addr);
	memcpy(&p->u.prefix, &addr->ip, IPADDRSZ(addr));
}

void vpn_zebra_track(const struct ipaddr *addr, bool track)
{
	struct prefix p;

	if (!vpn_zebra_connected())
		return;
	addr_to_prefix(addr, &p);
	zclient_send_rnh(zclient, track ? ZEBRA_NEXTHOP_REGISTER : ZEBRA_NEXTHOP_UNREGISTER, &p,
			 SAFI_UNICAST, false, true, VRF_DEFAULT);
}

static void route_changed(struct vrf *vrf, struct prefix *match, struct zapi_route *route)
{
	struct ipaddr addr = {};

	if (vrf->vrf_id != VRF_DEFAULT)
		return;
	addr.ipa_type = match->family == AF_INET ? IPADDR_V4 : IPADDR_V6;
	memcpy(&addr.ip, &match->u.prefix, IPADDRSZ(&addr));
	if (!route->nexthop_num)
		return;
	vpn_peer_route_changed(&addr);
	vpn_gateways_route_changed(&addr);
	vpn_tunnels_mtu_refresh(&addr);
}

/* --- routes that are learned --------------------------------------------------------------- */

/* Whose packets never end, by the version of IP in which they install routes. */
static const struct {
	int type;
	bool ipv4, ipv6;
} protocols[] = {
	{ ZEBRA_ROUTE_RIP, true, false },   { ZEBRA_ROUTE_RIPNG, false, true },
	{ ZEBRA_ROUTE_OSPF, true, false },  { ZEBRA_ROUTE_OSPF6, false, true },
	{ ZEBRA_ROUTE_ISIS, true, true },   { ZEBRA_ROUTE_BGP, true, true },
	{ ZEBRA_ROUTE_EIGRP, true, false }, { ZEBRA_ROUTE_BABEL, true, true },
};

/* What zebra was asked for it forgets when it restarts: then this is said again. */
static void watch(vrf_id_t vrf_id, bool again)
{
	for (size_t i = 0; i < array_size(protocols); i++)
		for (afi_t afi = AFI_IP; afi <= AFI_IP6; afi++) {
			if (!(afi == AFI_IP ? protocols[i].ipv4 : protocols[i].ipv6))
				continue;
			if (again &&
			    vrf_bitmap_check(&zclient->redist[afi][protocols[i].type], vrf_id))
				zebra_redistribute_send(ZEBRA_REDISTRIBUTE_ADD, zclient, afi,
							protocols[i].type, 0, vrf_id);
			else if (!again)
				zclient_redistribute(ZEBRA_REDISTRIBUTE_ADD, zclient, afi,
						     protocols[i].type, 0, vrf_id);
		}
}

void vpn_zebra_watch_routes(const char *vrf_name)
{
	struct vrf *vrf = vrf_lookup_by_name(vrf_name);

	if (vpn_zebra_connected() && vrf && vrf_is_enabled(vrf))
		watch(vrf->vrf_id, false);
}

static int route_learned(ZAPI_CALLBACK_ARGS)
{
	struct zapi_route route;

	if (zapi_route_decode(zclient->ibuf, &route) < 0)
		return -1;
	for (uint16_t i = 0; i < route.nexthop_num; i++)
		if (route.nexthops[i].ifindex)
			vpn_routing_learned(route.nexthops[i].ifindex,
					    zebra_route_string(route.type));
	return 0;
}

/* --- opaque messages ----------------------------------------------------------------------- */

static int opaque_received(ZAPI_CALLBACK_ARGS)
{
	struct stream *s = zclient->ibuf;
	struct zapi_opaque_msg info;

	if (zclient_opaque_decode(s, &info) || info.type != VPN_OPAQUE_TO_VPND)
		return 0;
	vpn_bgp_receive(s);
	return 0;
}

static int opaque_notified(ZAPI_CALLBACK_ARGS)
{
	struct zapi_opaque_notif_info info;

	/* where nobody is registered any more the session is absent, and that is no error */
	if ((zclient_opaque_notif_decode(zclient->ibuf, &info) && info.reg) || info.request ||
	    info.msg_type != VPN_OPAQUE_TO_BGPD)
		return 0;
	if (info.reg)
		vpn_bgp_appeared(info.session_id);
	else
		vpn_bgp_vanished();
	return 0;
}

void vpn_zebra_flush(void)
{
	if (!to_bgpd || stream_get_endp(to_bgpd) <= 1)
		return;
	if (vpn_zebra_connected())
		zclient_send_opaque(zclient, VPN_OPAQUE_TO_BGPD, STREAM_DATA(to_bgpd),
				    stream_get_endp(to_bgpd));
	stream_reset(to_bgpd);
}

void vpn_zebra_tell(const struct vpn_opaque *record)
{
	if (!stream_get_endp(to_bgpd))
		vpn_opaque_begin(to_bgpd);
	if (vpn_opaque_put(to_bgpd, record))
		return;
	vpn_zebra_flush();
	vpn_opaque_begin(to_bgpd);
	vpn_opaque_put(to_bgpd, record);
}

/* --- the connection ------------------------------------------------------------------------ */

static void connected(struct zclient *client)
{
	struct vpn_gateway *gateway;
	struct vpn_peer *peer;
	struct vrf *vrf;

	zclient_send_reg_requests(client, VRF_DEFAULT);
	zclient_register_opaque(client, VPN_OPAQUE_TO_VPND);
	zclient_opaque_request_notify(client, VPN_OPAQUE_TO_BGPD);
	frr_each (vpn_peers, &vpn_peers, peer)
		vpn_zebra_track(&peer->addr, true);
	frr_each (vpn_gateways, &vpn_gateways, gateway)
		if (!IS_IPADDR_NONE(&gateway->remote))
			vpn_zebra_track(&gateway->remote, true);
	RB_FOREACH (vrf, vrf_id_head, &vrfs_by_id)
		if (vrf_is_enabled(vrf))
			watch(vrf->vrf_id, true);
	vpn_bgp_connected();
}

static zclient_handler *const handlers[] = {
	[ZEBRA_INTERFACE_ADDRESS_ADD] = address_added,
	[ZEBRA_INTERFACE_ADDRESS_DELETE] = address_deleted,
	[ZEBRA_REDISTRIBUTE_ROUTE_ADD] = route_learned,
	[ZEBRA_OPAQUE_MESSAGE] = opaque_received,
	[ZEBRA_OPAQUE_NOTIFY] = opaque_notified,
};

void vpn_zebra_init(void)
{
	vrf_init(vrf_unremarkable, vrf_enabled, vrf_disabled, vrf_unremarkable);
	hook_register_prio(if_real, 0, interface_changed);
	hook_register_prio(if_up, 0, interface_changed);
	hook_register_prio(if_down, 0, interface_changed);
	hook_register_prio(if_unreal, 0, interface_changed);

	to_bgpd = stream_new(VPN_OPAQUE_MAX);
	zclient = zclient_new(master, &zclient_options_default, handlers, array_size(handlers));
	zclient->session_id = getpid();
	zclient_init(zclient, ZEBRA_ROUTE_HSLS, 0, &vpnd_privs);
	zclient->zebra_connected = connected;
	zclient->nexthop_update = route_changed;
}

void vpn_zebra_stop(void)
{
	if (!zclient)
		return;
	zclient_stop(zclient);
	zclient_free(zclient);
	zclient = NULL;
	stream_free(to_bgpd);
	to_bgpd = NULL;
}
