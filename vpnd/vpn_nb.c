// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which callback stands for which node of the module frr-vpnd, and the
 * connection with mgmtd.
 *
 * vpnd is a backend of mgmtd, as staticd is: commands are parsed there
 * (vpn_cli.c), the candidate is validated here before it is applied anywhere,
 * and operational data is asked for here.
 */
#include <zebra.h>

#include "lib/hook.h"
#include "lib/mgmt_be_client.h"
#include "lib/northbound.h"

#include "vpnd/vpn_alarm.h"
#include "vpnd/vpn_ce.h"
#include "vpnd/vpn_nb.h"

static struct mgmt_be_client *vpn_mgmt_client;

static struct mgmt_be_client_cbs vpn_mgmt_cbs = {
	.client_connect_notify = vpn_nb_connect_notify,
};

void vpn_nb_init(struct event_loop *loop)
{
	vpn_nb_config_init(loop);
	vpn_mgmt_client = mgmt_be_client_create("vpnd", &vpn_mgmt_cbs, 0, loop);
	hook_register(vpn_alarm_changed, vpn_nb_alarm_notify);
	hook_register(vpn_ce_wanted, vpn_nb_ce_wanted);
}

void vpn_nb_terminate(void)
{
	hook_unregister(vpn_ce_wanted, vpn_nb_ce_wanted);
	hook_unregister(vpn_alarm_changed, vpn_nb_alarm_notify);
	mgmt_be_client_destroy(vpn_mgmt_client);
	vpn_mgmt_client = NULL;
	vpn_nb_config_terminate();
}

