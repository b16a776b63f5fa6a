// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Configuration commands of a customer edge, and the guard of what the
 * provider's server has configured; compiled into mgmtd, as vpn_cli.c is.
 *
 * A customer edge is told a few things before it is shipped (vpn_ce.h); its
 * profiles and tunnel links come from the server.  Somebody who changes one of
 * those by a command has most likely taken it for his own, and the server
 * would put it back at its next call: so the command is refused, in words that
 * say who has to be asked.  Only commands come by here.  What NETCONF brings
 * does not, nor what a configuration file brings at the start, when there is
 * nothing yet that could be changed.
 *
 * A static route over a link of the server's is the server's, whatever its
 * prefix: vpn-serverd removes those that it does not know.  The commands are
 * staticd's, which asks here (vpn_cli_route_refused).
 */
#include <zebra.h>

#include "lib/command.h"
#include "lib/libfrr.h"
#include "lib/northbound.h"
#include "lib/northbound_cli.h"
#include "lib/vty.h"
#include "lib/yang.h"

#include "vpnd/vpn_cli.h"
#include "vpnd/vpn_cli_ce_clippy.c"

#define VPN_CE_XPATH VPN_XPATH "/customer-edge"

#define VPN_CE_STR	"This router is a customer edge that a provider's server provisions\n"
#define VPN_CE_ID_STR	"Name in the provider's database, and in the certificate\n"
#define VPN_CE_ADDR_STR "Address in the provider's routing space\n"
#define VPN_CE_DHCP_STR "What an interface has, whoever set it\nName of the interface\n"
#define VPN_CE_IF_STR	"Interface towards the provider: ESP, IKE and management pass, nothing else\n"
#define VPN_CE_SRV_STR	"A server of the provider's; the next one if one fails\n"
#define VPN_CE_PORT_STR "TCP port that it takes calls on\n4335 if not given\n"
#define VPN_CE_CERT_STR "The NETCONF session with a server\n"
#define VPN_CE_INT_STR	"Time after which a server is called, if none was spoken to since\n"
#define VPN_CE_RET_STR	"How long what came from a server stays when none is reached\n"
#define VPN_CE_INET_STR "Whether a VRF's packets may pass the provider-interface\n"

#define VPN_CE_PORT "4335"

/*
 * The guard
 */

/* The name in path[name='...'] that follows prefix; false if it is another path. */
static bool vpn_cli_key_of(const char *xpath, const char *prefix, char *name, size_t size)
{
	size_t len = strlen(prefix);

	if (strncmp(xpath, prefix, len) != 0)
		return false;
	strlcpy(name, xpath + len, size);
	name[strcspn(name, "'")] = '\0';
	return true;
}

/* Is the link of this name, in the running configuration, the server's? */
static bool vpn_cli_link_is_servers(const struct lyd_node *root, const char *name)
{
	const char *profile;

	if (strpbrk(name, "'\"") ||
	    !yang_dnode_existsf(root, VPN_XPATH "/tunnel-link[name='%s']/ipsec-profile", name))
		return false;
	profile = yang_dnode_get_string(root, VPN_XPATH "/tunnel-link[name='%s']/ipsec-profile",
					name);
	return !strncmp(profile, VPN_CE_PREFIX, strlen(VPN_CE_PREFIX));
}

/* Is this object, in the running configuration, the server's? what gets its kind and name. */
static bool vpn_cli_is_servers(const struct lyd_node *root, const char *xpath, char *what,
			       size_t size)
{
	char name[64];

	if (vpn_cli_key_of(xpath, VPN_XPATH "/ipsec-profile[name='", name, sizeof(name))) {
		snprintf(what, size, "ipsec-profile %s", name);
		return !strncmp(name, VPN_CE_PREFIX, strlen(VPN_CE_PREFIX)) &&
		       yang_dnode_existsf(root, VPN_XPATH "/ipsec-profile[name='%s']", name);
	}
	if (!vpn_cli_key_of(xpath, VPN_XPATH "/tunnel-link[name='", name, sizeof(name)))
		return false;
	snprintf(what, size, "tunnel-link %s", name);
	return vpn_cli_link_is_servers(root, name);
}

/* Would a change make, by hand, an object that only the server makes? */
static bool vpn_cli_looks_servers(const char *xpath, char *what, size_t size)
{
	char name[64];

	if (!vpn_cli_key_of(xpath, VPN_XPATH "/ipsec-profile[name='", name, sizeof(name)))
		return false;
	snprintf(what, size, "ipsec-profile %s", name);
	return !strncmp(name, VPN_CE_PREFIX, strlen(VPN_CE_PREFIX));
}

