// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A certification authority by OpenSSL: EC keys on P-256, SHA-256, names as
 * subject and as DNS name, addresses as IP address (RFC 5280).
 *
 * Serial numbers count up; what was issued is recorded, so that it can be
 * revoked and its expiry watched.  Certificates begin an hour ago, as clocks of
 * CEs fresh from the box differ.
 */
#include "vpn-server/authority.h"
#include "vpn-server/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#define DAY	 86400
#define BACKDATE 3600

struct authority {
	X509 *certificate;
	EVP_PKEY *key;
};

static void fail(struct db *db, const char *what)
{
	const char *reason = ERR_reason_error_string(ERR_get_error());

	db_fail(db, "%s: %s", what, reason ? reason : "it did not work");
	ERR_clear_error();
}

/* A BIO's text; the BIO is freed, and cleansed, since it may hold a key. */
static char *text_of(BIO *bio)
{
	char *data, *text;
	long length = BIO_get_mem_data(bio, &data);

	text = malloc((size_t)length + 1);
	if (!text)
		abort();
	memcpy(text, data, (size_t)length);
	text[length] = '\0';
	OPENSSL_cleanse(data, (size_t)length);
	BIO_free(bio);
	return text;
}

static char *certificate_text(X509 *certificate)
{
	BIO *bio = BIO_new(BIO_s_mem());

	PEM_write_bio_X509(bio, certificate);
	return text_of(bio);
}

static char *key_text(EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());

	PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
	return text_of(bio);
}

void authority_cleanse(char *text)
{
	if (text)
		OPENSSL_cleanse(text, strlen(text));
	free(text);
}

static void close_authority(struct authority *authority)
{
	X509_free(authority->certificate);
	EVP_PKEY_free(authority->key);
}

static bool extend(X509 *certificate, X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION *extension;
	X509V3_CTX context;
	bool fine;

	X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	fine = extension && X509_add_ext(certificate, extension, -1);
	X509_EXTENSION_free(extension);
	return fine;
}

/* What all certificates have; the key, the issuer and extensions are the caller's. */
static X509 *blank(const char *name, int64_t serial, int64_t days)
{
	X509 *certificate = X509_new();
	X509_NAME *subject = certificate ? X509_get_subject_name(certificate) : NULL;

	if (subject && X509_set_version(certificate, X509_VERSION_3) &&
	    ASN1_INTEGER_set_int64(X509_get_serialNumber(certificate), serial) &&
	    X509_gmtime_adj(X509_getm_notBefore(certificate), -BACKDATE) &&
	    X509_gmtime_adj(X509_getm_notAfter(certificate), (long)(days * DAY)) &&
	    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1,
				       -1, 0))
		return certificate;
	X509_free(certificate);
	return NULL;
}

/*
 * No two authorities have the same name: who verifies (charon, mem_cred_t.add_crl) keeps one list of
 * revoked certificates for each name of an issuer, that of the highest number, whoever has signed it.
 */
static X509 *blank_authority(void)
{
	unsigned char tag[8];
	char name[64];

	if (RAND_bytes(tag, sizeof(tag)) != 1)
		return NULL;
	snprintf(name, sizeof(name),
		 "frr-vpnd VPN server authority %02x%02x%02x%02x%02x%02x%02x%02x", tag[0], tag[1],
		 tag[2], tag[3], tag[4], tag[5], tag[6], tag[7]);
	return blank(name, 1, AUTHORITY_DAYS);
}

static bool make(struct db *db, struct authority *authority)
{
	char *certificate, *key;

	authority->key = EVP_EC_gen("P-256");
	authority->certificate = blank_authority();
	if (!authority->key || !authority->certificate ||
	    !X509_set_pubkey(authority->certificate, authority->key) ||
	    !X509_set_issuer_name(authority->certificate,
				  X509_get_subject_name(authority->certificate)) ||
	    !extend(authority->certificate, authority->certificate, NID_basic_constraints,
		    "critical,CA:TRUE,pathlen:0") ||
	    !extend(authority->certificate, authority->certificate, NID_key_usage,
		    "critical,keyCertSign,cRLSign") ||
	    !extend(authority->certificate, authority->certificate, NID_subject_key_identifier,
		    "hash") ||
	    !X509_sign(authority->certificate, authority->key, EVP_sha256())) {
		fail(db, "the certification authority cannot be made");
		return false;
	}
	certificate = certificate_text(authority->certificate);
	key = key_text(authority->key);
	db_exec(db,
		"INSERT INTO authority (id, certificate, private_key, crl_number) VALUES (1, $1, $2, 0)",
		"ss", certificate, key);
	db_exec(db, "UPDATE counter SET value = 1 WHERE name = 'serial'", "");
	free(certificate);
	authority_cleanse(key);
	return !db_failed(db);
}

