// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A NETCONF session with a CE, over libnetconf2's client.
 *
 * The session begins when the CE has proved who it is: by its certificate (TLS)
 * or its host key (SSH), whatever address it has.  The YANG modules of CEs are not
 * loaded: a configuration is written by config.c and read back as names and
 * values, so that a server needs none of FRR's files, and no CE's module can
 * make it grow.
 *
 * A reply is waited for REPLY_TIMEOUT seconds; a CE that does not answer has a
 * broken session.
 */
#include "vpn-server/serverd.h"
#include "wire/vpn_certificate.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <libssh/libssh.h>
#include <libyang/libyang.h>
#include <nc_client.h>

#define PORT_TLS "6513" /* RFC 7589 */
#define PORT_SSH "830"	/* RFC 6242 */

/* where libnetconf2 has its modules */
#ifndef NETCONF_MODULES
#define NETCONF_MODULES "/usr/share/yang/modules/libnetconf2"
#endif

#define FILTER                                                                                     \
	"<vpn xmlns=\"http://frrouting.org/yang/vpnd\"><ipsec-profile/><tunnel-link/></vpn>"       \
	"<routing xmlns=\"http://frrouting.org/yang/routing\"/>"

#define EDGE_FILTER                                                                                \
	"<vpn xmlns=\"http://frrouting.org/yang/vpnd\"><customer-edge><identity/>"                 \
	"<certificate/><provisioned-version/></customer-edge></vpn>"

static void library_says(const struct nc_session *session, NC_VERB_LEVEL level, const char *message)
{
	(void)session;
	(void)level;
	(void)message; /* what matters comes back as an error; the rest could hold data */
}

/* What all sessions are understood by: NETCONF itself, and no module of a CE. */
static struct ly_ctx *context;

static bool load_netconf(char *error, size_t size)
{
	const char *features[] = { "*", NULL };

	if (!ly_ctx_new(NETCONF_MODULES, 0, &context) &&
	    ly_ctx_load_module(context, "ietf-netconf", NULL, features) &&
	    !lys_parse_mem(context, VPN_CERTIFICATE_YANG, LYS_IN_YANG, NULL))
		return true;
	snprintf(error, size, "the YANG module ietf-netconf is not in %s (libnetconf2 brings it)",
		 NETCONF_MODULES);
	return false;
}

bool session_start(char *error, size_t size)
{
	if (context)
		return true;
	if (!load_netconf(error, size))
		return false;
	signal(SIGPIPE, SIG_IGN); /* a connection that ends is an error, not the end */
	nc_verbosity(NC_VERB_ERROR);
	nc_set_print_clb_session(library_says);
	ly_log_options(LY_LOSTORE_LAST);
	if (!nc_client_init())
		return true;
	snprintf(error, size, "libnetconf2 does not start");
	return false;
}

/* ---- connecting */

static int connect_one(const struct addrinfo *address)
{
	int fd = socket(address->ai_family, address->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	socklen_t length = sizeof(int);
	int failure = 0;

	if (fd < 0)
		return -1;
	if (connect(fd, address->ai_addr, address->ai_addrlen) && errno != EINPROGRESS)
		failure = errno;
	else if (poll(&p, 1, CONNECT_TIMEOUT * 1000) != 1)
		failure = ETIMEDOUT;
	else
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &length);
	if (!failure)
		return fd;
	close(fd);
	errno = failure;
	return -1;
}

static int connect_tcp(const char *host, const char *port, char *error, size_t size)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list = NULL;
	int code = getaddrinfo(host, port, &hints, &list), fd = -1;

	if (code) {
		snprintf(error, size, "%s: %s", host, gai_strerror(code));
		return -1;
	}
	for (const struct addrinfo *a = list; a && fd < 0; a = a->ai_next)
		fd = connect_one(a);
	if (fd < 0)
		snprintf(error, size, "no connection to %s port %s: %s", host, port,
			 strerror(errno));
	freeaddrinfo(list);
	return fd;
}

