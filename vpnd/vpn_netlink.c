// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rtnetlink: the codec.  See vpn_netlink.h.
 */
#include <zebra.h>

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <libmnl/libmnl.h>

#include "vpnd/vpn_netlink.h"
#include "vpnd/vpn_netlink_attr.h"
#include "vpnd/vpn_uapi.h"

#define HOP_LIMIT   64
#define TOS_INHERIT 1 /* as ip_tunnel.c understands it */

/* As the kernel calls the kinds. */
static const char *const kind_words[] = {
	[VPN_LINK_VRF] = "vrf",	      [VPN_LINK_XFRM] = "xfrm", [VPN_LINK_GRE] = "gre",
	[VPN_LINK_IP6GRE] = "ip6gre", [VPN_LINK_IPIP] = "ipip", [VPN_LINK_SIT] = "sit",
	[VPN_LINK_IP6TNL] = "ip6tnl",
};

/* --- reading ------------------------------------------------------------------------------- */

static void link_info_xfrm(const struct nlattr *data, struct vpn_link_info *info)
{
	const struct nlattr *attrs[IFLA_XFRM_MAX + 1] = {};

	if (vpn_netlink_attrs_nested(data, attrs, IFLA_XFRM_MAX))
		vpn_netlink_attr_u32(attrs[IFLA_XFRM_IF_ID], &info->if_id);
}

static void link_info_gre(const struct nlattr *data, struct vpn_link_outer *outer)
{
	const struct nlattr *attrs[UAPI_GRE_MAX + 1] = {};
	uint16_t in = 0, out = 0;
	uint32_t in_key = 0, out_key = 0;

	if (!vpn_netlink_attrs_nested(data, attrs, UAPI_GRE_MAX))
		return;
	vpn_netlink_attr_ipaddr(attrs[UAPI_GRE_LOCAL], &outer->local);
	vpn_netlink_attr_ipaddr(attrs[UAPI_GRE_REMOTE], &outer->remote);
	vpn_netlink_attr_u16(attrs[UAPI_GRE_IFLAGS], &in);
	vpn_netlink_attr_u16(attrs[UAPI_GRE_OFLAGS], &out);
	vpn_netlink_attr_u32(attrs[UAPI_GRE_IKEY], &in_key);
	vpn_netlink_attr_u32(attrs[UAPI_GRE_OKEY], &out_key);
	if ((in & out & htons(UAPI_GRE_KEY)) && in_key == out_key) {
		outer->has_key = true;
		outer->key = ntohl(in_key);
	}
}

static void link_info_iptun(const struct nlattr *data, struct vpn_link_outer *outer)
{
	const struct nlattr *attrs[UAPI_IPTUN_MAX + 1] = {};

	if (!vpn_netlink_attrs_nested(data, attrs, UAPI_IPTUN_MAX))
		return;
	vpn_netlink_attr_ipaddr(attrs[UAPI_IPTUN_LOCAL], &outer->local);
	vpn_netlink_attr_ipaddr(attrs[UAPI_IPTUN_REMOTE], &outer->remote);
	vpn_netlink_attr_u8(attrs[UAPI_IPTUN_PROTO], &outer->proto);
}

static enum vpn_link_kind kind_read(const char *word)
{
	for (unsigned int kind = VPN_LINK_OTHER + 1; kind < array_size(kind_words); kind++)
		if (!strcmp(word, kind_words[kind]))
			return kind;
	return VPN_LINK_OTHER;
}

static void link_info_kind(const struct nlattr *linkinfo, struct vpn_link_info *info)
{
	const struct nlattr *attrs[IFLA_INFO_MAX + 1] = {};
	char kind[16];

	if (!vpn_netlink_attrs_nested(linkinfo, attrs, IFLA_INFO_MAX) ||
	    !vpn_netlink_attr_string(attrs[IFLA_INFO_KIND], kind, sizeof(kind)))
		return;
	info->kind = kind_read(kind);
	switch (info->kind) {
	case VPN_LINK_OTHER:
	case VPN_LINK_VRF:
		break;
	case VPN_LINK_XFRM:
		link_info_xfrm(attrs[IFLA_INFO_DATA], info);
		break;
	case VPN_LINK_GRE:
	case VPN_LINK_IP6GRE:
		link_info_gre(attrs[IFLA_INFO_DATA], &info->outer);
		break;
	case VPN_LINK_IPIP:
	case VPN_LINK_SIT:
	case VPN_LINK_IP6TNL:
		link_info_iptun(attrs[IFLA_INFO_DATA], &info->outer);
		break;
	}
}

