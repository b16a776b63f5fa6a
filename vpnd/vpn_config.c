// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Configuration as plain structs; see vpn_config.h for what it models.
 *
 * A profile is rebuilt from its data node at each commit.  That is cheap (a
 * router has a handful of profiles) and cannot miss a change, which a
 * callback a leaf could.
 */
#include <zebra.h>

#include "lib/memory.h"
#include "lib/prefix.h"
#include "lib/yang.h"
#include "lib/yang_wrappers.h"

#include "vpnd/vpn_config.h"
#include "vpnd/vpn_memory.h"
#include "vpnd/vpn_proposal.h"

DEFINE_MTYPE_STATIC(VPND, VPN_PROFILE, "IPsec profile");
DEFINE_MTYPE_STATIC(VPND, VPN_PROFILE_TEXT, "IPsec profile text");

struct vpn_config vpn_config;

int vpn_profile_cmp(const struct vpn_profile *a, const struct vpn_profile *b)
{
	return strcmp(a->name, b->name);
}

/* Frees a string that may be secret. */
static void vpn_text_wipe(char **text)
{
	if (*text)
		explicit_bzero(*text, strlen(*text));
	XFREE(MTYPE_VPN_PROFILE_TEXT, *text);
}

static void vpn_profile_free(struct vpn_profile *profile)
{
	vpn_text_wipe(&profile->psk);
	vpn_text_wipe(&profile->psk_other);
	vpn_text_wipe(&profile->psk_file);
	vpn_text_wipe(&profile->cert_file);
	vpn_text_wipe(&profile->key_file);
	vpn_text_wipe(&profile->ca_file);
	vpn_text_wipe(&profile->crl_file);
	XFREE(MTYPE_VPN_PROFILE, profile);
}

void vpn_config_init(struct vpn_config *config)
{
	memset(config, 0, sizeof(*config));
	vpn_profiles_init(&config->profiles);
	vpn_tunnel_configs_init(&config->tunnels);
	vpn_tunnel_configs_init(&config->templates);
}

void vpn_config_clear(struct vpn_config *config)
{
	struct vpn_profile *profile;

	while ((profile = vpn_profiles_pop(&config->profiles)))
		vpn_profile_free(profile);
	memset(&config->pe, 0, sizeof(config->pe));
	memset(&config->ce, 0, sizeof(config->ce));
	vpn_tunnels_clear(config);
}

/*
 * What a single leaf's type cannot tell
 */

static bool vpn_check_proposal(const struct lyd_node *dnode, const char *name, const char *word,
			       enum vpn_proposal_kind kind, char *why, size_t size)
{
	const char *text = yang_dnode_get_string(dnode, "./%s/proposal", word);
	char wrong[128];

	if (vpn_proposal_valid(text, kind, wrong, sizeof(wrong)))
		return true;
	snprintf(why, size, "ipsec-profile %s: %s proposal %s: %s", name, word, text, wrong);
	return false;
}

/* One way to authenticate at most, and the whole of it. */
static bool vpn_check_auth(const struct lyd_node *dnode, const char *name, char *why, size_t size)
{
	const struct lyd_node *auth = yang_dnode_get(dnode, "./authentication");
	bool psk = auth && yang_dnode_exists(auth, "./pre-shared-key");
	bool file = auth && yang_dnode_exists(auth, "./pre-shared-key-file");
	unsigned int certificate = 0;

	if (auth)
		certificate = yang_dnode_exists(auth, "./certificate/certificate") +
			      yang_dnode_exists(auth, "./certificate/key") +
			      yang_dnode_exists(auth, "./certificate/ca");
	if (psk + file + !!certificate > 1) {
		snprintf(why, size,
			 "ipsec-profile %s: authentication: %s and %s together: remove one first ('no authentication')",
			 name, psk ? "pre-shared-key" : "pre-shared-key-file",
			 certificate ? "certificate" : "pre-shared-key-file");
		return false;
	}
	if (!psk && auth && yang_dnode_exists(auth, "./accept-pre-shared-key")) {
		snprintf(why, size,
			 "ipsec-profile %s: authentication: accept-pre-shared-key goes with a pre-shared-key, which we prove by",
			 name);
		return false;
	}
	if (psk && yang_dnode_exists(auth, "./accept-pre-shared-key") &&
	    yang_dnode_get_uint8(dnode, "./ike/version") == 1) {
		snprintf(why, size,
			 "ipsec-profile %s: authentication: a second key needs ike version 2: in version 1 the key is part of what is negotiated",
			 name);
		return false;
	}
	if (certificate && certificate < 3) {
		snprintf(why, size,
			 "ipsec-profile %s: authentication: certificate, key and ca must all be given",
			 name);
		return false;
	}
	return true;
}

static bool vpn_check_retry(const struct lyd_node *dnode, const char *name, char *why, size_t size)
{
	unsigned int initial = yang_dnode_get_uint16(dnode, "./retry/initial");
	unsigned int maximum = yang_dnode_get_uint32(dnode, "./retry/maximum");

	if (initial <= maximum)
		return true;
	snprintf(why, size, "ipsec-profile %s: retry: initial %u is over maximum %u", name, initial,
		 maximum);
	return false;
}

