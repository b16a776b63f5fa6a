// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vpnd/vpn_charon_link_msg.c and vpnd/vpn_esp.c: the connections that charon is
 * given for tunnel links, its events about their CHILD_SAs, and what ESP adds.
 */
/* link: vpnd/vpn_charon_link_msg.c vpnd/vpn_esp.c vpnd/vici.c vpnd/vpn_peer_math.c */
/* libs: frr */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <zebra.h>

#include "vpnd/vpn_charon_link_msg.h"
#include "vpnd/vpn_config.h"

/* --- what charon is given ------------------------------------------------------------------ */

/* Is the value there, anywhere in the message, behind this key? */
static bool says(struct vici_buf *buf, const char *key, const char *value)
{
	struct vici_element element;
	struct vici_reader reader;
	struct vici_packet packet;
	struct vici_blob blob, list = {};
	size_t used;

	assert_int_equal(vici_segment(buf->data, buf->len, &blob, &used), 1);
	assert_true(vici_packet_parse(&blob, &packet));
	vici_reader_init(&reader, &packet.message);
	while (vici_next(&reader, &element) > 0) {
		if (element.type == VICI_LIST_START)
			list = element.name;
		if (element.type == VICI_LIST_ITEM && vici_blob_is(&list, key) &&
		    vici_blob_is(&element.value, value))
			return true;
		if (element.type == VICI_KEY_VALUE && vici_blob_is(&element.name, key) &&
		    vici_blob_is(&element.value, value))
			return true;
	}
	return false;
}

static struct vpn_gateway gateway;
static struct vpn_child child;
static struct vici_buf buf;

/* The message for a gateway with one child of this kind. */
static void load(enum vpn_encap encap, enum vpn_signal signal, uint32_t if_id, const char *remote)
{
	struct vpn_profile p = {
		.auth = VPN_AUTH_PSK, .ike_version = 2, .lifetime = 3600, .dpd = 30
	};

	memset(&gateway, 0, sizeof(gateway));
	memset(&child, 0, sizeof(child));
	strlcpy(gateway.name, "vpnd-link-test", sizeof(gateway.name));
	str2ipaddr("192.0.2.1", &gateway.local);
	if (remote)
		str2ipaddr(remote, &gateway.remote);
	vpn_children_init(&gateway.children);
	strlcpy(child.name, "to-paris", sizeof(child.name));
	child.gateway = &gateway;
	child.encap = encap;
	child.signal = signal;
	child.if_id = if_id;
	vpn_children_add_tail(&gateway.children, &child);
	vpn_charon_put_gateway(&buf, &gateway, &p);
	assert_true(vici_finish(&buf));
}

static void unload(void)
{
	vici_buf_free(&buf);
	vpn_children_del(&gateway.children, &child);
	vpn_children_fini(&gateway.children);
}

static void test_wildcard(void **state)
{
	load(VPN_ENCAP_IPSEC_TUNNEL, VPN_SIGNAL_NONE, 0x30000001, "192.0.2.2");
	assert_true(says(&buf, "mode", "tunnel"));
	assert_true(says(&buf, "local_ts", "0.0.0.0/0"));
	assert_true(says(&buf, "remote_ts", "::/0"));
	assert_true(says(&buf, "if_id_in", "805306369"));
	assert_true(says(&buf, "if_id_out", "805306369"));
	assert_true(says(&buf, "remote_addrs", "192.0.2.2"));
	assert_true(says(&buf, "mobike", "no"));
	assert_true(says(&buf, "keyingtries", "1"));
	assert_true(says(&buf, "start_action", "none"));
	unload();
}

static void test_signal(void **state)
{
	load(VPN_ENCAP_IPIP_SHARED, VPN_SIGNAL_TRANSPORT, 0x30000001, "192.0.2.2");
	assert_true(says(&buf, "mode", "transport"));
	assert_true(says(&buf, "local_ts", "192.0.2.1/32[4]"));
	assert_true(says(&buf, "remote_ts", "192.0.2.2/32[4]"));
	unload();
	load(VPN_ENCAP_IPIP_SHARED, VPN_SIGNAL_VENDOR_ID, 0x30000001, "192.0.2.2");
	assert_true(says(&buf, "mode", "tunnel"));
	unload();
}

static void test_protocols(void **state)
{
	load(VPN_ENCAP_GRE, VPN_SIGNAL_NONE, 0, "192.0.2.2");
	assert_true(says(&buf, "mode", "transport"));
	assert_true(says(&buf, "local_ts", "192.0.2.1/32[47]"));
	assert_false(says(&buf, "if_id_in", "0"));
	unload();
	load(VPN_ENCAP_MPLS, VPN_SIGNAL_NONE, 0, "192.0.2.2");
	assert_true(says(&buf, "remote_ts", "192.0.2.2/32[137]"));
	unload();
	load(VPN_ENCAP_L2TP, VPN_SIGNAL_NONE, 0, "2001:db8::2");
	assert_true(says(&buf, "remote_ts", "2001:db8::2/128[115]"));
	unload();
}

static void test_any(void **state)
{
	load(VPN_ENCAP_IPIP_SHARED, VPN_SIGNAL_TRANSPORT, 0x30000001, NULL);
	assert_true(says(&buf, "remote_addrs", "%any"));
	assert_true(says(&buf, "remote_ts", "dynamic[4]"));
	unload();
}

