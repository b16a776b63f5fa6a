/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Between charon and its kernel interface.
 *
 * charon->kernel is a table of functions.  Those that touch SAs and policies are
 * replaced by ours, which keep the parents of label SAs to themselves and hand
 * everything else on to the functions of before.  Being a second kernel
 * interface would not do: charon has one, and the first to register wins.
 */
#ifndef VPNSPI_KERNEL_H
#define VPNSPI_KERNEL_H

#include <stdbool.h>

struct vpnspi_state;

/* Steps in between.  The kernel interface must be there (feature "kernel-ipsec"). */
void vpnspi_kernel_hook(struct vpnspi_state *state);

/* Puts the functions of before back. */
void vpnspi_kernel_unhook(void);

#endif /* VPNSPI_KERNEL_H */
