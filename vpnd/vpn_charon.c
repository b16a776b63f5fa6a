// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * charon over VICI.  See vpn_charon.h.
 *
 * VICI answers one command at a time and its answers carry no number, so
 * requests wait in a queue and the first of it is the one under way.  Events
 * (list-sa) may come between a request and its answer and belong to it.
 *
 * When the connection breaks, all that waits is dropped: its owners load
 * everything again anyway, and a secret must not lie about.
 */
#include <zebra.h>

#include "lib/log.h"
#include "lib/printfrr.h"
#include "lib/typesafe.h"

#include "vpnd/vici.h"
#include "vpnd/vpn_apply.h"
#include "vpnd/vpn_charon.h"
#include "vpnd/vpn_charon_msg.h"
#include "vpnd/vpn_config.h"
#include "vpnd/vpn_debug.h"
#include "vpnd/vpn_memory.h"
#include "vpnd/vpn_socket.h"

DEFINE_MTYPE_STATIC(VPND, VPN_VICI_REQUEST, "VPN VICI request");
DEFINE_MTYPE_STATIC(VPND, VPN_SECRET, "VPN secret on its way to charon");

#define SECRET_FILE_MAX 16384 /* octets of a key file */
#define SECRET_ID	"vpnd-secret"

PREDECL_DLIST(requests);

struct request {
	struct requests_item item;
	struct vici_buf buf;
	bool sent;
	bool essential; /* its failure is worth a warning */
	char what[96];	/* for messages: "load of vpnd-pe-10.0.0.2" */
	struct ipaddr peer;
	bool has_peer;

	/* called once with the answer; error is NULL on success */
	void (*done)(const struct ipaddr *peer, const char *error);
	void (*answer)(const struct request *request, const struct vici_packet *packet);
	void (*event)(const struct request *request, const struct vici_packet *packet);
};

DECLARE_DLIST(requests, struct request, item);

static struct requests_head queue = INIT_DLIST(queue);
static struct vpn_socket *sock;
static bool (*keep_conn)(const struct ipaddr *peer);

/* --- the queue ----------------------------------------------------------------------------- */

static void request_free(struct request *request)
{
	requests_del(&queue, request);
	vici_buf_free(&request->buf);
	XFREE(MTYPE_VPN_VICI_REQUEST, request);
}

static void queue_clear(void)
{
	struct request *request;

	while ((request = requests_first(&queue)))
		request_free(request);
}

