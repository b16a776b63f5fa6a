// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Notifications of FRR's daemons to those that subscribed (RFC 5277).
 *
 * mgmtd gives every notification of a backend, alarms of vpnd among them, to
 * our front-end session, as JSON. It is put into the log (netconf_log.c), and the
 * sessions with a subscription are woken; each parses, filters and sends it in
 * its thread: a client that reads slowly keeps nobody waiting. What the log
 * forgets before is lost to it; our log says so.
 *
 * There is one stream, NETCONF. A subscription with a start time begins with what
 * the log has from then on, and <replayComplete> comes when that was sent; with a
 * stop time it ends then, with <notificationComplete>. These two no filter and no
 * rule keeps out (RFC 5277, 2.1.1; RFC 8341, 3.4.6).
 */
#include <zebra.h>

#include "lib/frr_pthread.h"
#include "lib/log.h"
#include "lib/memory.h"

#include "netconfd/netconf_access.h"
#include "netconfd/netconf_ce.h"
#include "netconfd/netconf_error.h"
#include "netconfd/netconf_filter.h"
#include "netconfd/netconf_log.h"
#include "netconfd/netconf_memory.h"
#include "netconfd/netconf_notify.h"
#include "netconfd/netconf_rpc.h"
#include "netconfd/netconf_session.h"

#define SEND_MSEC 5000
#define OWN	  "nc-notifications" /* the module of the two that are ours */

struct netconf_subscription {
	uint64_t number; /* of the next in the log */
	uint64_t live;	 /* what is before it is replayed */
	bool replays, lost;
	struct timespec start, stop;
	bool stops;
	struct lyd_node *filter; /* first node of a subtree filter */
	bool filtered;
	char *xpath; /* or this */
};

/* Of session->subscription, which the main thread looks at. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void wake(struct netconf_session *session, void *arg)
{
	frr_with_mutex (&mutex)
		if (session->subscription)
			netconf_session_wake(session);
}

void netconf_notify_arrived(const char *json)
{
	struct timespec now;

	netconf_ce_notified(json);
	clock_gettime(CLOCK_REALTIME, &now);
	netconf_log_add(json, &now);
	netconf_session_each(wake, NULL);
}

/* Is it what the subscription is about? */
static bool wanted(const struct netconf_subscription *subscription, const struct lyd_node *event)
{
	struct lyd_node *copy = NULL;
	struct ly_set *set = NULL;
	bool good = true;

	if (subscription->xpath) {
		good = lyd_find_xpath(event, subscription->xpath, &set) == LY_SUCCESS && set->count;
		ly_set_free(set, NULL);
	} else if (subscription->filtered) {
		if (lyd_dup_single(event, NULL, LYD_DUP_RECURSIVE, &copy) == LY_SUCCESS)
			netconf_filter_subtree(subscription->filter, &copy);
		good = copy != NULL;
		lyd_free_all(copy);
	}
	return good;
}

static void send_event(struct netconf_session *session, struct lyd_node *event, char *when)
{
	struct nc_server_notif *notif = nc_server_notif_new(event, when, NC_PARAMTYPE_CONST);

	if (notif && nc_server_notif_send(session->nc, notif, SEND_MSEC) == NC_MSG_NOTIF)
		session->notifications++;
	nc_server_notif_free(notif);
}

static void deliver(struct netconf_session *session, const struct netconf_event *event)
{
	const struct ly_ctx *ctx = nc_session_get_ctx(session->nc);
	struct lyd_node *tree = NULL, *op = NULL;
	struct ly_in *in = NULL;
	char *when = NULL;

	if (ly_in_new_memory(event->json, &in) != LY_SUCCESS)
		return;
	if (lyd_parse_op(ctx, NULL, in, LYD_JSON, LYD_TYPE_NOTIF_YANG, &tree, &op) != LY_SUCCESS)
		zlog_warn("a notification is not what its YANG module says: %s", ly_last_errmsg());
	else if (netconf_access_may_hear(session->user, op) && wanted(session->subscription, tree) &&
		 ly_time_ts2str(&event->when, &when) == LY_SUCCESS)
		send_event(session, tree, when);
	free(when);
	ly_in_free(in, 0);
	lyd_free_all(tree);
}

/* One of the two notifications that are ours. */
static void deliver_own(struct netconf_session *session, const char *name)
{
	const struct lys_module *module =
		ly_ctx_get_module_implemented(nc_session_get_ctx(session->nc), OWN);
	struct lyd_node *event = NULL;
	struct timespec now;
	char *when = NULL;

	clock_gettime(CLOCK_REALTIME, &now);
	if (lyd_new_inner(NULL, module, name, 0, &event) == LY_SUCCESS &&
	    ly_time_ts2str(&now, &when) == LY_SUCCESS)
		send_event(session, event, when);
	free(when);
	lyd_free_all(event);
}

/* Milliseconds from now; 0 if it is past. */
static int64_t msec_until(const struct timespec *when)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return MAX((when->tv_sec - now.tv_sec) * 1000 + (when->tv_nsec - now.tv_nsec) / 1000000 + 1,
		   0);
}

int netconf_notify_patience(struct netconf_session *session)
{
	struct netconf_subscription *subscription = session->subscription;

	return subscription->stops ? MIN(msec_until(&subscription->stop), INT_MAX) : -1;
}

/* The next from the log; NULL: there is none now. */
static struct netconf_event *take_next(struct netconf_session *session)
{
	struct netconf_subscription *subscription = session->subscription;
	struct netconf_event *event = netconf_log_get(subscription->number);

