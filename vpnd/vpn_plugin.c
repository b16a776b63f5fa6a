// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * charon's plugin vpnspi: the client of its socket.  See vpn_plugin.h.
 */
#include <zebra.h>

#include "lib/log.h"

#include "vpnd/vpn_apply.h"
#include "vpnd/vpn_ce.h"
#include "vpnd/vpn_debug.h"
#include "vpnd/vpn_gateway.h"
#include "vpnd/vpn_knock.h"
#include "vpnd/vpn_label_apply.h"
#include "vpnd/vpn_peer.h"
#include "vpnd/vpn_plugin.h"
#include "vpnd/vpn_plugin_msg.h"
#include "vpnd/vpn_socket.h"

static struct vpn_socket *sock;
static uint32_t last_id;
static bool hello_came;
static char strongswan[32];
static char refused[VPN_REASON_SIZE]; /* why its HELLO was not taken; empty: it was */

/* --- receiving ----------------------------------------------------------------------------- */

static void received_hello(const struct vpnspi_hello *hello)
{
	if (hello->version != VPNSPI_VERSION) {
		snprintf(refused, sizeof(refused),
			 "charon's plugin vpnspi speaks version %u, vpnd version %u: install both from one build",
			 hello->version, VPNSPI_VERSION);
		zlog_err("%s", refused);
		vpn_apply_plugin_down(refused);
		return;
	}
	hello_came = true;
	strlcpy(strongswan, hello->strongswan, sizeof(strongswan));
	zlog_info("charon's plugin vpnspi is there (strongSwan %s)", strongswan);
	vpn_apply_plugin_up();
}

static void received_knock(const struct vpnspi_knock *knock)
{
	struct ipaddr peer, local;

	if (!vpn_peer_from_wire(&knock->peer, &peer))
		return;
	if (vpn_peer_from_wire(&knock->local, &local))
		vpn_knock(&local, &peer);
	vpn_ce_knock(&peer);
}

static void received_message(const struct vpn_plugin_msg *msg)
{
	DEBUGD(&vpn_dbg_plugin, "plugin: type %u id %u came", msg->header.type, msg->header.id);
	if (msg->header.type == VPNSPI_HELLO) {
		received_hello(&msg->body.hello);
		return;
	}
	if (!hello_came)
		return;
	switch (msg->header.type) {
	case VPNSPI_DONE:
		vpn_apply_done(msg->header.id, &msg->body.done);
		break;
	case VPNSPI_PEER_IS:
		vpn_peer_is(&msg->body.peer_is);
		break;
	case VPNSPI_OUT_IS:
		vpn_labels_out_is(&msg->body.out_is);
		break;
	case VPNSPI_ALERT:
		vpn_peer_alert(&msg->body.alert);
		break;
	case VPNSPI_LINK_ALERT:
		vpn_gateway_alert(&msg->body.link_alert);
		break;
	case VPNSPI_KNOCK:
		received_knock(&msg->body.knock);
		break;
	case VPNSPI_SILENT:
		if (msg->body.silent.conn[0])
			vpn_gateway_silent(&msg->body.silent);
		else
			vpn_peer_silent(&msg->body.silent);
		break;
	case VPNSPI_COUNTERS:
		vpn_peer_count(&msg->body.counters);
		break;
	}
}

static ssize_t received(const uint8_t *data, size_t len)
{
	struct vpn_plugin_msg msg;
	size_t used, done = 0;
	int ret;

	while ((ret = vpn_plugin_msg_get(data + done, len - done, &msg, &used)) > 0) {
		received_message(&msg);
		done += used;
	}
	return ret < 0 ? ret : (ssize_t)done;
}

/* --- the connection ------------------------------------------------------------------------ */

static void up(void)
{
	hello_came = false;
	refused[0] = '\0';
}

static void down(const char *reason)
{
	hello_came = false;
	refused[0] = '\0';
	vpn_apply_plugin_down(reason);
}

static const struct vpn_socket_ops ops = {
	.server = "charon's plugin vpnspi",
	.up = up,
	.down = down,
	.received = received,
};

void vpn_plugin_init(const char *path)
{
	sock = vpn_socket_new(path, &ops);
}

