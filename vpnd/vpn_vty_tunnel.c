// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Commands that look at tunnel links: show vpn tunnel-link, tunnel-link-template, clear.
 *
 *   show vpn tunnel-link json   {"tunnelLinks": {"to-paris": {"state": "up", …}}}
 *
 * As with peers, "reason" is there when "state" is not "up", and what does not
 * apply now (the proposal of a link that is down) is absent.
 */
#include <zebra.h>

#include "lib/command.h"
#include "lib/json.h"
#include "lib/vty.h"

#include "vpnd/vpn_config.h"
#include "vpnd/vpn_ce.h"
#include "vpnd/vpn_state.h"
#include "vpnd/vpn_template.h"
#include "vpnd/vpn_tunnel.h"
#include "vpnd/vpn_vty.h"
#include "vpnd/vpn_vty_tunnel_clippy.c"

#define VPN_STR	     "IPsec VPNs\n"
#define VPN_LINK_STR "Tunnel links\n"

/* "198.51.100.2", "any", or "-" */
static const char *vpn_remote_str(const struct vpn_tunnel *tunnel, char *buf, size_t size)
{
	struct ipaddr remote = vpn_tunnel_remote(tunnel);

	if (remote.ipa_type)
		return ipaddr2str(&remote, buf, size);
	return tunnel->config.remote_any ? "any" : "-";
}

/*
 * JSON
 */

/* What is configured. */
static void vpn_json_link_config(struct json_object *json, const struct vpn_tunnel *tunnel)
{
	const struct vpn_tunnel_config *config = &tunnel->config;
	struct ipaddr remote = vpn_tunnel_remote(tunnel);
	char id[VPN_ID_STR_SIZE];

	json_object_string_add(json, "vrf", config->vrf);
	if (config->number) {
		json_object_string_add(json, "template", config->spoke_of);
		json_object_string_add(json, "peerIdentity", config->identity);
	}
	if (config->local.ipa_type)
		json_object_string_addf(json, "local", "%pIA", &config->local);
	if (remote.ipa_type)
		json_object_string_addf(json, "remote", "%pIA", &remote);
	json_object_boolean_add(json, "remoteAny", config->remote_any);
	if (config->encap)
		json_object_string_add(json, "encapsulation", vpn_encap_str(config->encap));
	json_object_boolean_add(json, "ipsec", !config->no_ipsec);
	if (config->profile[0])
		json_object_string_add(json, "ipsecProfile", config->profile);
	if (vpn_ce_owns(&vpn_config, config->profile))
		json_object_boolean_true_add(json, "provisioned");
	if (config->has_vpn_id)
		json_object_string_add(json, "vpnId", vpn_id_str(config->vpn_id, id));
	json_object_string_add(json, "establish", config->on_traffic ? "on-traffic" : "permanent");
}

static void vpn_json_link_counters(struct json_object *json, const struct vpn_tunnel *tunnel)
{
	struct vpn_counters sum;

	vpn_tunnel_counters(tunnel, &sum);
	json_object_int_add(json, "bytesIn", sum.bytes_in);
	json_object_int_add(json, "bytesOut", sum.bytes_out);
	json_object_int_add(json, "packetsIn", sum.packets_in);
	json_object_int_add(json, "packetsOut", sum.packets_out);
}

/* What there is only while something is negotiated, or about to be. */
static void vpn_json_link_ike(struct json_object *json, const struct vpn_tunnel *tunnel)
{
	int64_t next = vpn_tunnel_next_attempt(tunnel);

	json_object_int_add(json, "failures", vpn_tunnel_failures(tunnel));
	if (next >= 0)
		json_object_int_add(json, "nextAttemptIn", vpn_link_seconds(next));
	if (!vpn_tunnel_ike_version(tunnel))
		return;
	json_object_string_add(json, "proposal", vpn_tunnel_proposal(tunnel));
	json_object_int_add(json, "ikeVersion", vpn_tunnel_ike_version(tunnel));
	json_object_int_add(json, "rekeys", vpn_tunnel_rekeys(tunnel));
}

static struct json_object *vpn_link_json(const struct vpn_tunnel *tunnel)
{
	struct json_object *json = json_object_new_object();
	char buf[VPN_TIME_SIZE];

	vpn_json_status(json, tunnel->state, tunnel->reason);
	json_object_string_add(json, "since", vpn_time_str(tunnel->since, buf));
	vpn_json_link_config(json, tunnel);
	if (tunnel->ifindex) {
		json_object_string_add(json, "interface", tunnel->name);
		json_object_int_add(json, "ifIndex", tunnel->ifindex);
	}
	if (tunnel->if_id)
		json_object_int_add(json, "ifId", tunnel->if_id);
	if (tunnel->path_mtu)
		json_object_int_add(json, "pathMtu", tunnel->path_mtu);
	if (tunnel->mtu)
		json_object_int_add(json, "mtu", tunnel->mtu);
	vpn_json_link_counters(json, tunnel);
	vpn_json_link_ike(json, tunnel);
	return json;
}

