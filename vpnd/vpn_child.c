// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Children: what is negotiated with a gateway.  See vpn_gateway.h.
 *
 * A state machine over few events: a CHILD_SA came or went, a refusal, charon
 * is gone, a timer.  A child that is UP and whose last CHILD_SA goes stays UP for
 * VPN_GATEWAY_GRACE_MS, in which a peer that starts over is back: it deletes and
 * negotiates in one exchange.  If charon itself is gone the SAs are still in the
 * kernel, so it stays UP for the time of dead peer detection, and is negotiated
 * anew as soon as there is a charon.
 */
#include <zebra.h>

#include "lib/log.h"
#include "lib/monotime.h"
#include "lib/network.h"
#include "lib/printfrr.h"

#include "vpnd/vpn_apply.h"
#include "vpnd/vpn_charon.h"
#include "vpnd/vpn_charon_link.h"
#include "vpnd/vpn_charon_link_msg.h"
#include "vpnd/vpn_child.h"
#include "vpnd/vpn_debug.h"
#include "vpnd/vpn_knock.h"
#include "vpnd/vpn_memory.h"
#include "vpnd/vpn_plugin.h"

DEFINE_MTYPE_STATIC(VPND, VPN_CHILD, "VPN child of a gateway");
DEFINE_MTYPE_STATIC(VPND, VPN_CHILD_SA, "VPN CHILD_SA of a gateway");

#define CLEAR_PAUSE_MS 1000  /* between a termination and a new attempt */
#define STEADY_S       10    /* up for so long, one that goes down was not a failed attempt */
#define HOLD_MS	       30000 /* of what was up, if its profile has no dead peer detection */
#define TWINS_MS       10000 /* two CHILD_SAs for one child may be a rekey for so long */

static void attempt(struct vpn_child *child, const struct vpn_profile *profile);

static const struct vpn_profile *profile_of(const struct vpn_child *child)
{
	return vpn_profile_find(&vpn_config, child->gateway->profile);
}

struct vpn_child *vpn_child_find(struct vpn_gateway *gateway, const char *name)
{
	struct vpn_child *child;

	frr_each (vpn_children, &gateway->children, child)
		if (!strcmp(child->name, name))
			return child;
	return NULL;
}

/* --- the list of CHILD_SAs ----------------------------------------------------------------- */

static struct vpn_child_sa *sa_find(struct vpn_child *child, uint32_t id)
{
	struct vpn_child_sa *sa;

	frr_each (vpn_child_sas, &child->sas, sa)
		if (sa->id == id)
			return sa;
	return NULL;
}

static void sa_add(struct vpn_child *child, uint32_t id)
{
	struct vpn_child_sa *sa;

	if (sa_find(child, id))
		return;
	sa = XCALLOC(MTYPE_VPN_CHILD_SA, sizeof(*sa));
	sa->id = id;
	vpn_child_sas_add_tail(&child->sas, sa);
}

static void sa_remove(struct vpn_child *child, struct vpn_child_sa *sa)
{
	vpn_child_sas_del(&child->sas, sa);
	XFREE(MTYPE_VPN_CHILD_SA, sa);
}

static void sas_forget(struct vpn_child *child)
{
	struct vpn_child_sa *sa;

	while ((sa = vpn_child_sas_first(&child->sas)))
		sa_remove(child, sa);
}

static bool has_sa(const struct vpn_child *child)
{
	return vpn_child_sas_count(&child->sas) > 0;
}

/* --- states -------------------------------------------------------------------------------- */

static void state_set(struct vpn_child *child, enum vpn_peer_state state, const char *reason)
{
	if (child->state == state && !strcmp(child->reason, reason))
		return;
	if (child->state != state) {
		child->since = time(NULL);
		DEBUGD(&vpn_dbg_link, "gateway %s: %s: %s%s%s", child->gateway->name, child->name,
		       vpn_peer_state_str(state), reason[0] ? ": " : "", reason);
	}
	child->state = state;
	strlcpy(child->reason, reason, sizeof(child->reason));
	vpn_apply_schedule();
}

