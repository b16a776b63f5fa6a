// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Configuration commands, and the configuration written back as commands.
 *
 * This file is compiled into mgmtd.  A command only says which nodes of the
 * candidate change; vpnd validates and applies what is committed.
 *
 * Commands take any number, and YANG says which are right: "out of range" with
 * a reason is worth more to the reader than "unknown command".  Proposals are
 * looked at here too, not only in vpnd, because a configuration file may be
 * read before vpnd runs; there, a line with a misspelt keyword must be
 * refused by itself instead of the whole configuration later on.
 */
#include <zebra.h>

#include "lib/command.h"
#include "lib/libfrr.h"
#include "lib/northbound.h"
#include "lib/northbound_cli.h"
#include "lib/vty.h"
#include "lib/yang.h"

#include "vpnd/vpn_cli.h"
#include "vpnd/vpn_proposal.h"
#include "vpnd/vpn_cli_clippy.c"

#define VPN_PROFILE_XPATH  VPN_XPATH "/ipsec-profile[name='%s']"
#define VPN_PE_XPATH	   VPN_XPATH "/provider-edge"
#define VPN_CE_XPATH	   VPN_XPATH "/customer-edge"
#define VPN_LINK_XPATH	   VPN_XPATH "/tunnel-link"
#define VPN_TEMPLATE_XPATH VPN_XPATH "/tunnel-link-template"

#define VPN_PROFILE_STR "How peers authenticate and what protects traffic\n"
#define VPN_PE_STR	"This router is a provider edge of BGP/IPsec VPNs\n"
#define VPN_AUTH_STR	"How the two ends authenticate\n"
#define VPN_PSK_STR	"One secret for all provider edges\n"
#define VPN_ACCEPT_STR                                                                             \
	"A second secret, which peers may prove by and we do not\n"                                \
	"The second secret\n"
#define VPN_FILE_STR "The secret is the first line of a file\n"
#define VPN_CERT_STR "X.509 certificates\n"
#define VPN_IKE_STR  "The IKE_SA\n"
#define VPN_ESP_STR  "The CHILD_SA\n"
#define VPN_PROPOSAL_STR                                                                           \
	"Algorithms\n"                                                                             \
	"Keywords of strongSwan joined by '-', for example aes256gcm16-prfsha384-x25519\n"

/*
 * vpn
 */

DEFPY_YANG_NOSH(vpn, vpn_cmd, "vpn", "IPsec VPNs\n")
{
	VTY_PUSH_XPATH(VPN_NODE, VPN_XPATH);
	return CMD_SUCCESS;
}

/* All at once: a command has a few changes, and there may be hundreds of links. */
DEFPY_YANG(no_vpn, no_vpn_cmd, "no vpn", NO_STR "IPsec VPNs\n")
{
	nb_cli_enqueue_change(vty, VPN_XPATH, NB_OP_DESTROY, NULL);
	return vpn_cli_apply(vty);
}

static void vpn_cli_show(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	vty_out(vty, "vpn\n");
}

static void vpn_cli_show_end(struct vty *vty, const struct lyd_node *dnode)
{
	vty_out(vty, "exit\n");
	vty_out(vty, "!\n");
}

/* The end of whatever is one level below. */
static void vpn_cli_show_nested_end(struct vty *vty, const struct lyd_node *dnode)
{
	vty_out(vty, " exit\n");
	vty_out(vty, " !\n");
}

/*
 * ipsec-profile NAME
 */

DEFPY_YANG_NOSH(vpn_profile, vpn_profile_cmd, "ipsec-profile NAME$name",
		VPN_PROFILE_STR "Name of the profile\n")
{
	char xpath[XPATH_MAXLEN];
	int ret;

	if (strlen(name) > 63 || strpbrk(name, "'\"")) {
		vty_out(vty, "%% ipsec-profile %s: a name has at most 63 characters and no quote\n",
			name);
		return CMD_WARNING_CONFIG_FAILED;
	}
	snprintf(xpath, sizeof(xpath), VPN_PROFILE_XPATH, name);
	nb_cli_enqueue_change(vty, xpath, NB_OP_CREATE, NULL);
	ret = vpn_cli_apply(vty);
	if (ret == CMD_SUCCESS)
		VTY_PUSH_XPATH(VPN_PROFILE_NODE, xpath);
	return ret;
}

