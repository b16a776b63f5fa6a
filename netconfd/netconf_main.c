// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netconfd: a NETCONF server for FRR.
 *
 *     clients ══ SSH, TLS ══▶ libnetconf2 ──▶ netconf_server    connections
 *                                             netconf_session   a thread each
 *                                             netconf_rpc       requests
 *                                   get, edit, commit, notify
 *                                               │
 *                                         netconf_mgmt          the event loop
 *                                               │ FRR's front-end client
 *                                               ▼
 *                                             mgmtd             datastores, backends
 *
 * The protocol is libnetconf2's, the datastores are mgmtd's; what is here is the
 * way from the one to the other. The main thread runs FRR's event loop and is
 * the only one that talks to mgmtd; sessions live in threads (doc/developer/
 * netconfd.md says why).
 *
 * It runs as the user frr, with the right to listen on ports below 1024.
 */
#include <zebra.h>

#include <getopt.h>

#include "netconfd/netconf_nc.h"

#include "lib/command.h"
#include "lib/frr_pthread.h"
#include "lib/frrevent.h"
#include "lib/libfrr.h"
#include "lib/log.h"
#include "lib/mgmt_fe_client.h"
#include "lib/privs.h"
#include "lib/sigevent.h"
#include "lib/version.h"

#include "netconfd/netconf_access.h"
#include "netconfd/netconf_acm.h"
#include "netconfd/netconf_ce.h"
#include "netconfd/netconf_config.h"
#include "netconfd/netconf_confirm.h"
#include "netconfd/netconf_guard.h"
#include "netconfd/netconf_home.h"
#include "netconfd/netconf_log.h"
#include "netconfd/netconf_mgmt.h"
#include "netconfd/netconf_notify.h"
#include "netconfd/netconf_rpc.h"
#include "netconfd/netconf_schema.h"
#include "netconfd/netconf_server.h"
#include "netconfd/netconf_session.h"
#include "netconfd/netconf_show.h"
#include "netconfd/netconf_state.h"
#include "netconfd/netconf_transport.h"
#include "netconfd/netconf_vty.h"

/* Not in FRR's registry (lib/libfrr.h), and away from its numbers. */
#define NETCONFD_VTY_PORT 2637

static struct event_loop *master;

static zebra_capabilities_t netconfd_caps[] = {
	ZCAP_BIND,
};

struct zebra_privs_t netconfd_privs = {
#if defined(FRR_USER) && defined(FRR_GROUP)
	.user = FRR_USER,
	.group = FRR_GROUP,
#endif
#if defined(VTY_GROUP)
	.vty_group = VTY_GROUP,
#endif
	.caps_p = netconfd_caps,
	.cap_num_p = array_size(netconfd_caps),
	.cap_num_i = 0,
};

/* ------------------------------------------------------------ libnetconf2's words */

/*
 * libnetconf2 and libyang log in any thread, also in threads of theirs, where
 * FRR's log must not be called: their words go to the event loop.
 */
struct words {
	int level;
	char words[];
};

static void message_log(struct event *event)
{
	struct words *message = EVENT_ARG(event);

	zlog(message->level, "%s", message->words);
	free(message);
}

static void message_post(int level, const char *who, const char *words)
{
	size_t size = strlen(who) + strlen(words) + 3;
	struct words *message = malloc(sizeof(*message) + size);

	if (!message)
		return;
	message->level = level;
	snprintf(message->words, size, "%s: %s", who, words);
	event_add_event(master, message_log, message, 0, NULL);
}

static void libnetconf2_says(const struct nc_session *session, NC_VERB_LEVEL level,
			     const char *words)
{
	if (netconf_guard_is_quiet())
		return;
	/* that a client did something wrong is no error of ours */
	message_post(level == NC_VERB_ERROR ? LOG_INFO : LOG_DEBUG, "libnetconf2", words);
}

static void libyang_says(LY_LOG_LEVEL level, const char *words, const char *data_path,
			 const char *schema_path, uint64_t line)
{
	message_post(LOG_DEBUG, "libyang", words);
}

/* ------------------------------------------------------------------ begin and end */

static void schema_ready(void)
{
	netconf_confirm_resume();
	netconf_transport_schedule();
	netconf_ce_refresh();
}

