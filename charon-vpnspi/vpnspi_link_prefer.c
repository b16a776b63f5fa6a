// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The order of connections; see vpnspi_link_prefer.h.
 *
 * Charon asks its backend manager; that method is replaced, as those of the
 * kernel interface are.  Without a link it answers as before.
 */
#include "vpnspi_link_prefer.h"

#include <daemon.h>

#include "vpnspi_link_check.h"
#include "vpnspi_links.h"
#include "vpnspi_state.h"
#include "vpnspi_talks.h"

static struct vpnspi_state *state;
static struct vpnspi_talks *talks;
static enumerator_t *(*before)(backend_manager_t *this, host_t *me, host_t *other,
			       identification_t *my_id, identification_t *other_id,
			       ike_version_t version);

static bool suits(ike_sa_t *ike_sa, peer_cfg_t *peer, child_cfg_t *config, struct vpnspi_talk *talk,
		  linked_list_t *hosts[2])
{
	const char *conn = peer->get_name(peer);
	struct vpnspi_link link;
	bool known = vpnspi_links_get(state->links, conn, config->get_name(config), &link);

	if (!known && strpfx(conn, VPNSPI_LINK_PREFIX) && config->get_if_id(config, TRUE))
		return false;
	return vpnspi_link_suits(ike_sa, config, known ? &link : NULL, talk, talk->ts, hosts);
}

/* Has the connection a child for the offer? */
static bool serves(ike_sa_t *ike_sa, peer_cfg_t *peer, struct vpnspi_talk *talk,
		   linked_list_t *hosts[2])
{
	enumerator_t *children = peer->create_child_cfg_enumerator(peer);
	child_cfg_t *config;
	bool found = false;

	while (!found && children->enumerate(children, &config))
		found = suits(ike_sa, peer, config, talk, hosts);
	children->destroy(children);
	return found;
}

static void destroy_list(linked_list_t *list)
{
	list->destroy_offset(list, offsetof(peer_cfg_t, destroy));
}

/* The same connections; those that serve first. */
static enumerator_t *reorder(enumerator_t *found, ike_sa_t *ike_sa, struct vpnspi_talk *talk)
{
	linked_list_t *hosts[] = {
		linked_list_create_with_items(ike_sa->get_my_host(ike_sa), NULL),
		linked_list_create_with_items(ike_sa->get_other_host(ike_sa), NULL),
	};
	linked_list_t *first = linked_list_create(), *rest = linked_list_create();
	peer_cfg_t *peer;

	while (found->enumerate(found, &peer)) {
		linked_list_t *to = serves(ike_sa, peer, talk, hosts) ? first : rest;

		to->insert_last(to, peer->get_ref(peer));
	}
	found->destroy(found);
	while (rest->remove_first(rest, (void **)&peer) == SUCCESS)
		first->insert_last(first, peer);
	rest->destroy(rest);
	for (unsigned int i = 0; i < countof(hosts); i++)
		hosts[i]->destroy(hosts[i]);
	return enumerator_create_cleaner(first->create_enumerator(first), (void *)destroy_list,
					 first);
}

static enumerator_t *create_peer_cfg_enumerator(backend_manager_t *this, host_t *me, host_t *other,
						identification_t *my_id, identification_t *other_id,
						ike_version_t version)
{
	enumerator_t *found = before(this, me, other, my_id, other_id, version);
	ike_sa_t *ike_sa = charon->bus->get_sa(charon->bus);
	struct vpnspi_talk *talk;

	if (!ike_sa || version != IKEV2 || !vpnspi_links_any(state->links))
		return found;
	talk = vpnspi_talks_get(talks, ike_sa);
	return talk->ts[0] && talk->ts[1] ? reorder(found, ike_sa, talk) : found;
}

void vpnspi_link_prefer_start(struct vpnspi_state *of, struct vpnspi_talks *with)
{
	state = of;
	talks = with;
	before = charon->backends->create_peer_cfg_enumerator;
	charon->backends->create_peer_cfg_enumerator = create_peer_cfg_enumerator;
}

void vpnspi_link_prefer_stop(void)
{
	charon->backends->create_peer_cfg_enumerator = before;
	state = NULL;
	talks = NULL;
}