/* clang-format off */
const struct frr_yang_module_info frr_vpnd_info = {
	.name = "frr-vpnd",
	.nodes = {
		{
			.xpath = "/frr-vpnd:vpn",
			.cbs = {
				.pre_validate = vpn_nb_tunnels_validate,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/ipsec-profile",
			.cbs = {
				.create = vpn_nb_create,
				.destroy = vpn_nb_destroy,
				.pre_validate = vpn_nb_profile_validate,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/ipsec-profile/authentication/pre-shared-key",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/ipsec-profile/authentication/accept-pre-shared-key",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/ipsec-profile/authentication/pre-shared-key-file",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/ipsec-profile/authentication/certificate/certificate",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/ipsec-profile/authentication/certificate/key",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/ipsec-profile/authentication/certificate/ca",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/ipsec-profile/authentication/certificate/crl",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/ipsec-profile/ike/proposal",
			.cbs = {
				.modify = vpn_nb_modify,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/ipsec-profile/ike/version",
			.cbs = {
				.modify = vpn_nb_modify,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/ipsec-profile/esp/proposal",
			.cbs = {
				.modify = vpn_nb_modify,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/ipsec-profile/lifetime",
			.cbs = {
				.modify = vpn_nb_modify,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/ipsec-profile/dead-peer-detection",
			.cbs = {
				.modify = vpn_nb_modify,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/ipsec-profile/dead-peer-timeout",
			.cbs = {
				.modify = vpn_nb_modify,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/ipsec-profile/retry/initial",
			.cbs = {
				.modify = vpn_nb_modify,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/ipsec-profile/retry/maximum",
			.cbs = {
				.modify = vpn_nb_modify,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/ipsec-profile/retry/limit",
			.cbs = {
				.modify = vpn_nb_modify,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/provider-edge",
			.cbs = {
				.create = vpn_nb_create,
				.destroy = vpn_nb_destroy,
				.pre_validate = vpn_nb_pe_validate,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/provider-edge/local-address",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/provider-edge/ipsec-profile",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/provider-edge/spi-prefix-length",
			.cbs = {
				.modify = vpn_nb_modify,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/customer-edge",
			.cbs = {
				.create = vpn_nb_create,
				.destroy = vpn_nb_destroy,
				.pre_validate = vpn_nb_ce_validate,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/customer-edge/identity",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/customer-edge/address",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/customer-edge/address-interface",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/customer-edge/provider-interface",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/customer-edge/server",
			.cbs = {
				.create = vpn_nb_create,
				.destroy = vpn_nb_destroy,
				.move = vpn_nb_move,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/customer-edge/certificate/certificate",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/customer-edge/certificate/key",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/customer-edge/certificate/ca",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/customer-edge/interval",
			.cbs = {
				.modify = vpn_nb_modify,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/customer-edge/retain",
			.cbs = {
				.modify = vpn_nb_modify,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/customer-edge/internet-access/mode",
			.cbs = {
				.modify = vpn_nb_modify,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/customer-edge/internet-access/vrf",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/customer-edge/provisioned-version",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/tunnel-link",
			.cbs = {
				.create = vpn_nb_create,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/tunnel-link/vrf",
			.cbs = {
				.modify = vpn_nb_modify,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/tunnel-link/local",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/tunnel-link/remote",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/tunnel-link/encapsulation/type",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/tunnel-link/encapsulation/key",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/tunnel-link/encapsulation/label",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/tunnel-link/encapsulation/remote-label",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/tunnel-link/encapsulation/tunnel-id",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/tunnel-link/encapsulation/peer-tunnel-id",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/tunnel-link/encapsulation/session-id",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/tunnel-link/encapsulation/peer-session-id",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/tunnel-link/encapsulation/cookie",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/tunnel-link/encapsulation/peer-cookie",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/tunnel-link/ipsec-profile",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/tunnel-link/no-ipsec",
			.cbs = {
				.create = vpn_nb_create,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/tunnel-link/local-identity",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/tunnel-link/remote-identity",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/tunnel-link/vpn-id",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/tunnel-link/signal",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/tunnel-link/establish/mode",
			.cbs = {
				.modify = vpn_nb_modify,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/tunnel-link/establish/idle",
			.cbs = {
				.modify = vpn_nb_modify,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/tunnel-link/address",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/tunnel-link/peer-address",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/tunnel-link/address6",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/tunnel-link/unnumbered",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/tunnel-link/mtu",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/tunnel-link-template",
			.cbs = {
				.create = vpn_nb_create,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/tunnel-link-template/vrf",
			.cbs = {
				.modify = vpn_nb_modify,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/tunnel-link-template/local",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/tunnel-link-template/encapsulation/type",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/tunnel-link-template/ipsec-profile",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/tunnel-link-template/local-identity",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/tunnel-link-template/remote-identity",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/tunnel-link-template/vpn-id",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/tunnel-link-template/signal",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/tunnel-link-template/unnumbered",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/tunnel-link-template/mtu",
			.cbs = {
				.modify = vpn_nb_modify,
				.destroy = vpn_nb_destroy,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/tunnel-link-template/limit",
			.cbs = {
				.modify = vpn_nb_modify,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/tunnel-link-template/forget",
			.cbs = {
				.modify = vpn_nb_modify,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/peer",
			.cbs = {
				.get_next = vpn_nb_peer_get_next,
				.get_keys = vpn_nb_peer_get_keys,
				.lookup_entry = vpn_nb_peer_lookup_entry,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/peer/address",
			.cbs = {
				.get_elem = vpn_nb_peer_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/peer/state",
			.cbs = {
				.get_elem = vpn_nb_peer_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/peer/reason",
			.cbs = {
				.get_elem = vpn_nb_peer_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/peer/since",
			.cbs = {
				.get_elem = vpn_nb_peer_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/peer/bytes-in",
			.cbs = {
				.get_elem = vpn_nb_peer_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/peer/bytes-out",
			.cbs = {
				.get_elem = vpn_nb_peer_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/peer/packets-in",
			.cbs = {
				.get_elem = vpn_nb_peer_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/peer/packets-out",
			.cbs = {
				.get_elem = vpn_nb_peer_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/peer/prefix-in",
			.cbs = {
				.get_elem = vpn_nb_peer_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/peer/prefix-out",
			.cbs = {
				.get_elem = vpn_nb_peer_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/peer/generations",
			.cbs = {
				.get_elem = vpn_nb_peer_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/peer/rekeys",
			.cbs = {
				.get_elem = vpn_nb_peer_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/peer/labels-in",
			.cbs = {
				.get_elem = vpn_nb_peer_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/peer/labels-out",
			.cbs = {
				.get_elem = vpn_nb_peer_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/peer/proposal",
			.cbs = {
				.get_elem = vpn_nb_peer_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/peer/ike-initiations",
			.cbs = {
				.get_elem = vpn_nb_peer_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/spi-label",
			.cbs = {
				.get_next = vpn_nb_label_get_next,
				.get_keys = vpn_nb_label_get_keys,
				.lookup_entry = vpn_nb_label_lookup_entry,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/spi-label/vrf",
			.cbs = {
				.get_elem = vpn_nb_label_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/spi-label/state",
			.cbs = {
				.get_elem = vpn_nb_label_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/spi-label/reason",
			.cbs = {
				.get_elem = vpn_nb_label_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/spi-label/label",
			.cbs = {
				.get_elem = vpn_nb_label_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/spi-label/label-length",
			.cbs = {
				.get_elem = vpn_nb_label_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/spi-label/interface",
			.cbs = {
				.get_elem = vpn_nb_label_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/spi-label/if-id",
			.cbs = {
				.get_elem = vpn_nb_label_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/use",
			.cbs = {
				.get_next = vpn_nb_use_get_next,
				.get_keys = vpn_nb_use_get_keys,
				.lookup_entry = vpn_nb_use_lookup_entry,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/use/vrf",
			.cbs = {
				.get_elem = vpn_nb_use_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/use/peer",
			.cbs = {
				.get_elem = vpn_nb_use_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/use/label",
			.cbs = {
				.get_elem = vpn_nb_use_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/use/label-length",
			.cbs = {
				.get_elem = vpn_nb_use_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/use/state",
			.cbs = {
				.get_elem = vpn_nb_use_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/use/reason",
			.cbs = {
				.get_elem = vpn_nb_use_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/use/interface",
			.cbs = {
				.get_elem = vpn_nb_use_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/use/if-id",
			.cbs = {
				.get_elem = vpn_nb_use_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/use/spi",
			.cbs = {
				.get_elem = vpn_nb_use_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/use/mtu",
			.cbs = {
				.get_elem = vpn_nb_use_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/tunnel-link",
			.cbs = {
				.get_next = vpn_nb_tunnel_get_next,
				.get_keys = vpn_nb_tunnel_get_keys,
				.lookup_entry = vpn_nb_tunnel_lookup_entry,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/tunnel-link/name",
			.cbs = {
				.get_elem = vpn_nb_tunnel_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/tunnel-link/state",
			.cbs = {
				.get_elem = vpn_nb_tunnel_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/tunnel-link/reason",
			.cbs = {
				.get_elem = vpn_nb_tunnel_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/tunnel-link/since",
			.cbs = {
				.get_elem = vpn_nb_tunnel_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/tunnel-link/vrf",
			.cbs = {
				.get_elem = vpn_nb_tunnel_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/tunnel-link/template",
			.cbs = {
				.get_elem = vpn_nb_tunnel_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/tunnel-link/peer-identity",
			.cbs = {
				.get_elem = vpn_nb_tunnel_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/tunnel-link/interface",
			.cbs = {
				.get_elem = vpn_nb_tunnel_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/tunnel-link/local",
			.cbs = {
				.get_elem = vpn_nb_tunnel_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/tunnel-link/remote",
			.cbs = {
				.get_elem = vpn_nb_tunnel_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/tunnel-link/encapsulation",
			.cbs = {
				.get_elem = vpn_nb_tunnel_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/tunnel-link/vpn-id",
			.cbs = {
				.get_elem = vpn_nb_tunnel_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/tunnel-link/mtu",
			.cbs = {
				.get_elem = vpn_nb_tunnel_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/tunnel-link/proposal",
			.cbs = {
				.get_elem = vpn_nb_tunnel_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/tunnel-link/ike-version",
			.cbs = {
				.get_elem = vpn_nb_tunnel_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/tunnel-link/rekeys",
			.cbs = {
				.get_elem = vpn_nb_tunnel_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/tunnel-link/bytes-in",
			.cbs = {
				.get_elem = vpn_nb_tunnel_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/tunnel-link/bytes-out",
			.cbs = {
				.get_elem = vpn_nb_tunnel_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/tunnel-link/packets-in",
			.cbs = {
				.get_elem = vpn_nb_tunnel_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/tunnel-link/packets-out",
			.cbs = {
				.get_elem = vpn_nb_tunnel_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/tunnel-link/failures",
			.cbs = {
				.get_elem = vpn_nb_tunnel_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/tunnel-link/next-attempt",
			.cbs = {
				.get_elem = vpn_nb_tunnel_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/provisioning/state",
			.cbs = {
				.get_elem = vpn_nb_ce_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/provisioning/reason",
			.cbs = {
				.get_elem = vpn_nb_ce_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/provisioning/identity",
			.cbs = {
				.get_elem = vpn_nb_ce_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/provisioning/address",
			.cbs = {
				.get_elem = vpn_nb_ce_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/provisioning/server",
			.cbs = {
				.get_elem = vpn_nb_ce_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/provisioning/port",
			.cbs = {
				.get_elem = vpn_nb_ce_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/provisioning/last-contact",
			.cbs = {
				.get_elem = vpn_nb_ce_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/provisioning/last-attempt",
			.cbs = {
				.get_elem = vpn_nb_ce_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/provisioning/last-error",
			.cbs = {
				.get_elem = vpn_nb_ce_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/provisioning/provisioned-version",
			.cbs = {
				.get_elem = vpn_nb_ce_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/provisioning/retained-until",
			.cbs = {
				.get_elem = vpn_nb_ce_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/tunnel-link-template",
			.cbs = {
				.get_next = vpn_nb_template_get_next,
				.get_keys = vpn_nb_template_get_keys,
				.lookup_entry = vpn_nb_template_lookup_entry,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/tunnel-link-template/name",
			.cbs = {
				.get_elem = vpn_nb_template_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/tunnel-link-template/state",
			.cbs = {
				.get_elem = vpn_nb_template_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/tunnel-link-template/reason",
			.cbs = {
				.get_elem = vpn_nb_template_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/tunnel-link-template/vrf",
			.cbs = {
				.get_elem = vpn_nb_template_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/tunnel-link-template/limit",
			.cbs = {
				.get_elem = vpn_nb_template_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/tunnel-link-template/spokes",
			.cbs = {
				.get_elem = vpn_nb_template_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/tunnel-link-template/spokes-up",
			.cbs = {
				.get_elem = vpn_nb_template_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/tunnel-link-template/last-refusal",
			.cbs = {
				.get_elem = vpn_nb_template_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/tunnel-link-template/last-refusal-time",
			.cbs = {
				.get_elem = vpn_nb_template_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/alarm",
			.cbs = {
				.get_next = vpn_nb_alarm_get_next,
				.get_keys = vpn_nb_alarm_get_keys,
				.lookup_entry = vpn_nb_alarm_lookup_entry,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/alarm/object",
			.cbs = {
				.get_elem = vpn_nb_alarm_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/alarm/text",
			.cbs = {
				.get_elem = vpn_nb_alarm_get,
			},
		},
		{
			.xpath = "/frr-vpnd:vpn/state/alarm/since",
			.cbs = {
				.get_elem = vpn_nb_alarm_get,
			},
		},
		{
			.xpath = "/frr-vpnd:provisioning-contact",
			.cbs = {
				.rpc = vpn_nb_ce_contact,
			},
		},
		{
			.xpath = "/frr-vpnd:clear-peer",
			.cbs = {
				.rpc = vpn_nb_clear_peer_rpc,
			},
		},
		{
			.xpath = "/frr-vpnd:clear-tunnel-link",
			.cbs = {
				.rpc = vpn_nb_clear_tunnel_link_rpc,
			},
		},
		{
			.xpath = NULL,
		},
	},
};
