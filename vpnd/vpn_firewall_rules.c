// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What may pass the provider's interface: the rules; see vpn_firewall.h.
 *
 * Connections are tracked on that interface alone, so that two VRFs with the
 * same addresses are never taken for one another.  With internet-access nat
 * they have to be tracked everywhere; the VPN's addresses must then not overlap
 * others', as section 6.1 of the draft says of any VPN with Internet access.
 *
 * In a packet that is forwarded from a VRF the interface that it came in by is
 * the VRF's; one that goes into a VRF goes out by an interface of it.
 */
#include <zebra.h>

#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>

#include "vpnd/vpn_firewall.h"

#define MARK 0x76706e64u /* of connections that are translated */

#define PORT_IKE	 500
#define PORT_IKE_NAT	 4500
#define PORT_NETCONF_SSH 830
#define PORT_NETCONF_TLS 6513
#define PORT_DHCP_SERVER 67
#define PORT_DHCP_CLIENT 68

/* Begins a rule about what comes in by the provider's interface. */
static void in_rule(struct vpn_nft *nft, const struct vpn_firewall *firewall)
{
	vpn_nft_rule(nft, "input");
	vpn_nft_iif(nft, firewall->interface, true);
}

static void accept_end(struct vpn_nft *nft)
{
	vpn_nft_accept(nft);
	vpn_nft_rule_end(nft);
}

static void in_udp(struct vpn_nft *nft, const struct vpn_firewall *firewall, uint16_t port)
{
	in_rule(nft, firewall);
	vpn_nft_protocol(nft, IPPROTO_UDP);
	vpn_nft_dport(nft, port);
	accept_end(nft);
}

static void in_icmp(struct vpn_nft *nft, const struct vpn_firewall *firewall)
{
	/* destination unreachable, time exceeded, parameter problem */
	static const uint8_t icmp[] = { 3, 11, 12 };
	/* the same, packet too big, and neighbour discovery (RFC 4890) */
	static const uint8_t icmp6[] = { 1, 2, 3, 4, 133, 134, 135, 136 };

	for (size_t i = 0; i < array_size(icmp); i++) {
		in_rule(nft, firewall);
		vpn_nft_family(nft, NFPROTO_IPV4);
		vpn_nft_protocol(nft, IPPROTO_ICMP);
		vpn_nft_icmp_type(nft, icmp[i]);
		accept_end(nft);
	}
	for (size_t i = 0; i < array_size(icmp6); i++) {
		in_rule(nft, firewall);
		vpn_nft_family(nft, NFPROTO_IPV6);
		vpn_nft_protocol(nft, IPPROTO_ICMPV6);
		vpn_nft_icmp_type(nft, icmp6[i]);
		accept_end(nft);
	}
}

/* Servers that open the session themselves. */
static void in_management(struct vpn_nft *nft, const struct vpn_firewall *firewall)
{
	static const uint16_t ports[] = { PORT_NETCONF_SSH, PORT_NETCONF_TLS };

	for (unsigned int i = 0; i < firewall->server_count; i++)
		for (size_t j = 0; j < array_size(ports); j++) {
			in_rule(nft, firewall);
			vpn_nft_source(nft, &firewall->servers[i]);
			vpn_nft_protocol(nft, IPPROTO_TCP);
			vpn_nft_dport(nft, ports[j]);
			accept_end(nft);
		}
}

static void in_all(struct vpn_nft *nft, const struct vpn_firewall *firewall)
{
	vpn_nft_chain(nft, "input", "filter", NF_INET_LOCAL_IN, NF_IP_PRI_FILTER);
	in_rule(nft, firewall);
	vpn_nft_through_ipsec(nft);
	accept_end(nft);
	in_rule(nft, firewall);
	vpn_nft_protocol(nft, IPPROTO_ESP);
	accept_end(nft);
	in_udp(nft, firewall, PORT_IKE);
	in_udp(nft, firewall, PORT_IKE_NAT);
	in_rule(nft, firewall);
	vpn_nft_answers(nft);
	accept_end(nft);
	in_management(nft, firewall);
	in_icmp(nft, firewall);
	if (firewall->dhcp) {
		in_rule(nft, firewall);
		vpn_nft_protocol(nft, IPPROTO_UDP);
		vpn_nft_sport(nft, PORT_DHCP_SERVER);
		vpn_nft_dport(nft, PORT_DHCP_CLIENT);
		accept_end(nft);
	}
	in_rule(nft, firewall);
	vpn_nft_counter(nft);
	vpn_nft_drop(nft);
	vpn_nft_rule_end(nft);
}

