// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * CEs that call home (RFC 8071): they open the connection, we are the client on
 * it nevertheless.  Who it is says its certificate or host key; whoever cannot
 * prove to be a CE is told nothing, and does not disturb others: connections are
 * served one after the other, each hand shake with a time limit.
 */
#define _GNU_SOURCE /* accept4() */
#include "vpn-server/serverd.h"
#include "vpn-server/task.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int listen_open(int port, char *error, size_t size)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && !setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int)) &&
	    !setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){ 0 }, sizeof(int)) &&
	    !bind(fd, (struct sockaddr *)&any, sizeof(any)) && !listen(fd, 128))
		return fd;
	snprintf(error, size, "port %d: %s", port, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

/* "192.0.2.1", of IPv4 in IPv6, too. */
static void address_text(const struct sockaddr_in6 *from, char text[INET6_ADDRSTRLEN])
{
	if (IN6_IS_ADDR_V4MAPPED(&from->sin6_addr))
		inet_ntop(AF_INET, &from->sin6_addr.s6_addr[12], text, INET6_ADDRSTRLEN);
	else
		inet_ntop(AF_INET6, &from->sin6_addr, text, INET6_ADDRSTRLEN);
}

/* It is who it says; is it where it is known to be, and may we talk to it now? */
static bool admit(struct db *db, const struct ce *ce, const char *from, const char *owner)
{
	char words[300];

	if (ce->revoked) {
		serverd_log("CE %s calls from %s: it is revoked", ce->name, from);
		return false;
	}
	if (strcmp(from, ce->address) && strcmp(from, ce->host)) {
		snprintf(words, sizeof(words), "it calls from %s, but its address is %s", from,
			 ce->address);
		serverd_log("CE %s: %s", ce->name, words);
		db_exec(db, "UPDATE ce SET error = $1 WHERE id = $2", "si", words, ce->id);
		return false;
	}
	if (!task_claim_ce(db, ce->id, owner, LEASE_SECONDS)) {
		serverd_log("CE %s calls while another server talks to it", ce->name);
		return false;
	}
	/* it may have lost all since: compare with what it has */
	return db_exec(db, "UPDATE ce SET synced = 0 WHERE id = $1", "i", ce->id);
}

static void serve(const struct listener *listener, struct db *db, int fd, const char *from)
{
	struct nc_session *session;
	char name[NAME_SIZE], error[500] = "";
	struct ce ce;

	session = session_accept(listener->tls, listener->identity, db, fd, listener->ssh, name,
				 error, sizeof(error));
	if (!session) {
		serverd_log("a call from %s: %s", from, error);
		return;
	}
	db_clear(db);
	if (ce_find(db, name, &ce) && admit(db, &ce, from, listener->owner))
		push_session(db, session, ce.id, listener->owner);
	session_close(session);
}

void *listen_run(void *arg)
{
	const struct listener *listener = arg;
	struct db *db = NULL;
	char error[500];

	for (;;) {
		struct sockaddr_in6 address;
		socklen_t length = sizeof(address);
		char from[INET6_ADDRSTRLEN] = "";
		int fd = accept4(listener->fd, (struct sockaddr *)&address, &length, SOCK_CLOEXEC);

		if (fd < 0)
			continue;
		if (!db)
			db = db_open(listener->where, error, sizeof(error));
		if (!db || (db_lost(db) && !db_reconnect(db))) {
			serverd_log("the database: %s", db ? db_error(db) : error);
			close(fd);
			continue;
		}
		address_text(&address, from);
		serve(listener, db, fd, from);
	}
	return NULL;
}