DEFPY_YANG(no_vpn_profile, no_vpn_profile_cmd, "no ipsec-profile NAME$vpn_profile",
	   NO_STR VPN_PROFILE_STR "Name of the profile\n")
{
	char xpath[XPATH_MAXLEN];

	if (strlen(vpn_profile) > 63 || strpbrk(vpn_profile, "'\""))
		return CMD_SUCCESS; /* there cannot be such a one */
	snprintf(xpath, sizeof(xpath), VPN_PROFILE_XPATH, vpn_profile);
	nb_cli_enqueue_change(vty, xpath, NB_OP_DESTROY, NULL);
	return vpn_cli_apply(vty);
}

static void vpn_profile_cli_show(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	vty_out(vty, " ipsec-profile %s\n", yang_dnode_get_string(dnode, "./name"));
}

/*
 * authentication …: one of three.  Another one of the same kind replaces it;
 * one of another kind is refused at commit while there is this one.
 */

DEFPY_YANG(vpn_auth_psk, vpn_auth_psk_cmd,
	   "authentication pre-shared-key SECRET [accept SECRET$other]",
	   VPN_AUTH_STR VPN_PSK_STR
	   "The secret; 0x (hexadecimal) or 0s (base64) for arbitrary octets\n" VPN_ACCEPT_STR)
{
	nb_cli_enqueue_change(vty, "./authentication/pre-shared-key", NB_OP_MODIFY, secret);
	nb_cli_enqueue_change(vty, "./authentication/accept-pre-shared-key",
			      other ? NB_OP_MODIFY : NB_OP_DESTROY, other);
	return vpn_cli_apply(vty);
}

DEFPY_YANG(vpn_auth_file, vpn_auth_file_cmd, "authentication pre-shared-key-file PATH",
	   VPN_AUTH_STR VPN_FILE_STR "Path of the file\n")
{
	nb_cli_enqueue_change(vty, "./authentication/pre-shared-key-file", NB_OP_MODIFY, path);
	return vpn_cli_apply(vty);
}

DEFPY_YANG(vpn_auth_certificate, vpn_auth_certificate_cmd,
	   "authentication certificate FILE$certificate key FILE$private ca FILE$ca [crl FILE$crl]",
	   VPN_AUTH_STR VPN_CERT_STR "File of our certificate\n"
				     "Its private key\n"
				     "File of the private key\n"
				     "Authority that peers' certificates must be signed by\n"
				     "File of the authority's certificate\n"
				     "What the authority has revoked\n"
				     "File of the authority's list of revoked certificates\n")
{
	nb_cli_enqueue_change(vty, "./authentication/certificate/certificate", NB_OP_MODIFY,
			      certificate);
	nb_cli_enqueue_change(vty, "./authentication/certificate/key", NB_OP_MODIFY, private);
	nb_cli_enqueue_change(vty, "./authentication/certificate/ca", NB_OP_MODIFY, ca);
	nb_cli_enqueue_change(vty, "./authentication/certificate/crl",
			      crl ? NB_OP_MODIFY : NB_OP_DESTROY, crl);
	return vpn_cli_apply(vty);
}

DEFPY_YANG(no_vpn_auth, no_vpn_auth_cmd,
	   "no authentication [<pre-shared-key [SECRET [accept SECRET]]|pre-shared-key-file [PATH]|certificate [FILE key FILE ca FILE [crl FILE]]>]",
	   NO_STR VPN_AUTH_STR VPN_PSK_STR "The secret\n" VPN_ACCEPT_STR VPN_FILE_STR
					   "Path of the file\n" VPN_CERT_STR
					   "File of our certificate\n"
					   "Its private key\n"
					   "File of the private key\n"
					   "Authority that peers' certificates must be signed by\n"
					   "File of the authority's certificate\n"
					   "What the authority has revoked\n"
					   "File of the authority's list of revoked certificates\n")
{
	static const char *const leaves[] = {
		"./authentication/pre-shared-key",	"./authentication/accept-pre-shared-key",
		"./authentication/pre-shared-key-file", "./authentication/certificate/certificate",
		"./authentication/certificate/key",	"./authentication/certificate/ca",
		"./authentication/certificate/crl",
	};

	for (size_t i = 0; i < array_size(leaves); i++)
		nb_cli_enqueue_change(vty, leaves[i], NB_OP_DESTROY, NULL);
	return vpn_cli_apply(vty);
}

