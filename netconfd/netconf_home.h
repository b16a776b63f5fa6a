// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Call home (RFC 8071); see netconf_home.c.
 */
#ifndef _NETCONF_HOME_H
#define _NETCONF_HOME_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <time.h>

struct event_loop;

/* Whom one is called from: for "show" and whoever wants to know. */
struct netconf_home_status {
	const char *name;
	const char *server;	 /* "192.0.2.1 port 4335": connected to it, or called next */
	const char *last_server; /* the last one that was a session, or NULL */
	time_t last_contact;	 /* when that one began; 0: never */
	bool connected;
	bool calling;
	uint32_t failures; /* attempts since the last session */
	const char *error; /* of the last attempt, in words, or NULL */
	long next_call;	   /* seconds until the next attempt; 0 when connected */
};

/* The main thread, first of all. */
extern void netconf_home_init(struct event_loop *event_loop);

/* The main thread: takes over who is to be called, from the configuration. */
extern void netconf_home_configure(void);

/*
 * The main thread: the configuration has changed, and libnetconf2 has the old one until netconf_home_configured().
 * Nobody is called meanwhile, with old credentials and for longer than until the next period.
 */
extern void netconf_home_changed(void);

/*
 * Around the configuration of libnetconf2, whose thread for a name begins before it knows how many attempts an
 * address gets. One that has made its first attempt by then counts past that number, and stays with the first
 * address for 255 s. Attempts meanwhile come to nothing; false: there was one, configure anew. Any thread.
 */
extern void netconf_home_configuring(void);
extern bool netconf_home_configured(void);

/* The main thread: calls now, whatever was planned, or once more after the session that is there. False: there is no such name. */
extern bool netconf_home_call(const char *name);

/* Any thread: each() for all, which do not change meanwhile. */
extern void netconf_home_each(void (*each)(const struct netconf_home_status *status, void *arg),
			      void *arg);

/* A session that was called home begins, or is refused (words); and it ended; broke: why, if not by the client's will. */
extern void netconf_home_begins(const char *name);
extern void netconf_home_refused(const char *name, const char *words);
extern void netconf_home_ends(const char *name, const char *broke);

/* Is this one called only now and then? */
extern bool netconf_home_is_periodic(const char *name);

/*
 * netconf_guard.c, in libnetconf2's thread: is it this server's turn, now? And
 * what became of it (0 or an errno).
 */
extern bool netconf_home_may_call(const struct sockaddr *to);
extern void netconf_home_called(const struct sockaddr *to, int error);

#endif /* _NETCONF_HOME_H */
