// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Configured tunnel links as plain structs; see vpn_config.h.
 *
 * All links are read at each commit, in one walk over the leaves of each, and
 * checked together: what is wrong with a link may be another link.  Checking
 * sorts them instead of comparing each with each, so that a hub with hundreds
 * of links can be configured line by line.
 *
 * What is contradictory is a fault, and refused at commit: two links that
 * packets or IKE could not tell apart, parameters that exclude each other.
 * What is merely missing is not: somebody is typing.
 */
#include <zebra.h>

#include "lib/memory.h"
#include "lib/prefix.h"
#include "lib/yang.h"
#include "lib/yang_wrappers.h"

#include "vpnd/vpn_config.h"
#include "vpnd/vpn_memory.h"

DEFINE_MTYPE_STATIC(VPND, VPN_TUNNEL_CONFIG, "Tunnel link configuration");

int vpn_tunnel_config_cmp(const struct vpn_tunnel_config *a, const struct vpn_tunnel_config *b)
{
	return strcmp(a->name, b->name);
}

struct vpn_tunnel_config *vpn_tunnel_config_find(struct vpn_config *config, const char *name)
{
	struct vpn_tunnel_config ref = {};

	if (strlcpy(ref.name, name, sizeof(ref.name)) >= sizeof(ref.name))
		return NULL;
	return vpn_tunnel_configs_find(&config->tunnels, &ref);
}

struct vpn_tunnel_config *vpn_template_config_find(struct vpn_config *config, const char *name)
{
	struct vpn_tunnel_config ref = {};

	if (strlcpy(ref.name, name, sizeof(ref.name)) >= sizeof(ref.name))
		return NULL;
	return vpn_tunnel_configs_find(&config->templates, &ref);
}

const char *vpn_tunnel_config_kind(const struct vpn_tunnel_config *tunnel)
{
	return tunnel->limit ? "tunnel-link-template" : "tunnel-link";
}

struct vpn_profile *vpn_tunnel_profile(struct vpn_config *config,
				       const struct vpn_tunnel_config *tunnel)
{
	return tunnel->profile[0] ? vpn_profile_find(config, tunnel->profile) : NULL;
}

bool vpn_tunnel_config_same(const struct vpn_tunnel_config *a, const struct vpn_tunnel_config *b)
{
	size_t from = offsetof(struct vpn_tunnel_config, name);

	/* made of zeros, so what pads it is zero, too */
	return memcmp((const char *)a + from, (const char *)b + from, sizeof(*a) - from) == 0;
}

static const struct {
	const char *name;
	bool may_be_clear; /* `no ipsec` leaves something that packets can travel in */
	bool shares_sa;	   /* its protocol between two gateways is one CHILD_SA */
} vpn_encaps[] = {
	[VPN_ENCAP_NONE] = { "none", true, false },
	[VPN_ENCAP_IPSEC_TUNNEL] = { "ipsec-tunnel", false, false },
	[VPN_ENCAP_IPIP_SHARED] = { "ipip-shared", false, false },
	[VPN_ENCAP_IPIP_DISTINCT] = { "ipip-distinct", true, false },
	[VPN_ENCAP_GRE] = { "gre", true, true },
	[VPN_ENCAP_MPLS] = { "mpls-in-ip", true, true },
	[VPN_ENCAP_L2TP] = { "l2tp", true, true },
};

const char *vpn_encap_str(enum vpn_encap encap)
{
	return vpn_encaps[encap].name;
}

bool vpn_encap_may_be_clear(enum vpn_encap encap)
{
	return vpn_encaps[encap].may_be_clear;
}

bool vpn_encap_shares_sa(enum vpn_encap encap)
{
	return vpn_encaps[encap].shares_sa;
}

/*
 * From data nodes to structs: one small function a leaf
 */

static void vpn_read_encap_type(struct vpn_tunnel_config *tunnel, const char *text)
{
	for (size_t i = 1; i < array_size(vpn_encaps); i++)
		if (strcmp(text, vpn_encaps[i].name) == 0)
			tunnel->encap = i;
}

