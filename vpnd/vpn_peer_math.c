// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What about peers can be computed without knowing anything else: sizes, whose
 * turn it is, addresses in the plugin's form.
 *
 * RFC 4303 section 2: an inner packet, then padding so that it, two octets of
 * trailer and the padding are a multiple of the cipher's block (at least 4),
 * then the ICV; in front the outer header, UDP if there is one, SPI, sequence
 * number and IV.
 */
#include <zebra.h>

#include "vpnd/vpn_peer.h"

#define ESP_TRAILER 2 /* pad length and next header, which are padded with the packet */
#define ESP_ALIGN   4

unsigned int vpn_peer_inner_mtu(unsigned int path_mtu, unsigned int overhead, unsigned int trailer,
				unsigned int block)
{
	unsigned int room;

	if (path_mtu <= overhead + trailer)
		return 0;
	room = path_mtu - overhead - trailer;
	room -= room % MAX(block, (unsigned int)ESP_ALIGN);
	return room > ESP_TRAILER ? room - ESP_TRAILER : 0;
}

bool vpn_peer_initiates_first(const struct ipaddr *local, const struct ipaddr *peer)
{
	return ipaddr_cmp(local, peer) < 0;
}

bool vpn_peer_from_wire(const struct vpnspi_addr *wire, struct ipaddr *addr)
{
	memset(addr, 0, sizeof(*addr));
	if (wire->family == AF_INET)
		addr->ipa_type = IPADDR_V4;
	else if (wire->family == AF_INET6)
		addr->ipa_type = IPADDR_V6;
	else
		return false;
	memcpy(&addr->ip, wire->octets, IPADDRSZ(addr));
	return true;
}

void vpn_peer_to_wire(const struct ipaddr *addr, struct vpnspi_addr *wire)
{
	memset(wire, 0, sizeof(*wire));
	wire->family = ipaddr_family(addr);
	if (!IS_IPADDR_NONE(addr))
		memcpy(wire->octets, &addr->ip, IPADDRSZ(addr));
}

int vpn_peer_cmp(const struct vpn_peer *a, const struct vpn_peer *b)
{
	return ipaddr_cmp(&a->addr, &b->addr);
}

const char *vpn_peer_state_str(enum vpn_peer_state state)
{
	switch (state) {
	case VPN_PEER_DOWN:
		return "down";
	case VPN_PEER_CONNECTING:
		return "connecting";
	case VPN_PEER_UP:
		return "up";
	}
	return "unknown";
}

void vpn_peer_counters(const struct vpn_peer *peer, struct vpn_counters *sum)
{
	sum->bytes_in = peer->base.bytes_in + peer->last.bytes_in;
	sum->bytes_out = peer->base.bytes_out + peer->last.bytes_out;
	sum->packets_in = peer->base.packets_in + peer->last.packets_in;
	sum->packets_out = peer->base.packets_out + peer->last.packets_out;
}
