// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tunnel links in yang/frr-vpnd.yang, vpnd/vpn_config_tunnel.c and
 * vpn_config_check.c: what arrives in struct vpn_tunnel_config, what the
 * module refuses, what is contradictory and whose fault it is, and what may be
 * missing.  The module is the real one, loaded from yang/.
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

static struct vpn_config config;
static char words[1024];
static char json[8192];

/* "name": NAME, "vrf": VRF, and more of a link, quoted with ' for readability. */
#define LINK(name, vrf, more) "{'name': '" name "', 'vrf': '" vrf "'" more "}"
#define ENDS(local, remote)   ", 'local': '" local "', 'remote': '" remote "'"
#define AB		      ENDS("10.0.0.1", "10.0.0.2")
#define KIND(type)	      ", 'encapsulation': {'type': '" type "'}"
#define GRE(key)	      ", 'encapsulation': {'type': 'gre', 'key': " key "}"
#define MPLS(in, out)                                                                              \
	", 'encapsulation': {'type': 'mpls-in-ip', 'label': " in ", 'remote-label': " out "}"
#define L2TP(tid, ptid, sid, psid)                                                                 \
	", 'encapsulation': {'type': 'l2tp', 'tunnel-id': " tid ", 'peer-tunnel-id': " ptid        \
	", 'session-id': " sid ", 'peer-session-id': " psid "}"
#define GOLD	", 'ipsec-profile': 'GOLD'"
#define SILVER	", 'ipsec-profile': 'SILVER'"
#define CLEAR	", 'no-ipsec': [null]"
#define ID(id)	", 'vpn-id': '00a0c9:0000000" id "'"
#define TRAFFIC ", 'establish': {'mode': 'on-traffic'}"
#define PROFILES                                                                                   \
	"'ipsec-profile': ["                                                                       \
	"{'name': 'GOLD', 'authentication': {'pre-shared-key': 's3cret'}},"                        \
	"{'name': 'SILVER', 'authentication': {'pre-shared-key': 's3cret'}}, {'name': 'EMPTY'}]"

/* The tree of these links; NULL if the module refuses it, words say why. */
static struct lyd_node *parse(const char *links)
{
	struct lyd_node *root = NULL;

	snprintf(json, sizeof(json), "{'frr-vpnd:vpn': {" PROFILES ", 'tunnel-link': [%s]}}", links);
	for (char *c = json; *c; c++)
		if (*c == '\'')
			*c = '"';
	words[0] = '\0';
	if (lyd_parse_data_mem(ly_native_ctx, json, LYD_JSON, LYD_PARSE_STRICT,
			       LYD_VALIDATE_NO_STATE, &root) == LY_SUCCESS)
		return root;
	yang_print_errors(ly_native_ctx, words, sizeof(words));
	return NULL;
}

static void read_links(const char *links)
{
	struct lyd_node *root = parse(links);

	if (!root)
		fail_msg("%s: %s", links, words);
	vpn_config_read(&config, root);
	lyd_free_all(root);
}

static void module_refuses(const char *links, const char *expected)
{
	struct lyd_node *root = parse(links);

	if (root)
		fail_msg("%s is accepted", links);
	if (!strstr(words, expected))
		fail_msg("%s: \"%s\" does not say \"%s\"", links, words, expected);
}

/* How many links are at fault; words are the last one's. */
static unsigned int faults(const char *links)
{
	struct vpn_tunnel_config *tunnel;
	unsigned int count = 0;

	read_links(links);
	words[0] = '\0';
	frr_each (vpn_tunnel_configs, &config.tunnels, tunnel)
		if (tunnel->fault[0]) {
			strlcpy(words, tunnel->fault, sizeof(words));
			count++;
		}
	frr_each (vpn_tunnel_configs, &config.templates, tunnel)
		if (tunnel->fault[0]) {
			strlcpy(words, tunnel->fault, sizeof(words));
			count++;
		}
	return count;
}

static void fine(const char *links)
{
	if (faults(links))
		fail_msg("%s: %s", links, words);
}

/* One link is at fault, and its fault says this. */
static void fault(const char *links, const char *expected)
{
	if (faults(links) != 1)
		fail_msg("%s: %u faults", links, faults(links));
	if (!strstr(words, expected))
		fail_msg("%s: \"%s\" does not say \"%s\"", links, words, expected);
}

