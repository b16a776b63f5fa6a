/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory group of vpnd.  Each file defines its own static types in it, so
 * that "show memory" names what grows.
 */
#ifndef VPND_VPN_MEMORY_H
#define VPND_VPN_MEMORY_H

#include "lib/memory.h"

DECLARE_MGROUP(VPND); /* defined in vpn_memory.c */

#endif /* VPND_VPN_MEMORY_H */
