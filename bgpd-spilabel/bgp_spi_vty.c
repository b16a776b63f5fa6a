// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Commands of BGP/IPsec VPN in bgpd.
 *
 *	spi-label vpn export auto		VRF, address-family ipv4 unicast
 *	show bgp spi-label [json]
 *	show bgp ipv4 unlabeled-vpn rd RD [json]
 *	debug bgp spi-label
 *
 * Everything else of the SAFI (neighbors, summary, clear, single prefixes) is
 * in FRR's own commands, which take unlabeled-vpn where they take vpn.
 */
#include <zebra.h>

#include "command.h"
#include "json.h"
#include "monotime.h"

#include "bgpd/bgpd.h"
#include "bgpd/bgp_debug.h"
#include "bgpd/bgp_mplsvpn.h"
#include "bgpd/bgp_route.h"
#include "bgpd/bgp_spi_debug.h"
#include "bgpd/bgp_spi_label.h"
#include "bgpd/bgp_spi_leak.h"
#include "bgpd/bgp_spi_use.h"
#include "bgpd/bgp_spi_vpnd.h"
#include "bgpd/bgp_spi_vty.h"
#include "bgpd/bgp_vty.h"

#include "bgpd/bgp_spi_vty_clippy.c"

#define UVPN_STR "VPN routes without an MPLS label, for IPsec\n"

struct bgp_spi_debug_switch bgp_spi_debug_switch;

/* Configuration */

DEFPY(bgp_spi_label_export, bgp_spi_label_export_cmd,
      "[no] spi-label vpn export ![auto]",
      NO_STR
      "SPI label that tells this VRF's IPsec packets from others\n"
      "Between current address-family and vpn\n"
      "For routes leaked from current address-family to vpn\n"
      "Let vpnd choose it\n")
{
	VTY_DECLVAR_CONTEXT(bgp, bgp);
	afi_t afi = bgp_node_afi(vty);
	uint32_t *flags = &bgp->vpn_policy[afi].flags;

	if (bgp->inst_type != BGP_INSTANCE_TYPE_VRF) {
		vty_out(vty,
			"%% spi-label vpn export: this is not a VRF; configure it under router bgp ASN vrf NAME\n");
		return CMD_WARNING_CONFIG_FAILED;
	}
	if (!no == !!CHECK_FLAG(*flags, BGP_VPN_POLICY_TOVPN_SPI_LABEL_AUTO))
		return CMD_SUCCESS;

	vpn_leak_prechange(BGP_VPN_POLICY_DIR_TOVPN, afi, bgp_get_default(), bgp);
	COND_FLAG(*flags, BGP_VPN_POLICY_TOVPN_SPI_LABEL_AUTO, !no);
	vpn_leak_postchange(BGP_VPN_POLICY_DIR_TOVPN, afi, bgp_get_default(), bgp);
	return CMD_SUCCESS;
}

void bgp_spi_config_write_afi(struct vty *vty, const struct bgp *bgp, afi_t afi)
{
	if (CHECK_FLAG(bgp->vpn_policy[afi].flags, BGP_VPN_POLICY_TOVPN_SPI_LABEL_AUTO))
		vty_out(vty, "  spi-label vpn export auto\n");
}

/* Debugging */

DEFPY(debug_bgp_spi_label, debug_bgp_spi_label_cmd,
      "[no] debug bgp spi-label",
      NO_STR DEBUG_STR BGP_STR
      "SPI labels: what bgpd and vpnd tell each other\n")
{
	bgp_spi_debug_switch.terminal = !no;
	if (vty->node == CONFIG_NODE)
		bgp_spi_debug_switch.config = !no;
	return CMD_SUCCESS;
}

static int spi_debug_write(struct vty *vty, bool running)
{
	if (running && bgp_spi_debug_switch.config) {
		vty_out(vty, "debug bgp spi-label\n");
		return 1;
	}
	if (!running && (bgp_spi_debug_switch.terminal || bgp_spi_debug_switch.config))
		vty_out(vty, "  BGP SPI label debugging is on\n");
	return 0;
}

/* Show */

