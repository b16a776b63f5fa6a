/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One captured packet, taken apart as far as VPN-SPI traffic needs it.
 */
#ifndef TOOLS_PACKET_H
#define TOOLS_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <netinet/in.h>

/* Headers of IP in IP, GRE or MPLS that are looked through. */
#define PACKET_NESTING_MAX 4

enum packet_kind {
	PACKET_ESP,
	PACKET_AH,
	PACKET_IKE,
	PACKET_NAT_KEEPALIVE,
	PACKET_OSPF,
	PACKET_BGP,
	PACKET_BFD,
	PACKET_RIP,
	PACKET_LDP,
	PACKET_ISIS,
	PACKET_PIM,
	PACKET_IGMP,
	PACKET_ICMP,
	PACKET_IPV6, /* neighbour discovery, multicast listener discovery */
	PACKET_ARP,
	PACKET_OTHER_IP,
	PACKET_FRAGMENT, /* of IP, not the first one */
	PACKET_NOT_IP,
	PACKET_MALFORMED, /* or cut off by the capture before its kind was seen */
	PACKET_KINDS,
};

/* family: AF_INET or AF_INET6; an IPv4 address is in the first four octets, the rest is 0. */
struct packet_addr {
	uint8_t family;
	uint8_t octets[16];
};

struct packet_ip {
	struct packet_addr source;
	struct packet_addr destination;
	uint8_t protocol; /* behind extension headers */
};

/* RFC 7296 section 3.1; IKEv1's header is the same to this depth. */
struct packet_ike {
	uint64_t initiator_spi;
	uint64_t responder_spi;
	uint8_t version; /* major in the upper four bits */
	uint8_t exchange;
	uint8_t flags;
	uint32_t message_id;
	uint32_t length;
	uint64_t digest; /* of the captured octets of the message: a retransmission has the same */
};

#define PACKET_IKE_V1_ENCRYPTED 0x01
#define PACKET_IKE_V2_INITIATOR 0x08
#define PACKET_IKE_V2_RESPONSE	0x20

struct packet {
	enum packet_kind kind;
	struct packet_ip ip[PACKET_NESTING_MAX]; /* outermost first */
	uint8_t ip_count;			 /* 0: it is not IP */
	uint16_t source_port;			 /* 0 if there are none */
	uint16_t destination_port;
	bool udp_encapsulated; /* ESP in UDP */
	uint32_t spi;	       /* ESP, AH: host byte order */
	uint32_t sequence;
	struct packet_ike ike;
};

/* Can packets of this link type (pcap's DLT_…) be parsed? */
bool packet_link_known(int link_type);

/*
 * Takes the captured octets of a packet apart into *packet, all of which is
 * set.  Never reads past size; always finds a kind.
 */
void packet_parse(int link_type, const uint8_t *data, size_t size, struct packet *packet);

/* Name of a kind, as in the summary: "esp", "otherIp". */
const char *packet_kind_name(enum packet_kind kind);

/* Name of an IKE exchange ("IKE_AUTH"), or NULL if it has none. */
const char *packet_ike_exchange_name(uint8_t version, uint8_t exchange);

#define PACKET_ADDR_SIZE INET6_ADDRSTRLEN

/* Writes the address as text and returns text. */
const char *packet_addr_text(const struct packet_addr *addr, char text[PACKET_ADDR_SIZE]);

bool packet_addr_same(const struct packet_addr *a, const struct packet_addr *b);

/* Reads an address as people write it; false if it is none. */
bool packet_addr_parse(const char *text, struct packet_addr *addr);

#endif /* TOOLS_PACKET_H */
