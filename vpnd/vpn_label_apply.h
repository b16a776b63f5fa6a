/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Labels and uses of a provider edge: what should be, compared with what is.
 * Part of the one run of vpn_apply.c, which says when.
 */
#ifndef VPND_VPN_LABEL_APPLY_H
#define VPND_VPN_LABEL_APPLY_H

#include <zebra.h>

#include "wire/plugin.h"

/* One step of each label that has one to take, its number first; then of each use. */
void vpn_labels_step(void);
void vpn_labels_step_uses(void);

/* Which labels and uses are up? */
void vpn_labels_evaluate(void);

/* Is any that is wanted not known to be up or down? */
bool vpn_labels_pending(void);

/* Says all that have an interface to the plugin, within its SYNC. */
void vpn_labels_say(void);

/* The plugin knows of none: its connection is new, or gone. */
void vpn_labels_unsay(void);

/* The plugin's answer to a request of these; false: it is to something else. */
bool vpn_labels_answered(uint32_t id, const struct vpnspi_done *done);

/* The plugin tells of a use's label SA. */
void vpn_labels_out_is(const struct vpnspi_out_is *is);

/* Those that nobody wants, and whose time is over. */
void vpn_labels_remove_unwanted(void);

/* Interfaces and label SAs of all: no provider edge is configured, so nothing has a reason to be. */
void vpn_labels_retract(void);

/*
 * A VRF device that is deleted lets its interfaces fall into the default VRF,
 * where what comes in would be routed outside the VPN: they go at once.
 */
void vpn_labels_fallen_remove(void);

#endif /* VPND_VPN_LABEL_APPLY_H */
