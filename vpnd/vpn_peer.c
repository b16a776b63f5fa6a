// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Peers: the PEs that we send to or that send to us.  See vpn_peer.h.
 *
 * charon is asked to begin a negotiation and answers at once; what comes of it
 * the plugin reports: PEER_IS up, or an ALERT that says in words why not.  An
 * attempt of which nothing is heard ends by a timer.  So this file is a state
 * machine over five events: a use appears or goes, PEER_IS, ALERT, SILENT, a timer.
 */
#include <zebra.h>

#include "lib/log.h"
#include "lib/monotime.h"
#include "lib/network.h"
#include "lib/printfrr.h"

#include "vpnd/vpn_alarm.h"
#include "vpnd/vpn_apply.h"
#include "vpnd/vpn_charon.h"
#include "vpnd/vpn_config.h"
#include "vpnd/vpn_debug.h"
#include "vpnd/vpn_gateway.h"
#include "vpnd/vpn_kernel.h"
#include "vpnd/vpn_memory.h"
#include "vpnd/vpn_peer.h"
#include "vpnd/vpn_plugin.h"
#include "vpnd/vpn_zebra.h"

DEFINE_MTYPE_STATIC(VPND, VPN_PEER, "VPN peer");

#define CLEAR_PAUSE_MS 1000 /* between a termination and a new attempt */
#define STEADY_S       10   /* up for so long, a peer that goes down was not a failed attempt */
#define ALERT_FRESH_S  5    /* an alert so long ago is why the SA has ended now */

struct vpn_peers_head vpn_peers = INIT_RBTREE_UNIQ(vpn_peers);

static void attempt(struct vpn_peer *peer);

struct vpn_peer *vpn_peer_find(const struct ipaddr *addr)
{
	struct vpn_peer key = { .addr = *addr };

	return vpn_peers_find(&vpn_peers, &key);
}

struct vpn_peer *vpn_peer_get(const struct ipaddr *addr)
{
	struct vpn_peer *peer = vpn_peer_find(addr);

	if (peer)
		return peer;
	peer = XCALLOC(MTYPE_VPN_PEER, sizeof(*peer));
	peer->addr = *addr;
	peer->since = time(NULL);
	snprintf(peer->reason, sizeof(peer->reason), "not tried yet");
	vpn_peers_add(&vpn_peers, peer);
	vpn_zebra_track(addr, true);
	return peer;
}

/* The name of its alarm. */
static const char *alarm_object(const struct vpn_peer *peer)
{
	static char object[96];

	snprintfrr(object, sizeof(object), "peer %pIA", &peer->addr);
	return object;
}

void vpn_peer_free(struct vpn_peer **peer)
{
	vpn_alarm_clear(alarm_object(*peer));
	if (!vpn_gateway_at(&(*peer)->addr))
		vpn_zebra_track(&(*peer)->addr, false);
	event_cancel(&(*peer)->t_retry);
	event_cancel(&(*peer)->t_attempt);
	event_cancel(&(*peer)->t_silent);
	vpn_peers_del(&vpn_peers, *peer);
	XFREE(MTYPE_VPN_PEER, *peer);
}

void vpn_peer_terminate(void)
{
	struct vpn_peer *peer;

	while ((peer = vpn_peers_first(&vpn_peers)))
		vpn_peer_free(&peer);
}

/* --- states -------------------------------------------------------------------------------- */

static void state_set(struct vpn_peer *peer, enum vpn_peer_state state, const char *reason)
{
	if (peer->state == state && !strcmp(peer->reason, reason))
		return;
	if (peer->state != state) {
		peer->since = time(NULL);
		zlog_notice("peer %pIA: %s%s%s", &peer->addr, vpn_peer_state_str(state),
			    reason[0] ? ": " : "", reason);
	}
	peer->state = state;
	strlcpy(peer->reason, reason, sizeof(peer->reason));
	vpn_apply_schedule();
}

static void timers_stop(struct vpn_peer *peer)
{
	event_cancel(&peer->t_retry);
	event_cancel(&peer->t_attempt);
	peer->attempt_since = 0;
}

static void retry(struct event *event)
{
	attempt(EVENT_ARG(event));
}

static void retry_in(struct vpn_peer *peer, int64_t ms)
{
	event_cancel(&peer->t_retry);
	event_add_timer_msec(master, retry, peer, ms, &peer->t_retry);
}