/* A single link "a" is not at fault, but cannot work yet. */
static void incomplete(const char *more, const char *expected)
{
	char link[1024];

	snprintf(link, sizeof(link), "{'name': 'a', 'vrf': 'red'%s}", more);
	fine(link);
	assert_true(vpn_tunnel_incomplete(&config, vpn_tunnel_config_find(&config, "a"), words,
					  sizeof(words)));
	if (!strstr(words, expected))
		fail_msg("%s: \"%s\" does not say \"%s\"", more, words, expected);
}

static void test_defaults(void **state)
{
	const struct vpn_tunnel_config *a;

	read_links(LINK("a", "red", ""));
	a = vpn_tunnel_config_find(&config, "a");
	assert_non_null(a);
	assert_string_equal(a->vrf, "red");
	assert_int_equal(a->encap, VPN_ENCAP_NONE);
	assert_int_equal(a->local.ipa_type, IPADDR_NONE);
	assert_int_equal(a->remote.ipa_type, IPADDR_NONE);
	assert_false(a->remote_any || a->has_key || a->no_ipsec || a->has_vpn_id || a->on_traffic);
	assert_int_equal(a->idle, 300);
	assert_int_equal(a->mtu, 0);
	assert_int_equal(a->address.family, 0);
	assert_int_equal(a->address6.family, 0);
	assert_string_equal(a->unnumbered, "");
	assert_null(vpn_tunnel_profile(&config, a));
	assert_null(vpn_tunnel_config_find(&config, "b"));
	assert_null(vpn_tunnel_config_find(&config, "a name of more than 15"));
}

static void test_everything_arrives(void **state)
{
	static const uint8_t vpn_id[VPN_ID_SIZE] = { 0, 0xa0, 0xc9, 0, 0, 0, 1 };
	const struct vpn_tunnel_config *a;

	read_links(
		LINK("a", "red",
		     AB KIND("ipip-shared") GOLD ID(
			     "1") ", 'local-identity': 'ce1.example', 'remote-identity': 'C=BE, CN=x',"
				  "'signal': 'vendor-id', 'establish': {'mode': 'on-traffic', 'idle': 60},"
				  "'address': '10.1.0.1/30', 'peer-address': '10.1.0.2',"
				  "'address6': '2001:db8::1/64', 'mtu': 1400"));
	a = vpn_tunnel_config_find(&config, "a");
	assert_string_equal(a->fault, "");
	assert_int_equal(a->local.ipaddr_v4.s_addr, htonl(0x0a000001));
	assert_int_equal(a->remote.ipaddr_v4.s_addr, htonl(0x0a000002));
	assert_int_equal(a->encap, VPN_ENCAP_IPIP_SHARED);
	assert_string_equal(vpn_tunnel_profile(&config, a)->name, "GOLD");
	assert_true(a->has_vpn_id);
	assert_memory_equal(a->vpn_id, vpn_id, sizeof(vpn_id));
	assert_string_equal(a->local_id, "ce1.example");
	assert_string_equal(a->remote_id, "C=BE, CN=x");
	assert_int_equal(a->signal, VPN_SIGNAL_VENDOR_ID);
	assert_true(a->on_traffic);
	assert_int_equal(a->idle, 60);
	assert_int_equal(a->address.u.prefix4.s_addr, htonl(0x0a010001));
	assert_int_equal(a->address.prefixlen, 30);
	assert_int_equal(a->peer_address.u.prefix4.s_addr, htonl(0x0a010002));
	assert_int_equal(a->address6.prefixlen, 64);
	assert_int_equal(a->address6.u.prefix6.s6_addr[15], 1);
	assert_int_equal(a->mtu, 1400);
}

