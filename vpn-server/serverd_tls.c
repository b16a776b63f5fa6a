// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * TLS of NETCONF (RFC 7589): we are the TLS client, also when the CE called home
 * (RFC 8071).  Both sides have certificates of the database's own authority.
 *
 * libnetconf2 would check the chain and the address that was connected to.  Here
 * it matters which CE it is, whatever its address: the certificate must name the
 * CE and must not be revoked, so that no CE gets another's configuration.  So the
 * hand shake is made here, and libnetconf2 gets one end of a socket pair; a
 * thread per session carries octets between that and the TLS connection.
 */
#define _GNU_SOURCE /* timegm() */
#include "vpn-server/serverd.h"
#include "vpn-server/renewal.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#define BUFFER_SIZE 16384

int tls_patience = CONNECT_TIMEOUT;

struct tls {
	SSL_CTX *context;
};

struct pump {
	SSL *ssl;
	int net, local;
};

static void last_error(char *error, size_t size, const char *what)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	snprintf(error, size, "%s: %s", what, reason ? reason : "it failed");
	ERR_clear_error();
}

static X509 *read_certificate(const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);

	BIO_free(bio);
	return certificate;
}

static bool load(struct tls *tls, const struct identity *identity)
{
	X509 *own = read_certificate(identity->certificate), *ca = read_certificate(identity->ca);
	BIO *bio = BIO_new_mem_buf(identity->key, -1);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	bool fine = own && ca && key && SSL_CTX_use_certificate(tls->context, own) == 1 &&
		    SSL_CTX_use_PrivateKey(tls->context, key) == 1 &&
		    X509_STORE_add_cert(SSL_CTX_get_cert_store(tls->context), ca) == 1;

	BIO_free(bio);
	X509_free(own);
	X509_free(ca);
	EVP_PKEY_free(key);
	return fine;
}

struct tls *tls_new(const struct identity *identity, char *error, size_t size)
{
	struct tls *tls = calloc(1, sizeof(*tls));

	if (!tls)
		abort();
	tls->context = SSL_CTX_new(TLS_client_method());
	if (tls->context && SSL_CTX_set_min_proto_version(tls->context, TLS1_2_VERSION) &&
	    load(tls, identity)) {
		SSL_CTX_set_verify(tls->context, SSL_VERIFY_PEER, NULL);
		SSL_CTX_set_mode(tls->context, SSL_MODE_ENABLE_PARTIAL_WRITE |
						       SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
		return tls;
	}
	last_error(error, size, "TLS");
	tls_free(tls);
	return NULL;
}

void tls_free(struct tls *tls)
{
	if (tls)
		SSL_CTX_free(tls->context);
	free(tls);
}

/* Until the socket is ready for what SSL wants; false at the deadline. */
static bool wait_for(SSL *ssl, int result, int fd, time_t deadline)
{
	int want = SSL_get_error(ssl, result);
	struct pollfd p = { .fd = fd, .events = want == SSL_ERROR_WANT_WRITE ? POLLOUT : POLLIN };
	time_t left = deadline - time(NULL);

	if (want != SSL_ERROR_WANT_READ && want != SSL_ERROR_WANT_WRITE)
		return false;
	return left > 0 && poll(&p, 1, (int)left * 1000) > 0;
}

static bool shake_hands(SSL *ssl, int fd, char *error, size_t size)
{
	time_t deadline = time(NULL) + tls_patience;
	int result;
	long verdict;

	while ((result = SSL_connect(ssl)) != 1) {
		if (wait_for(ssl, result, fd, deadline))
			continue;
		verdict = SSL_get_verify_result(ssl);
		if (verdict != X509_V_OK)
			snprintf(error, size, "its certificate is refused: %s",
				 X509_verify_cert_error_string(verdict));
		else if (time(NULL) >= deadline)
			snprintf(error, size, "TLS: no answer in %d seconds", tls_patience);
		else
			last_error(error, size, "TLS");
		return false;
	}
	return true;
}

/* The first DNS name of the certificate that is a CE's. */
static bool name_of(X509 *certificate, struct db *db, char *name, size_t size)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	bool found = false;

	for (int i = 0; !found && names && i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *one = sk_GENERAL_NAME_value(names, i);
		int length;

		if (one->type != GEN_DNS)
			continue;
		length = ASN1_STRING_length(one->d.dNSName);
		if (length <= 0 || (size_t)length >= size)
			continue;
		snprintf(name, size, "%.*s", length,
			 (const char *)ASN1_STRING_get0_data(one->d.dNSName));
		found = strlen(name) == (size_t)length && ce_exists(db, name);
	}
	GENERAL_NAMES_free(names);
	return found;
}

static int64_t end_of(const X509 *certificate)
{
	struct tm tm = { 0 };

	return ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &tm) ? timegm(&tm) : 0;
}