static void vpn_auth_cli_show(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	bool accept = yang_dnode_exists(dnode, "./accept-pre-shared-key");
	bool crl = yang_dnode_exists(dnode, "./certificate/crl");

	if (yang_dnode_exists(dnode, "./pre-shared-key"))
		vty_out(vty, "  authentication pre-shared-key %s%s%s\n",
			yang_dnode_get_string(dnode, "./pre-shared-key"), accept ? " accept " : "",
			accept ? yang_dnode_get_string(dnode, "./accept-pre-shared-key") : "");
	else if (yang_dnode_exists(dnode, "./pre-shared-key-file"))
		vty_out(vty, "  authentication pre-shared-key-file %s\n",
			yang_dnode_get_string(dnode, "./pre-shared-key-file"));
	else if (yang_dnode_exists(dnode, "./certificate/certificate"))
		vty_out(vty, "  authentication certificate %s key %s ca %s%s%s\n",
			yang_dnode_get_string(dnode, "./certificate/certificate"),
			yang_dnode_get_string(dnode, "./certificate/key"),
			yang_dnode_get_string(dnode, "./certificate/ca"), crl ? " crl " : "",
			crl ? yang_dnode_get_string(dnode, "./certificate/crl") : "");
}

/*
 * ike …, esp …
 */

/* Sets a proposal, if charon would understand it. */
static int vpn_cli_proposal(struct vty *vty, const char *word, enum vpn_proposal_kind kind,
			    const char *proposal)
{
	char xpath[32], why[128];

	if (!vpn_proposal_valid(proposal, kind, why, sizeof(why))) {
		vty_out(vty, "%% %s proposal %s: %s\n", word, proposal, why);
		return CMD_WARNING_CONFIG_FAILED;
	}
	snprintf(xpath, sizeof(xpath), "./%s/proposal", word);
	nb_cli_enqueue_change(vty, xpath, NB_OP_MODIFY, proposal);
	return vpn_cli_apply(vty);
}

DEFPY_YANG(vpn_ike_proposal, vpn_ike_proposal_cmd, "ike proposal PROPOSAL",
	   VPN_IKE_STR VPN_PROPOSAL_STR)
{
	return vpn_cli_proposal(vty, "ike", VPN_PROPOSAL_IKE, proposal);
}

DEFPY_YANG(no_vpn_ike_proposal, no_vpn_ike_proposal_cmd, "no ike proposal [PROPOSAL]",
	   NO_STR VPN_IKE_STR VPN_PROPOSAL_STR)
{
	nb_cli_enqueue_change(vty, "./ike/proposal", NB_OP_DESTROY, NULL);
	return vpn_cli_apply(vty);
}

DEFPY_YANG(vpn_esp_proposal, vpn_esp_proposal_cmd, "esp proposal PROPOSAL",
	   VPN_ESP_STR VPN_PROPOSAL_STR)
{
	return vpn_cli_proposal(vty, "esp", VPN_PROPOSAL_ESP, proposal);
}

DEFPY_YANG(no_vpn_esp_proposal, no_vpn_esp_proposal_cmd, "no esp proposal [PROPOSAL]",
	   NO_STR VPN_ESP_STR VPN_PROPOSAL_STR)
{
	nb_cli_enqueue_change(vty, "./esp/proposal", NB_OP_DESTROY, NULL);
	return vpn_cli_apply(vty);
}

static void vpn_ike_proposal_cli_show(struct vty *vty, const struct lyd_node *dnode,
				      bool show_defaults)
{
	vty_out(vty, "  ike proposal %s\n", yang_dnode_get_string(dnode, NULL));
}

static void vpn_esp_proposal_cli_show(struct vty *vty, const struct lyd_node *dnode,
				      bool show_defaults)
{
	vty_out(vty, "  esp proposal %s\n", yang_dnode_get_string(dnode, NULL));
}

/* Sets a number, or puts the default back; YANG knows what is right. */
static int vpn_cli_number(struct vty *vty, const char *xpath, bool unset, const char *number)
{
	if (unset)
		nb_cli_enqueue_change(vty, xpath, NB_OP_DESTROY, NULL);
	else
		nb_cli_enqueue_change(vty, xpath, NB_OP_MODIFY, number);
	return vpn_cli_apply(vty);
}

