// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vpnd/vpn_save_text.c: of a configuration's file the provider's server's part
 * changes, and nothing else; what is typed and not saved is not saved by it.
 */
/* link: vpnd/vpn_save_text.c */
/* libs: frr */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <zebra.h>

#include "lib/memory.h"

#include "vpnd/vpn_save_text.h"

#define BEGIN "! what the provider's server has configured; vpnd writes it anew when that changes\n"
#define END   "! end of what the provider's server has configured\n"

#define EDGE                                                                                       \
	"hostname ce\n"                                                                            \
	"vpn\n"                                                                                    \
	" ipsec-profile MINE\n"                                                                    \
	"  authentication pre-shared-key mine\n"                                                   \
	" exit\n"                                                                                  \
	" !\n"                                                                                     \
	" customer-edge\n"                                                                         \
	"  identity paris\n"                                                                       \
	" exit\n"

#define PROFILE                                                                                    \
	" ipsec-profile vpn:red:lyon\n"                                                            \
	"  authentication pre-shared-key theirs\n"                                                 \
	" exit\n"                                                                                  \
	" !\n"

#define LINK                                                                                       \
	" tunnel-link lyon vrf red\n"                                                              \
	"  remote 192.0.2.2\n"                                                                     \
	"  ipsec-profile vpn:red:lyon\n"                                                           \
	" exit\n"                                                                                  \
	" !\n"

#define OWN_LINK                                                                                   \
	" tunnel-link own vrf red\n"                                                               \
	"  ipsec-profile MINE\n"                                                                   \
	" exit\n"                                                                                  \
	" !\n"

#define RUNNING                                                                                    \
	"Building configuration...\n\nCurrent configuration:\n!\n"                                 \
	"ip route 203.0.113.9/32 blackhole\n"                                                      \
	"vrf red\n"                                                                                \
	" ip route 10.2.0.0/16 lyon\n"                                                             \
	" ip route 10.3.0.0/16 own\n"                                                              \
	" ipv6 route 2001:db8::/32 lyon\n"                                                         \
	"exit-vrf\n"                                                                               \
	"!\n" EDGE PROFILE OWN_LINK LINK "exit\n!\nend\n"

#define SECTION                                                                                    \
	BEGIN "vpn\n" PROFILE LINK "exit\n"                                                        \
	      "vrf red\n ip route 10.2.0.0/16 lyon\n ipv6 route 2001:db8::/32 lyon\nexit-vrf\n" END

static struct vpn_save_count count;

static void merged(const char *file, const char *running, const char *expected)
{
	char *text = vpn_save_merge(file, running, &count);

	assert_string_equal(text, expected);
	XFREE(MTYPE_TMP, text);
}

static void test_what_is_the_servers_is_put_in(void **state)
{
	merged(EDGE "exit\n", RUNNING, EDGE "exit\n" SECTION);
	assert_int_equal(count.profiles, 1);
	assert_int_equal(count.links, 1);
	assert_int_equal(count.routes, 2);
}

static void test_again_changes_nothing(void **state)
{
	merged(EDGE "exit\n" SECTION, RUNNING, EDGE "exit\n" SECTION);
	/* what stands behind it stays there, but it goes to the end */
	merged(EDGE "exit\n" SECTION "line vty\n", RUNNING, EDGE "exit\nline vty\n" SECTION);
}

/* By `write memory`: the blocks are among the operator's. */
static void test_elsewhere_it_is_taken_out(void **state)
{
	merged(EDGE PROFILE LINK
	       "exit\n"
	       "vrf red\n ip route 10.3.0.0/16 eth7\n ip route 10.2.0.0/16 lyon\nexit-vrf\n",
	       RUNNING, EDGE "exit\nvrf red\n ip route 10.3.0.0/16 eth7\nexit-vrf\n" SECTION);
}

static void test_what_was_removed_is_removed(void **state)
{
	merged(EDGE "exit\n" SECTION, EDGE "exit\nend\n", EDGE "exit\n");
	assert_int_equal(count.profiles + count.links + count.routes, 0);
	/* a route over a link that is the server's in the file only */
	merged(EDGE PROFILE LINK "exit\nip route 10.9.0.0/16 lyon vrf red\n", EDGE "exit\nend\n",
	       EDGE "exit\n");
}

/* A key that has changed is there once. */
static void test_what_was_changed_is_changed(void **state)
{
	char *text = vpn_save_merge(EDGE "exit\n" SECTION,
				    EDGE " ipsec-profile vpn:red:lyon\n"
					 "  authentication pre-shared-key new\n exit\nexit\nend\n",
				    &count);

	assert_null(strstr(text, "theirs"));
	assert_non_null(strstr(text, "pre-shared-key new"));
	assert_non_null(strstr(text, "pre-shared-key mine"));
	XFREE(MTYPE_TMP, text);
}

/* Names in other places of a route, and of other blocks, are no links of the server's. */
static void test_what_looks_like_it_stays(void **state)
{
	static const char other[] = EDGE
		"exit\n"
		"ip route 10.0.0.0/8 eth0 vrf lyon\n"
		"ip route 10.0.0.0/8 192.0.2.9 nexthop-vrf lyon\n"
		"ip route 10.0.0.0/8 192.0.2.9 bfd profile lyon\n"
		"interface lyon\n description tunnel-link lyon vrf red\nexit\n"
		"! ipsec-profile vpn:red:lyon\n";
	char expected[4096];

	snprintf(expected, sizeof(expected), "%s%s", other, SECTION);
	merged(other, RUNNING, expected);
}

