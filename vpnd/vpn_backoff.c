// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Exponential back-off with jitter and a limit.  See vpn_backoff.h.
 */
#include "vpnd/vpn_backoff.h"

void vpn_backoff_reset(struct vpn_backoff *backoff)
{
	backoff->failures = 0;
}

bool vpn_backoff_exhausted(const struct vpn_backoff *backoff, unsigned int limit)
{
	return limit && backoff->failures >= limit;
}

int64_t vpn_backoff_failed(struct vpn_backoff *backoff, unsigned int initial_s,
			   unsigned int maximum_s, unsigned int limit, uint32_t random)
{
	uint64_t pause = (uint64_t)initial_s * 1000, maximum = (uint64_t)maximum_s * 1000;
	unsigned int i;

	if (backoff->failures < UINT32_MAX)
		backoff->failures++;
	if (vpn_backoff_exhausted(backoff, limit))
		return -1;
	for (i = 1; i < backoff->failures && pause < maximum; i++)
		pause *= 2;
	if (pause > maximum)
		pause = maximum;
	return pause - pause / 4 * random / UINT32_MAX;
}
