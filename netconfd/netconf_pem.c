// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What comes from outside in PEM (RFC 7468): certificates and lists of revoked
 * ones (RFC 5280).
 *
 * Text around the first object, and objects behind it, are allowed in PEM, and
 * readers differ in what they make of them. So nobody gets to read what was
 * sent: what was checked is written anew, and nothing else. Signatures stay, as
 * OpenSSL keeps the octets that were signed.
 *
 * Whether an authority that we trust has signed is not asked here: charon and
 * TLS do that whenever it matters.
 *
 * Buffers only, no files.
 */
#include "netconfd/netconf_pem.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "wire/vpn_certificate.h"

/* PEM may be encrypted, and OpenSSL would ask a terminal for the password. */
static char no_password[] = "";

/* PEM of what write() writes, or NULL. */
static BIO *written(int (*write)(BIO *bio, const void *object), const void *object)
{
	BIO *bio = BIO_new(BIO_s_mem());

	if (bio && write(bio, object))
		return bio;
	BIO_free(bio);
	return NULL;
}

static int write_certificate(BIO *bio, const void *object)
{
	return PEM_write_bio_X509(bio, object);
}

static int write_crl(BIO *bio, const void *object)
{
	return PEM_write_bio_X509_CRL(bio, object);
}

static const char *certificate_fault(X509 *certificate, EVP_PKEY *key)
{
	if (!certificate)
		return "this is no certificate in PEM";
	if (!key)
		return "no key of this name was asked for";
	return X509_check_private_key(certificate, key) == 1 ? NULL
							     : "the certificate is for another key";
}

BIO *netconf_pem_certificate(const char *text, EVP_PKEY *key, const char **why)
{
	BIO *in = BIO_new_mem_buf(text, -1), *out = NULL;
	X509 *certificate = in ? PEM_read_bio_X509(in, NULL, NULL, no_password) : NULL;

	*why = certificate_fault(certificate, key);
	if (!*why) {
		out = written(write_certificate, certificate);
		*why = out ? NULL : "the certificate cannot be written";
	}
	X509_free(certificate);
	BIO_free(in);
	ERR_clear_error();
	return out;
}

BIO *netconf_pem_crl(const char *text, const char **why)
{
	BIO *in = BIO_new_mem_buf(text, -1), *out = NULL;
	X509_CRL *crl = in ? PEM_read_bio_X509_CRL(in, NULL, NULL, no_password) : NULL;

	*why = "this is no list of revoked certificates in PEM";
	if (crl) {
		out = written(write_crl, crl);
		*why = out ? NULL : "the list cannot be written";
	}
	if (out && BIO_pending(out) > VPN_CRL_SIZE) {
		BIO_free(out);
		out = NULL;
		*why = "the list has more than 65535 octets, which charon takes none of";
	}
	X509_CRL_free(crl);
	BIO_free(in);
	ERR_clear_error();
	return out;
}