/* The whole path of a change; relative ones are below what the command is under. */
static void vpn_cli_change_xpath(struct vty *vty, const struct nb_cfg_change *change, char *xpath,
				 size_t size)
{
	if (change->xpath[0] != '.' || !vty->xpath_index)
		strlcpy(xpath, change->xpath, size);
	else
		snprintf(xpath, size, "%s%s", VTY_CURR_XPATH, change->xpath + 1);
}

/* What runs, if a server provisions it; NULL: nothing is a server's. */
static const struct lyd_node *vpn_cli_provisioned(void)
{
	const struct lyd_node *root = running_config ? running_config->dnode : NULL;

	return root && yang_dnode_exists(root, VPN_CE_XPATH) ? root : NULL;
}

static bool vpn_cli_is_file(const struct vty *vty)
{
	return vty->type == VTY_FILE || vty->pending_allowed;
}

static void vpn_cli_say_refused(struct vty *vty, const char *what)
{
	vty_out(vty,
		"%% %s is the provider's: its server configures it, and would put it back. Have it changed there ('vpnctl'), or say 'no customer-edge' first to run without the server\n",
		what);
}

bool vpn_cli_route_refused(struct vty *vty, const char *interface, bool remove)
{
	const struct lyd_node *root = vpn_cli_provisioned();
	char what[96];

	if (!root || !interface || (vpn_cli_is_file(vty) && !remove) ||
	    !vpn_cli_link_is_servers(root, interface))
		return false;
	snprintf(what, sizeof(what), "a static route over tunnel-link %s", interface);
	vpn_cli_say_refused(vty, what);
	return true;
}

static bool vpn_cli_refused(struct vty *vty, const char *base)
{
	const struct lyd_node *root = vpn_cli_provisioned();
	bool file = vpn_cli_is_file(vty);
	char xpath[XPATH_MAXLEN], what[96];

	if (!root)
		return false;
	for (size_t i = 0; i < vty->num_cfg_changes; i++) {
		if (base)
			strlcpy(xpath, base, sizeof(xpath));
		else
			vpn_cli_change_xpath(vty, &vty->cfg_changes[i], xpath, sizeof(xpath));
		if (!vpn_cli_is_servers(root, xpath, what, sizeof(what)) &&
		    (file || !vpn_cli_looks_servers(xpath, what, sizeof(what))))
			continue;
		vpn_cli_say_refused(vty, what);
		return true;
	}
	return false;
}

int vpn_cli_apply_at(struct vty *vty, const char *base)
{
	/* to go into an object changes nothing; the commands there come by again */
	if (vpn_cli_refused(vty, base)) {
		vty->num_cfg_changes = 0;
		return CMD_WARNING_CONFIG_FAILED;
	}
	return base ? nb_cli_apply_changes(vty, "%s", base) : nb_cli_apply_changes(vty, NULL);
}

int vpn_cli_apply(struct vty *vty)
{
	return vpn_cli_apply_at(vty, NULL);
}

/*
 * customer-edge
 */

/* Sets a leaf, or removes it if there is no value. */
static int vpn_ce_set(struct vty *vty, const char *xpath, const char *value)
{
	nb_cli_enqueue_change(vty, xpath, value ? NB_OP_MODIFY : NB_OP_DESTROY, value);
	return nb_cli_apply_changes(vty, NULL);
}

DEFPY_YANG_NOSH(vpn_ce, vpn_ce_cmd, "customer-edge", VPN_CE_STR)
{
	int ret;

	nb_cli_enqueue_change(vty, VPN_CE_XPATH, NB_OP_CREATE, NULL);
	ret = nb_cli_apply_changes(vty, NULL);
	if (ret == CMD_SUCCESS)
		VTY_PUSH_XPATH(VPN_CE_NODE, VPN_CE_XPATH);
	return ret;
}

DEFPY_YANG(no_vpn_ce, no_vpn_ce_cmd, "no customer-edge", NO_STR VPN_CE_STR)
{
	nb_cli_enqueue_change(vty, VPN_CE_XPATH, NB_OP_DESTROY, NULL);
	return nb_cli_apply_changes(vty, NULL);
}

void vpn_ce_cli_show(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	vty_out(vty, " customer-edge\n");
}

DEFPY_YANG(vpn_ce_identity, vpn_ce_identity_cmd, "[no] identity ![NAME$name]",
	   NO_STR VPN_CE_ID_STR "Name\n")
{
	return vpn_ce_set(vty, "./identity", no ? NULL : name);
}

void vpn_ce_identity_cli_show(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	vty_out(vty, "  identity %s\n", yang_dnode_get_string(dnode, NULL));
}

/*
 * address, provider-interface
 */

