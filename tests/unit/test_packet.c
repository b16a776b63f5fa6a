// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tools/packet.c: what a backbone carries, as octets, and what is seen in it.
 *
 * Packets are written out octet by octet here, so that the parser is held
 * against the RFCs and not against an encoder of its own.
 */
/* link: tools/packet.c tools/prefix_list.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <pcap/dlt.h>

#include "tools/packet.h"
#include "tools/prefix_list.h"

/* A packet in the making; it is parsed from memory of just its size. */
struct bytes {
	uint8_t data[512];
	size_t size;
};

static void add(struct bytes *b, const void *data, size_t size)
{
	assert_true(b->size + size <= sizeof(b->data));
	memcpy(b->data + b->size, data, size);
	b->size += size;
}

#define ADD(b, ...)                                                                                \
	do {                                                                                       \
		static const uint8_t add_[] = { __VA_ARGS__ };                                     \
		add(b, add_, sizeof(add_));                                                        \
	} while (0)

#define ETHERNET(b, hi, lo) ADD(b, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, hi, lo)

/* An IPv4 header from 10.0.0.1 to 10.0.0.2 with length octets behind it. */
static void ipv4(struct bytes *b, uint8_t protocol, uint16_t length)
{
	uint8_t header[20] = { 0x45, 0, 0,  0, 0, 0, 0,	 0, 64, protocol,
			       0,    0, 10, 0, 0, 1, 10, 0, 0,	2 };

	header[2] = (length + 20) >> 8;
	header[3] = (length + 20) & 0xff;
	add(b, header, sizeof(header));
}

/* The same from fd00::1 to fd00::2. */
static void ipv6(struct bytes *b, uint8_t next, uint16_t length)
{
	uint8_t header[40] = { 0x60, 0, 0, 0, length >> 8, length & 0xff, next, 64, 0xfd };

	header[23] = 1;
	header[24] = 0xfd;
	header[39] = 2;
	add(b, header, sizeof(header));
}

static struct packet parse(const struct bytes *b, int link_type)
{
	uint8_t *exact = malloc(b->size ? b->size : 1);
	struct packet packet;

	assert_non_null(exact);
	memcpy(exact, b->data, b->size);
	packet_parse(link_type, exact, b->size, &packet);
	free(exact);
	return packet;
}

static void assert_addr(const struct packet_addr *addr, const char *text)
{
	char buf[PACKET_ADDR_SIZE];

	assert_string_equal(packet_addr_text(addr, buf), text);
}

static const uint8_t ike_auth[] = {
	1,  2,	  3,  4,    5,	6,  7,	8,  /* initiator's SPI */
	9,  10,	  11, 12,   13, 14, 15, 16, /* responder's SPI */
	46, 0x20, 35, 0x08, /* next payload, version 2.0, IKE_AUTH, from the initiator */
	0,  0,	  0,  1,    0,	0,  1,	0x2c, /* message 1, 300 octets */
};

static void esp(void **state)
{
	struct bytes b = {};
	struct packet p;

	ETHERNET(&b, 0x08, 0x00);
	ipv4(&b, 50, 12);
	ADD(&b, 0x80, 0x10, 0x01, 0x2c, 0, 0, 0, 7, 0xde, 0xad, 0xbe, 0xef);
	p = parse(&b, DLT_EN10MB);
	assert_int_equal(p.kind, PACKET_ESP);
	assert_int_equal(p.spi, 0x8010012c);
	assert_int_equal(p.sequence, 7);
	assert_false(p.udp_encapsulated);
	assert_int_equal(p.ip_count, 1);
	assert_addr(&p.ip[0].source, "10.0.0.1");
	assert_addr(&p.ip[0].destination, "10.0.0.2");
}

static void esp_over_ipv6(void **state)
{
	struct bytes b = {};
	struct packet p;

	ETHERNET(&b, 0x86, 0xdd);
	ipv6(&b, 60, 16); /* a destination options header before it */
	ADD(&b, 50, 0, 1, 4, 0, 0, 0, 0);
	ADD(&b, 0x80, 0x10, 0x01, 0x01, 0, 0, 0, 1);
	p = parse(&b, DLT_EN10MB);
	assert_int_equal(p.kind, PACKET_ESP);
	assert_int_equal(p.spi, 0x80100101);
	assert_int_equal(p.ip[0].protocol, 50);
	assert_addr(&p.ip[0].destination, "fd00::2");
}

