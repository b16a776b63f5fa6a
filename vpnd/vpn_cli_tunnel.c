// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Configuration commands of tunnel links, and links written back as commands;
 * compiled into mgmtd, as vpn_cli.c is, which see.
 *
 * Each command stands for the whole of what it is about: `encapsulation gre`
 * takes a key away that was there, `establish permanent` the idle time.  So
 * what is written back is what was typed, whatever was there before.
 *
 * `no ipsec` is no negation but a statement: this link goes in clear.  What
 * takes it back is `ipsec`, and so does naming an ipsec-profile.
 *
 * A template is configured in the same node, with those of a link's commands that
 * have something to say of many links; the others are refused there.
 */
#include <zebra.h>

#include "lib/command.h"
#include "lib/libfrr.h"
#include "lib/memory.h"
#include "lib/northbound.h"
#include "lib/northbound_cli.h"
#include "lib/vty.h"
#include "lib/yang.h"

#include "vpnd/vpn_cli.h"
#include "vpnd/vpn_cli_tunnel_clippy.c"

#define VPN_LINK_STR	  "A link to one peer, which is an interface\n"
#define VPN_LINK_NAMES	  "Name of the link and of its interface\n"
#define VPN_VRF_STR	  "VRF that it is in\nName of the VRF, or default\n"
#define VPN_LOCAL_STR	  "Our address, which packets of the link come from\n"
#define VPN_REMOTE_STR	  "The peer's address\n"
#define VPN_ENCAP_STR	  "How packets look between the gateways\n"
#define VPN_PROFILE_STR	  "IPsec that protects the link\n"
#define VPN_LOCAL_ID_STR  "Who we are in IKE, if not our address\n"
#define VPN_REMOTE_ID_STR "Who the peer must prove to be, if not its address\n"
#define VPN_IDENTITY_STR                                                                           \
	"Address, host name, e-mail address or distinguished name, as strongSwan reads it\n"
#define VPN_ID_STR                                                                                 \
	"The VPN, as both ends know it (RFC 2685)\n"                                               \
	"6 hexadecimal digits of the OUI, ':', 8 of the index, for example 00a0c9:00000001\n"
#define VPN_SIGNAL_STR	   "How the peer is told in IKE that this is a tunnel link\n"
#define VPN_ESTABLISH_STR  "When IPsec is negotiated\n"
#define VPN_ADDRESS_STR	   "Address of the interface\n"
#define VPN_UNNUMBERED_STR "Interface whose IPv4 address is borrowed\n"
#define VPN_MTU_STR	   "MTU of the interface, if not what the path allows\n"
#define VPN_TEMPLATE_STR   "Links to whoever proves to be somebody, an interface each\n"
#define VPN_TEMPLATE_NAMES "Name of the template, which its interfaces' names begin with\n"

/* Sets a leaf, or removes it if there is no value. */
static void vpn_cli_put(struct vty *vty, const char *xpath, const char *value)
{
	nb_cli_enqueue_change(vty, xpath, value ? NB_OP_MODIFY : NB_OP_DESTROY, value);
}

/* The same for a command about one leaf. */
static int vpn_cli_set(struct vty *vty, const char *xpath, const char *value)
{
	vpn_cli_put(vty, xpath, value);
	return vpn_cli_apply(vty);
}

/* Are we in a template, which has no such thing?  Says so. */
static bool vpn_cli_no_template(struct vty *vty, const char *what)
{
	if (!strstr(VTY_CURR_XPATH, "/tunnel-link-template["))
		return false;
	vty_out(vty, "%% a tunnel-link-template has no %s\n", what);
	return true;
}

/*
 * tunnel-link NAME vrf VRF, tunnel-link-template NAME vrf VRF
 */

/* The path of a link, if there can be one of this name; YANG's pattern has no words for a key. */
static bool vpn_cli_name_xpath(char *xpath, size_t size, const char *list, const char *name)
{
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";

	if (strlen(name) >= IFNAMSIZ || strspn(name, allowed) != strlen(name) ||
	    !isalnum((unsigned char)name[0]))
		return false;
	snprintf(xpath, size, VPN_XPATH "/%s[name='%s']", list, name);
	return true;
}

static bool vpn_cli_link_xpath(char *xpath, size_t size, const char *name)
{
	return vpn_cli_name_xpath(xpath, size, "tunnel-link", name);
}

