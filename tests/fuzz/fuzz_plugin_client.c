// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any octets as what charon's plugin sends to vpnd.
 */
/* link: vpnd/vpn_plugin_msg.c */
#include <stdlib.h>
#include <string.h>

#include "vpnd/vpn_plugin_msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct vpn_plugin_msg *msg)
{
	switch (msg->header.type) {
	case VPNSPI_HELLO:
		if (strlen(msg->body.hello.strongswan) >= sizeof(msg->body.hello.strongswan))
			abort();
		break;
	case VPNSPI_PEER_IS:
		if (strlen(msg->body.peer_is.proposal) >= sizeof(msg->body.peer_is.proposal) ||
		    strlen(msg->body.peer_is.text) >= VPNSPI_TEXT_SIZE)
			abort();
		break;
	case VPNSPI_LINK_ALERT:
		if (strlen(msg->body.link_alert.conn) >= sizeof(msg->body.link_alert.conn) ||
		    strlen(msg->body.link_alert.child) >= sizeof(msg->body.link_alert.child) ||
		    strlen(msg->body.link_alert.text) >= VPNSPI_TEXT_SIZE)
			abort();
		break;
	case VPNSPI_SILENT:
		if (strlen(msg->body.silent.conn) >= sizeof(msg->body.silent.conn))
			abort();
		break;
	case VPNSPI_DONE:
	case VPNSPI_OUT_IS:
	case VPNSPI_ALERT:
	case VPNSPI_COUNTERS:
	case VPNSPI_KNOCK:
		break;
	default:
		abort(); /* not the plugin's to send */
	}
}

static void run(const uint8_t *data, size_t size)
{
	struct vpn_plugin_msg msg;
	size_t used, done = 0;

	while (vpn_plugin_msg_get(data + done, size - done, &msg, &used) > 0) {
		if (used > size - done || used != msg.header.size)
			abort();
		check(&msg);
		done += used;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vpnspi_header header = {};
	uint8_t message[VPNSPI_MESSAGE_MAX] = {};
	int body;

	run(data, size);
	if (!size)
		return 0;
	/* with a header that fits, so that bodies are reached */
	header.type = VPNSPI_HELLO + data[0] % (VPNSPI_SILENT - VPNSPI_HELLO + 1);
	body = vpnspi_body_size(header.type);
	header.size = sizeof(header) + body;
	memcpy(message, &header, sizeof(header));
	memcpy(message + sizeof(header), data + 1,
	       size - 1 < (size_t)body ? size - 1 : (size_t)body);
	run(message, header.size);
	return 0;
}
