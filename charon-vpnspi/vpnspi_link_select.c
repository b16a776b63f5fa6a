// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The choice of a child; see vpnspi_link_select.h.
 *
 * There is one implementation of peer_cfg_t, so one saved method serves all.
 */
#include "vpnspi_link_select.h"

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

static child_cfg_t *choose(struct fitting *fitting, ike_sa_t *ike_sa, const struct vpnspi_talk *talk)
{
	struct vpnspi_addr peer = vpnspi_addr_from_host(ike_sa->get_other_host(ike_sa));
	char why[VPNSPI_TEXT_SIZE];
	int chosen;

	if (!fitting->count && fitting->shared && !talk->offer.has_vpn_id && !talk->offer.broken)
		return fitting->shared->get_ref(fitting->shared);
	chosen = vpnspi_choice(fitting->links, fitting->count, &talk->offer, talk->peer_is_ours,
			       why, sizeof(why));
	if (chosen >= 0)
		return fitting->configs[chosen]->get_ref(fitting->configs[chosen]);
	explain(ike_sa, &talk->offer, why, sizeof(why));
	vpnspi_socket_link_alert(state->socket, ike_sa->get_name(ike_sa), "", &peer, why);
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
