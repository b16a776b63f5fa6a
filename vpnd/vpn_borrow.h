/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The address that an unnumbered link borrows from its VRF.
 */
#ifndef VPND_VPN_BORROW_H
#define VPND_VPN_BORROW_H

#include <zebra.h>

#include "lib/prefix.h"

/*
 * The IPv4 address, as a /32, of this interface of the VRF; name "": of the VRF
 * device itself, else of the VRF's first interface by name that has one and is
 * not vpnd's own.  False if zebra knows of none (yet).
 */
bool vpn_borrow_address(const char *vrf, const char *name, struct prefix *address);

#endif /* VPND_VPN_BORROW_H */
