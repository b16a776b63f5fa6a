// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SAs of tunnel links that a killed charon has left; see vpnspi_left.h.
 */
#include "vpnspi_left.h"

#include <daemon.h>

#include "vpnspi_addr.h"
#include "vpnspi_links.h"
#include "vpnspi_state.h"
#include "vpnspi_timer.h"
#include "vpnspi_xfrm.h"

/* if_ids of links' xfrm interfaces: the top four bits */
#define LINK_IF_ID	0x30000000u
#define LINK_IF_ID_MASK 0xf0000000u

#define PROTOCOL_MPLS 137

struct left {
	struct vpnspi_xfrm_sa sa;
	time_t due; /* monotonic */
	int result;
};

static struct vpnspi_state *state;
static linked_list_t *all_left; /* struct left; under the state's mutex */
static bool said;		/* vpnd has said all its links, in this life of charon */

static bool is_link(const struct vpnspi_xfrm_sa *sa)
{
	if (sa->if_id)
		return (sa->if_id & LINK_IF_ID_MASK) == LINK_IF_ID;
	return sa->transport && (sa->protocol == IPPROTO_GRE || sa->protocol == IPPROTO_L2TP ||
				 sa->protocol == PROTOCOL_MPLS);
}

/* ---- removing */

static void remove_due(void)
{
	time_t now = time_monotonic(NULL);
	unsigned int count = 0;
	enumerator_t *lefts;
	struct left *left;

	state->mutex->lock(state->mutex);
	lefts = all_left->create_enumerator(all_left);
	while (lefts->enumerate(lefts, &left)) {
		if (left->due > now)
			continue;
		vpnspi_xfrm_del_other(state->xfrm, &left->sa, &left->result);
		(void)vpnspi_xfrm_flush(state->xfrm); /* ESRCH: it has expired */
		count += !left->result;
		all_left->remove_at(all_left, lefts);
		free(left);
	}
	lefts->destroy(lefts);
	state->mutex->unlock(state->mutex);
	if (count)
		DBG1(DBG_KNL, "vpnspi: removed %u SAs of tunnel links that a predecessor has left",
		     count);
}

typedef bool (*left_match)(const struct vpnspi_xfrm_sa *sa, const void *what);

/* Those that match go in so many seconds, or sooner. */
static void end_locked(left_match match, const void *what, uint32_t seconds)
{
	time_t due = time_monotonic(NULL) + seconds;
	enumerator_t *lefts = all_left->create_enumerator(all_left);
	struct left *left;
	bool any = false;

	while (lefts->enumerate(lefts, &left)) {
		if (left->due <= due || !match(&left->sa, what))
			continue;
		left->due = due;
		any = true;
	}
	lefts->destroy(lefts);
	if (any)
		vpnspi_timer_after(remove_due, seconds);
}

/* ---- what replaces them */

/* The outside of a CHILD_SA, as its SAs have it. */
struct outside {
	uint32_t if_id;
	uint8_t protocol;
	bool transport;
	struct vpnspi_addr ours, theirs;
};

static bool is_of(const struct vpnspi_xfrm_sa *sa, const void *what)
{
	const struct outside *of = what;

	if (sa->if_id || of->if_id)
		return sa->if_id == of->if_id;
	return of->transport && sa->protocol == of->protocol &&
	       ((vpnspi_addr_same(&sa->src, &of->ours) && vpnspi_addr_same(&sa->dst, &of->theirs)) ||
		(vpnspi_addr_same(&sa->src, &of->theirs) && vpnspi_addr_same(&sa->dst, &of->ours)));
}

static uint8_t protocol_of(child_sa_t *child_sa)
{
	enumerator_t *selectors = child_sa->create_ts_enumerator(child_sa, TRUE);
	traffic_selector_t *ts;
	uint8_t protocol = 0;

	if (selectors->enumerate(selectors, &ts))
		protocol = ts->get_protocol(ts);
	selectors->destroy(selectors);
	return protocol;
}

static bool on_updown(listener_t *this, ike_sa_t *ike_sa, child_sa_t *child_sa, bool up)
{
	struct outside of = { 0 };

	(void)this;
	if (!up || !strpfx(ike_sa->get_name(ike_sa), VPNSPI_LINK_PREFIX))
		return TRUE;
	of.if_id = child_sa->get_if_id(child_sa, TRUE);
	of.protocol = protocol_of(child_sa);
	of.transport = child_sa->get_mode(child_sa) == MODE_TRANSPORT;
	of.ours = vpnspi_addr_from_host(ike_sa->get_my_host(ike_sa));
	of.theirs = vpnspi_addr_from_host(ike_sa->get_other_host(ike_sa));
	state->mutex->lock(state->mutex);
	end_locked(is_of, &of, VPNSPI_LEFT_LINGER_S);
	state->mutex->unlock(state->mutex);
	return TRUE;
}

/* ---- links that are no more */

static bool is_nobodys(const struct vpnspi_xfrm_sa *sa, const void *what)
{
	const struct vpnspi_state *of = what;
	struct vpnspi_link link;

	return sa->if_id && !vpnspi_links_by_if_id(of->links, sa->if_id, &link);
}

void vpnspi_left_review_locked(struct vpnspi_state *of, bool all)
{
	said |= all;
	if (state && said)
		end_locked(is_nobodys, of, 0);
}

/* ---- life */

static listener_t listener = {
	.child_updown = on_updown,
};

static void find(const struct vpnspi_xfrm_sa *sa, void *arg)
{
	struct left *left;

	if (!is_link(sa))
		return;
	INIT(left, .sa = *sa, .due = *(const time_t *)arg, );
	all_left->insert_last(all_left, left);
}

void vpnspi_left_start(struct vpnspi_state *of)
{
	time_t due = time_monotonic(NULL) + VPNSPI_LEFT_S;
	int error;

	said = false;
	if (!of->xfrm)
		return;
	all_left = linked_list_create();
	of->mutex->lock(of->mutex);
	error = vpnspi_xfrm_each_other(of->xfrm, find, &due);
	of->mutex->unlock(of->mutex);
	if (error)
		DBG1(DBG_KNL, "vpnspi: SAs of a predecessor cannot be read: %s", strerror(error));
	state = of;
	charon->bus->add_listener(charon->bus, &listener);
	if (!all_left->get_count(all_left))
		return;
	DBG1(DBG_KNL, "vpnspi: a predecessor has left %d SAs of tunnel links",
	     all_left->get_count(all_left));
	vpnspi_timer_after(remove_due, VPNSPI_LEFT_S);
}

void vpnspi_left_stop(void)
{
	if (!state)
		return;
	charon->bus->remove_listener(charon->bus, &listener);
	state = NULL;
	all_left->destroy_function(all_left, free);
	all_left = NULL;
}
