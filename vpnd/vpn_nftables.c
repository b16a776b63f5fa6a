// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nf_tables netlink: the codec of rule sets.  See vpn_nftables.h.
 *
 * An expression is a name and attributes; a match loads something into a
 * register and compares it.  One register does for all.
 */
#include <zebra.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <libmnl/libmnl.h>

#include "vpnd/vpn_nftables.h"

/* More than any message of ours has. */
#define MESSAGE_MAX 1024

/* --- messages ------------------------------------------------------------------------------ */

static struct nlmsghdr *message(struct vpn_nft *nft, uint16_t type, uint16_t flags, uint8_t family)
{
	struct nfgenmsg *nfg;
	struct nlmsghdr *nlh;

	/* what does not fit is written over the last message, and not sent */
	if (nft->size - nft->used < MESSAGE_MAX) {
		nft->failed = true;
		nft->used = nft->size - MESSAGE_MAX;
	}
	nlh = mnl_nlmsg_put_header(nft->buf + nft->used);
	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = nft->seq++;
	nfg = mnl_nlmsg_put_extra_header(nlh, sizeof(*nfg));
	nfg->nfgen_family = family;
	nfg->version = NFNETLINK_V0;
	nfg->res_id = type < NLMSG_MIN_TYPE + 16 ? htons(NFNL_SUBSYS_NFTABLES) : 0;
	return nlh;
}

static struct nlmsghdr *table_message(struct vpn_nft *nft, uint8_t type, uint16_t flags)
{
	return message(nft, NFNL_SUBSYS_NFTABLES << 8 | type, flags, NFPROTO_INET);
}

static void message_end(struct vpn_nft *nft, struct nlmsghdr *nlh)
{
	nft->used += MNL_ALIGN(nlh->nlmsg_len);
}

static void put_number(struct nlmsghdr *nlh, uint16_t type, uint32_t number)
{
	mnl_attr_put_u32(nlh, type, htonl(number));
}

void vpn_nft_begin(struct vpn_nft *nft, void *buf, size_t size, uint32_t seq)
{
	*nft = (struct vpn_nft){ .buf = buf, .size = size, .first = seq, .seq = seq };
	message_end(nft, message(nft, NFNL_MSG_BATCH_BEGIN, 0, AF_UNSPEC));
}

bool vpn_nft_end(struct vpn_nft *nft)
{
	message_end(nft, message(nft, NFNL_MSG_BATCH_END, 0, AF_UNSPEC));
	nft->seq -= 2; /* the last message before the end, which asks for an answer */
	return !nft->failed;
}

static void table_put(struct vpn_nft *nft, uint8_t type, uint16_t flags, const char *table)
{
	struct nlmsghdr *nlh = table_message(nft, type, flags);

	mnl_attr_put_strz(nlh, NFTA_TABLE_NAME, table);
	message_end(nft, nlh);
}

static void table_put_owned(struct vpn_nft *nft, const char *table)
{
	struct nlmsghdr *nlh = table_message(nft, NFT_MSG_NEWTABLE, NLM_F_CREATE);

	mnl_attr_put_strz(nlh, NFTA_TABLE_NAME, table);
	put_number(nlh, NFTA_TABLE_FLAGS, NFT_TABLE_F_OWNER | NFT_TABLE_F_PERSIST);
	message_end(nft, nlh);
}

/* To remove what is not there is an error, to make what is there is none. */
void vpn_nft_table_remove(struct vpn_nft *nft, const char *table)
{
	table_put(nft, NFT_MSG_NEWTABLE, NLM_F_CREATE, table);
	table_put(nft, NFT_MSG_DELTABLE, NLM_F_ACK, table);
}

/* The first one has no flags: they would have to be those of the table that is there. */
void vpn_nft_table(struct vpn_nft *nft, const char *table, bool owned)
{
	nft->table = table;
	table_put(nft, NFT_MSG_NEWTABLE, NLM_F_CREATE, table);
	table_put(nft, NFT_MSG_DELTABLE, 0, table);
	if (owned)
		table_put_owned(nft, table);
	else
		table_put(nft, NFT_MSG_NEWTABLE, NLM_F_CREATE, table);
}

