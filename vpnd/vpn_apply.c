// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The heart of vpnd: what should be, compared with what is.
 *
 *   desired:  vpn_config (mgmtd), vpn_labels and vpn_uses (bgpd)
 *   observed: the kernel's links, the plugin's answers, peers, zebra's interfaces
 *
 * Labels and uses, a provider edge's, have their part of the run in
 * vpn_label_apply.c, tunnel links, which need neither bgpd nor a provider edge, in
 * vpn_tunnel_apply.c.
 *
 * One run goes over all labels and uses, takes for each the next step that is
 * possible (number, interface, label SA), decides whether it is up, and tells
 * bgpd what changed.  A run that changes nothing is the rule, and cheap.
 *
 * Start and restart are the same.  Before anything else the interfaces that an
 * earlier vpnd left are read back into vpn_labels and vpn_uses, wanted by nobody
 * and due to go after VPN_STALE_S; when bgpd names them they are wanted again, and
 * nothing has happened to them.  The plugin is given the whole set, between
 * SYNC_BEGIN and SYNC_END, only when the configuration and bgpd's set are in.
 * The order in which mgmtd, bgpd, zebra, charon and the kernel come does not
 * matter: each only makes more steps possible.
 *
 * Nothing that forwards is touched when vpnd stops.
 */
#include <zebra.h>

#include "lib/frrevent.h"
#include "lib/json.h"
#include "lib/libfrr.h"
#include "lib/log.h"
#include "lib/monotime.h"
#include "lib/printfrr.h"

#include "vpnd/vpn_adopt.h"
#include "vpnd/vpn_alarm.h"
#include "vpnd/vpn_apart.h"
#include "vpnd/vpn_apply.h"
#include "vpnd/vpn_bgp.h"
#include "vpnd/vpn_ce.h"
#include "vpnd/vpn_charon.h"
#include "vpnd/vpn_config.h"
#include "vpnd/vpn_debug.h"
#include "vpnd/vpn_firewall.h"
#include "vpnd/vpn_gateway.h"
#include "vpnd/vpn_guard.h"
#include "vpnd/vpn_kernel.h"
#include "vpnd/vpn_label.h"
#include "vpnd/vpn_label_apply.h"
#include "vpnd/vpn_multicast.h"
#include "vpnd/vpn_path.h"
#include "vpnd/vpn_peer.h"
#include "vpnd/vpn_plugin.h"
#include "vpnd/vpn_routing.h"
#include "vpnd/vpn_save.h"
#include "vpnd/vpn_template.h"
#include "vpnd/vpn_tunnel.h"
#include "vpnd/vpn_tunnel_apply.h"
#include "vpnd/vpn_use.h"
#include "vpnd/vpn_zebra.h"

#define SETTLE_S     60	 /* after the start, vpnd speaks even if something is pending still */
#define ALARM_S	     10	 /* before an operator is told of a trouble */
#define RETRY_S	     5	 /* after a step that the kernel or the plugin refused */
#define ROUTES_S     1	 /* that the kernel's routes may take to follow its links and addresses */
#define PAUSE_MS_MAX 200 /* between a change and its run */
#define STEPS_MAX    128 /* interfaces made or removed in one run; the event loop goes on between */

const char *vpn_vici_path;
const char *vpn_vpnspi_path;

static struct event *t_apply;
static struct event *t_later;
static struct event *t_counters;
static struct event *t_mtu_soon;
static struct event *t_watch;
static struct event *t_charon_gone;
static time_t started; /* monotonic s */
static time_t later;   /* monotonic s of t_later, 0: not set */

static bool settled;
static bool state_dirty;    /* label numbers are to be saved */
static unsigned int steps;  /* of this run */
static int64_t run_ms;	    /* that the last run took */
static bool work_left;	    /* STEPS_MAX was reached in this run */
static bool plugin_gone;    /* the plugin is known not to run */
static uint32_t config_id;  /* of CONFIG on this connection, 0: not said */
static bool config_done;    /* and carried out */
static bool reconciled;	    /* the plugin has the whole set, on this connection */
static bool pe_was;	    /* a provider edge was configured, in this life */
static struct ipaddr local; /* of the CONFIG that was said last in this life */
static uint8_t prefix_len;  /* and its prefix length, 0: none was said */
static bool secret_loaded;  /* charon has the secret and the responder, as configured now */
static bool charon_given;   /* charon has something of ours, of this or an earlier configuration */
static bool conns_cleaned;  /* connections of an earlier vpnd were looked through */
static char blocked[VPN_REASON_SIZE];
static char secret_error[VPN_REASON_SIZE];
static char plugin_error[VPN_REASON_SIZE]; /* why it refused CONFIG */

