/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A client of a Unix stream socket that keeps coming back.
 *
 * Never blocks.  What is sent is zeroed after it has gone, since it may hold a
 * secret.  A connection that cannot be made or breaks is tried again after a
 * pause that doubles up to VPN_SOCKET_PAUSE_MAX_MS, and is short again only after
 * a connection that stood for a while: a server that drops us, or sends what we
 * must drop it for, is not asked ten times a second.
 */
#ifndef VPND_VPN_SOCKET_H
#define VPND_VPN_SOCKET_H

#include <zebra.h>

#define VPN_SOCKET_PAUSE_MIN_MS 100
#define VPN_SOCKET_PAUSE_MAX_MS 3000
#define VPN_SOCKET_INPUT_MAX	(1024u * 1024)	    /* octets of one message */
#define VPN_SOCKET_OUTPUT_MAX	(64u * 1024 * 1024) /* octets that may wait */

struct vpn_socket_ops {
	const char *server; /* who should listen: "charon", for messages */

	/* connected */
	void (*up)(void);

	/* Not connected (any more), why, in words; called once per breakage and failed start. */
	void (*down)(const char *reason);

	/* Octets that came and were not consumed yet.  How many are consumed now; -1: malformed. */
	ssize_t (*received)(const uint8_t *data, size_t len);
};

struct vpn_socket;

/* Starts to connect as soon as the event loop runs.  path and ops must stay. */
struct vpn_socket *vpn_socket_new(const char *path, const struct vpn_socket_ops *ops);
void vpn_socket_free(struct vpn_socket **sock);

bool vpn_socket_connected(const struct vpn_socket *sock);

/* Why it is not connected, in words: "charon does not run (/run/charon.vici: connection refused)". */
const char *vpn_socket_reason(const struct vpn_socket *sock);

/* Has an attempt to connect failed since it last was connected, or since the start? */
bool vpn_socket_failed(const struct vpn_socket *sock);

/* Queues octets; false if there is no connection.  They are copied. */
bool vpn_socket_send(struct vpn_socket *sock, const void *data, size_t len);

#endif /* VPND_VPN_SOCKET_H */
