// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The choice of a child; see vpnspi_link_select.h.
 *
 * There is one implementation of peer_cfg_t, so one saved method serves all.
 */
#include "vpnspi_link_select.h"

#include <stdarg.h>

#include "vpnspi_addr.h"
#include "vpnspi_choice.h"
#include "vpnspi_link_check.h"
#include "vpnspi_links.h"
#include "vpnspi_socket.h"
#include "vpnspi_state.h"
#include "vpnspi_talks.h"

typedef child_cfg_t *(*select_t)(peer_cfg_t *this, linked_list_t *my_ts, linked_list_t *other_ts,
				 linked_list_t *my_hosts, linked_list_t *other_hosts,
				 linked_list_t *my_labels, linked_list_t *other_labels);

static struct vpnspi_state *state;
static struct vpnspi_talks *talks;
static select_t before;

/* What is chosen from: the children of a connection that fit an offer's mode and selectors. */
struct fitting {
	child_cfg_t **configs; /* references */
	struct vpnspi_link *links;
	unsigned int count;
	child_cfg_t *shared; /* one that several links share, a reference, or NULL */
};

/* IKEv1: client identifiers are left out for Method 1, and for that only. */
static bool fits_signal(ike_sa_t *ike_sa, const struct vpnspi_link *link,
			const struct vpnspi_offer *offer)
{
	return ike_sa->get_version(ike_sa) != IKEV1 ||
	       (link->signal == VPNSPI_SIGNAL_VENDOR_ID) == !offer->ids;
}

static void take(struct fitting *fitting, ike_sa_t *ike_sa, child_cfg_t *config,
		 const struct vpnspi_offer *offer)
{
	struct vpnspi_link link;

	if ((config->get_mode(config) == MODE_TRANSPORT) != offer->transport)
		return;
	if (vpnspi_links_get(state->links, ike_sa->get_name(ike_sa), config->get_name(config),
			     &link)) {
		if (!fits_signal(ike_sa, &link, offer))
			return;
		fitting->links[fitting->count] = link;
		fitting->configs[fitting->count++] = config->get_ref(config);
	} else if (!config->get_if_id(config, TRUE) && !fitting->shared) {
		fitting->shared = config->get_ref(config);
	}
}

static unsigned int count_children(peer_cfg_t *peer)
{
	enumerator_t *children = peer->create_child_cfg_enumerator(peer);
	child_cfg_t *config;
	unsigned int count = 0;

	while (children->enumerate(children, &config))
		count++;
	children->destroy(children);
	return count;
}

/* False: no memory. */
static bool collect(struct fitting *fitting, peer_cfg_t *peer, ike_sa_t *ike_sa,
		    const struct vpnspi_offer *offer, linked_list_t *ts[2], linked_list_t *hosts[2])
{
	unsigned int room = count_children(peer);
	enumerator_t *children;
	child_cfg_t *config;

	fitting->configs = calloc(room + 1, sizeof(*fitting->configs));
	fitting->links = calloc(room + 1, sizeof(*fitting->links));
	if (!fitting->configs || !fitting->links)
		return false;
	children = peer->create_child_cfg_enumerator(peer);
	/* a child that is loaded at this moment is chosen the next time */
	while (children->enumerate(children, &config) && fitting->count < room)
		if (vpnspi_link_overlaps(config, true, ts[0], hosts[0]) &&
		    vpnspi_link_overlaps(config, false, ts[1], hosts[1]))
			take(fitting, ike_sa, config, offer);
	children->destroy(children);
	return true;
}

static void clear(struct fitting *fitting)
{
	for (unsigned int i = 0; i < fitting->count; i++)
		fitting->configs[i]->destroy(fitting->configs[i]);
	DESTROY_IF(fitting->shared);
	free(fitting->configs);
	free(fitting->links);
}

/* Is it another gateway's VPN-ID? That says more than that it is not here. */
static void explain(ike_sa_t *ike_sa, const struct vpnspi_offer *offer, char *why, size_t size)
{
	char id[VPNSPI_VPN_ID_STRING_SIZE];
	struct vpnspi_link other;

	if (!offer->has_vpn_id || !vpnspi_links_by_vpn_id(state->links, offer->vpn_id, &other) ||
	    streq(other.conn, ike_sa->get_name(ike_sa)))
		return;
	snprintf(why, size, "VPN-ID %s is that of link %s, which is to another gateway",
		 vpnspi_vpn_id_string(offer->vpn_id, id), other.child);
}

