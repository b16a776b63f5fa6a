// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Prefixes: parsed strictly, and turned into two texts, the first and the last
 * address, whose order as text is their order as numbers.  Two prefixes overlap
 * if neither ends before the other begins, which an index can answer.
 */
#include "vpn-server/prefix.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void hex(char out[PREFIX_TEXT], char family, const uint8_t *octets, size_t count)
{
	size_t used = 1;

	out[0] = family;
	for (size_t i = 0; i < count; i++, used += 2)
		snprintf(out + used, PREFIX_TEXT - used, "%02x", octets[i]);
}

/* A decimal number without sign, from 0 to most. */
static bool small_number(const char *text, unsigned long most, unsigned long *number)
{
	char *end;

	if (*text < '0' || *text > '9' || strlen(text) > 3)
		return false;
	*number = strtoul(text, &end, 10);
	return !*end && *number <= most;
}

static bool parse_address(const char *text, int *family, uint8_t octets[16])
{
	*family = strchr(text, ':') ? AF_INET6 : AF_INET;
	return inet_pton(*family, text, octets) == 1;
}

bool prefix_parse(const char *text, struct ip_prefix *prefix, char *error, size_t size)
{
	uint8_t first[16] = { 0 }, last[16];
	char address[PREFIX_TEXT];
	const char *slash = strchr(text, '/');
	unsigned long length = 0;
	size_t count;

	if (!slash || (size_t)(slash - text) >= sizeof(address)) {
		snprintf(error, size, "\"%.80s\" is not a prefix such as 10.1.0.0/16", text);
		return false;
	}
	snprintf(address, sizeof(address), "%.*s", (int)(slash - text), text);
	if (!parse_address(address, &prefix->family, first) ||
	    !small_number(slash + 1, prefix->family == AF_INET ? 32 : 128, &length)) {
		snprintf(error, size, "\"%.80s\" is not a prefix such as 10.1.0.0/16", text);
		return false;
	}
	count = prefix->family == AF_INET ? 4 : 16;
	memcpy(last, first, sizeof(last));
	for (size_t bit = length; bit < count * 8; bit++) {
		uint8_t mask = 0x80 >> (bit % 8);

		if (first[bit / 8] & mask) {
			snprintf(error, size, "%.80s has bits beyond its length of %lu", text,
				 length);
			return false;
		}
		last[bit / 8] |= mask;
	}
	inet_ntop(prefix->family, first, address, sizeof(address));
	snprintf(prefix->text, sizeof(prefix->text), "%.46s/%lu", address, length);
	hex(prefix->first, prefix->family == AF_INET ? '4' : '6', first, count);
	hex(prefix->last, prefix->family == AF_INET ? '4' : '6', last, count);
	return true;
}

bool address_is_ipv6(const char *address)
{
	return strchr(address, ':');
}

/* Not any address: an endpoint is one host's. */
static bool usable(int family, const uint8_t *octets)
{
	static const uint8_t zero[16];

	if (family == AF_INET)
		return octets[0] != 0 && octets[0] != 127 && octets[0] < 224;
	return memcmp(octets, zero, 15) != 0 && octets[0] != 0xff &&
	       !(octets[0] == 0xfe && (octets[1] & 0xc0) == 0x80);
}

bool address_parse(const char *text, char address[PREFIX_TEXT], char *error, size_t size)
{
	uint8_t octets[16];
	int family;

	if (!parse_address(text, &family, octets)) {
		snprintf(error, size, "\"%.80s\" is not an IP address", text);
		return false;
	}
	if (!usable(family, octets)) {
		snprintf(error, size, "%s is no address of a host in the provider's network", text);
		return false;
	}
	inet_ntop(family, octets, address, PREFIX_TEXT);
	return true;
}
