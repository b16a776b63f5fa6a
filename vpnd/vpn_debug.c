// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Debugging switches, one for each noun that vpnd deals with.
 *
 * None of them makes a secret visible: what carries one is named, not shown.
 */
#include <zebra.h>

#include "debug.h"

#include "vpnd/vpn_debug.h"

struct debug vpn_dbg_config = { 0, "debug vpn config", "VPN configuration" };
struct debug vpn_dbg_peer = { 0, "debug vpn peer", "VPN peers" };
struct debug vpn_dbg_label = { 0, "debug vpn label", "VPN labels" };
struct debug vpn_dbg_link = { 0, "debug vpn link", "VPN tunnel links" };
struct debug vpn_dbg_kernel = { 0, "debug vpn kernel", "VPN kernel interfaces" };
struct debug vpn_dbg_vici = { 0, "debug vpn vici", "VPN talk with charon" };
struct debug vpn_dbg_plugin = { 0, "debug vpn plugin", "VPN talk with charon's plugin" };
struct debug vpn_dbg_bgp = { 0, "debug vpn bgp", "VPN talk with bgpd" };

static const struct {
	const char *word;
	struct debug *debug;
} vpn_debugs[] = {
	{ "config", &vpn_dbg_config }, { "peer", &vpn_dbg_peer },     { "label", &vpn_dbg_label },
	{ "link", &vpn_dbg_link },     { "kernel", &vpn_dbg_kernel }, { "vici", &vpn_dbg_vici },
	{ "plugin", &vpn_dbg_plugin }, { "bgp", &vpn_dbg_bgp },
};

void vpn_debug_set(const char *word, int vtynode, bool on)
{
	uint32_t mode = DEBUG_NODE2MODE(vtynode);

	for (size_t i = 0; i < array_size(vpn_debugs); i++)
		if (!word || strcmp(word, vpn_debugs[i].word) == 0)
			DEBUG_MODE_SET(vpn_debugs[i].debug, mode, on);
}

void vpn_debug_init(void)
{
	for (size_t i = 0; i < array_size(vpn_debugs); i++)
		debug_install(vpn_debugs[i].debug);
}