static void test_every_kind_arrives(void **state)
{
	const struct vpn_tunnel_config *tunnel;

	fine(LINK("g", "red", AB GRE("7") CLEAR) "," LINK(
		"m", "red",
		ENDS("2001:db8::1", "2001:db8::2") MPLS("16", "1048575")
			GOLD) "," LINK("l", "red",
				       AB
				       ", 'encapsulation': {'type': 'l2tp', 'tunnel-id': 1, 'peer-tunnel-id': 2,"
				       "'session-id': 3, 'peer-session-id': 4294967295, 'cookie': '0badcafe',"
				       "'peer-cookie': '0123456789abcdef'}" CLEAR));
	tunnel = vpn_tunnel_config_find(&config, "g");
	assert_int_equal(tunnel->encap, VPN_ENCAP_GRE);
	assert_true(tunnel->has_key && tunnel->no_ipsec);
	assert_int_equal(tunnel->key, 7);
	tunnel = vpn_tunnel_config_find(&config, "m");
	assert_int_equal(tunnel->encap, VPN_ENCAP_MPLS);
	assert_true(IS_IPADDR_V6(&tunnel->local));
	assert_int_equal(tunnel->label, 16);
	assert_int_equal(tunnel->remote_label, 1048575);
	tunnel = vpn_tunnel_config_find(&config, "l");
	assert_int_equal(tunnel->encap, VPN_ENCAP_L2TP);
	assert_int_equal(tunnel->l2tp.tunnel_id, 1);
	assert_int_equal(tunnel->l2tp.peer_tunnel_id, 2);
	assert_int_equal(tunnel->l2tp.session_id, 3);
	assert_int_equal(tunnel->l2tp.peer_session_id, UINT32_MAX);
	assert_int_equal(tunnel->l2tp.cookie_len, 4);
	assert_int_equal(tunnel->l2tp.cookie[3], 0xfe);
	assert_int_equal(tunnel->l2tp.peer_cookie_len, 8);
	assert_int_equal(tunnel->l2tp.peer_cookie[7], 0xef);
}

/* What is said in IKE if nothing is configured. */
static void test_signal_of_each_kind(void **state)
{
	static const struct {
		const char *link;
		enum vpn_signal signal;
	} kinds[] = {
		{ LINK("a", "red", KIND("ipsec-tunnel")), VPN_SIGNAL_NONE },
		{ LINK("a", "red", KIND("ipip-shared")), VPN_SIGNAL_TRANSPORT },
		{ LINK("a", "red", KIND("ipip-distinct")), VPN_SIGNAL_TRANSPORT },
		{ LINK("a", "red", KIND("gre")), VPN_SIGNAL_NONE },
		{ LINK("a", "red", KIND("ipip-shared") ", 'signal': 'none'"), VPN_SIGNAL_NONE },
		{ LINK("a", "red", KIND("ipsec-tunnel") ", 'signal': 'vendor-id'"),
		  VPN_SIGNAL_VENDOR_ID },
	};

	for (size_t i = 0; i < array_size(kinds); i++) {
		fine(kinds[i].link);
		assert_int_equal(vpn_tunnel_config_find(&config, "a")->signal, kinds[i].signal);
	}
}

static void test_module_refuses(void **state)
{
	module_refuses("{'name': 'a'}", "vrf");
	module_refuses(LINK("", "red", ""), "1 to 15 characters");
	module_refuses(LINK("abcdefghijklmnop", "red", ""), "1 to 15 characters");
	module_refuses(LINK("a/b", "red", ""), "the first a letter or a digit");
	module_refuses(LINK(".", "red", ""), "the first a letter or a digit");
	module_refuses(LINK("a", "a b", ""), "the first a letter or a digit");
	module_refuses(LINK("a", "red", ", 'local': '10.0.0'"), "10.0.0");
	module_refuses(LINK("a", "red", ", 'local': 'any'"), "any");
	module_refuses(LINK("a", "red", ", 'remote': 'all'"), "all");
	module_refuses(LINK("a", "red", KIND("vxlan")), "vxlan");
	module_refuses(LINK("a", "red", MPLS("15", "16")), "16 to 1048575");
	module_refuses(LINK("a", "red", MPLS("16", "1048576")), "16 to 1048575");
	module_refuses(LINK("a", "red", L2TP("0", "1", "1", "1")), "1 to 4294967295");
	module_refuses(LINK("a", "red", ", 'encapsulation': {'cookie': '0bad'}"),
		       "8 or 16 hexadecimal digits");
	module_refuses(LINK("a", "red", ", 'vpn-id': '00a0c9'"), "6 hexadecimal digits");
	module_refuses(LINK("a", "red", ", 'local-identity': ' x'"), "separated by one space");
	module_refuses(LINK("a", "red", ", 'establish': {'idle': 9}"), "10 to 86400");
	module_refuses(LINK("a", "red", ", 'address': '10.0.0.1'"), "10.0.0.1/30");
	module_refuses(LINK("a", "red", ", 'address': '10.0.0.1/33'"), "10.0.0.1/30");
	module_refuses(LINK("a", "red", ", 'address6': '2001:db8::1/129'"), "2001:db8::1/64");
	module_refuses(LINK("a", "red", ", 'mtu': 67"), "68 to 65535");
	module_refuses(LINK("a", "red", GOLD CLEAR), "both cases");
}