/* ---- SSH */

/* "SHA256:…" of the key that the CE has proved to have. */
static bool fingerprint_of(ssh_session ssh, char *text, size_t size)
{
	unsigned char *hash = NULL;
	size_t length = 0;
	ssh_key key = NULL;
	char *printed;
	bool fine;

	fine = !ssh_get_server_publickey(ssh, &key) &&
	       !ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash, &length);
	printed = fine ? ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, length) : NULL;
	snprintf(text, size, "%s", printed ? printed : "");
	ssh_string_free_char(printed);
	ssh_clean_pubkey_hash(&hash);
	ssh_key_free(key);
	return fine;
}

/* Expected or, if that is empty, known in the database: its CE's name goes to name. */
static bool check_host_key(ssh_session ssh, struct db *db, const struct ce *ce,
			   char name[NAME_SIZE], char login[64], char *error, size_t size)
{
	struct db_rows *rows;
	char print[128];
	bool found;

	if (!fingerprint_of(ssh, print, sizeof(print))) {
		snprintf(error, size, "SSH: its host key cannot be read");
		return false;
	}
	if (ce && strcmp(print, ce->host_key)) {
		snprintf(error, size,
			 ce->host_key[0]
				 ? "SSH: its host key is %s, not the one that is known of it"
				 : "SSH: its host key %s is not known (vpnctl ce add --host-key)",
			 print);
		return false;
	}
	if (ce) {
		snprintf(login, 64, "%s", ce->login);
		return true;
	}
	rows = db_query(db, "SELECT name, login FROM ce WHERE host_key = $1", "s", print);
	found = db_next(rows);
	if (found) {
		snprintf(name, NAME_SIZE, "%s", db_text(rows, 0));
		snprintf(login, 64, "%s", db_text(rows, 1));
	} else {
		snprintf(error, size, "SSH: host key %s is that of no CE", print);
	}
	db_end(rows);
	return found;
}

static bool authenticate(ssh_session ssh, const char *key_file, char *error, size_t size)
{
	ssh_key key = NULL;
	bool fine = false;

	if (!key_file[0] || ssh_pki_import_privkey_file(key_file, NULL, NULL, NULL, &key))
		snprintf(error, size, "SSH: our private key \"%s\" cannot be read (ssh-key in %s)",
			 key_file, "vpn-server.conf");
	else if (ssh_userauth_publickey(ssh, NULL, key) != SSH_AUTH_SUCCESS)
		snprintf(error, size, "SSH: it does not accept our key: %s", ssh_get_error(ssh));
	else
		fine = true;
	ssh_key_free(key);
	return fine;
}

/* Over a connected socket, which is the session's then, or closed. */
static struct nc_session *open_ssh(const struct identity *identity, struct db *db, int fd,
				   const struct ce *ce, char name[NAME_SIZE], char *error,
				   size_t size)
{
	struct nc_session *session = NULL;
	ssh_session ssh = ssh_new();
	long timeout = CONNECT_TIMEOUT;
	char login[64] = "";

	fcntl(fd, F_SETFL, 0);
	ssh_options_set(ssh, SSH_OPTIONS_HOST, ce ? ce->name : "ce");
	ssh_options_set(ssh, SSH_OPTIONS_FD, &fd);
	ssh_options_set(ssh, SSH_OPTIONS_TIMEOUT, &timeout);
	ssh_options_set(ssh, SSH_OPTIONS_PROCESS_CONFIG, &(bool){ false });
	if (ssh_connect(ssh) != SSH_OK) {
		snprintf(error, size, "SSH: %s", ssh_get_error(ssh));
	} else if (check_host_key(ssh, db, ce, name, login, error, size)) {
		ssh_options_set(ssh, SSH_OPTIONS_USER, login);
		if (authenticate(ssh, identity->ssh_key, error, size)) {
			session = nc_connect_libssh(ssh, context);
			if (session)
				return session;
			snprintf(error, size, "no NETCONF session over SSH");
			return NULL; /* the library has freed ssh */
		}
	}
	ssh_disconnect(ssh);
	ssh_free(ssh);
	return NULL;
}

