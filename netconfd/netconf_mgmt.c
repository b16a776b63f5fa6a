// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mgmtd, as threads see it.
 *
 * libfrr's front-end client of mgmtd (lib/mgmt_fe_client) lives in the event
 * loop and is the main thread's alone. A NETCONF session has a thread of its
 * own, because libnetconf2 wants an answer before its callback returns. So a
 * thread puts a request into the event loop (FRR's events may come from any
 * thread), and sleeps until the loop has the answer.
 *
 *     session's thread              main thread                     mgmtd
 *       request ── event ──▶ request_start ── session, request ──▶
 *       sleeps                                    ◀── reply
 *       answer  ◀── wakes ── request_end
 *
 * A front-end session is made when it is first used, and made again after
 * mgmtd came back: then its locks are gone, and the one that held them is told
 * (lost). All requests end: by mgmtd's answer, when mgmtd goes away, or after
 * REQUEST_SECONDS, which are longer than mgmtd's own limits.
 */
#include <zebra.h>

#include "lib/frr_pthread.h"
#include "lib/frrevent.h"
#include "lib/libfrr.h"
#include "lib/memory.h"
#include "lib/typesafe.h"

#include "netconfd/netconf_memory.h"
#include "netconfd/netconf_mgmt.h"

#define REQUEST_SECONDS 700

enum request_kind {
	REQUEST_LOCK,
	REQUEST_QUIET,
	REQUEST_GET,
	REQUEST_EDIT,
	REQUEST_COMMIT,
	REQUEST_RPC,
};

/* One question. The asking thread's stack holds it, or the heap when done is set. */
struct request {
	enum request_kind kind;
	struct netconf_mgmt *mgmt;
	struct netconf_reply *reply;

	Mgmtd__DatastoreId ds;
	bool flag; /* lock; validate only */
	bool abort;
	uint8_t datastore, flags, defaults;
	LYD_FORMAT format;
	const char *xpath, *xml;
	const struct netconf_change *changes;
	size_t count, answered;

	struct event *timeout;
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	bool ended;
	void (*done)(struct netconf_reply *reply);
};

PREDECL_DLIST(netconf_mgmts);

struct netconf_mgmt {
	struct netconf_mgmts_item item;
	uint64_t client_id;
	uint64_t session_id; /* 0: none now */
	bool opening;
	bool had;	 /* there was a session */
	uint64_t req_id; /* of the first message of the request under way */
	struct request *request;
};

DECLARE_DLIST(netconf_mgmts, struct netconf_mgmt, item);

/* All the main thread's. */
static struct netconf_mgmts_head mgmts[1];
static struct mgmt_fe_client *client;
static struct event_loop *loop;
static struct netconf_mgmt *listener; /* the one that notifications are taken from */
static bool is_connected;
static uint64_t next_client_id = 1;
static uint64_t next_req_id = 1;
static void (*on_connected)(bool up);
static void (*on_notified)(const char *json);

void netconf_reply_free(struct netconf_reply *reply)
{
	XFREE(MTYPE_NETCONF_REPLY, reply->words);
	XFREE(MTYPE_NETCONF_REPLY, reply->data);
	memset(reply, 0, sizeof(*reply));
}

/* The answer is complete: wakes who asked. */
static void request_end(struct request *request)
{
	struct netconf_reply *reply = request->reply;

	event_cancel(&request->timeout);
	if (request->mgmt->request == request)
		request->mgmt->request = NULL;
	if (request->done) {
		request->done(reply);
		netconf_reply_free(reply);
		XFREE(MTYPE_NETCONF_REPLY, request->reply);
		XFREE(MTYPE_NETCONF_REQUEST, request);
		return;
	}
	frr_with_mutex (&request->mutex) {
		request->ended = true;
		pthread_cond_signal(&request->cond);
	}
}

static void reply_fail(struct netconf_reply *reply, int error, const char *words)
{
	if (reply->words)
		return;
	reply->ok = false;
	reply->error = error;
	reply->words = XSTRDUP(MTYPE_NETCONF_REPLY,
			       words && words[0] ? words : "mgmtd refuses and does not say why");
}

