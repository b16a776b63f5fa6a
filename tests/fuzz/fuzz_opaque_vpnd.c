// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any octets as an opaque message of bgpd: vpnd's own sets take it, with no
 * zebra, kernel or charon there.
 */
/* link: vpnd/vici.c vpnd/vpn_adopt.c vpnd/vpn_alarm.c vpnd/vpn_apart.c vpnd/vpn_apply.c vpnd/vpn_backoff.c vpnd/vpn_bgp.c vpnd/vpn_borrow.c vpnd/vpn_ce.c vpnd/vpn_charon.c vpnd/vpn_charon_link.c vpnd/vpn_charon_link_msg.c vpnd/vpn_charon_msg.c vpnd/vpn_charon_secret.c vpnd/vpn_child.c vpnd/vpn_config.c vpnd/vpn_config_ce.c vpnd/vpn_config_check.c vpnd/vpn_config_tunnel.c vpnd/vpn_debug.c vpnd/vpn_device.c vpnd/vpn_device_alias.c vpnd/vpn_device_l2tp.c vpnd/vpn_device_mpls.c vpnd/vpn_device_others.c vpnd/vpn_esp.c vpnd/vpn_firewall.c vpnd/vpn_firewall_rules.c vpnd/vpn_gateway.c vpnd/vpn_guard.c vpnd/vpn_id.c vpnd/vpn_ifname.c vpnd/vpn_interface.c vpnd/vpn_kernel.c vpnd/vpn_knock.c vpnd/vpn_label.c vpnd/vpn_memory.c vpnd/vpn_netlink.c vpnd/vpn_netlink_attr.c vpnd/vpn_netlink_l2tp.c vpnd/vpn_netlink_tc.c vpnd/vpn_netlink_xfrm.c vpnd/vpn_nftables.c vpnd/vpn_path.c vpnd/vpn_peer.c vpnd/vpn_peer_math.c vpnd/vpn_plugin.c vpnd/vpn_plugin_msg.c vpnd/vpn_proposal.c vpnd/vpn_save.c vpnd/vpn_save_file.c vpnd/vpn_save_text.c vpnd/vpn_socket.c vpnd/vpn_template.c vpnd/vpn_tunnel.c vpnd/vpn_tunnel_apply.c vpnd/vpn_use.c vpnd/vpn_verdict.c vpnd/vpn_waiting.c vpnd/vpn_zebra.c */
/* libs: frr mnl yang */
#include <zebra.h>

#include "lib/frrevent.h"
#include "lib/privs.h"
#include "lib/stream.h"

#include "vpnd/vpn_apply.h"
#include "vpnd/vpn_bgp.h"
#include "vpnd/vpn_label.h"
#include "vpnd/vpn_use.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct event_loop *master;
struct zebra_privs_t vpnd_privs;

static void check(void)
{
	const struct vpn_label *label;
	const struct vpn_use *use;

	frr_each (vpn_labels_const, &vpn_labels, label)
		if (!label->vrf[0])
			abort();
	frr_each (vpn_uses_const, &vpn_uses, use)
		if (!use->vrf[0] || IS_IPADDR_NONE(&use->pe) || use->label.len < SPI_LABEL_LEN_MIN)
			abort();
}

static void receive(const uint8_t *data, size_t size, bool versioned)
{
	struct stream *s = stream_new(size + 1);

	if (!versioned)
		vpn_opaque_begin(s);
	stream_put(s, data, size);
	vpn_bgp_receive(s);
	stream_free(s);
	check();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!master)
		master = event_master_create("fuzz");
	receive(data, size, true);
	receive(data, size, false);
	vpn_use_terminate();
	vpn_label_terminate();
	return 0;
}
