/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which of several connections that fit a peer is its IKE_SA for?
 *
 * A link and a static connection, or two links with different profiles, may have
 * the same addresses and identities.  Charon takes the first, and if it then has
 * no child for what the peer proposes, refuses.  In IKEv2 the proposal is in the
 * same message: connections that have a child for it go first, otherwise the
 * order stays.  Which of them the peer is authenticated for charon decides as
 * ever.
 */
#ifndef VPNSPI_LINK_PREFER_H
#define VPNSPI_LINK_PREFER_H

struct vpnspi_state;
struct vpnspi_talks;

void vpnspi_link_prefer_start(struct vpnspi_state *state, struct vpnspi_talks *talks);
void vpnspi_link_prefer_stop(void);

#endif /* VPNSPI_LINK_PREFER_H */
