// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bgpd's side of vpnd: what it wants, and what it is told.
 *
 * Wants.  A synchronisation names the whole set between BEGIN and END; what was
 * not named goes.  It goes after VPN_LINGER_S, or, if bgpd itself has just
 * restarted, after VPN_STALE_S: a bgpd that restarted does not want anything
 * until its sessions are up again.
 *
 * Who asks whom.  vpnd asks on each connection to zebra, when zebra says that
 * bgpd has (re)appeared, and when bgpd asks: zebra does not report a bgpd that
 * was killed, but such a bgpd asks.  ASK_PAUSE_S keeps two that ask each other
 * from doing so for ever.
 *
 * Telling.  What is told is remembered and told again only when it changes.
 * After a start vpnd holds its tongue about what it does not know yet (see
 * vpn_verdict.h), and answers a SYNC_REQUEST only when nothing is pending.
 */
#include <zebra.h>

#include "lib/log.h"
#include "lib/monotime.h"
#include "lib/network.h"

#include "vpnd/vpn_apply.h"
#include "vpnd/vpn_bgp.h"
#include "vpnd/vpn_config.h"
#include "vpnd/vpn_debug.h"
#include "vpnd/vpn_label.h"
#include "vpnd/vpn_use.h"
#include "vpnd/vpn_zebra.h"

#define ASK_PAUSE_S 2  /* between two requests of ours that bgpd's requests cause */
#define APPEARING_S 10 /* after our own connection; a request later than that is a restart */

static bool synchronised;     /* bgpd has said its whole set */
static uint32_t generation;   /* of our newest request */
static bool in_sync;	      /* between BEGIN and END of that generation */
static time_t asked;	      /* monotonic s */
static time_t connected_at;   /* monotonic s */
static uint32_t bgpd_session; /* as zebra knows it */
static bool bgpd_known;
static bool bgpd_restarted; /* since the last END */

static bool answer_due; /* bgpd has asked */
static uint32_t answer_generation;

static bool pe_said;
static struct ipaddr pe_told;
static uint8_t pe_len_told;

bool vpn_bgp_synchronised(void)
{
	return synchronised;
}

/* --- asking -------------------------------------------------------------------------------- */

static void ask(void)
{
	struct vpn_opaque m = { .type = VPN_OPAQUE_SYNC_REQUEST };

	if (!vpn_zebra_connected())
		return;
	while (!generation)
		generation = frr_weak_random();
	m.generation = ++generation;
	in_sync = false;
	asked = monotime(NULL);
	DEBUGD(&vpn_dbg_bgp, "bgpd is asked for all that it wants, generation %u", generation);
	vpn_zebra_tell(&m);
	vpn_zebra_flush();
}

/* --- wants --------------------------------------------------------------------------------- */

/*
 * A want that stands already is said again outside of a synchronisation: by a
 * bgpd that was killed and came back, of which zebra tells neither side.
 */
static void said_again(struct vpn_told *told)
{
	if (in_sync)
		return;
	told->said = pe_said = false;
	bgpd_restarted = true;
	if (monotime(NULL) - asked >= ASK_PAUSE_S)
		ask();
}

static void label_want(const struct vpn_opaque *m)
{
	struct vpn_label *label;

	if (!m->vrf[0])
		return;
	label = vpn_label_get(m->vrf);
	if (label->wanted)
		said_again(&label->told);
	DEBUGD(&vpn_dbg_bgp, "bgpd wants a label for %s", m->vrf);
	label->wanted = label->named = true;
	label->remove_at = 0;
}

static void use_want(const struct vpn_opaque *m)
{
	struct vpn_use *use;

	if (!m->vrf[0] || IS_IPADDR_NONE(&m->pe) || !m->label.len)
		return;
	use = vpn_use_get(m->vrf, &m->pe, &m->label);
	if (use->wanted)
		said_again(&use->told);
	DEBUGD(&vpn_dbg_bgp, "bgpd wants %s to send to %pIA with label %u/%u", m->vrf, &m->pe,
	       m->label.label, m->label.len);
	use->wanted = use->named = true;
	use->remove_at = 0;
}

static void label_unwant(struct vpn_label *label, time_t after)
{
	if (!label)
		return;
	DEBUGD(&vpn_dbg_bgp, "bgpd does not want a label for %s any more", label->vrf);
	label->wanted = label->told.said = false;
	label->remove_at = monotime(NULL) + after;
}

