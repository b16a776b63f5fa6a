/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What "debug vpn …" turns on and off.  Use: DEBUGD(&vpn_dbg_peer, "…", …). */
#ifndef VPND_VPN_DEBUG_H
#define VPND_VPN_DEBUG_H

#include "debug.h"

extern struct debug vpn_dbg_config;
extern struct debug vpn_dbg_peer;
extern struct debug vpn_dbg_label;
extern struct debug vpn_dbg_link;
extern struct debug vpn_dbg_kernel;
extern struct debug vpn_dbg_vici;
extern struct debug vpn_dbg_plugin;
extern struct debug vpn_dbg_bgp;

/* Registers all of them with lib's "show debugging" and configuration writer. */
extern void vpn_debug_init(void);

/*
 * Sets one of them, by its word on the command line, or all (NULL).
 * vtynode says whether that is configuration or for this session only.
 */
extern void vpn_debug_set(const char *word, int vtynode, bool on);

#endif /* VPND_VPN_DEBUG_H */
