// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any octets as a message of rtnetlink, XFRM or generic netlink about whatever
 * vpnd asks the kernel for, and any text as an interface's alias.
 */
/* link: vpnd/vpn_netlink.c vpnd/vpn_netlink_attr.c vpnd/vpn_netlink_tc.c vpnd/vpn_netlink_xfrm.c vpnd/vpn_netlink_l2tp.c vpnd/vpn_device_alias.c vpnd/vpn_ifname.c */
/* libs: frr mnl */
#include <zebra.h>

#include <linux/genetlink.h>
#include <linux/rtnetlink.h>
#include <linux/xfrm.h>

#include "vpnd/vpn_device_alias.h"
#include "vpnd/vpn_netlink.h"
#include "vpnd/vpn_netlink_l2tp.h"
#include "vpnd/vpn_netlink_tc.h"
#include "vpnd/vpn_netlink_xfrm.h"

#define L2TP_FAMILY 33

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_as(struct nlmsghdr *nlh, uint16_t type)
{
	struct vpn_route_info route;
	struct vpn_ifalias alias;
	struct vpn_link_info link;
	uint32_t number;

	nlh->nlmsg_type = type;
	vpn_netlink_route(nlh, &route);
	if (!vpn_netlink_link(nlh, &link))
		return;
	if (strlen(link.name) >= IFNAMSIZ || strlen(link.alias) >= VPN_ALIAS_SIZE ||
	    link.ifindex <= 0)
		abort();
	vpn_ifname_kind(link.name, link.if_id, &number);
	vpn_ifalias_read(link.alias, &alias);
}

static void read_address(struct nlmsghdr *nlh, uint16_t type)
{
	struct vpn_address_info address;

	nlh->nlmsg_type = type;
	if (vpn_netlink_address(nlh, &address) &&
	    (address.ifindex <= 0 || address.len > 8 * IPADDRSZ(&address.local) ||
	     !vpn_address_same(&address, &address)))
		abort();
}

static void read_filter(struct nlmsghdr *nlh)
{
	struct vpn_filter filter = {};

	nlh->nlmsg_type = RTM_NEWTFILTER;
	for (filter.kind = VPN_FILTER_PUSH; filter.kind <= VPN_FILTER_DROP; filter.kind++)
		vpn_netlink_filter(nlh, &filter);
}

static void read_others(struct nlmsghdr *nlh)
{
	struct vpn_policy_info policy;
	struct vpn_link_stats stats;
	struct vpn_l2tp_info l2tp;
	uint16_t family;

	nlh->nlmsg_type = RTM_NEWLINK;
	vpn_netlink_stats(nlh, &stats);
	nlh->nlmsg_type = XFRM_MSG_NEWPOLICY;
	vpn_netlink_policy(nlh, &policy);
	nlh->nlmsg_type = XFRM_MSG_DELPOLICY;
	vpn_netlink_policy_gone(nlh);
	nlh->nlmsg_type = L2TP_FAMILY;
	if (vpn_netlink_l2tp(nlh, L2TP_FAMILY, &l2tp) && strlen(l2tp.name) >= IFNAMSIZ)
		abort();
	nlh->nlmsg_type = GENL_ID_CTRL;
	vpn_netlink_family(nlh, &family);
}

static void read_device_alias(const char *text)
{
	char alias[VPN_ALIAS_SIZE];
	struct vpn_device device, again;

	if (vpn_device_alias_read(text, &device) &&
	    (!vpn_device_alias_read(vpn_device_alias_write(&device, alias), &again) ||
	     !vpn_device_alias_same(&device, &again) || device.ipsec != again.ipsec))
		abort();
}

static void read_alias(const uint8_t *data, size_t size)
{
	struct vpn_ifalias alias, again;
	char buf[VPN_ALIAS_SIZE], *text = malloc(size + 1);

	memcpy(text, data, size);
	text[size] = '\0';
	if (vpn_ifalias_read(text, &alias) &&
	    (!vpn_ifalias_read(vpn_ifalias_write(&alias, buf), &again) ||
	     strcmp(alias.vrf, again.vrf) || !spi_label_same(&alias.label, &again.label)))
		abort();
	read_device_alias(text);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t len = NLMSG_HDRLEN + MIN(size, (size_t)4096);
	struct nlmsghdr *nlh = calloc(1, len); /* to the octet, so that one too far is seen */

	nlh->nlmsg_len = len;
	memcpy((uint8_t *)nlh + NLMSG_HDRLEN, data, len - NLMSG_HDRLEN);
	read_as(nlh, RTM_NEWLINK);
	read_as(nlh, RTM_DELLINK);
	read_as(nlh, RTM_NEWROUTE);
	read_address(nlh, RTM_NEWADDR);
	read_address(nlh, RTM_DELADDR);
	read_filter(nlh);
	read_others(nlh);
	free(nlh);
	read_alias(data, size);
	return 0;
}
