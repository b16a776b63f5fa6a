// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Checks of CHILD_SAs of tunnel links; see vpnspi_link_check.h.
 *
 * Charon by itself takes tunnel mode where transport mode was meant (IKEv2: a
 * responder falls back to it, an initiator takes the answer; IKEv1: an initiator
 * does not look).  Across NAT the gateways' addresses that both ends see differ,
 * and so would the outer headers of protocols 4, 47, 115 and 137.
 */
#include "vpnspi_link_check.h"

#include "vpnspi_choice.h"

bool vpnspi_link_overlaps(child_cfg_t *config, bool local, linked_list_t *ts, linked_list_t *hosts)
{
	linked_list_t *narrowed = config->get_traffic_selectors(config, local, ts, hosts, FALSE);
	bool some = narrowed->get_count(narrowed) > 0;

	narrowed->destroy_offset(narrowed, offsetof(traffic_selector_t, destroy));
	return some;
}

static const char *check_mode(child_cfg_t *config, const struct vpnspi_offer *offer)
{
	bool transport = config->get_mode(config) == MODE_TRANSPORT;

	if (transport == offer->transport)
		return NULL;
	return transport ? "the peer wants tunnel mode where this link is in transport mode"
			 : "the peer wants transport mode where this link is in tunnel mode";
}

/* Is each of them everything of its family? */
static bool is_everything(linked_list_t *list)
{
	enumerator_t *all = list->create_enumerator(list);
	traffic_selector_t *ts;
	bool everything = true;
	uint8_t bits;
	host_t *net;

	while (all->enumerate(all, &ts)) {
		everything &= ts->to_subnet(ts, &net, &bits) && bits == 0 && !ts->get_protocol(ts);
		net->destroy(net);
	}
	all->destroy(all);
	return everything;
}

static const char *check_selectors(const struct vpnspi_link *link, linked_list_t *local,
				   linked_list_t *remote)
{
	if (link->signal != VPNSPI_SIGNAL_NONE)
		return NULL;
	if (is_everything(local) && is_everything(remote))
		return NULL;
	return "the peer narrows the traffic selectors: a link is for all packets, 0.0.0.0/0 and ::/0";
}

/* Method 1, IKEv1: tunnel mode without client identifiers. */
static const char *check_vendor_signal(ike_sa_t *ike_sa, const struct vpnspi_link *link,
				       const struct vpnspi_offer *offer)
{
	if (link->signal != VPNSPI_SIGNAL_VENDOR_ID || ike_sa->get_version(ike_sa) != IKEV1 ||
	    !offer->ids)
		return NULL;
	return "the peer sends client identifiers, which this link's signal (vendor ID) is without";
}

const char *vpnspi_link_check(ike_sa_t *ike_sa, child_cfg_t *config, const struct vpnspi_link *link,
			      const struct vpnspi_talk *talk, linked_list_t *local,
			      linked_list_t *remote)
{
	const char *why = check_mode(config, &talk->offer);

	if (!why && config->get_mode(config) == MODE_TRANSPORT &&
	    ike_sa->has_condition(ike_sa, COND_NAT_ANY))
		why = "there is NAT on the way: only encapsulation ipsec-tunnel crosses it";
	if (why)
		return why;
	if (!link) /* a child that several links share: GRE, MPLS, L2TP */
		return config->get_if_id(config, TRUE) ? "vpnd has not said that it is a link"
						       : NULL;
	why = vpnspi_choice_misfit(link, &talk->offer, talk->peer_is_ours);
	if (!why)
		why = check_vendor_signal(ike_sa, link, &talk->offer);
	return why ? why : check_selectors(link, local, remote);
}

/* ---- the signal, on connections that are no link's */

static bool is_gateway(linked_list_t *list, host_t *host)
{
	traffic_selector_t *ts;

	return list->get_count(list) == 1 && list->get_first(list, (void **)&ts) == SUCCESS &&
	       ts->get_protocol(ts) == IPPROTO_IPIP && ts->is_host(ts, host);
}

/* Did somebody configure protocol 4 in transport mode, and so knows what it is? */
static bool is_by_hand(ike_sa_t *ike_sa, child_cfg_t *config)
{
	linked_list_t *hosts = linked_list_create_with_items(ike_sa->get_my_host(ike_sa), NULL);
	linked_list_t *list = config->get_traffic_selectors(config, TRUE, NULL, hosts, FALSE);
	traffic_selector_t *ts;
	bool by_hand = config->get_mode(config) == MODE_TRANSPORT &&
		       list->get_first(list, (void **)&ts) == SUCCESS &&
		       ts->get_protocol(ts) == IPPROTO_IPIP;

	list->destroy_offset(list, offsetof(traffic_selector_t, destroy));
	hosts->destroy(hosts);
	return by_hand;
}

bool vpnspi_link_is_signal(ike_sa_t *ike_sa, child_cfg_t *config, const struct vpnspi_talk *talk,
			   linked_list_t *local, linked_list_t *remote)
{
	return talk->offer.transport && is_gateway(local, ike_sa->get_my_host(ike_sa)) &&
	       is_gateway(remote, ike_sa->get_other_host(ike_sa)) && !is_by_hand(ike_sa, config);
}

/* ---- before there is an SA */

bool vpnspi_link_suits(ike_sa_t *ike_sa, child_cfg_t *config, const struct vpnspi_link *link,
		       const struct vpnspi_talk *talk, linked_list_t *ts[2], linked_list_t *hosts[2])
{
	if (check_mode(config, &talk->offer) ||
	    !vpnspi_link_overlaps(config, true, ts[0], hosts[0]) ||
	    !vpnspi_link_overlaps(config, false, ts[1], hosts[1]))
		return false;
	if (link)
		return !vpnspi_choice_misfit(link, &talk->offer, talk->peer_is_ours) &&
		       !check_selectors(link, ts[0], ts[1]);
	return !talk->offer.has_vpn_id && !vpnspi_link_is_signal(ike_sa, config, talk, ts[0], ts[1]);
}