static void mgmtd_connected(bool up)
{
	if (up)
		netconf_schema_fetch(schema_ready);
	else
		zlog_notice("mgmtd is not there: requests are answered with an error until it is");
}

/* At YANG modules and rules: no thread of ours that would not end, and none of libnetconf2's that calls home. */
static bool nobody_looks(void)
{
	return !netconf_session_count() && !netconf_server_state().handshakes &&
	       !netconf_homes_count(netconf_config->homes);
}

static void ended(void)
{
	const bool is_alone = nobody_looks();

	netconf_acm_fini();
	netconf_mgmt_fini();
	netconf_ce_fini();
	netconf_config_reset();
	netconf_log_fini();
	if (is_alone) {
		netconf_access_set(NULL);
		netconf_schema_fini();
	}
	frr_fini();
	exit(0);
}

static void netconfd_sigterm(void)
{
	zlog_notice("Terminating on signal");
	netconf_server_stop(ended);
}

static void netconfd_sighup(void)
{
	/* keys and certificates are read again */
	netconf_transport_schedule();
}

static void netconfd_sigusr1(void)
{
	zlog_rotate();
}

static struct frr_signal_t netconfd_signals[] = {
	{ .signal = SIGHUP, .handler = netconfd_sighup },
	{ .signal = SIGUSR1, .handler = netconfd_sigusr1 },
	{ .signal = SIGINT, .handler = netconfd_sigterm },
	{ .signal = SIGTERM, .handler = netconfd_sigterm },
};

/* None of ours: what is to be configured is configured by commands. */
static const struct option netconfd_options[] = { { 0 } };

/* What is to go back to when a commit is not confirmed. */
static char netconfd_state_path[512];
static char *netconfd_state_paths[] = { netconfd_state_path, NULL };

static const struct frr_yang_module_info *const netconfd_yang_modules[] = {
	&ietf_netconf_acm_info,
	&ietf_netconf_acm_deviations_info,
	&frr_netconfd_acm_path_info,
};

/* clang-format off */
FRR_DAEMON_INFO(netconfd, NETCONF,
	.vty_port = NETCONFD_VTY_PORT,
	.proghelp = "NETCONF server, a front end of mgmtd.",

	.signals = netconfd_signals,
	.n_signals = array_size(netconfd_signals),

	.privs = &netconfd_privs,

	.yang_modules = netconfd_yang_modules,
	.n_yang_modules = array_size(netconfd_yang_modules),

	.state_paths = netconfd_state_paths,
);
/* clang-format on */

/* After the fork: threads may be started from here on. */
static void netconfd_begin(struct event *event)
{
	if (nc_server_init()) {
		zlog_err("libnetconf2 cannot be started");
		exit(1);
	}
	nc_set_print_clb_session(libnetconf2_says);
	nc_verbosity(NC_VERB_WARNING);
	ly_set_log_clb(libyang_says);
	nc_server_set_capab_withdefaults(NC_WD_EXPLICIT, NC_WD_ALL | NC_WD_ALL_TAG | NC_WD_TRIM);
	nc_server_set_capability("urn:ietf:params:netconf:capability:notification:1.0");
	nc_server_set_capability("urn:ietf:params:netconf:capability:interleave:1.0");
	netconf_rpc_init();
	netconf_state_init();
	netconf_home_init(master);
	netconf_server_init(master);
	netconf_transport_init(master);
	netconf_confirm_init(master);
	netconf_mgmt_init(master, mgmtd_connected, netconf_notify_arrived);
	netconf_acm_init(master);
	netconf_ce_init(master);
}

int main(int argc, char **argv, char **envp)
{
	int opt;

	frr_preinit(&netconfd_di, argc, argv);
	frr_opt_add("", netconfd_options, "");
	while ((opt = frr_getopt(argc, argv, NULL)) != EOF)
		if (opt)
			frr_help_exit(1);
	snprintf(netconfd_state_path, sizeof(netconfd_state_path), "%s/netconfd.unconfirmed.xml",
		 frr_libstatedir);

	master = frr_init();
	netconf_config_init();
	netconf_vty_init();
	netconf_show_init();
	mgmt_fe_client_lib_vty_init();

	event_add_event(master, netconfd_begin, NULL, 0, NULL);
	frr_config_fork();
	frr_run(master);
	return 0;
}