void vpn_plugin_stop(void)
{
	vpn_socket_free(&sock);
	hello_came = false;
}

bool vpn_plugin_connected(const char **reason)
{
	if (reason)
		*reason = refused[0]			? refused
			  : !vpn_socket_connected(sock) ? vpn_socket_reason(sock)
			  : !hello_came ? "charon's plugin vpnspi has not said hello yet"
					: "";
	return hello_came;
}

bool vpn_plugin_failed(void)
{
	return refused[0] || vpn_socket_failed(sock);
}

const char *vpn_plugin_version(void)
{
	return hello_came ? strongswan : "";
}

/* --- sending ------------------------------------------------------------------------------- */

static uint32_t send_request(enum vpnspi_type type, const void *body)
{
	struct vpnspi_header header = {
		.size = sizeof(header) + vpnspi_body_size(type),
		.type = type,
	};
	uint8_t message[VPNSPI_MESSAGE_MAX];

	if (!hello_came)
		return 0;
	last_id = last_id == UINT32_MAX ? 1 : last_id + 1;
	header.id = last_id;
	memcpy(message, &header, sizeof(header));
	if (body)
		memcpy(message + sizeof(header), body, header.size - sizeof(header));
	DEBUGD(&vpn_dbg_plugin, "plugin: type %u id %u goes", header.type, header.id);
	return vpn_socket_send(sock, message, header.size) ? header.id : 0;
}

uint32_t vpn_plugin_config(const struct ipaddr *local, uint8_t prefix_len)
{
	struct vpnspi_config body = { .prefix_len = prefix_len };

	if (local)
		vpn_peer_to_wire(local, &body.local);
	return send_request(VPNSPI_CONFIG, &body);
}

uint32_t vpn_plugin_label_in(uint32_t label, uint32_t if_id, bool add)
{
	struct vpnspi_label_in body = { .label = label, .if_id = if_id };

	return send_request(add ? VPNSPI_LABEL_IN : VPNSPI_LABEL_IN_DEL, &body);
}

uint32_t vpn_plugin_label_out(const struct ipaddr *peer, uint32_t label, uint8_t label_len,
			      uint32_t if_id, bool add)
{
	struct vpnspi_label_out body = { .label = label, .if_id = if_id, .label_len = label_len };

	vpn_peer_to_wire(peer, &body.peer);
	return send_request(add ? VPNSPI_LABEL_OUT : VPNSPI_LABEL_OUT_DEL, &body);
}

uint32_t vpn_plugin_link(const struct vpn_child *child, bool add)
{
	struct vpnspi_link body = {
		.if_id = child->if_id,
		.spokes = child->spokes,
		.has_vpn_id = child->has_vpn_id,
		.signal = child->signal == VPN_SIGNAL_TRANSPORT	  ? VPNSPI_SIGNAL_TRANSPORT
			  : child->signal == VPN_SIGNAL_VENDOR_ID ? VPNSPI_SIGNAL_VENDOR_ID
								  : VPNSPI_SIGNAL_NONE,
	};

	strlcpy(body.conn, child->gateway->name, sizeof(body.conn));
	strlcpy(body.child, child->name, sizeof(body.child));
	memcpy(body.vpn_id, child->vpn_id, sizeof(body.vpn_id));
	return send_request(add ? VPNSPI_LINK : VPNSPI_LINK_DEL, &body);
}

uint32_t vpn_plugin_spoke(const struct vpn_child *child, bool add)
{
	struct vpnspi_spoke body = { .number = child->spoke };

	strlcpy(body.conn, child->gateway->name, sizeof(body.conn));
	strlcpy(body.child, child->spoke_of, sizeof(body.child));
	strlcpy(body.identity, child->identity, sizeof(body.identity));
	return send_request(add ? VPNSPI_SPOKE : VPNSPI_SPOKE_DEL, &body);
}

uint32_t vpn_plugin_sync(bool begin)
{
	return send_request(begin ? VPNSPI_SYNC_BEGIN : VPNSPI_SYNC_END, NULL);
}

uint32_t vpn_plugin_counters_get(void)
{
	return send_request(VPNSPI_COUNTERS_GET, NULL);
}
