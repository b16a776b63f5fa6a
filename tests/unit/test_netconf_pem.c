// SPDX-License-Identifier: GPL-2.0-or-later
/* Certificates and lists of revoked ones that a CE is sent: what is taken, what is not, and what is kept of it. */
/* link: netconfd/netconf_pem.c */
/* libs: crypto */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "netconfd/netconf_pem.h"
#include "wire/vpn_certificate.h"

static EVP_PKEY *key, *other;

static char *string_of(BIO *bio)
{
	char *data, *text;
	long size = BIO_get_mem_data(bio, &data);

	text = strndup(data, (size_t)size);
	BIO_free(bio);
	return text;
}

/* A certificate for a key, by itself. */
static char *certificate(EVP_PKEY *of)
{
	X509 *x509 = X509_new();
	BIO *bio = BIO_new(BIO_s_mem());

	X509_gmtime_adj(X509_getm_notBefore(x509), 0);
	X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
	X509_set_pubkey(x509, of);
	assert_true(X509_sign(x509, of, EVP_sha256()) > 0);
	assert_int_equal(PEM_write_bio_X509(bio, x509), 1);
	X509_free(x509);
	return string_of(bio);
}

/* A list of so many revoked certificates. */
static char *list(int count)
{
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *now = ASN1_TIME_set(NULL, 1700000000);
	BIO *bio = BIO_new(BIO_s_mem());

	X509_CRL_set_version(crl, X509_CRL_VERSION_2);
	X509_CRL_set1_lastUpdate(crl, now);
	for (int i = 0; i < count; i++) {
		X509_REVOKED *revoked = X509_REVOKED_new();
		ASN1_INTEGER *serial = ASN1_INTEGER_new();

		ASN1_INTEGER_set(serial, 100000 + i);
		X509_REVOKED_set_serialNumber(revoked, serial);
		X509_REVOKED_set_revocationDate(revoked, now);
		X509_CRL_add0_revoked(crl, revoked);
		ASN1_INTEGER_free(serial);
	}
	assert_true(X509_CRL_sign(crl, key, EVP_sha256()) > 0);
	assert_int_equal(PEM_write_bio_X509_CRL(bio, crl), 1);
	ASN1_TIME_free(now);
	X509_CRL_free(crl);
	return string_of(bio);
}

static void assert_taken(BIO *taken, const char *why, const char *wanted)
{
	char *text;

	assert_null(why);
	assert_non_null(taken);
	text = string_of(taken);
	assert_string_equal(text, wanted);
	free(text);
}

#define assert_refused(taken, why, words)                                                          \
	do {                                                                                       \
		assert_null(taken);                                                                \
		assert_string_equal(why, words);                                                   \
	} while (0)

static void test_a_certificate_is_taken_for_its_own_key_only(void **state)
{
	char *text = certificate(key);
	const char *why = "";
	BIO *taken = netconf_pem_certificate(text, key, &why);

	assert_taken(taken, why, text);
	taken = netconf_pem_certificate(text, other, &why);
	assert_refused(taken, why, "the certificate is for another key");
	taken = netconf_pem_certificate(text, NULL, &why);
	assert_refused(taken, why, "no key of this name was asked for");
	taken = netconf_pem_certificate("", key, &why);
	assert_refused(taken, why, "this is no certificate in PEM");
	free(text);
}

static void test_nothing_is_kept_but_what_was_checked(void **state)
{
	char *text = certificate(key), *behind = certificate(other), *both;
	const char *why = "";
	BIO *taken;

	assert_true(asprintf(&both, "Subject: somebody\n%s%swords\n", text, behind) > 0);
	taken = netconf_pem_certificate(both, key, &why);
	assert_taken(taken, why, text);
	free(both);
	free(behind);
	free(text);
}

/* Nobody is asked for a password, which would stop a daemon that has a terminal. */
static void test_what_is_encrypted_is_refused(void **state)
{
	char *text = certificate(key), *encrypted;
	const char *why = "", *body = strchr(text, '\n') + 1;
	BIO *taken;

	assert_true(asprintf(&encrypted,
			     "-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\n"
			     "DEK-Info: AES-256-CBC,0123456789ABCDEF0123456789ABCDEF\n\n%s",
			     body) > 0);
	taken = netconf_pem_certificate(encrypted, key, &why);
	assert_refused(taken, why, "this is no certificate in PEM");
	free(encrypted);
	free(text);
}

static void test_a_list_that_charon_does_not_take_is_refused(void **state)
{
	const char *why = "";
	char *text = list(2000);
	BIO *taken = netconf_pem_crl(text, &why);

	assert_true(strlen(text) <= VPN_CRL_SIZE);
	assert_taken(taken, why, text);
	free(text);
	text = list(3000);
	taken = netconf_pem_crl(text, &why);
	assert_refused(taken, why,
		       "the list has more than 65535 octets, which charon takes none of");
	free(text);
	text = certificate(key);
	taken = netconf_pem_crl(text, &why);
	assert_refused(taken, why, "this is no list of revoked certificates in PEM");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_certificate_is_taken_for_its_own_key_only),
		cmocka_unit_test(test_nothing_is_kept_but_what_was_checked),
		cmocka_unit_test(test_what_is_encrypted_is_refused),
		cmocka_unit_test(test_a_list_that_charon_does_not_take_is_refused),
	};
	int failed;

	key = EVP_EC_gen("P-256");
	other = EVP_EC_gen("P-256");
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	EVP_PKEY_free(key);
	EVP_PKEY_free(other);
	return failed;
}
