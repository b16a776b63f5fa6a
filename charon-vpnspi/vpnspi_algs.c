// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * IKE's algorithm numbers, as the kernel's XFRM layer knows them.
 *
 * Only algorithms that RFC 8221 does not forbid are here.  Padding is to four
 * octets at least (RFC 4303 section 2.4).
 */
#include "vpnspi_algs.h"

#include <stddef.h>

#include <library.h>

static const struct vpnspi_encryption encryptions[] = {
	{ ENCR_AES_GCM_ICV16, true, "rfc4106(gcm(aes))", 128, 8, 4, 4 },
	{ ENCR_AES_GCM_ICV12, true, "rfc4106(gcm(aes))", 96, 8, 4, 4 },
	{ ENCR_AES_GCM_ICV8, true, "rfc4106(gcm(aes))", 64, 8, 4, 4 },
	{ ENCR_AES_CCM_ICV16, true, "rfc4309(ccm(aes))", 128, 8, 3, 4 },
	{ ENCR_AES_CCM_ICV12, true, "rfc4309(ccm(aes))", 96, 8, 3, 4 },
	{ ENCR_AES_CCM_ICV8, true, "rfc4309(ccm(aes))", 64, 8, 3, 4 },
	{ ENCR_CHACHA20_POLY1305, true, "rfc7539esp(chacha20,poly1305)", 128, 8, 4, 4 },
	{ ENCR_NULL_AUTH_AES_GMAC, true, "rfc4543(gcm(aes))", 128, 8, 4, 4 },
	{ ENCR_AES_CBC, false, "cbc(aes)", 0, 16, 0, 16 },
	{ ENCR_AES_CTR, false, "rfc3686(ctr(aes))", 0, 8, 4, 4 },
	{ ENCR_CAMELLIA_CBC, false, "cbc(camellia)", 0, 16, 0, 16 },
	{ ENCR_NULL, false, "ecb(cipher_null)", 0, 0, 0, 4 },
};

static const struct vpnspi_integrity integrities[] = {
	{ AUTH_HMAC_SHA1_96, "hmac(sha1)", 96 },
	{ AUTH_HMAC_SHA2_256_128, "hmac(sha256)", 128 },
	{ AUTH_HMAC_SHA2_256_96, "hmac(sha256)", 96 },
	{ AUTH_HMAC_SHA2_384_192, "hmac(sha384)", 192 },
	{ AUTH_HMAC_SHA2_512_256, "hmac(sha512)", 256 },
	{ AUTH_AES_XCBC_96, "xcbc(aes)", 96 },
	{ AUTH_AES_CMAC_96, "cmac(aes)", 96 },
};

const struct vpnspi_encryption *vpnspi_encryption_find(uint16_t ike)
{
	for (size_t i = 0; i < countof(encryptions); i++)
		if (encryptions[i].ike == ike)
			return &encryptions[i];
	return NULL;
}

const struct vpnspi_integrity *vpnspi_integrity_find(uint16_t ike)
{
	for (size_t i = 0; i < countof(integrities); i++)
		if (integrities[i].ike == ike)
			return &integrities[i];
	return NULL;
}