static uint32_t vpn_read_number(const char *text)
{
	return strtoul(text, NULL, 10);
}

/* A leaf below encapsulation/. */
static void vpn_read_encap(struct vpn_tunnel_config *tunnel, const char *leaf, const char *text)
{
	struct vpn_l2tp *l2tp = &tunnel->l2tp;

	if (strmatch(leaf, "type"))
		vpn_read_encap_type(tunnel, text);
	else if (strmatch(leaf, "key")) {
		tunnel->has_key = true;
		tunnel->key = vpn_read_number(text);
	} else if (strmatch(leaf, "label"))
		tunnel->label = vpn_read_number(text);
	else if (strmatch(leaf, "remote-label"))
		tunnel->remote_label = vpn_read_number(text);
	else if (strmatch(leaf, "tunnel-id"))
		l2tp->tunnel_id = vpn_read_number(text);
	else if (strmatch(leaf, "peer-tunnel-id"))
		l2tp->peer_tunnel_id = vpn_read_number(text);
	else if (strmatch(leaf, "session-id"))
		l2tp->session_id = vpn_read_number(text);
	else if (strmatch(leaf, "peer-session-id"))
		l2tp->peer_session_id = vpn_read_number(text);
	else if (strmatch(leaf, "cookie"))
		l2tp->cookie_len = vpn_cookie_parse(text, l2tp->cookie);
	else if (strmatch(leaf, "peer-cookie"))
		l2tp->peer_cookie_len = vpn_cookie_parse(text, l2tp->peer_cookie);
}

/* A leaf below establish/. */
static void vpn_read_establish(struct vpn_tunnel_config *tunnel, const char *leaf, const char *text)
{
	if (strmatch(leaf, "mode"))
		tunnel->on_traffic = strmatch(text, "on-traffic");
	else if (strmatch(leaf, "idle"))
		tunnel->idle = vpn_read_number(text);
}

/* An address with or without a length, host bits kept. */
static void vpn_read_prefix(struct prefix *prefix, const char *text)
{
	if (!str2prefix(text, prefix))
		memset(prefix, 0, sizeof(*prefix));
}

static void vpn_read_remote(struct vpn_tunnel_config *tunnel, const char *text)
{
	tunnel->remote_any = strmatch(text, "any");
	if (!tunnel->remote_any && str2ipaddr(text, &tunnel->remote) != 0)
		memset(&tunnel->remote, 0, sizeof(tunnel->remote));
}

static enum vpn_signal vpn_read_signal(const char *text)
{
	if (strmatch(text, "transport"))
		return VPN_SIGNAL_TRANSPORT;
	return strmatch(text, "vendor-id") ? VPN_SIGNAL_VENDOR_ID : VPN_SIGNAL_NONE;
}

/* What the link has for an address of its own; true if the leaf is one of these. */
static bool vpn_read_inner(struct vpn_tunnel_config *tunnel, const char *leaf, const char *text)
{
	if (strmatch(leaf, "address"))
		vpn_read_prefix(&tunnel->address, text);
	else if (strmatch(leaf, "peer-address"))
		vpn_read_prefix(&tunnel->peer_address, text);
	else if (strmatch(leaf, "address6"))
		vpn_read_prefix(&tunnel->address6, text);
	else if (strmatch(leaf, "unnumbered"))
		strlcpy(tunnel->unnumbered, text, sizeof(tunnel->unnumbered));
	else if (strmatch(leaf, "mtu"))
		tunnel->mtu = vpn_read_number(text);
	else
		return false;
	return true;
}

