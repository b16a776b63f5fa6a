// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Commands that look at a customer edge: show vpn provisioning.
 *
 *   show vpn provisioning json   {"state": "up", "server": "192.0.2.1", "version": 17, …}
 *
 * As elsewhere "reason" is there when "state" is not "up", and what does not
 * apply is absent; without customer-edge the object is empty but for
 * "configured".
 */
#include <zebra.h>

#include "lib/command.h"
#include "lib/json.h"
#include "lib/vty.h"

#include "vpnd/vpn_ce.h"
#include "vpnd/vpn_firewall.h"
#include "vpnd/vpn_state.h"
#include "vpnd/vpn_vty.h"
#include "vpnd/vpn_vty_ce_clippy.c"

#define VPN_STR "IPsec VPNs\n"

static void vpn_json_time(struct json_object *json, const char *key, time_t when)
{
	char buf[VPN_TIME_SIZE];

	if (when)
		json_object_string_add(json, key, vpn_time_str(when, buf));
}

/* Who was spoken to, and when. */
static void vpn_json_ce_contact(struct json_object *json)
{
	json_object_boolean_add(json, "inSession", vpn_ce.in_session);
	if (!IS_IPADDR_NONE(&vpn_ce.server)) {
		json_object_string_addf(json, "server", "%pIA", &vpn_ce.server);
		json_object_int_add(json, "port", vpn_ce.port);
	}
	vpn_json_time(json, "lastContact", vpn_ce.in_session ? time(NULL) : vpn_ce.contact);
	vpn_json_time(json, "lastAttempt", vpn_ce.attempt);
	if (vpn_ce.error[0])
		json_object_string_add(json, "lastError", vpn_ce.error);
	vpn_json_time(json, "retainedUntil", vpn_ce_retained_until());
}

static void vpn_json_ce_servers(struct json_object *json)
{
	struct json_object *servers = json_object_new_array(), *server;

	for (unsigned int i = 0; i < vpn_ce.config.server_count; i++) {
		server = json_object_new_object();
		json_object_string_addf(server, "address", "%pIA",
					&vpn_ce.config.servers[i].address);
		json_object_int_add(server, "port", vpn_ce.config.servers[i].port);
		json_object_array_add(servers, server);
	}
	json_object_object_add(json, "servers", servers);
}

static struct json_object *vpn_ce_json(void)
{
	struct json_object *json = json_object_new_object();
	unsigned int profiles, links;
	enum vpn_peer_state state;
	char reason[VPN_REASON_SIZE];

	json_object_boolean_add(json, "configured", vpn_ce.config.present);
	if (!vpn_ce.config.present)
		return json;
	state = vpn_ce_state(reason, sizeof(reason));
	vpn_json_status(json, state, reason);
	json_object_string_add(json, "identity", vpn_ce.config.identity);
	if (!IS_IPADDR_NONE(&vpn_ce.address))
		json_object_string_addf(json, "address", "%pIA", &vpn_ce.address);
	vpn_json_ce_servers(json);
	vpn_json_ce_contact(json);
	if (vpn_ce.has_version)
		json_object_int_add(json, "version", vpn_ce.version);
	vpn_ce_count(&profiles, &links);
	json_object_int_add(json, "profiles", profiles);
	json_object_int_add(json, "tunnelLinks", links);
	if (vpn_ce.config.provider_if[0]) {
		json_object_string_add(json, "providerInterface", vpn_ce.config.provider_if);
		json_object_boolean_add(json, "filtered", !vpn_firewall_problem());
	}
	return json;
}

static void vpn_show_ce(struct vty *vty)
{
	char age[VPN_TIME_SIZE], reason[VPN_REASON_SIZE];
	enum vpn_peer_state state = vpn_ce_state(reason, sizeof(reason));
	unsigned int profiles, links;

	vty_out(vty, "%-22s %s\n", "Identity", vpn_ce.config.identity);
	vty_out(vty, "%-22s %pIA\n", "Address", &vpn_ce.address);
	vty_out(vty, "%-22s %s\n", "State", vpn_peer_state_str(state));
	vpn_show_reason(vty, state, reason);
	if (vpn_ce.contact)
		vty_out(vty, "%-22s %pIA port %u, %s%s\n", "Last server", &vpn_ce.server,
			vpn_ce.port, vpn_ce.in_session ? "now" : vpn_age_str(vpn_ce.contact, age),
			vpn_ce.in_session ? "" : " ago");
	if (vpn_ce.has_version)
		vty_out(vty, "%-22s %" PRIu64 "\n", "Version", vpn_ce.version);
	vpn_ce_count(&profiles, &links);
	vty_out(vty, "%-22s %u ipsec-profiles, %u tunnel-links\n", "From the server", profiles,
		links);
	if (vpn_ce.config.provider_if[0])
		vty_out(vty, "%-22s %s, %s\n", "Provider interface", vpn_ce.config.provider_if,
			vpn_firewall_problem() ? vpn_firewall_problem() : "filtered");
}

DEFPY(show_vpn_provisioning, show_vpn_provisioning_cmd, "show vpn provisioning [json]$json",
      SHOW_STR VPN_STR "What a provider's server has configured, and when\n" JSON_STR)
{
	if (json)
		return vty_json(vty, vpn_ce_json());
	if (vpn_ce.config.present)
		vpn_show_ce(vty);
	else
		vty_out(vty, "no customer-edge is configured: 'vpn', 'customer-edge' starts one\n");
	return CMD_SUCCESS;
}

void vpn_vty_ce_init(void)
{
	install_element(VIEW_NODE, &show_vpn_provisioning_cmd);
}
