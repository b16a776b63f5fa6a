// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vpnd/vpn_charon_msg.c: the connection that charon is given, and what is read
 * from its answers.
 */
/* link: vpnd/vpn_charon_msg.c vpnd/vici.c */
/* libs: frr */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <zebra.h>

#include "vpnd/vpn_charon_msg.h"
#include "vpnd/vpn_config.h"

/* What charon would read, one "path = value" a line, lists as "path[] = value". */
static char text[8192];

static void flatten(struct vici_buf *buf)
{
	char path[512] = "", list[64] = "", name[64], value[256];
	struct vici_element element;
	struct vici_reader reader;
	struct vici_packet packet;
	struct vici_blob blob;
	size_t used, len;
	int ret;

	assert_true(vici_finish(buf));
	assert_int_equal(vici_segment(buf->data, buf->len, &blob, &used), 1);
	assert_true(vici_packet_parse(&blob, &packet));
	vici_reader_init(&reader, &packet.message);
	text[0] = '\0';
	while ((ret = vici_next(&reader, &element)) > 0) {
		vici_blob_str(&element.name, name, sizeof(name));
		vici_blob_str(&element.value, value, sizeof(value));
		len = strlen(text);
		switch (element.type) {
		case VICI_SECTION_START:
			strlcat(path, name, sizeof(path));
			strlcat(path, "/", sizeof(path));
			break;
		case VICI_SECTION_END:
			path[strlen(path) - 1] = '\0';
			*(strrchr(path, '/') ? strrchr(path, '/') + 1 : path) = '\0';
			break;
		case VICI_KEY_VALUE:
			snprintf(text + len, sizeof(text) - len, "%s%s = %s\n", path, name, value);
			break;
		case VICI_LIST_START:
			strlcpy(list, name, sizeof(list));
			break;
		case VICI_LIST_ITEM:
			snprintf(text + len, sizeof(text) - len, "%s%s[] = %s\n", path, list, value);
			break;
		case VICI_LIST_END:
			break;
		}
	}
	assert_int_equal(ret, 0);
	vici_buf_free(buf);
}

static void expect(const char *line)
{
	if (!strstr(text, line))
		fail_msg("\"%s\" is not in:\n%s", line, text);
}

static struct vpn_profile profile(enum vpn_auth auth)
{
	struct vpn_profile p = { .auth = auth, .ike_version = 2, .lifetime = 3600, .dpd = 30 };

	strlcpy(p.ike_proposal, "aes256gcm16-prfsha384-x25519", sizeof(p.ike_proposal));
	strlcpy(p.esp_proposal, "aes256gcm16-x25519", sizeof(p.esp_proposal));
	p.cert_file = (char *)"/etc/pe1.pem";
	p.ca_file = (char *)"/etc/ca.pem";
	return p;
}

static void test_psk_connection(void **state)
{
	struct vpn_profile p = profile(VPN_AUTH_PSK);
	struct ipaddr local, peer;
	struct vici_buf buf = {};

	str2ipaddr("10.0.0.1", &local);
	str2ipaddr("10.0.0.2", &peer);
	vpn_charon_put_conn(&buf, &local, &peer, &p);
	flatten(&buf);
	expect("vpnd-pe-10.0.0.2/version = 2\n");
	expect("vpnd-pe-10.0.0.2/local_addrs[] = 10.0.0.1\n");
	expect("vpnd-pe-10.0.0.2/remote_addrs[] = 10.0.0.2\n");
	expect("vpnd-pe-10.0.0.2/proposals[] = aes256gcm16-prfsha384-x25519\n");
	expect("vpnd-pe-10.0.0.2/mobike = no\n");
	expect("vpnd-pe-10.0.0.2/keyingtries = 1\n");
	expect("vpnd-pe-10.0.0.2/dpd_delay = 30s\n");
	expect("vpnd-pe-10.0.0.2/rekey_time = 14400s\n");
	expect("vpnd-pe-10.0.0.2/local/auth = psk\n");
	expect("vpnd-pe-10.0.0.2/local/id = 10.0.0.1\n");
	expect("vpnd-pe-10.0.0.2/remote/id = 10.0.0.2\n");
	expect("vpnd-pe-10.0.0.2/children/vpn/esp_proposals[] = aes256gcm16-x25519\n");
	expect("vpnd-pe-10.0.0.2/children/vpn/local_ts[] = 0.0.0.0/0\n");
	expect("vpnd-pe-10.0.0.2/children/vpn/remote_ts[] = ::/0\n");
	expect("vpnd-pe-10.0.0.2/children/vpn/mode = tunnel\n");
	expect("vpnd-pe-10.0.0.2/children/vpn/policies = no\n");
	expect("vpnd-pe-10.0.0.2/children/vpn/rekey_time = 3600s\n");
	expect("vpnd-pe-10.0.0.2/children/vpn/start_action = none\n");
}

