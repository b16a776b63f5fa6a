// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Commands that look at vpnd: show vpn peer, spi-label, alarm; clear; debug.
 * Those of tunnel links are in vpn_vty_tunnel.c.
 *
 * Each show command has a table for people, with the reason of whatever is not
 * up under its line, and JSON for programs:
 *
 *   show vpn peer json       {"peers": {"10.0.0.2": {"state": "up", …}}}
 *   show vpn spi-label json  {"labels": {"red": {…}}, "uses": [{"vrf": "red", …}]}
 *   show vpn alarm json      {"alarms": [{"object": "peer 10.0.0.2", …}]}
 *
 * "reason" is there when "state" is not "up".  What does not apply now (the
 * prefixes of a peer that is down) is absent.
 */
#include <zebra.h>

#include "lib/command.h"
#include "lib/json.h"
#include "lib/mgmt_be_client.h"
#include "lib/vty.h"

#include "wire/spi.h"

#include "vpnd/vpn_alarm.h"
#include "vpnd/vpn_apply.h"
#include "vpnd/vpn_config.h"
#include "vpnd/vpn_debug.h"
#include "vpnd/vpn_label.h"
#include "vpnd/vpn_peer.h"
#include "vpnd/vpn_plugin.h"
#include "vpnd/vpn_state.h"
#include "vpnd/vpn_use.h"
#include "vpnd/vpn_vty.h"
#include "vpnd/vpn_vty_clippy.c"

#define VPN_STR "IPsec VPNs\n"

void vpn_json_status(struct json_object *json, enum vpn_peer_state state, const char *reason)
{
	json_object_string_add(json, "state", vpn_peer_state_str(state));
	if (state != VPN_PEER_UP)
		json_object_string_add(json, "reason", reason);
}

static void vpn_json_hex(struct json_object *json, const char *key, uint32_t number)
{
	json_object_string_addf(json, key, "0x%08x", number);
}

void vpn_show_reason(struct vty *vty, enum vpn_peer_state state, const char *reason)
{
	if (state != VPN_PEER_UP && reason[0])
		vty_out(vty, "    %s\n", reason);
}

/* Why nothing can work at all, above everything else. */
static void vpn_show_blocked(struct vty *vty)
{
	const char *blocked = vpn_apply_blocked();

	if (blocked)
		vty_out(vty, "%s\n\n", blocked);
}

/*
 * show vpn peer
 */

/* A VPN-SPI as it crossed IKE: as a number, and what it says. */
static void vpn_json_prefix(struct json_object *json, const char *key, const char *spi_key,
			    const char *length_key, uint32_t ike_spi)
{
	struct vpn_spi_prefix prefix;

	vpn_json_hex(json, key, ike_spi);
	if (vpn_spi_ike_decode(ike_spi, &prefix) != VPN_SPI_OK)
		return;
	vpn_json_hex(json, spi_key, prefix.bits);
	json_object_int_add(json, length_key, prefix.len);
}

static void vpn_json_counters(struct json_object *json, const struct vpn_peer *peer)
{
	struct vpn_counters sum;

	vpn_peer_counters(peer, &sum);
	json_object_int_add(json, "bytesIn", sum.bytes_in);
	json_object_int_add(json, "bytesOut", sum.bytes_out);
	json_object_int_add(json, "packetsIn", sum.packets_in);
	json_object_int_add(json, "packetsOut", sum.packets_out);
}

/* What there is only of a peer that is up. */
static void vpn_json_peer_up(struct json_object *json, const struct vpnspi_peer_is *is)
{
	vpn_json_prefix(json, "prefixIn", "spiPrefixIn", "prefixLengthIn", is->prefix_in);
	vpn_json_prefix(json, "prefixOut", "spiPrefixOut", "prefixLengthOut", is->prefix_out);
	json_object_int_add(json, "generations", is->generations);
	json_object_int_add(json, "rekeys", is->rekeys);
	json_object_int_add(json, "rekeyIn", is->rekey_in);
	json_object_int_add(json, "labelsIn", is->labels_in);
	json_object_int_add(json, "labelsOut", is->labels_out);
	json_object_string_add(json, "proposal", is->proposal);
	json_object_boolean_add(json, "udpEncapsulation", is->encap);
}

