/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Exponential back-off with jitter and a limit.
 *
 * The n-th failure in a row is followed by a pause of initial × 2^(n-1),
 * at most maximum, of which up to a quarter is taken off at random so that
 * many PEs that lost one peer together do not come back together.  After
 * limit failures there is no further attempt (limit 0: there always is one).
 */
#ifndef VPND_VPN_BACKOFF_H
#define VPND_VPN_BACKOFF_H

#include <stdbool.h>
#include <stdint.h>

struct vpn_backoff {
	unsigned int failures; /* in a row */
};

void vpn_backoff_reset(struct vpn_backoff *backoff);

/*
 * Counts a failure.  Milliseconds until the next attempt, or -1 if the limit
 * is reached.  random: any 32 random bits.
 */
int64_t vpn_backoff_failed(struct vpn_backoff *backoff, unsigned int initial_s,
			   unsigned int maximum_s, unsigned int limit, uint32_t random);

/* Is the limit reached? */
bool vpn_backoff_exhausted(const struct vpn_backoff *backoff, unsigned int limit);

#endif /* VPND_VPN_BACKOFF_H */