static bool vpn_cli_template_xpath(char *xpath, size_t size, const char *name)
{
	return strlen(name) <= 11 && !isdigit((unsigned char)name[strlen(name) - 1]) &&
	       vpn_cli_name_xpath(xpath, size, "tunnel-link-template", name);
}

DEFPY_YANG_NOSH(vpn_link, vpn_link_cmd, "tunnel-link NAME$vpn_link vrf NAME$vrf",
		VPN_LINK_STR VPN_LINK_NAMES VPN_VRF_STR)
{
	char xpath[XPATH_MAXLEN];
	int ret;

	if (!vpn_cli_link_xpath(xpath, sizeof(xpath), vpn_link)) {
		vty_out(vty,
			"%% tunnel-link %s: the name of an interface has 1 to 15 characters: letters, digits, '_', '.' and '-', the first a letter or a digit\n",
			vpn_link);
		return CMD_WARNING_CONFIG_FAILED;
	}
	nb_cli_enqueue_change(vty, ".", NB_OP_CREATE, NULL);
	nb_cli_enqueue_change(vty, "./vrf", NB_OP_MODIFY, vrf);
	ret = vpn_cli_apply_at(vty, xpath);
	if (ret == CMD_SUCCESS)
		VTY_PUSH_XPATH(VPN_LINK_NODE, xpath);
	return ret;
}

DEFPY_YANG_NOSH(vpn_template, vpn_template_cmd, "tunnel-link-template NAME$vpn_template vrf NAME$vrf",
		VPN_TEMPLATE_STR VPN_TEMPLATE_NAMES VPN_VRF_STR)
{
	char xpath[XPATH_MAXLEN];
	int ret;

	if (!vpn_cli_template_xpath(xpath, sizeof(xpath), vpn_template)) {
		vty_out(vty,
			"%% tunnel-link-template %s: the name has 1 to 11 characters: letters, digits, '_', '.' and '-', the first a letter or a digit, the last no digit, for a number follows it in the names of interfaces\n",
			vpn_template);
		return CMD_WARNING_CONFIG_FAILED;
	}
	nb_cli_enqueue_change(vty, ".", NB_OP_CREATE, NULL);
	nb_cli_enqueue_change(vty, "./vrf", NB_OP_MODIFY, vrf);
	ret = nb_cli_apply_changes(vty, "%s", xpath);
	if (ret == CMD_SUCCESS)
		VTY_PUSH_XPATH(VPN_LINK_NODE, xpath);
	return ret;
}

/* As no_vpn_link. */
DEFPY_YANG(no_vpn_template, no_vpn_template_cmd,
	   "no tunnel-link-template NAME$vpn_template [vrf NAME$vrf]",
	   NO_STR VPN_TEMPLATE_STR VPN_TEMPLATE_NAMES VPN_VRF_STR)
{
	const struct lyd_node *root = vty->candidate_config->dnode;
	char xpath[XPATH_MAXLEN];

	if (!vpn_cli_template_xpath(xpath, sizeof(xpath), vpn_template))
		return CMD_SUCCESS; /* there cannot be such a one */
	if (vrf && root && yang_dnode_existsf(root, "%s/vrf", xpath) &&
	    strcmp(yang_dnode_get_string(root, "%s/vrf", xpath), vrf) != 0)
		return CMD_SUCCESS;
	nb_cli_enqueue_change(vty, xpath, NB_OP_DESTROY, NULL);
	return nb_cli_apply_changes(vty, NULL);
}

void vpn_template_cli_show(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	vty_out(vty, " tunnel-link-template %s vrf %s\n", yang_dnode_get_string(dnode, "./name"),
		yang_dnode_get_string(dnode, "./vrf"));
}

/* With a VRF only if it is in that: it may have been moved before this is carried out. */
DEFPY_YANG(no_vpn_link, no_vpn_link_cmd, "no tunnel-link NAME$vpn_link [vrf NAME$vrf]",
	   NO_STR VPN_LINK_STR VPN_LINK_NAMES VPN_VRF_STR)
{
	const struct lyd_node *root = vty->candidate_config->dnode;
	char xpath[XPATH_MAXLEN];

	if (!vpn_cli_link_xpath(xpath, sizeof(xpath), vpn_link))
		return CMD_SUCCESS; /* there cannot be such a one */
	if (vrf && root && yang_dnode_existsf(root, "%s/vrf", xpath) &&
	    strcmp(yang_dnode_get_string(root, "%s/vrf", xpath), vrf) != 0)
		return CMD_SUCCESS;
	nb_cli_enqueue_change(vty, xpath, NB_OP_DESTROY, NULL);
	return vpn_cli_apply(vty);
}

