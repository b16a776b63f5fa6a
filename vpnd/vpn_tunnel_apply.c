// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tunnel links: what should be, compared with what is.
 *
 *   desired:  vpn_config.tunnels
 *   observed: the kernel's devices, children of gateways (charon), zebra's interfaces
 *
 * One run takes for each link the next step that is possible, in the order
 * VRF, device (down), child; and as soon as an SA stands, device up.  What is
 * missing first is the link's reason.
 *
 * A link that an earlier vpnd left is taken as it is: its device stays up until
 * charon has had the time to say that there is no SA.  It goes only if the
 * configuration has come and does not have it, and an empty one is not believed
 * before VPN_STALE_S (vpn_apply.h).
 *
 * MTU of the device: what is configured, else the underlay's path MTU less what
 * ESP (vpn_esp.h) and the encapsulation add, such that a padded packet fits.
 */
#include <zebra.h>

#include "lib/log.h"
#include "lib/monotime.h"
#include "lib/printfrr.h"

#include "vpnd/vpn_alarm.h"
#include "vpnd/vpn_apply.h"
#include "vpnd/vpn_borrow.h"
#include "vpnd/vpn_ce.h"
#include "vpnd/vpn_charon.h"
#include "vpnd/vpn_config.h"
#include "vpnd/vpn_debug.h"
#include "vpnd/vpn_device.h"
#include "vpnd/vpn_gateway.h"
#include "vpnd/vpn_kernel.h"
#include "vpnd/vpn_routing.h"
#include "vpnd/vpn_template.h"
#include "vpnd/vpn_tunnel.h"
#include "vpnd/vpn_tunnel_apply.h"
#include "vpnd/vpn_zebra.h"

#define RETRY_S	     5	  /* after a step that the kernel refused */
#define BORROW_S     10	  /* that zebra may take after the start to tell of addresses */
#define MTU_FALLBACK 1400 /* octets, until it is known what ESP adds */
#define MTU_IPV6     1280 /* octets; no IPv6 below */

static bool configured;	  /* something was, in this life */
static bool orphans_gone; /* what an earlier vpnd left and nobody wants was removed */

/* --- which links there are ----------------------------------------------------------------- */

/*
 * Is what the configuration does not have unwanted?  At the start an empty one
 * does not say so: mgmtd may not have read its own file yet.
 */
static bool config_complete(void)
{
	configured |= vpn_config.pe.present || vpn_tunnel_configs_count(&vpn_config.tunnels) ||
		      vpn_tunnel_configs_count(&vpn_config.templates);
	return configured || vpn_apply_due(vpn_apply_started() + VPN_STALE_S);
}

/* A spoke's: whose, is written on it. */
static void adopt_spoke(struct vpn_tunnel *tunnel)
{
	struct vpn_tunnel_config *config = &tunnel->config;
	struct vpn_device said;

	if (!vpn_device_said(tunnel->name, &said) || !said.spoke)
		return;
	config->number = said.spoke;
	strlcpy(config->spoke_of, said.spoke_of, sizeof(config->spoke_of));
	strlcpy(config->identity, said.identity, sizeof(config->identity));
}

static void adopt(const char *name, ifindex_t ifindex)
{
	const struct vpn_link *link = vpn_kernel_link_named(name);
	struct vpn_tunnel *tunnel;

	tunnel = vpn_tunnel_get(name);
	tunnel->ifindex = ifindex;
	tunnel->adopted = true;
	if (!link)
		return;
	tunnel->mtu = link->info.mtu;
	tunnel->device_up = link->info.admin_up;
	tunnel->if_id = link->info.if_id;
	adopt_spoke(tunnel);
	DEBUGD(&vpn_dbg_kernel, "tunnel-link %s is kept, %s", name,
	       tunnel->device_up ? "up" : "down");
}

void vpn_tunnels_adopt(void)
{
	vpn_device_each(adopt);
}

static bool has_if_id(const struct vpn_tunnel_config *config)
{
	return !config->no_ipsec && !vpn_encap_shares_sa(config->encap);
}

static bool if_id_taken(uint32_t if_id)
{
	const struct vpn_tunnel *tunnel;

	frr_each (vpn_tunnels_const, &vpn_tunnels, tunnel)
		if (tunnel->if_id == if_id)
			return true;
	return false;
}