DEFPY_YANG(vpn_ce_address, vpn_ce_address_cmd,
	   "address <<A.B.C.D|X:X::X:X>$address|dhcp IFNAME$ifname>",
	   VPN_CE_ADDR_STR "Address\nAddress\n" VPN_CE_DHCP_STR)
{
	nb_cli_enqueue_change(vty, "./address", NB_OP_MODIFY, ifname ? "dhcp" : address_str);
	nb_cli_enqueue_change(vty, "./address-interface", ifname ? NB_OP_MODIFY : NB_OP_DESTROY,
			      ifname);
	return nb_cli_apply_changes(vty, NULL);
}

DEFPY_YANG(no_vpn_ce_address, no_vpn_ce_address_cmd,
	   "no address [<<A.B.C.D|X:X::X:X>|dhcp IFNAME>]",
	   NO_STR VPN_CE_ADDR_STR "Address\nAddress\n" VPN_CE_DHCP_STR)
{
	nb_cli_enqueue_change(vty, "./address", NB_OP_DESTROY, NULL);
	nb_cli_enqueue_change(vty, "./address-interface", NB_OP_DESTROY, NULL);
	return nb_cli_apply_changes(vty, NULL);
}

void vpn_ce_address_cli_show(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	const char *address = yang_dnode_get_string(dnode, NULL);

	if (strcmp(address, "dhcp") != 0)
		vty_out(vty, "  address %s\n", address);
	else if (yang_dnode_exists(dnode, "../address-interface"))
		vty_out(vty, "  address dhcp %s\n",
			yang_dnode_get_string(dnode, "../address-interface"));
}

DEFPY_YANG(vpn_ce_interface, vpn_ce_interface_cmd, "[no] provider-interface ![IFNAME$ifname]",
	   NO_STR VPN_CE_IF_STR "Name of the interface\n")
{
	return vpn_ce_set(vty, "./provider-interface", no ? NULL : ifname);
}

void vpn_ce_interface_cli_show(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	vty_out(vty, "  provider-interface %s\n", yang_dnode_get_string(dnode, NULL));
}

/*
 * server, certificate
 */

DEFPY_YANG(vpn_ce_server, vpn_ce_server_cmd,
	   "[no] server <A.B.C.D|X:X::X:X>$address [port (1-65535)$port]",
	   NO_STR VPN_CE_SRV_STR "Its address\nIts address\n" VPN_CE_PORT_STR)
{
	char xpath[128];

	snprintf(xpath, sizeof(xpath), "./server[address='%s'][port='%s']", address_str,
		 port_str ? port_str : VPN_CE_PORT);
	nb_cli_enqueue_change(vty, xpath, no ? NB_OP_DESTROY : NB_OP_CREATE, NULL);
	return nb_cli_apply_changes(vty, NULL);
}

void vpn_ce_server_cli_show(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	const char *port = yang_dnode_get_string(dnode, "./port");

	vty_out(vty, "  server %s", yang_dnode_get_string(dnode, "./address"));
	if (strcmp(port, VPN_CE_PORT) != 0)
		vty_out(vty, " port %s", port);
	vty_out(vty, "\n");
}

DEFPY_YANG(vpn_ce_certificate, vpn_ce_certificate_cmd,
	   "certificate FILE$certificate key FILE$private ca FILE$ca",
	   VPN_CE_CERT_STR "File of our certificate\n"
			   "Its private key\n"
			   "File of the private key\n"
			   "Authority that the server's certificate must be signed by\n"
			   "File of the authority's certificate\n")
{
	nb_cli_enqueue_change(vty, "./certificate/certificate", NB_OP_MODIFY, certificate);
	nb_cli_enqueue_change(vty, "./certificate/key", NB_OP_MODIFY, private);
	nb_cli_enqueue_change(vty, "./certificate/ca", NB_OP_MODIFY, ca);
	return nb_cli_apply_changes(vty, NULL);
}

DEFPY_YANG(no_vpn_ce_certificate, no_vpn_ce_certificate_cmd,
	   "no certificate [FILE key FILE ca FILE]",
	   NO_STR VPN_CE_CERT_STR "File of our certificate\n"
				  "Its private key\n"
				  "File of the private key\n"
				  "Authority that the server's certificate must be signed by\n"
				  "File of the authority's certificate\n")
{
	nb_cli_enqueue_change(vty, "./certificate/certificate", NB_OP_DESTROY, NULL);
	nb_cli_enqueue_change(vty, "./certificate/key", NB_OP_DESTROY, NULL);
	nb_cli_enqueue_change(vty, "./certificate/ca", NB_OP_DESTROY, NULL);
	return nb_cli_apply_changes(vty, NULL);
}