void vpn_link_cli_show(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	vty_out(vty, " tunnel-link %s vrf %s\n", yang_dnode_get_string(dnode, "./name"),
		yang_dnode_get_string(dnode, "./vrf"));
}

/*
 * local, remote
 */

DEFPY_YANG(vpn_link_local, vpn_link_local_cmd, "local <A.B.C.D|X:X::X:X>$address",
	   VPN_LOCAL_STR "An address of this machine\n"
			 "An address of this machine\n")
{
	return vpn_cli_set(vty, "./local", address_str);
}

DEFPY_YANG(no_vpn_link_local, no_vpn_link_local_cmd, "no local [<A.B.C.D|X:X::X:X>]",
	   NO_STR VPN_LOCAL_STR "An address of this machine\n"
				"An address of this machine\n")
{
	return vpn_cli_set(vty, "./local", NULL);
}

void vpn_link_local_cli_show(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	vty_out(vty, "  local %s\n", yang_dnode_get_string(dnode, NULL));
}

DEFPY_YANG(vpn_link_remote, vpn_link_remote_cmd, "remote <A.B.C.D|X:X::X:X|any>$address",
	   VPN_REMOTE_STR "Address of the peer\n"
			  "Address of the peer\n"
			  "Wherever it is: it begins, and proves to be remote-identity\n")
{
	if (vpn_cli_no_template(vty, "remote: spokes come from anywhere"))
		return CMD_WARNING_CONFIG_FAILED;
	return vpn_cli_set(vty, "./remote", address);
}

DEFPY_YANG(no_vpn_link_remote, no_vpn_link_remote_cmd, "no remote [<A.B.C.D|X:X::X:X|any>]",
	   NO_STR VPN_REMOTE_STR "Address of the peer\n"
				 "Address of the peer\n"
				 "Wherever it is\n")
{
	if (vpn_cli_no_template(vty, "remote: spokes come from anywhere"))
		return CMD_WARNING_CONFIG_FAILED;
	return vpn_cli_set(vty, "./remote", NULL);
}

void vpn_link_remote_cli_show(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	vty_out(vty, "  remote %s\n", yang_dnode_get_string(dnode, NULL));
}

/*
 * encapsulation …
 */

static const char *const vpn_cli_encap_leaves[] = {
	"key",	      "label",		 "remote-label", "tunnel-id",	"peer-tunnel-id",
	"session-id", "peer-session-id", "cookie",	 "peer-cookie",
};

/* Another kind, or none: nothing of what was there stays. */
static void vpn_cli_encap_put(struct vty *vty, const char *type)
{
	bool template = strstr(VTY_CURR_XPATH, "/tunnel-link-template[") != NULL;
	char xpath[XPATH_MAXLEN];

	for (size_t i = 0; !template && i < array_size(vpn_cli_encap_leaves); i++) {
		snprintf(xpath, sizeof(xpath), "./encapsulation/%s", vpn_cli_encap_leaves[i]);
		vpn_cli_put(vty, xpath, NULL);
	}
	vpn_cli_put(vty, "./encapsulation/type", type);
}

DEFPY_YANG(vpn_link_encap, vpn_link_encap_cmd,
	   "encapsulation <ipsec-tunnel|ipip-shared|ipip-distinct>$type",
	   VPN_ENCAP_STR "ESP in tunnel mode for everything\n"
			 "IP in IP inside ESP; vpn-id tells links between the same addresses apart\n"
			 "IP in IP inside ESP; a pair of addresses for each link\n")
{
	vpn_cli_encap_put(vty, type);
	return vpn_cli_apply(vty);
}

DEFPY_YANG(vpn_link_encap_gre, vpn_link_encap_gre_cmd,
	   "encapsulation gre [key (0-4294967295)$key]",
	   VPN_ENCAP_STR "GRE; the key tells links between the same addresses apart\n"
			 "Key in both directions\n"
			 "The key\n")
{
	if (vpn_cli_no_template(vty, "encapsulation gre: it needs the peer's address"))
		return CMD_WARNING_CONFIG_FAILED;
	vpn_cli_encap_put(vty, "gre");
	if (key_str)
		vpn_cli_put(vty, "./encapsulation/key", key_str);
	return vpn_cli_apply(vty);
}

