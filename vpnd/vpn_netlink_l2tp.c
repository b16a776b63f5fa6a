// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Generic netlink: the codec of L2TPv3.  See vpn_netlink_l2tp.h.
 */
#include <zebra.h>

#include <linux/genetlink.h>
#include <linux/l2tp.h>

#include <libmnl/libmnl.h>

#include "vpnd/vpn_netlink_attr.h"
#include "vpnd/vpn_netlink_l2tp.h"

#define L2TP_VERSION 3

/* --- reading ------------------------------------------------------------------------------- */

static bool collect(const struct nlmsghdr *nlh, const struct nlattr **attrs, unsigned int max)
{
	return vpn_netlink_attrs(nlh, sizeof(struct genlmsghdr), attrs, max);
}

static void read_ipaddr(const struct nlattr *v4, const struct nlattr *v6, struct ipaddr *out)
{
	if (!vpn_netlink_attr_ipaddr(v4, out))
		vpn_netlink_attr_ipaddr(v6, out);
}

bool vpn_netlink_family(const struct nlmsghdr *nlh, uint16_t *family)
{
	const struct nlattr *attrs[CTRL_ATTR_MAX + 1] = {};

	if (nlh->nlmsg_type != GENL_ID_CTRL || !collect(nlh, attrs, CTRL_ATTR_MAX) ||
	    !vpn_netlink_attr_u16(attrs[CTRL_ATTR_FAMILY_ID], family))
		return false;
	return *family >= GENL_MIN_ID;
}

bool vpn_netlink_l2tp(const struct nlmsghdr *nlh, uint16_t family, struct vpn_l2tp_info *info)
{
	const struct nlattr *attrs[L2TP_ATTR_MAX + 1] = {};
	size_t len;

	memset(info, 0, sizeof(*info));
	if (nlh->nlmsg_type != family || !collect(nlh, attrs, L2TP_ATTR_MAX))
		return false;
	vpn_netlink_attr_u32(attrs[L2TP_ATTR_CONN_ID], &info->tunnel_id);
	vpn_netlink_attr_u32(attrs[L2TP_ATTR_PEER_CONN_ID], &info->peer_tunnel_id);
	vpn_netlink_attr_u32(attrs[L2TP_ATTR_SESSION_ID], &info->session_id);
	vpn_netlink_attr_u32(attrs[L2TP_ATTR_PEER_SESSION_ID], &info->peer_session_id);
	read_ipaddr(attrs[L2TP_ATTR_IP_SADDR], attrs[L2TP_ATTR_IP6_SADDR], &info->local);
	read_ipaddr(attrs[L2TP_ATTR_IP_DADDR], attrs[L2TP_ATTR_IP6_DADDR], &info->remote);
	if (attrs[L2TP_ATTR_IFNAME]) {
		len = mnl_attr_get_payload_len(attrs[L2TP_ATTR_IFNAME]);
		memcpy(info->name, mnl_attr_get_payload(attrs[L2TP_ATTR_IFNAME]),
		       MIN(len, sizeof(info->name) - 1));
	}
	return info->tunnel_id != 0;
}

/* --- writing ------------------------------------------------------------------------------- */

static struct nlmsghdr *generic_request(void *buf, uint16_t family, uint8_t command,
					uint8_t version, uint16_t flags)
{
	struct genlmsghdr *genl = vpn_netlink_request(buf, family, flags, sizeof(*genl));

	genl->cmd = command;
	genl->version = version;
	return buf;
}

struct nlmsghdr *vpn_netlink_family_get(void *buf, const char *name)
{
	struct nlmsghdr *nlh = generic_request(buf, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1, 0);

	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, name);
	return nlh;
}

static struct nlmsghdr *l2tp_request(void *buf, uint16_t family, uint8_t command, uint32_t tunnel_id)
{
	struct nlmsghdr *nlh = generic_request(buf, family, command, L2TP_GENL_VERSION, 0);

	mnl_attr_put_u32(nlh, L2TP_ATTR_CONN_ID, tunnel_id);
	return nlh;
}

