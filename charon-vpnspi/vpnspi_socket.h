/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The connection with vpnd (wire/plugin.h says what is spoken).
 *
 * strongSwan's stream service listens, so that the socket gets the owner and
 * group of charon's other sockets; a thread of our own serves the one
 * connection.  Charon's threads only put events into a queue: a slow vpnd never
 * holds them up.  A vpnd that does not read is first no longer read from, and
 * when its queue is full it is disconnected; it learns all again when it
 * returns.
 */
#ifndef VPNSPI_SOCKET_H
#define VPNSPI_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/plugin.h"

struct vpnspi_state;
struct vpnspi_socket;

/* Starts to listen at the URI.  NULL: it cannot, which was logged. */
struct vpnspi_socket *vpnspi_socket_create(struct vpnspi_state *state, const char *uri);
void vpnspi_socket_destroy(struct vpnspi_socket *socket);

/* Queues a message for vpnd, if it is there.  May be called with any lock held; socket may be NULL. */
void vpnspi_socket_send(struct vpnspi_socket *socket, enum vpnspi_type type, uint32_t id,
			const void *body, size_t size);

/* Logs, and sends as an ALERT about this peer (NULL: not known). */
void vpnspi_socket_alert(struct vpnspi_socket *socket, const struct vpnspi_addr *peer,
			 const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The same as a LINK_ALERT; conn and child may be "". */
void vpnspi_socket_link_alert(struct vpnspi_socket *socket, const char *conn, const char *child,
			      const struct vpnspi_addr *peer, const char *why);

#endif /* VPNSPI_SOCKET_H */