static json_object *label_to_json(const struct spi_label *label)
{
	json_object *json = json_object_new_object();

	json_object_int_add(json, "label", label->label);
	json_object_int_add(json, "length", label->len);
	return json;
}

/* Seconds for which the state of a use has held. */
static int64_t use_age(const struct bgp_spi_use *use)
{
	return monotime(NULL) - use->since;
}

static json_object *use_to_json(struct bgp_spi_use *use)
{
	json_object *json = json_object_new_object();

	json_object_string_add(json, "vrf", use->vrf);
	json_object_string_addf(json, "pe", "%pIA", &use->pe);
	json_object_int_add(json, "label", use->label.label);
	json_object_int_add(json, "length", use->label.len);
	json_object_string_add(json, "state", use->up ? "up" : "down");
	if (use->reason[0])
		json_object_string_add(json, "reason", use->reason);
	if (use->up) {
		json_object_int_add(json, "ifindex", use->ifindex);
		json_object_int_add(json, "ifId", use->if_id);
	}
	json_object_int_add(json, "since", use_age(use));
	json_object_int_add(json, "paths", bgp_spi_paths_count(&use->paths));
	return json;
}

static json_object *vrf_to_json(const struct bgp_spi_label *vrf)
{
	json_object *json = json_object_new_object();

	json_object_string_add(json, "vrf", vrf->vrf);
	json_object_string_add(json, "state", vrf->label.len ? "up" : "down");
	if (vrf->label.len) {
		json_object_int_add(json, "label", vrf->label.label);
		json_object_int_add(json, "length", vrf->label.len);
	}
	if (vrf->reason[0])
		json_object_string_add(json, "reason", vrf->reason);
	return json;
}

static void spi_show_json(struct vty *vty)
{
	json_object *json = json_object_new_object(), *vpnd = json_object_new_object(),
		    *vrfs = json_object_new_array(), *uses = json_object_new_array();
	struct bgp_spi_vpnd_state state = bgp_spi_vpnd_state();
	struct bgp_spi_label *vrf;
	struct bgp_spi_use *use;

	json_object_boolean_add(vpnd, "present", state.here);
	json_object_boolean_add(vpnd, "synchronised", state.synchronised);
	json_object_boolean_add(vpnd, "settled", state.settled);
	json_object_object_add(json, "vpnd", vpnd);
	if (bgp_spi_pe()->ipa_type != IPADDR_NONE)
		json_object_string_addf(json, "peAddress", "%pIA", bgp_spi_pe());
	frr_each (bgp_spi_labels, &bgp_spi_labels, vrf)
		json_object_array_add(vrfs, vrf_to_json(vrf));
	json_object_object_add(json, "vrfs", vrfs);
	frr_each (bgp_spi_uses, &bgp_spi_uses, use)
		json_object_array_add(uses, use_to_json(use));
	json_object_object_add(json, "uses", uses);
	vty_json(vty, json);
}

static void spi_show_vpnd(struct vty *vty)
{
	struct bgp_spi_vpnd_state state = bgp_spi_vpnd_state();

	vty_out(vty, "vpnd %s%s", state.here ? "is there" : "is not there",
		state.here && !state.synchronised ? ", not synchronised yet" : "");
	if (bgp_spi_pe()->ipa_type == IPADDR_NONE)
		vty_out(vty, "; it has no provider-edge local-address\n");
	else
		vty_out(vty, "; PE address %pIA\n", bgp_spi_pe());
}

static void spi_show_vrfs(struct vty *vty)
{
	struct bgp_spi_label *vrf;
	char label[24];

	vty_out(vty, "\nVRFs that export with an SPI label:\n");
	vty_out(vty, "  %-16s %-14s %-6s %s\n", "VRF", "Label", "State", "Reason");
	frr_each (bgp_spi_labels, &bgp_spi_labels, vrf) {
		snprintf(label, sizeof(label), "%u/%u", vrf->label.label, vrf->label.len);
		vty_out(vty, "  %-16s %-14s %-6s %s\n", vrf->vrf, vrf->label.len ? label : "-",
			vrf->label.len ? "up" : "down", vrf->reason);
	}
}