static void request_lost(struct request *request)
{
	reply_fail(request->reply, ENOTCONN, "mgmtd is not there: try again when it has started");
	request->reply->ok = false;
	request->reply->lost = true;
	request_end(request);
}

static void request_timed_out(struct event *event)
{
	struct request *request = EVENT_ARG(event);

	reply_fail(request->reply, ETIMEDOUT, "mgmtd does not answer");
	request_end(request);
}

static int send_edits(struct netconf_mgmt *mgmt, struct request *request)
{
	for (size_t i = 0; i < request->count; i++) {
		const struct netconf_change *change = &request->changes[i];
		int ret = mgmt_fe_send_edit_req(client, mgmt->session_id, next_req_id++,
						MGMT_MSG_DATASTORE_CANDIDATE, LYD_XML, 0,
						change->op, change->xpath, change->data);

		if (ret)
			return ret;
	}
	return 0;
}

static int send_lock(struct netconf_mgmt *mgmt, Mgmtd__DatastoreId ds, bool lock)
{
	return mgmt_fe_send_lockds_req(client, mgmt->session_id, next_req_id++, ds, lock, false);
}

/* There is a front-end session: sends the question. */
static void request_send(struct netconf_mgmt *mgmt)
{
	struct request *request = mgmt->request;
	int ret = -1;

	mgmt->req_id = next_req_id;
	switch (request->kind) {
	case REQUEST_LOCK:
		ret = send_lock(mgmt, request->ds, request->flag);
		break;
	case REQUEST_QUIET:
		/* mgmtd takes both out of one read: nobody else finds the lock taken */
		ret = send_lock(mgmt, request->ds, true);
		if (!ret)
			ret = send_lock(mgmt, request->ds, false);
		break;
	case REQUEST_GET:
		ret = mgmt_fe_send_get_data_req(client, mgmt->session_id, next_req_id++,
						request->datastore, request->format, request->flags,
						request->defaults, request->xpath);
		break;
	case REQUEST_EDIT:
		ret = send_edits(mgmt, request);
		break;
	case REQUEST_COMMIT:
		ret = mgmt_fe_send_commitcfg_req(client, mgmt->session_id, next_req_id++,
						 MGMTD_DS_CANDIDATE, MGMTD_DS_RUNNING,
						 request->flag, request->abort);
		break;
	case REQUEST_RPC:
		ret = mgmt_fe_send_rpc_req(client, mgmt->session_id, next_req_id++, LYD_XML,
					   request->xpath, request->xml);
		break;
	}
	if (ret)
		request_lost(request);
}

/* In the main thread: a question arrived. */
static void request_start(struct request *request)
{
	struct netconf_mgmt *mgmt = request->mgmt;

	assert(!mgmt->request);
	mgmt->request = request;
	if (!is_connected) {
		request_lost(request);
		return;
	}
	event_add_timer(loop, request_timed_out, request, REQUEST_SECONDS, &request->timeout);
	if (mgmt->session_id) {
		request_send(mgmt);
		return;
	}
	if (mgmt->had)
		request->reply->lost = true;
	if (!mgmt->opening &&
	    mgmt_fe_create_client_session(client, mgmt->client_id, (uintptr_t)mgmt)) {
		request_lost(request);
		return;
	}
	mgmt->opening = true;
}

static void request_event(struct event *event)
{
	request_start(EVENT_ARG(event));
}

/* In another thread: asks and waits. */
static void ask(struct request *request, struct netconf_mgmt *mgmt, struct netconf_reply *reply)
{
	memset(reply, 0, sizeof(*reply));
	request->mgmt = mgmt;
	request->reply = reply;
	pthread_mutex_init(&request->mutex, NULL);
	pthread_cond_init(&request->cond, NULL);

	event_add_event(loop, request_event, request, 0, NULL);
	frr_with_mutex (&request->mutex) {
		while (!request->ended)
			pthread_cond_wait(&request->cond, &request->mutex);
	}
	pthread_cond_destroy(&request->cond);
	pthread_mutex_destroy(&request->mutex);
}

