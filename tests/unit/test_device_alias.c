// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vpnd/vpn_device_alias.c: what is written on a device is read again, for every
 * kind; what differs in something that needs a new device is told apart; aliases
 * of others are not ours.
 */
/* link: vpnd/vpn_device_alias.c */
/* libs: frr */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <zebra.h>

#include "vpnd/vpn_device_alias.h"

static struct vpn_device device(enum vpn_encap encap, bool ipsec)
{
	struct vpn_device d = { .name = "to-paris", .encap = encap, .ipsec = ipsec };

	assert_int_equal(str2ipaddr("192.0.2.1", &d.local), 0);
	assert_int_equal(str2ipaddr("192.0.2.2", &d.remote), 0);
	d.has_key = encap == VPN_ENCAP_GRE;
	d.key = encap == VPN_ENCAP_GRE ? 7 : 0;
	d.label = 100;
	d.remote_label = 200;
	d.l2tp = (struct vpn_l2tp){ .tunnel_id = 1,
				    .peer_tunnel_id = 2,
				    .session_id = 3,
				    .peer_session_id = UINT32_MAX,
				    .cookie = { 0xa, 0xb, 0xc, 0xd },
				    .cookie_len = 4 };
	return d;
}

static void written(const struct vpn_device *d, const char *text)
{
	char alias[VPN_ALIAS_SIZE], again[VPN_ALIAS_SIZE];
	struct vpn_device read;

	assert_string_equal(vpn_device_alias_write(d, alias), text);
	assert_true(vpn_device_alias_read(alias, &read));
	assert_string_equal(vpn_device_alias_write(&read, again), text);
	assert_true(vpn_device_alias_same(d, &read));
}

static void test_written_as_documented(void **state)
{
	struct vpn_device d = device(VPN_ENCAP_IPSEC_TUNNEL, true);

	written(&d, "frr-vpnd link xfrm");
	d = device(VPN_ENCAP_IPIP_DISTINCT, true);
	written(&d, "frr-vpnd link xfrm");
	d = device(VPN_ENCAP_IPIP_DISTINCT, false);
	written(&d, "frr-vpnd link ipip plain 192.0.2.1 192.0.2.2");
	d = device(VPN_ENCAP_GRE, true);
	written(&d, "frr-vpnd link gre ipsec 192.0.2.1 192.0.2.2 key 7");
	d.has_key = false;
	written(&d, "frr-vpnd link gre ipsec 192.0.2.1 192.0.2.2");
	d = device(VPN_ENCAP_MPLS, false);
	written(&d, "frr-vpnd link mpls plain 192.0.2.1 192.0.2.2 label 100/200");
	d = device(VPN_ENCAP_L2TP, true);
	written(&d,
		"frr-vpnd link l2tp ipsec 192.0.2.1 192.0.2.2 tunnel 1/2 session 3/4294967295 cookie 0a0b0c0d/-");
}

/* The longest there is has room. */
static void test_longest(void **state)
{
	struct vpn_device d = device(VPN_ENCAP_L2TP, true), read;
	const size_t members = offsetof(struct vpn_l2tp, cookie_len);
	char alias[VPN_ALIAS_SIZE];

	assert_int_equal(str2ipaddr("2001:db8:1111:2222:3333:4444:5555:6666", &d.local), 0);
	d.remote = d.local;
	memset(&d.l2tp, 0xff, members);
	d.l2tp.cookie_len = d.l2tp.peer_cookie_len = 8;
	assert_true(vpn_device_alias_read(vpn_device_alias_write(&d, alias), &read));
	assert_memory_equal(&read.l2tp, &d.l2tp, members);
	assert_int_equal(read.l2tp.cookie_len, 8);
	assert_int_equal(read.l2tp.peer_cookie_len, 8);
}

