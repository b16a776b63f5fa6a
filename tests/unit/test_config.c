// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * yang/frr-vpnd.yang and vpnd/vpn_config.c: what the module's types refuse,
 * what the checks beyond them refuse, and what of the rest arrives in
 * struct vpn_config.  The module is the real one, loaded from yang/.
 */
/* link: vpnd/vpn_config.c vpnd/vpn_config_ce.c vpnd/vpn_config_check.c vpnd/vpn_config_tunnel.c vpnd/vpn_id.c vpnd/vpn_proposal.c vpnd/vpn_memory.c */
/* libs: frr */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <zebra.h>

#include <libgen.h>

#include "lib/yang.h"

#include "vpnd/vpn_config.h"

#define DATA(text) "{\"frr-vpnd:vpn\": {" text "}}"
#define PROFILE(text)                                                                              \
	DATA("\"ipsec-profile\": [{\"name\": \"GOLD\"" text "}],"                                  \
	     "\"provider-edge\": {\"local-address\": \"10.0.0.1\", \"ipsec-profile\": \"GOLD\"}")
#define PSK ", \"authentication\": {\"pre-shared-key\": \"s3cret\"}"

static struct vpn_config config;
static char words[1024];

/* The tree of this JSON, defaults in it; NULL if the module refuses it, words say why. */
static struct lyd_node *parse(const char *json)
{
	struct lyd_node *root = NULL;

	words[0] = '\0';
	if (lyd_parse_data_mem(ly_native_ctx, json, LYD_JSON, LYD_PARSE_STRICT,
			       LYD_VALIDATE_NO_STATE, &root) == LY_SUCCESS)
		return root;
	yang_print_errors(ly_native_ctx, words, sizeof(words));
	return NULL;
}

/* The module refuses it, with these words. */
static void module_refuses(const char *json, const char *expected)
{
	struct lyd_node *root = parse(json);

	assert_null(root);
	if (!strstr(words, expected))
		fail_msg("%s: \"%s\" does not say \"%s\"", json, words, expected);
}

/* The module takes it, a check refuses it, with these words; it is a fault of the configuration. */
static void check_refuses(const char *json, const char *expected)
{
	struct lyd_node *root = parse(json);

	if (!root)
		fail_msg("%s: %s", json, words);
	vpn_config_read(&config, root);
	assert_true(vpn_config_incomplete(&config, words, sizeof(words)));
	if (!strstr(words, expected))
		fail_msg("%s: \"%s\" does not say \"%s\"", json, words, expected);
	lyd_free_all(root);
}

static void read_config(struct vpn_config *into, const char *json)
{
	struct lyd_node *root = parse(json);

	if (!root)
		fail_msg("%s: %s", json, words);
	vpn_config_read(into, root);
	lyd_free_all(root);
}

static void test_defaults(void **state)
{
	struct vpn_profile *profile;

	read_config(&config, PROFILE(PSK));
	assert_false(vpn_config_incomplete(&config, words, sizeof(words)));
	profile = vpn_pe_profile(&config);
	assert_non_null(profile);
	assert_string_equal(profile->name, "GOLD");
	assert_int_equal(profile->auth, VPN_AUTH_PSK);
	assert_string_equal(profile->psk, "s3cret");
	assert_string_equal(profile->ike_proposal, "aes256gcm16-prfsha384-x25519");
	assert_string_equal(profile->esp_proposal, "aes256gcm16-x25519");
	assert_int_equal(profile->ike_version, 2);
	assert_int_equal(profile->lifetime, 3600);
	assert_int_equal(profile->dpd, 30);
	assert_int_equal(profile->dpd_timeout, 30);
	assert_int_equal(profile->retry_initial, 5);
	assert_int_equal(profile->retry_maximum, 300);
	assert_int_equal(profile->retry_limit, 20);
	assert_int_equal(config.pe.prefix_len, 16);
	assert_int_equal(config.pe.local.ipaddr_v4.s_addr, htonl(0x0a000001));
}

