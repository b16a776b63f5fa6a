// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Gateways: the IKE peers of tunnel links.  See vpn_gateway.h.
 *
 * Here is the set of them and what charon has of each; vpn_child.c has the
 * state machine of one child.
 *
 * charon is the only source of what is installed.  Until its list is in,
 * nothing is negotiated: what an earlier vpnd negotiated may well be there.
 */
#include <zebra.h>

#include "lib/jhash.h"
#include "lib/log.h"
#include "lib/printfrr.h"

#include "vpnd/vpn_apply.h"
#include "vpnd/vpn_charon.h"
#include "vpnd/vpn_charon_link.h"
#include "vpnd/vpn_charon_link_msg.h"
#include "vpnd/vpn_child.h"
#include "vpnd/vpn_debug.h"
#include "vpnd/vpn_gateway.h"
#include "vpnd/vpn_kernel.h"
#include "vpnd/vpn_memory.h"
#include "vpnd/vpn_plugin.h"
#include "vpnd/vpn_template.h"
#include "vpnd/vpn_zebra.h"
#include "wire/plugin.h"

DEFINE_MTYPE_STATIC(VPND, VPN_GATEWAY, "VPN gateway");

struct vpn_gateways_head vpn_gateways = INIT_RBTREE_UNIQ(vpn_gateways);

static bool list_wanted;   /* what charon has is to be asked for */
static unsigned int lists; /* that are on their way */
static bool cleaned;	   /* charon has no connection of an earlier vpnd's */

int vpn_gateway_cmp(const struct vpn_gateway *a, const struct vpn_gateway *b)
{
	return strcmp(a->name, b->name);
}

struct vpn_gateway *vpn_gateway_find(const char *name)
{
	struct vpn_gateway key = {};

	strlcpy(key.name, name, sizeof(key.name));
	return vpn_gateways_find(&vpn_gateways, &key);
}

bool vpn_gateway_at(const struct ipaddr *addr)
{
	const struct vpn_gateway *gateway;

	frr_each (vpn_gateways_const, &vpn_gateways, gateway)
		if (ipaddr_is_same(&gateway->remote, addr))
			return true;
	return false;
}

/* --- the set ------------------------------------------------------------------------------- */

/* The same links make the same name in every life of vpnd: it finds again what it negotiated. */
static void name_of(const struct vpn_tunnel_config *config, char name[VPN_GATEWAY_NAME_SIZE])
{
	uint32_t hash = jhash(&config->local.ip, IPADDRSZ(&config->local), 0x56504e);

	hash = jhash(config->profile, strlen(config->profile), hash);
	hash = jhash(config->local_id, strlen(config->local_id), hash);
	hash = jhash(config->remote_id, strlen(config->remote_id), hash);
	if (config->remote_any)
		snprintf(name, VPN_GATEWAY_NAME_SIZE, VPNSPI_LINK_PREFIX "any-%08x", hash);
	else
		snprintfrr(name, VPN_GATEWAY_NAME_SIZE, VPNSPI_LINK_PREFIX "%pIA-%08x",
			   &config->remote, hash);
}

static struct vpn_gateway *gateway_get(const struct vpn_tunnel_config *config)
{
	char name[VPN_GATEWAY_NAME_SIZE];
	struct vpn_gateway *gateway;

	name_of(config, name);
	gateway = vpn_gateway_find(name);
	if (gateway)
		return gateway;
	gateway = XCALLOC(MTYPE_VPN_GATEWAY, sizeof(*gateway));
	strlcpy(gateway->name, name, sizeof(gateway->name));
	gateway->local = config->local;
	if (!config->remote_any)
		gateway->remote = config->remote;
	strlcpy(gateway->profile, config->profile, sizeof(gateway->profile));
	strlcpy(gateway->local_id, config->local_id, sizeof(gateway->local_id));
	strlcpy(gateway->remote_id, config->remote_id, sizeof(gateway->remote_id));
	vpn_children_init(&gateway->children);
	vpn_gateways_add(&vpn_gateways, gateway);
	if (!IS_IPADDR_NONE(&gateway->remote))
		vpn_zebra_track(&gateway->remote, true);
	return gateway;
}