static struct json_object *vpn_peer_json(const struct vpn_peer *peer)
{
	struct json_object *json = json_object_new_object();
	char buf[VPN_TIME_SIZE];

	vpn_json_status(json, peer->state, peer->reason);
	json_object_string_add(json, "since", vpn_time_str(peer->since, buf));
	json_object_int_add(json, "uses", peer->uses);
	json_object_int_add(json, "ikeInitiations", peer->initiations);
	json_object_int_add(json, "failures", peer->backoff.failures);
	if (peer->t_retry)
		json_object_int_add(json, "nextAttemptIn", event_timer_remain_second(peer->t_retry));
	if (peer->path_mtu)
		json_object_int_add(json, "pathMtu", peer->path_mtu);
	if (peer->mtu)
		json_object_int_add(json, "mtu", peer->mtu);
	vpn_json_counters(json, peer);
	if (vpn_peer_is_up(peer))
		vpn_json_peer_up(json, &peer->is);
	return json;
}

static void vpn_show_peer_line(struct vty *vty, const struct vpn_peer *peer)
{
	struct vpn_counters sum;
	char age[VPN_TIME_SIZE];

	vpn_peer_counters(peer, &sum);
	vty_out(vty, "%-15pIA %-10s %9s %5u %5u/%-5u %12" PRIu64 " %12" PRIu64 "\n", &peer->addr,
		vpn_peer_state_str(peer->state), vpn_age_str(peer->since, age), peer->uses,
		vpn_peer_is_up(peer) ? peer->is.labels_in : 0,
		vpn_peer_is_up(peer) ? peer->is.labels_out : 0, sum.packets_in, sum.packets_out);
	vpn_show_reason(vty, peer->state, peer->reason);
}

static void vpn_show_prefix(struct vty *vty, const char *what, uint32_t ike_spi)
{
	struct vpn_spi_prefix prefix;

	if (vpn_spi_ike_decode(ike_spi, &prefix) == VPN_SPI_OK)
		vty_out(vty, "  SPI prefix %s 0x%08x/%u (in IKE 0x%08x)\n", what, prefix.bits,
			prefix.len, ike_spi);
}

/* All about one peer. */
static void vpn_show_peer_detail(struct vty *vty, const struct vpn_peer *peer)
{
	const struct vpnspi_peer_is *is = &peer->is;
	struct vpn_counters sum;
	char age[VPN_TIME_SIZE];

	vpn_peer_counters(peer, &sum);
	vty_out(vty, "Peer %pIA is %s since %s\n", &peer->addr, vpn_peer_state_str(peer->state),
		vpn_age_str(peer->since, age));
	if (peer->state != VPN_PEER_UP)
		vty_out(vty, "  reason: %s\n", peer->reason);
	vty_out(vty, "  wanted by %u uses, IKE initiated %" PRIu64 " times, %u failures in a row\n",
		peer->uses, peer->initiations, peer->backoff.failures);
	if (peer->t_retry)
		vty_out(vty, "  next attempt in %lu s\n", event_timer_remain_second(peer->t_retry));
	vty_out(vty, "  in  %" PRIu64 " packets, %" PRIu64 " octets\n", sum.packets_in,
		sum.bytes_in);
	vty_out(vty, "  out %" PRIu64 " packets, %" PRIu64 " octets\n", sum.packets_out,
		sum.bytes_out);
	if (!vpn_peer_is_up(peer))
		return;
	vpn_show_prefix(vty, "in ", is->prefix_in);
	vpn_show_prefix(vty, "out", is->prefix_out);
	vty_out(vty, "  %u label SAs in, %u out, of %u generations; %u rekeys", is->labels_in,
		is->labels_out, is->generations, is->rekeys);
	if (is->rekey_in)
		vty_out(vty, ", the next in %u s", is->rekey_in);
	vty_out(vty, "\n  proposal %s%s\n", is->proposal, is->encap ? ", ESP in UDP" : "");
	if (peer->mtu)
		vty_out(vty, "  path MTU %u, for inner packets %u\n", peer->path_mtu, peer->mtu);
}