static void apply(struct event *event);
static void apply_later(struct event *event);

/* --- scheduling ---------------------------------------------------------------------------- */

/* With many objects a run takes a while, so more events share one: never more than a quarter of the time. */
void vpn_apply_schedule(void)
{
	event_add_timer_msec(master, apply, NULL, MIN(3 * run_ms, PAUSE_MS_MAX), &t_apply);
}

void vpn_apply_schedule_in(time_t seconds)
{
	time_t at = monotime(NULL) + seconds;

	if (later && later <= at)
		return;
	event_cancel(&t_later);
	later = at;
	event_add_timer(master, apply_later, NULL, seconds, &t_later);
}

static void apply_later(struct event *event)
{
	later = 0;
	apply(event);
}

/* Is this time, if it is set, over?  If not, come back when it is. */
bool vpn_apply_due(time_t at)
{
	time_t now = monotime(NULL);

	if (at > now)
		vpn_apply_schedule_in(at - now);
	return at <= now;
}

/* May one more interface be made or removed in this run? */
bool vpn_apply_may_step(void)
{
	if (steps < STEPS_MAX) {
		steps++;
		return true;
	}
	work_left = true;
	return false;
}

bool vpn_apply_work_left(void)
{
	return work_left;
}

time_t vpn_apply_started(void)
{
	return started;
}

/* --- the provider edge --------------------------------------------------------------------- */

const char *vpn_apply_blocked(void)
{
	return blocked[0] ? blocked : NULL;
}

/*
 * Is there no provider edge?  At the start an empty configuration does not say
 * so: mgmtd may not have read its own file yet.
 */
static bool pe_is_removed(void)
{
	return vpn_config.arrived && !vpn_config.pe.present &&
	       (pe_was || vpn_tunnel_configs_count(&vpn_config.tunnels) ||
		vpn_tunnel_configs_count(&vpn_config.templates) ||
		vpn_apply_due(started + VPN_STALE_S));
}

static void blocked_evaluate(void)
{
	if (!vpn_config.arrived) {
		strlcpy(blocked, "the configuration has not come from mgmtd yet", sizeof(blocked));
		return;
	}
	if (vpn_config_incomplete(&vpn_config, blocked, sizeof(blocked)))
		return;
	blocked[0] = '\0';
	if (!vpn_kernel_address_is_local(&vpn_config.pe.local))
		snprintfrr(blocked, sizeof(blocked),
			   "provider-edge: local-address %pIA is not an address of this machine",
			   &vpn_config.pe.local);
	else if (secret_error[0])
		snprintfrr(blocked, sizeof(blocked), "ipsec-profile %s: %s", vpn_config.pe.profile,
			   secret_error);
	else if (plugin_error[0])
		snprintfrr(blocked, sizeof(blocked), "provider-edge: charon's plugin refuses: %s",
			   plugin_error);
}

/* An operator is told of a trouble that lasts, by an alarm of this object. */
static void announce(const char *object, const char *trouble, time_t *since)
{
	if (!trouble) {
		vpn_alarm_clear(object);
		*since = 0;
		return;
	}
	if (!*since)
		*since = monotime(NULL);
	if (vpn_apply_due(*since + ALARM_S))
		vpn_alarm_raise(object, trouble);
}

/*
 * Where there is neither provider edge nor link, nothing is missing.  And what is over in a
 * moment is no trouble: at the start zebra may not have set the address yet.
 */
static void announce_all(void)
{
	static time_t blocked_since, charon_since;
	bool is = vpn_config.arrived && vpn_config.pe.present;
	bool charon = is || vpn_tunnels_need_charon();
	const char *why = NULL;

	if (plugin_gone)
		vpn_plugin_connected(&why);
	announce("provider-edge", is ? vpn_apply_blocked() : NULL, &blocked_since);
	announce("charon", charon ? why : NULL, &charon_since);
}

