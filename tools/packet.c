// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Takes a captured packet apart: link layer, MPLS, IP in any nesting, and then
 * what a backbone of a BGP/IPsec VPN carries: ESP (RFC 4303), ESP in UDP (RFC
 * 3948), AH (RFC 4302), IKE (RFC 7296), routing protocols.
 *
 * Why tunnels in clear are looked through: a customer's packet inside IP in IP,
 * GRE or MPLS is as readable as a bare one, and this tool is there to find it.
 *
 * Limits: fragments are not put together (the first one is parsed, the others
 * are counted); ICMP errors are not searched for the packet that they quote;
 * nothing is decrypted.  All lengths come from outside: every read goes
 * through a cursor that knows what is left.
 */
#include "tools/packet.h"

#include <string.h>
#include <arpa/inet.h>
#include <pcap/dlt.h>

#define ETHERTYPE_IPV4	 0x0800
#define ETHERTYPE_ARP_	 0x0806
#define ETHERTYPE_VLAN_	 0x8100
#define ETHERTYPE_QINQ	 0x88a8
#define ETHERTYPE_IPV6_	 0x86dd
#define ETHERTYPE_MPLS	 0x8847
#define ETHERTYPE_MPLS_M 0x8848
#define ETHERTYPE_MIN	 0x0600 /* below: the length of an IEEE 802.3 frame */

#define PROTO_OSPF 89
#define PROTO_MPLS 137

#define PORT_BGP	  179
#define PORT_IKE	  500
#define PORT_RIP	  520
#define PORT_RIPNG	  521
#define PORT_LDP	  646
#define PORT_BFD	  3784
#define PORT_BFD_ECHO	  3785
#define PORT_IKE_NAT	  4500
#define PORT_BFD_MULTIHOP 4784

#define VLAN_TAGS_MAX	 4
#define MPLS_LABELS_MAX	 16
#define IPV6_HEADERS_MAX 8

/* What is left of the packet. */
struct cursor {
	const uint8_t *at;
	size_t left;
};

/* The next size octets, and past them; NULL if there are fewer. */
static const uint8_t *take(struct cursor *c, size_t size)
{
	const uint8_t *at = c->at;

	if (c->left < size)
		return NULL;
	c->at += size;
	c->left -= size;
	return at;
}

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static uint64_t get64(const uint8_t *p)
{
	return (uint64_t)get32(p) << 32 | get32(p + 4);
}

static enum packet_kind parse_ip(struct cursor *c, struct packet *packet);

/* FNV-1a of what is left */
static uint64_t digest(const struct cursor *c)
{
	uint64_t hash = 14695981039346656037u;

	for (size_t i = 0; i < c->left; i++)
		hash = (hash ^ c->at[i]) * 1099511628211u;
	return hash;
}

static enum packet_kind parse_ike(struct cursor *c, struct packet *packet)
{
	uint64_t whole = digest(c);
	const uint8_t *p = take(c, 28);
	struct packet_ike *ike = &packet->ike;

	if (!p)
		return PACKET_MALFORMED;
	ike->initiator_spi = get64(p);
	ike->responder_spi = get64(p + 8);
	ike->version = p[17];
	ike->exchange = p[18];
	ike->flags = p[19];
	ike->message_id = get32(p + 20);
	ike->length = get32(p + 24);
	ike->digest = whole;
	return ike->version >> 4 == 1 || ike->version >> 4 == 2 ? PACKET_IKE : PACKET_MALFORMED;
}

static enum packet_kind parse_esp(struct cursor *c, struct packet *packet)
{
	const uint8_t *p = take(c, 8);

	if (!p)
		return PACKET_MALFORMED;
	packet->spi = get32(p);
	packet->sequence = get32(p + 4);
	return PACKET_ESP;
}

static enum packet_kind parse_ah(struct cursor *c, struct packet *packet)
{
	const uint8_t *p = take(c, 12);

	if (!p)
		return PACKET_MALFORMED;
	packet->spi = get32(p + 4);
	packet->sequence = get32(p + 8);
	return PACKET_AH;
}

/* RFC 3948 section 2: a keep-alive, IKE behind four octets of 0, or ESP. */
static enum packet_kind parse_udp_4500(struct cursor *c, struct packet *packet)
{
	if (c->left >= 1 && c->left < 4 && c->at[0] == 0xff)
		return PACKET_NAT_KEEPALIVE;
	if (c->left < 4)
		return PACKET_MALFORMED;
	if (get32(c->at) == 0) {
		take(c, 4);
		return parse_ike(c, packet);
	}
	packet->udp_encapsulated = true;
	return parse_esp(c, packet);
}