/* The child of a template's spoke: as the template's, with a name and an if_id of its own. */
static child_cfg_t *spoke_config(child_cfg_t *config, const struct vpnspi_link *link)
{
	lifetime_cfg_t *lifetime = config->get_lifetime(config, FALSE);
	child_cfg_create_t create = {
		.if_id_in = link->if_id,
		.if_id_out = link->if_id,
		.mode = config->get_mode(config),
		.lifetime = *lifetime,
		.inactivity = config->get_inactivity(config),
		.start_action = ACTION_NONE,
		.dpd_action = config->get_dpd_action(config),
		.close_action = config->get_close_action(config),
		.hw_offload = config->get_hw_offload(config),
		.copy_dscp = config->get_copy_dscp(config),
	};
	child_cfg_t *spoke;
	linked_list_t *list;
	proposal_t *proposal;
	traffic_selector_t *ts;

	free(lifetime);
	create.lifetime.time.jitter = create.lifetime.time.rekey / 10; /* as vpnd's rand_time */
	spoke = child_cfg_create((char *)link->child, &create);
	list = config->get_proposals(config, FALSE);
	while (list->remove_first(list, (void **)&proposal) == SUCCESS)
		spoke->add_proposal(spoke, proposal);
	list->destroy(list);
	for (int local = 0; local <= 1; local++) {
		list = config->get_traffic_selectors(config, local, NULL, NULL, FALSE);
		while (list->remove_first(list, (void **)&ts) == SUCCESS)
			spoke->add_traffic_selector(spoke, local, ts);
		list->destroy(list);
	}
	return spoke;
}

/* snprintf with strongSwan's own conversions, which the compiler does not know. */
static void put_words(char *buf, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(buf, size, format, args);
	va_end(args);
}

/* The child for an offer to this template; NULL, and why, if there is no room. */
static child_cfg_t *choose_spoke(ike_sa_t *ike_sa, child_cfg_t *config,
				 const struct vpnspi_link *template, char *why, size_t size)
{
	struct vpnspi_link link;
	char identity[1024]; /* what is longer than a spoke's may be is refused, cut off or not */

	put_words(identity, sizeof(identity), "%Y", ike_sa->get_other_id(ike_sa));
	if (!vpnspi_links_spoke(state->links, template, identity, &link, why, size))
		return NULL;
	return spoke_config(config, &link);
}

static child_cfg_t *take_chosen(struct fitting *fitting, ike_sa_t *ike_sa, int chosen, char *why,
				size_t size)
{
	child_cfg_t *config = fitting->configs[chosen];
	const struct vpnspi_link *link = &fitting->links[chosen];

	return link->spokes ? choose_spoke(ike_sa, config, link, why, size)
			    : config->get_ref(config);
}

static child_cfg_t *choose(struct fitting *fitting, ike_sa_t *ike_sa, const struct vpnspi_talk *talk)
{
	struct vpnspi_addr peer = vpnspi_addr_from_host(ike_sa->get_other_host(ike_sa));
	char why[VPNSPI_TEXT_SIZE] = "no memory";
	child_cfg_t *config;
	int chosen;

	if (!fitting->count && fitting->shared && !talk->offer.has_vpn_id && !talk->offer.broken)
		return fitting->shared->get_ref(fitting->shared);
	chosen = vpnspi_choice(fitting->links, fitting->count, &talk->offer, talk->peer_is_ours,
			       why, sizeof(why));
	config = chosen >= 0 ? take_chosen(fitting, ike_sa, chosen, why, sizeof(why)) : NULL;
	if (config)
		return config;
	if (chosen < 0)
		explain(ike_sa, &talk->offer, why, sizeof(why));
	vpnspi_socket_link_alert(state->socket, ike_sa->get_name(ike_sa),
				 chosen < 0 ? "" : fitting->links[chosen].child, &peer, why);
	return NULL;
}

static child_cfg_t *select_child(peer_cfg_t *this, linked_list_t *my_ts, linked_list_t *other_ts,
				 linked_list_t *my_hosts, linked_list_t *other_hosts,
				 linked_list_t *my_labels, linked_list_t *other_labels)
{
	linked_list_t *ts[] = { my_ts, other_ts }, *hosts[] = { my_hosts, other_hosts };
	ike_sa_t *ike_sa = charon->bus->get_sa(charon->bus);
	struct fitting fitting = { .count = 0 };
	child_cfg_t *chosen = NULL;
	struct vpnspi_talk *talk;

	if (!state || !ike_sa)
		return before(this, my_ts, other_ts, my_hosts, other_hosts, my_labels, other_labels);
	talk = vpnspi_talks_get(talks, ike_sa);
	if (collect(&fitting, this, ike_sa, &talk->offer, ts, hosts))
		chosen = choose(&fitting, ike_sa, talk);
	clear(&fitting);
	return chosen;
}

void vpnspi_link_select_hook(peer_cfg_t *config)
{
	if (!config || !strpfx(config->get_name(config), VPNSPI_LINK_PREFIX) ||
	    config->select_child_cfg == select_child)
		return;
	if (!before)
		before = config->select_child_cfg;
	config->select_child_cfg = select_child;
}

void vpnspi_link_select_start(struct vpnspi_state *of, struct vpnspi_talks *with)
{
	state = of;
	talks = with;
}

void vpnspi_link_select_stop(void)
{
	state = NULL;
	talks = NULL;
}