DEFPY_YANG(vpn_ike_version, vpn_ike_version_cmd, "ike version (0-255)$version",
	   VPN_IKE_STR "Version of IKE\n"
		       "1 or 2\n")
{
	return vpn_cli_number(vty, "./ike/version", false, version_str);
}

DEFPY_YANG(no_vpn_ike_version, no_vpn_ike_version_cmd, "no ike version [(0-255)]",
	   NO_STR VPN_IKE_STR "Version of IKE\n"
			      "1 or 2\n")
{
	return vpn_cli_number(vty, "./ike/version", true, NULL);
}

static void vpn_ike_version_cli_show(struct vty *vty, const struct lyd_node *dnode,
				     bool show_defaults)
{
	vty_out(vty, "  ike version %s\n", yang_dnode_get_string(dnode, NULL));
}

/*
 * lifetime, dead-peer-detection, retry
 */

DEFPY_YANG(vpn_lifetime, vpn_lifetime_cmd, "lifetime (0-4294967295)$seconds",
	   "Age at which a CHILD_SA is replaced\n"
	   "Seconds, 10 to 2592000\n")
{
	return vpn_cli_number(vty, "./lifetime", false, seconds_str);
}

DEFPY_YANG(no_vpn_lifetime, no_vpn_lifetime_cmd, "no lifetime [(0-4294967295)]",
	   NO_STR "Age at which a CHILD_SA is replaced\n"
		  "Seconds, 10 to 2592000\n")
{
	return vpn_cli_number(vty, "./lifetime", true, NULL);
}

static void vpn_lifetime_cli_show(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	vty_out(vty, "  lifetime %s\n", yang_dnode_get_string(dnode, NULL));
}

/* The whole of it: without a timeout, the default one. */
DEFPY_YANG(vpn_dpd, vpn_dpd_cmd,
	   "dead-peer-detection (0-65535)$seconds [timeout (0-65535)$timeout]",
	   "Silence after which a peer is asked whether it is alive\n"
	   "Seconds, up to 3600; 0 never asks\n"
	   "Time that it may take to answer before its tunnel links are down\n"
	   "Seconds, 1 to 3600\n")
{
	nb_cli_enqueue_change(vty, "./dead-peer-timeout",
			      timeout_str ? NB_OP_MODIFY : NB_OP_DESTROY, timeout_str);
	return vpn_cli_number(vty, "./dead-peer-detection", false, seconds_str);
}

DEFPY_YANG(no_vpn_dpd, no_vpn_dpd_cmd,
	   "no dead-peer-detection [(0-65535) [timeout (0-65535)]]",
	   NO_STR "Silence after which a peer is asked whether it is alive\n"
		  "Seconds, up to 3600; 0 never asks\n"
		  "Time that it may take to answer before its tunnel links are down\n"
		  "Seconds, 1 to 3600\n")
{
	nb_cli_enqueue_change(vty, "./dead-peer-timeout", NB_OP_DESTROY, NULL);
	return vpn_cli_number(vty, "./dead-peer-detection", true, NULL);
}

/* Alone, if the timeout, which is written with it, is the default one. */
static void vpn_dpd_cli_show(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	if (!show_defaults && yang_dnode_is_default(dnode, "../dead-peer-timeout"))
		vty_out(vty, "  dead-peer-detection %s\n", yang_dnode_get_string(dnode, NULL));
}

static void vpn_dpd_timeout_cli_show(struct vty *vty, const struct lyd_node *dnode,
				     bool show_defaults)
{
	vty_out(vty, "  dead-peer-detection %s timeout %s\n",
		yang_dnode_get_string(dnode, "../dead-peer-detection"),
		yang_dnode_get_string(dnode, NULL));
}

DEFPY_YANG(vpn_retry, vpn_retry_cmd,
	   "retry {initial (0-65535)$initial|maximum (0-4294967295)$maximum|limit (0-65535)$limit}",
	   "What happens when a peer cannot be reached\n"
	   "Time to the second attempt, doubled for each next one\n"
	   "Seconds, 1 to 3600\n"
	   "Longest time between two attempts\n"
	   "Seconds, 1 to 86400\n"
	   "Failed attempts after which there is an alarm instead\n"
	   "Attempts, up to 10000; 0: never\n")
{
	if (initial_str)
		nb_cli_enqueue_change(vty, "./retry/initial", NB_OP_MODIFY, initial_str);
	if (maximum_str)
		nb_cli_enqueue_change(vty, "./retry/maximum", NB_OP_MODIFY, maximum_str);
	if (limit_str)
		nb_cli_enqueue_change(vty, "./retry/limit", NB_OP_MODIFY, limit_str);
	return vpn_cli_apply(vty);
}