static bool open_authority(struct db *db, struct authority *authority)
{
	struct db_rows *rows;
	bool found;

	*authority = (struct authority){ 0 };
	rows = db_query(db, "SELECT certificate, private_key FROM authority WHERE id = 1", "");
	found = db_next(rows);
	if (found) {
		BIO *certificate = BIO_new_mem_buf(db_text(rows, 0), -1);
		BIO *key = BIO_new_mem_buf(db_text(rows, 1), -1);

		authority->certificate = PEM_read_bio_X509(certificate, NULL, NULL, NULL);
		authority->key = PEM_read_bio_PrivateKey(key, NULL, NULL, NULL);
		BIO_free(certificate);
		BIO_free(key);
		if (!authority->certificate || !authority->key)
			fail(db, "the database's certification authority cannot be read");
	}
	db_end(rows);
	return !db_failed(db) && (found || make(db, authority));
}

char *authority_certificate(struct db *db)
{
	struct authority authority;
	char *text = NULL;

	if (open_authority(db, &authority))
		text = certificate_text(authority.certificate);
	close_authority(&authority);
	return text;
}

static bool leaf_extensions(X509 *certificate, X509 *issuer, const char *name, const char *address)
{
	char names[256];

	snprintf(names, sizeof(names), address ? "DNS:%s,IP:%s" : "DNS:%s", name, address);
	return extend(certificate, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
	       extend(certificate, issuer, NID_key_usage, "critical,digitalSignature") &&
	       extend(certificate, issuer, NID_ext_key_usage,
		      address ? "serverAuth" : "clientAuth") &&
	       extend(certificate, issuer, NID_subject_key_identifier, "hash") &&
	       extend(certificate, issuer, NID_authority_key_identifier, "keyid") &&
	       extend(certificate, issuer, NID_subject_alt_name, names);
}

static char *sign(struct db *db, EVP_PKEY *key, const char *name, const char *address, int64_t days)
{
	struct authority authority;
	X509 *certificate = NULL;
	char *text = NULL;
	int64_t serial;

	if (open_authority(db, &authority)) {
		serial = db_counter(db, "serial");
		certificate = blank(name, serial, days);
		if (certificate && X509_set_pubkey(certificate, key) &&
		    X509_set_issuer_name(certificate, X509_get_subject_name(authority.certificate)) &&
		    leaf_extensions(certificate, authority.certificate, name, address) &&
		    X509_sign(certificate, authority.key, EVP_sha256())) {
			text = certificate_text(certificate);
			db_exec(db,
				"INSERT INTO certificate (serial, name, pem, not_after, revoked) "
				"VALUES ($1, $2, $3, $4, 0)",
				"issi", serial, name, text, now_seconds() + days * DAY);
		} else {
			fail(db, "the certificate cannot be made");
		}
	}
	X509_free(certificate);
	close_authority(&authority);
	if (db_failed(db)) {
		free(text);
		text = NULL;
	}
	return text;
}

static bool days_check(struct db *db, int64_t days)
{
	if (days >= 1 && days <= AUTHORITY_DAYS)
		return true;
	db_fail(db, "a certificate lasts 1 to %d days", AUTHORITY_DAYS);
	return false;
}

char *authority_sign(struct db *db, const char *request, const char *name, const char *address,
		     int64_t days)
{
	BIO *bio = BIO_new_mem_buf(request, -1);
	/* PEM may be encrypted; an empty password, as OpenSSL would ask a terminal for one */
	X509_REQ *csr = PEM_read_bio_X509_REQ(bio, NULL, NULL, (char[]){ "" });
	EVP_PKEY *key = csr ? X509_REQ_get0_pubkey(csr) : NULL;
	char *text = NULL;

	BIO_free(bio);
	if (!key || X509_REQ_verify(csr, key) != 1) {
		ERR_clear_error();
		db_fail(db,
			"CE %s: this is no certificate signing request (PEM), or its signature is wrong",
			name);
	} else if (EVP_PKEY_get_security_bits(key) < 112) {
		db_fail(db, "CE %s: the key of the signing request is too weak", name);
	} else if (days_check(db, days)) {
		text = sign(db, key, name, address, days);
	}
	X509_REQ_free(csr);
	return text;
}

char *authority_issue(struct db *db, const char *name, const char *address, int64_t days, char **key)
{
	EVP_PKEY *pair;
	char *text = NULL;

	*key = NULL;
	if (!days_check(db, days))
		return NULL;
	pair = EVP_EC_gen("P-256");
	if (pair)
		text = sign(db, pair, name, address, days);
	else
		fail(db, "no key can be made");
	if (text)
		*key = key_text(pair);
	EVP_PKEY_free(pair);
	return text;
}

static void add_revoked(X509_CRL *crl, int64_t serial, int64_t when)
{
	X509_REVOKED *revoked = X509_REVOKED_new();
	ASN1_INTEGER *number = ASN1_INTEGER_new();
	ASN1_TIME *time = ASN1_TIME_set(NULL, when);

	ASN1_INTEGER_set_int64(number, serial);
	X509_REVOKED_set_serialNumber(revoked, number);
	X509_REVOKED_set_revocationDate(revoked, time);
	X509_CRL_add0_revoked(crl, revoked);
	ASN1_INTEGER_free(number);
	ASN1_TIME_free(time);
}

/* By which who verifies finds the authority's list. */
static bool identify_crl(X509_CRL *crl, X509 *issuer)
{
	X509_EXTENSION *extension;
	bool fine;
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, issuer, NULL, NULL, crl, 0);
	extension = X509V3_EXT_conf_nid(NULL, &ctx, NID_authority_key_identifier, "keyid:always");
	fine = extension && X509_CRL_add_ext(crl, extension, -1);
	X509_EXTENSION_free(extension);
	return fine;
}