/* A gateway, or a mask, before the interface. */
static void test_forms_of_routes(void **state)
{
	merged(EDGE "exit\n"
		    "ip route 10.0.0.0 255.0.0.0 lyon\n"
		    "ip route 10.0.0.0/8 192.0.2.9 lyon onlink\n"
		    "ipv6 route ::/0 from 2001:db8::/32 lyon\n",
	       RUNNING, EDGE "exit\n" SECTION);
}

/* Half a section, a last line without an end, nothing at all. */
static void test_odd_files(void **state)
{
	merged(BEGIN EDGE "exit", RUNNING, EDGE "exit\n" SECTION);
	merged("", "", "");
	merged("", PROFILE, "");
	merged("vpn\n tunnel-link lyon vrf red\n  ipsec-profile vpn:x", "", "vpn\n");
}

/* A server has made it: it would be no customer edge after a reboot, and the rest nobody's. */
static void test_a_customer_edge_that_nobody_typed(void **state)
{
	static const char running[] = "vpn\n" PROFILE " customer-edge\n exit\nexit\nend\n";
	static const char section[] = BEGIN "vpn\n customer-edge\n exit\n" PROFILE "exit\n" END;

	merged("", running, section);
	merged(section, running, section);
	merged(EDGE "exit\n", running, EDGE "exit\n" BEGIN "vpn\n" PROFILE "exit\n" END);
	merged(section, "end\n", "");
}

/* A key that was made for the server is in the file, whatever the operator's lines say, and if there is nothing else. */
static void test_a_certificate_for_a_key_of_its_own(void **state)
{
#define CERTIFICATE(name)                                                                          \
	"  certificate /etc/frr/vpn-ce/certificate" name ".pem key /etc/frr/vpn-ce/key" name       \
	".pem ca /etc/frr/vpn-ce/ca.pem\n"
#define MADE "vpn\n customer-edge\n" CERTIFICATE("-17") " exit\n"
	static const char file[] = "vpn\n customer-edge\n" CERTIFICATE("") " exit\nexit\n";
	static const char runs[] = MADE "exit\nend\n";

	merged(file, "vpn\n customer-edge\n" CERTIFICATE("") " exit\nexit\nend\n", file);
	merged(file, runs,
	       "vpn\n customer-edge\n" CERTIFICATE("") " exit\nexit\n" BEGIN MADE "exit\n" END);
	merged(file, MADE PROFILE "exit\nend\n",
	       "vpn\n customer-edge\n" CERTIFICATE("") " exit\nexit\n" BEGIN MADE PROFILE
						       "exit\n" END);
	merged(BEGIN MADE "exit\n" END,
	       "vpn\n customer-edge\n" CERTIFICATE("-18") " exit\nexit\nend\n",
	       BEGIN "vpn\n customer-edge\n" CERTIFICATE("-18") " exit\nexit\n" END);
}

/* Which files are in use: all that are named, but of the customer edge's own certificates the last one only. */
static void test_a_file_that_is_named(void **state)
{
	static const char typed[] = "vpn\n customer-edge\n" CERTIFICATE("") " exit\nexit\n";
	char text[1000];

	snprintf(text, sizeof(text), "%s%s%s%s", typed,
		 "netconf\n tls certificate /a/b.pem key /etc/frr/vpn-ce/key-3.pem ca /a/c.pem\nexit\n",
		 "vpn\n ipsec-profile vpn:red:a\n  authentication certificate /a/d.pem key /etc/frr/vpn-ce/key-5.pem ca /etc/frr/vpn-ce/ca.pem crl /etc/frr/vpn-ce/crl-7.pem\n exit\nexit\n",
		 BEGIN MADE "exit\n" END);
	assert_true(vpn_save_names(text, "/etc/frr/vpn-ce/key-17.pem"));
	assert_true(vpn_save_names(text, "/etc/frr/vpn-ce/key-3.pem"));
	assert_true(vpn_save_names(text, "/etc/frr/vpn-ce/key-5.pem"));
	assert_true(vpn_save_names(text, "/etc/frr/vpn-ce/crl-7.pem"));
	assert_false(vpn_save_names(text, "/etc/frr/vpn-ce/key.pem"));
	assert_false(vpn_save_names(text, "/etc/frr/vpn-ce/certificate.pem"));
	assert_false(vpn_save_names(text, "/etc/frr/vpn-ce/key-1.pem"));
	assert_true(vpn_save_names(typed, "/etc/frr/vpn-ce/key.pem"));
	assert_false(vpn_save_names("", "/etc/frr/vpn-ce/key.pem"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_the_servers_is_put_in),
		cmocka_unit_test(test_again_changes_nothing),
		cmocka_unit_test(test_elsewhere_it_is_taken_out),
		cmocka_unit_test(test_what_was_removed_is_removed),
		cmocka_unit_test(test_what_was_changed_is_changed),
		cmocka_unit_test(test_what_looks_like_it_stays),
		cmocka_unit_test(test_forms_of_routes),
		cmocka_unit_test(test_odd_files),
		cmocka_unit_test(test_a_customer_edge_that_nobody_typed),
		cmocka_unit_test(test_a_certificate_for_a_key_of_its_own),
		cmocka_unit_test(test_a_file_that_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
