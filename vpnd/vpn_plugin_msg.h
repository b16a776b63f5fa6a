/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages of charon's plugin: the parser, on buffers only.  See wire/plugin.h.
 */
#ifndef VPND_VPN_PLUGIN_MSG_H
#define VPND_VPN_PLUGIN_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/plugin.h"

/* A message that the plugin may send, checked: strings end, enums are known. */
struct vpn_plugin_msg {
	struct vpnspi_header header;
	union {
		struct vpnspi_hello hello;
		struct vpnspi_done done;
		struct vpnspi_peer_is peer_is;
		struct vpnspi_out_is out_is;
		struct vpnspi_alert alert;
		struct vpnspi_counters counters;
		struct vpnspi_link_alert link_alert;
		struct vpnspi_knock knock;
		struct vpnspi_silent silent;
	} body;
};

/*
 * The first message in data.  1: *msg is it, *used its octets.  0: more is
 * needed.  -1: malformed, or a type that only vpnd sends.
 */
int vpn_plugin_msg_get(const uint8_t *data, size_t len, struct vpn_plugin_msg *msg, size_t *used);

#endif /* VPND_VPN_PLUGIN_MSG_H */
