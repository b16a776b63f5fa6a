/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Devices of tunnel links that share something with one of them: a guard, a
 * carrier of MPLS, an L2TP tunnel.  Who shares what is read from the aliases in
 * the kernel each time, so there is nothing to keep in step.
 */
#ifndef VPND_VPN_DEVICE_OTHERS_H
#define VPND_VPN_DEVICE_OTHERS_H

#include <zebra.h>

#include "vpnd/vpn_device.h"

typedef bool (*vpn_device_match)(const struct vpn_device *other, const struct vpn_device *like);

/* The name of one that is not called as like is and that matches; NULL: there is none. */
const char *vpn_device_other(const struct vpn_device *like, vpn_device_match match);

/* Have both the same outer addresses? */
bool vpn_device_same_ends(const struct vpn_device *a, const struct vpn_device *b);

#endif /* VPND_VPN_DEVICE_OTHERS_H */