/* --- what charon says ---------------------------------------------------------------------- */

static struct vpn_charon_sa seen[4];
static unsigned int count;

static void see(const struct vpn_charon_sa *sa)
{
	assert_in_range(count, 0, array_size(seen) - 1);
	seen[count++] = *sa;
}

static void begin(const char *event, bool up, const char *name)
{
	memset(&buf, 0, sizeof(buf));
	count = 0;
	vici_begin(&buf, VICI_EVENT, event);
	if (up)
		vici_put(&buf, "up", "yes");
	vici_section(&buf, name);
	vici_put(&buf, "uniqueid", "7");
	vici_put(&buf, "version", "2");
	vici_put(&buf, "remote-host", "192.0.2.2");
	vici_put(&buf, "remote-id", "ce1.example");
	vici_section(&buf, "child-sas");
}

static void sa(const char *section, const char *id, const char *state)
{
	vici_section(&buf, section);
	vici_put(&buf, "name", "to-paris");
	vici_put(&buf, "uniqueid", id);
	vici_put(&buf, "state", state);
	vici_put(&buf, "mode", "TUNNEL");
	vici_put(&buf, "encap", "yes");
	vici_put(&buf, "encr-alg", "AES_GCM_16");
	vici_put(&buf, "encr-keysize", "256");
	vici_list(&buf, "local-ts");
	vici_item(&buf, "0.0.0.0/0");
	vici_list_end(&buf);
	vici_section_end(&buf);
}

static bool read_it(void)
{
	struct vici_packet packet;
	struct vici_blob blob;
	size_t used;
	bool good;

	assert_true(vici_finish(&buf));
	assert_int_equal(vici_segment(buf.data, buf.len, &blob, &used), 1);
	assert_true(vici_packet_parse(&blob, &packet));
	good = vpn_charon_read_sas(&packet, see);
	vici_buf_free(&buf);
	return good;
}

static void test_updown(void **state)
{
	begin("child-updown", true, "vpnd-link-192.0.2.2-01234567");
	sa("to-paris-12", "12", "INSTALLED");
	vici_section_end(&buf);
	vici_section_end(&buf);
	assert_true(read_it());
	assert_string_equal(seen[0].identity, "ce1.example");
	assert_int_equal(count, 1);
	assert_true(seen[0].up);
	assert_true(seen[0].installed);
	assert_int_equal(seen[0].part, VPN_CHARON_SA);
	assert_string_equal(seen[0].gateway, "vpnd-link-192.0.2.2-01234567");
	assert_string_equal(seen[0].child, "to-paris");
	assert_string_equal(seen[0].proposal, "AES_GCM_16-256");
	assert_int_equal(seen[0].id, 12);
	assert_int_equal(seen[0].ike, 7);
	assert_int_equal(seen[0].ike_version, 2);
	assert_int_equal(seen[0].esp.header, 20 + 8 + 8 + 8); /* IP, UDP, ESP, IV */
	assert_int_equal(seen[0].esp.icv, 16);
}

static void test_rekey(void **state)
{
	begin("child-rekey", false, "vpnd-link-x");
	vici_section(&buf, "to-paris");
	sa("old", "12", "REKEYED");
	sa("new", "13", "INSTALLED");
	vici_section_end(&buf);
	vici_section_end(&buf);
	vici_section_end(&buf);
	assert_true(read_it());
	assert_int_equal(count, 2);
	assert_int_equal(seen[0].part, VPN_CHARON_SA_OLD);
	assert_int_equal(seen[0].id, 12);
	assert_false(seen[0].installed);
	assert_int_equal(seen[1].part, VPN_CHARON_SA_NEW);
	assert_int_equal(seen[1].id, 13);
	assert_true(seen[1].installed);
}

static void test_foreign(void **state)
{
	begin("list-sa", false, "roadwarrior");
	sa("net-1", "1", "INSTALLED");
	vici_section_end(&buf);
	vici_section_end(&buf);
	assert_true(read_it());
	assert_int_equal(count, 0);
}

/* --- sizes --------------------------------------------------------------------------------- */

/* RFC 4303 by hand: AES-CBC and SHA-256 over IPv4 and a path of 1500 octets leave 1438. */
static void test_sizes(void **state)
{
	struct vpn_esp_size size = vpn_esp_size("AES_CBC", "HMAC_SHA2_256_128", false, false);

	assert_int_equal(size.header, 20 + 8 + 16);
	assert_int_equal(size.icv, 16);
	assert_int_equal(size.block, 16);
	assert_int_equal(vpn_peer_inner_mtu(1500, size.header, size.icv, size.block), 1438);
	size = vpn_esp_size("AES_GCM_16", "", true, false);
	assert_int_equal(size.header, 40 + 8 + 8);
	assert_int_equal(vpn_peer_inner_mtu(1500, size.header, size.icv, size.block), 1426);
	size = vpn_esp_size("SOMETHING_NEW", "MORE", false, false);
	assert_int_equal(size.header + size.icv, 20 + 8 + 16 + 32);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wildcard),  cmocka_unit_test(test_signal),
		cmocka_unit_test(test_protocols), cmocka_unit_test(test_any),
		cmocka_unit_test(test_updown),	  cmocka_unit_test(test_rekey),
		cmocka_unit_test(test_foreign),	  cmocka_unit_test(test_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