/* An attempt has come to nothing: pause, or give up. */
static void failed(struct vpn_peer *peer, const char *reason)
{
	const struct vpn_profile *profile = vpn_pe_profile(&vpn_config);
	char text[VPN_REASON_SIZE];
	int64_t pause;

	timers_stop(peer);
	state_set(peer, VPN_PEER_DOWN, reason);
	if (!peer->uses || !profile)
		return;
	pause = vpn_backoff_failed(&peer->backoff, profile->retry_initial, profile->retry_maximum,
				   profile->retry_limit, frr_weak_random());
	if (pause < 0) {
		snprintfrr(text, sizeof(text),
			   "given up after %u attempts; the last one: %s (\"clear vpn peer %pIA\" tries again)",
			   peer->backoff.failures, reason, &peer->addr);
		vpn_alarm_raise(alarm_object(peer), text);
		return;
	}
	zlog_warn("peer %pIA: %s; failure %u in a row, next attempt in %lld.%lld s", &peer->addr,
		  reason, peer->backoff.failures, (long long)pause / 1000,
		  (long long)pause % 1000 / 100);
	retry_in(peer, pause);
}

static void attempt_expired(struct event *event)
{
	struct vpn_peer *peer = EVENT_ARG(event);
	char reason[VPN_REASON_SIZE];

	snprintfrr(reason, sizeof(reason), "no answer from %pIA", &peer->addr);
	vpn_charon_terminate(&peer->addr);
	failed(peer, reason);
}

/* charon's answer to the load of the connection. */
static void load_done(const struct ipaddr *addr, const char *error)
{
	struct vpn_peer *peer = vpn_peer_find(addr);
	char reason[VPN_REASON_SIZE];

	if (!peer || !error)
		return;
	peer->loaded = false;
	snprintf(reason, sizeof(reason), "charon refuses the connection: %s", error);
	if (peer->state == VPN_PEER_UP)
		zlog_warn("peer %pIA: %s", &peer->addr, reason);
	else
		failed(peer, reason);
}

static void initiate_done(const struct ipaddr *addr, const char *error)
{
	struct vpn_peer *peer = vpn_peer_find(addr);
	char reason[VPN_REASON_SIZE];

	if (!peer || !error || peer->state != VPN_PEER_CONNECTING)
		return;
	snprintf(reason, sizeof(reason), "charon does not begin: %s", error);
	failed(peer, reason);
}

static void load(struct vpn_peer *peer)
{
	const struct vpn_profile *profile = vpn_pe_profile(&vpn_config);

	if (peer->loaded || !profile)
		return;
	peer->loaded = true;
	vpn_charon_load_peer(&vpn_config.pe.local, &peer->addr, profile, load_done);
}

/* Why no attempt can be made at all now; NULL if one can. */
static const char *obstacle(void)
{
	const char *why = vpn_apply_blocked();

	if (why)
		return why;
	if (!vpn_charon_connected(&why) || !vpn_plugin_connected(&why))
		return why;
	return NULL;
}

/* Begins a negotiation, unless something is in the way. */
static void attempt(struct vpn_peer *peer)
{
	char reason[VPN_REASON_SIZE];

	if (peer->state == VPN_PEER_UP || !peer->uses || obstacle())
		return;
	timers_stop(peer);
	load(peer);
	snprintfrr(reason, sizeof(reason), "attempt %u: no answer from %pIA yet",
		   peer->backoff.failures + 1, &peer->addr);
	peer->yielded = true;
	peer->initiations++;
	peer->attempt_since = monotime(NULL);
	event_add_timer(master, attempt_expired, peer, VPN_PEER_ATTEMPT_S, &peer->t_attempt);
	state_set(peer, VPN_PEER_CONNECTING, reason);
	vpn_charon_initiate(&peer->addr, initiate_done);
}

void vpn_peer_drive(struct vpn_peer *peer)
{
	const struct vpn_profile *profile = vpn_pe_profile(&vpn_config);
	char reason[VPN_REASON_SIZE];
	const char *why;

	if (peer->state == VPN_PEER_UP || peer->silent) {
		if (peer->uses && !obstacle())
			load(peer);
		return;
	}
	why = peer->uses ? obstacle() : "no VPN route needs this peer any more";
	if (why) {
		timers_stop(peer);
		state_set(peer, VPN_PEER_DOWN, why);
		return;
	}
	if (!vpn_apply_plugin_ready() || peer->t_retry || peer->t_attempt ||
	    vpn_backoff_exhausted(&peer->backoff, profile->retry_limit))
		return;
	if (peer->yielded || vpn_peer_initiates_first(&vpn_config.pe.local, &peer->addr)) {
		attempt(peer);
		return;
	}
	load(peer);
	peer->yielded = true;
	snprintfrr(reason, sizeof(reason), "waiting for %pIA to begin, which has the lower address",
		   &peer->addr);
	state_set(peer, VPN_PEER_CONNECTING, reason);
	retry_in(peer, VPN_PEER_YIELD_MS);
}

void vpn_peer_try_again(struct vpn_peer *peer)
{
	if (peer->state != VPN_PEER_DOWN)
		return;
	vpn_backoff_reset(&peer->backoff);
	vpn_alarm_clear(alarm_object(peer));
	timers_stop(peer);
}

