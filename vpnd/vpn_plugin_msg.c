// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Messages of charon's plugin: the parser, on buffers only.
 *
 * The plugin is ours, yet what it sends is checked like anything else that
 * comes from another process: it may be of another version, or hit by a bug.
 */
#include <string.h>

#include "vpnd/vpn_plugin_msg.h"

static bool addr_valid(const struct vpnspi_addr *addr)
{
	return addr->family == AF_INET || addr->family == AF_INET6;
}

#define TERMINATE(string) ((string)[sizeof(string) - 1] = '\0')

static int msg_check(struct vpn_plugin_msg *msg)
{
	switch (msg->header.type) {
	case VPNSPI_HELLO:
		TERMINATE(msg->body.hello.strongswan);
		return msg->body.hello.magic == VPNSPI_MAGIC ? 1 : -1;
	case VPNSPI_DONE:
		TERMINATE(msg->body.done.text);
		return 1;
	case VPNSPI_PEER_IS:
		TERMINATE(msg->body.peer_is.proposal);
		TERMINATE(msg->body.peer_is.text);
		return addr_valid(&msg->body.peer_is.peer) &&
				       msg->body.peer_is.state <= VPNSPI_PEER_UP
			       ? 1
			       : -1;
	case VPNSPI_OUT_IS:
		TERMINATE(msg->body.out_is.text);
		return addr_valid(&msg->body.out_is.peer) ? 1 : -1;
	case VPNSPI_ALERT:
		TERMINATE(msg->body.alert.text);
		return 1;
	case VPNSPI_LINK_ALERT:
		TERMINATE(msg->body.link_alert.conn);
		TERMINATE(msg->body.link_alert.child);
		TERMINATE(msg->body.link_alert.text);
		return 1;
	case VPNSPI_KNOCK:
		return addr_valid(&msg->body.knock.peer) ? 1 : -1;
	case VPNSPI_SILENT:
		TERMINATE(msg->body.silent.conn);
		return addr_valid(&msg->body.silent.peer) ? 1 : -1;
	case VPNSPI_COUNTERS:
		return addr_valid(&msg->body.counters.peer) ? 1 : -1;
	}
	return -1;
}

int vpn_plugin_msg_get(const uint8_t *data, size_t len, struct vpn_plugin_msg *msg, size_t *used)
{
	size_t header = sizeof(msg->header);
	int body;

	if (len < header)
		return 0;
	memset(msg, 0, sizeof(*msg));
	memcpy(&msg->header, data, header);
	body = vpnspi_body_size(msg->header.type);
	if (body < 0 || msg->header.size != header + body || msg->header.type < VPNSPI_HELLO)
		return -1;
	if (len < msg->header.size)
		return 0;
	memcpy(&msg->body, data + header, body);
	*used = msg->header.size;
	return msg_check(msg);
}