void netconf_mgmt_lock(struct netconf_mgmt *mgmt, Mgmtd__DatastoreId ds, bool lock,
		       struct netconf_reply *reply)
{
	struct request request = { .kind = REQUEST_LOCK, .ds = ds, .flag = lock };

	ask(&request, mgmt, reply);
}

void netconf_mgmt_get(struct netconf_mgmt *mgmt, uint8_t datastore, LYD_FORMAT format, uint8_t flags,
		      uint8_t defaults, const char *xpath, struct netconf_reply *reply)
{
	struct request request = {
		.kind = REQUEST_GET,
		.datastore = datastore,
		.format = format,
		.flags = flags,
		.defaults = defaults,
		.xpath = xpath,
	};

	ask(&request, mgmt, reply);
}

void netconf_mgmt_edit(struct netconf_mgmt *mgmt, const struct netconf_change *changes,
		       size_t count, struct netconf_reply *reply)
{
	struct request request = { .kind = REQUEST_EDIT, .changes = changes, .count = count };

	if (count) {
		ask(&request, mgmt, reply);
		return;
	}
	memset(reply, 0, sizeof(*reply));
	reply->ok = true;
}

void netconf_mgmt_commit(struct netconf_mgmt *mgmt, bool validate_only, bool abort,
			 struct netconf_reply *reply)
{
	struct request request = { .kind = REQUEST_COMMIT, .flag = validate_only, .abort = abort };

	ask(&request, mgmt, reply);
}

void netconf_mgmt_rpc(struct netconf_mgmt *mgmt, const char *xpath, const char *xml,
		      struct netconf_reply *reply)
{
	struct request request = { .kind = REQUEST_RPC, .xpath = xpath, .xml = xml };

	ask(&request, mgmt, reply);
}

/* A question that nobody waits for. */
static struct request *request_later(enum request_kind kind, struct netconf_mgmt *mgmt,
				     void (*done)(struct netconf_reply *reply))
{
	struct request *request = XCALLOC(MTYPE_NETCONF_REQUEST, sizeof(*request));

	request->kind = kind;
	request->mgmt = mgmt;
	request->reply = XCALLOC(MTYPE_NETCONF_REPLY, sizeof(*request->reply));
	request->done = done;
	return request;
}

void netconf_mgmt_quiet_later(struct netconf_mgmt *mgmt, Mgmtd__DatastoreId ds,
			      void (*done)(struct netconf_reply *reply))
{
	struct request *request = request_later(REQUEST_QUIET, mgmt, done);

	request->ds = ds;
	request_start(request);
}

void netconf_mgmt_get_later(struct netconf_mgmt *mgmt, uint8_t datastore, LYD_FORMAT format,
			    uint8_t flags, const char *xpath,
			    void (*done)(struct netconf_reply *reply))
{
	struct request *request = request_later(REQUEST_GET, mgmt, done);

	request->datastore = datastore;
	request->format = format;
	request->flags = flags;
	request->xpath = xpath;
	request_start(request);
}

void netconf_mgmt_rpc_later(struct netconf_mgmt *mgmt, const char *xpath, const char *xml,
			    void (*done)(struct netconf_reply *reply))
{
	struct request *request = request_later(REQUEST_RPC, mgmt, done);

	request->xpath = xpath;
	request->xml = xml;
	request_start(request);
}

/* ------------------------------------------------------- a front-end session */

static void mgmt_add(struct event *event)
{
	struct netconf_mgmt *mgmt = EVENT_ARG(event);

	mgmt->client_id = next_client_id++;
	netconf_mgmts_add_tail(mgmts, mgmt);
}

struct netconf_mgmt *netconf_mgmt_new(void)
{
	struct netconf_mgmt *mgmt = XCALLOC(MTYPE_NETCONF_MGMT, sizeof(*mgmt));

	/* before any request, because events come in order */
	event_add_event(loop, mgmt_add, mgmt, 0, NULL);
	return mgmt;
}

