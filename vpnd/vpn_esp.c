// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sizes of ESP packets, by the names that charon gives algorithms.  See vpn_esp.h.
 *
 * IVs and ICVs: RFC 2451, 3602, 3686, 4106, 4309, 4543, 7634 for ciphers,
 * 2404, 4868, 3566, 4494 for integrity; UDP: RFC 3948.
 */
#include <stddef.h>
#include <string.h>

#include "vpnd/vpn_esp.h"

#define IPV4_HEADER 20
#define IPV6_HEADER 40
#define UDP_HEADER  8
#define ESP_HEADER  8
#define ESP_ALIGN   4

struct algorithm {
	const char *name; /* or how it begins */
	unsigned int iv;
	unsigned int icv;
	unsigned int block;
};

/* The first one that the name begins with. */
static const struct algorithm ciphers[] = {
	{ "AES_GCM_16", 8, 16, 4 },
	{ "AES_GCM_12", 8, 12, 4 },
	{ "AES_GCM_8", 8, 8, 4 },
	{ "AES_CCM_16", 8, 16, 4 },
	{ "AES_CCM_12", 8, 12, 4 },
	{ "AES_CCM_8", 8, 8, 4 },
	{ "NULL_AES_GMAC", 8, 16, 4 },
	{ "CHACHA20_POLY1305", 8, 16, 4 },
	{ "CAMELLIA_CCM_16", 8, 16, 4 },
	{ "AES_CTR", 8, 0, 4 },
	{ "CAMELLIA_CTR", 8, 0, 4 },
	{ "AES_CBC", 16, 0, 16 },
	{ "CAMELLIA_CBC", 16, 0, 16 },
	{ "SERPENT_CBC", 16, 0, 16 },
	{ "TWOFISH_CBC", 16, 0, 16 },
	{ "3DES_CBC", 8, 0, 8 },
	{ "BLOWFISH_CBC", 8, 0, 8 },
	{ "CAST_CBC", 8, 0, 8 },
	{ "NULL", 0, 0, 4 },
	{ "", 16, 0, 16 },
};

static const struct algorithm integrities[] = {
	{ "HMAC_SHA1_96", 0, 12, 0 },
	{ "HMAC_SHA1_160", 0, 20, 0 },
	{ "HMAC_SHA2_256_96", 0, 12, 0 },
	{ "HMAC_SHA2_256_128", 0, 16, 0 },
	{ "HMAC_SHA2_384_192", 0, 24, 0 },
	{ "HMAC_SHA2_512_256", 0, 32, 0 },
	{ "HMAC_MD5_96", 0, 12, 0 },
	{ "HMAC_MD5_128", 0, 16, 0 },
	{ "AES_XCBC_96", 0, 12, 0 },
	{ "AES_CMAC_96", 0, 12, 0 },
	{ "", 0, 32, 0 },
};

static const struct algorithm *find(const struct algorithm *table, const char *name)
{
	while (strncmp(name, table->name, strlen(table->name)))
		table++;
	return table;
}

struct vpn_esp_size vpn_esp_size(const char *encryption, const char *integrity, bool ipv6, bool udp)
{
	const struct algorithm *cipher = find(ciphers, encryption);
	struct vpn_esp_size size = { .block = cipher->block > ESP_ALIGN ? cipher->block
									: ESP_ALIGN };

	size.header = (ipv6 ? IPV6_HEADER : IPV4_HEADER) + (udp ? UDP_HEADER : 0) + ESP_HEADER +
		      cipher->iv;
	size.icv = cipher->icv;
	if (integrity[0])
		size.icv += find(integrities, integrity)->icv;
	return size;
}