static void timers_stop(struct vpn_child *child)
{
	event_cancel(&child->t_retry);
	event_cancel(&child->t_attempt);
}

static void retry(struct event *event)
{
	vpn_apply_schedule(); /* which drives */
}

static void retry_in(struct vpn_child *child, int64_t ms)
{
	event_cancel(&child->t_retry);
	event_add_timer_msec(master, retry, child, ms, &child->t_retry);
}

/* Not up, and why; what is held stays up until its time is over. */
static void not_up(struct vpn_child *child, enum vpn_peer_state state, const char *reason)
{
	if (child->state == VPN_PEER_UP)
		strlcpy(child->reason, reason, sizeof(child->reason));
	else
		state_set(child, state, reason);
}

/* An attempt has come to nothing: pause, or give up. */
static void failed(struct vpn_child *child, const struct vpn_profile *profile, const char *reason)
{
	int64_t pause;

	timers_stop(child);
	not_up(child, VPN_PEER_DOWN, reason);
	if (!profile)
		return;
	pause = vpn_backoff_failed(&child->backoff, profile->retry_initial, profile->retry_maximum,
				   profile->retry_limit, frr_weak_random());
	if (pause < 0) {
		zlog_warn("tunnel link %s: %s; given up after %u attempts", child->name, reason,
			  child->backoff.failures);
		return;
	}
	zlog_warn("tunnel link %s: %s; failure %u in a row, next attempt in %lld.%lld s",
		  child->name, reason, child->backoff.failures, (long long)pause / 1000,
		  (long long)pause % 1000 / 100);
	retry_in(child, pause);
}

static bool any_up(const struct vpn_gateway *gateway)
{
	const struct vpn_child *child;

	frr_each (vpn_children_const, &gateway->children, child)
		if (has_sa(child))
			return true;
	return false;
}

static void attempt_expired(struct event *event)
{
	struct vpn_child *child = EVENT_ARG(event);
	char reason[VPN_REASON_SIZE];

	snprintfrr(reason, sizeof(reason), "no answer from %pIA", &child->gateway->remote);
	if (!any_up(child->gateway))
		vpn_charon_terminate_child(child->gateway->name, NULL);
	failed(child, profile_of(child), reason);
}

static void initiated(const char *gateway_name, const char *name, const char *error)
{
	struct vpn_gateway *gateway = vpn_gateway_find(gateway_name);
	struct vpn_child *child = gateway ? vpn_child_find(gateway, name) : NULL;
	char reason[VPN_REASON_SIZE];

	if (!child || !error || !child->t_attempt)
		return;
	snprintf(reason, sizeof(reason), "charon does not begin: %s", error);
	/* swanctl --load-conns unloads what its files do not have: load it again */
	gateway->loaded = false;
	gateway->digest = 0;
	failed(child, profile_of(child), reason);
}

static void attempt(struct vpn_child *child, const struct vpn_profile *profile)
{
	char reason[VPN_REASON_SIZE];

	timers_stop(child);
	snprintfrr(reason, sizeof(reason), "attempt %u: no answer from %pIA yet",
		   child->backoff.failures + 1, &child->gateway->remote);
	child->yielded = true;
	event_add_timer(master, attempt_expired, child, VPN_PEER_ATTEMPT_S, &child->t_attempt);
	not_up(child, VPN_PEER_CONNECTING, reason);
	vpn_charon_initiate_child(child->gateway->name, child->name, initiated);
}

