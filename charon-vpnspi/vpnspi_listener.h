/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What charon tells its listeners, for vpnd: why a negotiation failed, in words
 * (ALERT), and that a peer gave a sign of life that a generation waits for.
 */
#ifndef VPNSPI_LISTENER_H
#define VPNSPI_LISTENER_H

struct vpnspi_state;

void vpnspi_listener_start(struct vpnspi_state *state);
void vpnspi_listener_stop(void);

#endif /* VPNSPI_LISTENER_H */