static void test_told_apart(void **state)
{
	const struct vpn_device gre = device(VPN_ENCAP_GRE, true);
	struct vpn_device other = gre;

	other.ipsec = false; /* changed in place */
	assert_true(vpn_device_alias_same(&gre, &other));
	other = gre;
	other.key = 8;
	assert_false(vpn_device_alias_same(&gre, &other));
	other = gre;
	other.has_key = false;
	assert_false(vpn_device_alias_same(&gre, &other));
	other = gre;
	other.remote = other.local;
	assert_false(vpn_device_alias_same(&gre, &other));
	other = device(VPN_ENCAP_IPIP_DISTINCT, true); /* an xfrm interface */
	assert_false(vpn_device_alias_same(&gre, &other));
	other.ipsec = false; /* and then none any more */
	assert_false(
		vpn_device_alias_same(&(const struct vpn_device){ .encap = VPN_ENCAP_IPSEC_TUNNEL },
				      &other));
}

static void test_not_ours(void **state)
{
	static const char *const texts[] = {
		"",
		"frr-vpnd",
		"frr-vpnd link",
		"frr-vpnd link ",
		"frr-vpnd link xfrm ",
		"frr-vpnd in red 256/16",
		"frr-vpnd carrier 192.0.2.1 192.0.2.2",
		"frr-vpnd link ipip ipsec 192.0.2.1 192.0.2.2",
		"frr-vpnd link ipip plain 192.0.2.1",
		"frr-vpnd link ipip plain 192.0.2.1 2001:db8::2",
		"frr-vpnd link gre ipsec 192.0.2.1 192.0.2.2 key",
		"frr-vpnd link gre ipsec 192.0.2.1 192.0.2.2 key 4294967296",
		"frr-vpnd link gre ipsec 192.0.2.1 192.0.2.2 key 7 8",
		"frr-vpnd link mpls ipsec 192.0.2.1 192.0.2.2",
		"frr-vpnd link mpls ipsec 192.0.2.1 192.0.2.2 label 100",
		"frr-vpnd link l2tp ipsec 192.0.2.1 192.0.2.2 tunnel 1/2 session 3/4 cookie 0a0b/-",
		"frr-vpnd link l2tp ipsec 192.0.2.1 192.0.2.2 tunnel 1/2 session 3/4 cookie 0a0b0c0d",
	};
	struct vpn_device read;

	for (unsigned int i = 0; i < array_size(texts); i++) {
		assert_false(vpn_device_alias_read(texts[i], &read));
		assert_int_equal(read.encap, VPN_ENCAP_NONE);
	}
}

static void test_spoke(void **state)
{
	static const char *const bad[] = {
		"frr-vpnd link xfrm spoke",
		"frr-vpnd link xfrm spoke 0 of hub: ce1",
		"frr-vpnd link xfrm spoke 7 of hub",
		"frr-vpnd link xfrm spoke 7 of hub: ",
		"frr-vpnd link xfrm spoke 7 of : ce1",
		"frr-vpnd link xfrm spoke 7 of abcdefghijklmnop: ce1",
	};
	struct vpn_device d = device(VPN_ENCAP_IPIP_SHARED, true), read, other;

	d.spoke = 7;
	strcpy(d.spoke_of, "hub");
	strcpy(d.identity, "C=BE, CN=ce 1: north");
	written(&d, "frr-vpnd link xfrm spoke 7 of hub: C=BE, CN=ce 1: north");
	assert_true(vpn_device_alias_read("frr-vpnd link xfrm spoke 7 of hub: C=BE, CN=ce 1: north",
					  &read));
	assert_int_equal(read.spoke, 7);
	assert_string_equal(read.spoke_of, "hub");
	assert_string_equal(read.identity, "C=BE, CN=ce 1: north");
	other = d;
	strcpy(other.identity, "C=BE, CN=ce2");
	assert_false(vpn_device_alias_same(&d, &other));
	memset(d.identity, 'x', sizeof(d.identity) - 1); /* the longest that there can be */
	strcpy(d.spoke_of, "abcdefghijk");
	d.spoke = 4095;
	assert_true(vpn_device_alias_same(&d, &d));
	for (unsigned int i = 0; i < array_size(bad); i++)
		assert_false(vpn_device_alias_read(bad[i], &read));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_written_as_documented),
		cmocka_unit_test(test_longest),
		cmocka_unit_test(test_told_apart),
		cmocka_unit_test(test_not_ours),
		cmocka_unit_test(test_spoke),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
