// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Notifications of FRR's daemons to those that subscribed (RFC 5277).
 *
 * mgmtd gives every notification of a backend, alarms of vpnd among them, to
 * our front-end session, as JSON. It is kept once, counted, and put into the
 * queue of each session with a subscription, whose thread parses, filters and
 * sends it: a client that reads slowly keeps nobody waiting. A queue that is
 * full loses the newest; the log says so.
 *
 * There is one stream, NETCONF, and nothing is kept for a replay: a subscription
 * with startTime is refused.
 */
#include <zebra.h>

#include "lib/frr_pthread.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "lib/typesafe.h"

#include "netconfd/netconf_access.h"
#include "netconfd/netconf_ce.h"
#include "netconfd/netconf_error.h"
#include "netconfd/netconf_filter.h"
#include "netconfd/netconf_memory.h"
#include "netconfd/netconf_notify.h"
#include "netconfd/netconf_rpc.h"
#include "netconfd/netconf_session.h"

#define QUEUE_MAX 1000
#define SEND_MSEC 5000

PREDECL_LIST(queued_notifications);

struct queued_notification {
	struct queued_notifications_item item;
	struct timespec when;
	char json[];
};

DECLARE_LIST(queued_notifications, struct queued_notification, item);

struct netconf_subscription {
	struct queued_notifications_head queue[1];
	bool full;
	struct lyd_node *filter; /* first node of a subtree filter */
	bool filtered;
	char *xpath; /* or this */
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* of all queues */

struct arrival {
	const char *json;
	struct timespec when;
};

static void enqueue(struct netconf_session *session, void *arg)
{
	const struct arrival *arrival = arg;
	struct queued_notification *notification;
	struct netconf_subscription *subscription;
	size_t size = strlen(arrival->json) + 1;

	frr_with_mutex (&mutex) {
		subscription = session->subscription;
		if (!subscription)
			break;
		if (queued_notifications_count(subscription->queue) >= QUEUE_MAX) {
			if (!subscription->full)
				zlog_warn("session %u of %s reads too slowly: notifications are lost",
					  session->id, session->user);
			subscription->full = true;
			break;
		}
		subscription->full = false;
		notification = XMALLOC(MTYPE_NETCONF_NOTIFICATION, sizeof(*notification) + size);
		notification->when = arrival->when;
		memcpy(notification->json, arrival->json, size);
		queued_notifications_add_tail(subscription->queue, notification);
		netconf_session_wake(session);
	}
}

void netconf_notify_arrived(const char *json)
{
	struct arrival arrival = { .json = json };

	netconf_ce_notified(json);
	clock_gettime(CLOCK_REALTIME, &arrival.when);
	netconf_session_each(enqueue, &arrival);
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

static void deliver(struct netconf_session *session, const struct queued_notification *notification)
{
	const struct ly_ctx *ctx = nc_session_get_ctx(session->nc);
	struct lyd_node *tree = NULL, *op = NULL;
	struct ly_in *in = NULL;
	char *when = NULL;

	if (ly_in_new_memory(notification->json, &in) != LY_SUCCESS)
		return;
	if (lyd_parse_op(ctx, NULL, in, LYD_JSON, LYD_TYPE_NOTIF_YANG, &tree, &op) != LY_SUCCESS)
		zlog_warn("a notification is not what its YANG module says: %s", ly_last_errmsg());
	else if (netconf_access_may_hear(session->user, op) && wanted(session->subscription, tree) &&
		 ly_time_ts2str(&notification->when, &when) == LY_SUCCESS)
		send_event(session, tree, when);
	free(when);
	ly_in_free(in, 0);
	lyd_free_all(tree);
}

void netconf_notify_deliver(struct netconf_session *session)
{
	struct queued_notification *notification;

	while (session->subscription) {
		frr_with_mutex (&mutex)
			notification = queued_notifications_pop(session->subscription->queue);
		if (!notification)
			break;
		deliver(session, notification);
		XFREE(MTYPE_NETCONF_NOTIFICATION, notification);
	}
}

void netconf_notify_unsubscribe(struct netconf_session *session)
{
	struct netconf_subscription *subscription = session->subscription;
	struct queued_notification *notification;

	if (!subscription)
		return;
	frr_with_mutex (&mutex)
		session->subscription = NULL;
	while ((notification = queued_notifications_pop(subscription->queue)))
		XFREE(MTYPE_NETCONF_NOTIFICATION, notification);
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

struct nc_server_reply *netconf_create_subscription(struct netconf_session *session,
						    struct lyd_node *rpc)
{
	const char *stream = netconf_rpc_value(rpc, "stream");
	const char *stop = netconf_rpc_value(rpc, "stopTime");
	struct netconf_subscription *subscription;
	struct nc_server_reply *answer;

	if (session->subscription)
		return netconf_error(session, NC_ERR_OP_FAILED, NULL,
				     "this session has a subscription already");
	if (stream && !strmatch(stream, "NETCONF"))
		return netconf_error(session, NC_ERR_INVALID_VALUE, NULL,
				     "there is the stream NETCONF only");
	if (netconf_rpc_value(rpc, "startTime"))
		return netconf_error(session, NC_ERR_OP_NOT_SUPPORTED, NULL,
				     "past notifications are not kept: no replay");
	if (stop)
		return netconf_error_element(session, NC_ERR_MISSING_ELEM, "startTime", NULL, NULL,
					     "a stop time needs a start time, RFC 5277");
	subscription = XCALLOC(MTYPE_NETCONF_NOTIFICATION, sizeof(*subscription));
	queued_notifications_init(subscription->queue);
	answer = take_filter(session, rpc, subscription);
	nc_session_inc_notif_status(session->nc);
	frr_with_mutex (&mutex)
		session->subscription = subscription;
	if (!answer)
		return nc_server_reply_ok();
	netconf_notify_unsubscribe(session);
	return answer;
}