void vpn_peer_clear(struct vpn_peer *peer)
{
	zlog_notice("peer %pIA: cleared", &peer->addr);
	vpn_backoff_reset(&peer->backoff);
	vpn_alarm_clear(alarm_object(peer));
	peer->yielded = false;
	vpn_charon_terminate(&peer->addr);
	peer->cleared = peer->state == VPN_PEER_UP || peer->silent;
	if (peer->cleared)
		return; /* the rest follows from PEER_IS down */
	timers_stop(peer);
	state_set(peer, VPN_PEER_DOWN, "cleared");
	/* not at once: charon would take the IKE_SA that it is about to end */
	retry_in(peer, vpn_peer_initiates_first(&vpn_config.pe.local, &peer->addr)
			       ? CLEAR_PAUSE_MS
			       : VPN_PEER_YIELD_MS);
}

/* --- peers that do not answer -------------------------------------------------------------- */

static int64_t now_ms(void)
{
	struct timeval now;

	monotime(&now);
	return now.tv_sec * 1000LL + now.tv_usec / 1000;
}

static void silence_over(struct event *event);

/* Is nobody there?  If that is not clear yet, another look is taken later. */
static void silence_look(struct vpn_peer *peer)
{
	const struct vpn_profile *profile = vpn_pe_profile(&vpn_config);
	char reason[VPN_REASON_SIZE];
	int64_t left;

	event_cancel(&peer->t_silent);
	peer->silent = false;
	if (!peer->asked || !profile || peer->is.state != VPNSPI_PEER_UP)
		return;
	left = peer->asked + profile->dpd_timeout * 1000LL - now_ms();
	if (left > 0) {
		event_add_timer_msec(master, silence_over, peer, left, &peer->t_silent);
		return;
	}
	peer->silent = true;
	timers_stop(peer);
	snprintfrr(reason, sizeof(reason), "no answer from %pIA for %u s", &peer->addr,
		   profile->dpd_timeout);
	state_set(peer, VPN_PEER_DOWN, reason);
}

static void silence_over(struct event *event)
{
	silence_look(EVENT_ARG(event));
}

static void went_up(struct vpn_peer *peer);

void vpn_peer_silent(const struct vpnspi_silent *silent)
{
	struct vpn_peer *peer;
	struct ipaddr addr;
	bool was;

	if (!vpn_peer_from_wire(&silent->peer, &addr))
		return;
	peer = vpn_peer_find(&addr);
	if (!peer)
		return;
	was = peer->silent;
	peer->asked = silent->since ? now_ms() - silent->since : 0;
	silence_look(peer);
	if (was && !peer->silent && peer->is.state == VPNSPI_PEER_UP)
		went_up(peer);
}

/* --- what the plugin says ------------------------------------------------------------------ */

static void went_up(struct vpn_peer *peer)
{
	timers_stop(peer);
	vpn_alarm_clear(alarm_object(peer));
	peer->yielded = peer->cleared = false;
	peer->alert[0] = '\0';
	state_set(peer, VPN_PEER_UP, "");
	vpn_peer_mtu_refresh(peer);
}

/* Only news of a peer that was up: while we negotiate it is down all the time. */
static void went_down(struct vpn_peer *peer, const char *text)
{
	bool steady = peer->cleared || time(NULL) - peer->since >= STEADY_S;
	const char *reason = text[0] ? text : "the CHILD_SA was closed";

	if (peer->alert[0] && monotime(NULL) - peer->alerted <= ALERT_FRESH_S)
		reason = peer->alert;

	if (peer->silent) { /* charon has given it up, too: an attempt may follow */
		peer->silent = false;
		vpn_backoff_reset(&peer->backoff);
		state_set(peer, VPN_PEER_DOWN, reason);
	} else if (peer->state == VPN_PEER_UP && steady) {
		vpn_backoff_reset(&peer->backoff);
		timers_stop(peer);
		state_set(peer, VPN_PEER_DOWN, reason);
	} else if (peer->state == VPN_PEER_UP && !peer->backoff.failures) {
		peer->backoff.failures = 1; /* the next one pauses */
		timers_stop(peer);
		state_set(peer, VPN_PEER_DOWN, reason);
	} else if (peer->state == VPN_PEER_UP) {
		failed(peer, reason);
	}
}

void vpn_peer_is(const struct vpnspi_peer_is *is)
{
	bool up = is->state == VPNSPI_PEER_UP;
	struct vpn_peer *peer;
	struct ipaddr addr;

	if (!vpn_peer_from_wire(&is->peer, &addr))
		return;
	peer = vpn_peer_find(&addr);
	if (!peer && !up)
		return;
	if (!peer)
		peer = vpn_peer_get(&addr);
	peer->is = *is;
	peer->heard = true;
	if (!up) {
		peer->asked = 0;
		event_cancel(&peer->t_silent);
	}
	DEBUGD(&vpn_dbg_peer, "peer %pIA: plugin says %s, %u generations, %u rekeys", &addr,
	       up ? "up" : "down", is->generations, is->rekeys);
	if (up && peer->state != VPN_PEER_UP && !peer->silent)
		went_up(peer);
	else if (up)
		vpn_peer_mtu_refresh(peer);
	else
		went_down(peer, is->text);
	vpn_apply_schedule();
}