bool vpn_netlink_link(const struct nlmsghdr *nlh, struct vpn_link_info *info)
{
	const struct nlattr *attrs[IFLA_MAX + 1] = {};
	const struct ifinfomsg *ifi;
	uint32_t master;

	if ((nlh->nlmsg_type != RTM_NEWLINK && nlh->nlmsg_type != RTM_DELLINK) ||
	    !vpn_netlink_attrs(nlh, sizeof(*ifi), attrs, IFLA_MAX))
		return false;
	memset(info, 0, sizeof(*info));
	ifi = mnl_nlmsg_get_payload(nlh);
	if (ifi->ifi_family != AF_UNSPEC || ifi->ifi_index <= 0 ||
	    !vpn_netlink_attr_string(attrs[IFLA_IFNAME], info->name, sizeof(info->name)))
		return false;
	info->ifindex = ifi->ifi_index;
	info->admin_up = ifi->ifi_flags & IFF_UP;
	info->multicast = ifi->ifi_flags & IFF_MULTICAST;
	if (vpn_netlink_attr_u32(attrs[IFLA_MASTER], &master))
		info->master = master;
	vpn_netlink_attr_u32(attrs[IFLA_MTU], &info->mtu);
	if (attrs[IFLA_IFALIAS] &&
	    !vpn_netlink_attr_string(attrs[IFLA_IFALIAS], info->alias, sizeof(info->alias)))
		info->alias[0] = '\0';
	if (attrs[IFLA_LINKINFO])
		link_info_kind(attrs[IFLA_LINKINFO], info);
	return true;
}

bool vpn_netlink_stats(const struct nlmsghdr *nlh, struct vpn_link_stats *stats)
{
	const struct nlattr *attrs[IFLA_MAX + 1] = {};
	struct rtnl_link_stats64 counters;

	memset(stats, 0, sizeof(*stats));
	if (nlh->nlmsg_type != RTM_NEWLINK ||
	    !vpn_netlink_attrs(nlh, sizeof(struct ifinfomsg), attrs, IFLA_MAX) ||
	    !attrs[IFLA_STATS64] ||
	    mnl_attr_get_payload_len(attrs[IFLA_STATS64]) <
		    offsetof(struct rtnl_link_stats64, rx_errors))
		return false;
	/* copied: 64-bit numbers in a message are not aligned */
	memcpy(&counters, mnl_attr_get_payload(attrs[IFLA_STATS64]),
	       offsetof(struct rtnl_link_stats64, rx_errors));
	stats->packets_in = counters.rx_packets;
	stats->packets_out = counters.tx_packets;
	stats->bytes_in = counters.rx_bytes;
	stats->bytes_out = counters.tx_bytes;
	return true;
}

/* IPv4: IFA_LOCAL is ours and IFA_ADDRESS the other end's, or the same; IPv6 has no IFA_LOCAL then. */
static bool address_attrs(const struct nlattr **attrs, struct vpn_address_info *info)
{
	struct ipaddr address;

	if (!vpn_netlink_attr_ipaddr(attrs[IFA_ADDRESS], &address))
		return false;
	info->local = address;
	if (!attrs[IFA_LOCAL])
		return true;
	if (!vpn_netlink_attr_ipaddr(attrs[IFA_LOCAL], &info->local) ||
	    info->local.ipa_type != address.ipa_type)
		return false;
	if (ipaddr_cmp(&info->local, &address))
		info->peer = address;
	return true;
}

bool vpn_netlink_address(const struct nlmsghdr *nlh, struct vpn_address_info *info)
{
	const struct nlattr *attrs[UAPI_IFA_PROTO + 1] = {};
	const struct ifaddrmsg *ifa;
	uint8_t proto = 0;

	memset(info, 0, sizeof(*info));
	if ((nlh->nlmsg_type != RTM_NEWADDR && nlh->nlmsg_type != RTM_DELADDR) ||
	    !vpn_netlink_attrs(nlh, sizeof(*ifa), attrs, UAPI_IFA_PROTO))
		return false;
	ifa = mnl_nlmsg_get_payload(nlh);
	if (!address_attrs(attrs, info) || ifa->ifa_family != ipaddr_family(&info->local) ||
	    ifa->ifa_prefixlen > 8 * IPADDRSZ(&info->local))
		return false;
	info->ifindex = ifa->ifa_index;
	info->len = ifa->ifa_prefixlen;
	info->tentative = ifa->ifa_flags & IFA_F_TENTATIVE;
	info->ours = vpn_netlink_attr_u8(attrs[UAPI_IFA_PROTO], &proto) &&
		     proto == VPN_ADDRESS_PROTO;
	return info->ifindex > 0;
}