static void esp_and_ike_in_udp(void **state)
{
	struct bytes b = {}, c = {}, d = {};
	struct packet p;

	ipv4(&b, 17, 16);
	ADD(&b, 0x11, 0x94, 0x11, 0x94, 0, 16, 0, 0);
	ADD(&b, 0x80, 0x10, 0x01, 0x2c, 0, 0, 0, 7);
	p = parse(&b, DLT_RAW);
	assert_int_equal(p.kind, PACKET_ESP);
	assert_true(p.udp_encapsulated);

	ipv4(&c, 17, 8 + 4 + sizeof(ike_auth));
	ADD(&c, 0x11, 0x94, 0x11, 0x94, 0, 8 + 4 + sizeof(ike_auth), 0, 0);
	ADD(&c, 0, 0, 0, 0);
	add(&c, ike_auth, sizeof(ike_auth));
	assert_int_equal(parse(&c, DLT_RAW).kind, PACKET_IKE);

	ETHERNET(&d, 0x08, 0x00);
	ipv4(&d, 17, 9);
	ADD(&d, 0x11, 0x94, 0x11, 0x94, 0, 9, 0, 0, 0xff);
	ADD(&d, 0, 0, 0, 0, 0, 0, 0, 0, 0); /* Ethernet's padding */
	assert_int_equal(parse(&d, DLT_EN10MB).kind, PACKET_NAT_KEEPALIVE);
}

static void ike(void **state)
{
	struct bytes b = {};
	struct packet p;

	ETHERNET(&b, 0x08, 0x00);
	ipv4(&b, 17, 8 + sizeof(ike_auth));
	ADD(&b, 0x01, 0xf4, 0x01, 0xf4, 0, 8 + sizeof(ike_auth), 0, 0);
	add(&b, ike_auth, sizeof(ike_auth));
	p = parse(&b, DLT_EN10MB);
	assert_int_equal(p.kind, PACKET_IKE);
	assert_int_equal(p.ike.initiator_spi, 0x0102030405060708);
	assert_int_equal(p.ike.responder_spi, 0x090a0b0c0d0e0f10);
	assert_int_equal(p.ike.exchange, 35);
	assert_int_equal(p.ike.flags, PACKET_IKE_V2_INITIATOR);
	assert_int_equal(p.ike.message_id, 1);
	assert_int_equal(p.ike.length, 300);
	assert_string_equal(packet_ike_exchange_name(p.ike.version, p.ike.exchange), "IKE_AUTH");
	assert_string_equal(packet_ike_exchange_name(0x10, 32), "QUICK_MODE");
	assert_null(packet_ike_exchange_name(0x20, 99));
}

static void ah(void **state)
{
	struct bytes b = {};
	struct packet p;

	ipv4(&b, 51, 12);
	ADD(&b, 4, 4, 0, 0, 0x80, 0x10, 0x01, 0x2c, 0, 0, 0, 9);
	p = parse(&b, DLT_RAW);
	assert_int_equal(p.kind, PACKET_AH);
	assert_int_equal(p.spi, 0x8010012c);
	assert_int_equal(p.sequence, 9);
}

static void routing(void **state)
{
	static const struct {
		uint8_t protocol, port_hi, port_lo;
		enum packet_kind kind;
	} cases[] = {
		{ 89, 0, 0, PACKET_OSPF },	{ 6, 0, 179, PACKET_BGP },
		{ 17, 0x0e, 0xc8, PACKET_BFD }, { 17, 0x12, 0xb0, PACKET_BFD },
		{ 17, 0x02, 0x08, PACKET_RIP }, { 6, 0x02, 0x86, PACKET_LDP },
		{ 2, 0, 0, PACKET_IGMP },	{ 1, 0, 0, PACKET_ICMP },
		{ 103, 0, 0, PACKET_PIM },	{ 6, 0, 80, PACKET_OTHER_IP },
		{ 17, 0, 53, PACKET_OTHER_IP }, { 99, 0, 0, PACKET_OTHER_IP },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t transport[20] = { 0xc0, 0x00, cases[i].port_hi, cases[i].port_lo, 0, 20 };
		struct bytes b = {};

		ipv4(&b, cases[i].protocol, sizeof(transport));
		add(&b, transport, sizeof(transport));
		assert_int_equal(parse(&b, DLT_RAW).kind, cases[i].kind);
	}
}