static void test_a_link_contradicts_itself(void **state)
{
	fault(LINK("vpni256", "red", ""), "vpnd's own interfaces");
	fault(LINK("vpno1", "red", ""), "vpnd's own interfaces");
	fault(LINK("red", "red", ""), "the VRF's interface has that name");
	fault(LINK("lo", "red", ""), "the kernel uses that name");
	fault(LINK("a", "red", ", 'local': '224.0.0.1'"), "local 224.0.0.1");
	fault(LINK("a", "red", ", 'remote': 'fe80::1'"), "remote fe80::1");
	fault(LINK("a", "red", ENDS("10.0.0.1", "2001:db8::1")), "different families");
	fault(LINK("a", "red", ENDS("10.0.0.1", "10.0.0.1")), "both 10.0.0.1");
	fault(LINK("a", "red", ENDS("10.0.0.1", "any") KIND("gre")), "needs the peer's address");
	fault(LINK("a", "red", ENDS("10.0.0.1", "any") KIND("ipip-distinct")),
	      "needs the peer's address");
	fault(LINK("a", "red", ENDS("10.0.0.1", "any") TRAFFIC), "only answers");
	fault(LINK("a", "red", ENDS("10.0.0.1", "any") CLEAR), "cannot go with 'no ipsec'");
	fault(LINK("a", "red", AB KIND("ipsec-tunnel") CLEAR), "is made of IPsec");
	fault(LINK("a", "red", AB KIND("ipip-shared") CLEAR), "is made of IPsec");
	fault(LINK("a", "red", AB KIND("gre") CLEAR TRAFFIC), "cannot go with 'no ipsec'");
	fault(LINK("a", "red", ", 'ipsec-profile': 'LEAD'"), "there is no ipsec-profile LEAD");
	fault(LINK("a", "red", KIND("gre") ", 'signal': 'transport'"), "tells by its protocol");
	fault(LINK("a", "red", KIND("ipsec-tunnel") ", 'signal': 'transport'"),
	      "negotiates tunnel mode");
	fault(LINK("a", "red", ", 'encapsulation': {'type': 'l2tp', 'key': 1}"),
	      "key is for encapsulation gre, not l2tp");
	fault(LINK("a", "red", ", 'encapsulation': {'type': 'gre', 'label': 16}"),
	      "label is for encapsulation mpls-in-ip, not gre");
	fault(LINK("a", "red", ", 'encapsulation': {'session-id': 1}"),
	      "session-id are for encapsulation l2tp, not none");
	fault(LINK("a", "red", ", 'peer-address': '10.1.0.2'"), "goes with an address");
	fault(LINK("a", "red", ", 'address': '10.1.0.1/30', 'unnumbered': 'lo'"),
	      "remove address or unnumbered");
	fault(LINK("a", "red", ", 'unnumbered': 'a'"), "its own address");
	fault(LINK("a", "red", ", 'address6': '2001:db8::1/64', 'mtu': 1279"), "1280");
	fault(LINK("a", "red", ", 'establish': {'idle': 60}"), "idle is for establish on-traffic");
	fine(LINK("a", "red", ", 'address6': '2001:db8::1/64', 'mtu': 1280"));
	fine(LINK("vpn1", "red", AB KIND("ipip-distinct") CLEAR));
}