static void gateway_free(struct vpn_gateway **gateway)
{
	struct ipaddr remote = (*gateway)->remote;
	struct vpn_child *child;

	while ((child = vpn_children_first(&(*gateway)->children)))
		vpn_child_free(&child);
	vpn_children_fini(&(*gateway)->children);
	vpn_gateways_del(&vpn_gateways, *gateway);
	XFREE(MTYPE_VPN_GATEWAY, *gateway);
	if (!IS_IPADDR_NONE(&remote) && !vpn_gateway_at(&remote) && !vpn_peer_find(&remote))
		vpn_zebra_track(&remote, false);
}

void vpn_gateways_terminate(void)
{
	struct vpn_gateway *gateway;

	while ((gateway = vpn_gateways_first(&vpn_gateways)))
		gateway_free(&gateway);
}

struct vpn_child *vpn_gateway_want(const struct vpn_tunnel_config *config, uint32_t if_id, bool held)
{
	struct vpn_gateway *gateway = gateway_get(config);

	return vpn_child_want(gateway, config, if_id, held);
}

void vpn_gateways_unwant(void)
{
	struct vpn_gateway *gateway;
	struct vpn_child *child;

	frr_each (vpn_gateways, &vpn_gateways, gateway)
		frr_each (vpn_children, &gateway->children, child)
			child->users = 0;
}

static void child_drop(struct vpn_child *child)
{
	struct vpn_gateway *gateway = child->gateway;

	vpn_charon_terminate_child(gateway->name, child->name);
	if (child->said && child->spoke)
		vpn_plugin_spoke(child, false);
	else if (child->said)
		vpn_plugin_link(child, false);
	if (!child->spoke)
		gateway->loaded = false;
	vpn_child_free(&child);
}

void vpn_gateways_sweep(void)
{
	struct vpn_gateway *gateway;
	struct vpn_child *child;

	frr_each_safe (vpn_gateways, &vpn_gateways, gateway) {
		frr_each_safe (vpn_children, &gateway->children, child)
			if (child->users)
				vpn_child_wanted(child);
			else
				child_drop(child);
		if (vpn_children_count(&gateway->children))
			continue;
		vpn_charon_unload_gateway(gateway->name);
		gateway_free(&gateway);
	}
}

/* --- the connection in charon -------------------------------------------------------------- */

const char *vpn_gateway_obstacle(struct vpn_gateway *gateway)
{
	static char words[VPN_REASON_SIZE];
	const char *why;

	if (!vpn_kernel_address_is_local(&gateway->local)) {
		snprintfrr(words, sizeof(words), "local address %pIA is not one of this machine",
			   &gateway->local);
		return words;
	}
	if (!vpn_charon_connected(&why) || !vpn_plugin_connected(&why))
		return why;
	return NULL;
}

static void load_done(const char *name, const char *child, const char *error)
{
	struct vpn_gateway *gateway = vpn_gateway_find(name);

	if (!gateway)
		return;
	gateway->error[0] = '\0';
	if (error) {
		gateway->digest = 0;
		snprintf(gateway->error, sizeof(gateway->error),
			 "charon refuses the connection: %s", error);
		zlog_warn("gateway %s: %s", name, gateway->error);
	}
	vpn_apply_schedule();
}

static void load(struct vpn_gateway *gateway, const struct vpn_profile *profile)
{
	const char *error;

	if (gateway->loaded)
		return;
	gateway->loaded = true;
	gateway->error[0] = '\0';
	error = vpn_charon_load_gateway(gateway, profile, load_done);
	if (error) {
		snprintf(gateway->error, sizeof(gateway->error), "ipsec-profile %s: %s",
			 profile->name, error);
		zlog_warn("gateway %s: %s", gateway->name, gateway->error);
	}
}