static void put_ipaddr(struct nlmsghdr *nlh, uint16_t v4, uint16_t v6, const struct ipaddr *addr)
{
	mnl_attr_put(nlh, IS_IPADDR_V6(addr) ? v6 : v4, IPADDRSZ(addr), &addr->ip);
}

struct nlmsghdr *vpn_netlink_l2tp_tunnel_new(void *buf, uint16_t family, const struct ipaddr *local,
					     const struct ipaddr *remote,
					     const struct vpn_l2tp *l2tp)
{
	struct nlmsghdr *nlh = l2tp_request(buf, family, L2TP_CMD_TUNNEL_CREATE, l2tp->tunnel_id);

	mnl_attr_put_u32(nlh, L2TP_ATTR_PEER_CONN_ID, l2tp->peer_tunnel_id);
	mnl_attr_put_u8(nlh, L2TP_ATTR_PROTO_VERSION, L2TP_VERSION);
	mnl_attr_put_u16(nlh, L2TP_ATTR_ENCAP_TYPE, L2TP_ENCAPTYPE_IP);
	put_ipaddr(nlh, L2TP_ATTR_IP_SADDR, L2TP_ATTR_IP6_SADDR, local);
	put_ipaddr(nlh, L2TP_ATTR_IP_DADDR, L2TP_ATTR_IP6_DADDR, remote);
	return nlh;
}

struct nlmsghdr *vpn_netlink_l2tp_tunnel_get(void *buf, uint16_t family, uint32_t tunnel_id)
{
	return l2tp_request(buf, family, L2TP_CMD_TUNNEL_GET, tunnel_id);
}

struct nlmsghdr *vpn_netlink_l2tp_tunnel_del(void *buf, uint16_t family, uint32_t tunnel_id)
{
	return l2tp_request(buf, family, L2TP_CMD_TUNNEL_DELETE, tunnel_id);
}

static struct nlmsghdr *session_request(void *buf, uint16_t family, uint8_t command,
					const struct vpn_l2tp *l2tp)
{
	struct nlmsghdr *nlh = l2tp_request(buf, family, command, l2tp->tunnel_id);

	mnl_attr_put_u32(nlh, L2TP_ATTR_SESSION_ID, l2tp->session_id);
	return nlh;
}

struct nlmsghdr *vpn_netlink_l2tp_session_new(void *buf, uint16_t family, const char *name,
					      const struct vpn_l2tp *l2tp)
{
	struct nlmsghdr *nlh = session_request(buf, family, L2TP_CMD_SESSION_CREATE, l2tp);

	mnl_attr_put_u32(nlh, L2TP_ATTR_PEER_SESSION_ID, l2tp->peer_session_id);
	mnl_attr_put_u16(nlh, L2TP_ATTR_PW_TYPE, L2TP_PWTYPE_ETH);
	mnl_attr_put_u8(nlh, L2TP_ATTR_L2SPEC_TYPE, L2TP_L2SPECTYPE_NONE);
	/* the kernel sends its "cookie", and wants to receive its "peer cookie" */
	if (l2tp->peer_cookie_len)
		mnl_attr_put(nlh, L2TP_ATTR_COOKIE, l2tp->peer_cookie_len, l2tp->peer_cookie);
	if (l2tp->cookie_len)
		mnl_attr_put(nlh, L2TP_ATTR_PEER_COOKIE, l2tp->cookie_len, l2tp->cookie);
	mnl_attr_put_strz(nlh, L2TP_ATTR_IFNAME, name);
	return nlh;
}

struct nlmsghdr *vpn_netlink_l2tp_session_get(void *buf, uint16_t family,
					      const struct vpn_l2tp *l2tp)
{
	return session_request(buf, family, L2TP_CMD_SESSION_GET, l2tp);
}

struct nlmsghdr *vpn_netlink_l2tp_session_del(void *buf, uint16_t family,
					      const struct vpn_l2tp *l2tp)
{
	return session_request(buf, family, L2TP_CMD_SESSION_DELETE, l2tp);
}

struct nlmsghdr *vpn_netlink_l2tp_session_dump(void *buf, uint16_t family)
{
	return generic_request(buf, family, L2TP_CMD_SESSION_GET, L2TP_GENL_VERSION, NLM_F_DUMP);
}
