/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a charon that was killed has left of tunnel links: SAs that carry on, and
 * that its successor knows nothing of.
 *
 * They are written down when the plugin starts, before charon has any SA itself.
 * Each goes when it is of no use any more:
 *
 *   - VPNSPI_LEFT_LINGER_S after an SA of the same link is installed: what is on its way, or
 *     sent by a peer that waits with the switch (vpnspi_link_switch.h), still finds it;
 *   - when vpnd has said all its links, or takes one back, and none has its if_id;
 *   - VPNSPI_LEFT_S after the start: who has not negotiated anew by then has forgotten
 *     them, too, and a link that waits for traffic would never ask for another one.
 *
 * Whose one is: of an xfrm interface its if_id says, which is a link's; of GRE, MPLS and
 * L2TP links transport mode, and a policy for this protocol alone between its addresses
 * that names it by its reqid.  All others, of an operator's own connections or another
 * daemon, are left alone.
 *
 * Policies stay: the successor replaces those that it needs, and without an SA they let
 * nothing pass.
 */
#ifndef VPNSPI_LEFT_H
#define VPNSPI_LEFT_H

#include <stdbool.h>

#define VPNSPI_LEFT_LINGER_S 10
#define VPNSPI_LEFT_S	     120

struct vpnspi_state;

/* Reads them from the kernel. */
void vpnspi_left_start(struct vpnspi_state *state);
void vpnspi_left_stop(void);

/* vpnd has said all its links (all), or has taken one back.  The state's mutex is held. */
void vpnspi_left_review_locked(struct vpnspi_state *state, bool all);

#endif /* VPNSPI_LEFT_H */