	if (!event)
		return NULL;
	if (event->number > subscription->number && !subscription->lost) {
		zlog_warn("session %u of %s reads too slowly: notifications are lost", session->id,
			  session->user);
		subscription->lost = true;
	} else if (event->number == subscription->number) {
		subscription->lost = false;
	}
	subscription->number = event->number + 1;
	return event;
}

static bool is_after(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec > b->tv_sec || (a->tv_sec == b->tv_sec && a->tv_nsec > b->tv_nsec);
}

/* Sends one thing that there is for a subscription; false: nothing now. */
static bool deliver_next(struct netconf_session *session)
{
	struct netconf_subscription *subscription = session->subscription;
	struct netconf_event *event;

	if (subscription->replays && subscription->number >= subscription->live) {
		subscription->replays = false;
		deliver_own(session, "replayComplete");
		return true;
	}
	event = take_next(session);
	if (event) {
		if (!subscription->stops || !is_after(&event->when, &subscription->stop))
			deliver(session, event);
		netconf_event_free(event);
		return true;
	}
	if (subscription->stops && !msec_until(&subscription->stop)) {
		deliver_own(session, "notificationComplete");
		netconf_notify_unsubscribe(session);
	}
	return false;
}

void netconf_notify_deliver(struct netconf_session *session)
{
	/* all that the log has now; what comes meanwhile wakes the session, and requests have their turn before it */
	unsigned int most = NETCONF_LOG_EVENTS + 2;

	while (most-- && session->subscription && !session->ending &&
	       nc_session_get_status(session->nc) == NC_STATUS_RUNNING && deliver_next(session))
		continue;
}

void netconf_notify_unsubscribe(struct netconf_session *session)
{
	struct netconf_subscription *subscription = session->subscription;

	if (!subscription)
		return;
	frr_with_mutex (&mutex)
		session->subscription = NULL;
	lyd_free_all(subscription->filter);
	XFREE(MTYPE_NETCONF_NOTIFICATION, subscription->xpath);
	XFREE(MTYPE_NETCONF_NOTIFICATION, subscription);
	nc_session_dec_notif_status(session->nc);
}

/* <filter> of a subscription. */
static struct nc_server_reply *take_filter(struct netconf_session *session,
					   const struct lyd_node *rpc,
					   struct netconf_subscription *subscription)
{
	struct lyd_node *node = netconf_rpc_child(rpc, "filter");
	struct lyd_node_any *filter = (struct lyd_node_any *)node;
	struct lyd_meta *meta;

	if (!node)
		return NULL;
	/* the attributes of RFC 6241's filter, which this one has as well */
	LY_LIST_FOR (node->meta, meta) {
		if (strmatch(meta->name, "select"))
			subscription->xpath = XSTRDUP(MTYPE_NETCONF_NOTIFICATION,
						      lyd_get_meta_value(meta));
	}
	if (subscription->xpath)
		return NULL;
	subscription->filtered = true;
	if (filter->value_type == LYD_ANYDATA_DATATREE && filter->value.tree &&
	    lyd_dup_siblings(filter->value.tree, NULL, LYD_DUP_RECURSIVE, &subscription->filter) !=
		    LY_SUCCESS)
		return netconf_error(session, NC_ERR_OP_FAILED, NULL, "%s", ly_last_errmsg());
	return NULL;
}

/* <startTime> and <stopTime>. */
static struct nc_server_reply *take_times(struct netconf_session *session,
					  const struct lyd_node *rpc,
					  struct netconf_subscription *subscription)
{
	const char *start = netconf_rpc_value(rpc, "startTime");
	const char *stop = netconf_rpc_value(rpc, "stopTime");

	subscription->live = netconf_log_next();
	subscription->number = subscription->live;
	if (stop && !start)
		return netconf_error_element(session, NC_ERR_MISSING_ELEM, "startTime", NULL, NULL,
					     "a stop time needs a start time");
	if (!start)
		return NULL;
	if (ly_time_str2ts(start, &subscription->start) != LY_SUCCESS ||
	    msec_until(&subscription->start) > 1000)
		return netconf_error_element(session, NC_ERR_BAD_ELEM, "startTime", NULL, NULL,
					     "%s has not come yet", start);
	subscription->stops = stop != NULL;
	if (stop && (ly_time_str2ts(stop, &subscription->stop) != LY_SUCCESS ||
		     !is_after(&subscription->stop, &subscription->start)))
		return netconf_error_element(session, NC_ERR_BAD_ELEM, "stopTime", NULL, NULL,
					     "%s is not after the start time", stop);
	subscription->replays = true;
	subscription->number = netconf_log_since(&subscription->start);
	return NULL;
}

struct nc_server_reply *netconf_create_subscription(struct netconf_session *session,
						    struct lyd_node *rpc)
{
	const char *stream = netconf_rpc_value(rpc, "stream");
	struct netconf_subscription *subscription;
	struct nc_server_reply *answer;

	if (session->subscription)
		return netconf_error(session, NC_ERR_OP_FAILED, NULL,
				     "this session has a subscription already");
	if (stream && !strmatch(stream, "NETCONF"))
		return netconf_error(session, NC_ERR_INVALID_VALUE, NULL,
				     "there is the stream NETCONF only");
	subscription = XCALLOC(MTYPE_NETCONF_NOTIFICATION, sizeof(*subscription));
	answer = take_times(session, rpc, subscription);
	if (!answer)
		answer = take_filter(session, rpc, subscription);
	nc_session_inc_notif_status(session->nc);
	frr_with_mutex (&mutex)
		session->subscription = subscription;
	if (!answer)
		return nc_server_reply_ok();
	netconf_notify_unsubscribe(session);
	return answer;
}
