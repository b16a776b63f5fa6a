// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Certificates and lists of revoked ones that somebody sends to netconfd. The
 * first octet says what the rest is taken for, and whether it is the text as it
 * came, or DER that is put into PEM first, so that a changed octet is one of the
 * object's.
 *
 * What is taken is written anew: it must be taken again, and be the same then.
 */
/* link: netconfd/netconf_pem.c */
/* libs: crypto */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/pem.h>

#include "netconfd/netconf_pem.h"
#include "wire/vpn_certificate.h"

enum { CRL = 1, DER = 2 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Nobody's, and of the corpus' certificate only. */
static const char key_text[] = "-----BEGIN PRIVATE KEY-----\n"
			       "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgbrixsjG91aZfV42r\n"
			       "DMIHi5EwiNqihapKPh0TCoSCx/ihRANCAARcYaNwdF22vT6gVNDbJyJgqOWzRUbl\n"
			       "el9k94wVv8kozob2IMnK2p9pqtPOkmpRXu1iUOSJsUwYYFNPyCRUmEq1\n"
			       "-----END PRIVATE KEY-----\n";

static EVP_PKEY *read_key(void)
{
	BIO *bio = BIO_new_mem_buf(key_text, -1);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);

	BIO_free(bio);
	if (!key)
		abort();
	return key;
}

static BIO *take(uint8_t kind, const char *text, EVP_PKEY *key)
{
	const char *why = "nothing was said";
	BIO *taken = kind & CRL ? netconf_pem_crl(text, &why)
				: netconf_pem_certificate(text, key, &why);

	if (!taken == !why)
		abort(); /* either it is taken, or it is said why not */
	if (taken && kind & CRL && BIO_pending(taken) > VPN_CRL_SIZE)
		abort();
	return taken;
}

/* A string of what is written; to be freed. */
static char *string_of(BIO *bio)
{
	char *data, *text;
	size_t size = (size_t)BIO_get_mem_data(bio, &data);

	text = malloc(size + 1);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	BIO_free(bio);
	return text;
}

static char *text_of(uint8_t kind, const uint8_t *data, size_t size)
{
	BIO *bio = BIO_new(BIO_s_mem());

	if (kind & DER)
		PEM_write_bio(bio, kind & CRL ? PEM_STRING_X509_CRL : PEM_STRING_X509, "", data,
			      (long)size);
	else
		BIO_write(bio, data, (int)size);
	return string_of(bio);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static EVP_PKEY *key;
	char *text, *once, *twice;
	BIO *taken;

	if (!key)
		key = read_key();
	if (!size)
		return 0;
	text = text_of(data[0], data + 1, size - 1);
	taken = take(data[0], text, key);
	if (taken) {
		once = string_of(taken);
		taken = take(data[0], once, key);
		if (!taken)
			abort();
		twice = string_of(taken);
		if (strcmp(once, twice))
			abort();
		free(once);
		free(twice);
	}
	free(text);
	return 0;
}