/* Links between the same two systems, in different VRFs, of each kind. */
static void test_links_that_can_be_told_apart(void **state)
{
	fine(LINK("a", "red", AB KIND("ipip-shared") GOLD ID("1")) "," LINK(
		"b", "blue",
		AB KIND("ipip-shared") GOLD ID(
			"2")) "," LINK("c", "green",
				       AB KIND("ipip-shared")
					       GOLD) "," LINK("d", "green",
							      AB KIND("ipsec-tunnel")
								      GOLD) "," LINK("e", "green",
										     ENDS("10.0.0.1",
											  "10.0.0.3")
											     KIND("ipip-shared")
												     GOLD));
	fine(LINK("a", "red", AB KIND("ipip-distinct") GOLD) "," LINK("b", "blue",
								      ENDS("10.0.0.1", "10.0.0.3")
									      KIND("ipip-distinct")
										      GOLD));
	fine(LINK("a", "red",
		  AB GRE("1")
			  GOLD) "," LINK("b", "blue",
					 AB GRE("2")
						 GOLD) "," LINK("c", "blue",
								AB KIND("gre")
									GOLD) "," LINK("d", "blue",
										       AB GRE("0")
											       GOLD));
	fine(LINK("a", "red",
		  AB MPLS("16", "17")
			  GOLD) "," LINK("b", "blue",
					 AB MPLS("17", "16")
						 GOLD) "," LINK("c", "blue",
								ENDS("10.0.0.1", "10.0.0.3")
									MPLS("16", "17") SILVER));
	fine(LINK("a", "red",
		  AB L2TP("1", "1", "1", "1")
			  GOLD) "," LINK("b", "blue",
					 AB L2TP("1", "1", "2", "2")
						 GOLD) "," LINK("c", "blue",
								AB L2TP("2", "1", "3", "3") GOLD));
	fine(LINK("a", "red",
		  ENDS("10.0.0.1", "any") KIND("ipsec-tunnel") GOLD
		  ", 'remote-identity': 'ce1'") "," LINK("b", "blue",
							 ENDS("10.0.0.1", "any") KIND("ipsec-tunnel")
								 GOLD ", 'remote-identity': 'ce2'"));
	fine(LINK("a", "red",
		  AB GRE("1") GOLD) "," LINK("b", "red",
					     AB KIND("ipip-shared") SILVER ID(
						     "1")) "," LINK("c", "red",
								    AB KIND("ipip-distinct") CLEAR));
}

static void test_links_that_cannot_be_told_apart(void **state)
{
	fault(LINK("a", "red", AB KIND("ipip-shared") GOLD) "," LINK("b", "blue",
								     AB KIND("ipip-shared") GOLD),
	      "IKE could not tell them apart");
	fault(LINK("a", "red",
		   AB KIND("ipsec-tunnel")
			   GOLD ID("1")) "," LINK("b", "red", AB KIND("ipsec-tunnel") GOLD ID("1")),
	      "tunnel-link b: tunnel-link a has the same endpoints and vpn-id");
	fault(LINK("a", "red", AB KIND("ipip-distinct") GOLD) "," LINK("b", "blue",
								       AB KIND("ipip-distinct")
									       GOLD ID("1")),
	      "pair of addresses");
	fault(LINK("a", "red", AB KIND("ipip-distinct") CLEAR) "," LINK("b", "blue",
									AB KIND("ipip-distinct")
										CLEAR),
	      "pair of addresses");
	fault(LINK("a", "red", AB GRE("1") GOLD) "," LINK("b", "blue", AB GRE("1") GOLD),
	      "another gre key");
	fault(LINK("a", "red", AB KIND("gre") CLEAR) "," LINK("b", "blue", AB KIND("gre") CLEAR),
	      "another gre key");
	fault(LINK("a", "red", AB MPLS("16", "17") GOLD) "," LINK("b", "blue",
								  AB MPLS("16", "18") GOLD),
	      "endpoints and label");
	fault(LINK("a", "red", AB MPLS("16", "17") GOLD) "," LINK("b", "blue",
								  AB MPLS("18", "17") GOLD),
	      "remote-label");
	fault(LINK("a", "red",
		   AB L2TP("1", "1", "1", "1") GOLD) "," LINK("b", "blue",
							      ENDS("10.0.0.1", "10.0.0.3")
								      L2TP("2", "1", "1", "1") GOLD),
	      "same session-id");
	fault(LINK("a", "red",
		   AB L2TP("1", "1", "1", "1")
			   GOLD) "," LINK("b", "blue", AB L2TP("1", "1", "2", "1") GOLD),
	      "peer-session-id");
	fault(LINK("a", "red",
		   AB L2TP("1", "1", "1", "1") GOLD) "," LINK("b", "blue",
							      ENDS("10.0.0.1", "10.0.0.3")
								      L2TP("1", "1", "2", "2") GOLD),
	      "same tunnel-id and other ends");
	fault(LINK("a", "red",
		   ENDS("10.0.0.1", "any") KIND("ipsec-tunnel")
			   GOLD) "," LINK("b", "blue",
					  ENDS("10.0.0.1", "any") KIND("ipsec-tunnel") GOLD),
	      "IKE could not tell them apart");
}