static void queue_run(void)
{
	struct request *request;

	while ((request = requests_first(&queue)) && !request->sent) {
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

static PRINTFRR(2, 3) struct request *request_new(const struct ipaddr *peer, const char *what, ...)
{
	struct request *request = XCALLOC(MTYPE_VPN_VICI_REQUEST, sizeof(*request));
	va_list args;

	va_start(args, what);
	vsnprintfrr(request->what, sizeof(request->what), what, args);
	va_end(args);
	if (peer) {
		request->peer = *peer;
		request->has_peer = true;
	}
	request->essential = true;
	requests_add_tail(&queue, request);
	return request;
}

/* --- answers ------------------------------------------------------------------------------- */

static void answered(struct request *request, const struct vici_packet *packet)
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
}

/* One packet; false if it has no business here. */
static bool packet_received(const struct vici_blob *blob)
{
	struct request *request = requests_first(&queue);
	struct vici_packet packet;

	if (!vici_packet_parse(blob, &packet))
		return false;
	if (packet.type == VICI_EVENT) {
		if (request && request->sent && request->event)
			request->event(request, &packet);
		return true;
	}
	if (!request || !request->sent || packet.type == VICI_CMD_REQUEST ||
	    packet.type == VICI_EVENT_REGISTER || packet.type == VICI_EVENT_UNREGISTER)
		return false;
	answered(request, &packet);
	request_free(request);
	queue_run();
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

static void up(void)
{
	struct request *request = request_new(NULL, "registration for list-sa");

	vici_begin(&request->buf, VICI_EVENT_REGISTER, "list-sa");
	queue_run();
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
	struct request *request;

	if (!vpn_socket_connected(sock))
		return;
	request = request_new(peer, "load of connection %s", vpn_conn_name(peer, name));
	request->done = done;
	vpn_charon_put_conn(&request->buf, local, peer, profile);
	queue_run();
}

static void unload_named(const char *name)
{
	struct request *request;

	if (!vpn_socket_connected(sock))
		return;
	request = request_new(NULL, "unload of connection %s", name);
	request->essential = false; /* it may not be there */
	vici_begin(&request->buf, VICI_CMD_REQUEST, "unload-conn");
	vici_put(&request->buf, "name", name);
	queue_run();
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

static void conns_answered(const struct request *request, const struct vici_packet *packet)
{
	if (!vpn_charon_read_conns(packet, unload_unless_kept))
		zlog_warn("charon: %s: the answer is malformed", request->what);
}

void vpn_charon_unload_others(bool (*keep)(const struct ipaddr *peer))
{
	struct request *request;

	if (!vpn_socket_connected(sock))
		return;
	keep_conn = keep;
	request = request_new(NULL, "list of connections");
	request->answer = conns_answered;
	vici_begin(&request->buf, VICI_CMD_REQUEST, "get-conns");
	queue_run();
}

/* --- secrets ------------------------------------------------------------------------------- */

/* The whole file, NUL-terminated, into a buffer of its own; NULL and *error if that fails. */
static char *secret_read(const char *path, size_t *len, const char **error)
{
	static char words[VPN_REASON_SIZE];
	char *data = XCALLOC(MTYPE_VPN_SECRET, SECRET_FILE_MAX + 1);
	FILE *file = fopen(path, "re");

	*error = NULL;
	if (file) {
		setvbuf(file, NULL, _IONBF, 0); /* no copy in a buffer of stdio */
		*len = fread(data, 1, SECRET_FILE_MAX + 1, file);
	}
	if (!file || ferror(file))
		snprintf(words, sizeof(words), "%s cannot be read: %s", path, safe_strerror(errno));
	else if (!*len)
		snprintf(words, sizeof(words), "%s is empty", path);
	else if (*len > SECRET_FILE_MAX)
		snprintf(words, sizeof(words), "%s is longer than %d octets", path, SECRET_FILE_MAX);
	else
		words[0] = '\0';
	if (file)
		fclose(file);
	if (!words[0])
		return data;
	*error = words;
	explicit_bzero(data, SECRET_FILE_MAX + 1);
	XFREE(MTYPE_VPN_SECRET, data);
	return NULL;
}

static void secret_free(char **data)
{
	if (*data)
		explicit_bzero(*data, SECRET_FILE_MAX + 1);
	XFREE(MTYPE_VPN_SECRET, *data);
}

/* A pre-shared key that is good for whoever talks to our address. */
static void load_shared(const struct ipaddr *local, const char *secret, size_t len)
{
	struct request *request = request_new(NULL, "load of the pre-shared key");
	char owner[INET6_ADDRSTRLEN];

	vici_begin(&request->buf, VICI_CMD_REQUEST, "load-shared");
	vici_put(&request->buf, "id", SECRET_ID);
	vici_put(&request->buf, "type", "IKE");
	vici_put_data(&request->buf, "data", secret, len);
	vici_put_list(&request->buf, "owners", ipaddr2str(local, owner, sizeof(owner)));
	queue_run();
}

static void load_key(const char *data, size_t len)
{
	struct request *request = request_new(NULL, "load of the private key");

	vici_begin(&request->buf, VICI_CMD_REQUEST, "load-key");
	vici_put(&request->buf, "type", "any");
	vici_put_data(&request->buf, "data", data, len);
	queue_run();
}

static const char *load_secret_file(const struct ipaddr *local, const char *path, bool psk)
{
	const char *error;
	char *data;
	size_t len = 0;

	data = secret_read(path, &len, &error);
	if (!data)
		return error;
	while (psk && len && (data[len - 1] == '\n' || data[len - 1] == '\r'))
		len--;
	if (psk)
		load_shared(local, data, len);
	else
		load_key(data, len);
	secret_free(&data);
	return NULL;
}

const char *vpn_charon_load_secret(const struct ipaddr *local, const struct vpn_profile *profile)
{
	if (!vpn_socket_connected(sock))
		return NULL;
	switch (profile->auth) {
	case VPN_AUTH_PSK:
		load_shared(local, profile->psk, strlen(profile->psk));
		return NULL;
	case VPN_AUTH_PSK_FILE:
		return load_secret_file(local, profile->psk_file, true);
	case VPN_AUTH_CERTIFICATE:
		vpn_charon_unload_secret(local); /* of the configuration before, if any */
		return load_secret_file(local, profile->key_file, false);
	case VPN_AUTH_NONE:
		break;
	}
	return "no authentication is configured";
}

void vpn_charon_unload_secret(const struct ipaddr *local)
{
	struct request *request;

	if (!vpn_socket_connected(sock))
		return;
	request = request_new(local, "unload of the pre-shared key");
	request->essential = false;
	vici_begin(&request->buf, VICI_CMD_REQUEST, "unload-shared");
	vici_put(&request->buf, "id", SECRET_ID);
	queue_run();
}

/* --- negotiations -------------------------------------------------------------------------- */

void vpn_charon_initiate(const struct ipaddr *peer,
			 void (*done)(const struct ipaddr *peer, const char *error))
{
	char name[VPN_CONN_NAME_SIZE];
	struct request *request;

	if (!vpn_socket_connected(sock))
		return;
	request = request_new(peer, "initiation of %s", vpn_conn_name(peer, name));
	request->done = done;
	vici_begin(&request->buf, VICI_CMD_REQUEST, "initiate");
	vici_put(&request->buf, "ike", name);
	vici_put(&request->buf, "child", VPNSPI_CHILD_NAME);
	vici_put(&request->buf, "timeout", "-1");
	vici_put(&request->buf, "init-limits", "no");
	queue_run();
}

static void terminate_sa(const struct request *list, const struct vici_packet *packet)
{
	struct request *request;
	char str[16];
	uint32_t id;

	if (!vici_blob_is(&packet->name, "list-sa") || !vpn_charon_read_sa(packet, &list->peer, &id))
		return;
	request = request_new(&list->peer, "termination of IKE_SA %u with %pIA", id, &list->peer);
	request->essential = false; /* it may have gone by itself */
	snprintf(str, sizeof(str), "%u", id);
	vici_begin(&request->buf, VICI_CMD_REQUEST, "terminate");
	vici_put(&request->buf, "ike-id", str);
	vici_put(&request->buf, "force", "yes");
	vici_put(&request->buf, "timeout", "-1");
}

static void sas_answered(const struct request *request, const struct vici_packet *packet)
{
	DEBUGD(&vpn_dbg_vici, "vici: %s: done", request->what);
}

void vpn_charon_terminate(const struct ipaddr *peer)
{
	struct request *request;

	if (!vpn_socket_connected(sock))
		return;
	request = request_new(peer, "list of IKE_SAs with %pIA", peer);
	request->event = terminate_sa;
	request->answer = sas_answered;
	vici_begin(&request->buf, VICI_CMD_REQUEST, "list-sas");
	queue_run();
}
