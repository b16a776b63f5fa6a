/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The heart of vpnd: what should be, compared with what is.
 *
 * Whoever changes either side calls vpn_apply_schedule(); vpn_apply() runs once
 * from the event loop for any number of calls and issues the minimal changes.
 */
#ifndef VPND_VPN_APPLY_H
#define VPND_VPN_APPLY_H

#include <zebra.h>

#include "lib/frrevent.h"

#include "wire/opaque.h"
#include "wire/plugin.h"

extern struct event_loop *master; /* vpn_main.c */

/* Seconds that a restarted bgpd, mgmtd or charon may take before what it wanted goes. */
#define VPN_STALE_S 300

/* Seconds that label SAs outlive the want, for packets and withdrawals that are on their way. */
#define VPN_LINGER_S 5

/* Sockets of charon; set from the command line before vpn_apply_init. */
extern const char *vpn_vici_path;
extern const char *vpn_vpnspi_path;

/*
 * Life cycle, called from vpn_main.c: init before frr_config_fork (reads the
 * state file, dumps the kernel's links; opens charon's sockets and zebra's
 * once the event loop runs); stop at termination, in which nothing that
 * forwards is touched.
 */
void vpn_apply_init(void);
void vpn_apply_stop(void);

/* Something changed: run vpn_apply() soon. */
void vpn_apply_schedule(void);

/* Run it no later than in so many seconds. */
void vpn_apply_schedule_in(time_t seconds);

/*
 * mgmtd has given us the configuration, if only an empty one: from vpn_nb.c
 * when the first transaction was applied or mgmtd is known to have nothing for
 * us.  Until then nothing is removed and charon's plugin is not configured.
 */
void vpn_apply_config_ready(void);

/* The configuration has changed (after each transaction's apply_finish). */
void vpn_apply_config_changed(void);

/* What the plugin said (vpn_plugin.c). */
void vpn_apply_plugin_up(void);
void vpn_apply_plugin_down(const char *reason);
void vpn_apply_done(uint32_t id, const struct vpnspi_done *done);

/* The kernel's links or addresses changed (vpn_kernel.c). */
void vpn_apply_kernel_changed(void);

/* charon's VICI socket came or went (vpn_charon.c). */
void vpn_apply_charon_up(void);
void vpn_apply_charon_down(const char *reason);

/* What the state file is to hold has changed; it is written in the next run. */
void vpn_apply_state_changed(void);

/* Is everything that is wanted known to be up or down, so that bgpd may be answered? */
bool vpn_apply_settled(void);

/* Why the plugin is known not to run, in words; NULL: that is not known. */
const char *vpn_apply_plugin_gone(void);

/* Has the plugin taken our CONFIG on this connection, and so told of every peer it has? */
bool vpn_apply_plugin_ready(void);

/* --- for the parts of the run -------------------------------------------------------------- */

/* Is this time (monotonic s), if it is set, over?  If not, the run comes back when it is. */
bool vpn_apply_due(time_t at);

/* May one more interface be made or removed in this run?  If not, another run follows. */
bool vpn_apply_may_step(void);

/* Was one refused in this run? */
bool vpn_apply_work_left(void);

/* Monotonic s of the start. */
time_t vpn_apply_started(void);

/* Why no provider edge runs, in words; NULL if one does. */
const char *vpn_apply_blocked(void);

#endif /* VPND_VPN_APPLY_H */