static void test_everything_arrives(void **state)
{
	struct vpn_profile *profile;

	read_config(&config,
		    DATA("\"ipsec-profile\": [{\"name\": \"x\"}, {\"name\": \"GOLD\","
			 "\"authentication\": {\"certificate\": {\"certificate\": \"/c\","
			 "\"key\": \"/k\", \"ca\": \"/a\"}},"
			 "\"ike\": {\"proposal\": \"aes128-sha256-modp2048\", \"version\": 1},"
			 "\"esp\": {\"proposal\": \"aes128-sha256\"}, \"lifetime\": 10,"
			 "\"dead-peer-detection\": 0,"
			 "\"retry\": {\"initial\": 1, \"maximum\": 86400, \"limit\": 0}}],"
			 "\"provider-edge\": {\"local-address\": \"2001:db8::1\","
			 "\"ipsec-profile\": \"GOLD\", \"spi-prefix-length\": 26}"));
	assert_false(vpn_config_incomplete(&config, words, sizeof(words)));
	assert_int_equal(vpn_profiles_count(&config.profiles), 2);
	profile = vpn_profile_find(&config, "GOLD");
	assert_ptr_equal(profile, vpn_pe_profile(&config));
	assert_int_equal(profile->auth, VPN_AUTH_CERTIFICATE);
	assert_string_equal(profile->cert_file, "/c");
	assert_string_equal(profile->key_file, "/k");
	assert_string_equal(profile->ca_file, "/a");
	assert_string_equal(profile->ike_proposal, "aes128-sha256-modp2048");
	assert_string_equal(profile->esp_proposal, "aes128-sha256");
	assert_int_equal(profile->ike_version, 1);
	assert_int_equal(profile->lifetime, 10);
	assert_int_equal(profile->dpd, 0);
	assert_int_equal(profile->retry_initial, 1);
	assert_int_equal(profile->retry_maximum, 86400);
	assert_int_equal(profile->retry_limit, 0);
	assert_int_equal(config.pe.prefix_len, 26);
	assert_true(IS_IPADDR_V6(&config.pe.local));
	assert_null(vpn_profile_find(&config, "SILVER"));
}

static void test_module_refuses(void **state)
{
	module_refuses(DATA("\"provider-edge\": {\"spi-prefix-length\": 0}"), "7 to 26");
	module_refuses(DATA("\"provider-edge\": {\"spi-prefix-length\": 6}"), "7 to 26");
	module_refuses(DATA("\"provider-edge\": {\"spi-prefix-length\": 27}"), "7 to 26");
	module_refuses(DATA("\"provider-edge\": {\"local-address\": \"10.0.0\"}"), "10.0.0");
	module_refuses(PROFILE(", \"ike\": {\"version\": 3}"), "must be 1 or 2");
	module_refuses(PROFILE(", \"ike\": {\"version\": 0}"), "must be 1 or 2");
	module_refuses(PROFILE(", \"ike\": {\"proposal\": \"a b\"}"), "joined by '-'");
	module_refuses(PROFILE(", \"lifetime\": 9"), "10 to 2592000");
	module_refuses(PROFILE(", \"dead-peer-detection\": 3601"), "3600 seconds");
	module_refuses(PROFILE(", \"retry\": {\"initial\": 0}"), "1 to 3600");
	module_refuses(PROFILE(", \"retry\": {\"maximum\": 86401}"), "86400");
	module_refuses(PROFILE(", \"retry\": {\"limit\": 10001}"), "10000");
	module_refuses(PROFILE(", \"authentication\": {\"pre-shared-key\": \"a b\"}"), "no spaces");
	module_refuses(PROFILE(", \"authentication\": {\"pre-shared-key\": \"\"}"), "1 to 512");
	module_refuses(PROFILE(", \"authentication\": {\"pre-shared-key-file\": \"psk\"}"),
		       "whole path");
	module_refuses(DATA("\"ipsec-profile\": [{\"name\": \"a'b\"}]"), "no space, quote");
	module_refuses(DATA("\"ipsec-profile\": [{\"name\": \"\"}]"), "1 to 63");
}

static void test_checks_refuse(void **state)
{
	check_refuses(PROFILE(PSK ", \"ike\": {\"proposal\": \"aes999-x25519\"}"),
		      "ipsec-profile GOLD: ike proposal aes999-x25519: unknown keyword \"aes999\"");
	check_refuses(PROFILE(PSK ", \"esp\": {\"proposal\": \"aes999\"}"),
		      "ipsec-profile GOLD: esp proposal aes999: unknown keyword \"aes999\"");
	check_refuses(PROFILE(", \"authentication\": {\"pre-shared-key\": \"s3cret\","
			      "\"certificate\": {\"certificate\": \"/c\", \"key\": \"/k\", \"ca\": \"/a\"}}"),
		      "pre-shared-key and certificate together");
	check_refuses(PROFILE(", \"authentication\": {\"pre-shared-key\": \"s3cret\","
			      "\"pre-shared-key-file\": \"/f\"}"),
		      "pre-shared-key and pre-shared-key-file together");
	check_refuses(PROFILE(", \"authentication\": {\"certificate\": {\"certificate\": \"/c\"}}"),
		      "certificate, key and ca must all be given");
	check_refuses(PROFILE(PSK ", \"retry\": {\"initial\": 10, \"maximum\": 9}"),
		      "initial 10 is over maximum 9");
}