DEFPY_YANG(no_vpn_retry, no_vpn_retry_cmd,
	   "no retry [{initial$initial [(0-65535)]|maximum$maximum [(0-4294967295)]|limit$limit [(0-65535)]}]",
	   NO_STR "What happens when a peer cannot be reached\n"
		  "Time to the second attempt, doubled for each next one\n"
		  "Seconds, 1 to 3600\n"
		  "Longest time between two attempts\n"
		  "Seconds, 1 to 86400\n"
		  "Failed attempts after which there is an alarm instead\n"
		  "Attempts, up to 10000; 0: never\n")
{
	bool all = !initial && !maximum && !limit;

	if (all || initial)
		nb_cli_enqueue_change(vty, "./retry/initial", NB_OP_DESTROY, NULL);
	if (all || maximum)
		nb_cli_enqueue_change(vty, "./retry/maximum", NB_OP_DESTROY, NULL);
	if (all || limit)
		nb_cli_enqueue_change(vty, "./retry/limit", NB_OP_DESTROY, NULL);
	return vpn_cli_apply(vty);
}

static void vpn_retry_cli_show(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	vty_out(vty, "  retry initial %s maximum %s limit %s\n",
		yang_dnode_get_string(dnode, "./initial"),
		yang_dnode_get_string(dnode, "./maximum"), yang_dnode_get_string(dnode, "./limit"));
}

/*
 * provider-edge
 */

DEFPY_YANG_NOSH(vpn_pe, vpn_pe_cmd, "provider-edge", VPN_PE_STR)
{
	int ret;

	nb_cli_enqueue_change(vty, VPN_PE_XPATH, NB_OP_CREATE, NULL);
	ret = vpn_cli_apply(vty);
	if (ret == CMD_SUCCESS)
		VTY_PUSH_XPATH(VPN_PE_NODE, VPN_PE_XPATH);
	return ret;
}

DEFPY_YANG(no_vpn_pe, no_vpn_pe_cmd, "no provider-edge", NO_STR VPN_PE_STR)
{
	nb_cli_enqueue_change(vty, VPN_PE_XPATH, NB_OP_DESTROY, NULL);
	return vpn_cli_apply(vty);
}

static void vpn_pe_cli_show(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	vty_out(vty, " provider-edge\n");
}

DEFPY_YANG(vpn_pe_local, vpn_pe_local_cmd, "local-address <A.B.C.D|X:X::X:X>$address",
	   "BGP next hop and IPsec endpoint\n"
	   "An address of this machine that the backbone routes to\n"
	   "An address of this machine that the backbone routes to\n")
{
	nb_cli_enqueue_change(vty, "./local-address", NB_OP_MODIFY, address_str);
	return vpn_cli_apply(vty);
}

DEFPY_YANG(no_vpn_pe_local, no_vpn_pe_local_cmd, "no local-address [<A.B.C.D|X:X::X:X>]",
	   NO_STR "BGP next hop and IPsec endpoint\n"
		  "An address of this machine that the backbone routes to\n"
		  "An address of this machine that the backbone routes to\n")
{
	nb_cli_enqueue_change(vty, "./local-address", NB_OP_DESTROY, NULL);
	return vpn_cli_apply(vty);
}

static void vpn_pe_local_cli_show(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	vty_out(vty, "  local-address %s\n", yang_dnode_get_string(dnode, NULL));
}

DEFPY_YANG(vpn_pe_profile, vpn_pe_profile_cmd, "ipsec-profile NAME$vpn_profile",
	   VPN_PROFILE_STR "Name of the profile\n")
{
	nb_cli_enqueue_change(vty, "./ipsec-profile", NB_OP_MODIFY, vpn_profile);
	return vpn_cli_apply(vty);
}

