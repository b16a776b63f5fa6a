// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any octets as an rtnetlink message about a link or a route, and any text as an
 * interface's alias.
 */
/* link: vpnd/vpn_netlink.c vpnd/vpn_ifname.c */
/* libs: frr mnl */
#include <zebra.h>

#include <linux/rtnetlink.h>

#include "vpnd/vpn_netlink.h"

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
	free(nlh);
	read_alias(data, size);
	return 0;
}