/* ---- sessions: the library keeps this setting by thread */

static void no_modules(void)
{
	nc_client_set_new_session_context_autofill(0);
}

static struct nc_session *open_tls(struct tls *tls, struct db *db, int fd, char *name, char *error,
				   size_t size)
{
	struct nc_session *session;
	int local = tls_connect(tls, db, fd, name, NAME_SIZE, error, size);

	if (local < 0)
		return NULL;
	session = nc_connect_inout(local, local, context);
	if (session) {
		nc_session_set_data(session, (void *)(intptr_t)local);
	} else {
		snprintf(error, size, "it says no NETCONF hello");
		close(local);
	}
	return session;
}

struct nc_session *session_open(struct tls *tls, const struct identity *identity, struct db *db,
				const struct ce *ce, char *error, size_t size)
{
	bool ssh = !strcmp(ce->transport, "ssh");
	char port[16], name[NAME_SIZE];
	int fd;

	no_modules();
	snprintf(port, sizeof(port), "%lld", (long long)ce->port);
	fd = connect_tcp(ce->host[0] ? ce->host : ce->address,
			 ce->port ? port
			 : ssh	  ? PORT_SSH
				  : PORT_TLS,
			 error, size);
	if (fd < 0)
		return NULL;
	snprintf(name, sizeof(name), "%s", ce->name);
	return ssh ? open_ssh(identity, db, fd, ce, name, error, size)
		   : open_tls(tls, db, fd, name, error, size);
}

struct nc_session *session_accept(struct tls *tls, const struct identity *identity, struct db *db,
				  int fd, bool ssh, char name[NAME_SIZE], char *error, size_t size)
{
	no_modules();
	name[0] = '\0';
	return ssh ? open_ssh(identity, db, fd, NULL, name, error, size)
		   : open_tls(tls, db, fd, name, error, size);
}

void session_close(struct nc_session *session)
{
	intptr_t local = (intptr_t)nc_session_get_data(session);

	nc_session_free(session, NULL);
	if (local > 0)
		close((int)local); /* the library leaves to us what we gave it */
}

/* ---- operations */

static const struct lyd_node *child_named(const struct lyd_node *parent, const char *name)
{
	const struct lyd_node *child;

	LY_LIST_FOR (lyd_child(parent), child)
		if (!strcmp(LYD_NAME(child), name))
			return child;
	return NULL;
}

static const char *value_of(const struct lyd_node *parent, const char *name)
{
	const struct lyd_node *child = parent ? child_named(parent, name) : NULL;
	const char *value = child ? lyd_get_value(child) : NULL;

	return value ? value : "";
}

/* The CE's words of the first error in a reply; false if there is none. */
static bool error_of(const struct lyd_node *envelope, char *error, size_t size)
{
	const struct lyd_node *node = envelope ? child_named(envelope, "rpc-error") : NULL;
	const char *message, *path;

	if (!node)
		return false;
	message = value_of(node, "error-message");
	path = value_of(node, "error-path");
	snprintf(error, size, "the CE refuses: %s%s%s%s",
		 message[0] ? message : value_of(node, "error-tag"), path[0] ? " (" : "", path,
		 path[0] ? ")" : "");
	for (char *c = error; *c; c++)
		if ((unsigned char)*c < ' ')
			*c = ' ';
	return true;
}

