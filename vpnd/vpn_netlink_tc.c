// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rtnetlink: the codec of traffic control filters.  See vpn_netlink_tc.h.
 */
#include <zebra.h>

#include <linux/gen_stats.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_gact.h>
#include <linux/tc_act/tc_mirred.h>
#include <linux/tc_act/tc_mpls.h>

#include <libmnl/libmnl.h>

#include "vpnd/vpn_netlink_attr.h"
#include "vpnd/vpn_netlink_tc.h"

#define PRIORITY_FIRST 1
#define PRIORITY_LAST  2
#define LABEL_TTL      64
#define CHAIN_IPV4     4
#define CHAIN_IPV6     6

/* The first hash table of a u32 classifier, and its nodes. */
#define U32_FIRST 0x80000001u
#define U32_NEXT  0x80000002u

/* Below a label of 4 octets: the version of the IP header. */
#define VERSION_MASK   0xf0000000u
#define VERSION_OFFSET 4

/* --- reading ------------------------------------------------------------------------------- */

static bool is_kind(const struct nlattr *attr, const char *kind)
{
	size_t len = strlen(kind) + 1;

	return attr && mnl_attr_get_payload_len(attr) == len &&
	       !memcmp(mnl_attr_get_payload(attr), kind, len);
}

static void read_stats(const struct nlattr *stats, struct vpn_filter *filter)
{
	const struct nlattr *attrs[TCA_STATS_MAX + 1] = {};
	struct gnet_stats_basic basic;

	if (!vpn_netlink_attrs_nested(stats, attrs, TCA_STATS_MAX) || !attrs[TCA_STATS_BASIC] ||
	    mnl_attr_get_payload_len(attrs[TCA_STATS_BASIC]) < sizeof(basic))
		return;
	memcpy(&basic, mnl_attr_get_payload(attrs[TCA_STATS_BASIC]), sizeof(basic));
	filter->bytes = basic.bytes;
	filter->packets = basic.packets;
	/* only where 32 bits were not enough */
	if (attrs[TCA_STATS_PKT64] &&
	    mnl_attr_get_payload_len(attrs[TCA_STATS_PKT64]) == sizeof(filter->packets))
		memcpy(&filter->packets, mnl_attr_get_payload(attrs[TCA_STATS_PKT64]),
		       sizeof(filter->packets));
}

static void read_mirred(const struct nlattr *options, struct vpn_filter *filter)
{
	const struct nlattr *attrs[TCA_MIRRED_MAX + 1] = {};
	struct tc_mirred mirred;

	if (!vpn_netlink_attrs_nested(options, attrs, TCA_MIRRED_MAX) || !attrs[TCA_MIRRED_PARMS] ||
	    mnl_attr_get_payload_len(attrs[TCA_MIRRED_PARMS]) < sizeof(mirred))
		return;
	memcpy(&mirred, mnl_attr_get_payload(attrs[TCA_MIRRED_PARMS]), sizeof(mirred));
	filter->redirect = mirred.ifindex;
}

static void read_mpls(const struct nlattr *options, struct vpn_filter *filter)
{
	const struct nlattr *attrs[TCA_MPLS_MAX + 1] = {};
	uint32_t label;

	if (filter->kind == VPN_FILTER_PUSH &&
	    vpn_netlink_attrs_nested(options, attrs, TCA_MPLS_MAX) &&
	    vpn_netlink_attr_u32(attrs[TCA_MPLS_LABEL], &label))
		filter->label = label;
}

static int read_action(const struct nlattr *action, void *arg)
{
	const struct nlattr *attrs[TCA_ACT_MAX + 1] = {};
	struct vpn_filter *filter = arg;

	if (!vpn_netlink_attrs_nested(action, attrs, TCA_ACT_MAX))
		return MNL_CB_OK;
	if (is_kind(attrs[TCA_ACT_KIND], "mpls"))
		read_mpls(attrs[TCA_ACT_OPTIONS], filter);
	if (is_kind(attrs[TCA_ACT_KIND], "mirred")) {
		read_mirred(attrs[TCA_ACT_OPTIONS], filter);
		read_stats(attrs[TCA_ACT_STATS], filter);
	}
	return MNL_CB_OK;
}

static const struct nlattr *actions_of(const struct nlattr **attrs)
{
	const struct nlattr *u32[TCA_U32_MAX + 1] = {}, *flower[TCA_FLOWER_MAX + 1] = {};

	if (is_kind(attrs[TCA_KIND], "u32") &&
	    vpn_netlink_attrs_nested(attrs[TCA_OPTIONS], u32, TCA_U32_MAX))
		return u32[TCA_U32_ACT];
	if (is_kind(attrs[TCA_KIND], "flower") &&
	    vpn_netlink_attrs_nested(attrs[TCA_OPTIONS], flower, TCA_FLOWER_MAX))
		return flower[TCA_FLOWER_ACT];
	return NULL;
}

