// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Connections become sessions; see netconf_server.c.
 */
#ifndef _NETCONF_SERVER_H
#define _NETCONF_SERVER_H

#include <stdbool.h>

struct event_loop;

/* All in the main thread. */
extern void netconf_server_init(struct event_loop *loop);

/* Waits for connections on what libnetconf2 listens on now; and not any more. */
extern void netconf_server_listen(void);
extern void netconf_server_unlisten(void);

/* Ends all sessions; done() is called when there is none, or after a while. */
extern void netconf_server_stop(void (*done)(void));

/* What "show netconf" tells. */
struct netconf_server_state {
	unsigned int listening; /* sockets */
	unsigned int handshakes;
	unsigned int refused;
};
extern struct netconf_server_state netconf_server_state(void);

#endif /* _NETCONF_SERVER_H */
