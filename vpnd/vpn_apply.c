// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The heart of vpnd: what should be, compared with what is.
 *
 *   desired:  vpn_config (mgmtd), vpn_labels and vpn_uses (bgpd)
 *   observed: the kernel's links, the plugin's answers, peers, zebra's interfaces
 *
 * Tunnel links need neither bgpd nor a provider edge; vpn_tunnel_apply.c is their
 * part of the run.
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
#include "vpnd/vpn_interface.h"
#include "vpnd/vpn_kernel.h"
#include "vpnd/vpn_label.h"
#include "vpnd/vpn_path.h"
#include "vpnd/vpn_peer.h"
#include "vpnd/vpn_plugin.h"
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
#define MTU_FALLBACK 1400 /* octets, until the peer's is known */
#define MTU_RECEIVE  1500 /* octets; packets that come in do not care */

const char *vpn_vici_path;
const char *vpn_vpnspi_path;

static struct event *t_apply;
static struct event *t_later;
static struct event *t_counters;
static struct event *t_mtu;
static struct event *t_mtu_soon;
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
	struct vpn_label *label;
	struct vpn_use *use;

	config_id = 0;
	config_done = reconciled = false;
	vpn_gateways_plugin_changed();
	frr_each (vpn_labels, &vpn_labels, label) {
		label->request = VPN_REQUEST_NONE;
		vpn_waiting_stop(&label->waiting);
	}
	frr_each (vpn_uses, &vpn_uses, use) {
		use->request = VPN_REQUEST_NONE;
		vpn_waiting_stop(&use->waiting);
		use->out_said = false;
	}
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

static void label_say(struct vpn_label *label)
{
	uint32_t id = vpn_plugin_label_in(label->label.label, label->if_id, true);

	vpn_waiting_start(&label->waiting, id);
	label->request = id ? VPN_REQUEST_SENT : VPN_REQUEST_NONE;
}

static void use_say(struct vpn_use *use)
{
	uint32_t id = vpn_plugin_label_out(&use->pe, use->label.label, use->label.len, use->if_id,
					   true);

	vpn_waiting_start(&use->waiting, id);
	use->request = id ? VPN_REQUEST_SENT : VPN_REQUEST_NONE;
}

