/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which child of a link's connection is an offer for?
 *
 * Charon, as the one who answers, asks a connection's peer_cfg for the child that
 * fits traffic selectors best.  For connections of links this steps in front of
 * that method, and asks vpnspi_choice.h.  All others are asked as before.
 */
#ifndef VPNSPI_LINK_SELECT_H
#define VPNSPI_LINK_SELECT_H

#include <daemon.h>

struct vpnspi_state;
struct vpnspi_talks;

void vpnspi_link_select_start(struct vpnspi_state *state, struct vpnspi_talks *talks);

/* Connections stay hooked, and answer as before from now on. */
void vpnspi_link_select_stop(void);

/* Steps in front of this connection's choice, if it is a link's; config may be NULL. */
void vpnspi_link_select_hook(peer_cfg_t *config);

#endif /* VPNSPI_LINK_SELECT_H */
