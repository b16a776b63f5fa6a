// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The configuration of a customer edge: what is wrong with it, and from data
 * nodes to struct vpn_ce_config; see vpn_config.h.
 *
 * What is missing is no fault: it is typed line by line.
 */
#include <zebra.h>

#include "lib/jhash.h"
#include "lib/printfrr.h"
#include "lib/yang.h"
#include "lib/yang_wrappers.h"

#include "vpnd/vpn_config.h"

static bool vpn_ce_check_address(const struct lyd_node *dnode, char *why, size_t size)
{
	struct ipaddr addr;

	if (!yang_dnode_exists(dnode, "./address"))
		return true;
	if (strcmp(yang_dnode_get_string(dnode, "./address"), "dhcp") == 0) {
		if (yang_dnode_exists(dnode, "./address-interface"))
			return true;
		snprintf(why, size,
			 "customer-edge: address dhcp: of which interface? Say 'address dhcp NAME'");
		return false;
	}
	yang_dnode_get_ip(&addr, dnode, "./address");
	if (vpn_address_usable(&addr))
		return true;
	snprintfrr(why, size,
		   "customer-edge: address %pIA is not the address of a host: give the one that the provider knows this router by",
		   &addr);
	return false;
}

static bool vpn_ce_check_certificate(const struct lyd_node *dnode, char *why, size_t size)
{
	unsigned int files = yang_dnode_exists(dnode, "./certificate/certificate") +
			     yang_dnode_exists(dnode, "./certificate/key") +
			     yang_dnode_exists(dnode, "./certificate/ca");

	if (files == 0 || files == 3)
		return true;
	snprintf(why, size, "customer-edge: certificate, key and ca must all be given");
	return false;
}

static bool vpn_ce_check_internet(const struct lyd_node *dnode, char *why, size_t size)
{
	const char *mode = yang_dnode_get_string(dnode, "./internet-access/mode");
	bool vrf = yang_dnode_exists(dnode, "./internet-access/vrf");

	if (strcmp(mode, "none") == 0) {
		if (!vrf)
			return true;
		snprintf(why, size, "customer-edge: internet-access none is of no VRF");
		return false;
	}
	if (!vrf || strcmp(yang_dnode_get_string(dnode, "./internet-access/vrf"), "default") == 0) {
		snprintf(why, size, "customer-edge: internet-access %s: name the VRF of the VPN",
			 mode);
		return false;
	}
	if (yang_dnode_exists(dnode, "./provider-interface"))
		return true;
	snprintf(why, size,
		 "customer-edge: internet-access %s is an exception of provider-interface: name that first",
		 mode);
	return false;
}

static bool vpn_ce_check_servers(const struct lyd_node *dnode, char *why, size_t size)
{
	if (yang_dnode_count(dnode, "./server") <= VPN_CE_SERVERS_MAX)
		return true;
	snprintf(why, size, "customer-edge: at most %u servers", VPN_CE_SERVERS_MAX);
	return false;
}

bool vpn_ce_check(const struct lyd_node *dnode, char *why, size_t size)
{
	return vpn_ce_check_address(dnode, why, size) &&
	       vpn_ce_check_certificate(dnode, why, size) &&
	       vpn_ce_check_internet(dnode, why, size) && vpn_ce_check_servers(dnode, why, size);
}

/*
 * From data nodes
 */

static void vpn_ce_text(char *text, size_t size, const struct lyd_node *dnode, const char *xpath)
{
	text[0] = '\0';
	if (yang_dnode_exists(dnode, xpath))
		strlcpy(text, yang_dnode_get_string(dnode, "%s", xpath), size);
}

static void vpn_ce_read_address(struct vpn_ce_config *ce, const struct lyd_node *dnode)
{
	if (!yang_dnode_exists(dnode, "./address"))
		return;
	ce->dhcp = strcmp(yang_dnode_get_string(dnode, "./address"), "dhcp") == 0;
	if (ce->dhcp)
		vpn_ce_text(ce->address_if, sizeof(ce->address_if), dnode, "./address-interface");
	else
		yang_dnode_get_ip(&ce->address, dnode, "./address");
}

static int vpn_ce_read_server(const struct lyd_node *dnode, void *arg)
{
	struct vpn_ce_config *ce = arg;
	struct vpn_ce_server *server;

	if (ce->server_count == VPN_CE_SERVERS_MAX)
		return YANG_ITER_STOP;
	server = &ce->servers[ce->server_count++];
	yang_dnode_get_ip(&server->address, dnode, "./address");
	server->port = yang_dnode_get_uint16(dnode, "./port");
	return YANG_ITER_CONTINUE;
}

static uint32_t vpn_ce_read_retain(const struct lyd_node *dnode)
{
	const char *text = yang_dnode_get_string(dnode, "./retain");

	return strcmp(text, "forever") == 0 ? 0 : strtoul(text, NULL, 10);
}

void vpn_ce_read(struct vpn_ce_config *ce, const struct lyd_node *dnode)
{
	memset(ce, 0, sizeof(*ce));
	ce->present = true;
	if (vpn_ce_check(dnode, ce->fault, sizeof(ce->fault)))
		ce->fault[0] = '\0';
	vpn_ce_text(ce->identity, sizeof(ce->identity), dnode, "./identity");
	vpn_ce_read_address(ce, dnode);
	vpn_ce_text(ce->provider_if, sizeof(ce->provider_if), dnode, "./provider-interface");
	yang_dnode_iterate(vpn_ce_read_server, ce, dnode, "./server");
	ce->has_certificate = yang_dnode_exists(dnode, "./certificate/certificate") &&
			      yang_dnode_exists(dnode, "./certificate/key") &&
			      yang_dnode_exists(dnode, "./certificate/ca");
	if (ce->has_certificate) {
		const char *path = yang_dnode_get_string(dnode, "./certificate/certificate");

		ce->certificate = jhash(path, strlen(path), 0);
	}
	ce->interval = yang_dnode_get_uint32(dnode, "./interval");
	ce->retain = vpn_ce_read_retain(dnode);
	ce->internet = yang_dnode_get_enum(dnode, "./internet-access/mode");
	vpn_ce_text(ce->internet_vrf, sizeof(ce->internet_vrf), dnode, "./internet-access/vrf");
	ce->has_version = yang_dnode_exists(dnode, "./provisioned-version");
	if (ce->has_version)
		ce->version = yang_dnode_get_uint64(dnode, "./provisioned-version");
}

/* Everything in it is flat, and was zeroed first. */
bool vpn_ce_same(const struct vpn_ce_config *a, const struct vpn_ce_config *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

bool vpn_ce_incomplete(const struct vpn_ce_config *ce, char *why, size_t size)
{
	const char *missing = NULL;

	if (!ce->present)
		missing = "no customer-edge is configured: 'vpn', 'customer-edge' starts one";
	else if (ce->fault[0])
		missing = ce->fault;
	else if (!ce->identity[0])
		missing = "customer-edge: no identity is configured";
	else if (IS_IPADDR_NONE(&ce->address) && !ce->dhcp)
		missing = "customer-edge: no address is configured";
	else if (!ce->server_count)
		missing = "customer-edge: no server is configured";
	else if (!ce->has_certificate)
		missing = "customer-edge: no certificate is configured";
	if (missing)
		strlcpy(why, missing, size);
	return missing != NULL;
}

bool vpn_ce_owns(const struct vpn_config *config, const char *profile)
{
	return config->ce.present &&
	       !strncmp(profile, VPN_CE_PROFILE_PREFIX, strlen(VPN_CE_PROFILE_PREFIX));
}
