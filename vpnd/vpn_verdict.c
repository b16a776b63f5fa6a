// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Is it up?  See vpn_verdict.h.
 *
 * The order of the questions is the order in which things are set up, so the
 * reason is always the first thing that is missing.
 */
#include "vpnd/vpn_verdict.h"

/* What labels and uses have in common.  VPN_UP: nothing is missing up to the plugin. */
static enum vpn_verdict verdict_up_to_plugin(const struct vpn_view *view, const char **reason)
{
	*reason = "the configuration has not come from mgmtd yet";
	if (!view->config_arrived)
		return VPN_PENDING;
	*reason = view->blocked ? view->blocked : view->refused;
	if (*reason)
		return VPN_DOWN;
	*reason = view->vrf_missing;
	if (*reason)
		return VPN_DOWN;
	*reason = view->interface_error;
	if (*reason)
		return VPN_DOWN;
	*reason = "the interface is being made";
	if (!view->interface_there)
		return VPN_PENDING;
	*reason = view->plugin_failed;
	if (*reason)
		return VPN_DOWN;
	*reason = "charon's plugin is being connected to";
	if (!view->plugin_ready)
		return VPN_PENDING;
	*reason = NULL;
	return VPN_UP;
}

static enum vpn_verdict verdict_request(const struct vpn_view *view, const char **reason)
{
	switch (view->request) {
	case VPN_REQUEST_NONE:
	case VPN_REQUEST_SENT:
		*reason = "the label SAs are being installed";
		return VPN_PENDING;
	case VPN_REQUEST_FAILED:
		*reason = view->request_error;
		return VPN_DOWN;
	case VPN_REQUEST_DONE:
		break;
	}
	*reason = NULL;
	return VPN_UP;
}

enum vpn_verdict vpn_label_verdict(const struct vpn_view *view, const char **reason)
{
	enum vpn_verdict verdict = verdict_up_to_plugin(view, reason);

	return verdict == VPN_UP ? verdict_request(view, reason) : verdict;
}

enum vpn_verdict vpn_use_verdict(const struct vpn_view *view, const char **reason)
{
	enum vpn_verdict verdict = verdict_up_to_plugin(view, reason);

	if (verdict != VPN_UP)
		return verdict;
	*reason = view->peer_reason;
	if (!view->peer_up)
		return VPN_DOWN;
	if (view->out_said && !view->out_up) {
		*reason = view->out_reason[0] ? view->out_reason : "no label SA stands";
		return VPN_DOWN;
	}
	verdict = verdict_request(view, reason);
	if (verdict == VPN_DOWN)
		return verdict;
	*reason = "the label SA is being installed";
	if (!view->out_said)
		return VPN_PENDING;
	*reason = "zebra does not know the interface yet";
	if (!view->zebra_ready)
		return VPN_PENDING;
	*reason = NULL;
	return VPN_UP;
}
