// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The log of notifications (RFC 5277, 3.3), in memory.
 *
 * Every notification gets a number and is kept once, for all subscriptions:
 * each of them only knows the number that it comes to next. So a client that
 * reads slowly costs nothing, and one that asks for past ones begins with a
 * lower number. The log has at most NETCONF_LOG_EVENTS of them and
 * NETCONF_LOG_BYTES of text: for a new one the oldest are forgotten, and who had
 * not come to them yet has lost them.
 *
 * A session in its thread keeps the one that it is sending, although the log may
 * forget it meanwhile: events are counted. After a restart the log is empty.
 */
#include <zebra.h>

#include "lib/frr_pthread.h"
#include "lib/memory.h"

#include "netconfd/netconf_log.h"
#include "netconfd/netconf_memory.h"

/* Number n is at n % NETCONF_LOG_EVENTS. */
static struct {
	struct netconf_event *events[NETCONF_LOG_EVENTS];
	uint64_t first, next;
	size_t bytes;
	struct timespec aged;
	bool has_aged;
} events_log;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static struct netconf_event **place_of(uint64_t number)
{
	return &events_log.events[number % NETCONF_LOG_EVENTS];
}

static void release(struct netconf_event *event)
{
	if (!--event->users)
		XFREE(MTYPE_NETCONF_NOTIFICATION, event);
}

static void forget_first(void)
{
	struct netconf_event **place = place_of(events_log.first++);

	events_log.bytes -= strlen((*place)->json);
	events_log.aged = (*place)->when;
	events_log.has_aged = true;
	release(*place);
	*place = NULL;
}

void netconf_log_add(const char *json, const struct timespec *when)
{
	size_t len = strlen(json);
	struct netconf_event *event = XCALLOC(MTYPE_NETCONF_NOTIFICATION, sizeof(*event) + len + 1);

	event->when = *when;
	event->users = 1;
	memcpy(event->json, json, len);
	frr_with_mutex (&mutex) {
		while (events_log.first < events_log.next &&
		       (events_log.next - events_log.first >= NETCONF_LOG_EVENTS ||
			events_log.bytes + len > NETCONF_LOG_BYTES))
			forget_first();
		event->number = events_log.next++;
		events_log.bytes += len;
		*place_of(event->number) = event;
	}
}

struct netconf_event *netconf_log_get(uint64_t number)
{
	struct netconf_event *event = NULL;

	frr_with_mutex (&mutex) {
		number = MAX(number, events_log.first);
		if (number < events_log.next) {
			event = *place_of(number);
			event->users++;
		}
	}
	return event;
}

void netconf_event_free(struct netconf_event *event)
{
	frr_with_mutex (&mutex)
		release(event);
}

static bool is_before(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec < b->tv_sec || (a->tv_sec == b->tv_sec && a->tv_nsec < b->tv_nsec);
}

uint64_t netconf_log_since(const struct timespec *when)
{
	uint64_t number = 0;

	frr_with_mutex (&mutex) {
		/* the clock may have been set meanwhile: the numbers are in order, times need not be */
		number = events_log.first;
		while (number < events_log.next && is_before(&(*place_of(number))->when, when))
			number++;
	}
	return number;
}

uint64_t netconf_log_next(void)
{
	uint64_t next = 0;

	frr_with_mutex (&mutex)
		next = events_log.next;
	return next;
}

bool netconf_log_aged(struct timespec *when)
{
	bool aged = false;

	frr_with_mutex (&mutex) {
		*when = events_log.aged;
		aged = events_log.has_aged;
	}
	return aged;
}

void netconf_log_fini(void)
{
	frr_with_mutex (&mutex)
		while (events_log.first < events_log.next)
			forget_first();
}
