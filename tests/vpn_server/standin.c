// SPDX-License-Identifier: GPL-2.0-or-later
/* See standin.h: OpenSSL's server side and libnetconf2's, joined by serverd_tls.c's pump. */
#include "tests/vpn_server/standin.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <nc_server.h>

#include "vpn-server/authority.h"
#include "vpn-server/db.h"
#include "vpn-server/files.h"
#include "vpn-server/serverd.h"
#include "wire/vpn_certificate.h"

#define FILE_MOST (64 * 1024 * 1024)

struct stand {
	char name[64];
	char *edit;    /* of the candidate */
	EVP_PKEY *key; /* that a certificate was asked for */
};

static struct {
	struct db *db;
	pthread_mutex_t mutex;
	const char *folder;
	struct standin_counts *counts;
	struct ly_ctx *context;
	SSL_CTX *any; /* of *.load.test */
	int fd;
} standin = { .mutex = PTHREAD_MUTEX_INITIALIZER };

static void die(const char *what)
{
	fprintf(stderr, "stand-in: %s\n", what);
	_exit(1);
}

static char *look(const char *name, const char *what)
{
	char path[300], error[400];

	if (!standin.folder)
		return NULL;
	snprintf(path, sizeof(path), "%s/%s.%s", standin.folder, name, what);
	return file_read(path, FILE_MOST, error, sizeof(error));
}

/* ---- TLS */

/* A database that was taken over is found again. */
static void issue(const char *name, char **ca, char **certificate, char **key)
{
	char *old = look(name, "old");
	int64_t days = old ? 1 : 365;

	free(old);
	for (int i = 0; i < 300; i++) {
		if ((!db_lost(standin.db) || db_reconnect(standin.db)) && db_begin(standin.db)) {
			*ca = authority_certificate(standin.db);
			*certificate = authority_issue(standin.db, name, "127.0.0.1", days, key);
			if (db_commit(standin.db))
				return;
			free(*ca);
			free(*certificate);
			authority_cleanse(*key);
		}
		db_clear(standin.db); /* a primary that dies may fail the statement first and the connection later */
		usleep(100000);
	}
	die(db_error(standin.db));
}

static SSL_CTX *context_for(const char *name)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	char *key = NULL, *certificate = NULL, *ca = NULL;
	BIO *bio;
	X509 *x;
	EVP_PKEY *k;

	pthread_mutex_lock(&standin.mutex);
	issue(name, &ca, &certificate, &key);
	pthread_mutex_unlock(&standin.mutex);
	bio = BIO_new_mem_buf(certificate, -1);
	x = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	SSL_CTX_use_certificate(context, x);
	X509_free(x);
	BIO_free(bio);
	bio = BIO_new_mem_buf(ca, -1);
	x = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	X509_STORE_add_cert(SSL_CTX_get_cert_store(context), x);
	X509_free(x);
	BIO_free(bio);
	bio = BIO_new_mem_buf(key, -1);
	k = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	SSL_CTX_use_PrivateKey(context, k);
	EVP_PKEY_free(k);
	BIO_free(bio);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	free(ca);
	free(certificate);
	authority_cleanse(key);
	return context;
}

/* The certificate of whom the client asks for. */
static int on_server_name(SSL *ssl, int *alert, void *arg)
{
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	SSL_CTX *context;
	char *other;

	(void)alert;
	(void)arg;
	if (!name || !standin.folder)
		return SSL_TLSEXT_ERR_OK;
	other = look(name, "other");
	context = context_for(other ? other : name);
	free(other);
	SSL_set_SSL_CTX(ssl, context);
	SSL_CTX_free(context);
	return SSL_TLSEXT_ERR_OK;
}

/* ---- NETCONF */

static struct nc_server_reply *refuse(struct nc_session *session, const char *words)
{
	struct lyd_node *error = nc_err(nc_session_get_ctx(session), NC_ERR_OP_FAILED,
					NC_ERR_TYPE_APP);

	nc_err_set_msg(error, words, "en");
	return nc_server_reply_err(error);
}

static void remember_edit(struct stand *stand, struct lyd_node *rpc)
{
	struct lyd_node *child, *config = NULL;

	LY_LIST_FOR (lyd_child(rpc), child)
		if (!strcmp(LYD_NAME(child), "edit-content") || !strcmp(LYD_NAME(child), "config"))
			config = child;
	free(stand->edit);
	stand->edit = NULL;
	if (config && lyd_any_value_str(config, &stand->edit))
		stand->edit = NULL;
}

/* Without what printing added: line breaks, indentation, and NETCONF's prefix in each entry. */
static void pack(char *text)
{
	static const char prefix[] = " xmlns:nc=\"urn:ietf:params:xml:ns:netconf:base:1.0\"";
	char *to = text;

	while (*text) {
		if (*text == '\n') {
			text += strspn(text, "\n ");
			continue;
		}
		if (!strncmp(text, prefix, sizeof(prefix) - 1)) {
			text += sizeof(prefix) - 1;
			continue;
		}
		*to++ = *text++;
	}
	*to = '\0';
}