bool vpn_address_same(const struct vpn_address_info *a, const struct vpn_address_info *b)
{
	return a->ifindex == b->ifindex && a->len == b->len &&
	       a->local.ipa_type == b->local.ipa_type && a->peer.ipa_type == b->peer.ipa_type &&
	       !ipaddr_cmp(&a->local, &b->local) &&
	       (IS_IPADDR_NONE(&a->peer) || !ipaddr_cmp(&a->peer, &b->peer));
}

bool vpn_netlink_route(const struct nlmsghdr *nlh, struct vpn_route_info *info)
{
	const struct nlattr *attrs[RTA_MAX + 1] = {}, *metrics[RTAX_MAX + 1] = {};
	const struct rtmsg *rtm;
	uint32_t oif = 0;

	if (nlh->nlmsg_type != RTM_NEWROUTE || !vpn_netlink_attrs(nlh, sizeof(*rtm), attrs, RTA_MAX))
		return false;
	memset(info, 0, sizeof(*info));
	rtm = mnl_nlmsg_get_payload(nlh);
	info->type = rtm->rtm_type;
	info->protocol = rtm->rtm_protocol;
	vpn_netlink_attr_u32(attrs[RTA_OIF], &oif);
	info->oif = oif;
	if (vpn_netlink_attrs_nested(attrs[RTA_METRICS], metrics, RTAX_MAX))
		vpn_netlink_attr_u32(metrics[RTAX_MTU], &info->mtu);
	return true;
}

/* --- writing ------------------------------------------------------------------------------- */

static struct nlmsghdr *link_request(void *buf, uint16_t type, uint16_t flags, ifindex_t ifindex)
{
	struct ifinfomsg *ifi = vpn_netlink_request(buf, type, flags, sizeof(*ifi));

	ifi->ifi_family = AF_UNSPEC;
	ifi->ifi_index = ifindex;
	return buf;
}

static void put_ipaddr(struct nlmsghdr *nlh, uint16_t type, const struct ipaddr *addr)
{
	if (!IS_IPADDR_NONE(addr))
		mnl_attr_put(nlh, type, IPADDRSZ(addr), &addr->ip);
}

static void put_gre(struct nlmsghdr *nlh, const struct vpn_link_info *want)
{
	const struct vpn_link_outer *outer = &want->outer;

	put_ipaddr(nlh, UAPI_GRE_LOCAL, &outer->local);
	put_ipaddr(nlh, UAPI_GRE_REMOTE, &outer->remote);
	if (outer->has_key) {
		mnl_attr_put_u16(nlh, UAPI_GRE_IFLAGS, htons(UAPI_GRE_KEY));
		mnl_attr_put_u16(nlh, UAPI_GRE_OFLAGS, htons(UAPI_GRE_KEY));
		mnl_attr_put_u32(nlh, UAPI_GRE_IKEY, htonl(outer->key));
		mnl_attr_put_u32(nlh, UAPI_GRE_OKEY, htonl(outer->key));
	}
	mnl_attr_put_u8(nlh, UAPI_GRE_TTL, HOP_LIMIT);
	if (want->kind == VPN_LINK_IP6GRE) {
		mnl_attr_put_u32(nlh, UAPI_GRE_FLAGS,
				 UAPI_IP6_TNL_IGNORE_ENCAP_LIMIT | UAPI_IP6_TNL_USE_ORIG_TCLASS);
		return;
	}
	mnl_attr_put_u8(nlh, UAPI_GRE_TOS, TOS_INHERIT);
	mnl_attr_put_u8(nlh, UAPI_GRE_PMTUDISC, 1);
}

static void put_iptun(struct nlmsghdr *nlh, const struct vpn_link_info *want)
{
	put_ipaddr(nlh, UAPI_IPTUN_LOCAL, &want->outer.local);
	put_ipaddr(nlh, UAPI_IPTUN_REMOTE, &want->outer.remote);
	mnl_attr_put_u8(nlh, UAPI_IPTUN_PROTO, want->outer.proto);
	mnl_attr_put_u8(nlh, UAPI_IPTUN_TTL, HOP_LIMIT);
	if (want->kind == VPN_LINK_IP6TNL) {
		mnl_attr_put_u32(nlh, UAPI_IPTUN_FLAGS,
				 UAPI_IP6_TNL_IGNORE_ENCAP_LIMIT | UAPI_IP6_TNL_USE_ORIG_TCLASS);
		return;
	}
	mnl_attr_put_u8(nlh, UAPI_IPTUN_TOS, TOS_INHERIT);
	mnl_attr_put_u8(nlh, UAPI_IPTUN_PMTUDISC, 1);
}

