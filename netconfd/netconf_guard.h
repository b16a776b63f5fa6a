// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Between libnetconf2 and what it reads from; see netconf_guard.c.
 */
#ifndef _NETCONF_GUARD_H
#define _NETCONF_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

/*
 * This thread is about to have libnetconf2 accept a connection. admit() is
 * called with it, still unread: false closes it. It may be NULL.
 */
extern void netconf_guard_accepting(bool (*admit)(int fd, const struct sockaddr *from));

/* This thread goes on with a connection that another made. */
extern void netconf_guard_adopt(int fd);

/* The socket that was last accepted, or connected (call home), in this thread; -1 for none. */
extern int netconf_guard_socket(void);

/*
 * The session is there, and its messages are at most limit bytes, chunked or
 * not. Called again after each message.
 */
extern void netconf_guard_messages(bool chunked, size_t limit);

/* Why the guard refused to read on, or NULL. */
extern const char *netconf_guard_refused(void);

/*
 * What libnetconf2 says in this thread means nothing: it was told to wait before
 * it calls home.
 */
extern bool netconf_guard_is_quiet(void);

/* This thread has no connection any more. */
extern void netconf_guard_end(void);

#endif /* _NETCONF_GUARD_H */