static void leave(struct stand *stand)
{
	char name[120], path[400], error[400];
	int n = 1;

	for (; n < 10000; n++) {
		snprintf(path, sizeof(path), "%s/%s.%d.xml", standin.folder, stand->name, n);
		if (access(path, F_OK))
			break;
	}
	if (stand->edit)
		pack(stand->edit);
	snprintf(name, sizeof(name), "%s.%d.xml", stand->name, n);
	if (!file_write(standin.folder, name, stand->edit ? stand->edit : "", 0600, error,
			sizeof(error)))
		die(error);
}

static struct nc_server_reply *commit(struct stand *stand)
{
	char *slow;

	while ((slow = look(stand->name, "slow"))) {
		free(slow);
		usleep(20000);
	}
	if (standin.folder)
		leave(stand);
	__atomic_add_fetch(&standin.counts->commits, 1, __ATOMIC_RELAXED);
	free(stand->edit);
	stand->edit = NULL;
	return nc_server_reply_ok();
}

static struct nc_server_reply *running(struct stand *stand, struct lyd_node *rpc)
{
	char *xml = look(stand->name, "running");
	struct lyd_node *copy, *data;

	lyd_dup_single(rpc, NULL, 0, &copy);
	if (lyd_new_any(copy, NULL, "data", xml ? xml : "", LYD_ANYDATA_XML, LYD_NEW_VAL_OUTPUT,
			&data))
		die("no data");
	free(xml);
	return nc_server_reply_data(copy, NC_WD_EXPLICIT, NC_PARAMTYPE_FREE);
}

static struct nc_server_reply *certificate_request(struct stand *stand, struct lyd_node *rpc)
{
	X509_REQ *request = X509_REQ_new();
	BIO *bio = BIO_new(BIO_s_mem());
	struct lyd_node *copy;
	char *text;

	EVP_PKEY_free(stand->key);
	stand->key = EVP_EC_gen("P-256");
	if (!X509_REQ_set_pubkey(request, stand->key) ||
	    !X509_REQ_sign(request, stand->key, EVP_sha256()) ||
	    !PEM_write_bio_X509_REQ(bio, request) || !BIO_write(bio, "", 1))
		die("no request");
	BIO_get_mem_data(bio, &text);
	lyd_dup_single(rpc, NULL, 0, &copy);
	if (lyd_new_term(copy, NULL, "request", text, LYD_NEW_VAL_OUTPUT, NULL))
		die("no request");
	BIO_free(bio);
	X509_REQ_free(request);
	return nc_server_reply_data(copy, NC_WD_EXPLICIT, NC_PARAMTYPE_FREE);
}

static struct nc_server_reply *certificate_install(struct stand *stand, struct nc_session *session,
						   struct lyd_node *rpc)
{
	const char *text = lyd_get_value(lyd_child(rpc)->next);
	BIO *bio = BIO_new_mem_buf(text, -1);
	X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	bool fits = certificate && stand->key &&
		    X509_check_private_key(certificate, stand->key) == 1;
	char file[80], error[400];

	X509_free(certificate);
	BIO_free(bio);
	if (!fits)
		return refuse(session, "this certificate is for another key");
	snprintf(file, sizeof(file), "%s.pem", stand->name);
	if (!file_write(standin.folder, file, text, 0600, error, sizeof(error)))
		die(error);
	return nc_server_reply_ok();
}

static struct nc_server_reply *crl_install(struct stand *stand, struct nc_session *session,
					   struct lyd_node *rpc)
{
	const char *text = lyd_get_value(lyd_child(rpc)->next);
	BIO *bio = BIO_new_mem_buf(text, -1);
	X509_CRL *crl = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL);
	char file[120], error[400];

	BIO_free(bio);
	if (!crl)
		return refuse(session, "this is no list");
	X509_CRL_free(crl);
	snprintf(file, sizeof(file), "%s.crl-%s", stand->name, lyd_get_value(lyd_child(rpc)));
	if (standin.folder && !file_write(standin.folder, file, text, 0600, error, sizeof(error)))
		die(error);
	return nc_server_reply_ok();
}

static struct nc_server_reply *on_rpc(struct lyd_node *rpc, struct nc_session *session)
{
	struct stand *stand = nc_session_get_data(session);
	const char *name = LYD_NAME(rpc);
	struct nc_server_reply *reply;
	char *words;

