// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vpn-serverd: parts that share nothing but these.
 *
 *	serverd_main.c		settings, threads, the loop that waits for changes
 *	serverd_session.c	a NETCONF session with a CE that proved who it is
 *	serverd_tls.c		its TLS
 *	serverd_push.c		one plan, carried out
 *	serverd_lease.c		whom this process talks to, and no other
 *	serverd_certificate.c	a CE's new key and certificate
 *	serverd_listen.c	CEs that call home
 *	serverd_knock.c		CEs that are told to
 */
#ifndef VPN_SERVER_SERVERD_H
#define VPN_SERVER_SERVERD_H

#include <stdbool.h>
#include <stddef.h>
#include <json-c/json.h>

#include "vpn-server/model.h"

#define LEASE_SECONDS	30 /* that a CE is ours after the last word of us in the database */
#define CONNECT_TIMEOUT 10 /* seconds */
#define REPLY_TIMEOUT	60 /* seconds, of one NETCONF operation */

/* Seconds that a TLS hand shake may take: CONNECT_TIMEOUT, but in tests of what happens until then. */
extern int tls_patience;

struct nc_session;

/* Who we are to CEs; made at start, read-only then. */
struct identity {
	char *certificate, *key, *ca; /* PEM, for TLS; the key is nowhere else */
	const char *ssh_key;	      /* file of the private key, for SSH */
};

void serverd_log(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- TLS */

struct tls;
struct tls *tls_new(const struct identity *identity, char *error, size_t size);
void tls_free(struct tls *tls);

/*
 * Shakes hands over a connected socket, which it takes over, and checks that
 * the peer has a certificate of ours that is not revoked.  expected is the name
 * of the CE that it must have; if it is empty, the name that it has goes there
 * (size octets).  The descriptor on which the plain octets flow; -1 and words.
 */
int tls_connect(struct tls *tls, struct db *db, int fd, char *expected, size_t expected_size,
		char *error, size_t size);

/*
 * Carries octets between a connected, non-blocking TLS connection (either role)
 * and the descriptor that it returns, until either end closes; takes both over.
 * -1 and words: it has taken nothing over.
 */
struct ssl_st;
int tls_pump(struct ssl_st *ssl, int fd, char *error, size_t size);

/* ---- sessions: a session is closed with session_close() */

/* Once, before all threads. */
bool session_start(char *error, size_t size);

struct nc_session *session_open(struct tls *tls, const struct identity *identity, struct db *db,
				const struct ce *ce, char *error, size_t size);
/* The same over a socket that a CE has opened; who it is goes to name. */
struct nc_session *session_accept(struct tls *tls, const struct identity *identity, struct db *db,
				  int fd, bool ssh, char name[NAME_SIZE], char *error, size_t size);
void session_close(struct nc_session *session);

/* NETCONF operations.  False: error has the CE's own words, if it said any. */
bool session_lock(struct nc_session *session, char *error, size_t size);
void session_unlock(struct nc_session *session);
bool session_edit(struct nc_session *session, const char *config, char *error, size_t size);
/* What a customer edge has been told.  False: it is none, or cannot be asked. */
struct session_edge {
	int64_t version;
	char certificate[256]; /* path */
};
bool session_edge(struct nc_session *session, struct session_edge *edge);
/* wire/vpn_certificate.h. The request is malloc'ed; NULL and words. */
char *session_certificate_request(struct nc_session *session, const char *name, char *error,
				  size_t size);
bool session_certificate_install(struct nc_session *session, const char *name,
				 const char *certificate, char *error, size_t size);
bool session_crl_install(struct nc_session *session, const char *name, const char *crl, char *error,
			 size_t size);
bool session_validate(struct nc_session *session, char *error, size_t size);
bool session_commit(struct nc_session *session, char *error, size_t size);
void session_discard(struct nc_session *session);
/* What the CE runs of what may be ours, as instance data; NULL and words. */
struct json_object *session_running(struct nc_session *session, char *error, size_t size);

/* ---- certificates */

/* A CE that needs one gets a new certificate; true: so what it is configured to is another now. */
bool certificate_renew(struct db *db, struct nc_session *session, int64_t ce);

/* ---- leases */

/* The caller's memory, from lease_begin() to lease_end(). */
struct lease {
	struct lease *next;
	int64_t ce;
};

/* False: somebody talks to the CE already, or the database failed. */
bool lease_begin(struct lease *lease, struct db *db, int64_t ce, const char *owner);
/* The CE is free if what was told was recorded; otherwise within LEASE_SECONDS. */
void lease_end(struct lease *lease);
/* Renews all leases of this process, now and then; to be called each second or so, by one thread. */
bool lease_keep(struct db *db, const char *owner);

/* ---- pushing */

/* Tells the CE what there is to tell, and records it; closes nothing. */
bool push_session(struct db *db, struct nc_session *session, int64_t ce, const char *owner);
/* The same with a session of its own. */
void push_ce(struct db *db, struct tls *tls, const struct identity *identity, int64_t ce,
	     const char *owner);

/* ---- call home */

/* Tells the CE of this address to come; whether it does is not known. */
void knock(const char *address);

#define CALLS_MOST   32 /* at once, on all ports together */
#define CALLS_OF_ONE 4	/* of these, from one address */

/* The calls of all listeners; stays until the process ends. */
struct calls;
struct calls *calls_new(void);
size_t calls_count(struct calls *calls); /* that have not ended */

struct listener {
	struct calls *calls;
	const char *where; /* path or connection string of the database */
	const char *owner;
	const struct identity *identity;
	struct tls *tls;
	int fd;
	bool ssh;
};

/* Listens on a port of all addresses; -1 and words. */
int listen_open(int port, char *error, size_t size);
/* A thread: serves until the process ends. */
void *listen_run(void *listener);

#endif /* VPN_SERVER_SERVERD_H */