/* The lowest that is free: few links, so few questions. */
static void number(struct vpn_tunnel *tunnel)
{
	static uint32_t last = VPN_IF_ID_LINK;

	if (!has_if_id(&tunnel->config)) {
		tunnel->if_id = 0;
		return;
	}
	if (vpn_template_is_spoke(tunnel)) {
		tunnel->if_id = vpn_template_if_id(&tunnel->config);
		return;
	}
	while (!tunnel->if_id) {
		last = last < VPN_IF_ID_LINK + UINT16_MAX ? last + 1 : VPN_IF_ID_LINK + 1;
		if (!if_id_taken(last))
			tunnel->if_id = last;
	}
}

/* --- state --------------------------------------------------------------------------------- */

static void state_set(struct vpn_tunnel *tunnel, enum vpn_peer_state state, const char *reason)
{
	if (state == VPN_PEER_UP || !vpn_template_is_spoke(tunnel))
		tunnel->gone_at = 0;
	else if (!tunnel->gone_at)
		tunnel->gone_at = monotime(NULL);
	if (tunnel->state != state) {
		tunnel->since = time(NULL);
		zlog_notice("tunnel-link %s: %s%s%s", tunnel->name, vpn_peer_state_str(state),
			    reason[0] ? ": " : "", reason);
	}
	tunnel->state = state;
	strlcpy(tunnel->reason, reason, sizeof(tunnel->reason));
}

/* Its alarm: it was given up. */
static void alarm_evaluate(const struct vpn_tunnel *tunnel)
{
	char text[VPN_REASON_SIZE];

	if (!tunnel->child || tunnel->child->state == VPN_PEER_UP ||
	    !vpn_child_given_up(tunnel->child)) {
		vpn_alarm_clear(vpn_tunnel_alarm(tunnel));
		return;
	}
	snprintfrr(text, sizeof(text),
		   "given up after %u attempts; the last one: %s (\"clear vpn tunnel-link %s\" tries again)",
		   tunnel->child->backoff.failures, tunnel->child->reason, tunnel->name);
	vpn_alarm_raise(vpn_tunnel_alarm(tunnel), text);
}

/* --- MTU ----------------------------------------------------------------------------------- */

static void path_look(struct vpn_tunnel *tunnel)
{
	struct ipaddr remote = vpn_tunnel_remote(tunnel);

	if (IS_IPADDR_NONE(&remote)) {
		tunnel->path_mtu = 0;
		return;
	}
	tunnel->path_mtu = vpn_kernel_path_mtu(&tunnel->config.local, &remote);
}

void vpn_tunnels_mtu_refresh(const struct ipaddr *peer)
{
	struct vpn_tunnel *tunnel;
	struct ipaddr remote;
	unsigned int before;

	frr_each (vpn_tunnels, &vpn_tunnels, tunnel) {
		remote = vpn_tunnel_remote(tunnel);
		if (!tunnel->wanted || (peer && !ipaddr_is_same(peer, &remote)))
			continue;
		before = tunnel->path_mtu;
		path_look(tunnel);
		if (tunnel->path_mtu != before)
			vpn_apply_schedule();
	}
}

static unsigned int less(unsigned int mtu, unsigned int overhead)
{
	return mtu > overhead ? mtu - overhead : 0;
}

/* Octets of an inner packet; 0: not known. */
static unsigned int mtu_of(const struct vpn_tunnel *tunnel, const struct vpn_device *device)
{
	unsigned int outer = IS_IPADDR_V6(&tunnel->config.local) ? 40 : 20;
	unsigned int encap = vpn_device_overhead(device);
	const struct vpn_esp_size *esp;

	if (!tunnel->path_mtu)
		return 0;
	if (tunnel->config.no_ipsec)
		return less(tunnel->path_mtu, encap);
	if (!tunnel->child || !vpn_child_sas_count(&tunnel->child->sas))
		return 0;
	esp = &tunnel->child->esp;
	return less(vpn_peer_inner_mtu(tunnel->path_mtu, esp->header, esp->icv, esp->block),
		    encap > outer ? encap - outer : 0);
}

static void mtu_set(struct vpn_tunnel *tunnel, struct vpn_device *device)
{
	unsigned int mtu = tunnel->config.mtu ? tunnel->config.mtu : mtu_of(tunnel, device);

	if (mtu && mtu != tunnel->mtu) {
		zlog_info("tunnel-link %s: path MTU %u, so an inner packet may have %u octets",
			  tunnel->name, tunnel->path_mtu, mtu);
		if (mtu < MTU_IPV6)
			zlog_warn("tunnel-link %s: an MTU of %u octets has no room for IPv6",
				  tunnel->name, mtu);
	}
	device->mtu = mtu ? mtu : tunnel->mtu ? tunnel->mtu : MTU_FALLBACK;
}

/* --- the device ---------------------------------------------------------------------------- */

