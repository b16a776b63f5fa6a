/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Time: parents are never in the kernel, so it cannot tell charon when they are
 * to be rekeyed and when they end.  These jobs of charon's scheduler do, and all
 * else of the plugin's that is to be done later.
 */
#ifndef VPNSPI_TIMER_H
#define VPNSPI_TIMER_H

#include <library.h>

struct vpnspi_state;

enum vpnspi_timer_kind {
	VPNSPI_TIMER_REKEY,  /* have charon rekey the CHILD_SA */
	VPNSPI_TIMER_EXPIRE, /* have charon delete it */
	VPNSPI_TIMER_LINGER, /* delete the outbound label SAs that are no longer used */
	VPNSPI_TIMER_ASK,    /* send the peer an empty exchange: has it finished? */
};

/*
 * Runs this for a generation (for ASK: an IKE_SA's unique id) in ms milliseconds.
 * Does nothing any more when that is gone by then.
 */
void vpnspi_timer_start(struct vpnspi_state *state, enum vpnspi_timer_kind kind, uint32_t id,
			uint64_t ms);

/* Runs this in so many seconds, in a thread of charon's. */
void vpnspi_timer_after(void (*run)(void), uint32_t seconds);

/* Monotonic milliseconds. */
int64_t vpnspi_now_ms(void);

/* Jobs that are still to run when the plugin goes do nothing from now on. */
void vpnspi_timer_stop(void);

/* The kernel says that a label SA's limit is reached: rekey (or delete) its parent. */
void vpnspi_timer_kernel_expire(struct vpnspi_state *state, uint32_t wire_spi, host_t *dst,
				bool hard);

#endif /* VPNSPI_TIMER_H */
