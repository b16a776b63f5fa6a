// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * charon over VICI.  See vpn_charon.h.
 *
 * VICI answers one command at a time and its answers carry no number, so
 * requests wait in a queue and the first of it is the one under way.  Events
 * (list-sa) may come between a request and its answer and belong to it; those
 * about CHILD_SAs that come and go may come at any time.
 *
 * When the connection breaks, all that waits is dropped: its owners load
 * everything again anyway, and a secret must not lie about.
 */
#include <zebra.h>

#include "lib/log.h"
#include "lib/printfrr.h"

#include "vpnd/vpn_apply.h"
#include "vpnd/vpn_charon.h"
#include "vpnd/vpn_charon_msg.h"
#include "vpnd/vpn_charon_queue.h"
#include "vpnd/vpn_config.h"
#include "vpnd/vpn_debug.h"
#include "vpnd/vpn_memory.h"
#include "vpnd/vpn_socket.h"

DEFINE_MTYPE_STATIC(VPND, VPN_VICI_REQUEST, "VPN VICI request");

DECLARE_DLIST(vpn_charon_requests, struct vpn_charon_request, item);

static struct vpn_charon_requests_head queue = INIT_DLIST(queue);
static struct vpn_socket *sock;
static bool (*keep_conn)(const struct ipaddr *peer);

/* --- the queue ----------------------------------------------------------------------------- */

static void request_free(struct vpn_charon_request *request)
{
	vpn_charon_requests_del(&queue, request);
	vici_buf_free(&request->buf);
	XFREE(MTYPE_VPN_VICI_REQUEST, request);
}

static void queue_clear(void)
{
	struct vpn_charon_request *request;

	while ((request = vpn_charon_requests_first(&queue)))
		request_free(request);
}

void vpn_charon_run(void)
{
	struct vpn_charon_request *request;

	while ((request = vpn_charon_requests_first(&queue)) && !request->sent) {
		if (vici_finish(&request->buf) &&
		    vpn_socket_send(sock, request->buf.data, request->buf.len)) {
			DEBUGD(&vpn_dbg_vici, "vici: %s", request->what);
			request->sent = true;
			vici_buf_free(&request->buf);
			return;
		}
		if (!vpn_socket_connected(sock))
			return;
		zlog_err("charon: %s is too long for VICI and was not sent", request->what);
		request_free(request);
	}
}

struct vpn_charon_request *vpn_charon_request_new(const struct ipaddr *peer, const char *what, ...)
{
	struct vpn_charon_request *request = XCALLOC(MTYPE_VPN_VICI_REQUEST, sizeof(*request));
	va_list args;

	va_start(args, what);
	vsnprintfrr(request->what, sizeof(request->what), what, args);
	va_end(args);
	if (peer) {
		request->peer = *peer;
		request->has_peer = true;
	}
	request->essential = true;
	vpn_charon_requests_add_tail(&queue, request);
	return request;
}

/* --- answers ------------------------------------------------------------------------------- */

static void answered(struct vpn_charon_request *request, const struct vici_packet *packet)
{
	char error[VPN_REASON_SIZE];
	bool success;

	if (request->answer) {
		request->answer(request, packet);
		return;
	}
	success = packet->type == VICI_EVENT_CONFIRM ||
		  vpn_charon_read_result(packet, error, sizeof(error));
	if (success)
		DEBUGD(&vpn_dbg_vici, "vici: %s: done", request->what);
	else if (request->essential)
		zlog_warn("charon: %s: %s", request->what, error);
	if (request->done)
		request->done(request->has_peer ? &request->peer : NULL, success ? NULL : error);
	if (request->conn_done)
		request->conn_done(request->conn, request->child, success ? NULL : error);
}

/* One packet; false if it has no business here. */
static bool packet_received(const struct vici_blob *blob)
{
	struct vpn_charon_request *request = vpn_charon_requests_first(&queue);
	struct vici_packet packet;

	if (!vici_packet_parse(blob, &packet))
		return false;
	if (packet.type == VICI_EVENT) {
		if (!vici_blob_is(&packet.name, "list-sa"))
			vpn_charon_event(&packet);
		else if (request && request->sent && request->event)
			request->event(request, &packet);
		return true;
	}
	if (!request || !request->sent || packet.type == VICI_CMD_REQUEST ||
	    packet.type == VICI_EVENT_REGISTER || packet.type == VICI_EVENT_UNREGISTER)
		return false;
	answered(request, &packet);
	request_free(request);
	vpn_charon_run();
	return true;
}

static ssize_t received(const uint8_t *data, size_t len)
{
	struct vici_blob packet;
	size_t used, done = 0;
	int ret;

	while ((ret = vici_segment(data + done, len - done, &packet, &used)) > 0) {
		if (!packet_received(&packet))
			return -1;
		done += used;
	}
	return ret < 0 ? ret : (ssize_t)done;
}

/* --- the connection ------------------------------------------------------------------------ */

static void listen_to(const char *event)
{
	struct vpn_charon_request *request = vpn_charon_request_new(NULL, "registration for %s",
								    event);

	vici_begin(&request->buf, VICI_EVENT_REGISTER, event);
	vpn_charon_run();
}