static void use_unwant(struct vpn_use *use, time_t after)
{
	if (!use)
		return;
	DEBUGD(&vpn_dbg_bgp, "bgpd does not want %s to send to %pIA with label %u/%u any more",
	       use->vrf, &use->pe, use->label.label, use->label.len);
	use->wanted = use->told.said = false;
	use->remove_at = monotime(NULL) + after;
}

/* --- synchronisation ----------------------------------------------------------------------- */

static void sync_begin(void)
{
	struct vpn_label *label;
	struct vpn_use *use;

	in_sync = true;
	frr_each (vpn_labels, &vpn_labels, label)
		label->named = false;
	frr_each (vpn_uses, &vpn_uses, use)
		use->named = false;
}

/* When what was not named goes; a deadline that is set already stays. */
static time_t unnamed_after(bool wanted, time_t remove_at)
{
	time_t left = remove_at - monotime(NULL);

	if (bgpd_restarted && wanted)
		return VPN_STALE_S;
	if (bgpd_restarted && remove_at)
		return MAX(left, 0);
	return VPN_LINGER_S;
}

static void sync_end(void)
{
	struct vpn_label *label;
	struct vpn_use *use;

	frr_each (vpn_labels, &vpn_labels, label)
		if (!label->named)
			label_unwant(label, unnamed_after(label->wanted, label->remove_at));
	frr_each (vpn_uses, &vpn_uses, use)
		if (!use->named)
			use_unwant(use, unnamed_after(use->wanted, use->remove_at));
	if (!synchronised)
		zlog_info("bgpd is synchronised: %zu labels, %zu uses",
			  vpn_labels_count(&vpn_labels), vpn_uses_count(&vpn_uses));
	in_sync = bgpd_restarted = false;
	synchronised = true;
}

static void requested(uint32_t of)
{
	time_t now = monotime(NULL);

	answer_due = true;
	answer_generation = of;
	if (now - connected_at >= APPEARING_S)
		bgpd_restarted = true;
	if (now - asked >= ASK_PAUSE_S)
		ask();
}

static void carry_out(const struct vpn_opaque *m)
{
	switch (m->type) {
	case VPN_OPAQUE_SYNC_REQUEST:
		requested(m->generation);
		break;
	case VPN_OPAQUE_SYNC_BEGIN:
		if (m->generation == generation)
			sync_begin();
		break;
	case VPN_OPAQUE_SYNC_END:
		if (m->generation == generation && in_sync)
			sync_end();
		break;
	case VPN_OPAQUE_LABEL_WANT:
		label_want(m);
		break;
	case VPN_OPAQUE_LABEL_UNWANT:
		label_unwant(vpn_label_find(m->vrf), VPN_LINGER_S);
		break;
	case VPN_OPAQUE_USE_WANT:
		use_want(m);
		break;
	case VPN_OPAQUE_USE_UNWANT:
		use_unwant(vpn_use_find(m->vrf, &m->pe, &m->label), VPN_LINGER_S);
		break;
	case VPN_OPAQUE_LABEL_IS:
	case VPN_OPAQUE_USE_IS:
	case VPN_OPAQUE_PE_IS:
		break; /* ours; not for us */
	}
}

void vpn_bgp_receive(struct stream *s)
{
	struct vpn_opaque m;
	int ret;

	if (!vpn_opaque_open(s)) {
		zlog_warn(
			"bgpd speaks another version of our messages; install both from one build");
		return;
	}
	while ((ret = vpn_opaque_get(s, &m)) > 0)
		carry_out(&m);
	if (ret < 0)
		zlog_warn("bgpd sent a malformed message; the rest of it is ignored");
	vpn_apply_schedule();
}

/* --- coming and going ---------------------------------------------------------------------- */

static void forget_told(void)
{
	struct vpn_label *label;
	struct vpn_use *use;

	pe_said = false;
	frr_each (vpn_labels, &vpn_labels, label)
		label->told.said = false;
	frr_each (vpn_uses, &vpn_uses, use)
		use->told.said = false;
}

void vpn_bgp_connected(void)
{
	connected_at = monotime(NULL);
	forget_told();
	ask();
	vpn_apply_schedule();
}

void vpn_bgp_appeared(uint32_t session)
{
	DEBUGD(&vpn_dbg_bgp, "bgpd is registered with zebra, session %u", session);
	if (bgpd_known && session != bgpd_session)
		bgpd_restarted = true;
	bgpd_known = true;
	bgpd_session = session;
	forget_told();
	ask();
	vpn_apply_schedule();
}