static bool check_peer(SSL *ssl, struct db *db, char *expected, size_t expected_size, char *error,
		       size_t size)
{
	X509 *certificate = SSL_get1_peer_certificate(ssl);
	int64_t serial = 0;
	bool fine = false;

	if (certificate)
		ASN1_INTEGER_get_int64(&serial, X509_get0_serialNumber(certificate));
	if (!certificate)
		snprintf(error, size, "it has no certificate");
	else if (db_number(db, 0, "SELECT revoked FROM certificate WHERE serial = $1", "i", serial))
		snprintf(error, size, "its certificate (serial number %lld) is revoked",
			 (long long)serial);
	else if (expected[0] && X509_check_host(certificate, expected, 0, 0, NULL) != 1)
		snprintf(error, size, "it has a certificate, but not that of CE %s", expected);
	else if (!expected[0] && !name_of(certificate, db, expected, expected_size))
		snprintf(error, size, "it has a certificate, but of no CE");
	else
		fine = renewal_seen(db, expected, end_of(certificate));
	X509_free(certificate);
	return fine && !db_failed(db);
}

/* ---- the pump: both descriptors are non-blocking, each direction has a buffer */

struct flow {
	unsigned char data[BUFFER_SIZE];
	size_t used, sent;
	bool ended;
};

static bool write_local(int fd, struct flow *flow)
{
	while (flow->sent < flow->used) {
		ssize_t count = send(fd, flow->data + flow->sent, flow->used - flow->sent,
				     MSG_NOSIGNAL);

		if (count < 0)
			return errno == EAGAIN || errno == EINTR;
		flow->sent += (size_t)count;
	}
	flow->used = flow->sent = 0;
	return true;
}

/* TLS to NETCONF.  False: it is over. */
static bool inwards(const struct pump *pump, struct flow *flow)
{
	if (!flow->used) {
		int count = SSL_read(pump->ssl, flow->data, sizeof(flow->data));

		if (count <= 0) {
			int why = SSL_get_error(pump->ssl, count);

			ERR_clear_error();
			return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
		}
		flow->used = (size_t)count;
	}
	return write_local(pump->local, flow);
}

/* NETCONF to TLS. */
static bool outwards(const struct pump *pump, struct flow *flow)
{
	int count, why;

	if (!flow->used) {
		ssize_t got = recv(pump->local, flow->data, sizeof(flow->data), 0);

		if (got == 0)
			return false;
		if (got < 0)
			return errno == EAGAIN || errno == EINTR;
		flow->used = (size_t)got;
	}
	count = SSL_write(pump->ssl, flow->data + flow->sent, (int)(flow->used - flow->sent));
	if (count <= 0) {
		why = SSL_get_error(pump->ssl, count);
		ERR_clear_error();
		return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
	}
	flow->sent += (size_t)count;
	if (flow->sent == flow->used)
		flow->used = flow->sent = 0;
	return true;
}

static void *pump_run(void *arg)
{
	struct pump *pump = arg;
	struct flow *in = calloc(1, sizeof(*in)), *out = calloc(1, sizeof(*out));

	while (in && out) {
		struct pollfd fds[2] = { { .fd = pump->net }, { .fd = pump->local } };

		if (!inwards(pump, in) || !outwards(pump, out))
			break;
		if (!in->used && SSL_pending(pump->ssl))
			continue;
		fds[0].events = (short)((in->used ? 0 : POLLIN) | (out->used ? POLLOUT : 0));
		fds[1].events = (short)((out->used ? 0 : POLLIN) | (in->used ? POLLOUT : 0));
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			break;
	}
	SSL_shutdown(pump->ssl);
	ERR_clear_error();
	SSL_free(pump->ssl);
	close(pump->net);
	close(pump->local);
	/* what flowed may have been keys */
	if (in)
		OPENSSL_cleanse(in, sizeof(*in));
	if (out)
		OPENSSL_cleanse(out, sizeof(*out));
	free(in);
	free(out);
	free(pump);
	return NULL;
}

int tls_pump(SSL *ssl, int net, char *error, size_t size)
{
	struct pump *pump = calloc(1, sizeof(*pump));
	pthread_attr_t attributes;
	int pair[2];
	pthread_t thread;

	if (!pump || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) {
		snprintf(error, size, "TLS: %s", strerror(errno));
		free(pump);
		return -1;
	}
	/* NETCONF's messages come in pieces: none waits for the acknowledgement of another */
	setsockopt(net, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
	fcntl(pair[0], F_SETFL, O_NONBLOCK);
	*pump = (struct pump){ .ssl = ssl, .net = net, .local = pair[0] };
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, 256 * 1024);
	if (pthread_create(&thread, &attributes, pump_run, pump)) {
		snprintf(error, size, "TLS: no thread");
		close(pair[0]);
		close(pair[1]);
		free(pump);
		pair[1] = -1;
	}
	pthread_attr_destroy(&attributes);
	return pair[1];
}

int tls_connect(struct tls *tls, struct db *db, int fd, char *expected, size_t expected_size,
		char *error, size_t size)
{
	SSL *ssl = SSL_new(tls->context);
	int local = -1;

	fcntl(fd, F_SETFL, O_NONBLOCK);
	if (ssl && SSL_set_fd(ssl, fd) == 1) {
		if (expected[0])
			SSL_set_tlsext_host_name(ssl, expected);
		if (shake_hands(ssl, fd, error, size) &&
		    check_peer(ssl, db, expected, expected_size, error, size))
			local = tls_pump(ssl, fd, error, size);
	} else {
		last_error(error, size, "TLS");
	}
	if (local >= 0)
		return local;
	SSL_free(ssl);
	close(fd);
	return -1;
}
