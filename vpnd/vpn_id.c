// SPDX-License-Identifier: GPL-2.0-or-later
/* VPN-IDs and cookies as text; see vpn_id.h. */
#include <stdio.h>
#include <string.h>

#include "vpnd/vpn_id.h"

/* The value of a hexadecimal digit, or -1. */
static int vpn_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Reads so many octets; what follows them, or NULL if they are not there. */
static const char *vpn_hex_read(const char *text, uint8_t *octets, size_t count)
{
	for (size_t i = 0; i < count; i++, text += 2) {
		int high = vpn_hex_digit(text[0]);
		int low = high < 0 ? -1 : vpn_hex_digit(text[1]);

		if (low < 0)
			return NULL;
		octets[i] = high << 4 | low;
	}
	return text;
}

bool vpn_id_parse(const char *text, uint8_t id[VPN_ID_SIZE])
{
	const char *index = vpn_hex_read(text, id, 3);

	if (index && *index == ':') {
		const char *end = vpn_hex_read(index + 1, id + 3, 4);

		if (end && !*end)
			return true;
	}
	memset(id, 0, VPN_ID_SIZE);
	return false;
}

const char *vpn_id_str(const uint8_t id[VPN_ID_SIZE], char buf[VPN_ID_STR_SIZE])
{
	snprintf(buf, VPN_ID_STR_SIZE, "%02x%02x%02x:%02x%02x%02x%02x", id[0], id[1], id[2], id[3],
		 id[4], id[5], id[6]);
	return buf;
}

uint8_t vpn_cookie_parse(const char *text, uint8_t cookie[VPN_COOKIE_SIZE])
{
	size_t length = strlen(text);

	memset(cookie, 0, VPN_COOKIE_SIZE);
	if ((length == 8 || length == 16) && vpn_hex_read(text, cookie, length / 2))
		return length / 2;
	memset(cookie, 0, VPN_COOKIE_SIZE);
	return 0;
}