static void mgmt_remove(struct event *event)
{
	struct netconf_mgmt *mgmt = EVENT_ARG(event);

	if (is_connected && (mgmt->session_id || mgmt->opening))
		mgmt_fe_destroy_client_session(client, mgmt->client_id);
	netconf_mgmts_del(mgmts, mgmt);
	XFREE(MTYPE_NETCONF_MGMT, mgmt);
}

void netconf_mgmt_free(struct netconf_mgmt *mgmt)
{
	event_add_event(loop, mgmt_remove, mgmt, 0, NULL);
}

/* -------------------------------------------------------- what mgmtd answers */

/* The session whose answer this is, if it still waits for it. */
static struct netconf_mgmt *answered(uintptr_t context, uint64_t req_id)
{
	struct netconf_mgmt *mgmt = (struct netconf_mgmt *)context;

	if (!mgmt->request || req_id < mgmt->req_id)
		return NULL;
	return mgmt;
}

static void cb_session(struct mgmt_fe_client *cl, uintptr_t user_data, uint64_t client_id,
		       bool create, bool success, uintptr_t session_id, uintptr_t context)
{
	struct netconf_mgmt *mgmt = (struct netconf_mgmt *)context;

	if (!create) {
		/* the connection is lost: cb_connect() ends requests */
		mgmt->session_id = 0;
		mgmt->opening = false;
		return;
	}
	mgmt->opening = false;
	mgmt->had = success;
	mgmt->session_id = success ? session_id : 0;
	if (!mgmt->request)
		return;
	if (success)
		request_send(mgmt);
	else
		request_lost(mgmt->request);
}

static void cb_connect(struct mgmt_fe_client *cl, uintptr_t user_data, bool connected)
{
	struct netconf_mgmt *mgmt;

	is_connected = connected;
	if (!connected) {
		frr_each_safe (netconf_mgmts, mgmts, mgmt) {
			mgmt->session_id = 0;
			mgmt->opening = false;
			if (mgmt->request)
				request_lost(mgmt->request);
		}
	}
	on_connected(connected);
}

/* An answer of success or failure. */
static void answer(struct netconf_mgmt *mgmt, bool success, int error, const char *words)
{
	struct request *request = mgmt->request;

	if (success && !request->reply->words)
		request->reply->ok = true;
	else if (!success)
		reply_fail(request->reply, error, words);
	request_end(request);
}

static void cb_lock(struct mgmt_fe_client *cl, uintptr_t user_data, uint64_t client_id,
		    uintptr_t session_id, uintptr_t context, uint64_t req_id, bool lock,
		    bool success, Mgmtd__DatastoreId ds, char *words)
{
	struct netconf_mgmt *mgmt = answered(context, req_id);

	if (!mgmt)
		return;
	/* of its two answers the second ends it; that of the lock says whether it was free */
	if (mgmt->request->kind == REQUEST_QUIET && lock) {
		if (!success)
			reply_fail(mgmt->request->reply, EBUSY, words);
		return;
	}
	answer(mgmt, success, EBUSY, words);
}

static void cb_commit(struct mgmt_fe_client *cl, uintptr_t user_data, uint64_t client_id,
		      uintptr_t session_id, uintptr_t context, uint64_t req_id, bool success,
		      Mgmtd__DatastoreId from, Mgmtd__DatastoreId to, bool validate_only,
		      char *words)
{
	struct netconf_mgmt *mgmt = answered(context, req_id);

	if (mgmt)
		answer(mgmt, success, EINVAL, words);
}

/* Takes an answer's data over into the reply. */
static void take_data(struct netconf_mgmt *mgmt, const void *data, size_t len)
{
	struct netconf_reply *reply = mgmt->request->reply;

	reply->data = XMALLOC(MTYPE_NETCONF_REPLY, len + 1);
	memcpy(reply->data, data, len);
	reply->data[len] = '\0';
	reply->len = len;
}