/* The lower address begins at once; the higher one waits for it first, unless it has been refused. */
static void begin(struct vpn_child *child, const struct vpn_profile *profile)
{
	const struct vpn_gateway *gateway = child->gateway;
	char reason[VPN_REASON_SIZE];

	if (child->yielded || vpn_peer_initiates_first(&gateway->local, &gateway->remote)) {
		attempt(child, profile);
		return;
	}
	if (vpn_knock_lately(&gateway->local, &gateway->remote)) {
		zlog_info("tunnel link %s: %pIA began before it was known here: it is not waited for",
			  child->name, &gateway->remote);
		attempt(child, profile);
		return;
	}
	child->yielded = true;
	snprintfrr(reason, sizeof(reason), "waiting for %pIA to begin, which has the lower address",
		   &gateway->remote);
	not_up(child, VPN_PEER_CONNECTING, reason);
	retry_in(child, VPN_PEER_YIELD_MS);
}

void vpn_child_drive(struct vpn_child *child, const struct vpn_profile *profile,
		     const char *obstacle, bool listed)
{
	if (has_sa(child))
		return;
	if (obstacle) {
		timers_stop(child);
		not_up(child, VPN_PEER_DOWN, obstacle);
		return;
	}
	if (!listed || child->t_retry || child->t_attempt)
		return;
	if (IS_IPADDR_NONE(&child->gateway->remote))
		not_up(child, VPN_PEER_DOWN,
		       child->spoke
			       ? "waiting for the spoke to come back"
			       : "waiting for the peer to begin: its address is not configured");
	else if (child->on_traffic)
		not_up(child, VPN_PEER_DOWN, "waiting for traffic");
	else if (!vpn_child_given_up(child))
		begin(child, profile);
}

/* --- peers that do not answer -------------------------------------------------------------- */

static int64_t now_ms(void)
{
	struct timeval now;

	monotime(&now);
	return now.tv_sec * 1000LL + now.tv_usec / 1000;
}

/* Monotonic ms: since when no peer of any of its CHILD_SAs answers; 0: one does. */
static int64_t asked_in_vain(struct vpn_child *child)
{
	struct vpn_child_sa *sa;
	int64_t since = 0;

	frr_each (vpn_child_sas, &child->sas, sa) {
		if (!sa->asked)
			return 0;
		since = MAX(since, sa->asked);
	}
	return since;
}

static void silence_over(struct event *event);

/* Has it CHILD_SAs, and is nobody there?  If that is not clear yet, another look is taken later. */
static bool silence_look(struct vpn_child *child)
{
	const struct vpn_profile *profile = profile_of(child);
	int64_t since = asked_in_vain(child), left;
	char reason[VPN_REASON_SIZE];

	event_cancel(&child->t_silent);
	child->silent = false;
	if (!since || !profile)
		return false;
	left = since + profile->dpd_timeout * 1000LL - now_ms();
	if (left > 0) {
		event_add_timer_msec(master, silence_over, child, left, &child->t_silent);
		return false;
	}
	child->silent = true;
	snprintfrr(reason, sizeof(reason), "no answer from %pIA for %u s", &child->remote,
		   profile->dpd_timeout);
	if (child->state == VPN_PEER_UP)
		zlog_warn("tunnel link %s: %s", child->name, reason);
	state_set(child, VPN_PEER_DOWN, reason);
	return true;
}

static void silence_over(struct event *event)
{
	silence_look(EVENT_ARG(event));
}

void vpn_child_silent(struct vpn_child *child, uint32_t id, uint32_t since)
{
	struct vpn_child_sa *sa = sa_find(child, id);
	bool was = child->silent;

	if (!sa)
		return;
	sa->asked = since ? now_ms() - since : 0;
	if (!silence_look(child) && was)
		state_set(child, VPN_PEER_UP, "");
}

/* --- what charon says ---------------------------------------------------------------------- */

static void sa_describe(struct vpn_child *child, const struct vpn_charon_sa *sa)
{
	strlcpy(child->proposal, sa->proposal, sizeof(child->proposal));
	child->esp = sa->esp;
	child->remote = sa->remote;
	child->ike_version = sa->ike_version;
}

