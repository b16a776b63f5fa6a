// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Knocks; see vpn_knock.h.  The last few are kept, one of each peer and address.
 */
#include <zebra.h>

#include "lib/monotime.h"

#include "vpnd/vpn_gateway.h"
#include "vpnd/vpn_knock.h"

#define KNOCKS	 64 /* a flood of others costs no more than a wait */
#define LATELY_S 10

struct knock {
	struct ipaddr local, peer;
	struct timeval when; /* monotonic */
};

static struct knock knocks[KNOCKS];
static unsigned int oldest;

static struct knock *find(const struct ipaddr *local, const struct ipaddr *peer)
{
	for (size_t i = 0; i < KNOCKS; i++)
		if (ipaddr_is_same(&knocks[i].local, local) && ipaddr_is_same(&knocks[i].peer, peer))
			return &knocks[i];
	return NULL;
}

void vpn_knock(const struct ipaddr *local, const struct ipaddr *peer)
{
	struct knock *knock = find(local, peer);

	if (!knock) {
		knock = &knocks[oldest];
		oldest = (oldest + 1) % KNOCKS;
	}
	knock->local = *local;
	knock->peer = *peer;
	monotime(&knock->when);
	vpn_gateways_knocked(local, peer);
}

bool vpn_knock_lately(const struct ipaddr *local, const struct ipaddr *peer)
{
	const struct knock *knock = find(local, peer);

	return knock && monotime_since(&knock->when, NULL) < LATELY_S * 1000000LL;
}