void vpn_bgp_vanished(void)
{
	zlog_info("bgpd has gone; what it wanted stays for %d s or until it says otherwise",
		  VPN_STALE_S);
	bgpd_restarted = true;
	in_sync = false;
	forget_told();
}

/* --- telling ------------------------------------------------------------------------------- */

static bool told_same(const struct vpn_told *a, const struct vpn_told *b)
{
	return a->said == b->said && a->up == b->up && spi_label_same(&a->label, &b->label) &&
	       a->ifindex == b->ifindex && a->if_id == b->if_id && !strcmp(a->reason, b->reason);
}

/* May an object with this verdict be spoken of? */
static bool may_tell(enum vpn_verdict verdict, const struct vpn_told *told, bool up)
{
	if (verdict != VPN_PENDING)
		return true;
	/* not known: neither contradict what was told, nor guess before we are settled */
	return !told->said && !up && vpn_apply_settled();
}

static void tell_label(struct vpn_label *label, bool anyway)
{
	struct vpn_opaque m = { .type = VPN_OPAQUE_LABEL_IS };
	struct vpn_told now = { .said = true, .up = label->up };

	if (!label->wanted || (!anyway && !may_tell(label->verdict, &label->told, label->up)))
		return;
	if (label->up)
		now.label = label->label;
	else
		strlcpy(now.reason, label->reason, sizeof(now.reason));
	if (!anyway && told_same(&now, &label->told))
		return;
	label->told = now;
	strlcpy(m.vrf, label->vrf, sizeof(m.vrf));
	m.label = now.label;
	strlcpy(m.reason, now.reason, sizeof(m.reason));
	vpn_zebra_tell(&m);
}

static void tell_use(struct vpn_use *use, bool anyway)
{
	struct vpn_opaque m = { .type = VPN_OPAQUE_USE_IS };
	struct vpn_told now = { .said = true, .up = use->up };

	if (!use->wanted || (!anyway && !may_tell(use->verdict, &use->told, use->up)))
		return;
	if (use->up) {
		now.ifindex = use->ifindex;
		now.if_id = use->if_id;
	} else {
		strlcpy(now.reason, use->reason, sizeof(now.reason));
	}
	if (!anyway && told_same(&now, &use->told))
		return;
	use->told = now;
	strlcpy(m.vrf, use->vrf, sizeof(m.vrf));
	m.pe = use->pe;
	m.label = use->label;
	m.up = now.up;
	m.ifindex = now.ifindex;
	m.if_id = now.if_id;
	strlcpy(m.reason, now.reason, sizeof(m.reason));
	vpn_zebra_tell(&m);
}

static void tell_pe(bool anyway)
{
	struct vpn_opaque m = { .type = VPN_OPAQUE_PE_IS };

	if (!vpn_config.arrived && !vpn_apply_settled())
		return;
	if (!vpn_apply_blocked()) {
		m.pe = vpn_config.pe.local;
		m.label.len = vpn_spi_label_len(vpn_config.pe.prefix_len);
	}
	if (!anyway && pe_said && pe_len_told == m.label.len && ipaddr_is_same(&pe_told, &m.pe))
		return;
	pe_said = true;
	pe_told = m.pe;
	pe_len_told = m.label.len;
	vpn_zebra_tell(&m);
}

static void tell_all(bool anyway)
{
	struct vpn_label *label;
	struct vpn_use *use;

	tell_pe(anyway);
	frr_each (vpn_labels, &vpn_labels, label)
		tell_label(label, anyway);
	frr_each (vpn_uses, &vpn_uses, use)
		tell_use(use, anyway);
}

static void answer(void)
{
	struct vpn_opaque m = { .type = VPN_OPAQUE_SYNC_BEGIN, .generation = answer_generation };

	DEBUGD(&vpn_dbg_bgp, "bgpd is answered, generation %u", answer_generation);
	answer_due = false;
	vpn_zebra_tell(&m);
	tell_all(true);
	m.type = VPN_OPAQUE_SYNC_END;
	vpn_zebra_tell(&m);
}

void vpn_bgp_tell_changes(void)
{
	if (!vpn_zebra_connected())
		return;
	if (answer_due && vpn_apply_settled())
		answer();
	else
		tell_all(false);
	vpn_zebra_flush();
}

void vpn_bgp_terminate(void)
{
	synchronised = in_sync = answer_due = pe_said = false;
}