static bool has_port(const struct packet *packet, uint16_t port)
{
	return packet->source_port == port || packet->destination_port == port;
}

static enum packet_kind parse_udp(struct cursor *c, struct packet *packet)
{
	const uint8_t *p = take(c, 8);
	uint16_t length;

	if (!p)
		return PACKET_MALFORMED;
	packet->source_port = get16(p);
	packet->destination_port = get16(p + 2);
	length = get16(p + 4);
	/* what is behind the datagram is not of it (Ethernet's padding) */
	if (length >= 8 && c->left > length - 8u)
		c->left = length - 8u;
	if (has_port(packet, PORT_IKE))
		return parse_ike(c, packet);
	if (has_port(packet, PORT_IKE_NAT))
		return parse_udp_4500(c, packet);
	switch (packet->destination_port) {
	case PORT_BFD:
	case PORT_BFD_ECHO:
	case PORT_BFD_MULTIHOP:
		return PACKET_BFD;
	case PORT_RIP:
	case PORT_RIPNG:
		return PACKET_RIP;
	case PORT_LDP:
		return PACKET_LDP;
	}
	return PACKET_OTHER_IP;
}

static enum packet_kind parse_tcp(struct cursor *c, struct packet *packet)
{
	const uint8_t *p = take(c, 4);

	if (!p)
		return PACKET_MALFORMED;
	packet->source_port = get16(p);
	packet->destination_port = get16(p + 2);
	if (has_port(packet, PORT_BGP))
		return PACKET_BGP;
	return has_port(packet, PORT_LDP) ? PACKET_LDP : PACKET_OTHER_IP;
}

/* RFC 4861 and 3810: what IPv6 needs on a link is no traffic of anybody. */
static enum packet_kind parse_icmpv6(struct cursor *c)
{
	const uint8_t *type = take(c, 1);

	if (!type)
		return PACKET_MALFORMED;
	return (*type >= 130 && *type <= 137) || *type == 143 ? PACKET_IPV6 : PACKET_ICMP;
}

static enum packet_kind parse_mpls(struct cursor *c, struct packet *packet)
{
	const uint8_t *p;

	for (int labels = 0; labels < MPLS_LABELS_MAX; labels++) {
		p = take(c, 4);
		if (!p)
			return PACKET_MALFORMED;
		if (!(p[2] & 1))
			continue;
		/* behind the bottom of the stack: IP, or something that we do not know */
		if (c->left && (c->at[0] >> 4 == 4 || c->at[0] >> 4 == 6))
			return parse_ip(c, packet);
		return PACKET_NOT_IP;
	}
	return PACKET_MALFORMED;
}

static enum packet_kind parse_ethertype(uint16_t type, struct cursor *c, struct packet *packet)
{
	switch (type) {
	case ETHERTYPE_IPV4:
	case ETHERTYPE_IPV6_:
		return parse_ip(c, packet);
	case ETHERTYPE_MPLS:
	case ETHERTYPE_MPLS_M:
		return parse_mpls(c, packet);
	case ETHERTYPE_ARP_:
		return PACKET_ARP;
	}
	return PACKET_NOT_IP;
}

/* RFC 2784 and 2890.  Other versions and Ethernet inside are not looked into. */
static enum packet_kind parse_gre(struct cursor *c, struct packet *packet)
{
	const uint8_t *p = take(c, 4);
	enum packet_kind kind;
	size_t options;

	if (!p)
		return PACKET_MALFORMED;
	options = (p[0] & 0x80 ? 4 : 0) + (p[0] & 0x20 ? 4 : 0) + (p[0] & 0x10 ? 4 : 0);
	if (p[1] & 7)
		return PACKET_OTHER_IP;
	if (!take(c, options))
		return PACKET_MALFORMED;
	kind = parse_ethertype(get16(p + 2), c, packet);
	return kind == PACKET_NOT_IP || kind == PACKET_ARP ? PACKET_OTHER_IP : kind;
}