/* --- charon -------------------------------------------------------------------------------- */

static bool conn_wanted(const struct ipaddr *peer)
{
	struct vpn_peer *found;

	if (!vpn_config.pe.present)
		return false;
	if (!peer)
		return true; /* the responder */
	found = vpn_peer_find(peer);
	return found && found->uses;
}

static void responder_loaded(const struct ipaddr *peer, const char *error)
{
	if (error)
		vpn_alarm_raise("ipsec-profile", error);
	else
		vpn_alarm_clear("ipsec-profile");
}

/* The secret, and the connection by which peers reach us that we do not need ourselves. */
static void charon_configure(void)
{
	const struct vpn_profile *profile = vpn_pe_profile(&vpn_config);
	char incomplete[VPN_REASON_SIZE];
	const char *error;

	if (!vpn_config.arrived || !vpn_charon_connected(NULL))
		return;
	if (charon_given && pe_is_removed()) {
		vpn_charon_unload_secret(&local);
		vpn_charon_unload_others(conn_wanted);
		charon_given = false;
	}
	if (!secret_loaded && profile &&
	    !vpn_config_incomplete(&vpn_config, incomplete, sizeof(incomplete))) {
		error = vpn_charon_load_secret(&vpn_config.pe.local, profile);
		strlcpy(secret_error, error ? error : "", sizeof(secret_error));
		if (!error)
			vpn_charon_load_peer(&vpn_config.pe.local, NULL, profile, responder_loaded);
		secret_loaded = charon_given = true;
	}
	if (!conns_cleaned && reconciled) {
		vpn_charon_unload_others(conn_wanted);
		conns_cleaned = true;
	}
}

void vpn_apply_charon_up(void)
{
	secret_loaded = charon_given = conns_cleaned = false;
	vpn_peer_all_reload();
	vpn_gateways_charon_up();
	vpn_apply_schedule();
}

void vpn_apply_charon_down(const char *reason)
{
	secret_loaded = conns_cleaned = false;
	vpn_peer_all_reload();
	vpn_gateways_charon_down(reason);
	vpn_apply_schedule();
}

/* --- the plugin ---------------------------------------------------------------------------- */

static void requests_forget(void)
{
	config_id = 0;
	config_done = reconciled = false;
	vpn_gateways_plugin_changed();
	vpn_labels_unsay();
}

void vpn_apply_plugin_up(void)
{
	event_cancel(&t_charon_gone);
	plugin_gone = false;
	plugin_error[0] = '\0';
	requests_forget();
	vpn_peer_all_unheard();
	vpn_apply_schedule();
}

static void plugin_is_gone(const char *reason)
{
	event_cancel(&t_charon_gone);
	plugin_gone = true;
	vpn_peer_all_down(reason);
	vpn_apply_schedule();
}

static void charon_gone(struct event *event)
{
	const char *reason;

	if (!vpn_plugin_connected(&reason))
		plugin_is_gone(reason);
}

/*
 * A connection that broke says nothing about the label SAs: it may be open again in a
 * moment.  One that cannot be opened does: charon does not run.
 */
void vpn_apply_plugin_down(const char *reason)
{
	const char *charon;

	requests_forget();
	if (vpn_plugin_failed())
		plugin_is_gone(vpn_charon_connected(&charon) ? reason : charon);
	else if (!plugin_gone)
		event_add_timer(master, charon_gone, NULL, RETRY_S, &t_charon_gone);
	vpn_apply_schedule();
}

const char *vpn_apply_plugin_gone(void)
{
	const char *why;

	if (plugin_gone && (!vpn_charon_connected(&why) || !vpn_plugin_connected(&why)))
		return why;
	return NULL;
}

bool vpn_apply_plugin_ready(void)
{
	return config_done;
}

/* Tears down what was negotiated with the address or prefix length of before. */
static void pe_changed(void)
{
	struct vpn_peer *peer;

	if (!prefix_len || (prefix_len == vpn_config.pe.prefix_len &&
			    ipaddr_is_same(&local, &vpn_config.pe.local)))
		return;
	zlog_notice(
		"the provider edge's address or prefix length has changed: every peer is negotiated with anew");
	frr_each (vpn_peers, &vpn_peers, peer)
		vpn_peer_clear(peer);
}