/* Links whose packets are one protocol between two addresses are protected alike. */
static void test_links_that_share_an_sa(void **state)
{
	fault(LINK("a", "red", AB GRE("1") GOLD) "," LINK("b", "blue", AB GRE("2") SILVER),
	      "give both the same ipsec-profile");
	fault(LINK("a", "red", AB MPLS("16", "16") GOLD) "," LINK("b", "blue",
								  AB MPLS("17", "17") CLEAR),
	      "shares one SA");
	fine(LINK("a", "red", AB GRE("1") GOLD) "," LINK("b", "blue", AB GRE("2")));
	fine(LINK("a", "red", AB GRE("1") GOLD) "," LINK("b", "blue",
							 ENDS("10.0.0.1", "10.0.0.3") GRE("2")
								 CLEAR));
}

static void test_a_vpn_id_names_one_vrf(void **state)
{
	fault(LINK("a", "red", AB KIND("ipip-shared") GOLD ID("1")) "," LINK("b", "blue", ID("1")),
	      "tunnel-link b: tunnel-link a has the same vpn-id in another VRF");
	fine(LINK("a", "red",
		  AB KIND("ipip-shared") GOLD ID("1")) "," LINK("b", "red",
								ENDS("10.0.0.1", "10.0.0.3")
									KIND("ipip-shared")
										GOLD ID("1")));
}

/* Each of many contradictions has one culprit; the others can be used. */
static void test_faults_are_counted(void **state)
{
	assert_int_equal(faults(LINK("a", "red", AB GRE("1") GOLD) "," LINK(
				 "b", "red",
				 AB GRE("1") GOLD) "," LINK("c", "red",
							    AB GRE("1")
								    GOLD) "," LINK("d", "red",
										   AB GRE("2")
											   GOLD)),
			 2);
	assert_string_equal(vpn_tunnel_config_find(&config, "a")->fault, "");
	assert_string_equal(vpn_tunnel_config_find(&config, "d")->fault, "");
}

/* What is not there yet is told one by one, in the order in which it is typed. */
static void test_incomplete(void **state)
{
	incomplete("", "tunnel-link a: no local address");
	incomplete(", 'local': '10.0.0.1'", "no remote address");
	incomplete(AB, "no encapsulation");
	incomplete(AB ", 'encapsulation': {'type': 'mpls-in-ip'}", "needs label and remote-label");
	incomplete(AB ", 'encapsulation': {'type': 'l2tp'}", "needs tunnel-id");
	incomplete(AB KIND("gre"), "no ipsec-profile is configured, nor 'no ipsec'");
	incomplete(ENDS("10.0.0.1", "any") KIND("ipsec-tunnel") GOLD, "needs a remote-identity");
	incomplete(AB KIND("gre") ", 'ipsec-profile': 'EMPTY'",
		   "ipsec-profile EMPTY: no authentication");
	fine(LINK("a", "red", AB KIND("gre") GOLD));
	assert_false(vpn_tunnel_incomplete(&config, vpn_tunnel_config_find(&config, "a"), words,
					   sizeof(words)));
	fine(LINK("a", "red", AB KIND("gre") CLEAR));
	assert_false(vpn_tunnel_incomplete(&config, vpn_tunnel_config_find(&config, "a"), words,
					   sizeof(words)));
}

