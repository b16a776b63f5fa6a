// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vpnd: IPsec VPNs: tunnel links, and BGP/IPsec VPNs of a provider edge.
 *
 *     vtysh ── mgmtd ──▶ vpn_nb*, vpn_config     what the operator wants
 *                              │
 *     bgpd ── zebra ──▶ vpn_bgp, vpn_label, vpn_use   what routes want
 *                              │
 *                              ▼
 *                  vpn_apply, vpn_tunnel_apply   compare with what is, and
 *                              │                 change what differs
 *            ┌─────────────────┼───────────────┐
 *            ▼                 ▼               ▼
 *       vpn_kernel        vpn_charon      vpn_plugin
 *       vpn_device        vpn_gateway     label SAs, VPN-IDs
 *       interfaces        IKE, by VICI
 *
 * A signal to end leaves the kernel, charon and their traffic alone: the next
 * vpnd finds everything as it was.
 *
 * It runs as the user frr with CAP_NET_ADMIN alone, for its interfaces.
 */
#include <zebra.h>

#include <getopt.h>

#include "lib/command.h"
#include "lib/frrevent.h"
#include "lib/libfrr.h"
#include "lib/mgmt_be_client.h"
#include "lib/privs.h"
#include "lib/sigevent.h"
#include "lib/version.h"
#include "lib/vrf.h"

#include "wire/plugin.h"

#include "vpnd/vpn_apply.h"
#include "vpnd/vpn_debug.h"
#include "vpnd/vpn_nb.h"
#include "vpnd/vpn_vty.h"

/* Not in FRR's registry (lib/libfrr.h), and away from its numbers. */
#define VPND_VTY_PORT 2636

#define VPND_VICI_DEFAULT "/run/charon.vici"

struct event_loop *master;

static zebra_capabilities_t vpnd_caps[] = {
	ZCAP_NET_ADMIN,
};

struct zebra_privs_t vpnd_privs = {
#if defined(FRR_USER) && defined(FRR_GROUP)
	.user = FRR_USER,
	.group = FRR_GROUP,
#endif
#if defined(VTY_GROUP)
	.vty_group = VTY_GROUP,
#endif
	.caps_p = vpnd_caps,
	.cap_num_p = array_size(vpnd_caps),
	.cap_num_i = 0,
};

enum vpnd_option {
	VPND_OPTION_VICI = 2000,
	VPND_OPTION_VPNSPI,
};

static const struct option vpnd_options[] = {
	{ "vici", required_argument, NULL, VPND_OPTION_VICI },
	{ "vpnspi", required_argument, NULL, VPND_OPTION_VPNSPI },
	{ 0 },
};

static void vpnd_sighup(void)
{
	zlog_info("SIGHUP received and ignored: the configuration is mgmtd's");
}

static void vpnd_sigterm(void)
{
	zlog_notice("Terminating on signal; IPsec and interfaces stay");

	vpn_nb_terminate();
	vpn_apply_stop();
	vrf_terminate();
	frr_fini();
	exit(0);
}

static void vpnd_sigusr1(void)
{
	zlog_rotate();
}

static struct frr_signal_t vpnd_signals[] = {
	{ .signal = SIGHUP, .handler = vpnd_sighup },
	{ .signal = SIGUSR1, .handler = vpnd_sigusr1 },
	{ .signal = SIGINT, .handler = vpnd_sigterm },
	{ .signal = SIGTERM, .handler = vpnd_sigterm },
};

static const struct frr_yang_module_info *const vpnd_yang_modules[] = {
	&frr_backend_info,
	&frr_vpnd_info,
};

/* Labels by VRF name; they must outlive a restart, and a reboot does no harm. */
static char vpnd_state_path[512];
static char *vpnd_state_paths[] = { vpnd_state_path, NULL };

/* clang-format off */
FRR_DAEMON_INFO(vpnd, VPN,
	.vty_port = VPND_VTY_PORT,
	.proghelp = "BGP/IPsec VPNs of a provider edge.",

	.signals = vpnd_signals,
	.n_signals = array_size(vpnd_signals),

	.privs = &vpnd_privs,

	.yang_modules = vpnd_yang_modules,
	.n_yang_modules = array_size(vpnd_yang_modules),

	.state_paths = vpnd_state_paths,

	/* mgmtd reads the configuration, and writes it: no file is ours */
	.flags = FRR_NO_SPLIT_CONFIG,
);
/* clang-format on */

/* Options of ours; the rest is libfrr's. */
static void vpnd_getopt(int argc, char **argv)
{
	int opt;

	while ((opt = frr_getopt(argc, argv, NULL)) != EOF) {
		switch (opt) {
		case 0:
			break;
		case VPND_OPTION_VICI:
			vpn_vici_path = optarg;
			break;
		case VPND_OPTION_VPNSPI:
			vpn_vpnspi_path = optarg;
			break;
		default:
			frr_help_exit(1);
		}
	}
}

int main(int argc, char **argv, char **envp)
{
	vpn_vici_path = VPND_VICI_DEFAULT;
	vpn_vpnspi_path = VPNSPI_SOCKET_DEFAULT;

	frr_preinit(&vpnd_di, argc, argv);
	frr_opt_add("", vpnd_options,
		    "      --vici PATH    charon's VICI socket (" VPND_VICI_DEFAULT ")\n"
		    "      --vpnspi PATH  socket of charon's plugin vpnspi (" VPNSPI_SOCKET_DEFAULT
		    ")\n");
	vpnd_getopt(argc, argv);
	snprintf(vpnd_state_path, sizeof(vpnd_state_path), "%s/vpnd.json", frr_libstatedir);

	master = frr_init();

	vpn_debug_init();
	vpn_vty_init();
	vpn_apply_init();
	vpn_nb_init(master);

	frr_config_fork();
	frr_run(master);
	return 0;
}