static void plugin_configure(void)
{
	if (config_id || !vpn_config.arrived || !vpn_plugin_connected(NULL))
		return;
	if (vpn_config.pe.present && !blocked[0]) {
		pe_changed();
		local = vpn_config.pe.local;
		prefix_len = vpn_config.pe.prefix_len;
		config_id = vpn_plugin_config(&local, prefix_len);
	} else if (pe_is_removed()) {
		prefix_len = 0;
		config_id = vpn_plugin_config(NULL, VPN_SPI_OWN_LEN_DEFAULT);
	}
}

/* The whole set at once, which removes what an earlier vpnd wanted and nobody wants now. */
static void reconcile(void)
{
	if (reconciled || !config_done || work_left)
		return;
	if (!pe_is_removed() && !vpn_bgp_synchronised() && !vpn_apply_due(started + VPN_STALE_S))
		return;
	vpn_plugin_sync(true);
	vpn_gateways_say();
	vpn_labels_say();
	vpn_plugin_sync(false);
	reconciled = true;
	zlog_info("charon's plugin was given %zu labels and %zu uses",
		  vpn_labels_count(&vpn_labels), vpn_uses_count(&vpn_uses));
}

static void config_answered(const struct vpnspi_done *done)
{
	config_done = !done->error;
	if (config_done)
		vpn_peer_unheard_down();
	plugin_error[0] = '\0';
	if (done->error)
		strlcpy(plugin_error, done->text[0] ? done->text : safe_strerror(done->error),
			sizeof(plugin_error));
}

void vpn_apply_done(uint32_t id, const struct vpnspi_done *done)
{
	vpn_apply_schedule();
	if (id == config_id)
		config_answered(done);
	else if (!vpn_labels_answered(id, done) && done->error) {
		DEBUGD(&vpn_dbg_plugin, "plugin: request %u failed: %s", id, done->text);
		vpn_gateway_link_done(id, done->text);
	}
}

/* --- peers --------------------------------------------------------------------------------- */

static void peers_count(void)
{
	struct vpn_peer *peer;
	struct vpn_use *use;

	frr_each (vpn_peers, &vpn_peers, peer)
		peer->uses = 0;
	frr_each (vpn_uses, &vpn_uses, use) {
		use->peer = vpn_peer_get(&use->pe);
		use->peer->uses++;
	}
}

static void peers_drive(void)
{
	struct vpn_peer *peer;

	if (!vpn_config.arrived)
		return;
	frr_each_safe (vpn_peers, &vpn_peers, peer) {
		vpn_peer_drive(peer);
		if (peer->uses || peer->silent || peer->state != VPN_PEER_DOWN)
			continue;
		vpn_charon_unload_peer(&peer->addr);
		vpn_peer_free(&peer);
	}
}

static void mtu_refresh(struct event *event)
{
	struct vpn_peer *peer;

	frr_each (vpn_peers, &vpn_peers, peer)
		vpn_peer_mtu_refresh(peer);
	vpn_tunnels_mtu_refresh(NULL);
}

/* What the kernel tells nobody of is looked at. */
static void watch(struct event *event)
{
	if (vpn_path_news())
		mtu_refresh(NULL);
	vpn_routing_watch();
	event_add_timer(master, watch, NULL, VPN_PATH_LOOK_S, &t_watch);
}

static void counters_ask(struct event *event);

/* Links have the kernel's, which are asked for when wanted. */
static void counters_follow(void)
{
	if (vpn_peers_count(&vpn_peers))
		event_add_timer(master, counters_ask, NULL, VPN_PEER_COUNTERS_S, &t_counters);
	else
		event_cancel(&t_counters);
}

static void counters_ask(struct event *event)
{
	vpn_plugin_counters_get();
	counters_follow();
}

/* --- what goes ----------------------------------------------------------------------------- */

static void remove_orphans(void)
{
	static bool removed;

	if (removed || !reconciled)
		return;
	vpn_kernel_each_link(vpn_adopt_orphan_remove);
	removed = !work_left;
}

/* --- the state file ------------------------------------------------------------------------ */

static void state_load(void)
{
	struct json_object *state = frr_daemon_state_load(), *part;

	if (json_object_object_get_ex(state, "labels", &part))
		vpn_label_load(part);
	if (json_object_object_get_ex(state, "provisioning", &part))
		vpn_ce_load(part);
	json_object_free(state);
}