DEFPY_YANG(vpn_link_encap_mpls, vpn_link_encap_mpls_cmd,
	   "encapsulation mpls-in-ip label (0-4294967295)$label remote-label (0-4294967295)$remote",
	   VPN_ENCAP_STR "MPLS in IP; labels tell links between the same addresses apart\n"
			 "Label of what we receive\n"
			 "16 to 1048575\n"
			 "Label of what we send\n"
			 "16 to 1048575\n")
{
	if (vpn_cli_no_template(vty, "encapsulation mpls-in-ip: it needs the peer's address"))
		return CMD_WARNING_CONFIG_FAILED;
	vpn_cli_encap_put(vty, "mpls-in-ip");
	vpn_cli_put(vty, "./encapsulation/label", label_str);
	vpn_cli_put(vty, "./encapsulation/remote-label", remote_str);
	return vpn_cli_apply(vty);
}

DEFPY_YANG(vpn_link_encap_l2tp, vpn_link_encap_l2tp_cmd,
	   "encapsulation l2tp tunnel-id (0-4294967295)$tid peer-tunnel-id (0-4294967295)$ptid session-id (0-4294967295)$sid peer-session-id (0-4294967295)$psid [{cookie WORD$cookie|peer-cookie WORD$pcookie}]",
	   VPN_ENCAP_STR "L2TPv3; sessions tell links apart\n"
			 "Our end of the control connection\n"
			 "1 to 4294967295\n"
			 "The peer's end of the control connection\n"
			 "1 to 4294967295\n"
			 "Session of what we receive\n"
			 "1 to 4294967295\n"
			 "Session of what we send\n"
			 "1 to 4294967295\n"
			 "Cookie of what we receive\n"
			 "8 or 16 hexadecimal digits\n"
			 "Cookie of what we send\n"
			 "8 or 16 hexadecimal digits\n")
{
	if (vpn_cli_no_template(vty, "encapsulation l2tp: it needs the peer's address"))
		return CMD_WARNING_CONFIG_FAILED;
	vpn_cli_encap_put(vty, "l2tp");
	vpn_cli_put(vty, "./encapsulation/tunnel-id", tid_str);
	vpn_cli_put(vty, "./encapsulation/peer-tunnel-id", ptid_str);
	vpn_cli_put(vty, "./encapsulation/session-id", sid_str);
	vpn_cli_put(vty, "./encapsulation/peer-session-id", psid_str);
	if (cookie)
		vpn_cli_put(vty, "./encapsulation/cookie", cookie);
	if (pcookie)
		vpn_cli_put(vty, "./encapsulation/peer-cookie", pcookie);
	return vpn_cli_apply(vty);
}

DEFPY_YANG(no_vpn_link_encap, no_vpn_link_encap_cmd, "no encapsulation", NO_STR VPN_ENCAP_STR)
{
	vpn_cli_encap_put(vty, NULL);
	return vpn_cli_apply(vty);
}

ALIAS_YANG(no_vpn_link_encap, no_vpn_link_encap_line_cmd, "no encapsulation LINE...",
	   NO_STR VPN_ENCAP_STR "As it is configured\n")

void vpn_link_encap_cli_show(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	if (!yang_dnode_exists(dnode, "./type"))
		return;
	vty_out(vty, "  encapsulation %s", yang_dnode_get_string(dnode, "./type"));
	for (size_t i = 0; i < array_size(vpn_cli_encap_leaves); i++)
		if (yang_dnode_exists(dnode, vpn_cli_encap_leaves[i]))
			vty_out(vty, " %s %s", vpn_cli_encap_leaves[i],
				yang_dnode_get_string(dnode, "%s", vpn_cli_encap_leaves[i]));
	vty_out(vty, "\n");
}

void vpn_template_encap_cli_show(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	vty_out(vty, "  encapsulation %s\n", yang_dnode_get_string(dnode, NULL));
}

/*
 * ipsec-profile NAME, no ipsec: one of the two
 */

