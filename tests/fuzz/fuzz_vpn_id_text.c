// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * VPN-IDs and cookies, as configuration brings them: whatever the text, it is
 * read without touching what is not there, and what was read is written as it
 * was.
 */
/* link: vpnd/vpn_id.c */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "vpnd/vpn_id.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1); /* exactly as long as it is, for the sanitizer */
	uint8_t id[VPN_ID_SIZE], cookie[VPN_COOKIE_SIZE];
	char buf[VPN_ID_STR_SIZE];

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (vpn_id_parse(text, id) && strcasecmp(vpn_id_str(id, buf), text) != 0)
		abort();
	if (vpn_cookie_parse(text, cookie) && vpn_cookie_parse(text, cookie) * 2 != strlen(text))
		abort();
	free(text);
	return 0;
}