/* Sends, waits, and frees rpc.  *data: the reply's, if wanted. */
static bool call(struct nc_session *session, struct nc_rpc *rpc, struct lyd_node **data,
		 char *error, size_t size)
{
	struct lyd_node *envelope = NULL, *op = NULL;
	NC_MSG_TYPE type = NC_MSG_ERROR;
	uint64_t id;
	bool fine;

	if (rpc && nc_send_rpc(session, rpc, REPLY_TIMEOUT * 1000, &id) == NC_MSG_RPC)
		do {
			lyd_free_tree(envelope);
			lyd_free_tree(op);
			envelope = op = NULL;
			type = nc_recv_reply(session, rpc, id, REPLY_TIMEOUT * 1000, &envelope, &op);
		} while (type == NC_MSG_NOTIF || type == NC_MSG_REPLY_ERR_MSGID);
	fine = type == NC_MSG_REPLY && !error_of(envelope, error, size);
	if (type == NC_MSG_WOULDBLOCK)
		snprintf(error, size, "the CE does not answer within %d seconds", REPLY_TIMEOUT);
	else if (type != NC_MSG_REPLY)
		snprintf(error, size, "the session with the CE broke");
	if (fine && data) {
		*data = op;
		op = NULL;
	}
	lyd_free_tree(envelope);
	lyd_free_tree(op);
	nc_rpc_free(rpc);
	return fine;
}

bool session_lock(struct nc_session *session, char *error, size_t size)
{
	return call(session, nc_rpc_lock(NC_DATASTORE_CANDIDATE), NULL, error, size);
}

void session_unlock(struct nc_session *session)
{
	char error[64];

	call(session, nc_rpc_unlock(NC_DATASTORE_CANDIDATE), NULL, error, sizeof(error));
}

bool session_edit(struct nc_session *session, const char *config, char *error, size_t size)
{
	return call(session,
		    nc_rpc_edit(NC_DATASTORE_CANDIDATE, NC_RPC_EDIT_DFLTOP_MERGE,
				NC_RPC_EDIT_TESTOPT_UNKNOWN, NC_RPC_EDIT_ERROPT_UNKNOWN, config,
				NC_PARAMTYPE_CONST),
		    NULL, error, size);
}

bool session_validate(struct nc_session *session, char *error, size_t size)
{
	return call(session, nc_rpc_validate(NC_DATASTORE_CANDIDATE, NULL, NC_PARAMTYPE_CONST),
		    NULL, error, size);
}

bool session_commit(struct nc_session *session, char *error, size_t size)
{
	return call(session, nc_rpc_commit(0, 0, NULL, NULL, NC_PARAMTYPE_CONST), NULL, error, size);
}

void session_discard(struct nc_session *session)
{
	char error[64];

	call(session, nc_rpc_discard(), NULL, error, sizeof(error));
}

/* ---- reading */

static bool is_list(const char *name)
{
	static const char *const lists[] = {
		"ipsec-profile", "tunnel-link", "control-plane-protocol",
		"route-list",	 "path-list",	"nexthop"
	};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (!strcmp(lists[i], name))
			return true;
	return false;
}

static struct json_object *to_json(const struct lyd_node *parent);

/* In a link, ipsec-profile is a leaf: a list entry has children. */
static void member_to_json(struct json_object *json, const struct lyd_node *node)
{
	const char *name = LYD_NAME(node), *key = name;
	struct json_object *list;

	if (!strcmp(name, "staticd"))
		key = "frr-staticd:staticd";
	if (!lyd_child(node)) {
		json_object_object_add(json, key, json_object_new_string(lyd_get_value(node) ?: ""));
	} else if (!is_list(name)) {
		json_object_object_add(json, key, to_json(node));
	} else {
		if (!json_object_object_get_ex(json, key, &list)) {
			list = json_object_new_array();
			json_object_object_add(json, key, list);
		}
		json_object_array_add(list, to_json(node));
	}
}

static struct json_object *to_json(const struct lyd_node *parent)
{
	struct json_object *json = json_object_new_object();
	const struct lyd_node *child;

	LY_LIST_FOR (lyd_child(parent), child)
		member_to_json(json, child);
	return json;
}

/* <data>'s children, whatever the library made of an anyxml. */
static const struct lyd_node *data_children(const struct lyd_node *op)
{
	const struct lyd_node *data = op ? child_named(op, "data") : NULL;
	const struct lyd_node_any *any = (const struct lyd_node_any *)data;

	if (data && data->schema && (data->schema->nodetype & LYD_NODE_ANY))
		return any->value_type == LYD_ANYDATA_DATATREE ? any->value.tree : NULL;
	return data ? lyd_child(data) : NULL;
}

