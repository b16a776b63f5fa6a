/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests to charon's plugin that wait for their answer, by their id, so that
 * an answer finds its label or use at once however many there are.
 */
#ifndef VPND_VPN_WAITING_H
#define VPND_VPN_WAITING_H

#include <zebra.h>

#include "lib/typesafe.h"

PREDECL_HASH(vpn_waitings);

struct vpn_label;
struct vpn_use;

/* Embedded in a label or a use, one of which is set; zero: waits for nothing. */
struct vpn_waiting {
	struct vpn_waitings_item item;
	uint32_t id; /* 0: does not wait */
	struct vpn_label *label;
	struct vpn_use *use;
};

/* Waits for the answer to this request, and for no other one any more. */
void vpn_waiting_start(struct vpn_waiting *waiting, uint32_t id);

/* Waits no more.  To be called before its owner is freed. */
void vpn_waiting_stop(struct vpn_waiting *waiting);

/* Who waits for this answer, and now does so no more; NULL if nobody does. */
struct vpn_waiting *vpn_waiting_answered(uint32_t id);

#endif /* VPND_VPN_WAITING_H */