DEFPY_YANG(no_vpn_pe_profile, no_vpn_pe_profile_cmd, "no ipsec-profile [NAME$vpn_profile]",
	   NO_STR VPN_PROFILE_STR "Name of the profile\n")
{
	nb_cli_enqueue_change(vty, "./ipsec-profile", NB_OP_DESTROY, NULL);
	return vpn_cli_apply(vty);
}

static void vpn_pe_profile_cli_show(struct vty *vty, const struct lyd_node *dnode,
				    bool show_defaults)
{
	vty_out(vty, "  ipsec-profile %s\n", yang_dnode_get_string(dnode, NULL));
}

DEFPY_YANG(vpn_pe_length, vpn_pe_length_cmd, "spi-prefix-length (0-255)$bits",
	   "Length of our SPI prefixes; labels have the rest of 32 bits\n"
	   "Bits, 7 to 26\n")
{
	return vpn_cli_number(vty, "./spi-prefix-length", false, bits_str);
}

DEFPY_YANG(no_vpn_pe_length, no_vpn_pe_length_cmd, "no spi-prefix-length [(0-255)]",
	   NO_STR "Length of our SPI prefixes; labels have the rest of 32 bits\n"
		  "Bits, 7 to 26\n")
{
	return vpn_cli_number(vty, "./spi-prefix-length", true, NULL);
}

static void vpn_pe_length_cli_show(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	vty_out(vty, "  spi-prefix-length %s\n", yang_dnode_get_string(dnode, NULL));
}