static void vpn_show_peers(struct vty *vty)
{
	const struct vpn_peer *peer;

	vpn_show_blocked(vty);
	if (!vpn_peers_count(&vpn_peers)) {
		vty_out(vty, "No peers: no route of another provider edge is in use.\n");
		return;
	}
	vty_out(vty, "%-15s %-10s %9s %5s %-11s %12s %12s\n", "Peer", "State", "Since", "Uses",
		"Labels", "Packets in", "Packets out");
	frr_each (vpn_peers_const, &vpn_peers, peer)
		vpn_show_peer_line(vty, peer);
}

/* Every peer, or one, or none. */
static void vpn_show_peers_json(struct vty *vty, bool all, const struct vpn_peer *only)
{
	struct json_object *json = json_object_new_object();
	struct json_object *peers = json_object_new_object();
	const struct vpn_peer *peer;

	frr_each (vpn_peers_const, &vpn_peers, peer)
		if (all || only == peer)
			json_object_object_addf(peers, vpn_peer_json(peer), "%pIA", &peer->addr);
	if (vpn_apply_blocked())
		json_object_string_add(json, "blocked", vpn_apply_blocked());
	json_object_object_add(json, "peers", peers);
	vty_json(vty, json);
}

DEFPY(show_vpn_peer, show_vpn_peer_cmd, "show vpn peer [<A.B.C.D|X:X::X:X>$address] [json$json]",
      SHOW_STR VPN_STR
      "Provider edges that we send to or that send to us\n"
      "All about this one\n"
      "All about this one\n" JSON_STR)
{
	const struct vpn_peer *peer = NULL;
	struct ipaddr addr = {};

	if (address_str && str2ipaddr(address_str, &addr) == 0)
		peer = vpn_peer_find(&addr);
	if (json) {
		vpn_show_peers_json(vty, !address_str, peer);
		return CMD_SUCCESS;
	}
	if (address_str && !peer) {
		vty_out(vty, "%% %s is no peer\n", address_str);
		return CMD_WARNING;
	}
	if (peer)
		vpn_show_peer_detail(vty, peer);
	else
		vpn_show_peers(vty);
	return CMD_SUCCESS;
}

/*
 * show vpn spi-label
 */

static struct json_object *vpn_label_json(const struct vpn_label *label)
{
	struct json_object *json = json_object_new_object();

	vpn_json_status(json, vpn_label_state(label), label->reason);
	if (label->label.len) {
		json_object_int_add(json, "label", label->label.label);
		json_object_int_add(json, "length", label->label.len);
	}
	if (label->ifindex) {
		json_object_string_add(json, "interface", label->ifname);
		json_object_int_add(json, "ifId", label->if_id);
	}
	return json;
}

static struct json_object *vpn_use_json(const struct vpn_use *use)
{
	struct json_object *json = json_object_new_object();

	vpn_json_status(json, vpn_use_state(use), use->reason);
	json_object_string_add(json, "vrf", use->vrf);
	json_object_string_addf(json, "pe", "%pIA", &use->pe);
	json_object_int_add(json, "label", use->label.label);
	json_object_int_add(json, "length", use->label.len);
	if (use->spi)
		vpn_json_hex(json, "spi", use->spi);
	if (use->ifindex) {
		json_object_string_add(json, "interface", use->ifname);
		json_object_int_add(json, "ifId", use->if_id);
	}
	if (use->mtu)
		json_object_int_add(json, "mtu", use->mtu);
	return json;
}