/* The whole set at once, which removes what an earlier vpnd wanted and nobody wants now. */
static void reconcile(void)
{
	struct vpn_label *label;
	struct vpn_use *use;

	if (reconciled || !config_done || work_left)
		return;
	if (!pe_is_removed() && !vpn_bgp_synchronised() && !vpn_apply_due(started + VPN_STALE_S))
		return;
	vpn_plugin_sync(true);
	vpn_gateways_say();
	frr_each (vpn_labels, &vpn_labels, label)
		if (label->ifindex)
			label_say(label);
	frr_each (vpn_uses, &vpn_uses, use)
		if (use->ifindex)
			use_say(use);
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

static void request_answered(enum vpn_request *request, char *failed, size_t size, time_t *retry_at,
			     const struct vpnspi_done *done)
{
	*request = done->error ? VPN_REQUEST_FAILED : VPN_REQUEST_DONE;
	failed[0] = '\0';
	if (!done->error)
		return;
	strlcpy(failed, done->text[0] ? done->text : safe_strerror(done->error), size);
	*retry_at = monotime(NULL) + RETRY_S;
}

void vpn_apply_done(uint32_t id, const struct vpnspi_done *done)
{
	struct vpn_waiting *waiting;
	struct vpn_label *label;
	struct vpn_use *use;

	vpn_apply_schedule();
	if (id == config_id) {
		config_answered(done);
		return;
	}
	waiting = vpn_waiting_answered(id);
	if (waiting && waiting->label) {
		label = waiting->label;
		request_answered(&label->request, label->failed, sizeof(label->failed),
				 &label->retry_at, done);
	} else if (waiting) {
		use = waiting->use;
		request_answered(&use->request, use->failed, sizeof(use->failed), &use->retry_at,
				 done);
	} else if (done->error) {
		DEBUGD(&vpn_dbg_plugin, "plugin: request %u failed: %s", id, done->text);
		vpn_gateway_link_done(id, done->text);
	}
}

void vpn_apply_out_is(const struct vpnspi_out_is *is)
{
	struct vpn_use *use = vpn_use_by_if_id(is->if_id);
	struct ipaddr peer;

	if (!use || !vpn_peer_from_wire(&is->peer, &peer) || !ipaddr_is_same(&peer, &use->pe) ||
	    is->label != use->label.label)
		return; /* of a use that is no more */
	DEBUGD(&vpn_dbg_plugin, "plugin: %s to %pIA with label %u: %s %s", use->vrf, &use->pe,
	       use->label.label, is->up ? "up" : "down", is->text);
	use->out_said = true;
	use->out_up = is->up;
	use->spi = is->up ? is->spi : 0;
	strlcpy(use->out_reason, is->text, sizeof(use->out_reason));
	vpn_apply_schedule();
}

/* --- labels -------------------------------------------------------------------------------- */

static void label_retract(struct vpn_label *label)
{
	if (label->request != VPN_REQUEST_NONE)
		vpn_plugin_label_in(label->label.label, label->if_id, false);
	label->request = VPN_REQUEST_NONE;
	vpn_waiting_stop(&label->waiting);
	if (label->ifindex)
		vpn_interface_remove(label->ifindex, label->ifname);
	label->ifindex = 0;
	label->failed[0] = '\0';
	label->retry_at = 0;
}

/* Its number; an interface of another number goes. */
static bool label_number(struct vpn_label *label)
{
	struct spi_label now;

	if (!vpn_label_assign(label->vrf, vpn_config.pe.prefix_len, &now, &state_dirty)) {
		snprintf(label->refused, sizeof(label->refused),
			 "no label is left: all beside an SPI prefix of %u bits are in use",
			 vpn_config.pe.prefix_len);
		return false;
	}
	label->refused[0] = '\0';
	if (label->label.len && label->label.label != now.label)
		label_retract(label);
	label->label = now;
	label->if_id = VPN_IF_ID_IN + now.label;
	snprintf(label->ifname, sizeof(label->ifname), VPN_IFNAME_IN "%u", now.label);
	return true;
}

static void label_interface(struct vpn_label *label, ifindex_t vrf)
{
	struct vpn_interface want = { .kind = VPN_IFKIND_IN,
				      .name = label->ifname,
				      .if_id = label->if_id,
				      .master = vrf,
				      .mtu = MTU_RECEIVE };

	strlcpy(want.alias.vrf, label->vrf, sizeof(want.alias.vrf));
	want.alias.label = label->label;
	if (vpn_interface_differs(&want) &&
	    (!vpn_apply_due(label->retry_at) || !vpn_apply_may_step()))
		return;
	label->ifindex = vpn_interface_ensure(&want, label->failed, sizeof(label->failed));
	label->retry_at = label->ifindex ? 0 : monotime(NULL) + RETRY_S;
}

static void label_step(struct vpn_label *label)
{
	ifindex_t vrf;

	if (!vpn_config.arrived || !vpn_config.pe.present || !label_number(label))
		return;
	vrf = vpn_kernel_vrf(label->vrf);
	if (vrf < 0) {
		/* what would come in now would be routed outside the VPN */
		label_retract(label);
		return;
	}
	if (label->request != VPN_REQUEST_FAILED)
		label_interface(label, vrf);
	if (!label->ifindex || !config_done)
		return;
	if (label->request == VPN_REQUEST_NONE ||
	    (label->request == VPN_REQUEST_FAILED && vpn_apply_due(label->retry_at)))
		label_say(label);
}

/* What is observed of anything. */
static struct vpn_view view_common(const char *vrf, ifindex_t ifindex, enum vpn_request request,
				   const char *failed)
{
	static char missing[VRF_NAMSIZ + 64];
	const char *why = NULL;
	struct vpn_view view = {
		.config_arrived = vpn_config.arrived,
		.blocked = vpn_apply_blocked(),
		.interface_there = ifindex != 0,
		.plugin_ready = config_done,
		.request = request,
		.request_error = failed,
	};

	if (vpn_kernel_vrf(vrf) < 0) {
		snprintf(missing, sizeof(missing), "VRF %s is not in the kernel", vrf);
		view.vrf_missing = missing;
	}
	if (!ifindex && failed[0])
		view.interface_error = failed;
	if (plugin_gone && !vpn_charon_connected(&why))
		view.plugin_failed = why;
	else if (plugin_gone && !vpn_plugin_connected(&why))
		view.plugin_failed = why;
	return view;
}

static void label_evaluate(struct vpn_label *label)
{
	struct vpn_view view = view_common(label->vrf, label->ifindex, label->request,
					   label->failed);
	const char *reason;

	view.refused = label->refused[0] ? label->refused : NULL;
	label->verdict = vpn_label_verdict(&view, &reason);
	if (label->verdict == VPN_PENDING && label->up)
		return; /* as it was */
	label->up = label->verdict == VPN_UP;
	strlcpy(label->reason, reason ? reason : "", sizeof(label->reason));
}

/* --- uses ---------------------------------------------------------------------------------- */

static void use_retract(struct vpn_use *use)
{
	if (use->request != VPN_REQUEST_NONE)
		vpn_plugin_label_out(&use->pe, use->label.label, use->label.len, use->if_id, false);
	use->request = VPN_REQUEST_NONE;
	vpn_waiting_stop(&use->waiting);
	use->out_said = use->out_up = false;
	use->spi = 0;
	if (use->ifindex)
		vpn_interface_remove(use->ifindex, use->ifname);
	use->ifindex = 0;
	use->failed[0] = '\0';
	use->retry_at = 0;
}

static void use_interface(struct vpn_use *use, ifindex_t vrf)
{
	struct vpn_interface want = { .kind = VPN_IFKIND_OUT,
				      .name = use->ifname,
				      .if_id = use->if_id,
				      .master = vrf,
				      .mtu = use->peer && use->peer->mtu ? use->peer->mtu
					     : use->mtu			 ? use->mtu
									 : MTU_FALLBACK };

	strlcpy(want.alias.vrf, use->vrf, sizeof(want.alias.vrf));
	want.alias.pe = use->pe;
	want.alias.label = use->label;
	if (vpn_interface_differs(&want) && (!vpn_apply_due(use->retry_at) || !vpn_apply_may_step()))
		return;
	use->ifindex = vpn_interface_ensure(&want, use->failed, sizeof(use->failed));
	use->retry_at = use->ifindex ? 0 : monotime(NULL) + RETRY_S;
	if (use->ifindex)
		use->mtu = want.mtu;
}

static void use_step(struct vpn_use *use)
{
	ifindex_t vrf;

	if (!vpn_config.arrived || !vpn_config.pe.present)
		return;
	vrf = vpn_kernel_vrf(use->vrf);
	if (vrf < 0) {
		use_retract(use);
		return;
	}
	if (!use->number)
		vpn_use_number(use, 0, vpn_adopt_number_taken);
	if (use->request != VPN_REQUEST_FAILED)
		use_interface(use, vrf);
	if (!use->ifindex || !config_done)
		return;
	if (use->request == VPN_REQUEST_NONE ||
	    (use->request == VPN_REQUEST_FAILED && vpn_apply_due(use->retry_at)))
		use_say(use);
}

static void use_evaluate(struct vpn_use *use)
{
	struct vpn_view view = view_common(use->vrf, use->ifindex, use->request, use->failed);
	static char peer_reason[VPN_REASON_SIZE + 64];
	const char *reason;

	snprintfrr(peer_reason, sizeof(peer_reason), "peer %pIA: %s", &use->pe,
		   use->peer ? use->peer->reason : "not known yet");
	view.peer_up = use->peer && use->peer->state == VPN_PEER_UP;
	view.peer_reason = peer_reason;
	view.out_said = use->out_said;
	view.out_up = use->out_up;
	view.out_reason = use->out_reason;
	view.zebra_ready = vpn_zebra_interface_ready(use->ifindex, use->vrf);
	use->verdict = vpn_use_verdict(&view, &reason);
	if (use->verdict == VPN_PENDING && use->up)
		return; /* as it was */
	use->up = use->verdict == VPN_UP;
	strlcpy(use->reason, reason ? reason : "", sizeof(use->reason));
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

static void mtu_watch(struct event *event)
{
	if (vpn_path_news())
		mtu_refresh(NULL);
	event_add_timer(master, mtu_watch, NULL, VPN_PATH_LOOK_S, &t_mtu);
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

/* Is this object's time over?  Before bgpd's set is in, only the timer says so. */
static bool gone(bool wanted, time_t remove_at)
{
	return !wanted && remove_at && vpn_apply_due(remove_at);
}

static void remove_unwanted(void)
{
	struct vpn_label *label;
	struct vpn_use *use;

	frr_each_safe (vpn_uses, &vpn_uses, use) {
		if (!gone(use->wanted, use->remove_at) || !vpn_apply_may_step())
			continue;
		use_retract(use);
		vpn_use_free(&use);
	}
	frr_each_safe (vpn_labels, &vpn_labels, label) {
		if (!gone(label->wanted, label->remove_at) || !vpn_apply_may_step())
			continue;
		label_retract(label);
		vpn_label_free(&label);
	}
}

/* No provider edge is configured: nothing of ours has a reason to be. */
static void retract_all(void)
{
	struct vpn_label *label;
	struct vpn_use *use;

	if (!pe_is_removed())
		return;
	frr_each (vpn_uses, &vpn_uses, use)
		use_retract(use);
	frr_each (vpn_labels, &vpn_labels, label)
		label_retract(label);
}

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
	const struct vpn_label *label;
	const struct vpn_use *use;
	bool pending = !vpn_config.arrived || !vpn_bgp_synchronised() || work_left ||
		       (!reconciled && !plugin_gone && !blocked[0]);

	if (settled)
		return;
	frr_each (vpn_labels_const, &vpn_labels, label)
		pending |= label->wanted && label->verdict == VPN_PENDING;
	frr_each (vpn_uses_const, &vpn_uses, use)
		pending |= use->wanted && use->verdict == VPN_PENDING;
	settled = !pending || vpn_apply_due(started + SETTLE_S);
	if (settled)
		zlog_info("settled: what bgpd wants is known to be up or down");
}

static void evaluate_all(void)
{
	struct vpn_label *label;
	struct vpn_use *use;

	frr_each (vpn_labels, &vpn_labels, label)
		label_evaluate(label);
	frr_each (vpn_uses, &vpn_uses, use)
		use_evaluate(use);
}

static void step_all(void)
{
	struct vpn_label *label;
	struct vpn_use *use;

	frr_each (vpn_labels, &vpn_labels, label)
		label_step(label);
	state_save(); /* before the numbers are used anywhere */
	frr_each (vpn_uses, &vpn_uses, use)
		use_step(use);
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
	retract_all();
	remove_unwanted();
	peers_count();
	step_all();
	reconcile();
	remove_orphans();
	peers_drive();
	counters_follow();
	vpn_tunnels_apply();
	evaluate_all();
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

/*
 * A VRF device that is deleted lets its interfaces fall into the default VRF,
 * where what comes in would be routed outside the VPN: they go at once.
 */
static void fallen_remove(void)
{
	const struct vpn_link *link;
	struct vpn_label *label;

	frr_each (vpn_labels, &vpn_labels, label) {
		link = label->ifindex ? vpn_kernel_link(label->ifindex) : NULL;
		if (link && !link->info.master && vpn_kernel_vrf(label->vrf))
			label_retract(label);
	}
	vpn_tunnels_fallen_remove();
}

void vpn_apply_kernel_changed(void)
{
	fallen_remove();
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
		fallen_remove();
	}
	vpn_zebra_init();
	vpn_charon_init(vpn_vici_path);
	vpn_plugin_init(vpn_vpnspi_path);
	event_add_timer(master, mtu_watch, NULL, VPN_PATH_LOOK_S, &t_mtu);
	vpn_apply_schedule();
}

void vpn_apply_stop(void)
{
	event_cancel(&t_apply);
	event_cancel(&t_later);
	event_cancel(&t_counters);
	event_cancel(&t_mtu);
	event_cancel(&t_mtu_soon);
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
	vpn_kernel_stop();
}