static void up(void)
{
	listen_to("list-sa");
	listen_to("child-updown");
	listen_to("child-rekey");
	zlog_info("charon is there");
	vpn_apply_charon_up();
}

static void down(const char *reason)
{
	queue_clear();
	vpn_apply_charon_down(reason);
}

static const struct vpn_socket_ops ops = {
	.server = "charon",
	.up = up,
	.down = down,
	.received = received,
};

void vpn_charon_init(const char *path)
{
	sock = vpn_socket_new(path, &ops);
}

void vpn_charon_stop(void)
{
	vpn_socket_free(&sock);
	queue_clear();
}

bool vpn_charon_connected(const char **reason)
{
	if (reason)
		*reason = vpn_socket_connected(sock) ? "" : vpn_socket_reason(sock);
	return vpn_socket_connected(sock);
}

/* --- connections --------------------------------------------------------------------------- */

void vpn_charon_load_peer(const struct ipaddr *local, const struct ipaddr *peer,
			  const struct vpn_profile *profile,
			  void (*done)(const struct ipaddr *peer, const char *error))
{
	char name[VPN_CONN_NAME_SIZE];
	struct vpn_charon_request *request;

	if (!vpn_socket_connected(sock))
		return;
	request = vpn_charon_request_new(peer, "load of connection %s", vpn_conn_name(peer, name));
	request->done = done;
	vpn_charon_put_conn(&request->buf, local, peer, profile);
	vpn_charon_run();
}

static void unload_named(const char *name)
{
	struct vpn_charon_request *request;

	if (!vpn_socket_connected(sock))
		return;
	request = vpn_charon_request_new(NULL, "unload of connection %s", name);
	request->essential = false; /* it may not be there */
	vici_begin(&request->buf, VICI_CMD_REQUEST, "unload-conn");
	vici_put(&request->buf, "name", name);
	vpn_charon_run();
}

void vpn_charon_unload_peer(const struct ipaddr *peer)
{
	char name[VPN_CONN_NAME_SIZE];

	unload_named(vpn_conn_name(peer, name));
}

static void unload_unless_kept(const struct vici_blob *blob)
{
	char name[VPN_CONN_NAME_SIZE];
	struct ipaddr peer;

	if (!vpn_conn_peer(blob, &peer) || keep_conn(peer.ipa_type ? &peer : NULL))
		return;
	unload_named(vici_blob_str(blob, name, sizeof(name)));
}

static void conns_answered(const struct vpn_charon_request *request,
			   const struct vici_packet *packet)
{
	if (!vpn_charon_read_conns(packet, unload_unless_kept))
		zlog_warn("charon: %s: the answer is malformed", request->what);
}

void vpn_charon_unload_others(bool (*keep)(const struct ipaddr *peer))
{
	struct vpn_charon_request *request;

	if (!vpn_socket_connected(sock))
		return;
	keep_conn = keep;
	request = vpn_charon_request_new(NULL, "list of connections");
	request->answer = conns_answered;
	vici_begin(&request->buf, VICI_CMD_REQUEST, "get-conns");
	vpn_charon_run();
}

/* --- negotiations -------------------------------------------------------------------------- */

void vpn_charon_initiate(const struct ipaddr *peer,
			 void (*done)(const struct ipaddr *peer, const char *error))
{
	char name[VPN_CONN_NAME_SIZE];
	struct vpn_charon_request *request;

	if (!vpn_socket_connected(sock))
		return;
	request = vpn_charon_request_new(peer, "initiation of %s", vpn_conn_name(peer, name));
	request->done = done;
	vici_begin(&request->buf, VICI_CMD_REQUEST, "initiate");
	vici_put(&request->buf, "ike", name);
	vici_put(&request->buf, "child", VPNSPI_CHILD_NAME);
	vici_put(&request->buf, "timeout", "-1");
	vici_put(&request->buf, "init-limits", "no");
	vpn_charon_run();
}

static void terminate_sa(const struct vpn_charon_request *list, const struct vici_packet *packet)
{
	struct vpn_charon_request *request;
	char str[16];
	uint32_t id;

	if (!vici_blob_is(&packet->name, "list-sa") || !vpn_charon_read_sa(packet, &list->peer, &id))
		return;
	request = vpn_charon_request_new(&list->peer, "termination of IKE_SA %u with %pIA", id,
					 &list->peer);
	request->essential = false; /* it may have gone by itself */
	snprintf(str, sizeof(str), "%u", id);
	vici_begin(&request->buf, VICI_CMD_REQUEST, "terminate");
	vici_put(&request->buf, "ike-id", str);
	vici_put(&request->buf, "force", "yes");
	vici_put(&request->buf, "timeout", "-1");
}

static void sas_answered(const struct vpn_charon_request *request, const struct vici_packet *packet)
{
	DEBUGD(&vpn_dbg_vici, "vici: %s: done", request->what);
}

void vpn_charon_terminate(const struct ipaddr *peer)
{
	struct vpn_charon_request *request;

	if (!vpn_socket_connected(sock))
		return;
	request = vpn_charon_request_new(peer, "list of IKE_SAs with %pIA", peer);
	request->event = terminate_sa;
	request->answer = sas_answered;
	vici_begin(&request->buf, VICI_CMD_REQUEST, "list-sas");
	vpn_charon_run();
}
