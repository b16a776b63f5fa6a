// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tunnel links: what is known of each.  See vpn_tunnel.h.
 */
#include <zebra.h>

#include "lib/log.h"

#include "vpnd/vpn_alarm.h"
#include "vpnd/vpn_apply.h"
#include "vpnd/vpn_device.h"
#include "vpnd/vpn_memory.h"
#include "vpnd/vpn_tunnel.h"

DEFINE_MTYPE_STATIC(VPND, VPN_TUNNEL, "VPN tunnel link");

struct vpn_tunnels_head vpn_tunnels = INIT_RBTREE_UNIQ(vpn_tunnels);

int vpn_tunnel_cmp(const struct vpn_tunnel *a, const struct vpn_tunnel *b)
{
	return strcmp(a->name, b->name);
}

struct vpn_tunnel *vpn_tunnel_find(const char *name)
{
	struct vpn_tunnel key = {};

	strlcpy(key.name, name, sizeof(key.name));
	return vpn_tunnels_find(&vpn_tunnels, &key);
}

struct vpn_tunnel *vpn_tunnel_get(const char *name)
{
	struct vpn_tunnel *tunnel = vpn_tunnel_find(name);

	if (tunnel)
		return tunnel;
	tunnel = XCALLOC(MTYPE_VPN_TUNNEL, sizeof(*tunnel));
	strlcpy(tunnel->name, name, sizeof(tunnel->name));
	strlcpy(tunnel->reason, "not looked at yet", sizeof(tunnel->reason));
	tunnel->since = time(NULL);
	vpn_tunnels_add(&vpn_tunnels, tunnel);
	return tunnel;
}

const char *vpn_tunnel_alarm(const struct vpn_tunnel *tunnel)
{
	static char object[96];

	snprintf(object, sizeof(object), "tunnel-link %s", tunnel->name);
	return object;
}

void vpn_tunnel_free(struct vpn_tunnel **tunnel)
{
	vpn_alarm_clear(vpn_tunnel_alarm(*tunnel));
	vpn_tunnels_del(&vpn_tunnels, *tunnel);
	XFREE(MTYPE_VPN_TUNNEL, *tunnel);
}

void vpn_tunnels_terminate(void)
{
	struct vpn_tunnel *tunnel;

	while ((tunnel = vpn_tunnels_first(&vpn_tunnels)))
		vpn_tunnel_free(&tunnel);
}

/* --- for show ------------------------------------------------------------------------------ */

void vpn_tunnel_counters(const struct vpn_tunnel *tunnel, struct vpn_counters *counters)
{
	struct vpn_device_counters device;

	memset(counters, 0, sizeof(*counters));
	if (!vpn_device_counters(tunnel->name, &device))
		return;
	counters->bytes_in = device.bytes_in;
	counters->bytes_out = device.bytes_out;
	counters->packets_in = device.packets_in;
	counters->packets_out = device.packets_out;
}

/* Its child, if something is negotiated. */
static const struct vpn_child *negotiated(const struct vpn_tunnel *tunnel)
{
	return tunnel->child && vpn_child_sas_count(&tunnel->child->sas) ? tunnel->child : NULL;
}

const char *vpn_tunnel_proposal(const struct vpn_tunnel *tunnel)
{
	return negotiated(tunnel) ? tunnel->child->proposal : "";
}

uint8_t vpn_tunnel_ike_version(const struct vpn_tunnel *tunnel)
{
	return negotiated(tunnel) ? tunnel->child->ike_version : 0;
}

uint64_t vpn_tunnel_rekeys(const struct vpn_tunnel *tunnel)
{
	return negotiated(tunnel) ? tunnel->child->rekeys : 0;
}

unsigned int vpn_tunnel_failures(const struct vpn_tunnel *tunnel)
{
	return tunnel->child && !negotiated(tunnel) ? tunnel->child->backoff.failures : 0;
}

int64_t vpn_tunnel_next_attempt(const struct vpn_tunnel *tunnel)
{
	return tunnel->child && !negotiated(tunnel) ? vpn_child_next_attempt(tunnel->child) : -1;
}

struct ipaddr vpn_tunnel_remote(const struct vpn_tunnel *tunnel)
{
	if (!tunnel->config.remote_any)
		return tunnel->config.remote;
	return negotiated(tunnel) ? tunnel->child->remote : (struct ipaddr){};
}

void vpn_tunnel_clear(struct vpn_tunnel *tunnel)
{
	zlog_notice("tunnel-link %s: cleared", tunnel->name);
	vpn_alarm_clear(vpn_tunnel_alarm(tunnel));
	tunnel->retry_at = 0;
	tunnel->learned[0] = '\0';
	if (tunnel->child)
		vpn_child_clear(tunnel->child);
	vpn_apply_schedule();
}