/* What it borrows, once known, is kept: an address is not taken away because zebra restarts. */
static void address_borrow(struct vpn_tunnel *tunnel)
{
	struct prefix address = {};

	if (vpn_borrow_address(tunnel->config.vrf, tunnel->config.unnumbered, &address))
		tunnel->address = address;
}

static bool address_awaited(const struct vpn_tunnel *tunnel)
{
	return tunnel->adopted && !tunnel->config.address.family && !tunnel->address.family &&
	       !vpn_apply_due(vpn_apply_started() + BORROW_S);
}

static void device_of(struct vpn_tunnel *tunnel, ifindex_t vrf, struct vpn_device *device)
{
	const struct vpn_tunnel_config *config = &tunnel->config;

	*device = (struct vpn_device){
		.master = vrf,
		.encap = config->encap,
		.ipsec = !config->no_ipsec,
		.local = config->local,
		.remote = config->remote,
		.if_id = tunnel->if_id,
		.has_key = config->has_key,
		.key = config->key,
		.label = config->label,
		.remote_label = config->remote_label,
		.l2tp = config->l2tp,
		.up = tunnel->device_up,
		.address = config->address.family ? config->address : tunnel->address,
		.peer_address = config->peer_address,
		.address6 = config->address6,
		.spoke = config->number,
	};
	strlcpy(device->spoke_of, config->spoke_of, sizeof(device->spoke_of));
	strlcpy(device->identity, config->identity, sizeof(device->identity));
	strlcpy(device->name, tunnel->name, sizeof(device->name));
	mtu_set(tunnel, device);
}

static void device_step(struct vpn_tunnel *tunnel, ifindex_t vrf)
{
	struct vpn_device device;

	address_borrow(tunnel);
	if (address_awaited(tunnel))
		return;
	device_of(tunnel, vrf, &device);
	if (vpn_device_differs(&device)) {
		if (!vpn_apply_due(tunnel->retry_at) || !vpn_apply_may_step())
			return;
		tunnel->ifindex = vpn_device_ensure(&device, tunnel->failed, sizeof(tunnel->failed));
		tunnel->retry_at = tunnel->ifindex ? 0 : monotime(NULL) + RETRY_S;
	}
	if (!tunnel->ifindex)
		return;
	tunnel->failed[0] = '\0';
	tunnel->mtu = device.mtu;
	tunnel->adopted = false;
}

static void device_drop(struct vpn_tunnel *tunnel)
{
	if (!tunnel->ifindex)
		return;
	vpn_device_remove(tunnel->name);
	tunnel->ifindex = 0;
	tunnel->device_up = false;
	tunnel->adopted = false;
	tunnel->mtu = 0;
}

/* --- one link ------------------------------------------------------------------------------ */

/* What of the configuration or of this machine is missing; NULL: nothing. */
static const char *missing(const struct vpn_tunnel *tunnel)
{
	static char words[VPN_REASON_SIZE];

	if (vpn_tunnel_incomplete(&vpn_config, &tunnel->config, words, sizeof(words)))
		return words;
	if (vpn_ce_forbids(tunnel->config.profile))
		return vpn_ce_forbids(tunnel->config.profile);
	if (vpn_kernel_vrf(tunnel->config.vrf) < 0) {
		snprintf(words, sizeof(words), "VRF %s is not in the kernel", tunnel->config.vrf);
		return words;
	}
	if (!tunnel->ifindex && !vpn_device_supported(tunnel->config.encap, words, sizeof(words)))
		return words;
	return vpn_routing_forbids(tunnel);
}

/* Without IPsec nobody says if the peer is there: a route to it is all that can be known. */
static const char *missing_in_clear(const struct vpn_tunnel *tunnel)
{
	static char words[VPN_REASON_SIZE];

	if (tunnel->path_mtu)
		return NULL;
	snprintfrr(words, sizeof(words), "no route from %pIA to %pIA", &tunnel->config.local,
		   &tunnel->config.remote);
	return words;
}

/* Can traffic pass, but for the device?  If not, *reason says why. */
static enum vpn_peer_state passable(const struct vpn_tunnel *tunnel, const char **reason)
{
	*reason = "";
	if (tunnel->config.no_ipsec) {
		*reason = missing_in_clear(tunnel);
		if (*reason)
			return VPN_PEER_DOWN;
		*reason = "";
		return VPN_PEER_UP;
	}
	*reason = tunnel->child->state == VPN_PEER_UP ? "" : tunnel->child->reason;
	return tunnel->child->state;
}