bool vpn_netlink_filter(const struct nlmsghdr *nlh, struct vpn_filter *filter)
{
	const struct nlattr *attrs[TCA_MAX + 1] = {}, *actions;

	filter->redirect = 0;
	filter->packets = filter->bytes = 0;
	if (nlh->nlmsg_type != RTM_NEWTFILTER ||
	    !vpn_netlink_attrs(nlh, sizeof(struct tcmsg), attrs, TCA_MAX))
		return false;
	actions = actions_of(attrs);
	return actions && mnl_attr_parse_nested(actions, read_action, filter) >= 0;
}

/* --- writing ------------------------------------------------------------------------------- */

static struct nlmsghdr *tc_request(void *buf, uint16_t type, uint16_t flags, ifindex_t ifindex)
{
	struct tcmsg *tcm = vpn_netlink_request(buf, type, flags, sizeof(*tcm));

	tcm->tcm_family = AF_UNSPEC;
	tcm->tcm_ifindex = ifindex;
	return buf;
}

struct nlmsghdr *vpn_netlink_clsact(void *buf, ifindex_t ifindex)
{
	struct nlmsghdr *nlh = tc_request(buf, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, ifindex);
	struct tcmsg *tcm = mnl_nlmsg_get_payload(nlh);

	tcm->tcm_parent = TC_H_CLSACT;
	tcm->tcm_handle = TC_H_MAKE(TC_H_CLSACT, 0);
	mnl_attr_put_strz(nlh, TCA_KIND, "clsact");
	return nlh;
}

static uint32_t handle_of(const struct vpn_filter *filter)
{
	switch (filter->kind) {
	case VPN_FILTER_PUSH:
		return U32_FIRST;
	case VPN_FILTER_SORT:
		return filter->ipv6 ? U32_NEXT : U32_FIRST;
	case VPN_FILTER_POP:
		return filter->label;
	case VPN_FILTER_DROP:
		return 1;
	}
	return 0;
}

static bool is_flower(const struct vpn_filter *filter)
{
	return filter->kind == VPN_FILTER_POP || filter->kind == VPN_FILTER_DROP;
}

/* The message up to what the filter does. */
static struct nlmsghdr *filter_request(void *buf, uint16_t type, uint16_t flags,
				       const struct vpn_filter *filter)
{
	struct nlmsghdr *nlh = tc_request(buf, type, flags, filter->ifindex);
	bool push = filter->kind == VPN_FILTER_PUSH, drop = filter->kind == VPN_FILTER_DROP;
	struct tcmsg *tcm = mnl_nlmsg_get_payload(nlh);

	tcm->tcm_parent = TC_H_MAKE(TC_H_CLSACT, push ? TC_H_MIN_EGRESS : TC_H_MIN_INGRESS);
	tcm->tcm_info = TC_H_MAKE((drop ? PRIORITY_LAST : PRIORITY_FIRST) << 16,
				  htons(push || drop ? ETH_P_ALL : ETH_P_MPLS_UC));
	tcm->tcm_handle = handle_of(filter);
	if (filter->kind == VPN_FILTER_POP)
		mnl_attr_put_u32(nlh, TCA_CHAIN, filter->ipv6 ? CHAIN_IPV6 : CHAIN_IPV4);
	mnl_attr_put_strz(nlh, TCA_KIND, is_flower(filter) ? "flower" : "u32");
	return nlh;
}

static struct nlattr *action_start(struct nlmsghdr *nlh, uint16_t order, const char *kind,
				   struct nlattr **options)
{
	struct nlattr *action = mnl_attr_nest_start(nlh, order);

	mnl_attr_put_strz(nlh, TCA_ACT_KIND, kind);
	*options = mnl_attr_nest_start(nlh, TCA_ACT_OPTIONS);
	return action;
}

static void action_end(struct nlmsghdr *nlh, struct nlattr *action, struct nlattr *options)
{
	mnl_attr_nest_end(nlh, options);
	mnl_attr_nest_end(nlh, action);
}