static void vpn_show_labels_json(struct vty *vty)
{
	struct json_object *json = json_object_new_object();
	struct json_object *labels = json_object_new_object();
	struct json_object *uses = json_object_new_array();
	const struct vpn_label *label;
	const struct vpn_use *use;

	frr_each (vpn_labels_const, &vpn_labels, label)
		json_object_object_add(labels, label->vrf, vpn_label_json(label));
	frr_each (vpn_uses_const, &vpn_uses, use)
		json_object_array_add(uses, vpn_use_json(use));
	if (vpn_apply_blocked())
		json_object_string_add(json, "blocked", vpn_apply_blocked());
	json_object_object_add(json, "labels", labels);
	json_object_object_add(json, "uses", uses);
	vty_json(vty, json);
}

/* "300/16", or "-" */
static const char *vpn_label_str(const struct spi_label *label, char *buf, size_t size)
{
	if (label->len)
		snprintf(buf, size, "%u/%u", label->label, label->len);
	else
		snprintf(buf, size, "-");
	return buf;
}

static void vpn_show_labels_in(struct vty *vty)
{
	const struct vpn_label *label;
	char buf[32];

	vty_out(vty, "Our labels, by which others reach our VRFs:\n");
	vty_out(vty, "%-16s %-14s %-10s %s\n", "VRF", "Label/bits", "State", "Interface");
	frr_each (vpn_labels_const, &vpn_labels, label) {
		vty_out(vty, "%-16s %-14s %-10s %s\n", label->vrf,
			vpn_label_str(&label->label, buf, sizeof(buf)),
			vpn_peer_state_str(vpn_label_state(label)),
			label->ifindex ? label->ifname : "-");
		vpn_show_reason(vty, vpn_label_state(label), label->reason);
	}
}

static void vpn_show_labels_out(struct vty *vty)
{
	const struct vpn_use *use;
	char buf[32], spi[16];

	vty_out(vty, "\nLabels of others, by which our VRFs reach theirs:\n");
	vty_out(vty, "%-16s %-15s %-14s %-10s %-10s %-15s %5s\n", "VRF", "Peer", "Label/bits",
		"SPI", "State", "Interface", "MTU");
	frr_each (vpn_uses_const, &vpn_uses, use) {
		snprintf(spi, sizeof(spi), use->spi ? "0x%08x" : "-", use->spi);
		vty_out(vty, "%-16s %-15pIA %-14s %-10s %-10s %-15s %5u\n", use->vrf, &use->pe,
			vpn_label_str(&use->label, buf, sizeof(buf)), spi,
			vpn_peer_state_str(vpn_use_state(use)), use->ifindex ? use->ifname : "-",
			use->mtu);
		vpn_show_reason(vty, vpn_use_state(use), use->reason);
	}
}

DEFPY(show_vpn_label, show_vpn_label_cmd, "show vpn spi-label [json$json]",
      SHOW_STR VPN_STR "SPI labels: ours, and those of others that we send with\n" JSON_STR)
{
	if (json) {
		vpn_show_labels_json(vty);
		return CMD_SUCCESS;
	}
	vpn_show_blocked(vty);
	vpn_show_labels_in(vty);
	vpn_show_labels_out(vty);
	return CMD_SUCCESS;
}

/*
 * show vpn alarm
 */

static void vpn_show_alarms_json(struct vty *vty)
{
	struct json_object *json = json_object_new_object();
	struct json_object *alarms = json_object_new_array();
	const struct vpn_alarm *alarm;
	char buf[VPN_TIME_SIZE];

	frr_each (vpn_alarms_const, &vpn_alarms, alarm) {
		struct json_object *one = json_object_new_object();

		json_object_string_add(one, "object", alarm->object);
		json_object_string_add(one, "text", alarm->text);
		json_object_string_add(one, "since", vpn_time_str(alarm->since, buf));
		json_object_array_add(alarms, one);
	}
	json_object_object_add(json, "alarms", alarms);
	vty_json(vty, json);
}