bool session_edge(struct nc_session *session, struct session_edge *edge)
{
	const struct lyd_node *vpn, *node = NULL, *files;
	struct lyd_node *op = NULL;
	char error[200];
	bool found;

	*edge = (struct session_edge){ 0 };

	if (!call(session,
		  nc_rpc_getconfig(NC_DATASTORE_RUNNING, EDGE_FILTER, NC_WD_UNKNOWN,
				   NC_PARAMTYPE_CONST),
		  &op, error, sizeof(error)))
		return false;
	LY_LIST_FOR (data_children(op), vpn)
		if (!strcmp(LYD_NAME(vpn), "vpn"))
			node = child_named(vpn, "customer-edge");
	/* one that has no identity is configured by somebody who does not want to be told */
	found = node && *value_of(node, "identity");
	if (found) {
		edge->version = strtoll(value_of(node, "provisioned-version"), NULL, 10);
		files = child_named(node, "certificate");
		snprintf(edge->certificate, sizeof(edge->certificate), "%s",
			 value_of(files, "certificate"));
	}
	lyd_free_tree(op);
	return found;
}

/* ---- certificates */

char *session_certificate_request(struct nc_session *session, const char *name, char *error,
				  size_t size)
{
	struct lyd_node *op = NULL;
	char text[300], *request = NULL;

	snprintf(text, sizeof(text),
		 "<certificate-request xmlns=\"" VPN_CERTIFICATE_NS
		 "\"><name>%s</name></certificate-request>",
		 name);
	if (!call(session, nc_rpc_act_generic_xml(text, NC_PARAMTYPE_CONST), &op, error, size))
		return NULL;
	request = strdup(op ? value_of(op, "request") : "");
	lyd_free_tree(op);
	return request;
}

bool session_certificate_install(struct nc_session *session, const char *name,
				 const char *certificate, char *error, size_t size)
{
	char text[16384];

	/* PEM has nothing that XML would want escaped */
	snprintf(text, sizeof(text),
		 "<certificate-install xmlns=\"" VPN_CERTIFICATE_NS "\"><name>%s</name>"
		 "<certificate>%s</certificate></certificate-install>",
		 name, certificate);
	return call(session, nc_rpc_act_generic_xml(text, NC_PARAMTYPE_CONST), NULL, error, size);
}

bool session_crl_install(struct nc_session *session, const char *name, const char *crl, char *error,
			 size_t size)
{
	size_t room = strlen(crl) + 300;
	char *text = malloc(room);
	bool fine;

	if (!text)
		abort();
	snprintf(text, room,
		 "<crl-install xmlns=\"" VPN_CERTIFICATE_NS "\"><name>%s</name><crl>%s</crl>"
		 "</crl-install>",
		 name, crl);
	fine = call(session, nc_rpc_act_generic_xml(text, NC_PARAMTYPE_CONST), NULL, error, size);
	free(text);
	return fine;
}

struct json_object *session_running(struct nc_session *session, char *error, size_t size)
{
	struct json_object *json;
	const struct lyd_node *node;
	struct lyd_node *op = NULL;

	if (!call(session,
		  nc_rpc_getconfig(NC_DATASTORE_RUNNING, FILTER, NC_WD_UNKNOWN, NC_PARAMTYPE_CONST),
		  &op, error, size))
		return NULL;
	json = json_object_new_object();
	LY_LIST_FOR (data_children(op), node) {
		if (!strcmp(LYD_NAME(node), "vpn"))
			json_object_object_add(json, "frr-vpnd:vpn", to_json(node));
		else if (!strcmp(LYD_NAME(node), "routing"))
			json_object_object_add(json, "frr-routing:routing", to_json(node));
	}
	lyd_free_tree(op);
	return json;
}