	if (!strcmp(name, "close-session"))
		return nc_clb_default_close_session(rpc, session);
	if (!strcmp(name, "edit-config")) {
		__atomic_add_fetch(&standin.counts->edits, 1, __ATOMIC_RELAXED);
		remember_edit(stand, rpc);
	} else if (!strcmp(name, "validate")) {
		words = look(stand->name, "refuse");
		if (words) {
			reply = refuse(session, words);
			free(words);
			return reply;
		}
	} else if (!strcmp(name, "commit")) {
		return commit(stand);
	} else if (!strcmp(name, "get-config")) {
		return running(stand, rpc);
	} else if (!strcmp(name, "certificate-request")) {
		return certificate_request(stand, rpc);
	} else if (!strcmp(name, "certificate-install")) {
		return certificate_install(stand, session, rpc);
	} else if (!strcmp(name, "crl-install")) {
		return crl_install(stand, session, rpc);
	}
	return nc_server_reply_ok();
}

static void serve(int fd, const char *name)
{
	struct stand stand = { 0 };
	struct nc_session *session = NULL;
	struct nc_pollsession *poll;

	snprintf(stand.name, sizeof(stand.name), "%s", name);
	if (nc_accept_inout(fd, fd, name, standin.context, &session) != NC_MSG_HELLO) {
		close(fd);
		return;
	}
	__atomic_add_fetch(&standin.counts->sessions, 1, __ATOMIC_RELAXED);
	nc_session_set_data(session, &stand);
	poll = nc_ps_new();
	nc_ps_add_session(poll, session);
	while (!(nc_ps_poll(poll, 60000, NULL) & (NC_PSPOLL_SESSION_TERM | NC_PSPOLL_NOSESSIONS |
						  NC_PSPOLL_ERROR | NC_PSPOLL_TIMEOUT)))
		continue;
	nc_ps_clear(poll, 1, NULL);
	nc_ps_free(poll);
	close(fd);
	free(stand.edit);
	EVP_PKEY_free(stand.key);
}

static void shake_hands_and_serve(int fd, SSL_CTX *context, const char *name)
{
	SSL *ssl = SSL_new(context);
	char error[200];
	int local;

	SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) != 1) {
		SSL_free(ssl);
		close(fd);
		return;
	}
	if (!name)
		name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	{
		char copy[64];

		snprintf(copy, sizeof(copy), "%s", name ? name : "");
		fcntl(fd, F_SETFL, O_NONBLOCK);
		local = tls_pump(ssl, fd, error, sizeof(error));
		if (local < 0)
			die(error);
		serve(local, copy);
	}
}

static void *run(void *arg)
{
	(void)arg;
	for (;;) {
		int fd = accept(standin.fd, NULL, NULL);

		if (fd >= 0)
			shake_hands_and_serve(fd, standin.any, NULL);
	}
	return NULL;
}

/* Sessions that end in the middle are what tests are about. */
static void say_nothing(const struct nc_session *session, NC_VERB_LEVEL level, const char *message)
{
	(void)session;
	(void)level;
	(void)message;
}

int standin_start(const char *database, const char *folder, struct standin_counts *counts)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_ANY) };
	socklen_t length = sizeof(any);
	pthread_t threads[32];
	char error[400];

	standin.db = db_open(database, error, sizeof(error));
	if (!standin.db)
		die(error);
	standin.folder = folder;
	standin.counts = counts;
	nc_verbosity(NC_VERB_ERROR);
	nc_set_print_clb_session(say_nothing);
	if (nc_server_init() || nc_server_init_ctx(&standin.context) ||
	    lys_parse_mem(standin.context, VPN_CERTIFICATE_YANG, LYS_IN_YANG, NULL))
		die("libnetconf2's server does not start");
	nc_set_global_rpc_clb(on_rpc);
	standin.any = context_for("*.load.test");
	SSL_CTX_set_tlsext_servername_callback(standin.any, on_server_name);
	standin.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (standin.fd < 0 || bind(standin.fd, (struct sockaddr *)&any, sizeof(any)) ||
	    listen(standin.fd, 1024) || getsockname(standin.fd, (struct sockaddr *)&any, &length))
		die(strerror(errno));
	for (size_t i = 0; i < sizeof(threads) / sizeof(threads[0]); i++)
		if (pthread_create(&threads[i], NULL, run, NULL))
			die("no thread");
	return ntohs(any.sin_port);
}

void standin_call(const char *name, const char *address, int port)
{
	struct sockaddr_in from = { .sin_family = AF_INET }, to = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	SSL_CTX *context = context_for(name);

	inet_pton(AF_INET, address, &from.sin_addr);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	to.sin_port = htons((uint16_t)port);
	if (bind(fd, (struct sockaddr *)&from, sizeof(from)) ||
	    connect(fd, (struct sockaddr *)&to, sizeof(to)))
		die(strerror(errno));
	shake_hands_and_serve(fd, context, name);
	SSL_CTX_free(context);
}