static void links(void **state)
{
	struct bytes sll = {}, sll2 = {}, vlan = {}, arp = {}, isis = {}, lldp = {}, loop = {};

	ADD(&sll, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0x08, 0x00);
	ipv4(&sll, 89, 0);
	assert_int_equal(parse(&sll, DLT_LINUX_SLL).kind, PACKET_OSPF);
	ADD(&sll2, 0x08, 0x00, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0);
	ipv4(&sll2, 89, 0);
	assert_int_equal(parse(&sll2, DLT_LINUX_SLL2).kind, PACKET_OSPF);
	ETHERNET(&vlan, 0x88, 0xa8);
	ADD(&vlan, 0, 1, 0x81, 0x00, 0, 2, 0x08, 0x00);
	ipv4(&vlan, 89, 0);
	assert_int_equal(parse(&vlan, DLT_EN10MB).kind, PACKET_OSPF);
	ETHERNET(&arp, 0x08, 0x06);
	assert_int_equal(parse(&arp, DLT_EN10MB).kind, PACKET_ARP);
	ETHERNET(&isis, 0, 40);
	ADD(&isis, 0xfe, 0xfe, 3);
	assert_int_equal(parse(&isis, DLT_EN10MB).kind, PACKET_ISIS);
	ETHERNET(&lldp, 0x88, 0xcc);
	assert_int_equal(parse(&lldp, DLT_EN10MB).kind, PACKET_NOT_IP);
	ADD(&loop, 2, 0, 0, 0);
	ipv4(&loop, 89, 0);
	assert_int_equal(parse(&loop, DLT_NULL).kind, PACKET_OSPF);
	assert_true(packet_link_known(DLT_EN10MB));
	assert_false(packet_link_known(DLT_IEEE802_11));
}

static void ipv6_control(void **state)
{
	struct bytes nd = {}, echo = {};

	ipv6(&nd, 58, 4);
	ADD(&nd, 135, 0, 0, 0);
	assert_int_equal(parse(&nd, DLT_RAW).kind, PACKET_IPV6);
	ipv6(&echo, 58, 4);
	ADD(&echo, 128, 0, 0, 0);
	assert_int_equal(parse(&echo, DLT_RAW).kind, PACKET_ICMP);
}

static void fragments(void **state)
{
	struct bytes b = {}, c = {};
	struct packet p;

	ipv4(&b, 50, 8);
	ADD(&b, 0x80, 0x10, 0x01, 0x2c, 0, 0, 0, 7);
	b.data[6] = 0x20; /* more fragments: the first one has the SPI */
	assert_int_equal(parse(&b, DLT_RAW).kind, PACKET_ESP);
	b.data[7] = 100; /* not the first one: whatever it looks like, it has none */
	p = parse(&b, DLT_RAW);
	assert_int_equal(p.kind, PACKET_FRAGMENT);
	assert_int_equal(p.spi, 0);
	assert_addr(&p.ip[0].source, "10.0.0.1");

	ipv6(&c, 44, 16);
	ADD(&c, 50, 0, 0x01, 0x00, 0, 0, 0, 1);
	ADD(&c, 0x80, 0x10, 0x01, 0x2c, 0, 0, 0, 7);
	assert_int_equal(parse(&c, DLT_RAW).kind, PACKET_FRAGMENT);
}

/* A customer's packet is seen however it is wrapped. */
static void assert_leak(const struct bytes *b, int link_type, uint8_t ip_count)
{
	struct prefix_list customers = {};
	struct packet p = parse(b, link_type);

	assert_null(prefix_list_add(&customers, "10.1.0.0/16"));
	assert_int_equal(p.kind, PACKET_ICMP);
	assert_int_equal(p.ip_count, ip_count);
	assert_true(prefix_list_touches(&customers, &p));
}

static void customer_packet(struct bytes *b)
{
	static const uint8_t packet[] = { 0x45, 0, 0,  28, 0, 0, 0, 0, 64, 1, 0, 0, 10, 1,
					  0,	1, 10, 2,  0, 1, 8, 0, 0,  0, 0, 0, 0,	0 };

	add(b, packet, sizeof(packet));
}

static void leaks(void **state)
{
	struct bytes bare = {}, ipip = {}, gre = {}, mpls = {}, mpls_ip = {};

	customer_packet(&bare);
	assert_leak(&bare, DLT_RAW, 1);
	ipv4(&ipip, 4, 28);
	customer_packet(&ipip);
	assert_leak(&ipip, DLT_RAW, 2);
	ipv4(&gre, 47, 36);
	ADD(&gre, 0x20, 0, 0x08, 0x00, 0, 0, 0, 99); /* with a key */
	customer_packet(&gre);
	assert_leak(&gre, DLT_RAW, 2);
	ETHERNET(&mpls, 0x88, 0x47);
	ADD(&mpls, 0, 1, 0x00, 64, 0, 2, 0x01, 64);
	customer_packet(&mpls);
	assert_leak(&mpls, DLT_EN10MB, 1);
	ipv4(&mpls_ip, 137, 32);
	ADD(&mpls_ip, 0, 2, 0x01, 64);
	customer_packet(&mpls_ip);
	assert_leak(&mpls_ip, DLT_RAW, 2);
}

static void nesting_ends(void **state)
{
	struct bytes b = {};

	for (int i = 0; i < 10; i++)
		ipv4(&b, 4, 20 * (9 - i));
	assert_int_equal(parse(&b, DLT_RAW).kind, PACKET_OTHER_IP);
	assert_int_equal(parse(&b, DLT_RAW).ip_count, PACKET_NESTING_MAX);
}

