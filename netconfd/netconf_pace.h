// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How slowly a client may take what it asked for; see netconf_pace.c.
 */
#ifndef _NETCONF_PACE_H
#define _NETCONF_PACE_H

#include <stdbool.h>
#include <stdint.h>

/* So many bytes in so many milliseconds, at the least. */
#define NETCONF_PACE_BYTES 16384
#define NETCONF_PACE_MSEC  30000

/* One direction of one connection; all zero at its beginning. */
struct netconf_pace {
	bool waiting;
	uint64_t taken; /* as of then */
	int64_t since;	/* milliseconds */
};

/*
 * There is something that it has not taken yet: so many bytes it has taken in
 * all, and this is the time, of a clock in milliseconds that nobody sets. False:
 * it is too slow.
 */
extern bool netconf_pace_holds(struct netconf_pace *pace, uint64_t taken, int64_t now);

/* It has taken all. */
extern void netconf_pace_done(struct netconf_pace *pace);

/* Bytes that the other end of a TCP connection has acknowledged. */
extern uint64_t netconf_pace_acknowledged(int fd);

#endif /* _NETCONF_PACE_H */