DEFPY_YANG(vpn_link_profile, vpn_link_profile_cmd, "ipsec-profile NAME$vpn_profile",
	   VPN_PROFILE_STR "Name of the ipsec-profile\n")
{
	if (!strstr(VTY_CURR_XPATH, "/tunnel-link-template["))
		vpn_cli_put(vty, "./no-ipsec", NULL);
	return vpn_cli_set(vty, "./ipsec-profile", vpn_profile);
}

DEFPY_YANG(no_vpn_link_profile, no_vpn_link_profile_cmd, "no ipsec-profile [NAME$vpn_profile]",
	   NO_STR VPN_PROFILE_STR "Name of the ipsec-profile\n")
{
	return vpn_cli_set(vty, "./ipsec-profile", NULL);
}

DEFPY_YANG(vpn_link_clear, vpn_link_clear_cmd, "[no$no] ipsec",
	   "The link goes in clear\n"
	   "The link is protected by an ipsec-profile\n")
{
	if (vpn_cli_no_template(vty, "links without IPsec"))
		return CMD_WARNING_CONFIG_FAILED;
	if (!no)
		return vpn_cli_set(vty, "./no-ipsec", NULL);
	vpn_cli_put(vty, "./ipsec-profile", NULL);
	nb_cli_enqueue_change(vty, "./no-ipsec", NB_OP_CREATE, NULL);
	return vpn_cli_apply(vty);
}

void vpn_link_profile_cli_show(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	vty_out(vty, "  ipsec-profile %s\n", yang_dnode_get_string(dnode, NULL));
}

void vpn_link_no_ipsec_cli_show(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	vty_out(vty, "  no ipsec\n");
}

/*
 * local-identity, remote-identity, vpn-id, signal
 */

/* Sets an identity, which may have spaces: the rest of the line. */
static int vpn_cli_identity(struct vty *vty, const char *xpath, struct cmd_token *argv[], int argc)
{
	char *identity = argv_concat(argv, argc, 1);
	int ret = vpn_cli_set(vty, xpath, identity);

	XFREE(MTYPE_TMP, identity);
	return ret;
}

DEFPY_YANG(vpn_link_local_id, vpn_link_local_id_cmd, "local-identity LINE...",
	   VPN_LOCAL_ID_STR VPN_IDENTITY_STR)
{
	return vpn_cli_identity(vty, "./local-identity", argv, argc);
}

DEFPY_YANG(no_vpn_link_local_id, no_vpn_link_local_id_cmd, "no local-identity", NO_STR VPN_LOCAL_ID_STR)
{
	return vpn_cli_set(vty, "./local-identity", NULL);
}

ALIAS_YANG(no_vpn_link_local_id, no_vpn_link_local_id_line_cmd, "no local-identity LINE...",
	   NO_STR VPN_LOCAL_ID_STR VPN_IDENTITY_STR)

void vpn_link_local_id_cli_show(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	vty_out(vty, "  local-identity %s\n", yang_dnode_get_string(dnode, NULL));
}

DEFPY_YANG(vpn_link_remote_id, vpn_link_remote_id_cmd, "remote-identity LINE...",
	   VPN_REMOTE_ID_STR VPN_IDENTITY_STR)
{
	return vpn_cli_identity(vty, "./remote-identity", argv, argc);
}

DEFPY_YANG(no_vpn_link_remote_id, no_vpn_link_remote_id_cmd, "no remote-identity", NO_STR VPN_REMOTE_ID_STR)
{
	return vpn_cli_set(vty, "./remote-identity", NULL);
}

ALIAS_YANG(no_vpn_link_remote_id, no_vpn_link_remote_id_line_cmd, "no remote-identity LINE...",
	   NO_STR VPN_REMOTE_ID_STR VPN_IDENTITY_STR)

void vpn_link_remote_id_cli_show(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	vty_out(vty, "  remote-identity %s\n", yang_dnode_get_string(dnode, NULL));
}

DEFPY_YANG(vpn_link_vpn_id, vpn_link_vpn_id_cmd, "vpn-id WORD$id", VPN_ID_STR)
{
	return vpn_cli_set(vty, "./vpn-id", id);
}

DEFPY_YANG(no_vpn_link_vpn_id, no_vpn_link_vpn_id_cmd, "no vpn-id [WORD]", NO_STR VPN_ID_STR)
{
	return vpn_cli_set(vty, "./vpn-id", NULL);
}

void vpn_link_vpn_id_cli_show(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	vty_out(vty, "  vpn-id %s\n", yang_dnode_get_string(dnode, NULL));
}