static void test_same(void **state)
{
	static const char *const others[] = {
		LINK("a", "blue", AB GRE("1") GOLD),
		LINK("a", "red", ENDS("10.0.0.1", "10.0.0.3") GRE("1") GOLD),
		LINK("a", "red", AB KIND("gre") GOLD),
		LINK("a", "red", AB GRE("2") GOLD),
		LINK("a", "red", AB GRE("1") SILVER),
		LINK("a", "red", AB GRE("1") GOLD ID("1")),
		LINK("a", "red", AB GRE("1") GOLD TRAFFIC),
		LINK("a", "red", AB GRE("1") GOLD ", 'mtu': 1400"),
		LINK("a", "red", AB GRE("1") GOLD ", 'address': '10.1.0.1/30'"),
		LINK("a", "red", AB GRE("1") GOLD ", 'unnumbered': 'lo'"),
	};
	struct vpn_tunnel_config before;

	fine(LINK("a", "red", AB GRE("1") GOLD));
	before = *vpn_tunnel_config_find(&config, "a");
	fine(LINK("b", "red", "") "," LINK("a", "red", AB GRE("1") GOLD));
	assert_true(vpn_tunnel_config_same(&before, vpn_tunnel_config_find(&config, "a")));
	for (size_t i = 0; i < array_size(others); i++) {
		fine(others[i]);
		if (vpn_tunnel_config_same(&before, vpn_tunnel_config_find(&config, "a")))
			fail_msg("no difference: %s", others[i]);
	}
}

/* Links, and then templates: what stands behind goes into the other list. */
#define TEMPLATES "], 'tunnel-link-template': ["
#define HUB	  ", 'local': '10.0.0.1'"

static void test_templates(void **state)
{
	const struct vpn_tunnel_config *template;

	fine(TEMPLATES LINK("hub", "red", HUB KIND("ipip-shared") GOLD));
	template = vpn_template_config_find(&config, "hub");
	assert_true(template->remote_any);
	assert_int_equal(template->limit, 1000);
	assert_int_equal(template->forget, 86400);
	assert_int_equal(template->signal, VPN_SIGNAL_TRANSPORT);
	assert_int_equal(vpn_tunnel_configs_count(&config.tunnels), 0);
	assert_false(vpn_tunnel_incomplete(&config, template, words, sizeof(words)));
	fine(TEMPLATES LINK("hub", "red", HUB KIND("ipip-shared")));
	assert_true(vpn_tunnel_incomplete(&config, vpn_template_config_find(&config, "hub"), words,
					  sizeof(words)));
	assert_non_null(strstr(words, "tunnel-link-template hub: no ipsec-profile"));

	module_refuses(TEMPLATES LINK("hub1", "red", ""), "does not end in a digit");
	module_refuses(TEMPLATES LINK("abcdefghijkl", "red", ""), "1 to 11 characters");
	module_refuses(TEMPLATES LINK("hub", "red", ", 'limit': 4096"), "1 to 4095");
	fault(TEMPLATES LINK("hub", "red", HUB KIND("gre") GOLD), "needs the peer's address");
	fault(LINK("hub7", "red", "") TEMPLATES LINK("hub", "red", ""),
	      "links of tunnel-link-template hub have such names");
	fine(LINK("hub", "red", "") "," LINK("hubs7", "red", "") TEMPLATES LINK("hub", "red", ""));
	fault(TEMPLATES LINK("hub", "red",
			     HUB KIND("ipip-shared")
				     GOLD) "," LINK("pub", "blue", HUB KIND("ipip-shared") GOLD),
	      "IKE could not tell them apart");
	fine(TEMPLATES LINK("hub", "red",
			    HUB KIND("ipip-shared") GOLD ID("1")) "," LINK("pub", "blue",
									   HUB KIND("ipip-shared")
										   GOLD ID("2")));
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
		cmocka_unit_test(test_every_kind_arrives),
		cmocka_unit_test(test_signal_of_each_kind),
		cmocka_unit_test(test_module_refuses),
		cmocka_unit_test(test_a_link_contradicts_itself),
		cmocka_unit_test(test_links_that_can_be_told_apart),
		cmocka_unit_test(test_links_that_cannot_be_told_apart),
		cmocka_unit_test(test_links_that_share_an_sa),
		cmocka_unit_test(test_a_vpn_id_names_one_vrf),
		cmocka_unit_test(test_faults_are_counted),
		cmocka_unit_test(test_incomplete),
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_templates),
	};

	return cmocka_run_group_tests(tests, load_module, unload_module);
}
