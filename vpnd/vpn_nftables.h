/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nf_tables netlink: the codec of rule sets.
 *
 * A batch of messages is written into a buffer: a table of the inet family that
 * takes the place of one of the same name, its chains, its rules.  The kernel
 * takes a batch whole or not at all, so there is no moment between the old rules
 * and the new ones.
 *
 * A rule is written as it is read: matches from left to right, each of which
 * must hold, then what is done.  Numbers are in host byte order here.
 */
#ifndef VPND_VPN_NFTABLES_H
#define VPND_VPN_NFTABLES_H

#include <zebra.h>

#include <libmnl/libmnl.h>

#include "lib/ipaddr.h"

struct vpn_nft {
	uint8_t *buf;
	size_t size, used;   /* octets */
	uint32_t first, seq; /* sequence numbers of the batch: of its begin, of the newest message */
	bool failed;	     /* it does not fit */
	const char *table;

	/* of the rule that is being written */
	struct nlmsghdr *nlh;
	struct nlattr *exprs;
};

/* Begins a batch in buf, aligned as a netlink message; the first message has the number seq. */
void vpn_nft_begin(struct vpn_nft *nft, void *buf, size_t size, uint32_t seq);

/* Removes the table, if it is there. */
void vpn_nft_table_remove(struct vpn_nft *nft, const char *table);

/*
 * The same, and makes it anew, empty; chains and rules that follow are its.
 * Owned: as long as the socket is open that sends the batch nobody else can
 * change or remove it, `nft flush ruleset` included; then it stays, anybody's.
 * Kernels before 6.9 refuse that, by EOPNOTSUPP or EINVAL.
 */
void vpn_nft_table(struct vpn_nft *nft, const char *table, bool owned);

/* A base chain: type "filter" or "nat", hook NF_INET_*; what no rule decides is accepted. */
void vpn_nft_chain(struct vpn_nft *nft, const char *chain, const char *type, uint32_t hook,
		   int32_t priority);

/* A rule at the end of a chain, up to vpn_nft_rule_end(). */
void vpn_nft_rule(struct vpn_nft *nft, const char *chain);
void vpn_nft_rule_end(struct vpn_nft *nft);

/* Matches.  The interface that it came in by, or goes out by, has this name, or another one. */
void vpn_nft_iif(struct vpn_nft *nft, const char *name, bool is);
void vpn_nft_oif(struct vpn_nft *nft, const char *name, bool is);
void vpn_nft_family(struct vpn_nft *nft, uint8_t nfproto); /* NFPROTO_IPV4, NFPROTO_IPV6 */
void vpn_nft_protocol(struct vpn_nft *nft, uint8_t protocol);
void vpn_nft_source(struct vpn_nft *nft, const struct ipaddr *addr);
void vpn_nft_sport(struct vpn_nft *nft, uint16_t port); /* of UDP or TCP */
void vpn_nft_dport(struct vpn_nft *nft, uint16_t port);
void vpn_nft_icmp_type(struct vpn_nft *nft, uint8_t type); /* of ICMP or ICMPv6 */
void vpn_nft_through_ipsec(struct vpn_nft *nft);	   /* it came out of an SA */
void vpn_nft_answers(struct vpn_nft *nft); /* it belongs to a connection that there is */
void vpn_nft_ct_mark(struct vpn_nft *nft, uint32_t mark); /* its connection has this mark */

/* What is done. */
void vpn_nft_set_ct_mark(struct vpn_nft *nft, uint32_t mark);
void vpn_nft_counter(struct vpn_nft *nft);
void vpn_nft_notrack(struct vpn_nft *nft);
void vpn_nft_masquerade(struct vpn_nft *nft);
void vpn_nft_accept(struct vpn_nft *nft);
void vpn_nft_drop(struct vpn_nft *nft);

/* Ends the batch.  False: it did not fit, and must not be sent.  nft->seq is answered last. */
bool vpn_nft_end(struct vpn_nft *nft);

#endif /* VPND_VPN_NFTABLES_H */