/*
 * Two ends that began at once, or a peer that began anew without replacing,
 * leave two CHILD_SAs.  One is enough; the end with the lower address says which.
 */
static void twins_end(struct event *event)
{
	struct vpn_child *child = EVENT_ARG(event);
	struct vpn_child_sa *sa;
	uint32_t newest = 0;

	frr_each (vpn_child_sas, &child->sas, sa)
		newest = MAX(newest, sa->id);
	frr_each (vpn_child_sas, &child->sas, sa)
		if (sa->id != newest)
			vpn_charon_terminate_child_sa(sa->id);
}

static void twins_watch(struct vpn_child *child)
{
	const struct vpn_gateway *gateway = child->gateway;

	if (vpn_child_sas_count(&child->sas) < 2)
		event_cancel(&child->t_twins);
	else if (!IS_IPADDR_NONE(&gateway->remote) &&
		 vpn_peer_initiates_first(&gateway->local, &gateway->remote))
		event_add_timer_msec(master, twins_end, child, TWINS_MS, &child->t_twins);
}

void vpn_child_sa_came(struct vpn_child *child, const struct vpn_charon_sa *sa, bool rekeyed)
{
	sa_add(child, sa->id);
	sa_describe(child, sa);
	timers_stop(child);
	event_cancel(&child->t_grace);
	if (rekeyed)
		child->rekeys++;
	else if (child->state != VPN_PEER_UP)
		child->rekeys = 0;
	child->held = child->yielded = child->cleared = false;
	twins_watch(child);
	if (!silence_look(child))
		state_set(child, VPN_PEER_UP, "");
}

static void went_down(struct vpn_child *child, const char *reason)
{
	const struct vpn_profile *profile = profile_of(child);
	bool steady = child->cleared || time(NULL) - child->since >= STEADY_S;

	child->held = false;
	timers_stop(child);
	state_set(child, VPN_PEER_DOWN, reason);
	if (steady)
		vpn_backoff_reset(&child->backoff);
	else if (!child->backoff.failures)
		child->backoff.failures = 1; /* the next one pauses */
	else
		failed(child, profile, reason);
}

/* Nothing came in the place of what went. */
static void grace_over(struct event *event)
{
	struct vpn_child *child = EVENT_ARG(event);
	char reason[VPN_REASON_SIZE];

	if (has_sa(child))
		return;
	strlcpy(reason, child->reason, sizeof(reason));
	if (!child->held || !reason[0])
		strlcpy(reason, "the CHILD_SA was closed, by the peer or because it did not answer",
			sizeof(reason));
	went_down(child, reason);
}

void vpn_child_sa_went(struct vpn_child *child, uint32_t id)
{
	struct vpn_child_sa *sa = sa_find(child, id);

	if (!sa)
		return;
	sa_remove(child, sa);
	twins_watch(child);
	silence_look(child);
	if (has_sa(child) || child->state != VPN_PEER_UP)
		return;
	event_cancel(&child->t_grace);
	if (child->cleared)
		went_down(child, "cleared");
	else
		event_add_timer_msec(master, grace_over, child, VPN_GATEWAY_GRACE_MS,
				     &child->t_grace);
}

static void hold(struct vpn_child *child)
{
	const struct vpn_profile *profile = profile_of(child);

	child->held = true;
	child->state = VPN_PEER_UP;
	event_cancel(&child->t_grace);
	event_add_timer_msec(master, grace_over, child,
			     profile && profile->dpd ? profile->dpd * 1000L : HOLD_MS,
			     &child->t_grace);
}

void vpn_child_lost(struct vpn_child *child, const char *reason)
{
	timers_stop(child);
	sas_forget(child);
	silence_look(child);
	child->yielded = false;
	if (child->state != VPN_PEER_UP) {
		state_set(child, VPN_PEER_DOWN, reason);
	} else if (!child->held) {
		strlcpy(child->reason, reason, sizeof(child->reason));
		hold(child);
	}
}