DEFPY_YANG(vpn_link_signal, vpn_link_signal_cmd, "signal <none|transport|vendor-id>$signal",
	   VPN_SIGNAL_STR "Not at all: tunnel mode for everything\n"
			  "Transport mode for IP in IP between the gateways\n"
			  "Tunnel mode for everything, and a vendor ID\n")
{
	return vpn_cli_set(vty, "./signal", signal);
}

DEFPY_YANG(no_vpn_link_signal, no_vpn_link_signal_cmd, "no signal [<none|transport|vendor-id>]",
	   NO_STR VPN_SIGNAL_STR "Not at all: tunnel mode for everything\n"
				 "Transport mode for IP in IP between the gateways\n"
				 "Tunnel mode for everything, and a vendor ID\n")
{
	return vpn_cli_set(vty, "./signal", NULL);
}

void vpn_link_signal_cli_show(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	vty_out(vty, "  signal %s\n", yang_dnode_get_string(dnode, NULL));
}

/*
 * establish permanent | on-traffic [idle SECONDS]
 */

DEFPY_YANG(vpn_link_establish, vpn_link_establish_cmd,
	   "establish <permanent$permanent|on-traffic [idle (0-4294967295)$idle]>",
	   VPN_ESTABLISH_STR "As soon as the link is configured, and whenever it is lost\n"
			     "When there is a packet to send\n"
			     "Time without a packet after which the SA ends\n"
			     "Seconds, 10 to 86400\n")
{
	if (vpn_cli_no_template(vty, "establish: spokes begin"))
		return CMD_WARNING_CONFIG_FAILED;
	vpn_cli_put(vty, "./establish/mode", permanent ? "permanent" : "on-traffic");
	vpn_cli_put(vty, "./establish/idle", idle_str);
	return vpn_cli_apply(vty);
}

DEFPY_YANG(no_vpn_link_establish, no_vpn_link_establish_cmd, "no establish", NO_STR VPN_ESTABLISH_STR)
{
	if (vpn_cli_no_template(vty, "establish: spokes begin"))
		return CMD_WARNING_CONFIG_FAILED;
	vpn_cli_put(vty, "./establish/mode", NULL);
	vpn_cli_put(vty, "./establish/idle", NULL);
	return vpn_cli_apply(vty);
}

ALIAS_YANG(no_vpn_link_establish, no_vpn_link_establish_line_cmd, "no establish LINE...",
	   NO_STR VPN_ESTABLISH_STR "As it is configured\n")

void vpn_link_establish_cli_show(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	const char *mode = yang_dnode_get_string(dnode, "./mode");

	vty_out(vty, "  establish %s", mode);
	if (strmatch(mode, "on-traffic") &&
	    (show_defaults || !yang_dnode_is_default(dnode, "./idle")))
		vty_out(vty, " idle %s", yang_dnode_get_string(dnode, "./idle"));
	vty_out(vty, "\n");
}

/*
 * address, unnumbered, mtu
 */

DEFPY_YANG(vpn_link_address, vpn_link_address_cmd,
	   "address <A.B.C.D/M$v4 [peer A.B.C.D$peer]|X:X::X:X/M$v6>",
	   VPN_ADDRESS_STR "IPv4 address and length of its network\n"
			   "Address of the other end\n"
			   "IPv4 address\n"
			   "IPv6 address and length of its network\n")
{
	if (vpn_cli_no_template(vty, "address: its links are unnumbered"))
		return CMD_WARNING_CONFIG_FAILED;
	if (v6_str)
		return vpn_cli_set(vty, "./address6", v6_str);
	vpn_cli_put(vty, "./peer-address", peer_str);
	return vpn_cli_set(vty, "./address", v4_str);
}

DEFPY_YANG(no_vpn_link_address, no_vpn_link_address_cmd,
	   "no address [<A.B.C.D/M$v4 [peer A.B.C.D]|X:X::X:X/M$v6>]",
	   NO_STR VPN_ADDRESS_STR "IPv4 address and length of its network\n"
				  "Address of the other end\n"
				  "IPv4 address\n"
				  "IPv6 address and length of its network\n")
{
	if (vpn_cli_no_template(vty, "address: its links are unnumbered"))
		return CMD_WARNING_CONFIG_FAILED;
	if (!v4_str)
		vpn_cli_put(vty, "./address6", NULL);
	if (!v6_str) {
		vpn_cli_put(vty, "./peer-address", NULL);
		vpn_cli_put(vty, "./address", NULL);
	}
	return vpn_cli_apply(vty);
}