/* clang-format off */
const struct frr_yang_module_info frr_vpnd_cli_info = {
	.name = "frr-vpnd",
	.ignore_cfg_cbs = true,
	.nodes = {
		{
			.xpath = VPN_XPATH,
			.cbs = {
				.cli_show = vpn_cli_show,
				.cli_show_end = vpn_cli_show_end,
			},
		},
		{
			.xpath = VPN_XPATH "/ipsec-profile",
			.cbs = {
				.cli_show = vpn_profile_cli_show,
				.cli_show_end = vpn_cli_show_nested_end,
			},
		},
		{
			.xpath = VPN_XPATH "/ipsec-profile/authentication",
			.cbs.cli_show = vpn_auth_cli_show,
		},
		{
			.xpath = VPN_XPATH "/ipsec-profile/ike/proposal",
			.cbs.cli_show = vpn_ike_proposal_cli_show,
		},
		{
			.xpath = VPN_XPATH "/ipsec-profile/ike/version",
			.cbs.cli_show = vpn_ike_version_cli_show,
		},
		{
			.xpath = VPN_XPATH "/ipsec-profile/esp/proposal",
			.cbs.cli_show = vpn_esp_proposal_cli_show,
		},
		{
			.xpath = VPN_XPATH "/ipsec-profile/lifetime",
			.cbs.cli_show = vpn_lifetime_cli_show,
		},
		{
			.xpath = VPN_XPATH "/ipsec-profile/dead-peer-detection",
			.cbs.cli_show = vpn_dpd_cli_show,
		},
		{
			.xpath = VPN_XPATH "/ipsec-profile/dead-peer-timeout",
			.cbs.cli_show = vpn_dpd_timeout_cli_show,
		},
		{
			.xpath = VPN_XPATH "/ipsec-profile/retry",
			.cbs.cli_show = vpn_retry_cli_show,
		},
		{
			.xpath = VPN_PE_XPATH,
			.cbs = {
				.cli_show = vpn_pe_cli_show,
				.cli_show_end = vpn_cli_show_nested_end,
			},
		},
		{
			.xpath = VPN_PE_XPATH "/local-address",
			.cbs.cli_show = vpn_pe_local_cli_show,
		},
		{
			.xpath = VPN_PE_XPATH "/ipsec-profile",
			.cbs.cli_show = vpn_pe_profile_cli_show,
		},
		{
			.xpath = VPN_PE_XPATH "/spi-prefix-length",
			.cbs.cli_show = vpn_pe_length_cli_show,
		},
		{
			.xpath = VPN_CE_XPATH,
			.cbs = {
				.cli_show = vpn_ce_cli_show,
				.cli_show_end = vpn_cli_show_nested_end,
			},
		},
		{
			.xpath = VPN_CE_XPATH "/identity",
			.cbs.cli_show = vpn_ce_identity_cli_show,
		},
		{
			.xpath = VPN_CE_XPATH "/address",
			.cbs.cli_show = vpn_ce_address_cli_show,
		},
		{
			.xpath = VPN_CE_XPATH "/provider-interface",
			.cbs.cli_show = vpn_ce_interface_cli_show,
		},
		{
			.xpath = VPN_CE_XPATH "/server",
			.cbs.cli_show = vpn_ce_server_cli_show,
		},
		{
			.xpath = VPN_CE_XPATH "/certificate",
			.cbs.cli_show = vpn_ce_certificate_cli_show,
		},
		{
			.xpath = VPN_CE_XPATH "/interval",
			.cbs.cli_show = vpn_ce_interval_cli_show,
		},
		{
			.xpath = VPN_CE_XPATH "/retain",
			.cbs.cli_show = vpn_ce_retain_cli_show,
		},
		{
			.xpath = VPN_CE_XPATH "/internet-access",
			.cbs.cli_show = vpn_ce_internet_cli_show,
		},
		{
			.xpath = VPN_LINK_XPATH,
			.cbs = {
				.cli_show = vpn_link_cli_show,
				.cli_show_end = vpn_cli_show_nested_end,
			},
		},
		{
			.xpath = VPN_LINK_XPATH "/local",
			.cbs.cli_show = vpn_link_local_cli_show,
		},
		{
			.xpath = VPN_LINK_XPATH "/remote",
			.cbs.cli_show = vpn_link_remote_cli_show,
		},
		{
			.xpath = VPN_LINK_XPATH "/encapsulation",
			.cbs.cli_show = vpn_link_encap_cli_show,
		},
		{
			.xpath = VPN_LINK_XPATH "/ipsec-profile",
			.cbs.cli_show = vpn_link_profile_cli_show,
		},
		{
			.xpath = VPN_LINK_XPATH "/no-ipsec",
			.cbs.cli_show = vpn_link_no_ipsec_cli_show,
		},
		{
			.xpath = VPN_LINK_XPATH "/local-identity",
			.cbs.cli_show = vpn_link_local_id_cli_show,
		},
		{
			.xpath = VPN_LINK_XPATH "/remote-identity",
			.cbs.cli_show = vpn_link_remote_id_cli_show,
		},
		{
			.xpath = VPN_LINK_XPATH "/vpn-id",
			.cbs.cli_show = vpn_link_vpn_id_cli_show,
		},
		{
			.xpath = VPN_LINK_XPATH "/signal",
			.cbs.cli_show = vpn_link_signal_cli_show,
		},
		{
			.xpath = VPN_LINK_XPATH "/establish",
			.cbs.cli_show = vpn_link_establish_cli_show,
		},
		{
			.xpath = VPN_LINK_XPATH "/address",
			.cbs.cli_show = vpn_link_address_cli_show,
		},
		{
			.xpath = VPN_LINK_XPATH "/address6",
			.cbs.cli_show = vpn_link_address6_cli_show,
		},
		{
			.xpath = VPN_LINK_XPATH "/unnumbered",
			.cbs.cli_show = vpn_link_unnumbered_cli_show,
		},
		{
			.xpath = VPN_LINK_XPATH "/mtu",
			.cbs.cli_show = vpn_link_mtu_cli_show,
		},
		{
			.xpath = VPN_TEMPLATE_XPATH,
			.cbs = {
				.cli_show = vpn_template_cli_show,
				.cli_show_end = vpn_cli_show_nested_end,
			},
		},
		{
			.xpath = VPN_TEMPLATE_XPATH "/local",
			.cbs.cli_show = vpn_link_local_cli_show,
		},
		{
			.xpath = VPN_TEMPLATE_XPATH "/encapsulation/type",
			.cbs.cli_show = vpn_template_encap_cli_show,
		},
		{
			.xpath = VPN_TEMPLATE_XPATH "/ipsec-profile",
			.cbs.cli_show = vpn_link_profile_cli_show,
		},
		{
			.xpath = VPN_TEMPLATE_XPATH "/local-identity",
			.cbs.cli_show = vpn_link_local_id_cli_show,
		},
		{
			.xpath = VPN_TEMPLATE_XPATH "/remote-identity",
			.cbs.cli_show = vpn_link_remote_id_cli_show,
		},
		{
			.xpath = VPN_TEMPLATE_XPATH "/vpn-id",
			.cbs.cli_show = vpn_link_vpn_id_cli_show,
		},
		{
			.xpath = VPN_TEMPLATE_XPATH "/signal",
			.cbs.cli_show = vpn_link_signal_cli_show,
		},
		{
			.xpath = VPN_TEMPLATE_XPATH "/unnumbered",
			.cbs.cli_show = vpn_link_unnumbered_cli_show,
		},
		{
			.xpath = VPN_TEMPLATE_XPATH "/mtu",
			.cbs.cli_show = vpn_link_mtu_cli_show,
		},
		{
			.xpath = VPN_TEMPLATE_XPATH "/limit",
			.cbs.cli_show = vpn_template_limit_cli_show,
		},
		{
			.xpath = VPN_TEMPLATE_XPATH "/forget",
			.cbs.cli_show = vpn_template_forget_cli_show,
		},
		{
			.xpath = NULL,
		},
	},
};
/* clang-format on */