void vpn_child_alert(struct vpn_child *child, const struct vpn_profile *profile, const char *text)
{
	if (has_sa(child)) {
		zlog_warn("tunnel link %s: %s", child->name, text);
		return;
	}
	if (child->t_attempt)
		failed(child, profile, text);
	else /* the peer tried, and failed */
		not_up(child, child->state, text);
}

/* --- what we want -------------------------------------------------------------------------- */

void vpn_child_say(struct vpn_child *child)
{
	if (child->said || !child->if_id)
		return;
	child->said_id = child->spoke ? vpn_plugin_spoke(child, true) : vpn_plugin_link(child, true);
	child->said = child->said_id != 0;
}

void vpn_child_try_again(struct vpn_child *child)
{
	if (has_sa(child))
		return;
	vpn_backoff_reset(&child->backoff);
	if (!child->t_attempt)
		timers_stop(child);
}

void vpn_child_knocked(struct vpn_child *child)
{
	/* after a failure t_retry is a back-off */
	if (has_sa(child) || !child->yielded || !child->t_retry || child->backoff.failures)
		return;
	timers_stop(child);
	vpn_apply_schedule();
}

void vpn_child_try_soon(struct vpn_child *child)
{
	if (has_sa(child) || !child->backoff.failures || child->t_attempt)
		return;
	if (vpn_child_given_up(child))
		vpn_backoff_reset(&child->backoff);
	if (!child->t_retry || event_timer_remain_msec(child->t_retry) > 1000)
		retry_in(child, 1000);
}

void vpn_child_clear(struct vpn_child *child)
{
	const struct vpn_gateway *gateway = child->gateway;

	vpn_backoff_reset(&child->backoff);
	child->yielded = false;
	timers_stop(child);
	vpn_charon_terminate_child(gateway->name,
				   vpn_children_count(&gateway->children) > 1 ? child->name : NULL);
	child->cleared = has_sa(child);
	if (child->cleared)
		return; /* the rest follows from what charon says */
	event_cancel(&child->t_grace);
	child->held = false;
	state_set(child, VPN_PEER_DOWN, "cleared");
	/* not at once: charon would take the IKE_SA that it is about to end */
	retry_in(child, !IS_IPADDR_NONE(&gateway->remote) &&
					vpn_peer_initiates_first(&gateway->local, &gateway->remote)
				? CLEAR_PAUSE_MS
				: VPN_PEER_YIELD_MS);
}

bool vpn_child_given_up(const struct vpn_child *child)
{
	const struct vpn_profile *profile = profile_of(child);

	return profile && vpn_backoff_exhausted(&child->backoff, profile->retry_limit);
}

int64_t vpn_child_next_attempt(const struct vpn_child *child)
{
	return child->t_retry ? (int64_t)event_timer_remain_msec(child->t_retry) : -1;
}

/* --- life cycle ---------------------------------------------------------------------------- */

static void name_of(const struct vpn_tunnel_config *config, char name[VPN_CHILD_NAME_SIZE])
{
	switch (config->encap) {
	case VPN_ENCAP_GRE:
		strlcpy(name, "proto-gre", VPN_CHILD_NAME_SIZE);
		break;
	case VPN_ENCAP_MPLS:
		strlcpy(name, "proto-mpls", VPN_CHILD_NAME_SIZE);
		break;
	case VPN_ENCAP_L2TP:
		strlcpy(name, "proto-l2tp", VPN_CHILD_NAME_SIZE);
		break;
	case VPN_ENCAP_NONE:
	case VPN_ENCAP_IPSEC_TUNNEL:
	case VPN_ENCAP_IPIP_SHARED:
	case VPN_ENCAP_IPIP_DISTINCT:
		strlcpy(name, config->name, VPN_CHILD_NAME_SIZE);
		break;
	}
}