static void test_provider_edge_checks_refuse(void **state)
{
	check_refuses(DATA("\"provider-edge\": {\"ipsec-profile\": \"SILVER\"}"),
		      "provider-edge: there is no ipsec-profile SILVER");
	check_refuses(DATA("\"provider-edge\": {\"local-address\": \"224.0.0.1\"}"), "224.0.0.1");
	check_refuses(DATA("\"provider-edge\": {\"local-address\": \"127.0.0.1\"}"), "127.0.0.1");
	check_refuses(DATA("\"provider-edge\": {\"local-address\": \"0.0.0.0\"}"), "0.0.0.0");
	check_refuses(DATA("\"provider-edge\": {\"local-address\": \"::1\"}"), "::1");
	check_refuses(DATA("\"provider-edge\": {\"local-address\": \"ff02::1\"}"), "ff02::1");
	check_refuses(DATA("\"provider-edge\": {\"local-address\": \"fe80::1\"}"), "fe80::1");
}

/* What is not there yet is told one by one, in the order in which it is typed. */
static void test_incomplete(void **state)
{
	vpn_config_read(&config, NULL);
	assert_true(vpn_config_incomplete(&config, words, sizeof(words)));
	assert_non_null(strstr(words, "no provider-edge"));
	assert_null(vpn_pe_profile(&config));
	check_refuses(DATA("\"provider-edge\": {}"), "no local-address");
	check_refuses(DATA("\"provider-edge\": {\"local-address\": \"10.0.0.1\"}"),
		      "no ipsec-profile");
	check_refuses(PROFILE(""), "ipsec-profile GOLD: no authentication");
}

/* A reason never has a secret in it. */
static void test_secret_is_not_told(void **state)
{
	read_config(&config, PROFILE(PSK ", \"esp\": {\"proposal\": \"aes999\"}"));
	assert_true(vpn_config_incomplete(&config, words, sizeof(words)));
	assert_null(strstr(words, "s3cret"));
}

static void test_same(void **state)
{
	struct vpn_config other;

	vpn_config_init(&other);
	read_config(&config, PROFILE(PSK));
	read_config(&other, PROFILE(PSK));
	assert_true(vpn_profile_same(vpn_pe_profile(&config), vpn_pe_profile(&other)));
	read_config(&other, PROFILE(", \"authentication\": {\"pre-shared-key\": \"S3cret\"}"));
	assert_false(vpn_profile_same(vpn_pe_profile(&config), vpn_pe_profile(&other)));
	read_config(&other, PROFILE(""));
	assert_false(vpn_profile_same(vpn_pe_profile(&config), vpn_pe_profile(&other)));
	read_config(&other, PROFILE(PSK ", \"retry\": {\"limit\": 21}"));
	assert_false(vpn_profile_same(vpn_pe_profile(&config), vpn_pe_profile(&other)));
	read_config(&other, PROFILE(PSK ", \"ike\": {\"version\": 1}"));
	assert_false(vpn_profile_same(vpn_pe_profile(&config), vpn_pe_profile(&other)));
	vpn_config_clear(&other);
}

#define CE(text) DATA("\"customer-edge\": {" text "}")
#define CE_FILES "\"certificate\": {\"certificate\": \"/c\", \"key\": \"/k\", \"ca\": \"/a\"}"

/* The module takes it, and the check of a customer edge refuses it with these words. */
static void ce_refuses(const char *json, const char *expected)
{
	read_config(&config, json);
	if (!strstr(config.ce.fault, expected))
		fail_msg("%s: \"%s\" does not say \"%s\"", json, config.ce.fault, expected);
	assert_true(vpn_ce_incomplete(&config.ce, words, sizeof(words)));
}

