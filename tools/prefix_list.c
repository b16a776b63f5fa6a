// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The customers' prefixes: a packet from or to one of them that can be read on
 * the backbone is a leak, whatever it is wrapped into.
 *
 * A plain array, searched from its start: there are a handful.
 */
#include "tools/prefix_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

const char *prefix_list_add(struct prefix_list *list, const char *text)
{
	char addr[PACKET_ADDR_SIZE];
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	struct packet_addr parsed;
	unsigned long bits, most;
	char *end;

	if (list->count == PREFIX_LIST_MAX)
		return "there are too many prefixes";
	if (len >= sizeof(addr))
		return "it is no IP prefix";
	memcpy(addr, text, len);
	addr[len] = '\0';
	if (!packet_addr_parse(addr, &parsed))
		return "it is no IP prefix";
	most = parsed.family == AF_INET ? 32 : 128;
	bits = most;
	if (slash) {
		bits = strtoul(slash + 1, &end, 10);
		if (slash[1] < '0' || slash[1] > '9' || *end || bits > most)
			return "its length is no number of bits";
	}
	list->prefix[list->count].addr = parsed;
	list->prefix[list->count++].bits = bits;
	return NULL;
}

/* Are the first bits of both the same? */
static bool starts_same(const uint8_t *a, const uint8_t *b, uint8_t bits)
{
	uint8_t mask = 0xff00 >> bits % 8;

	if (memcmp(a, b, bits / 8))
		return false;
	return bits % 8 == 0 || !((a[bits / 8] ^ b[bits / 8]) & mask);
}

bool prefix_list_has(const struct prefix_list *list, const struct packet_addr *addr)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->prefix[i].addr.family == addr->family &&
		    starts_same(list->prefix[i].addr.octets, addr->octets, list->prefix[i].bits))
			return true;
	return false;
}

bool prefix_list_touches(const struct prefix_list *list, const struct packet *packet)
{
	for (int i = 0; i < packet->ip_count; i++)
		if (prefix_list_has(list, &packet->ip[i].source) ||
		    prefix_list_has(list, &packet->ip[i].destination))
			return true;
	return false;
}