static void number_crl(struct db *db, X509_CRL *crl)
{
	int64_t value = db_number(db, 1,
				  "UPDATE authority SET crl_number = crl_number + 1 WHERE id = 1 "
				  "RETURNING crl_number",
				  "");
	ASN1_INTEGER *number = ASN1_INTEGER_new();

	ASN1_INTEGER_set_int64(number, value);
	X509_CRL_add1_ext_i2d(crl, NID_crl_number, number, 0, 0);
	ASN1_INTEGER_free(number);
}

char *authority_crl(struct db *db)
{
	struct authority authority;
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *now = ASN1_TIME_set(NULL, now_seconds() - BACKDATE);
	ASN1_TIME *next = ASN1_TIME_set(NULL, now_seconds() + CRL_DAYS * DAY);
	char *text = NULL;

	if (open_authority(db, &authority)) {
		struct db_rows *rows =
			db_query(db,
				 "SELECT serial, revoked FROM certificate WHERE revoked > 0 "
				 "AND not_after > $1 ORDER BY serial",
				 "i", now_seconds());
		BIO *bio = BIO_new(BIO_s_mem());

		X509_CRL_set_version(crl, X509_CRL_VERSION_2);
		X509_CRL_set_issuer_name(crl, X509_get_subject_name(authority.certificate));
		X509_CRL_set1_lastUpdate(crl, now);
		X509_CRL_set1_nextUpdate(crl, next);
		while (db_next(rows))
			add_revoked(crl, db_int(rows, 0), db_int(rows, 1));
		db_end(rows);
		number_crl(db, crl);
		X509_CRL_sort(crl);
		if (!identify_crl(crl, authority.certificate) ||
		    !X509_CRL_sign(crl, authority.key, EVP_sha256()) ||
		    !PEM_write_bio_X509_CRL(bio, crl))
			fail(db, "the revocation list cannot be made");
		text = text_of(bio);
	}
	close_authority(&authority);
	X509_CRL_free(crl);
	ASN1_TIME_free(now);
	ASN1_TIME_free(next);
	if (db_failed(db)) {
		free(text);
		text = NULL;
	}
	return text;
}