void vpn_link_address_cli_show(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	vty_out(vty, "  address %s", yang_dnode_get_string(dnode, NULL));
	if (yang_dnode_exists(dnode, "../peer-address"))
		vty_out(vty, " peer %s", yang_dnode_get_string(dnode, "../peer-address"));
	vty_out(vty, "\n");
}

void vpn_link_address6_cli_show(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	vty_out(vty, "  address %s\n", yang_dnode_get_string(dnode, NULL));
}

DEFPY_YANG(vpn_link_unnumbered, vpn_link_unnumbered_cmd, "unnumbered IFNAME$interface",
	   VPN_UNNUMBERED_STR "Name of the interface\n")
{
	return vpn_cli_set(vty, "./unnumbered", interface);
}

DEFPY_YANG(no_vpn_link_unnumbered, no_vpn_link_unnumbered_cmd, "no unnumbered [IFNAME]",
	   NO_STR VPN_UNNUMBERED_STR "Name of the interface\n")
{
	return vpn_cli_set(vty, "./unnumbered", NULL);
}

void vpn_link_unnumbered_cli_show(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	vty_out(vty, "  unnumbered %s\n", yang_dnode_get_string(dnode, NULL));
}

DEFPY_YANG(vpn_link_mtu, vpn_link_mtu_cmd, "mtu (0-4294967295)$mtu",
	   VPN_MTU_STR "Octets, 68 to 65535\n")
{
	return vpn_cli_set(vty, "./mtu", mtu_str);
}

DEFPY_YANG(no_vpn_link_mtu, no_vpn_link_mtu_cmd, "no mtu [(0-4294967295)]",
	   NO_STR VPN_MTU_STR "Octets, 68 to 65535\n")
{
	return vpn_cli_set(vty, "./mtu", NULL);
}

void vpn_link_mtu_cli_show(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	vty_out(vty, "  mtu %s\n", yang_dnode_get_string(dnode, NULL));
}

/*
 * limit, forget: of a template
 */

/* Are we in a link, which has no such thing?  Says so. */
static bool vpn_cli_no_link(struct vty *vty, const char *what)
{
	if (strstr(VTY_CURR_XPATH, "/tunnel-link-template["))
		return false;
	vty_out(vty, "%% %s is for a tunnel-link-template\n", what);
	return true;
}

DEFPY_YANG(vpn_template_limit, vpn_template_limit_cmd, "limit (0-65535)$limit",
	   "Spokes at most, of a template\n"
	   "Spokes, 1 to 4095\n")
{
	if (vpn_cli_no_link(vty, "limit"))
		return CMD_WARNING_CONFIG_FAILED;
	return vpn_cli_set(vty, "./limit", limit_str);
}

DEFPY_YANG(no_vpn_template_limit, no_vpn_template_limit_cmd, "no limit [(0-65535)]",
	   NO_STR "Spokes at most, of a template\n"
		  "Spokes, 1 to 4095\n")
{
	if (vpn_cli_no_link(vty, "limit"))
		return CMD_WARNING_CONFIG_FAILED;
	return vpn_cli_set(vty, "./limit", NULL);
}

void vpn_template_limit_cli_show(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	vty_out(vty, "  limit %s\n", yang_dnode_get_string(dnode, NULL));
}

DEFPY_YANG(vpn_template_forget, vpn_template_forget_cmd, "forget (0-4294967295)$seconds",
	   "When the interface of a spoke that has gone is removed, of a template\n"
	   "Seconds, 10 to 31536000 (a year)\n")
{
	if (vpn_cli_no_link(vty, "forget"))
		return CMD_WARNING_CONFIG_FAILED;
	return vpn_cli_set(vty, "./forget", seconds_str);
}

DEFPY_YANG(no_vpn_template_forget, no_vpn_template_forget_cmd, "no forget [(0-4294967295)]",
	   NO_STR "When the interface of a spoke that has gone is removed, of a template\n"
		  "Seconds, 10 to 31536000 (a year)\n")
{
	if (vpn_cli_no_link(vty, "forget"))
		return CMD_WARNING_CONFIG_FAILED;
	return vpn_cli_set(vty, "./forget", NULL);
}