/* Every link, or one, or none. */
static void vpn_show_links_json(struct vty *vty, bool all, const struct vpn_tunnel *only)
{
	struct json_object *json = json_object_new_object();
	struct json_object *links = json_object_new_object();
	const struct vpn_tunnel *tunnel;

	frr_each (vpn_tunnels_const, &vpn_tunnels, tunnel)
		if (all || only == tunnel)
			json_object_object_add(links, tunnel->name, vpn_link_json(tunnel));
	json_object_object_add(json, "tunnelLinks", links);
	vty_json(vty, json);
}

/*
 * For people
 */

static void vpn_show_link_line(struct vty *vty, const struct vpn_tunnel *tunnel)
{
	char age[VPN_TIME_SIZE], remote[INET6_ADDRSTRLEN];
	struct vpn_counters sum;

	vpn_tunnel_counters(tunnel, &sum);
	vty_out(vty, "%-15s %-15s %-10s %9s %-13s %-15s %12" PRIu64 " %12" PRIu64 "%s\n",
		tunnel->name, tunnel->config.vrf, vpn_peer_state_str(tunnel->state),
		vpn_age_str(tunnel->since, age), vpn_encap_str(tunnel->config.encap),
		vpn_remote_str(tunnel, remote, sizeof(remote)), sum.packets_in, sum.packets_out,
		vpn_ce_owns(&vpn_config, tunnel->config.profile) ? "  provider's" : "");
	vpn_show_reason(vty, tunnel->state, tunnel->reason);
}

static void vpn_show_links(struct vty *vty)
{
	const struct vpn_tunnel *tunnel;

	if (!vpn_tunnels_count(&vpn_tunnels)) {
		vty_out(vty, "No tunnel links are configured.\n");
		return;
	}
	vty_out(vty, "%-15s %-15s %-10s %9s %-13s %-15s %12s %12s\n", "Link", "VRF", "State",
		"Since", "Encapsulation", "Remote", "Packets in", "Packets out");
	frr_each (vpn_tunnels_const, &vpn_tunnels, tunnel)
		vpn_show_link_line(vty, tunnel);
}

/* What the operator said of it. */
static void vpn_show_link_config(struct vty *vty, const struct vpn_tunnel *tunnel)
{
	const struct vpn_tunnel_config *config = &tunnel->config;
	char id[VPN_ID_STR_SIZE], remote[INET6_ADDRSTRLEN];

	vty_out(vty, "  %s in VRF %s, from %pIA to %s, %s%s\n", vpn_encap_str(config->encap),
		config->vrf, &config->local, vpn_remote_str(tunnel, remote, sizeof(remote)),
		config->no_ipsec ? "without IPsec" : "ipsec-profile ",
		config->no_ipsec ? "" : config->profile);
	if (vpn_ce_owns(&vpn_config, config->profile))
		vty_out(vty, "  configured by the provider's server\n");
	if (config->has_vpn_id)
		vty_out(vty, "  VPN-ID %s\n", vpn_id_str(config->vpn_id, id));
	if (config->number)
		vty_out(vty, "  of tunnel-link-template %s, for %s\n", config->spoke_of,
			config->identity);
}

static void vpn_show_link_ike(struct vty *vty, const struct vpn_tunnel *tunnel)
{
	int64_t next = vpn_tunnel_next_attempt(tunnel);

	if (vpn_tunnel_ike_version(tunnel))
		vty_out(vty, "  proposal %s, by IKEv%u, %" PRIu64 " rekeys\n",
			vpn_tunnel_proposal(tunnel), vpn_tunnel_ike_version(tunnel),
			vpn_tunnel_rekeys(tunnel));
	if (vpn_tunnel_failures(tunnel))
		vty_out(vty, "  %u failures in a row\n", vpn_tunnel_failures(tunnel));
	if (next >= 0)
		vty_out(vty, "  next attempt in %" PRId64 " s\n", vpn_link_seconds(next));
}

static void vpn_show_link_detail(struct vty *vty, const struct vpn_tunnel *tunnel)
{
	struct vpn_counters sum;
	char age[VPN_TIME_SIZE];

	vpn_tunnel_counters(tunnel, &sum);
	vty_out(vty, "Tunnel link %s is %s since %s\n", tunnel->name,
		vpn_peer_state_str(tunnel->state), vpn_age_str(tunnel->since, age));
	if (tunnel->state != VPN_PEER_UP)
		vty_out(vty, "  reason: %s\n", tunnel->reason);
	vpn_show_link_config(vty, tunnel);
	if (tunnel->ifindex)
		vty_out(vty, "  interface %s, index %d, MTU %u, path MTU %u\n", tunnel->name,
			tunnel->ifindex, tunnel->mtu, tunnel->path_mtu);
	vpn_show_link_ike(vty, tunnel);
	vty_out(vty, "  in  %" PRIu64 " packets, %" PRIu64 " octets\n", sum.packets_in,
		sum.bytes_in);
	vty_out(vty, "  out %" PRIu64 " packets, %" PRIu64 " octets\n", sum.packets_out,
		sum.bytes_out);
}