/* A leaf of the list itself. */
static void vpn_read_leaf(struct vpn_tunnel_config *tunnel, const char *leaf, const char *text)
{
	if (vpn_read_inner(tunnel, leaf, text))
		return;
	if (strmatch(leaf, "name"))
		strlcpy(tunnel->name, text, sizeof(tunnel->name));
	else if (strmatch(leaf, "vrf"))
		strlcpy(tunnel->vrf, text, sizeof(tunnel->vrf));
	else if (strmatch(leaf, "local"))
		str2ipaddr(text, &tunnel->local);
	else if (strmatch(leaf, "remote"))
		vpn_read_remote(tunnel, text);
	else if (strmatch(leaf, "ipsec-profile"))
		strlcpy(tunnel->profile, text, sizeof(tunnel->profile));
	else if (strmatch(leaf, "no-ipsec"))
		tunnel->no_ipsec = true;
	else if (strmatch(leaf, "vpn-id"))
		tunnel->has_vpn_id = vpn_id_parse(text, tunnel->vpn_id);
	else if (strmatch(leaf, "local-identity"))
		strlcpy(tunnel->local_id, text, sizeof(tunnel->local_id));
	else if (strmatch(leaf, "remote-identity"))
		strlcpy(tunnel->remote_id, text, sizeof(tunnel->remote_id));
	else if (strmatch(leaf, "limit"))
		tunnel->limit = vpn_read_number(text);
	else if (strmatch(leaf, "forget"))
		tunnel->forget = vpn_read_number(text);
}

/* Every leaf of the link, and of its two containers. */
static void vpn_tunnel_walk(struct vpn_tunnel_config *tunnel, const struct lyd_node *parent,
			    void (*read)(struct vpn_tunnel_config *, const char *, const char *))
{
	const struct lyd_node *child;

	LY_LIST_FOR (lyd_child(parent), child) {
		const char *name = child->schema->name;

		if (strmatch(name, "encapsulation"))
			vpn_tunnel_walk(tunnel, child, vpn_read_encap);
		else if (strmatch(name, "establish"))
			vpn_tunnel_walk(tunnel, child, vpn_read_establish);
		else
			read(tunnel, name, lyd_get_value(child));
	}
}

static struct vpn_tunnel_config *vpn_tunnel_read(const struct lyd_node *dnode)
{
	struct vpn_tunnel_config *tunnel = XCALLOC(MTYPE_VPN_TUNNEL_CONFIG, sizeof(*tunnel));

	vpn_tunnel_walk(tunnel, dnode, vpn_read_leaf);
	if (yang_dnode_exists(dnode, "./signal"))
		tunnel->signal = vpn_read_signal(yang_dnode_get_string(dnode, "./signal"));
	else if (tunnel->encap == VPN_ENCAP_IPIP_SHARED || tunnel->encap == VPN_ENCAP_IPIP_DISTINCT)
		tunnel->signal = VPN_SIGNAL_TRANSPORT;
	return tunnel;
}

/* A template is a link to any address, whoever is there; its limit is never 0. */
static struct vpn_tunnel_config *vpn_template_read(const struct lyd_node *dnode)
{
	struct vpn_tunnel_config *template = vpn_tunnel_read(dnode);

	template->remote_any = true;
	template->idle = VPN_IDLE_DEFAULT;
	return template;
}

void vpn_tunnels_read(struct vpn_config *config, const struct lyd_node *vpn)
{
	const struct lyd_node *child;

	LY_LIST_FOR (lyd_child(vpn), child) {
		if (strmatch(child->schema->name, "tunnel-link"))
			vpn_tunnel_configs_add(&config->tunnels, vpn_tunnel_read(child));
		if (strmatch(child->schema->name, "tunnel-link-template"))
			vpn_tunnel_configs_add(&config->templates, vpn_template_read(child));
	}
	vpn_tunnels_check(config);
}

void vpn_tunnels_clear(struct vpn_config *config)
{
	struct vpn_tunnel_config *tunnel;

	while ((tunnel = vpn_tunnel_configs_pop(&config->tunnels)))
		XFREE(MTYPE_VPN_TUNNEL_CONFIG, tunnel);
	while ((tunnel = vpn_tunnel_configs_pop(&config->templates)))
		XFREE(MTYPE_VPN_TUNNEL_CONFIG, tunnel);
}