static enum packet_kind parse_transport(uint8_t protocol, struct cursor *c, struct packet *packet)
{
	switch (protocol) {
	case IPPROTO_ESP:
		return parse_esp(c, packet);
	case IPPROTO_AH:
		return parse_ah(c, packet);
	case IPPROTO_UDP:
		return parse_udp(c, packet);
	case IPPROTO_TCP:
		return parse_tcp(c, packet);
	case IPPROTO_ICMP:
		return PACKET_ICMP;
	case IPPROTO_ICMPV6:
		return parse_icmpv6(c);
	case IPPROTO_IGMP:
		return PACKET_IGMP;
	case IPPROTO_PIM:
		return PACKET_PIM;
	case PROTO_OSPF:
		return PACKET_OSPF;
	case IPPROTO_IPIP:
	case IPPROTO_IPV6:
		return parse_ip(c, packet);
	case IPPROTO_GRE:
		return parse_gre(c, packet);
	case PROTO_MPLS:
		return parse_mpls(c, packet);
	}
	return PACKET_OTHER_IP;
}

static enum packet_kind parse_ipv4(struct cursor *c, struct packet *packet, struct packet_ip *ip)
{
	const uint8_t *p = take(c, 20);
	size_t header, total;

	if (!p)
		return PACKET_MALFORMED;
	ip->source.family = ip->destination.family = AF_INET;
	memcpy(ip->source.octets, p + 12, 4);
	memcpy(ip->destination.octets, p + 16, 4);
	ip->protocol = p[9];
	packet->ip_count++;
	header = (p[0] & 15) * 4u;
	total = get16(p + 2);
	if (header < 20 || !take(c, header - 20))
		return PACKET_MALFORMED;
	/* 0: left to the network card (segmentation offload) */
	if (total && total < header)
		return PACKET_MALFORMED;
	if (total && c->left > total - header)
		c->left = total - header;
	if (get16(p + 6) & 0x1fff)
		return PACKET_FRAGMENT;
	return parse_transport(ip->protocol, c, packet);
}

/* Past IPv6's extension headers.  The kind, if that ends it; else PACKET_KINDS. */
static enum packet_kind skip_ipv6_headers(struct cursor *c, uint8_t *protocol)
{
	const uint8_t *p;

	for (int headers = 0; headers < IPV6_HEADERS_MAX; headers++) {
		switch (*protocol) {
		case IPPROTO_FRAGMENT:
			p = take(c, 8);
			if (!p)
				return PACKET_MALFORMED;
			*protocol = p[0];
			if (get16(p + 2) & 0xfff8)
				return PACKET_FRAGMENT;
			break;
		case IPPROTO_HOPOPTS:
		case IPPROTO_ROUTING:
		case IPPROTO_DSTOPTS:
			p = take(c, 8);
			if (!p || !take(c, p[1] * 8u))
				return PACKET_MALFORMED;
			*protocol = p[0];
			break;
		default:
			return PACKET_KINDS;
		}
	}
	return PACKET_MALFORMED;
}

static enum packet_kind parse_ipv6(struct cursor *c, struct packet *packet, struct packet_ip *ip)
{
	const uint8_t *p = take(c, 40);
	enum packet_kind kind;
	size_t payload;

	if (!p)
		return PACKET_MALFORMED;
	ip->source.family = ip->destination.family = AF_INET6;
	memcpy(ip->source.octets, p + 8, 16);
	memcpy(ip->destination.octets, p + 24, 16);
	ip->protocol = p[6];
	packet->ip_count++;
	payload = get16(p + 4);
	if (payload && c->left > payload)
		c->left = payload;
	kind = skip_ipv6_headers(c, &ip->protocol);
	return kind != PACKET_KINDS ? kind : parse_transport(ip->protocol, c, packet);
}

/* IPv4 or IPv6, as its first four bits say. */
static enum packet_kind parse_ip(struct cursor *c, struct packet *packet)
{
	struct packet_ip *ip = &packet->ip[packet->ip_count];

	if (packet->ip_count == PACKET_NESTING_MAX)
		return PACKET_OTHER_IP;
	if (c->left && c->at[0] >> 4 == 4)
		return parse_ipv4(c, packet, ip);
	if (c->left && c->at[0] >> 4 == 6)
		return parse_ipv6(c, packet, ip);
	return PACKET_MALFORMED;
}

static enum packet_kind parse_ethernet(struct cursor *c, struct packet *packet)
{
	const uint8_t *p = take(c, 14);
	uint16_t type;

	if (!p)
		return PACKET_MALFORMED;
	type = get16(p + 12);
	for (int tags = 0; type == ETHERTYPE_VLAN_ || type == ETHERTYPE_QINQ; tags++) {
		p = take(c, 4);
		if (!p || tags == VLAN_TAGS_MAX)
			return PACKET_MALFORMED;
		type = get16(p + 2);
	}
	if (type >= ETHERTYPE_MIN)
		return parse_ethertype(type, c, packet);
	return c->left >= 2 && c->at[0] == 0xfe && c->at[1] == 0xfe ? PACKET_ISIS : PACKET_NOT_IP;
}