/* Cut off anywhere, a packet is malformed or what it was, and nothing is read behind it. */
static void cut_off(void **state)
{
	struct bytes whole = {};

	ETHERNET(&whole, 0x08, 0x00);
	ipv4(&whole, 17, 8 + sizeof(ike_auth));
	ADD(&whole, 0x01, 0xf4, 0x01, 0xf4, 0, 8 + sizeof(ike_auth), 0, 0);
	add(&whole, ike_auth, sizeof(ike_auth));
	for (size_t size = 0; size < whole.size; size++) {
		struct bytes part = whole;

		part.size = size;
		assert_int_equal(parse(&part, DLT_EN10MB).kind, PACKET_MALFORMED);
	}
	assert_int_equal(parse(&whole, DLT_EN10MB).kind, PACKET_IKE);
}

static void lies(void **state)
{
	struct bytes header = {}, total = {}, version = {}, length = {};

	ipv4(&header, 50, 8);
	ADD(&header, 0x80, 0x10, 0x01, 0x2c, 0, 0, 0, 7);
	header.data[0] = 0x44; /* a header of 16 octets */
	assert_int_equal(parse(&header, DLT_RAW).kind, PACKET_MALFORMED);
	ipv4(&total, 50, 8);
	ADD(&total, 0x80, 0x10, 0x01, 0x2c, 0, 0, 0, 7);
	total.data[3] = 24; /* only 4 octets of ESP are of this packet */
	assert_int_equal(parse(&total, DLT_RAW).kind, PACKET_MALFORMED);
	total.data[3] = 19; /* shorter than its header */
	assert_int_equal(parse(&total, DLT_RAW).kind, PACKET_MALFORMED);
	total.data[3] = 0; /* segmentation offload */
	assert_int_equal(parse(&total, DLT_RAW).kind, PACKET_ESP);
	ipv4(&version, 50, 0);
	version.data[0] = 0x75;
	assert_int_equal(parse(&version, DLT_RAW).kind, PACKET_MALFORMED);
	ipv4(&length, 17, 8 + sizeof(ike_auth));
	ADD(&length, 0x01, 0xf4, 0x01, 0xf4, 0, 12, 0, 0); /* a datagram of 4 octets */
	add(&length, ike_auth, sizeof(ike_auth));
	assert_int_equal(parse(&length, DLT_RAW).kind, PACKET_MALFORMED);
}

static void prefixes(void **state)
{
	struct prefix_list list = {};
	struct packet_addr addr;

	assert_null(prefix_list_add(&list, "10.1.128.0/17"));
	assert_null(prefix_list_add(&list, "192.0.2.1"));
	assert_null(prefix_list_add(&list, "2001:db8::/33"));
	assert_true(packet_addr_parse("10.1.129.1", &addr) && prefix_list_has(&list, &addr));
	assert_true(packet_addr_parse("10.1.127.1", &addr) && !prefix_list_has(&list, &addr));
	assert_true(packet_addr_parse("192.0.2.1", &addr) && prefix_list_has(&list, &addr));
	assert_true(packet_addr_parse("192.0.2.2", &addr) && !prefix_list_has(&list, &addr));
	assert_true(packet_addr_parse("2001:db8::1", &addr) && prefix_list_has(&list, &addr));
	assert_true(packet_addr_parse("2001:db8:8000::1", &addr) && !prefix_list_has(&list, &addr));
	assert_non_null(prefix_list_add(&list, "10.1.0.0/33"));
	assert_non_null(prefix_list_add(&list, "10.1.0.0/"));
	assert_non_null(prefix_list_add(&list, "10.1.0.0/8x"));
	assert_non_null(prefix_list_add(&list, "red"));
	assert_non_null(prefix_list_add(&list, ""));
	assert_int_equal(list.count, 3);
}

static void prefix_of_all(void **state)
{
	struct prefix_list list = {};
	struct packet_addr addr;

	assert_null(prefix_list_add(&list, "0.0.0.0/0"));
	assert_true(packet_addr_parse("203.0.113.9", &addr) && prefix_list_has(&list, &addr));
	assert_true(packet_addr_parse("::1", &addr) && !prefix_list_has(&list, &addr));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(esp),
		cmocka_unit_test(esp_over_ipv6),
		cmocka_unit_test(esp_and_ike_in_udp),
		cmocka_unit_test(ike),
		cmocka_unit_test(ah),
		cmocka_unit_test(routing),
		cmocka_unit_test(links),
		cmocka_unit_test(ipv6_control),
		cmocka_unit_test(fragments),
		cmocka_unit_test(leaks),
		cmocka_unit_test(nesting_ends),
		cmocka_unit_test(cut_off),
		cmocka_unit_test(lies),
		cmocka_unit_test(prefixes),
		cmocka_unit_test(prefix_of_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