/* LINK before the connection: charon may be asked for it by the peer at once. */
static void gateway_drive(struct vpn_gateway *gateway)
{
	const struct vpn_profile *profile = vpn_profile_find(&vpn_config, gateway->profile);
	const char *why = profile ? vpn_gateway_obstacle(gateway) : "its ipsec-profile has gone";
	struct vpn_child *child;

	if (!why) {
		frr_each (vpn_children, &gateway->children, child)
			vpn_child_say(child);
		load(gateway, profile);
		why = gateway->error[0] ? gateway->error : NULL;
	}
	frr_each (vpn_children, &gateway->children, child)
		vpn_child_drive(child, profile, why, !lists);
}

void vpn_gateways_list_again(void)
{
	list_wanted = true;
}

void vpn_gateways_drive(void)
{
	struct vpn_gateway *gateway;

	if (list_wanted && vpn_charon_connected(NULL)) {
		list_wanted = false;
		lists++;
		vpn_charon_list_gateways();
	}
	frr_each (vpn_gateways, &vpn_gateways, gateway)
		gateway_drive(gateway);
}

static bool conn_wanted(const char *name)
{
	return vpn_gateway_find(name) != NULL;
}

void vpn_gateways_clean(void)
{
	if (cleaned || !vpn_charon_connected(NULL))
		return;
	vpn_charon_unload_other_gateways(conn_wanted);
	cleaned = true;
}

/* --- charon -------------------------------------------------------------------------------- */

void vpn_gateways_charon_up(void)
{
	struct vpn_gateway *gateway;

	frr_each (vpn_gateways, &vpn_gateways, gateway) {
		gateway->loaded = false;
		gateway->digest = 0;
	}
	lists = 0;
	cleaned = false;
	list_wanted = vpn_gateways_count(&vpn_gateways) > 0;
}

void vpn_gateways_charon_down(const char *reason)
{
	struct vpn_gateway *gateway;
	struct vpn_child *child;

	lists = 0;
	frr_each (vpn_gateways, &vpn_gateways, gateway) {
		gateway->loaded = false;
		frr_each (vpn_children, &gateway->children, child)
			vpn_child_lost(child, reason);
	}
	vpn_apply_schedule();
}

static struct vpn_child *child_of(const struct vpn_charon_sa *sa)
{
	struct vpn_gateway *gateway = vpn_gateway_find(sa->gateway);
	struct vpn_child *child = gateway ? vpn_child_find(gateway, sa->child) : NULL;

	return child || !gateway ? child : vpn_template_admit(gateway, sa);
}

/* It is there, or is coming. */
static bool is_there(const struct vpn_charon_sa *sa)
{
	return sa->part == VPN_CHARON_SA_NEW || (sa->part == VPN_CHARON_SA && sa->up);
}

void vpn_gateway_sa_listed(const struct vpn_charon_sa *sa)
{
	struct vpn_child *child = sa->installed ? child_of(sa) : NULL;

	if (child)
		vpn_child_sa_came(child, sa, false);
}

void vpn_gateways_listed(void)
{
	if (lists)
		lists--;
	vpn_apply_schedule();
}

void vpn_gateway_sa_event(const struct vpn_charon_sa *sa)
{
	struct vpn_gateway *gateway = vpn_gateway_find(sa->gateway);
	struct vpn_child *child = is_there(sa) ? child_of(sa)
				  : gateway    ? vpn_child_find(gateway, sa->child)
					       : NULL;

	if (!child)
		return;
	DEBUGD(&vpn_dbg_link, "gateway %s: %s: CHILD_SA %u %s", sa->gateway, sa->child, sa->id,
	       sa->part == VPN_CHARON_SA_OLD   ? "is replaced"
	       : sa->part == VPN_CHARON_SA_NEW ? "replaces it"
	       : sa->up			       ? "came"
					       : "went");
	if (is_there(sa))
		vpn_child_sa_came(child, sa, sa->part == VPN_CHARON_SA_NEW);
	else
		vpn_child_sa_went(child, sa->id);
	vpn_apply_schedule();
}

/* --- the plugin ---------------------------------------------------------------------------- */