static void test_certificate_responder(void **state)
{
	struct vpn_profile p = profile(VPN_AUTH_CERTIFICATE);
	struct vici_buf buf = {};
	struct ipaddr local;

	str2ipaddr("10.0.0.1", &local);
	p.ike_version = 1;
	vpn_charon_put_conn(&buf, &local, NULL, &p);
	flatten(&buf);
	expect("vpnd-pe-any/remote_addrs[] = %any\n");
	expect("vpnd-pe-any/local/auth = pubkey\n");
	expect("vpnd-pe-any/local/cert-1/file = /etc/pe1.pem\n");
	expect("vpnd-pe-any/remote/cacert-1/file = /etc/ca.pem\n");
	expect("vpnd-pe-any/remote/id = %any\n");
	assert_null(strstr(text, "::/0")); /* IKEv1 has one selector a side */
}

static struct vici_blob blob(const char *str)
{
	return (struct vici_blob){ (const uint8_t *)str, strlen(str) };
}

static void test_names(void **state)
{
	struct vici_blob name = blob("vpnd-pe-10.0.0.2");
	struct ipaddr peer;
	char buf[64];

	assert_true(vpn_conn_peer(&name, &peer));
	assert_string_equal(ipaddr2str(&peer, buf, sizeof(buf)), "10.0.0.2");
	name = blob("vpnd-pe-any");
	assert_true(vpn_conn_peer(&name, &peer));
	assert_true(IS_IPADDR_NONE(&peer));
	name = blob("vpnd-pe-10.0.0.2.3");
	assert_false(vpn_conn_peer(&name, &peer));
	name = blob("roadwarriors");
	assert_false(vpn_conn_peer(&name, &peer));
}

/* An answer as charon would send it. */
static struct vici_packet packet_of(struct vici_buf *buf)
{
	struct vici_packet packet;
	struct vici_blob segment;
	size_t used;

	assert_true(vici_finish(buf));
	assert_int_equal(vici_segment(buf->data, buf->len, &segment, &used), 1);
	assert_true(vici_packet_parse(&segment, &packet));
	return packet;
}

static void test_results(void **state)
{
	struct vici_packet packet;
	struct vici_buf buf = {};
	char error[128];

	vici_begin(&buf, VICI_EVENT, "");
	vici_put(&buf, "success", "yes");
	packet = packet_of(&buf);
	packet.type = VICI_CMD_RESPONSE;
	assert_true(vpn_charon_read_result(&packet, error, sizeof(error)));
	vici_begin(&buf, VICI_EVENT, "");
	vici_put(&buf, "success", "no");
	vici_put(&buf, "errmsg", "invalid value for: proposals, config discarded");
	packet = packet_of(&buf);
	packet.type = VICI_CMD_RESPONSE;
	assert_false(vpn_charon_read_result(&packet, error, sizeof(error)));
	assert_string_equal(error, "invalid value for: proposals, config discarded");
	packet.type = VICI_CMD_UNKNOWN;
	assert_false(vpn_charon_read_result(&packet, error, sizeof(error)));
	vici_buf_free(&buf);
}

static void put_sa(struct vici_buf *buf, const char *conn, const char *host)
{
	vici_begin(buf, VICI_EVENT, "list-sa");
	vici_section(buf, conn);
	vici_put(buf, "uniqueid", "42");
	vici_put(buf, "remote-host", host);
	vici_section(buf, "child-sas");
	vici_section(buf, "vpn-1");
	vici_put(buf, "uniqueid", "43");
	vici_put(buf, "remote-host", "192.0.2.1");
	vici_section_end(buf);
	vici_section_end(buf);
	vici_section_end(buf);
}

static bool read_sa(const char *conn, const char *host, const char *wanted, uint32_t *id)
{
	struct vici_packet packet;
	struct vici_buf buf = {};
	struct ipaddr peer;
	bool ours;

	str2ipaddr(wanted, &peer);
	put_sa(&buf, conn, host);
	packet = packet_of(&buf);
	ours = vpn_charon_read_sa(&packet, &peer, id);
	vici_buf_free(&buf);
	return ours;
}

static void test_sas(void **state)
{
	uint32_t id;

	assert_true(read_sa("vpnd-pe-10.0.0.2", "10.0.0.2", "10.0.0.2", &id));
	assert_int_equal(id, 42); /* not the CHILD_SA's */
	assert_true(read_sa("vpnd-pe-any", "10.0.0.2", "10.0.0.2", &id));
	assert_false(read_sa("vpnd-pe-any", "10.0.0.3", "10.0.0.2", &id));
	assert_false(read_sa("roadwarriors", "10.0.0.2", "10.0.0.2", &id));
}

static unsigned int conns_seen;

static void conn_seen(const struct vici_blob *name)
{
	conns_seen += vici_blob_is(name, "vpnd-pe-any") || vici_blob_is(name, "other");
}

static void test_conns(void **state)
{
	struct vici_packet packet;
	struct vici_buf buf = {};

	vici_begin(&buf, VICI_EVENT, "");
	vici_list(&buf, "conns");
	vici_item(&buf, "vpnd-pe-any");
	vici_item(&buf, "other");
	vici_list_end(&buf);
	packet = packet_of(&buf);
	assert_true(vpn_charon_read_conns(&packet, conn_seen));
	assert_int_equal(conns_seen, 2);
	packet.message.len--;
	assert_false(vpn_charon_read_conns(&packet, conn_seen));
	vici_buf_free(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_psk_connection),
		cmocka_unit_test(test_certificate_responder),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_results),
		cmocka_unit_test(test_sas),
		cmocka_unit_test(test_conns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
