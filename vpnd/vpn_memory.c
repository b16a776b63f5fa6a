// SPDX-License-Identifier: GPL-2.0-or-later
/* The memory group of vpnd.  See vpn_memory.h. */
#include <zebra.h>

#include "vpnd/vpn_memory.h"

DEFINE_MGROUP(VPND, "vpnd");