/* From the VRF to the provider; translated connections are marked for the chain that translates. */
static void forward_out(struct vpn_nft *nft, const struct vpn_firewall *firewall)
{
	vpn_nft_rule(nft, "forward");
	vpn_nft_iif(nft, firewall->vrf, true);
	vpn_nft_oif(nft, firewall->interface, true);
	if (firewall->internet == VPN_INTERNET_NAT)
		vpn_nft_set_ct_mark(nft, MARK);
	accept_end(nft);
}

static void forward_in(struct vpn_nft *nft, const struct vpn_firewall *firewall)
{
	if (firewall->internet == VPN_INTERNET_NAT) {
		vpn_nft_rule(nft, "forward");
		vpn_nft_iif(nft, firewall->interface, true);
		vpn_nft_ct_mark(nft, MARK);
		vpn_nft_answers(nft);
		accept_end(nft);
		return;
	}
	for (unsigned int i = 0; i < firewall->slave_count; i++) {
		vpn_nft_rule(nft, "forward");
		vpn_nft_iif(nft, firewall->interface, true);
		vpn_nft_oif(nft, firewall->slaves[i], true);
		accept_end(nft);
	}
}

static void forward_all(struct vpn_nft *nft, const struct vpn_firewall *firewall)
{
	vpn_nft_chain(nft, "forward", "filter", NF_INET_FORWARD, NF_IP_PRI_FILTER);
	if (firewall->internet != VPN_INTERNET_NONE) {
		forward_out(nft, firewall);
		forward_in(nft, firewall);
	}
	vpn_nft_rule(nft, "forward");
	vpn_nft_iif(nft, firewall->interface, true);
	vpn_nft_counter(nft);
	vpn_nft_drop(nft);
	vpn_nft_rule_end(nft);
	vpn_nft_rule(nft, "forward");
	vpn_nft_oif(nft, firewall->interface, true);
	vpn_nft_counter(nft);
	vpn_nft_drop(nft);
	vpn_nft_rule_end(nft);
}

/* Which connections are tracked, and which of them translated. */
static void connections(struct vpn_nft *nft, const struct vpn_firewall *firewall)
{
	if (firewall->internet == VPN_INTERNET_NAT) {
		vpn_nft_chain(nft, "translate", "nat", NF_INET_POST_ROUTING, NF_IP_PRI_NAT_SRC);
		vpn_nft_rule(nft, "translate");
		vpn_nft_oif(nft, firewall->interface, true);
		vpn_nft_ct_mark(nft, MARK);
		vpn_nft_masquerade(nft);
		vpn_nft_rule_end(nft);
		return;
	}
	vpn_nft_chain(nft, "untracked-in", "filter", NF_INET_PRE_ROUTING, NF_IP_PRI_RAW);
	vpn_nft_rule(nft, "untracked-in");
	vpn_nft_iif(nft, firewall->interface, false);
	vpn_nft_notrack(nft);
	vpn_nft_rule_end(nft);
	vpn_nft_chain(nft, "untracked-out", "filter", NF_INET_LOCAL_OUT, NF_IP_PRI_RAW);
	vpn_nft_rule(nft, "untracked-out");
	vpn_nft_oif(nft, firewall->interface, false);
	vpn_nft_notrack(nft);
	vpn_nft_rule_end(nft);
}

void vpn_firewall_write(struct vpn_nft *nft, const struct vpn_firewall *firewall, bool owned)
{
	if (!firewall->interface[0]) {
		vpn_nft_table_remove(nft, VPN_FIREWALL_TABLE);
		return;
	}
	vpn_nft_table(nft, VPN_FIREWALL_TABLE, owned);
	connections(nft, firewall);
	forward_all(nft, firewall);
	in_all(nft, firewall);
}