/* On traffic: only what is sent into the device can bring it up. */
static bool waits_for_traffic(const struct vpn_tunnel *tunnel)
{
	return tunnel->child && tunnel->child->on_traffic && tunnel->child->gateway->loaded &&
	       !tunnel->child->gateway->error[0] && vpn_charon_connected(NULL);
}

static void drop(struct vpn_tunnel *tunnel, const char *why)
{
	device_drop(tunnel);
	tunnel->child = NULL;
	state_set(tunnel, VPN_PEER_DOWN, why);
	vpn_alarm_clear(vpn_tunnel_alarm(tunnel));
}

static void tunnel_step(struct vpn_tunnel *tunnel)
{
	enum vpn_peer_state state;
	const char *reason;

	if (!tunnel->usable)
		return;
	if (!tunnel->path_mtu)
		path_look(tunnel);
	state = passable(tunnel, &reason);
	tunnel->device_up = state == VPN_PEER_UP || waits_for_traffic(tunnel);
	device_step(tunnel, vpn_kernel_vrf(tunnel->config.vrf));
	if (!tunnel->ifindex)
		state_set(tunnel, VPN_PEER_DOWN,
			  tunnel->failed[0] ? tunnel->failed : "the interface is being made");
	else
		state_set(tunnel, state, reason);
	alarm_evaluate(tunnel);
}

/* --- all of them --------------------------------------------------------------------------- */

/* Another VRF or name of a link is another link; all else is told to the device and the child. */
static void take_config(struct vpn_tunnel *tunnel, const struct vpn_tunnel_config *config)
{
	bool same = tunnel->wanted && vpn_tunnel_config_same(&tunnel->config, config);

	tunnel->wanted = true;
	if (same)
		return;
	tunnel->config = *config;
	memset(&tunnel->config.item, 0, sizeof(tunnel->config.item));
	memset(&tunnel->address, 0, sizeof(tunnel->address));
	tunnel->retry_at = 0;
	tunnel->failed[0] = '\0';
	tunnel->learned[0] = '\0';
	path_look(tunnel);
	number(tunnel);
}

static void tunnel_want(struct vpn_tunnel *tunnel)
{
	const char *why = missing(tunnel);
	bool held = tunnel->adopted && tunnel->device_up;

	tunnel->usable = !why;
	if (tunnel->config.on_traffic)
		vpn_zebra_watch_routes(tunnel->config.vrf);
	if (why) {
		drop(tunnel, why);
		return;
	}
	tunnel->child = tunnel->config.no_ipsec
				? NULL
				: vpn_gateway_want(&tunnel->config, tunnel->if_id, held);
}

static void configs_take(void)
{
	const struct vpn_tunnel_config *config;
	struct vpn_tunnel_config spoke;
	struct vpn_tunnel *tunnel;

	frr_each (vpn_tunnel_configs_const, &vpn_config.tunnels, config)
		take_config(vpn_tunnel_get(config->name), config);
	frr_each_safe (vpn_tunnels, &vpn_tunnels, tunnel) {
		if (vpn_tunnel_config_find(&vpn_config, tunnel->name) || !config_complete())
			continue;
		if (vpn_template_is_spoke(tunnel) && vpn_template_config(tunnel, &spoke)) {
			take_config(tunnel, &spoke);
			continue;
		}
		device_drop(tunnel);
		vpn_tunnel_free(&tunnel);
	}
}

/* What an earlier vpnd left in the kernel and in charon, and nobody wants. */
static void orphans_remove(void)
{
	if (!config_complete())
		return;
	vpn_gateways_clean();
	if (orphans_gone || vpn_apply_work_left())
		return;
	vpn_device_tidy();
	orphans_gone = true;
}

void vpn_tunnels_apply(void)
{
	struct vpn_tunnel *tunnel;

	if (!vpn_config.arrived)
		return;
	vpn_gateways_unwant();
	vpn_templates_apply();
	configs_take();
	frr_each (vpn_tunnels, &vpn_tunnels, tunnel)
		if (tunnel->wanted)
			tunnel_want(tunnel);
	vpn_gateways_sweep();
	vpn_gateways_drive();
	frr_each (vpn_tunnels, &vpn_tunnels, tunnel)
		tunnel_step(tunnel);
	orphans_remove();
}

bool vpn_tunnels_need_charon(void)
{
	return vpn_gateways_count(&vpn_gateways) > 0;
}

void vpn_tunnels_fallen_remove(void)
{
	struct vpn_tunnel *tunnel;

	frr_each (vpn_tunnels, &vpn_tunnels, tunnel)
		if (tunnel->wanted && tunnel->ifindex && vpn_kernel_vrf(tunnel->config.vrf) < 0)
			drop(tunnel, "its VRF has gone");
}