/* What is wrong, without the object's name if that comes first. */
static const char *vpn_alarm_text(const struct vpn_alarm *alarm)
{
	size_t len = strlen(alarm->object);

	if (strncmp(alarm->text, alarm->object, len) == 0 &&
	    strncmp(alarm->text + len, ": ", 2) == 0)
		return alarm->text + len + 2;
	return alarm->text;
}

DEFPY(show_vpn_alarm, show_vpn_alarm_cmd, "show vpn alarm [json$json]",
      SHOW_STR VPN_STR "What needs somebody's attention\n" JSON_STR)
{
	const struct vpn_alarm *alarm;
	char buf[VPN_TIME_SIZE];

	if (json) {
		vpn_show_alarms_json(vty);
		return CMD_SUCCESS;
	}
	if (!vpn_alarms_count(&vpn_alarms))
		vty_out(vty, "No alarms.\n");
	frr_each (vpn_alarms_const, &vpn_alarms, alarm)
		vty_out(vty, "%s %s: %s\n", vpn_time_str(alarm->since, buf), alarm->object,
			vpn_alarm_text(alarm));
	return CMD_SUCCESS;
}

/*
 * clear, debug
 */

DEFPY(clear_vpn_peer, clear_vpn_peer_cmd, "clear vpn peer <A.B.C.D|X:X::X:X|all$all>$address",
      CLEAR_STR VPN_STR
      "Provider edges: terminate IPsec, forget failures, begin again\n"
      "This one\n"
      "This one\n"
      "Every one\n")
{
	struct vpn_peer *peer = NULL;
	struct ipaddr addr = {};

	if (all) {
		frr_each_safe (vpn_peers, &vpn_peers, peer)
			vpn_peer_clear(peer);
		return CMD_SUCCESS;
	}
	if (str2ipaddr(address_str, &addr) == 0)
		peer = vpn_peer_find(&addr);
	if (!peer) {
		vty_out(vty, "%% %s is no peer\n", address_str);
		return CMD_WARNING;
	}
	vpn_peer_clear(peer);
	return CMD_SUCCESS;
}

DEFPY(debug_vpn, debug_vpn_cmd,
      "[no] debug vpn [<config|peer|label|link|kernel|vici|plugin|bgp>$what]",
      NO_STR DEBUG_STR VPN_STR
      "What is configured\n"
      "Peers and their states\n"
      "Labels\n"
      "Tunnel links and their gateways\n"
      "Interfaces in the kernel\n"
      "Talk with charon\n"
      "Talk with charon's plugin\n"
      "Talk with bgpd\n")
{
	vpn_debug_set(what, vty->node, !no);
	return CMD_SUCCESS;
}

DEFPY_NOSH(show_debugging_vpn, show_debugging_vpn_cmd, "show debugging [vpn]",
	   SHOW_STR DEBUG_STR VPN_STR)
{
	vty_out(vty, "VPN debugging status:\n");
	cmd_show_lib_debugs(vty);
	return CMD_SUCCESS;
}

void vpn_vty_init(void)
{
	install_element(VIEW_NODE, &show_vpn_peer_cmd);
	install_element(VIEW_NODE, &show_vpn_label_cmd);
	install_element(VIEW_NODE, &show_vpn_alarm_cmd);
	install_element(ENABLE_NODE, &clear_vpn_peer_cmd);
	install_element(ENABLE_NODE, &debug_vpn_cmd);
	install_element(CONFIG_NODE, &debug_vpn_cmd);
	install_element(ENABLE_NODE, &show_debugging_vpn_cmd);
	vpn_vty_ce_init();
	vpn_vty_tunnel_init();
	mgmt_be_client_lib_vty_init();
}