DEFPY(show_vpn_link, show_vpn_link_cmd, "show vpn tunnel-link [NAME$vpn_link] [json$json]",
      SHOW_STR VPN_STR VPN_LINK_STR "All about this one\n" JSON_STR)
{
	const struct vpn_tunnel *tunnel = vpn_link ? vpn_tunnel_find(vpn_link) : NULL;

	if (json) {
		vpn_show_links_json(vty, !vpn_link, tunnel);
		return CMD_SUCCESS;
	}
	if (vpn_link && !tunnel) {
		vty_out(vty, "%% there is no tunnel-link %s\n", vpn_link);
		return CMD_WARNING;
	}
	if (tunnel)
		vpn_show_link_detail(vty, tunnel);
	else
		vpn_show_links(vty);
	return CMD_SUCCESS;
}

/*
 * Templates
 */

static struct json_object *vpn_template_json(const struct vpn_template *template)
{
	struct json_object *json = json_object_new_object();
	const char *reason;
	enum vpn_peer_state state = vpn_template_state(template, &reason);
	char buf[VPN_TIME_SIZE];

	vpn_json_status(json, state, reason);
	json_object_string_add(json, "vrf", template->config.vrf);
	if (template->config.local.ipa_type)
		json_object_string_addf(json, "local", "%pIA", &template->config.local);
	if (template->config.encap)
		json_object_string_add(json, "encapsulation", vpn_encap_str(template->config.encap));
	if (template->config.profile[0])
		json_object_string_add(json, "ipsecProfile", template->config.profile);
	json_object_int_add(json, "limit", template->config.limit);
	json_object_int_add(json, "spokes", vpn_template_spokes(template, false));
	json_object_int_add(json, "spokesUp", vpn_template_spokes(template, true));
	if (!template->refusal[0])
		return json;
	json_object_string_add(json, "lastRefusal", template->refusal);
	json_object_string_add(json, "lastRefusalTime", vpn_time_str(template->refused_at, buf));
	return json;
}

static void vpn_show_template(struct vty *vty, const struct vpn_template *template)
{
	const char *reason;
	enum vpn_peer_state state = vpn_template_state(template, &reason);
	char age[VPN_TIME_SIZE];

	vty_out(vty, "Template %s in VRF %s is %s, %u of %u spokes, %u up\n", template->name,
		template->config.vrf, vpn_peer_state_str(state),
		vpn_template_spokes(template, false), template->config.limit,
		vpn_template_spokes(template, true));
	vpn_show_reason(vty, state, reason);
	if (template->refusal[0])
		vty_out(vty, "  refused %s ago: %s\n", vpn_age_str(template->refused_at, age),
			template->refusal);
}

DEFPY(show_vpn_template, show_vpn_template_cmd,
      "show vpn tunnel-link-template [NAME$vpn_template] [json$json]",
      SHOW_STR VPN_STR "Templates of tunnel links\n"
		       "This one\n" JSON_STR)
{
	struct json_object *root = json ? json_object_new_object() : NULL;
	struct json_object *list = json ? json_object_new_object() : NULL;
	const struct vpn_template *template;
	bool found = false;

	frr_each (vpn_templates_const, &vpn_templates, template) {
		if (vpn_template && strcmp(template->name, vpn_template))
			continue;
		found = true;
		if (json)
			json_object_object_add(list, template->name, vpn_template_json(template));
		else
			vpn_show_template(vty, template);
	}
	if (json) {
		json_object_object_add(root, "tunnelLinkTemplates", list);
		vty_json(vty, root);
	} else if (!found) {
		vty_out(vty, "%% there is no such tunnel-link-template\n");
	}
	return CMD_SUCCESS;
}

DEFPY(clear_vpn_link, clear_vpn_link_cmd, "clear vpn tunnel-link <NAME$vpn_link|all$all>",
      CLEAR_STR VPN_STR
      "Tunnel links: terminate IPsec, forget failures, begin again\n"
      "This one\n"
      "Every one\n")
{
	struct vpn_tunnel *tunnel;

	if (all) {
		frr_each_safe (vpn_tunnels, &vpn_tunnels, tunnel)
			vpn_tunnel_clear(tunnel);
		return CMD_SUCCESS;
	}
	tunnel = vpn_tunnel_find(vpn_link);
	if (!tunnel) {
		vty_out(vty, "%% there is no tunnel-link %s\n", vpn_link);
		return CMD_WARNING;
	}
	vpn_tunnel_clear(tunnel);
	return CMD_SUCCESS;
}

void vpn_vty_tunnel_init(void)
{
	install_element(VIEW_NODE, &show_vpn_link_cmd);
	install_element(VIEW_NODE, &show_vpn_template_cmd);
	install_element(ENABLE_NODE, &clear_vpn_link_cmd);
}
