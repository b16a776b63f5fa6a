// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rtnetlink: the codec.  See vpn_netlink.h.
 */
#include <zebra.h>

#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <libmnl/libmnl.h>

#include "vpnd/vpn_netlink.h"

/* --- reading ------------------------------------------------------------------------------- */

struct attr_table {
	const struct nlattr **attrs;
	unsigned int max;
};

/* The kernel pads messages; libmnl relies on it and would read past one that is not. */
static bool message_fits(const struct nlmsghdr *nlh, size_t body)
{
	return nlh->nlmsg_len % NLMSG_ALIGNTO == 0 && mnl_nlmsg_get_payload_len(nlh) >= body;
}

static int attr_collect(const struct nlattr *attr, void *arg)
{
	struct attr_table *table = arg;
	unsigned int type = mnl_attr_get_type(attr);

	if (type <= table->max)
		table->attrs[type] = attr;
	return MNL_CB_OK;
}

static bool attr_string(const struct nlattr *attr, char *buf, size_t size)
{
	size_t len;

	if (!attr)
		return false;
	len = strnlen(mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr));
	if (len >= size)
		return false;
	memcpy(buf, mnl_attr_get_payload(attr), len);
	buf[len] = '\0';
	return true;
}

static bool attr_u32(const struct nlattr *attr, uint32_t *out)
{
	if (!attr || mnl_attr_get_payload_len(attr) != sizeof(uint32_t))
		return false;
	*out = mnl_attr_get_u32(attr);
	return true;
}

static void link_info_xfrm(const struct nlattr *data, struct vpn_link_info *info)
{
	const struct nlattr *attrs[IFLA_XFRM_MAX + 1] = {};
	struct attr_table table = { attrs, IFLA_XFRM_MAX };

	info->kind = VPN_LINK_XFRM;
	if (data && mnl_attr_parse_nested(data, attr_collect, &table) >= 0)
		attr_u32(attrs[IFLA_XFRM_IF_ID], &info->if_id);
}

static void link_info_kind(const struct nlattr *linkinfo, struct vpn_link_info *info)
{
	const struct nlattr *attrs[IFLA_INFO_MAX + 1] = {};
	struct attr_table table = { attrs, IFLA_INFO_MAX };
	char kind[16];

	if (mnl_attr_parse_nested(linkinfo, attr_collect, &table) < 0 ||
	    !attr_string(attrs[IFLA_INFO_KIND], kind, sizeof(kind)))
		return;
	if (!strcmp(kind, "vrf"))
		info->kind = VPN_LINK_VRF;
	else if (!strcmp(kind, "xfrm"))
		link_info_xfrm(attrs[IFLA_INFO_DATA], info);
}

bool vpn_netlink_link(const struct nlmsghdr *nlh, struct vpn_link_info *info)
{
	const struct nlattr *attrs[IFLA_MAX + 1] = {};
	struct attr_table table = { attrs, IFLA_MAX };
	const struct ifinfomsg *ifi;
	uint32_t master;

	if ((nlh->nlmsg_type != RTM_NEWLINK && nlh->nlmsg_type != RTM_DELLINK) ||
	    !message_fits(nlh, sizeof(*ifi)))
		return false;
	memset(info, 0, sizeof(*info));
	ifi = mnl_nlmsg_get_payload(nlh);
	if (ifi->ifi_family != AF_UNSPEC || ifi->ifi_index <= 0 ||
	    mnl_attr_parse(nlh, sizeof(*ifi), attr_collect, &table) < 0 ||
	    !attr_string(attrs[IFLA_IFNAME], info->name, sizeof(info->name)))
		return false;
	info->ifindex = ifi->ifi_index;
	info->admin_up = ifi->ifi_flags & IFF_UP;
	if (attr_u32(attrs[IFLA_MASTER], &master))
		info->master = master;
	attr_u32(attrs[IFLA_MTU], &info->mtu);
	if (attrs[IFLA_IFALIAS] &&
	    !attr_string(attrs[IFLA_IFALIAS], info->alias, sizeof(info->alias)))
		info->alias[0] = '\0';
	if (attrs[IFLA_LINKINFO])
		link_info_kind(attrs[IFLA_LINKINFO], info);
	return true;
}

bool vpn_netlink_route(const struct nlmsghdr *nlh, struct vpn_route_info *info)
{
	const struct nlattr *attrs[RTA_MAX + 1] = {}, *metrics[RTAX_MAX + 1] = {};
	struct attr_table table = { attrs, RTA_MAX }, metric_table = { metrics, RTAX_MAX };
	const struct rtmsg *rtm;
	uint32_t oif = 0;

	if (nlh->nlmsg_type != RTM_NEWROUTE || !message_fits(nlh, sizeof(*rtm)))
		return false;
	memset(info, 0, sizeof(*info));
	rtm = mnl_nlmsg_get_payload(nlh);
	if (mnl_attr_parse(nlh, sizeof(*rtm), attr_collect, &table) < 0)
		return false;
	info->type = rtm->rtm_type;
	attr_u32(attrs[RTA_OIF], &oif);
	info->oif = oif;
	if (attrs[RTA_METRICS] &&
	    mnl_attr_parse_nested(attrs[RTA_METRICS], attr_collect, &metric_table) >= 0)
		attr_u32(metrics[RTAX_MTU], &info->mtu);
	return true;
}

/* --- writing ------------------------------------------------------------------------------- */

static struct nlmsghdr *link_request(void *buf, uint16_t type, uint16_t flags, ifindex_t ifindex)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *ifi;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	ifi->ifi_family = AF_UNSPEC;
	ifi->ifi_index = ifindex;
	return nlh;
}

struct nlmsghdr *vpn_netlink_xfrm_new(void *buf, const char *name, uint32_t if_id, ifindex_t master,
				      unsigned int mtu)
{
	struct nlmsghdr *nlh = link_request(buf, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0);
	struct nlattr *info, *data;

	mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	if (mtu)
		mnl_attr_put_u32(nlh, IFLA_MTU, mtu);
	if (master)
		mnl_attr_put_u32(nlh, IFLA_MASTER, master);
	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "xfrm");
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	mnl_attr_put_u32(nlh, IFLA_XFRM_IF_ID, if_id);
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

struct nlmsghdr *vpn_netlink_link_up(void *buf, ifindex_t ifindex)
{
	struct nlmsghdr *nlh = link_request(buf, RTM_SETLINK, 0, ifindex);
	struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);

	ifi->ifi_flags = IFF_UP;
	ifi->ifi_change = IFF_UP;
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

struct nlmsghdr *vpn_netlink_route_get(void *buf, const struct ipaddr *src, const struct ipaddr *dst)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct rtmsg *rtm;

	nlh->nlmsg_type = RTM_GETROUTE;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	rtm = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtm));
	rtm->rtm_family = ipaddr_family(dst);
	rtm->rtm_dst_len = 8 * IPADDRSZ(dst);
	mnl_attr_put(nlh, RTA_DST, IPADDRSZ(dst), &dst->ip);
	if (src && src->ipa_type == dst->ipa_type) {
		rtm->rtm_src_len = 8 * IPADDRSZ(src);
		mnl_attr_put(nlh, RTA_SRC, IPADDRSZ(src), &src->ip);
	}
	return nlh;
}