void vpn_template_forget_cli_show(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	vty_out(vty, "  forget %s\n", yang_dnode_get_string(dnode, NULL));
}

static struct cmd_node vpn_link_node = {
	.name = "vpn tunnel-link",
	.node = VPN_LINK_NODE,
	.parent_node = VPN_NODE,
	.prompt = "%s(config-vpn-link)# ",
};

/* Names that can be completed. */
static const struct cmd_variable_handler vpn_cli_names[] = {
	{ .varname = "vpn_profile", .xpath = VPN_XPATH "/ipsec-profile/name" },
	{ .varname = "vpn_link", .xpath = VPN_XPATH "/tunnel-link/name" },
	{ .varname = "vpn_template", .xpath = VPN_XPATH "/tunnel-link-template/name" },
	{ .completions = NULL },
};

void vpn_cli_tunnel_init(void)
{
	cmd_variable_handler_register(vpn_cli_names);
	install_node(&vpn_link_node);
	install_default(VPN_LINK_NODE);
	install_element(VPN_NODE, &vpn_link_cmd);
	install_element(VPN_NODE, &no_vpn_link_cmd);
	install_element(VPN_NODE, &vpn_template_cmd);
	install_element(VPN_NODE, &no_vpn_template_cmd);
	install_element(VPN_LINK_NODE, &vpn_template_limit_cmd);
	install_element(VPN_LINK_NODE, &no_vpn_template_limit_cmd);
	install_element(VPN_LINK_NODE, &vpn_template_forget_cmd);
	install_element(VPN_LINK_NODE, &no_vpn_template_forget_cmd);
	install_element(VPN_LINK_NODE, &vpn_link_local_cmd);
	install_element(VPN_LINK_NODE, &no_vpn_link_local_cmd);
	install_element(VPN_LINK_NODE, &vpn_link_remote_cmd);
	install_element(VPN_LINK_NODE, &no_vpn_link_remote_cmd);
	install_element(VPN_LINK_NODE, &vpn_link_encap_cmd);
	install_element(VPN_LINK_NODE, &vpn_link_encap_gre_cmd);
	install_element(VPN_LINK_NODE, &vpn_link_encap_mpls_cmd);
	install_element(VPN_LINK_NODE, &vpn_link_encap_l2tp_cmd);
	install_element(VPN_LINK_NODE, &no_vpn_link_encap_cmd);
	install_element(VPN_LINK_NODE, &no_vpn_link_encap_line_cmd);
	install_element(VPN_LINK_NODE, &vpn_link_profile_cmd);
	install_element(VPN_LINK_NODE, &no_vpn_link_profile_cmd);
	install_element(VPN_LINK_NODE, &vpn_link_clear_cmd);
	install_element(VPN_LINK_NODE, &vpn_link_local_id_cmd);
	install_element(VPN_LINK_NODE, &no_vpn_link_local_id_cmd);
	install_element(VPN_LINK_NODE, &no_vpn_link_local_id_line_cmd);
	install_element(VPN_LINK_NODE, &vpn_link_remote_id_cmd);
	install_element(VPN_LINK_NODE, &no_vpn_link_remote_id_cmd);
	install_element(VPN_LINK_NODE, &no_vpn_link_remote_id_line_cmd);
	install_element(VPN_LINK_NODE, &vpn_link_vpn_id_cmd);
	install_element(VPN_LINK_NODE, &no_vpn_link_vpn_id_cmd);
	install_element(VPN_LINK_NODE, &vpn_link_signal_cmd);
	install_element(VPN_LINK_NODE, &no_vpn_link_signal_cmd);
	install_element(VPN_LINK_NODE, &vpn_link_establish_cmd);
	install_element(VPN_LINK_NODE, &no_vpn_link_establish_cmd);
	install_element(VPN_LINK_NODE, &no_vpn_link_establish_line_cmd);
	install_element(VPN_LINK_NODE, &vpn_link_address_cmd);
	install_element(VPN_LINK_NODE, &no_vpn_link_address_cmd);
	install_element(VPN_LINK_NODE, &vpn_link_unnumbered_cmd);
	install_element(VPN_LINK_NODE, &no_vpn_link_unnumbered_cmd);
	install_element(VPN_LINK_NODE, &vpn_link_mtu_cmd);
	install_element(VPN_LINK_NODE, &no_vpn_link_mtu_cmd);
}
