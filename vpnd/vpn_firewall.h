/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What may pass the provider's interface of a customer edge.
 *
 * Towards the provider a customer edge is a host with one address
 * (draft-ietf-l3vpn-ce-based-02, sections 2.2 and 6.2).  In come ESP and what
 * comes out of it, IKE, what answers a connection of ours (the calls to the
 * provider's servers are such), management from those servers, and the ICMP that
 * path MTUs and IPv6 need.  Nothing else, and nothing is forwarded from or to
 * it: whatever is routed, VPN packets do not leave in clear and the provider's
 * do not come in.  internet-access makes exceptions for one VRF.
 *
 * The rules are a table of nftables of our own.  They name the interface, so
 * they can be there before it is; they are installed in one step, stay when vpnd
 * stops, and are removed only when they are configured away.  An interface that
 * is down when vpnd finds it is set up when, and only when, they are there.
 *
 * As long as vpnd runs the table is its alone: who flushes the rule set (a
 * firewall that is started, most likely) leaves these rules as they are.  While
 * vpnd does not run they can be flushed, and it puts them back at its start.  A
 * kernel before 6.9 knows no such tables: there flushed rules are gone until
 * vpnd or the configuration starts anew.
 */
#ifndef VPND_VPN_FIREWALL_H
#define VPND_VPN_FIREWALL_H

#include <zebra.h>

#include "vpnd/vpn_config.h"
#include "vpnd/vpn_nftables.h"

#define VPN_FIREWALL_TABLE  "frr-vpnd"
#define VPN_FIREWALL_SLAVES 64 /* interfaces of a VRF that internet-access gateway is of */

/* What the rules follow from.  Flat, so that it can be compared. */
struct vpn_firewall {
	char interface[IFNAMSIZ]; /* empty: no rules */
	bool dhcp;
	enum vpn_internet internet;
	char vrf[IFNAMSIZ];
	unsigned int slave_count;
	char slaves[VPN_FIREWALL_SLAVES][IFNAMSIZ];
	unsigned int server_count;
	struct ipaddr servers[VPN_CE_SERVERS_MAX];
};

/* Part of the run: has the kernel have the rules that the configuration asks for. */
extern void vpn_firewall_apply(void);

/* Why the provider's interface is not filtered as it should be, in words; NULL: it is, or need not be. */
extern const char *vpn_firewall_problem(void);

/*
 * Has the kernel rules of ours, as far as vpnd knows?  It is in the state file, so
 * that where there never were any nothing is removed.
 */
extern bool vpn_firewall_is_installed(void);
extern void vpn_firewall_was_installed(void);

/* Writes the rules into a batch (vpn_nftables.h), owned or not, for the tests too. */
extern void vpn_firewall_write(struct vpn_nft *nft, const struct vpn_firewall *firewall, bool owned);

#endif /* VPND_VPN_FIREWALL_H */