static void put_mpls(struct nlmsghdr *nlh, const struct vpn_filter *filter)
{
	bool push = filter->kind == VPN_FILTER_PUSH;
	struct tc_mpls parms = { .action = TC_ACT_PIPE,
				 .m_action = push ? TCA_MPLS_ACT_PUSH : TCA_MPLS_ACT_POP };
	struct nlattr *action, *options;

	action = action_start(nlh, 1, "mpls", &options);
	mnl_attr_put(nlh, TCA_MPLS_PARMS, sizeof(parms), &parms);
	mnl_attr_put_u16(nlh, TCA_MPLS_PROTO,
			 htons(push	      ? ETH_P_MPLS_UC
			       : filter->ipv6 ? ETH_P_IPV6
					      : ETH_P_IP));
	if (push) {
		mnl_attr_put_u32(nlh, TCA_MPLS_LABEL, filter->label);
		mnl_attr_put_u8(nlh, TCA_MPLS_TTL, LABEL_TTL);
	}
	action_end(nlh, action, options);
}

static void put_mirred(struct nlmsghdr *nlh, const struct vpn_filter *filter)
{
	struct tc_mirred parms = { .action = TC_ACT_STOLEN,
				   .eaction = filter->kind == VPN_FILTER_PUSH ? TCA_EGRESS_REDIR
									      : TCA_INGRESS_REDIR,
				   .ifindex = filter->redirect };
	struct nlattr *action, *options;

	action = action_start(nlh, 2, "mirred", &options);
	mnl_attr_put(nlh, TCA_MIRRED_PARMS, sizeof(parms), &parms);
	action_end(nlh, action, options);
}

static void put_gact(struct nlmsghdr *nlh, int verdict)
{
	struct tc_gact parms = { .action = verdict };
	struct nlattr *action, *options;

	action = action_start(nlh, 1, "gact", &options);
	mnl_attr_put(nlh, TCA_GACT_PARMS, sizeof(parms), &parms);
	action_end(nlh, action, options);
}

/* u32 with one key; PUSH has one that everything meets. */
static void put_u32(struct nlmsghdr *nlh, const struct vpn_filter *filter)
{
	struct {
		struct tc_u32_sel sel;
		struct tc_u32_key key;
	} match = { .sel = { .flags = TC_U32_TERMINAL, .nkeys = 1 } };
	struct nlattr *actions;

	if (filter->kind == VPN_FILTER_SORT) {
		match.key.mask = htonl(VERSION_MASK);
		match.key.val = htonl(filter->ipv6 ? 0x60000000u : 0x40000000u);
		match.key.off = VERSION_OFFSET;
	}
	mnl_attr_put(nlh, TCA_U32_SEL, sizeof(match), &match);
	actions = mnl_attr_nest_start(nlh, TCA_U32_ACT);
	if (filter->kind == VPN_FILTER_SORT)
		put_gact(nlh, TC_ACT_GOTO_CHAIN | (filter->ipv6 ? CHAIN_IPV6 : CHAIN_IPV4));
	else {
		put_mpls(nlh, filter);
		put_mirred(nlh, filter);
	}
	mnl_attr_nest_end(nlh, actions);
}

static void put_flower(struct nlmsghdr *nlh, const struct vpn_filter *filter)
{
	struct nlattr *actions;

	if (filter->kind == VPN_FILTER_POP) {
		mnl_attr_put_u16(nlh, TCA_FLOWER_KEY_ETH_TYPE, htons(ETH_P_MPLS_UC));
		mnl_attr_put_u32(nlh, TCA_FLOWER_KEY_MPLS_LABEL, filter->label);
	}
	actions = mnl_attr_nest_start(nlh, TCA_FLOWER_ACT);
	if (filter->kind == VPN_FILTER_POP) {
		put_mpls(nlh, filter);
		put_mirred(nlh, filter);
	} else
		put_gact(nlh, TC_ACT_SHOT);
	mnl_attr_nest_end(nlh, actions);
}

/* One that is there is replaced, in one step. */
struct nlmsghdr *vpn_netlink_filter_set(void *buf, const struct vpn_filter *filter)
{
	struct nlmsghdr *nlh = filter_request(buf, RTM_NEWTFILTER, NLM_F_CREATE, filter);
	struct nlattr *options = mnl_attr_nest_start(nlh, TCA_OPTIONS);

	if (is_flower(filter))
		put_flower(nlh, filter);
	else
		put_u32(nlh, filter);
	mnl_attr_nest_end(nlh, options);
	return nlh;
}

struct nlmsghdr *vpn_netlink_filter_get(void *buf, const struct vpn_filter *filter)
{
	return filter_request(buf, RTM_GETTFILTER, 0, filter);
}

struct nlmsghdr *vpn_netlink_filter_del(void *buf, const struct vpn_filter *filter)
{
	return filter_request(buf, RTM_DELTFILTER, 0, filter);
}