static void test_customer_edge_arrives(void **state)
{
	read_config(&config,
		    CE("\"identity\": \"paris\", \"address\": \"198.51.100.2\","
		       "\"provider-interface\": \"eth0\", " CE_FILES ","
		       "\"server\": [{\"address\": \"192.0.2.9\", \"port\": 4335},"
		       "{\"address\": \"192.0.2.1\", \"port\": 5000}],"
		       "\"retain\": 60, \"internet-access\": {\"mode\": \"nat\", \"vrf\": \"red\"},"
		       "\"provisioned-version\": \"18446744073709551615\""));
	assert_string_equal(config.ce.fault, "");
	assert_false(vpn_ce_incomplete(&config.ce, words, sizeof(words)));
	assert_string_equal(config.ce.identity, "paris");
	assert_int_equal(config.ce.address.ipaddr_v4.s_addr, htonl(0xc6336402));
	assert_false(config.ce.dhcp);
	assert_string_equal(config.ce.provider_if, "eth0");
	assert_true(config.ce.has_certificate);
	assert_int_equal(config.ce.server_count, 2);
	assert_int_equal(config.ce.servers[0].address.ipaddr_v4.s_addr, htonl(0xc0000209));
	assert_int_equal(config.ce.servers[1].port, 5000);
	assert_int_equal(config.ce.interval, 3600);
	assert_int_equal(config.ce.retain, 60);
	assert_int_equal(config.ce.internet, VPN_INTERNET_NAT);
	assert_string_equal(config.ce.internet_vrf, "red");
	assert_true(config.ce.has_version);
	assert_true(config.ce.version == UINT64_MAX);

	read_config(&config, CE("\"address\": \"dhcp\", \"address-interface\": \"eth0\""));
	assert_string_equal(config.ce.fault, "");
	assert_true(config.ce.dhcp);
	assert_string_equal(config.ce.address_if, "eth0");
	assert_int_equal(config.ce.retain, 0);
	assert_int_equal(config.ce.internet, VPN_INTERNET_NONE);
	assert_true(vpn_ce_incomplete(&config.ce, words, sizeof(words)));
	assert_true(vpn_ce_owns(&config, "vpn:red:paris"));
	assert_false(vpn_ce_owns(&config, "GOLD"));
	vpn_config_clear(&config);
	assert_false(vpn_ce_owns(&config, "vpn:red:paris"));
}

static void test_customer_edge_checks_refuse(void **state)
{
	ce_refuses(CE("\"address\": \"dhcp\""), "of which interface?");
	ce_refuses(CE("\"address\": \"127.0.0.1\""), "127.0.0.1 is not the address of a host");
	ce_refuses(CE("\"certificate\": {\"key\": \"/k\"}"),
		   "certificate, key and ca must all be given");
	ce_refuses(CE("\"internet-access\": {\"mode\": \"nat\"}, \"provider-interface\": \"eth0\""),
		   "name the VRF");
	ce_refuses(CE("\"internet-access\": {\"mode\": \"nat\", \"vrf\": \"default\"}"),
		   "name the VRF");
	ce_refuses(CE("\"internet-access\": {\"vrf\": \"red\"}"), "none is of no VRF");
	ce_refuses(CE("\"internet-access\": {\"mode\": \"gateway\", \"vrf\": \"red\"}"),
		   "name that first");
	module_refuses(CE("\"interval\": 4"), "interval must be 5 to 604800");
}

static void test_second_key(void **state)
{
	struct vpn_profile *profile;

	read_config(&config, PROFILE(", \"authentication\": {\"pre-shared-key\": \"one\","
				     "\"accept-pre-shared-key\": \"two\"}"));
	profile = vpn_pe_profile(&config);
	assert_string_equal(profile->fault, "");
	assert_string_equal(profile->psk, "one");
	assert_string_equal(profile->psk_other, "two");
	check_refuses(PROFILE(", \"authentication\": {\"accept-pre-shared-key\": \"two\"}"),
		      "goes with a pre-shared-key");
	check_refuses(PROFILE(", \"authentication\": {\"pre-shared-key\": \"one\","
			      "\"accept-pre-shared-key\": \"two\"}, \"ike\": {\"version\": 1}"),
		      "needs ike version 2");
}

static int load_module(void **state)
{
	char path[PATH_MAX];

	strlcpy(path, __FILE__, sizeof(path));
	strlcpy(path, dirname(path), sizeof(path));
	strlcat(path, "/../../yang", sizeof(path));
	yang_init(true, false, false);
	if (ly_ctx_set_searchdir(ly_native_ctx, path) != LY_SUCCESS ||
	    !ly_ctx_load_module(ly_native_ctx, "frr-vpnd", NULL, NULL))
		return -1;
	vpn_config_init(&config);
	return 0;
}

static int unload_module(void **state)
{
	vpn_config_clear(&config);
	yang_terminate();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_everything_arrives),
		cmocka_unit_test(test_module_refuses),
		cmocka_unit_test(test_checks_refuse),
		cmocka_unit_test(test_provider_edge_checks_refuse),
		cmocka_unit_test(test_incomplete),
		cmocka_unit_test(test_secret_is_not_told),
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_customer_edge_arrives),
		cmocka_unit_test(test_customer_edge_checks_refuse),
		cmocka_unit_test(test_second_key),
	};

	return cmocka_run_group_tests(tests, load_module, unload_module);
}