void vpn_ce_certificate_cli_show(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	if (!yang_dnode_exists(dnode, "./certificate") || !yang_dnode_exists(dnode, "./key") ||
	    !yang_dnode_exists(dnode, "./ca"))
		return;
	vty_out(vty, "  certificate %s key %s ca %s\n",
		yang_dnode_get_string(dnode, "./certificate"),
		yang_dnode_get_string(dnode, "./key"), yang_dnode_get_string(dnode, "./ca"));
}

/*
 * interval, retain, internet-access
 */

DEFPY_YANG(vpn_ce_interval, vpn_ce_interval_cmd, "[no] interval ![(0-4294967295)$seconds]",
	   NO_STR VPN_CE_INT_STR "Seconds, 5 to 604800\n")
{
	return vpn_ce_set(vty, "./interval", no ? NULL : seconds_str);
}

void vpn_ce_interval_cli_show(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	vty_out(vty, "  interval %s\n", yang_dnode_get_string(dnode, NULL));
}

DEFPY_YANG(vpn_ce_retain, vpn_ce_retain_cmd, "[no] retain ![<forever|(1-31536000)>$time]",
	   NO_STR VPN_CE_RET_STR "Without an end\n"
				 "Seconds; then the server's links are torn down\n")
{
	return vpn_ce_set(vty, "./retain", no ? NULL : time);
}

void vpn_ce_retain_cli_show(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	vty_out(vty, "  retain %s\n", yang_dnode_get_string(dnode, NULL));
}

DEFPY_YANG(vpn_ce_internet, vpn_ce_internet_cmd,
	   "internet-access <none$mode|<gateway|nat>$mode vrf NAME$vrf>",
	   VPN_CE_INET_STR "They may not\n"
			   "They may, both ways, as they are\n"
			   "They may, translated to our address, and what answers them\n"
			   "The VRF\n"
			   "Name of the VRF\n")
{
	nb_cli_enqueue_change(vty, "./internet-access/mode", NB_OP_MODIFY, mode);
	nb_cli_enqueue_change(vty, "./internet-access/vrf", vrf ? NB_OP_MODIFY : NB_OP_DESTROY, vrf);
	return nb_cli_apply_changes(vty, NULL);
}

DEFPY_YANG(no_vpn_ce_internet, no_vpn_ce_internet_cmd,
	   "no internet-access [<none|<gateway|nat> vrf NAME>]",
	   NO_STR VPN_CE_INET_STR "They may not\n"
				  "They may, both ways, as they are\n"
				  "They may, translated to our address, and what answers them\n"
				  "The VRF\n"
				  "Name of the VRF\n")
{
	nb_cli_enqueue_change(vty, "./internet-access/mode", NB_OP_DESTROY, NULL);
	nb_cli_enqueue_change(vty, "./internet-access/vrf", NB_OP_DESTROY, NULL);
	return nb_cli_apply_changes(vty, NULL);
}

void vpn_ce_internet_cli_show(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	const char *mode = yang_dnode_get_string(dnode, "./mode");

	if (yang_dnode_exists(dnode, "./vrf"))
		vty_out(vty, "  internet-access %s vrf %s\n", mode,
			yang_dnode_get_string(dnode, "./vrf"));
	else if (strcmp(mode, "none") == 0 && show_defaults)
		vty_out(vty, "  internet-access none\n");
}

static struct cmd_node vpn_ce_node = {
	.name = "vpn customer-edge",
	.node = VPN_CE_NODE,
	.parent_node = VPN_NODE,
	.prompt = "%s(config-vpn-ce)# ",
};

void vpn_cli_ce_init(void)
{
	install_node(&vpn_ce_node);
	install_default(VPN_CE_NODE);
	install_element(VPN_NODE, &vpn_ce_cmd);
	install_element(VPN_NODE, &no_vpn_ce_cmd);
	install_element(VPN_CE_NODE, &vpn_ce_identity_cmd);
	install_element(VPN_CE_NODE, &vpn_ce_address_cmd);
	install_element(VPN_CE_NODE, &no_vpn_ce_address_cmd);
	install_element(VPN_CE_NODE, &vpn_ce_interface_cmd);
	install_element(VPN_CE_NODE, &vpn_ce_server_cmd);
	install_element(VPN_CE_NODE, &vpn_ce_certificate_cmd);
	install_element(VPN_CE_NODE, &no_vpn_ce_certificate_cmd);
	install_element(VPN_CE_NODE, &vpn_ce_interval_cmd);
	install_element(VPN_CE_NODE, &vpn_ce_retain_cmd);
	install_element(VPN_CE_NODE, &vpn_ce_internet_cmd);
	install_element(VPN_CE_NODE, &no_vpn_ce_internet_cmd);
}
