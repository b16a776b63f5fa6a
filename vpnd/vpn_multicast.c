// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Routing protocols that listen on interfaces; see vpn_multicast.h.
 */
#include <zebra.h>

#include <linux/rtnetlink.h>

#include "lib/darr.h"

#include "vpnd/vpn_multicast.h"

#define LINE 256

static const struct {
	const char *group;
	uint8_t protocol;
} groups[] = {
	{ "224.0.0.5", RTPROT_OSPF },
	{ "224.0.0.10", RTPROT_EIGRP },
	{ "ff02::5", RTPROT_OSPF },
	{ "ff02::1:6", RTPROT_BABEL },
};

struct listener {
	ifindex_t ifindex;
	uint8_t protocol;
};

static struct listener *listeners; /* darr */

static void group_take(ifindex_t ifindex, int family, const void *address)
{
	struct listener *listener;
	char text[INET6_ADDRSTRLEN];

	inet_ntop(family, address, text, sizeof(text));
	for (size_t i = 0; i < array_size(groups); i++) {
		if (!strmatch(groups[i].group, text))
			continue;
		listener = darr_append(listeners);
		listener->ifindex = ifindex;
		listener->protocol = groups[i].protocol;
	}
}

/* A line for each interface, which begins with its number, and one for each of its groups: the address as this machine reads it. */
static void igmp_take(FILE *file)
{
	char line[LINE], more;
	struct in_addr group;
	int ifindex = 0;

	while (fgets(line, sizeof(line), file)) {
		if (isdigit((unsigned char)line[0]))
			ifindex = atoi(line);
		else if (sscanf(line, " %8x%c", &group.s_addr, &more) == 2 &&
			 isspace((unsigned char)more))
			group_take(ifindex, AF_INET, &group);
	}
}

static bool read_ipv6(const char *digits, struct in6_addr *address)
{
	for (size_t i = 0; i < sizeof(address->s6_addr); i++)
		if (sscanf(&digits[2 * i], "%2hhx", &address->s6_addr[i]) != 1)
			return false;
	return true;
}

/* A line for each interface and group. */
static void igmp6_take(FILE *file)
{
	struct in6_addr group;
	char line[LINE], digits[33];
	int ifindex;

	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "%d %*s %32s", &ifindex, digits) == 2 && strlen(digits) == 32 &&
		    read_ipv6(digits, &group))
			group_take(ifindex, AF_INET6, &group);
}

void vpn_multicast_take(FILE *igmp, FILE *igmp6)
{
	darr_reset(listeners);
	if (igmp)
		igmp_take(igmp);
	if (igmp6)
		igmp6_take(igmp6);
}

void vpn_multicast_look(void)
{
	FILE *igmp = fopen("/proc/net/igmp", "re"), *igmp6 = fopen("/proc/net/igmp6", "re");

	vpn_multicast_take(igmp, igmp6);
	if (igmp)
		fclose(igmp);
	if (igmp6)
		fclose(igmp6);
}

uint8_t vpn_multicast_on(ifindex_t ifindex)
{
	struct listener *listener;

	darr_foreach_p (listeners, listener)
		if (listener->ifindex == ifindex)
			return listener->protocol;
	return 0;
}

void vpn_multicast_fini(void)
{
	darr_free(listeners);
}