void vpn_apply_state_changed(void)
{
	state_dirty = true;
	vpn_apply_schedule();
}

static void state_save(void)
{
	struct json_object *state;

	if (!state_dirty)
		return;
	state = json_object_new_object();
	json_object_object_add(state, "labels", vpn_label_save());
	json_object_object_add(state, "provisioning", vpn_ce_save());
	frr_daemon_state_save(&state);
	state_dirty = false;
}

/* --- the run ------------------------------------------------------------------------------- */

bool vpn_apply_settled(void)
{
	return settled;
}

static void settle(void)
{
	bool pending = !vpn_config.arrived || !vpn_bgp_synchronised() || work_left ||
		       (!reconciled && !plugin_gone && !blocked[0]);

	if (settled)
		return;
	settled = (!pending && !vpn_labels_pending()) || vpn_apply_due(started + SETTLE_S);
	if (settled)
		zlog_info("settled: what bgpd wants is known to be up or down");
}

static void step_all(void)
{
	vpn_labels_step();
	state_save(); /* before the numbers are used anywhere */
	vpn_labels_step_uses();
}

static void run(void)
{
	steps = 0;
	work_left = false;
	pe_was |= vpn_config.pe.present;

	vpn_ce_apply();
	vpn_firewall_apply();
	vpn_apart_apply();
	charon_configure();
	blocked_evaluate();
	announce_all();
	plugin_configure();
	if (pe_is_removed())
		vpn_labels_retract();
	vpn_labels_remove_unwanted();
	peers_count();
	step_all();
	reconcile();
	remove_orphans();
	peers_drive();
	counters_follow();
	vpn_tunnels_apply();
	vpn_labels_evaluate();
	settle();
	vpn_bgp_tell_changes();

	if (work_left)
		vpn_apply_schedule();
}

static void apply(struct event *event)
{
	struct timeval start;

	monotime(&start);
	run();
	run_ms = monotime_since(&start, NULL) / 1000;
}

/* --- what changed -------------------------------------------------------------------------- */

void vpn_apply_config_ready(void)
{
	vpn_apply_schedule();
}

void vpn_apply_config_changed(void)
{
	struct vpn_peer *peer;

	secret_loaded = false;
	config_id = 0; /* said again; the plugin compares */
	vpn_peer_all_reload();
	frr_each (vpn_peers, &vpn_peers, peer)
		vpn_peer_try_again(peer);
	vpn_gateways_try_again();
	vpn_apply_schedule();
}

void vpn_apply_kernel_changed(void)
{
	vpn_labels_fallen_remove();
	vpn_tunnels_fallen_remove();
	/* once for many events */
	event_add_timer(master, mtu_refresh, NULL, ROUTES_S, &t_mtu_soon);
	vpn_apply_schedule();
}

/* --- life cycle ---------------------------------------------------------------------------- */

void vpn_apply_init(void)
{
	started = monotime(NULL);
	state_load();
	if (vpn_kernel_init()) {
		state_dirty |= vpn_adopt_interfaces();
		vpn_tunnels_adopt();
		vpn_labels_fallen_remove();
		vpn_tunnels_fallen_remove();
	}
	vpn_zebra_init();
	vpn_charon_init(vpn_vici_path);
	vpn_plugin_init(vpn_vpnspi_path);
	event_add_timer(master, watch, NULL, VPN_PATH_LOOK_S, &t_watch);
	vpn_apply_schedule();
}

void vpn_apply_stop(void)
{
	event_cancel(&t_apply);
	event_cancel(&t_later);
	event_cancel(&t_counters);
	event_cancel(&t_mtu_soon);
	event_cancel(&t_watch);
	event_cancel(&t_charon_gone);
	vpn_save_stop();
	vpn_apart_stop();
	vpn_plugin_stop();
	vpn_charon_stop();
	vpn_use_terminate();
	vpn_label_terminate();
	vpn_peer_terminate();
	vpn_tunnels_terminate();
	vpn_templates_terminate();
	vpn_gateways_terminate();
	vpn_guard_stop();
	vpn_alarm_terminate();
	vpn_bgp_terminate();
	vpn_zebra_stop();
	vpn_multicast_fini();
	vpn_kernel_stop();
}