static void spoke_is(struct vpn_child *child, const struct vpn_tunnel_config *config)
{
	child->spoke = config->number;
	strlcpy(child->spoke_of, config->spoke_of, sizeof(child->spoke_of));
	strlcpy(child->identity, config->identity, sizeof(child->identity));
}

static struct vpn_child *child_get(struct vpn_gateway *gateway,
				   const struct vpn_tunnel_config *config, bool held)
{
	char name[VPN_CHILD_NAME_SIZE];
	struct vpn_child *child;

	name_of(config, name);
	child = vpn_child_find(gateway, name);
	if (child)
		return child;
	child = XCALLOC(MTYPE_VPN_CHILD, sizeof(*child));
	child->gateway = gateway;
	strlcpy(child->name, name, sizeof(child->name));
	child->encap = config->encap;
	child->since = time(NULL);
	strlcpy(child->reason, held ? "" : "not tried yet", sizeof(child->reason));
	vpn_child_sas_init(&child->sas);
	vpn_children_add_tail(&gateway->children, child);
	spoke_is(child, config);
	if (!child->spoke) { /* a spoke's is not in the connection, and listed with its template's */
		gateway->loaded = false;
		vpn_gateways_list_again(); /* charon may have it, of an earlier vpnd */
	}
	if (held)
		hold(child);
	return child;
}

/* Is what was negotiated another thing than what is wanted now? */
static bool other_link(const struct vpn_child *child, const struct vpn_tunnel_config *config,
		       uint32_t if_id)
{
	return child->encap != config->encap || child->if_id != if_id ||
	       (if_id &&
		(child->signal != config->signal || child->has_vpn_id != config->has_vpn_id ||
		 memcmp(child->vpn_id, config->vpn_id, sizeof(child->vpn_id)))) ||
	       strcmp(child->identity, config->identity);
}

static void become(struct vpn_child *child, const struct vpn_tunnel_config *config, uint32_t if_id)
{
	child->encap = config->encap;
	child->if_id = if_id;
	child->signal = config->signal;
	child->has_vpn_id = config->has_vpn_id;
	memcpy(child->vpn_id, config->vpn_id, sizeof(child->vpn_id));
	child->said = false;
	spoke_is(child, config);
	if (!child->spoke)
		child->gateway->loaded = false;
}

struct vpn_child *vpn_child_want(struct vpn_gateway *gateway,
				 const struct vpn_tunnel_config *config, uint32_t if_id, bool held)
{
	struct vpn_child *child = child_get(gateway, config, held);
	bool fresh = (!child->users && !child->said && !child->if_id) || config->limit;

	if (other_link(child, config, if_id)) {
		become(child, config, if_id);
		if (!fresh)
			vpn_child_clear(child);
	}
	if (child->spokes != config->limit) {
		child->spokes = config->limit;
		child->said = false;
	}
	/* one that is shared is permanent if one of its links is */
	child->on_traffic_wanted = config->on_traffic && (!child->users || child->on_traffic_wanted);
	child->idle_wanted = child->users ? MAX(child->idle_wanted, config->idle) : config->idle;
	child->users++;
	return child;
}

void vpn_child_wanted(struct vpn_child *child)
{
	if (child->on_traffic == child->on_traffic_wanted && child->idle == child->idle_wanted)
		return;
	child->on_traffic = child->on_traffic_wanted;
	child->idle = child->idle_wanted;
	if (!child->spoke)
		child->gateway->loaded = false;
}

void vpn_child_free(struct vpn_child **child)
{
	struct vpn_gateway *gateway = (*child)->gateway;

	timers_stop(*child);
	event_cancel(&(*child)->t_grace);
	event_cancel(&(*child)->t_twins);
	event_cancel(&(*child)->t_silent);
	sas_forget(*child);
	vpn_child_sas_fini(&(*child)->sas);
	vpn_children_del(&gateway->children, *child);
	XFREE(MTYPE_VPN_CHILD, *child);
}
