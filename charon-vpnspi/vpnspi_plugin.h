/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vpnspi: the plugin of libcharon that makes one CHILD_SA carry many VPNs.
 *
 * IKE negotiates a VPN-SPI, a pool of SPIs (wire/spi.h).  The parent SA is never
 * in the kernel; each label in use is an SA of its own with derived keys.  vpnd
 * says which labels (wire/plugin.h); keys never leave charon.
 */
#ifndef VPNSPI_PLUGIN_H
#define VPNSPI_PLUGIN_H

#include <plugins/plugin.h>

/* Called by strongSwan's plugin loader.  NULL, and a log line: not for this charon. */
plugin_t *vpnspi_plugin_create(void) __attribute__((visibility("default")));

#endif /* VPNSPI_PLUGIN_H */
