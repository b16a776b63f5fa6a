/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is remembered of each IKE_SA from one of its messages to the next.
 *
 * An entry is made when it is first asked for, goes with its IKE_SA, and is only
 * touched by the thread that has the IKE_SA checked out; the table itself has a
 * lock.
 */
#ifndef VPNSPI_TALKS_H
#define VPNSPI_TALKS_H

#include <stdbool.h>
#include <stdint.h>

#include "vpnspi_offer.h"

struct vpnspi_talk {
	bool peer_is_ours;	   /* it has sent our vendor ID */
	struct vpnspi_offer offer; /* the last one that came */
	linked_list_t *ts[2]; /* and its selectors, ours and the peer's, if it came in IKE_AUTH */
	bool answers;	      /* our answer to it says this VPN-ID: */
	uint8_t answer[VPNSPI_VPN_ID_SIZE];
	bool bare;     /* our answer to it goes without client identifiers */
	int64_t asked; /* monotonic ms: when our last request was sent first */
};

struct vpnspi_talks;

struct vpnspi_talks *vpnspi_talks_create(void);
void vpnspi_talks_destroy(struct vpnspi_talks *talks);

struct vpnspi_talk *vpnspi_talks_get(struct vpnspi_talks *talks, ike_sa_t *ike_sa);
/* Remembers, or forgets with NULL, the selectors of an offer; owns the lists from now on. */
void vpnspi_talk_selectors(struct vpnspi_talk *talk, linked_list_t *ours, linked_list_t *theirs);

void vpnspi_talks_forget(struct vpnspi_talks *talks, ike_sa_t *ike_sa);

#endif /* VPNSPI_TALKS_H */