static void put_kind(struct nlmsghdr *nlh, const struct vpn_link_info *want)
{
	struct nlattr *info = mnl_attr_nest_start(nlh, IFLA_LINKINFO), *data;

	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, kind_words[want->kind]);
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	if (want->kind == VPN_LINK_XFRM)
		mnl_attr_put_u32(nlh, IFLA_XFRM_IF_ID, want->if_id);
	else if (want->kind == VPN_LINK_GRE || want->kind == VPN_LINK_IP6GRE)
		put_gre(nlh, want);
	else
		put_iptun(nlh, want);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
}

struct nlmsghdr *vpn_netlink_link_new(void *buf, const struct vpn_link_info *want)
{
	struct nlmsghdr *nlh = link_request(buf, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0);
	struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);

	if (want->multicast)
		ifi->ifi_flags = ifi->ifi_change = IFF_MULTICAST;
	mnl_attr_put_strz(nlh, IFLA_IFNAME, want->name);
	if (want->mtu)
		mnl_attr_put_u32(nlh, IFLA_MTU, want->mtu);
	if (want->master)
		mnl_attr_put_u32(nlh, IFLA_MASTER, want->master);
	put_kind(nlh, want);
	return nlh;
}

/* GRE with source routes, IP with a protocol that is none, XFRM without if_id: no kernel has them. */
struct nlmsghdr *vpn_netlink_kind_probe(void *buf, enum vpn_link_kind kind)
{
	struct nlmsghdr *nlh = link_request(buf, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0);
	struct nlattr *info, *data;

	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, kind_words[kind]);
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	if (kind == VPN_LINK_XFRM)
		mnl_attr_put_u32(nlh, IFLA_XFRM_IF_ID, 0);
	else if (kind == VPN_LINK_GRE || kind == VPN_LINK_IP6GRE)
		mnl_attr_put_u16(nlh, UAPI_GRE_IFLAGS, htons(UAPI_GRE_ROUTING));
	else
		mnl_attr_put_u8(nlh, UAPI_IPTUN_PROTO, IPPROTO_RAW);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
	return nlh;
}

struct nlmsghdr *vpn_netlink_link_alias(void *buf, ifindex_t ifindex, const char *alias)
{
	struct nlmsghdr *nlh = link_request(buf, RTM_SETLINK, 0, ifindex);

	mnl_attr_put_str(nlh, IFLA_IFALIAS, alias);
	return nlh;
}

struct nlmsghdr *vpn_netlink_link_mtu(void *buf, ifindex_t ifindex, unsigned int mtu)
{
	struct nlmsghdr *nlh = link_request(buf, RTM_SETLINK, 0, ifindex);

	mnl_attr_put_u32(nlh, IFLA_MTU, mtu);
	return nlh;
}

struct nlmsghdr *vpn_netlink_link_master(void *buf, ifindex_t ifindex, ifindex_t master)
{
	struct nlmsghdr *nlh = link_request(buf, RTM_SETLINK, 0, ifindex);

	mnl_attr_put_u32(nlh, IFLA_MASTER, master);
	return nlh;
}

struct nlmsghdr *vpn_netlink_link_flags(void *buf, ifindex_t ifindex, unsigned int flags,
					unsigned int change)
{
	struct nlmsghdr *nlh = link_request(buf, RTM_SETLINK, 0, ifindex);
	struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);

	ifi->ifi_flags = flags;
	ifi->ifi_change = change;
	return nlh;
}

/* No link-local address: the interface only carries what is routed over it. */
struct nlmsghdr *vpn_netlink_link_no_addrgen(void *buf, ifindex_t ifindex)
{
	struct nlmsghdr *nlh = link_request(buf, RTM_SETLINK, 0, ifindex);
	struct nlattr *spec = mnl_attr_nest_start(nlh, IFLA_AF_SPEC);
	struct nlattr *inet6 = mnl_attr_nest_start(nlh, AF_INET6);

