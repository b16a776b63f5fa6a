// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests to charon's plugin that wait for their answer.  See vpn_waiting.h.
 */
#include <zebra.h>

#include "lib/jhash.h"

#include "vpnd/vpn_waiting.h"

static int waiting_cmp(const struct vpn_waiting *a, const struct vpn_waiting *b)
{
	return numcmp(a->id, b->id);
}

static uint32_t waiting_hash(const struct vpn_waiting *waiting)
{
	return jhash_1word(waiting->id, 0x56504e);
}

DECLARE_HASH(vpn_waitings, struct vpn_waiting, item, waiting_cmp, waiting_hash);

static struct vpn_waitings_head waitings = INIT_HASH(waitings);

void vpn_waiting_stop(struct vpn_waiting *waiting)
{
	if (waiting->id)
		vpn_waitings_del(&waitings, waiting);
	waiting->id = 0;
}

void vpn_waiting_start(struct vpn_waiting *waiting, uint32_t id)
{
	vpn_waiting_stop(waiting);
	waiting->id = id;
	if (id)
		vpn_waitings_add(&waitings, waiting);
}

struct vpn_waiting *vpn_waiting_answered(uint32_t id)
{
	struct vpn_waiting key = { .id = id }, *waiting = vpn_waitings_find(&waitings, &key);

	if (waiting)
		vpn_waiting_stop(waiting);
	return waiting;
}
