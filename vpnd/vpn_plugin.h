/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * charon's plugin vpnspi: the client of its socket.  See wire/plugin.h.
 *
 * No policy here: what it says goes to vpn_apply.c, vpn_peer.c and vpn_gateway.c.
 */
#ifndef VPND_VPN_PLUGIN_H
#define VPND_VPN_PLUGIN_H

#include <zebra.h>

#include "lib/ipaddr.h"

#include "wire/plugin.h"

struct vpn_child;

void vpn_plugin_init(const char *path);
void vpn_plugin_stop(void);

/* Has HELLO come?  If not, *reason says why, in words (if reason is not NULL). */
bool vpn_plugin_connected(const char **reason);

/* Has an attempt to connect failed since vpnd started or since the connection broke? */
bool vpn_plugin_failed(void);

/* strongSwan's version as HELLO gave it, or "". */
const char *vpn_plugin_version(void);

/* Each returns the request's id, 0 if there is no connection. */
uint32_t vpn_plugin_config(const struct ipaddr *local, uint8_t prefix_len);
uint32_t vpn_plugin_label_in(uint32_t label, uint32_t if_id, bool add);
uint32_t vpn_plugin_label_out(const struct ipaddr *peer, uint32_t label, uint8_t label_len,
			      uint32_t if_id, bool add);
uint32_t vpn_plugin_link(const struct vpn_child *child, bool add);
uint32_t vpn_plugin_spoke(const struct vpn_child *child, bool add);
uint32_t vpn_plugin_sync(bool begin);
uint32_t vpn_plugin_counters_get(void);

#endif /* VPND_VPN_PLUGIN_H */
