// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Labels and uses of a provider edge: what should be, compared with what is.
 * Part of the one run of vpn_apply.c.
 *
 * Each takes, in a run, the next step that is possible: its number, its
 * interface in the VRF, its label SA, which charon's plugin is asked for; then
 * it is decided from observations alone (vpn_verdict.h) whether it is up.  A step
 * that the kernel or the plugin refuses is tried again after a while.
 *
 * What nobody wants any more goes when its time is over: packets and withdrawals
 * may be on their way.
 */
#include <zebra.h>

#include "lib/log.h"
#include "lib/monotime.h"
#include "lib/printfrr.h"

#include "vpnd/vpn_adopt.h"
#include "vpnd/vpn_apply.h"
#include "vpnd/vpn_config.h"
#include "vpnd/vpn_debug.h"
#include "vpnd/vpn_interface.h"
#include "vpnd/vpn_kernel.h"
#include "vpnd/vpn_label.h"
#include "vpnd/vpn_label_apply.h"
#include "vpnd/vpn_peer.h"
#include "vpnd/vpn_plugin.h"
#include "vpnd/vpn_use.h"
#include "vpnd/vpn_zebra.h"

#define RETRY_S	     5	  /* after a step that the kernel or the plugin refused */
#define MTU_FALLBACK 1400 /* octets, until the peer's is known */
#define MTU_RECEIVE  1500 /* octets; packets that come in do not care */

/* --- what the plugin is asked for ---------------------------------------------------------- */

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

void vpn_labels_say(void)
{
	struct vpn_label *label;
	struct vpn_use *use;

	frr_each (vpn_labels, &vpn_labels, label)
		if (label->ifindex)
			label_say(label);
	frr_each (vpn_uses, &vpn_uses, use)
		if (use->ifindex)
			use_say(use);
}

void vpn_labels_unsay(void)
{
	struct vpn_label *label;
	struct vpn_use *use;

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

bool vpn_labels_answered(uint32_t id, const struct vpnspi_done *done)
{
	struct vpn_waiting *waiting = vpn_waiting_answered(id);
	struct vpn_label *label;
	struct vpn_use *use;

	if (!waiting)
		return false;
	if (waiting->label) {
		label = waiting->label;
		request_answered(&label->request, label->failed, sizeof(label->failed),
				 &label->retry_at, done);
	} else {
		use = waiting->use;
		request_answered(&use->request, use->failed, sizeof(use->failed), &use->retry_at,
				 done);
	}
	return true;
}

void vpn_labels_out_is(const struct vpnspi_out_is *is)
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
	bool changed = false, found;

	found = vpn_label_assign(label->vrf, vpn_config.pe.prefix_len, &now, &changed);
	if (changed)
		vpn_apply_state_changed();
	if (!found) {
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
	if (!label->ifindex || !vpn_apply_plugin_ready())
		return;
	if (label->request == VPN_REQUEST_NONE ||
	    (label->request == VPN_REQUEST_FAILED && vpn_apply_due(label->retry_at)))
		label_say(label);
}

void vpn_labels_step(void)
{
	struct vpn_label *label;

	frr_each (vpn_labels, &vpn_labels, label)
		label_step(label);
}

void vpn_labels_fallen_remove(void)
{
	const struct vpn_link *link;
	struct vpn_label *label;

	frr_each (vpn_labels, &vpn_labels, label) {
		link = label->ifindex ? vpn_kernel_link(label->ifindex) : NULL;
		if (link && !link->info.master && vpn_kernel_vrf(label->vrf))
			label_retract(label);
	}
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
	if (!use->ifindex || !vpn_apply_plugin_ready())
		return;
	if (use->request == VPN_REQUEST_NONE ||
	    (use->request == VPN_REQUEST_FAILED && vpn_apply_due(use->retry_at)))
		use_say(use);
}

void vpn_labels_step_uses(void)
{
	struct vpn_use *use;

	frr_each (vpn_uses, &vpn_uses, use)
		use_step(use);
}

/* --- are they up? -------------------------------------------------------------------------- */

/* What is observed of anything. */
static struct vpn_view view_common(const char *vrf, ifindex_t ifindex, enum vpn_request request,
				   const char *failed)
{
	static char missing[VRF_NAMSIZ + 64];
	struct vpn_view view = {
		.config_arrived = vpn_config.arrived,
		.blocked = vpn_apply_blocked(),
		.interface_there = ifindex != 0,
		.plugin_ready = vpn_apply_plugin_ready(),
		.plugin_failed = vpn_apply_plugin_gone(),
		.request = request,
		.request_error = failed,
	};

	if (vpn_kernel_vrf(vrf) < 0) {
		snprintf(missing, sizeof(missing), "VRF %s is not in the kernel", vrf);
		view.vrf_missing = missing;
	}
	if (!ifindex && failed[0])
		view.interface_error = failed;
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

void vpn_labels_evaluate(void)
{
	struct vpn_label *label;
	struct vpn_use *use;

	frr_each (vpn_labels, &vpn_labels, label)
		label_evaluate(label);
	frr_each (vpn_uses, &vpn_uses, use)
		use_evaluate(use);
}

bool vpn_labels_pending(void)
{
	const struct vpn_label *label;
	const struct vpn_use *use;

	frr_each (vpn_labels_const, &vpn_labels, label)
		if (label->wanted && label->verdict == VPN_PENDING)
			return true;
	frr_each (vpn_uses_const, &vpn_uses, use)
		if (use->wanted && use->verdict == VPN_PENDING)
			return true;
	return false;
}

/* --- what goes ----------------------------------------------------------------------------- */

/* Is this object's time over?  Before bgpd's set is in, only the timer says so. */
static bool gone(bool wanted, time_t remove_at)
{
	return !wanted && remove_at && vpn_apply_due(remove_at);
}

void vpn_labels_remove_unwanted(void)
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

void vpn_labels_retract(void)
{
	struct vpn_label *label;
	struct vpn_use *use;

	frr_each (vpn_uses, &vpn_uses, use)
		use_retract(use);
	frr_each (vpn_labels, &vpn_labels, label)
		label_retract(label);
}
