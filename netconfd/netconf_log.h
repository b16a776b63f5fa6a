// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The log of notifications; see netconf_log.c.
 */
#ifndef _NETCONF_LOG_H
#define _NETCONF_LOG_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define NETCONF_LOG_EVENTS 4096
#define NETCONF_LOG_BYTES  (4 * 1024 * 1024)

/* A notification as mgmtd gave it; constant, and freed by netconf_event_free(). */
struct netconf_event {
	uint64_t number; /* of all that there were, from 0 */
	struct timespec when;
	unsigned int users; /* the log's */
	char json[];
};

/* Adds the newest. */
extern void netconf_log_add(const char *json, const struct timespec *when);

/*
 * The oldest that is there with this number or a higher one, and NULL if there
 * is none. It has a higher one if those before it were forgotten.
 */
extern struct netconf_event *netconf_log_get(uint64_t number);
extern void netconf_event_free(struct netconf_event *event);

/* The number of the first at or after a time, or of the next that will come. */
extern uint64_t netconf_log_since(const struct timespec *when);

/* The number that the next one will have. */
extern uint64_t netconf_log_next(void);

/* When the youngest of those that were forgotten came; false: none was. */
extern bool netconf_log_aged(struct timespec *when);

/* Forgets all. */
extern void netconf_log_fini(void);

#endif /* _NETCONF_LOG_H */
