// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * State in words; see vpn_state.h.
 */
#include <zebra.h>

#include "lib/monotime.h"

#include "vpnd/vpn_state.h"

enum vpn_peer_state vpn_label_state(const struct vpn_label *label)
{
	if (label->up)
		return VPN_PEER_UP;
	return label->verdict == VPN_PENDING ? VPN_PEER_CONNECTING : VPN_PEER_DOWN;
}

enum vpn_peer_state vpn_use_state(const struct vpn_use *use)
{
	if (use->up)
		return VPN_PEER_UP;
	if (use->verdict == VPN_PENDING)
		return VPN_PEER_CONNECTING;
	/* what the peer is not at fault for will not come by itself */
	return use->peer && use->peer->state == VPN_PEER_CONNECTING ? VPN_PEER_CONNECTING
								    : VPN_PEER_DOWN;
}

bool vpn_peer_is_up(const struct vpn_peer *peer)
{
	return peer->state == VPN_PEER_UP && peer->is.state == VPNSPI_PEER_UP;
}

int64_t vpn_link_seconds(int64_t ms)
{
	return (ms + 999) / 1000;
}

const char *vpn_time_str(time_t when, char buf[VPN_TIME_SIZE])
{
	struct tm tm;

	buf[0] = '\0';
	if (when && gmtime_r(&when, &tm))
		strftime(buf, VPN_TIME_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return buf;
}

const char *vpn_age_str(time_t when, char buf[VPN_TIME_SIZE])
{
	time_t age = when ? MAX(time(NULL) - when, 0) : 0;

	if (!when)
		snprintf(buf, VPN_TIME_SIZE, "never");
	else if (age >= ONE_DAY_SECOND)
		snprintf(buf, VPN_TIME_SIZE, "%lldd%02lldh", (long long)(age / ONE_DAY_SECOND),
			 (long long)(age % ONE_DAY_SECOND / 3600));
	else
		snprintf(buf, VPN_TIME_SIZE, "%02lld:%02lld:%02lld", (long long)(age / 3600),
			 (long long)(age % 3600 / 60), (long long)(age % 60));
	return buf;
}