bool vpn_address_usable(const struct ipaddr *addr)
{
	if (IS_IPADDR_V4(addr))
		return ipv4_unicast_valid(&addr->ipaddr_v4) &&
		       !IPV4_NET127(ntohl(addr->ipaddr_v4.s_addr));
	return !IN6_IS_ADDR_UNSPECIFIED(&addr->ipaddr_v6) &&
	       !IN6_IS_ADDR_LOOPBACK(&addr->ipaddr_v6) &&
	       !IN6_IS_ADDR_MULTICAST(&addr->ipaddr_v6) && !IN6_IS_ADDR_LINKLOCAL(&addr->ipaddr_v6);
}

static bool vpn_check_local(const struct lyd_node *dnode, char *why, size_t size)
{
	struct ipaddr addr;

	if (!yang_dnode_exists(dnode, "./local-address"))
		return true;
	yang_dnode_get_ip(&addr, dnode, "./local-address");
	if (vpn_address_usable(&addr))
		return true;
	snprintfrr(why, size,
		   "provider-edge: local-address %pIA is not the address of a host: give one that this machine has and the backbone routes to",
		   &addr);
	return false;
}

static bool vpn_check_reference(const struct lyd_node *dnode, char *why, size_t size)
{
	const char *name;

	if (!yang_dnode_exists(dnode, "./ipsec-profile"))
		return true;
	name = yang_dnode_get_string(dnode, "./ipsec-profile");
	if (yang_dnode_existsf(dnode, "/frr-vpnd:vpn/ipsec-profile[name='%s']", name))
		return true;
	snprintf(why, size,
		 "provider-edge: there is no ipsec-profile %s: configure it first, remove it last",
		 name);
	return false;
}

bool vpn_profile_check(const struct lyd_node *dnode, char *why, size_t size)
{
	const char *name = yang_dnode_get_string(dnode, "./name");

	return vpn_check_proposal(dnode, name, "ike", VPN_PROPOSAL_IKE, why, size) &&
	       vpn_check_proposal(dnode, name, "esp", VPN_PROPOSAL_ESP, why, size) &&
	       vpn_check_auth(dnode, name, why, size) && vpn_check_retry(dnode, name, why, size);
}

bool vpn_pe_check(const struct lyd_node *dnode, char *why, size_t size)
{
	return vpn_check_local(dnode, why, size) && vpn_check_reference(dnode, why, size);
}

/*
 * From data nodes to structs
 */

/* The text of a leaf that may not be there. */
static char *vpn_text_read(const struct lyd_node *dnode, const char *xpath)
{
	if (!yang_dnode_exists(dnode, xpath))
		return NULL;
	return XSTRDUP(MTYPE_VPN_PROFILE_TEXT, yang_dnode_get_string(dnode, "%s", xpath));
}

static void vpn_profile_read_auth(struct vpn_profile *profile, const struct lyd_node *dnode)
{
	profile->psk = vpn_text_read(dnode, "./authentication/pre-shared-key");
	profile->psk_other = vpn_text_read(dnode, "./authentication/accept-pre-shared-key");
	profile->psk_file = vpn_text_read(dnode, "./authentication/pre-shared-key-file");
	profile->cert_file = vpn_text_read(dnode, "./authentication/certificate/certificate");
	profile->key_file = vpn_text_read(dnode, "./authentication/certificate/key");
	profile->ca_file = vpn_text_read(dnode, "./authentication/certificate/ca");
	profile->crl_file = vpn_text_read(dnode, "./authentication/certificate/crl");

	if (profile->psk)
		profile->auth = VPN_AUTH_PSK;
	else if (profile->psk_file)
		profile->auth = VPN_AUTH_PSK_FILE;
	else if (profile->cert_file && profile->key_file && profile->ca_file)
		profile->auth = VPN_AUTH_CERTIFICATE;
	else
		profile->auth = VPN_AUTH_NONE;
}

static struct vpn_profile *vpn_profile_read(const struct lyd_node *dnode)
{
	struct vpn_profile *profile = XCALLOC(MTYPE_VPN_PROFILE, sizeof(*profile));

	strlcpy(profile->name, yang_dnode_get_string(dnode, "./name"), sizeof(profile->name));
	if (vpn_profile_check(dnode, profile->fault, sizeof(profile->fault)))
		profile->fault[0] = '\0';
	vpn_profile_read_auth(profile, dnode);
	strlcpy(profile->ike_proposal, yang_dnode_get_string(dnode, "./ike/proposal"),
		sizeof(profile->ike_proposal));
	strlcpy(profile->esp_proposal, yang_dnode_get_string(dnode, "./esp/proposal"),
		sizeof(profile->esp_proposal));
	profile->ike_version = yang_dnode_get_uint8(dnode, "./ike/version");
	profile->lifetime = yang_dnode_get_uint32(dnode, "./lifetime");
	profile->dpd = yang_dnode_get_uint16(dnode, "./dead-peer-detection");
	profile->dpd_timeout = yang_dnode_get_uint16(dnode, "./dead-peer-timeout");
	profile->retry_initial = yang_dnode_get_uint16(dnode, "./retry/initial");
	profile->retry_maximum = yang_dnode_get_uint32(dnode, "./retry/maximum");
	profile->retry_limit = yang_dnode_get_uint16(dnode, "./retry/limit");
	return profile;
}