void vpn_nft_chain(struct vpn_nft *nft, const char *chain, const char *type, uint32_t hook,
		   int32_t priority)
{
	struct nlmsghdr *nlh = table_message(nft, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
	struct nlattr *nest;

	mnl_attr_put_strz(nlh, NFTA_CHAIN_TABLE, nft->table);
	mnl_attr_put_strz(nlh, NFTA_CHAIN_NAME, chain);
	nest = mnl_attr_nest_start(nlh, NFTA_CHAIN_HOOK);
	put_number(nlh, NFTA_HOOK_HOOKNUM, hook);
	put_number(nlh, NFTA_HOOK_PRIORITY, priority);
	mnl_attr_nest_end(nlh, nest);
	put_number(nlh, NFTA_CHAIN_POLICY, NF_ACCEPT);
	mnl_attr_put_strz(nlh, NFTA_CHAIN_TYPE, type);
	message_end(nft, nlh);
}

void vpn_nft_rule(struct vpn_nft *nft, const char *chain)
{
	nft->nlh = table_message(nft, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND | NLM_F_ACK);
	mnl_attr_put_strz(nft->nlh, NFTA_RULE_TABLE, nft->table);
	mnl_attr_put_strz(nft->nlh, NFTA_RULE_CHAIN, chain);
	nft->exprs = mnl_attr_nest_start(nft->nlh, NFTA_RULE_EXPRESSIONS);
}

void vpn_nft_rule_end(struct vpn_nft *nft)
{
	mnl_attr_nest_end(nft->nlh, nft->exprs);
	message_end(nft, nft->nlh);
}

/* --- expressions --------------------------------------------------------------------------- */

struct expression {
	struct nlattr *element, *data;
};

static struct expression begin(struct vpn_nft *nft, const char *name)
{
	struct expression expr;

	expr.element = mnl_attr_nest_start(nft->nlh, NFTA_LIST_ELEM);
	mnl_attr_put_strz(nft->nlh, NFTA_EXPR_NAME, name);
	expr.data = mnl_attr_nest_start(nft->nlh, NFTA_EXPR_DATA);
	return expr;
}

static void end(struct vpn_nft *nft, struct expression expr)
{
	mnl_attr_nest_end(nft->nlh, expr.data);
	mnl_attr_nest_end(nft->nlh, expr.element);
}

static void put_value(struct vpn_nft *nft, uint16_t type, const void *value, size_t len)
{
	struct nlattr *nest = mnl_attr_nest_start(nft->nlh, type);

	mnl_attr_put(nft->nlh, NFTA_DATA_VALUE, len, value);
	mnl_attr_nest_end(nft->nlh, nest);
}

static void compare(struct vpn_nft *nft, uint32_t op, const void *value, size_t len)
{
	struct expression expr = begin(nft, "cmp");

	put_number(nft->nlh, NFTA_CMP_SREG, NFT_REG_1);
	put_number(nft->nlh, NFTA_CMP_OP, op);
	put_value(nft, NFTA_CMP_DATA, value, len);
	end(nft, expr);
}

static void load_meta(struct vpn_nft *nft, uint32_t key)
{
	struct expression expr = begin(nft, "meta");

	put_number(nft->nlh, NFTA_META_KEY, key);
	put_number(nft->nlh, NFTA_META_DREG, NFT_REG_1);
	end(nft, expr);
}

static void load_payload(struct vpn_nft *nft, uint32_t base, uint32_t offset, uint32_t len)
{
	struct expression expr = begin(nft, "payload");

	put_number(nft->nlh, NFTA_PAYLOAD_DREG, NFT_REG_1);
	put_number(nft->nlh, NFTA_PAYLOAD_BASE, base);
	put_number(nft->nlh, NFTA_PAYLOAD_OFFSET, offset);
	put_number(nft->nlh, NFTA_PAYLOAD_LEN, len);
	end(nft, expr);
}

/* The register of an attribute: what is loaded, or taken. */
static void ct(struct vpn_nft *nft, uint32_t key, uint16_t reg)
{
	struct expression expr = begin(nft, "ct");

	put_number(nft->nlh, NFTA_CT_KEY, key);
	put_number(nft->nlh, reg, NFT_REG_1);
	end(nft, expr);
}

/* Nothing but a name. */
static void plain(struct vpn_nft *nft, const char *name)
{
	end(nft, begin(nft, name));
}

/* --- matches ------------------------------------------------------------------------------- */

static void interface(struct vpn_nft *nft, uint32_t key, const char *name, bool is)
{
	char value[IFNAMSIZ] = "";

	strlcpy(value, name, sizeof(value));
	load_meta(nft, key);
	compare(nft, is ? NFT_CMP_EQ : NFT_CMP_NEQ, value, sizeof(value));
}

void vpn_nft_iif(struct vpn_nft *nft, const char *name, bool is)
{
	interface(nft, NFT_META_IIFNAME, name, is);
}

void vpn_nft_oif(struct vpn_nft *nft, const char *name, bool is)
{
	interface(nft, NFT_META_OIFNAME, name, is);
}

void vpn_nft_family(struct vpn_nft *nft, uint8_t nfproto)
{
	load_meta(nft, NFT_META_NFPROTO);
	compare(nft, NFT_CMP_EQ, &nfproto, sizeof(nfproto));
}

void vpn_nft_protocol(struct vpn_nft *nft, uint8_t protocol)
{
	load_meta(nft, NFT_META_L4PROTO);
	compare(nft, NFT_CMP_EQ, &protocol, sizeof(protocol));
}

void vpn_nft_source(struct vpn_nft *nft, const struct ipaddr *addr)
{
	bool v4 = IS_IPADDR_V4(addr);

	vpn_nft_family(nft, v4 ? NFPROTO_IPV4 : NFPROTO_IPV6);
	load_payload(nft, NFT_PAYLOAD_NETWORK_HEADER, v4 ? 12 : 8, IPADDRSZ(addr));
	compare(nft, NFT_CMP_EQ, &addr->ip, IPADDRSZ(addr));
}

static void port(struct vpn_nft *nft, uint32_t offset, uint16_t number)
{
	uint16_t value = htons(number);

	load_payload(nft, NFT_PAYLOAD_TRANSPORT_HEADER, offset, sizeof(value));
	compare(nft, NFT_CMP_EQ, &value, sizeof(value));
}

void vpn_nft_sport(struct vpn_nft *nft, uint16_t number)
{
	port(nft, 0, number);
}

void vpn_nft_dport(struct vpn_nft *nft, uint16_t number)
{
	port(nft, 2, number);
}

void vpn_nft_icmp_type(struct vpn_nft *nft, uint8_t type)
{
	load_payload(nft, NFT_PAYLOAD_TRANSPORT_HEADER, 0, sizeof(type));
	compare(nft, NFT_CMP_EQ, &type, sizeof(type));
}

void vpn_nft_through_ipsec(struct vpn_nft *nft)
{
	const uint8_t yes = 1;

	load_meta(nft, NFT_META_SECPATH);
	compare(nft, NFT_CMP_EQ, &yes, sizeof(yes));
}

void vpn_nft_answers(struct vpn_nft *nft)
{
	const uint32_t none = 0;
	/* a bit for each state, as nf_conntrack_common.h has them */
	const uint32_t states = NF_CT_STATE_BIT(IP_CT_ESTABLISHED) | NF_CT_STATE_BIT(IP_CT_RELATED);
	struct expression expr;

	ct(nft, NFT_CT_STATE, NFTA_CT_DREG);
	expr = begin(nft, "bitwise");
	put_number(nft->nlh, NFTA_BITWISE_SREG, NFT_REG_1);
	put_number(nft->nlh, NFTA_BITWISE_DREG, NFT_REG_1);
	put_number(nft->nlh, NFTA_BITWISE_LEN, sizeof(states));
	put_value(nft, NFTA_BITWISE_MASK, &states, sizeof(states));
	put_value(nft, NFTA_BITWISE_XOR, &none, sizeof(none));
	end(nft, expr);
	compare(nft, NFT_CMP_NEQ, &none, sizeof(none));
}

void vpn_nft_ct_mark(struct vpn_nft *nft, uint32_t mark)
{
	ct(nft, NFT_CT_MARK, NFTA_CT_DREG);
	compare(nft, NFT_CMP_EQ, &mark, sizeof(mark));
}

/* --- what is done -------------------------------------------------------------------------- */

void vpn_nft_set_ct_mark(struct vpn_nft *nft, uint32_t mark)
{
	struct expression expr = begin(nft, "immediate");

	put_number(nft->nlh, NFTA_IMMEDIATE_DREG, NFT_REG_1);
	put_value(nft, NFTA_IMMEDIATE_DATA, &mark, sizeof(mark));
	end(nft, expr);
	ct(nft, NFT_CT_MARK, NFTA_CT_SREG);
}

void vpn_nft_counter(struct vpn_nft *nft)
{
	plain(nft, "counter");
}

void vpn_nft_notrack(struct vpn_nft *nft)
{
	plain(nft, "notrack");
}

void vpn_nft_masquerade(struct vpn_nft *nft)
{
	plain(nft, "masq");
}

static void verdict(struct vpn_nft *nft, uint32_t code)
{
	struct expression expr = begin(nft, "immediate");
	struct nlattr *data, *nest;

	put_number(nft->nlh, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
	data = mnl_attr_nest_start(nft->nlh, NFTA_IMMEDIATE_DATA);
	nest = mnl_attr_nest_start(nft->nlh, NFTA_DATA_VERDICT);
	put_number(nft->nlh, NFTA_VERDICT_CODE, code);
	mnl_attr_nest_end(nft->nlh, nest);
	mnl_attr_nest_end(nft->nlh, data);
	end(nft, expr);
}

void vpn_nft_accept(struct vpn_nft *nft)
{
	verdict(nft, NF_ACCEPT);
}

void vpn_nft_drop(struct vpn_nft *nft)
{
	verdict(nft, NF_DROP);
}