static void spi_show_uses(struct vty *vty)
{
	struct bgp_spi_use *use;
	char label[24];

	vty_out(vty, "\nLabels of other PEs in use:\n");
	vty_out(vty, "  %-16s %-16s %-14s %-5s %-9s %-9s %s\n", "VRF", "PE", "Label", "State",
		"Interface", "Paths", "Reason");
	frr_each (bgp_spi_uses, &bgp_spi_uses, use) {
		snprintf(label, sizeof(label), "%u/%u", use->label.label, use->label.len);
		vty_out(vty, "  %-16s %-16pIA %-14s %-5s %-9u %-9zu %s\n", use->vrf, &use->pe,
			label, use->up ? "up" : "down", use->ifindex,
			bgp_spi_paths_count(&use->paths), use->reason);
	}
}

DEFPY(show_bgp_spi_label, show_bgp_spi_label_cmd,
      "show bgp spi-label [json$uj]",
      SHOW_STR BGP_STR
      "SPI labels: of our VRFs, and those of other PEs in use\n"
      JSON_STR)
{
	if (uj) {
		spi_show_json(vty);
		return CMD_SUCCESS;
	}
	spi_show_vpnd(vty);
	spi_show_vrfs(vty);
	spi_show_uses(vty);
	return CMD_SUCCESS;
}

void bgp_spi_show_path(struct vty *vty, const struct bgp_path_info *path, json_object *json)
{
	const struct spi_label *label = &path->attr->spi_label;
	struct bgp_spi_use *use = bgp_spi_path_use(path);

	if (json) {
		if (label->len)
			json_object_object_add(json, "spiLabel", label_to_json(label));
		if (use)
			json_object_object_add(json, "spiLabelUse", use_to_json(use));
		return;
	}
	if (label->len)
		vty_out(vty, "      SPI label: %u/%u\n", label->label, label->len);
	if (use && use->up)
		vty_out(vty, "      Protected to PE %pIA, ifindex %u\n", &use->pe, use->ifindex);
	else if (use)
		vty_out(vty, "      Not protected to PE %pIA: %s\n", &use->pe, use->reason);
}

DEFPY(show_bgp_uvpn, show_bgp_uvpn_cmd,
      "show bgp ipv4 unlabeled-vpn rd <ASN:NN_OR_IP-ADDRESS:NN|all>$rd [json$uj]",
      SHOW_STR BGP_STR BGP_AF_STR UVPN_STR
      "Of a route distinguisher\n"
      "VPN Route Distinguisher\n"
      "All VPN Route Distinguishers\n"
      JSON_STR)
{
	struct bgp *bgp = bgp_get_default();
	struct prefix_rd prd;
	bool one = strcmp(rd, "all") != 0;

	if (!bgp) {
		vty_out(vty, "%s", uj ? "{}\n" : "No BGP process is configured\n");
		return CMD_WARNING;
	}
	if (one && !str2prefix_rd(rd, &prd)) {
		vty_out(vty, "%% Malformed Route Distinguisher %s\n", rd);
		return CMD_WARNING;
	}
	return bgp_show_table_rd(vty, bgp, AFI_IP, SAFI_UNLABELED_VPN,
				 bgp->rib[AFI_IP][SAFI_UNLABELED_VPN], one ? &prd : NULL,
				 bgp_show_type_normal, NULL, uj ? BGP_SHOW_OPT_JSON : 0);
}

/* Life cycle */

void bgp_spi_init(void)
{
	install_element(BGP_IPV4_NODE, &bgp_spi_label_export_cmd);
	install_element(VIEW_NODE, &show_bgp_spi_label_cmd);
	install_element(VIEW_NODE, &show_bgp_uvpn_cmd);
	install_element(ENABLE_NODE, &debug_bgp_spi_label_cmd);
	install_element(CONFIG_NODE, &debug_bgp_spi_label_cmd);
	hook_register(bgp_hook_config_write_debug, spi_debug_write);
	bgp_spi_label_init();
	bgp_spi_vpnd_init(bm->master);
}

void bgp_spi_finish(void)
{
	bgp_spi_uses_finish();
	bgp_spi_label_finish();
	bgp_spi_vpnd_finish();
}