static int cb_tree(struct mgmt_fe_client *cl, uintptr_t user_data, uint64_t client_id,
		   uint64_t session_id, uintptr_t context, uint64_t req_id, Mgmtd__DatastoreId ds,
		   LYD_FORMAT format, void *result, size_t len, int partial_error)
{
	struct netconf_mgmt *mgmt = answered(context, req_id);

	if (!mgmt)
		return 0;
	take_data(mgmt, result, len);
	answer(mgmt, !partial_error, EIO, "a backend did not give all of its data");
	return 0;
}

static int cb_rpc(struct mgmt_fe_client *cl, uintptr_t user_data, uint64_t client_id,
		  uint64_t session_id, uintptr_t context, uint64_t req_id, const char *result)
{
	struct netconf_mgmt *mgmt = answered(context, req_id);

	if (!mgmt)
		return 0;
	if (result)
		take_data(mgmt, result, strlen(result));
	answer(mgmt, true, 0, NULL);
	return 0;
}

/* One edit of several is done; error is 0 or an errno. */
static void edit_answer(struct netconf_mgmt *mgmt, uint64_t req_id, int error, const char *words)
{
	struct request *request = mgmt->request;

	if (error && !request->reply->words) {
		request->reply->index = req_id - mgmt->req_id;
		reply_fail(request->reply, error, words);
	}
	if (++request->answered == request->count)
		answer(mgmt, true, 0, NULL);
}

static int cb_edit(struct mgmt_fe_client *cl, uintptr_t user_data, uint64_t client_id,
		   uint64_t session_id, uintptr_t context, uint64_t req_id, const char *xpath)
{
	struct netconf_mgmt *mgmt = answered(context, req_id);

	if (mgmt && mgmt->request->kind == REQUEST_EDIT)
		edit_answer(mgmt, req_id, 0, NULL);
	return 0;
}

static int cb_error(struct mgmt_fe_client *cl, uintptr_t user_data, uint64_t client_id,
		    uint64_t session_id, uintptr_t context, uint64_t req_id, int error,
		    const char *words)
{
	struct netconf_mgmt *mgmt = answered(context, req_id);

	if (!mgmt)
		return 0;
	error = error ? abs(error) : EIO;
	if (mgmt->request->kind == REQUEST_EDIT)
		edit_answer(mgmt, req_id, error, words);
	else
		answer(mgmt, false, error, words);
	return 0;
}

static int cb_notification(struct mgmt_fe_client *cl, uintptr_t user_data, uint64_t client_id,
			   uint64_t session_id, uintptr_t context, const char *json)
{
	/* every front-end session gets them; one is enough */
	if ((struct netconf_mgmt *)context == listener)
		on_notified(json);
	return 0;
}

static struct mgmt_fe_client_cbs callbacks = {
	.client_connect_notify = cb_connect,
	.client_session_notify = cb_session,
	.lock_ds_notify = cb_lock,
	.commit_config_notify = cb_commit,
	.get_tree_notify = cb_tree,
	.edit_notify = cb_edit,
	.rpc_notify = cb_rpc,
	.async_notification = cb_notification,
	.error_notify = cb_error,
};

bool netconf_mgmt_is_connected(void)
{
	return is_connected;
}

struct netconf_mgmt *netconf_mgmt_listener(void)
{
	return listener;
}

void netconf_mgmt_init(struct event_loop *event_loop, void (*connected)(bool up),
		       void (*notified)(const char *json))
{
	loop = event_loop;
	on_connected = connected;
	on_notified = notified;
	netconf_mgmts_init(mgmts);
	listener = XCALLOC(MTYPE_NETCONF_MGMT, sizeof(*listener));
	listener->client_id = next_client_id++;
	netconf_mgmts_add_tail(mgmts, listener);
	client = mgmt_fe_client_create_remote("netconfd", &callbacks, 0, loop);
}

void netconf_mgmt_fini(void)
{
	struct netconf_mgmt *mgmt;

	mgmt_fe_client_destroy(client);
	client = NULL;
	is_connected = false;
	/* threads that could ask have ended */
	while ((mgmt = netconf_mgmts_pop(mgmts)))
		XFREE(MTYPE_NETCONF_MGMT, mgmt);
	listener = NULL;
}