/* Linux's "cooked" captures of any interface: size octets, the ethertype at offset. */
static enum packet_kind parse_cooked(struct cursor *c, size_t size, size_t offset,
				     struct packet *packet)
{
	const uint8_t *p = take(c, size);

	return p ? parse_ethertype(get16(p + offset), c, packet) : PACKET_MALFORMED;
}

bool packet_link_known(int link_type)
{
	switch (link_type) {
	case DLT_EN10MB:
	case DLT_RAW:
	case DLT_LINUX_SLL:
	case DLT_LINUX_SLL2:
	case DLT_NULL:
	case DLT_LOOP:
		return true;
	}
	return false;
}

static enum packet_kind parse_link(int link_type, struct cursor *c, struct packet *packet)
{
	switch (link_type) {
	case DLT_EN10MB:
		return parse_ethernet(c, packet);
	case DLT_LINUX_SLL:
		return parse_cooked(c, 16, 14, packet);
	case DLT_LINUX_SLL2:
		return parse_cooked(c, 20, 0, packet);
	case DLT_NULL:
	case DLT_LOOP:
		return take(c, 4) ? parse_ip(c, packet) : PACKET_MALFORMED;
	case DLT_RAW:
		return parse_ip(c, packet);
	}
	return PACKET_NOT_IP;
}

void packet_parse(int link_type, const uint8_t *data, size_t size, struct packet *packet)
{
	struct cursor c = { .at = data, .left = size };

	memset(packet, 0, sizeof(*packet));
	packet->kind = parse_link(link_type, &c, packet);
}

const char *packet_kind_name(enum packet_kind kind)
{
	static const char *const names[PACKET_KINDS] = {
		[PACKET_ESP] = "esp",
		[PACKET_AH] = "ah",
		[PACKET_IKE] = "ike",
		[PACKET_NAT_KEEPALIVE] = "natKeepalive",
		[PACKET_OSPF] = "ospf",
		[PACKET_BGP] = "bgp",
		[PACKET_BFD] = "bfd",
		[PACKET_RIP] = "rip",
		[PACKET_LDP] = "ldp",
		[PACKET_ISIS] = "isis",
		[PACKET_PIM] = "pim",
		[PACKET_IGMP] = "igmp",
		[PACKET_ICMP] = "icmp",
		[PACKET_IPV6] = "ipv6",
		[PACKET_ARP] = "arp",
		[PACKET_OTHER_IP] = "otherIp",
		[PACKET_FRAGMENT] = "fragment",
		[PACKET_NOT_IP] = "notIp",
		[PACKET_MALFORMED] = "malformed",
	};

	return names[kind];
}

/* RFC 7296 section 3.1, RFC 9242, RFC 9370; IKEv1: RFC 2408 section 3.1, RFC 2409. */
const char *packet_ike_exchange_name(uint8_t version, uint8_t exchange)
{
	switch (version >> 4 == 1 ? exchange + 256 : exchange) {
	case 34:
		return "IKE_SA_INIT";
	case 35:
		return "IKE_AUTH";
	case 36:
		return "CREATE_CHILD_SA";
	case 37:
		return "INFORMATIONAL";
	case 43:
		return "IKE_INTERMEDIATE";
	case 44:
		return "IKE_FOLLOWUP_KE";
	case 256 + 2:
		return "MAIN_MODE";
	case 256 + 4:
		return "AGGRESSIVE_MODE";
	case 256 + 5:
		return "INFORMATIONAL_V1";
	case 256 + 6:
		return "TRANSACTION";
	case 256 + 32:
		return "QUICK_MODE";
	}
	return NULL;
}

const char *packet_addr_text(const struct packet_addr *addr, char text[PACKET_ADDR_SIZE])
{
	if (!inet_ntop(addr->family, addr->octets, text, PACKET_ADDR_SIZE))
		strcpy(text, "?");
	return text;
}

bool packet_addr_same(const struct packet_addr *a, const struct packet_addr *b)
{
	return a->family == b->family && !memcmp(a->octets, b->octets, sizeof(a->octets));
}

bool packet_addr_parse(const char *text, struct packet_addr *addr)
{
	memset(addr, 0, sizeof(*addr));
	addr->family = strchr(text, ':') ? AF_INET6 : AF_INET;
	return inet_pton(addr->family, text, addr->octets) == 1;
}