void vpn_peer_alert(const struct vpnspi_alert *alert)
{
	struct vpn_peer *peer;
	struct ipaddr addr;

	if (!vpn_peer_from_wire(&alert->peer, &addr)) {
		zlog_warn("an IKE negotiation failed: %s", alert->text);
		return;
	}
	peer = vpn_peer_find(&addr);
	if (!peer || peer->state == VPN_PEER_UP) {
		zlog_warn("peer %pIA: %s", &addr, alert->text);
		if (peer) {
			strlcpy(peer->alert, alert->text, sizeof(peer->alert));
			peer->alerted = monotime(NULL);
		}
		return;
	}
	if (peer->state == VPN_PEER_CONNECTING && peer->attempt_since)
		failed(peer, alert->text);
	else /* it tried to reach us, and failed */
		state_set(peer, peer->state, alert->text);
}

void vpn_peer_count(const struct vpnspi_counters *counters)
{
	struct vpn_peer *peer;
	struct ipaddr addr;

	if (!vpn_peer_from_wire(&counters->peer, &addr))
		return;
	peer = vpn_peer_find(&addr);
	if (!peer)
		return;
	peer->last = (struct vpn_counters){ counters->bytes_in, counters->bytes_out,
					    counters->packets_in, counters->packets_out };
	peer->counted = time(NULL);
}

/* --- charon and the underlay --------------------------------------------------------------- */

/* The charon that had this peer is gone, and its counters with it. */
static void lost(struct vpn_peer *peer, const char *reason)
{
	timers_stop(peer);
	event_cancel(&peer->t_silent);
	peer->silent = false;
	peer->asked = 0;
	vpn_peer_counters(peer, &peer->base);
	memset(&peer->last, 0, sizeof(peer->last));
	memset(&peer->is, 0, sizeof(peer->is));
	peer->loaded = false;
	peer->yielded = false;
	state_set(peer, VPN_PEER_DOWN, reason);
}

void vpn_peer_all_down(const char *reason)
{
	struct vpn_peer *peer;

	frr_each (vpn_peers, &vpn_peers, peer)
		lost(peer, reason);
}

void vpn_peer_all_unheard(void)
{
	struct vpn_peer *peer;

	frr_each (vpn_peers, &vpn_peers, peer)
		peer->heard = false;
}

void vpn_peer_unheard_down(void)
{
	struct vpn_peer *peer;

	frr_each (vpn_peers, &vpn_peers, peer)
		if (!peer->heard && peer->state == VPN_PEER_UP)
			lost(peer, "charon has restarted");
}

void vpn_peer_all_reload(void)
{
	struct vpn_peer *peer;

	frr_each (vpn_peers, &vpn_peers, peer)
		peer->loaded = false;
	vpn_apply_schedule();
}

void vpn_peer_mtu_refresh(struct vpn_peer *peer)
{
	unsigned int path, mtu;

	if (peer->state != VPN_PEER_UP)
		return;
	path = vpn_kernel_path_mtu(&vpn_config.pe.local, &peer->addr);
	if (!path)
		return; /* no route for the moment: what it was is the best guess */
	mtu = vpn_peer_inner_mtu(path, peer->is.overhead, peer->is.trailer, peer->is.block);
	if (path == peer->path_mtu && mtu == peer->mtu)
		return;
	zlog_info("peer %pIA: path MTU %u, so an inner packet may have %u octets", &peer->addr,
		  path, mtu);
	peer->path_mtu = path;
	peer->mtu = mtu;
	vpn_apply_schedule();
}

void vpn_peer_route_changed(const struct ipaddr *addr)
{
	const struct vpn_profile *profile = vpn_pe_profile(&vpn_config);
	struct vpn_peer *peer = vpn_peer_find(addr);

	if (!peer)
		return;
	vpn_peer_mtu_refresh(peer);
	if (!profile || peer->state != VPN_PEER_DOWN || !peer->backoff.failures)
		return;
	if (vpn_backoff_exhausted(&peer->backoff, profile->retry_limit)) {
		vpn_backoff_reset(&peer->backoff);
		vpn_alarm_clear(alarm_object(peer));
	}
	if (event_timer_remain_msec(peer->t_retry) > 1000 || !peer->t_retry) {
		DEBUGD(&vpn_dbg_peer, "peer %pIA: the route to it changed, it is tried again", addr);
		retry_in(peer, 1000);
	}
}