void vpn_gateways_plugin_changed(void)
{
	struct vpn_gateway *gateway;
	struct vpn_child *child;

	frr_each (vpn_gateways, &vpn_gateways, gateway)
		frr_each (vpn_children, &gateway->children, child)
			child->said = false;
	vpn_apply_schedule();
}

void vpn_gateways_say(void)
{
	struct vpn_gateway *gateway;
	struct vpn_child *child;

	vpn_gateways_plugin_changed();
	frr_each (vpn_gateways, &vpn_gateways, gateway)
		frr_each (vpn_children, &gateway->children, child)
			vpn_child_say(child);
}

/* Of a gateway's connection and child, of its connection, or only of an address. */
static bool alert_is_for(const struct vpnspi_link_alert *alert, const struct vpn_gateway *gateway,
			 const struct vpn_child *child)
{
	struct ipaddr peer;

	if (alert->conn[0])
		return !strcmp(alert->conn, gateway->name) &&
		       (alert->child[0] ? !strcmp(alert->child, child->name) : !child->spoke);
	return vpn_peer_from_wire(&alert->peer, &peer) && ipaddr_is_same(&peer, &gateway->remote);
}

void vpn_gateway_alert(const struct vpnspi_link_alert *alert)
{
	struct vpn_gateway *gateway;
	struct vpn_child *child;
	bool heard = false;

	frr_each (vpn_gateways, &vpn_gateways, gateway)
		frr_each (vpn_children, &gateway->children, child) {
			if (!alert_is_for(alert, gateway, child))
				continue;
			heard = true;
			if (child->spokes) {
				vpn_template_refused(child, alert->text, alert->child[0] != 0);
				continue;
			}
			vpn_child_alert(child, vpn_profile_find(&vpn_config, gateway->profile),
					alert->text);
		}
	if (!heard)
		zlog_warn("charon: %s%s%s", alert->conn, alert->conn[0] ? ": " : "", alert->text);
	vpn_apply_schedule();
}

void vpn_gateway_link_done(uint32_t id, const char *error)
{
	struct vpn_gateway *gateway;
	struct vpn_child *child;

	if (!error)
		return;
	frr_each (vpn_gateways, &vpn_gateways, gateway)
		frr_each (vpn_children, &gateway->children, child)
			if (child->said && child->said_id == id)
				zlog_warn("gateway %s: %s: charon's plugin refuses: %s",
					  gateway->name, child->name, error);
}

void vpn_gateways_knocked(const struct ipaddr *local, const struct ipaddr *peer)
{
	struct vpn_gateway *gateway;
	struct vpn_child *child;

	frr_each (vpn_gateways, &vpn_gateways, gateway) {
		if (!ipaddr_is_same(&gateway->local, local) ||
		    !ipaddr_is_same(&gateway->remote, peer))
			continue;
		frr_each (vpn_children, &gateway->children, child)
			vpn_child_knocked(child);
	}
}

void vpn_gateway_silent(const struct vpnspi_silent *silent)
{
	struct vpn_gateway *gateway = vpn_gateway_find(silent->conn);
	struct vpn_child *child;

	if (!gateway)
		return;
	frr_each (vpn_children, &gateway->children, child)
		vpn_child_silent(child, silent->id, silent->since);
}

/* --- what else happens --------------------------------------------------------------------- */

void vpn_gateways_try_again(void)
{
	struct vpn_gateway *gateway;
	struct vpn_child *child;

	frr_each (vpn_gateways, &vpn_gateways, gateway) {
		gateway->loaded = false;
		frr_each (vpn_children, &gateway->children, child)
			vpn_child_try_again(child);
	}
}

void vpn_gateways_route_changed(const struct ipaddr *addr)
{
	struct vpn_gateway *gateway;
	struct vpn_child *child;

	frr_each (vpn_gateways, &vpn_gateways, gateway) {
		if (!ipaddr_is_same(&gateway->remote, addr))
			continue;
		frr_each (vpn_children, &gateway->children, child)
			vpn_child_try_soon(child);
	}
}
