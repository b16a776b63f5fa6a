// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * XFRM netlink: the codec of guards.  See vpn_netlink_xfrm.h.
 */
#include <zebra.h>

#include <linux/xfrm.h>

#include <libmnl/libmnl.h>

#include "vpnd/vpn_netlink_xfrm.h"

static bool read_address(uint16_t family, const xfrm_address_t *address, uint8_t len,
			 struct ipaddr *out)
{
	memset(out, 0, sizeof(*out));
	if (family == AF_INET)
		SET_IPADDR_V4(out);
	else if (family == AF_INET6)
		SET_IPADDR_V6(out);
	else
		return false;
	memcpy(&out->ip, address, IPADDRSZ(out));
	return len == 8 * IPADDRSZ(out);
}

bool vpn_netlink_policy(const struct nlmsghdr *nlh, struct vpn_policy_info *info)
{
	struct xfrm_userpolicy_info policy;

	memset(info, 0, sizeof(*info));
	if (nlh->nlmsg_type != XFRM_MSG_NEWPOLICY || mnl_nlmsg_get_payload_len(nlh) < sizeof(policy))
		return false;
	/* copied: its 64-bit numbers are not aligned */
	memcpy(&policy, mnl_nlmsg_get_payload(nlh), sizeof(policy));
	info->proto = policy.sel.proto;
	info->dir = policy.dir;
	return policy.sel.user == VPN_POLICY_USER &&
	       read_address(policy.sel.family, &policy.sel.saddr, policy.sel.prefixlen_s,
			    &info->src) &&
	       read_address(policy.sel.family, &policy.sel.daddr, policy.sel.prefixlen_d,
			    &info->dst);
}

bool vpn_netlink_policy_gone(const struct nlmsghdr *nlh)
{
	struct xfrm_userpolicy_id id;

	if (nlh->nlmsg_type == XFRM_MSG_FLUSHPOLICY)
		return true;
	if (nlh->nlmsg_type != XFRM_MSG_DELPOLICY || mnl_nlmsg_get_payload_len(nlh) < sizeof(id))
		return false;
	memcpy(&id, mnl_nlmsg_get_payload(nlh), sizeof(id));
	return id.sel.user == VPN_POLICY_USER;
}

static void selector_fill(struct xfrm_selector *sel, const struct vpn_policy_info *info)
{
	sel->family = ipaddr_family(&info->dst);
	sel->prefixlen_s = sel->prefixlen_d = 8 * IPADDRSZ(&info->dst);
	memcpy(&sel->saddr, &info->src.ip, IPADDRSZ(&info->src));
	memcpy(&sel->daddr, &info->dst.ip, IPADDRSZ(&info->dst));
	sel->proto = info->proto;
	sel->user = VPN_POLICY_USER;
}

static struct nlmsghdr *policy_request(void *buf, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	return nlh;
}

static struct nlmsghdr *policy_put(void *buf, uint16_t type, uint16_t flags,
				   const struct vpn_policy_info *info, uint8_t action)
{
	struct nlmsghdr *nlh = policy_request(buf, type, flags);
	struct xfrm_userpolicy_info policy = {
		.lft = { .soft_byte_limit = XFRM_INF,
			 .hard_byte_limit = XFRM_INF,
			 .soft_packet_limit = XFRM_INF,
			 .hard_packet_limit = XFRM_INF },
		.priority = UINT32_MAX,
		.dir = info->dir,
		.action = action,
	};

	selector_fill(&policy.sel, info);
	memcpy(mnl_nlmsg_put_extra_header(nlh, sizeof(policy)), &policy, sizeof(policy));
	return nlh;
}

struct nlmsghdr *vpn_netlink_policy_add(void *buf, const struct vpn_policy_info *info)
{
	return policy_put(buf, XFRM_MSG_NEWPOLICY, NLM_F_CREATE | NLM_F_EXCL, info,
			  XFRM_POLICY_BLOCK);
}

struct nlmsghdr *vpn_netlink_policy_replace(void *buf, const struct vpn_policy_info *info, bool esp)
{
	struct nlmsghdr *nlh = policy_put(buf, XFRM_MSG_UPDPOLICY, 0, info,
					  esp ? XFRM_POLICY_ALLOW : XFRM_POLICY_BLOCK);
	const struct xfrm_user_tmpl template = {
		.id = { .proto = IPPROTO_ESP },
		.family = ipaddr_family(&info->dst),
		.mode = XFRM_MODE_TRANSPORT,
		.aalgos = UINT32_MAX,
		.ealgos = UINT32_MAX,
		.calgos = UINT32_MAX,
	};

	if (esp)
		mnl_attr_put(nlh, XFRMA_TMPL, sizeof(template), &template);
	return nlh;
}

struct nlmsghdr *vpn_netlink_policy_del(void *buf, const struct vpn_policy_info *info)
{
	struct nlmsghdr *nlh = policy_request(buf, XFRM_MSG_DELPOLICY, 0);
	struct xfrm_userpolicy_id id = { .dir = info->dir };

	selector_fill(&id.sel, info);
	memcpy(mnl_nlmsg_put_extra_header(nlh, sizeof(id)), &id, sizeof(id));
	return nlh;
}

struct nlmsghdr *vpn_netlink_policy_dump(void *buf)
{
	return policy_request(buf, XFRM_MSG_GETPOLICY, NLM_F_DUMP);
}
