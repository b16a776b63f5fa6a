// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A key pair of a customer edge's own, and the certificate that the provider's
 * server signs for it: wire/vpn_certificate.h. The private key is made here and
 * goes into a file that its owner may read, and nowhere else; it is cleansed.
 *
 * Files are written beside, synced, and renamed, so there is never half of one.
 * What was sent is not what is written: netconf_pem.c writes what it has read.
 * Nothing is taken into use by this: configuration names the files.
 *
 * Called in sessions' threads; nothing here is shared.
 */
#include <zebra.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "lib/log.h"

#include "netconfd/netconf_error.h"
#include "netconfd/netconf_pem.h"
#include "netconfd/netconf_rpc.h"
#include "netconfd/netconf_session.h"
#include "wire/vpn_certificate.h"

#define PATH_SIZE 128

static void path_of(char path[PATH_SIZE], const char *what, const char *name)
{
	snprintf(path, PATH_SIZE, VPN_CERTIFICATE_FOLDER "/%s-%s.pem", what, name);
}

static bool write_all(int fd, const char *data, size_t size)
{
	while (size) {
		ssize_t done = write(fd, data, size);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		data += done;
		size -= done;
	}
	return fsync(fd) == 0;
}

static bool write_file(const char *path, const char *data, size_t size, mode_t mode)
{
	char beside[PATH_SIZE + 8];
	bool good;
	int fd;

	snprintf(beside, sizeof(beside), "%s.new", path);
	unlink(beside);
	fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	good = fd >= 0 && write_all(fd, data, size);
	if (fd >= 0)
		good = close(fd) == 0 && good;
	return good && rename(beside, path) == 0;
}

static bool write_key(const char *path, EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());
	bool good = false;
	char *data;
	long size;

	if (PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL)) {
		size = BIO_get_mem_data(bio, &data);
		good = write_file(path, data, size, 0600);
		OPENSSL_cleanse(data, size);
	}
	BIO_free(bio);
	return good;
}

/* The signing request in PEM, NUL-terminated; freed with BIO_free(). NULL: it cannot be made. */
static BIO *request_of(EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());
	X509_REQ *request = X509_REQ_new();
	bool good = request && X509_REQ_set_pubkey(request, key) &&
		    X509_REQ_sign(request, key, EVP_sha256()) &&
		    PEM_write_bio_X509_REQ(bio, request) && BIO_write(bio, "", 1) == 1;

	X509_REQ_free(request);
	if (good)
		return bio;
	BIO_free(bio);
	return NULL;
}

static struct nc_server_reply *not_written(struct netconf_session *session, const char *path)
{
	return netconf_error(session, NC_ERR_OP_FAILED, NULL,
			     "%s cannot be written: %s (the user of FRR must be allowed to)", path,
			     safe_strerror(errno));
}

static struct nc_server_reply *answer_request(const struct lyd_node *rpc, const char *text)
{
	struct lyd_node *output = NULL;

	if (lyd_dup_single(rpc, NULL, 0, &output) == LY_SUCCESS &&
	    lyd_new_term(output, NULL, "request", text, LYD_NEW_VAL_OUTPUT, NULL) == LY_SUCCESS)
		return nc_server_reply_data(output, NC_WD_EXPLICIT, NC_PARAMTYPE_FREE);
	lyd_free_tree(output);
	return NULL;
}

struct nc_server_reply *netconf_certificate_request(struct netconf_session *session,
						    struct lyd_node *rpc)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	BIO *request = key ? request_of(key) : NULL;
	struct nc_server_reply *answer = NULL;
	char path[PATH_SIZE], *text;

	path_of(path, "key", netconf_rpc_value(rpc, "name"));
	if (request && !write_key(path, key)) {
		answer = not_written(session, path);
	} else if (request) {
		BIO_get_mem_data(request, &text);
		answer = answer_request(rpc, text);
		zlog_notice("session %u of %s: a key was made, %s", session->id, session->user,
			    path);
	}
	BIO_free(request);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return answer ? answer
		      : netconf_error(session, NC_ERR_OP_FAILED, NULL, "no key can be made");
}

static EVP_PKEY *read_key(const char *path)
{
	FILE *file = fopen(path, "re");
	EVP_PKEY *key = NULL;

	if (file) {
		setvbuf(file, NULL, _IONBF, 0); /* no copy in a buffer of stdio */
		key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
		fclose(file);
	}
	return key;
}

/* Keeps the text, if there is one; if not, why says what is wrong with what was sent. */
static struct nc_server_reply *store(struct netconf_session *session, const char *what,
				     const char *name, BIO *text, const char *why)
{
	struct nc_server_reply *answer;
	char path[PATH_SIZE], *data;
	long size;

	path_of(path, what, name);
	if (!text) {
		answer = netconf_error(session, NC_ERR_INVALID_VALUE, NULL, "%s: %s", name, why);
	} else {
		size = BIO_get_mem_data(text, &data);
		answer = write_file(path, data, size, 0644) ? nc_server_reply_ok()
							    : not_written(session, path);
	}
	BIO_free(text);
	return answer;
}

struct nc_server_reply *netconf_certificate_install(struct netconf_session *session,
						    struct lyd_node *rpc)
{
	const char *name = netconf_rpc_value(rpc, "name"), *why;
	char path[PATH_SIZE];
	EVP_PKEY *key;
	BIO *text;

	path_of(path, "key", name);
	key = read_key(path);
	text = netconf_pem_certificate(netconf_rpc_value(rpc, "certificate"), key, &why);
	EVP_PKEY_free(key);
	return store(session, "certificate", name, text, why);
}

struct nc_server_reply *netconf_crl_install(struct netconf_session *session, struct lyd_node *rpc)
{
	const char *why;
	BIO *text = netconf_pem_crl(netconf_rpc_value(rpc, "crl"), &why);

	return store(session, "crl", netconf_rpc_value(rpc, "name"), text, why);
}