static int vpn_profile_read_cb(const struct lyd_node *dnode, void *arg)
{
	struct vpn_config *config = arg;

	vpn_profiles_add(&config->profiles, vpn_profile_read(dnode));
	return YANG_ITER_CONTINUE;
}

static void vpn_pe_read(struct vpn_pe_config *pe, const struct lyd_node *dnode)
{
	pe->present = true;
	if (vpn_pe_check(dnode, pe->fault, sizeof(pe->fault)))
		pe->fault[0] = '\0';
	if (yang_dnode_exists(dnode, "./local-address"))
		yang_dnode_get_ip(&pe->local, dnode, "./local-address");
	if (yang_dnode_exists(dnode, "./ipsec-profile"))
		strlcpy(pe->profile, yang_dnode_get_string(dnode, "./ipsec-profile"),
			sizeof(pe->profile));
	pe->prefix_len = yang_dnode_get_uint8(dnode, "./spi-prefix-length");
}

void vpn_config_read(struct vpn_config *config, const struct lyd_node *root)
{
	const struct lyd_node *dnode;

	vpn_config_clear(config);
	if (!root)
		return;
	yang_dnode_iterate(vpn_profile_read_cb, config, root, "/frr-vpnd:vpn/ipsec-profile");
	dnode = yang_dnode_get(root, "/frr-vpnd:vpn/provider-edge");
	if (dnode)
		vpn_pe_read(&config->pe, dnode);
	dnode = yang_dnode_get(root, "/frr-vpnd:vpn/customer-edge");
	if (dnode)
		vpn_ce_read(&config->ce, dnode);
	dnode = yang_dnode_get(root, "/frr-vpnd:vpn");
	if (dnode)
		vpn_tunnels_read(config, dnode);
}

struct vpn_profile *vpn_profile_find(struct vpn_config *config, const char *name)
{
	struct vpn_profile ref = {};

	strlcpy(ref.name, name, sizeof(ref.name));
	return vpn_profiles_find(&config->profiles, &ref);
}

struct vpn_profile *vpn_pe_profile(struct vpn_config *config)
{
	if (!config->pe.present || !config->pe.profile[0])
		return NULL;
	return vpn_profile_find(config, config->pe.profile);
}

/* Two texts, either of which may be missing. */
static bool vpn_text_same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

bool vpn_profile_same(const struct vpn_profile *a, const struct vpn_profile *b)
{
	return strcmp(a->name, b->name) == 0 && a->auth == b->auth &&
	       vpn_text_same(a->psk, b->psk) && vpn_text_same(a->psk_other, b->psk_other) &&
	       vpn_text_same(a->psk_file, b->psk_file) &&
	       vpn_text_same(a->cert_file, b->cert_file) &&
	       vpn_text_same(a->key_file, b->key_file) && vpn_text_same(a->ca_file, b->ca_file) &&
	       vpn_text_same(a->crl_file, b->crl_file) &&
	       strcmp(a->ike_proposal, b->ike_proposal) == 0 &&
	       strcmp(a->esp_proposal, b->esp_proposal) == 0 && a->ike_version == b->ike_version &&
	       a->lifetime == b->lifetime && a->dpd == b->dpd && a->dpd_timeout == b->dpd_timeout &&
	       a->retry_initial == b->retry_initial && a->retry_maximum == b->retry_maximum &&
	       a->retry_limit == b->retry_limit;
}

bool vpn_config_incomplete(struct vpn_config *config, char *buf, size_t size)
{
	struct vpn_pe_config *pe = &config->pe;
	struct vpn_profile *profile = vpn_pe_profile(config);

	if (!pe->present)
		snprintf(buf, size,
			 "no provider-edge is configured: 'vpn', 'provider-edge' starts one");
	else if (pe->fault[0])
		snprintf(buf, size, "%s", pe->fault);
	else if (pe->local.ipa_type == IPADDR_NONE)
		snprintf(buf, size, "provider-edge: no local-address is configured");
	else if (!pe->profile[0])
		snprintf(buf, size, "provider-edge: no ipsec-profile is configured");
	else if (!profile)
		snprintf(buf, size, "provider-edge: there is no ipsec-profile %s", pe->profile);
	else if (profile->fault[0])
		snprintf(buf, size, "%s", profile->fault);
	else if (profile->auth == VPN_AUTH_NONE)
		snprintf(buf, size, "ipsec-profile %s: no authentication is configured",
			 profile->name);
	else
		return false;
	return true;
}