static struct cmd_node vpn_node = {
	.name = "vpn",
	.node = VPN_NODE,
	.parent_node = CONFIG_NODE,
	.prompt = "%s(config-vpn)# ",
};

static struct cmd_node vpn_profile_node = {
	.name = "vpn ipsec-profile",
	.node = VPN_PROFILE_NODE,
	.parent_node = VPN_NODE,
	.prompt = "%s(config-vpn-profile)# ",
};

static struct cmd_node vpn_pe_node = {
	.name = "vpn provider-edge",
	.node = VPN_PE_NODE,
	.parent_node = VPN_NODE,
	.prompt = "%s(config-vpn-pe)# ",
};

static void vpn_cli_init_profile(void)
{
	install_node(&vpn_profile_node);
	install_default(VPN_PROFILE_NODE);
	install_element(VPN_NODE, &vpn_profile_cmd);
	install_element(VPN_NODE, &no_vpn_profile_cmd);
	install_element(VPN_PROFILE_NODE, &vpn_auth_psk_cmd);
	install_element(VPN_PROFILE_NODE, &vpn_auth_file_cmd);
	install_element(VPN_PROFILE_NODE, &vpn_auth_certificate_cmd);
	install_element(VPN_PROFILE_NODE, &no_vpn_auth_cmd);
	install_element(VPN_PROFILE_NODE, &vpn_ike_proposal_cmd);
	install_element(VPN_PROFILE_NODE, &no_vpn_ike_proposal_cmd);
	install_element(VPN_PROFILE_NODE, &vpn_ike_version_cmd);
	install_element(VPN_PROFILE_NODE, &no_vpn_ike_version_cmd);
	install_element(VPN_PROFILE_NODE, &vpn_esp_proposal_cmd);
	install_element(VPN_PROFILE_NODE, &no_vpn_esp_proposal_cmd);
	install_element(VPN_PROFILE_NODE, &vpn_lifetime_cmd);
	install_element(VPN_PROFILE_NODE, &no_vpn_lifetime_cmd);
	install_element(VPN_PROFILE_NODE, &vpn_dpd_cmd);
	install_element(VPN_PROFILE_NODE, &no_vpn_dpd_cmd);
	install_element(VPN_PROFILE_NODE, &vpn_retry_cmd);
	install_element(VPN_PROFILE_NODE, &no_vpn_retry_cmd);
}

static void vpn_cli_init_pe(void)
{
	install_node(&vpn_pe_node);
	install_default(VPN_PE_NODE);
	install_element(VPN_NODE, &vpn_pe_cmd);
	install_element(VPN_NODE, &no_vpn_pe_cmd);
	install_element(VPN_PE_NODE, &vpn_pe_local_cmd);
	install_element(VPN_PE_NODE, &no_vpn_pe_local_cmd);
	install_element(VPN_PE_NODE, &vpn_pe_profile_cmd);
	install_element(VPN_PE_NODE, &no_vpn_pe_profile_cmd);
	install_element(VPN_PE_NODE, &vpn_pe_length_cmd);
	install_element(VPN_PE_NODE, &no_vpn_pe_length_cmd);
}

void vpn_cli_init(void)
{
	install_node(&vpn_node);
	install_default(VPN_NODE);
	install_element(CONFIG_NODE, &vpn_cmd);
	install_element(CONFIG_NODE, &no_vpn_cmd);
	vpn_cli_init_profile();
	vpn_cli_init_pe();
	vpn_cli_ce_init();
	vpn_cli_tunnel_init();
}