	mnl_attr_put_u8(nlh, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
	mnl_attr_nest_end(nlh, inet6);
	mnl_attr_nest_end(nlh, spec);
	return nlh;
}

struct nlmsghdr *vpn_netlink_link_del(void *buf, ifindex_t ifindex)
{
	return link_request(buf, RTM_DELLINK, 0, ifindex);
}

struct nlmsghdr *vpn_netlink_link_get(void *buf, ifindex_t ifindex)
{
	return link_request(buf, RTM_GETLINK, 0, ifindex);
}

struct nlmsghdr *vpn_netlink_link_get_named(void *buf, const char *name)
{
	struct nlmsghdr *nlh = link_request(buf, RTM_GETLINK, 0, 0);

	mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	return nlh;
}

struct nlmsghdr *vpn_netlink_link_dump(void *buf)
{
	return link_request(buf, RTM_GETLINK, NLM_F_DUMP, 0);
}

static struct nlmsghdr *address_request(void *buf, uint16_t type, uint16_t flags, uint8_t family)
{
	struct ifaddrmsg *ifa = vpn_netlink_request(buf, type, flags, sizeof(*ifa));

	ifa->ifa_family = family;
	return buf;
}

static struct nlmsghdr *address_named(void *buf, uint16_t type, uint16_t flags,
				      const struct vpn_address_info *address)
{
	struct nlmsghdr *nlh = address_request(buf, type, flags, ipaddr_family(&address->local));
	struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);

	ifa->ifa_index = address->ifindex;
	ifa->ifa_prefixlen = address->len;
	put_ipaddr(nlh, IFA_LOCAL, &address->local);
	put_ipaddr(nlh, IFA_ADDRESS,
		   IS_IPADDR_NONE(&address->peer) ? &address->local : &address->peer);
	return nlh;
}

/* Nobody else can have it: the other end is the only other one there. */
struct nlmsghdr *vpn_netlink_address_add(void *buf, const struct vpn_address_info *address)
{
	struct nlmsghdr *nlh = address_named(buf, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, address);
	struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);

	if (IS_IPADDR_V6(&address->local))
		ifa->ifa_flags = IFA_F_NODAD;
	mnl_attr_put_u8(nlh, UAPI_IFA_PROTO, VPN_ADDRESS_PROTO);
	return nlh;
}

struct nlmsghdr *vpn_netlink_address_del(void *buf, const struct vpn_address_info *address)
{
	return address_named(buf, RTM_DELADDR, 0, address);
}

struct nlmsghdr *vpn_netlink_address_dump(void *buf)
{
	return address_request(buf, RTM_GETADDR, NLM_F_DUMP, AF_UNSPEC);
}

struct nlmsghdr *vpn_netlink_route_get(void *buf, const struct ipaddr *src, const struct ipaddr *dst)
{
	struct rtmsg *rtm = vpn_netlink_request(buf, RTM_GETROUTE, 0, sizeof(*rtm));
	struct nlmsghdr *nlh = buf;

	rtm->rtm_family = ipaddr_family(dst);
	rtm->rtm_dst_len = 8 * IPADDRSZ(dst);
	mnl_attr_put(nlh, RTA_DST, IPADDRSZ(dst), &dst->ip);
	if (src && src->ipa_type == dst->ipa_type) {
		rtm->rtm_src_len = 8 * IPADDRSZ(src);
		mnl_attr_put(nlh, RTA_SRC, IPADDRSZ(src), &src->ip);
	}
	return nlh;
}

struct nlmsghdr *vpn_netlink_routes_dump(void *buf, int family, uint32_t table, ifindex_t oif)
{
	struct rtmsg *rtm = vpn_netlink_request(buf, RTM_GETROUTE, NLM_F_DUMP, sizeof(*rtm));

	rtm->rtm_family = family;
	mnl_attr_put_u32(buf, RTA_TABLE, table);
	mnl_attr_put_u32(buf, RTA_OIF, oif);
	return buf;
}

struct nlmsghdr *vpn_netlink_unreachable(void *buf, bool add, int family, uint32_t table)
{
	uint16_t type = add ? RTM_NEWROUTE : RTM_DELROUTE;
	uint16_t flags = add ? NLM_F_CREATE | NLM_F_EXCL : 0;
	struct rtmsg *rtm = vpn_netlink_request(buf, type, flags, sizeof(*rtm));

	rtm->rtm_family = family;
	rtm->rtm_type = RTN_UNREACHABLE;
	rtm->rtm_protocol = VPN_UNREACHABLE_PROTO;
	mnl_attr_put_u32(buf, RTA_TABLE, table);
	mnl_attr_put_u32(buf, RTA_PRIORITY, VPN_UNREACHABLE_METRIC);
	return buf;
}
