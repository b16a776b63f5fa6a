// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tunnel links in IKE; see vpnspi_link.h.
 *
 * Charon calls from here: its listener hooks, with an IKE_SA checked out and its
 * bus locked, and the choice of a child of a connection, which has no hook: the
 * method of the peer_cfg is replaced as those of the kernel interface are.  The
 * state's mutex is not taken: the table of links has a lock of its own.
 */
#include "vpnspi_link.h"

#include <daemon.h>
#include <sa/ikev1/tasks/quick_mode.h>
#include <sa/ikev2/tasks/child_create.h>

#include "vpnspi_addr.h"
#include "vpnspi_link_check.h"
#include "vpnspi_link_prefer.h"
#include "vpnspi_link_select.h"
#include "vpnspi_links.h"
#include "vpnspi_offer.h"
#include "vpnspi_peer.h"
#include "vpnspi_socket.h"
#include "vpnspi_state.h"
#include "vpnspi_talks.h"
#include "vpnspi_timer.h"

static struct vpnspi_state *state;
static struct vpnspi_talks *talks;

static bool is_link(ike_sa_t *ike_sa)
{
	return strpfx(ike_sa->get_name(ike_sa), VPNSPI_LINK_PREFIX);
}

/* ---- whose SA is it that we propose? */

static child_cfg_t *config_of(task_t *task)
{
	if (task->get_type(task) == TASK_CHILD_CREATE)
		return ((child_create_t *)task)->get_config((child_create_t *)task);
	if (task->get_type(task) == TASK_QUICK_MODE)
		return ((quick_mode_t *)task)->get_config((quick_mode_t *)task);
	return NULL;
}

/* The child of the exchange that is going on, by the task that runs it, or NULL. */
static const char *active_child(ike_sa_t *ike_sa)
{
	enumerator_t *tasks = ike_sa->create_task_enumerator(ike_sa, TASK_QUEUE_ACTIVE);
	child_cfg_t *config = NULL;
	task_t *task;

	while (!config && tasks->enumerate(tasks, &task))
		config = config_of(task);
	tasks->destroy(tasks);
	return config ? config->get_name(config) : NULL;
}

/* A rekeying names the SA that it replaces by our SPI. */
static const char *rekeyed_child(ike_sa_t *ike_sa, message_t *message)
{
	notify_payload_t *notify = message->get_notify(message, REKEY_SA);
	child_sa_t *child_sa;

	if (!notify)
		return NULL;
	child_sa = ike_sa->get_child_sa(ike_sa, notify->get_protocol_id(notify),
					notify->get_spi(notify), TRUE);
	return child_sa ? child_sa->get_name(child_sa) : NULL;
}

static bool proposed_link(ike_sa_t *ike_sa, message_t *message, struct vpnspi_link *link)
{
	const char *child = rekeyed_child(ike_sa, message);

	if (!child)
		child = active_child(ike_sa);
	return child && vpnspi_links_get(state->links, ike_sa->get_name(ike_sa), child, link);
}

/* ---- messages that go */

static void add_to_request(ike_sa_t *ike_sa, message_t *message, struct vpnspi_talk *talk)
{
	struct vpnspi_link link;

	if (!talk->peer_is_ours || !proposed_link(ike_sa, message, &link))
		return;
	if (link.has_vpn_id)
		vpnspi_offer_add_vpn_id(message, link.vpn_id);
	if (link.signal == VPNSPI_SIGNAL_VENDOR_ID)
		vpnspi_offer_strip_ids(message);
}

static void add_to_answer(message_t *message, struct vpnspi_talk *talk)
{
	if (talk->answers)
		vpnspi_offer_add_vpn_id(message, talk->answer);
	if (talk->bare)
		vpnspi_offer_strip_ids(message);
}

/* The first message of each side: with an SA payload, and not encrypted. */
static bool is_first(message_t *message)
{
	switch (message->get_exchange_type(message)) {
	case IKE_SA_INIT:
		return message->get_payload(message, PLV2_SECURITY_ASSOCIATION) != NULL;
	case ID_PROT:
	case AGGRESSIVE:
		return message->get_payload(message, PLV1_SECURITY_ASSOCIATION) != NULL;
	default:
		return false;
	}
}

static void message_goes(ike_sa_t *ike_sa, message_t *message)
{
	struct vpnspi_talk *talk = vpnspi_talks_get(talks, ike_sa);
	struct vpnspi_offer offer;

	if (message->get_request(message))
		talk->asked = vpnspi_now_ms();
	if (is_first(message)) {
		if (message->get_request(message) ? is_link(ike_sa) : talk->peer_is_ours)
			vpnspi_offer_add_vendor_id(message);
		return;
	}
	if (!is_link(ike_sa) || !vpnspi_offer_read(message, &offer))
		return;
	if (message->get_request(message))
		add_to_request(ike_sa, message, talk);
	else
		add_to_answer(message, talk);
}

/* ---- messages that come */

static void message_comes(ike_sa_t *ike_sa, message_t *message)
{
	struct vpnspi_talk *talk = vpnspi_talks_get(talks, ike_sa);

	if (is_first(message) && vpnspi_offer_has_vendor_id(message))
		talk->peer_is_ours = true;
	if (vpnspi_offer_read(message, &talk->offer)) {
		talk->answers = talk->bare = false;
		vpnspi_talk_selectors(talk, NULL, NULL);
		if (message->get_exchange_type(message) == IKE_AUTH && message->get_request(message))
			vpnspi_talk_selectors(talk, vpnspi_offer_selectors(message, false),
					      vpnspi_offer_selectors(message, true));
	}
	vpnspi_link_select_hook(ike_sa->get_peer_cfg(ike_sa));
}

static bool on_message(listener_t *this, ike_sa_t *ike_sa, message_t *message, bool incoming,
		       bool plain)
{
	(void)this;
	if (!ike_sa || !plain)
		return TRUE;
	if (incoming)
		message_comes(ike_sa, message);
	else
		message_goes(ike_sa, message);
	return TRUE;
}

/* The peer's connection is known only now, and is asked for a child next. */
static bool on_authorize(listener_t *this, ike_sa_t *ike_sa, bool final, bool *success)
{
	(void)this;
	(void) final;
	(void)success;
	vpnspi_link_select_hook(ike_sa->get_peer_cfg(ike_sa));
	return TRUE;
}

/* ---- SAs before they are installed */

static void refuse(ike_sa_t *ike_sa, const char *child, linked_list_t *local, linked_list_t *remote,
		   const char *why)
{
	struct vpnspi_addr peer = vpnspi_addr_from_host(ike_sa->get_other_host(ike_sa));
	traffic_selector_t *ts;

	while (local->remove_last(local, (void **)&ts) == SUCCESS)
		ts->destroy(ts);
	while (remote->remove_last(remote, (void **)&ts) == SUCCESS)
		ts->destroy(ts);
	vpnspi_socket_link_alert(state->socket, is_link(ike_sa) ? ike_sa->get_name(ike_sa) : "",
				 is_link(ike_sa) ? child : "", &peer, why);
}

/* An acquire puts the packet's own selectors before those configured; a link is for all packets. */
static void strip_packet(child_cfg_t *config, ike_sa_t *ike_sa, bool local, linked_list_t *list)
{
	linked_list_t *hosts = linked_list_create_with_items(local ? ike_sa->get_my_host(ike_sa)
								   : ike_sa->get_other_host(ike_sa),
							     NULL);
	linked_list_t *configured = config->get_traffic_selectors(config, local, NULL, hosts, FALSE);
	traffic_selector_t *ts;

	if (list->get_count(list) > configured->get_count(configured) &&
	    list->remove_first(list, (void **)&ts) == SUCCESS)
		ts->destroy(ts);
	configured->destroy_offset(configured, offsetof(traffic_selector_t, destroy));
	hosts->destroy(hosts);
}

/* Fills what our answer to an offer that was taken says. */
static void prepare_answer(struct vpnspi_talk *talk, const struct vpnspi_link *link)
{
	talk->bare = !talk->offer.ids;
	talk->answers = talk->peer_is_ours && link->has_vpn_id;
	memcpy(talk->answer, link->vpn_id, sizeof(talk->answer));
}

static void check_link(ike_sa_t *ike_sa, child_sa_t *child_sa, bool responder, linked_list_t *local,
		       linked_list_t *remote)
{
	struct vpnspi_talk *talk = vpnspi_talks_get(talks, ike_sa);
	child_cfg_t *config = child_sa->get_config(child_sa);
	const char *child = config->get_name(config);
	struct vpnspi_link link;
	const char *why;
	bool known = vpnspi_links_get(state->links, ike_sa->get_name(ike_sa), child, &link);

	why = vpnspi_link_check(ike_sa, config, known ? &link : NULL, talk, local, remote);
	if (why)
		refuse(ike_sa, child, local, remote, why);
	else if (known && responder)
		prepare_answer(talk, &link);
}

static bool on_narrow(listener_t *this, ike_sa_t *ike_sa, child_sa_t *child_sa, narrow_hook_t type,
		      linked_list_t *local, linked_list_t *remote)
{
	child_cfg_t *config = child_sa->get_config(child_sa);
	struct vpnspi_talk *talk = vpnspi_talks_get(talks, ike_sa);

	(void)this;
	switch (type) {
	case NARROW_INITIATOR_PRE_NOAUTH:
	case NARROW_INITIATOR_PRE_AUTH:
		if (is_link(ike_sa)) {
			strip_packet(config, ike_sa, true, local);
			strip_packet(config, ike_sa, false, remote);
		}
		break;
	case NARROW_INITIATOR_POST_NOAUTH:
	case NARROW_INITIATOR_POST_AUTH:
		if (is_link(ike_sa))
			check_link(ike_sa, child_sa, false, local, remote);
		break;
	case NARROW_RESPONDER:
		if (is_link(ike_sa))
			check_link(ike_sa, child_sa, true, local, remote);
		else if (vpnspi_link_is_signal(ike_sa, config, talk, local, remote))
			refuse(ike_sa, "", local, remote,
			       "the peer proposes a tunnel link (transport mode, protocol 4), and none is configured for it");
		break;
	default:
		break;
	}
	return TRUE;
}

/* ---- peers that do not answer */

static void tell_silence(ike_sa_t *ike_sa, child_sa_t *child_sa, int64_t asked)
{
	struct vpnspi_silent silent = {
		.peer = vpnspi_addr_from_host(ike_sa->get_other_host(ike_sa)),
		.id = child_sa->get_unique_id(child_sa),
		.since = asked ? max(vpnspi_now_ms() - asked, (int64_t)1) : 0,
	};

	snprintf(silent.conn, sizeof(silent.conn), "%s", ike_sa->get_name(ike_sa));
	vpnspi_socket_send(state->socket, VPNSPI_SILENT, 0, &silent, sizeof(silent));
}

/* Of IKE_SAs that stand; one that is being made has nobody who relies on it. */
static bool on_alert(listener_t *this, ike_sa_t *ike_sa, alert_t alert, va_list args)
{
	enumerator_t *children;
	child_sa_t *child_sa;
	int64_t asked = 0;

	(void)this;
	(void)args;
	if ((alert != ALERT_RETRANSMIT_SEND && alert != ALERT_RETRANSMIT_SEND_CLEARED) || !ike_sa ||
	    ike_sa->get_state(ike_sa) == IKE_CONNECTING)
		return TRUE;
	if (alert == ALERT_RETRANSMIT_SEND)
		asked = vpnspi_talks_get(talks, ike_sa)->asked;
	children = ike_sa->create_child_sa_enumerator(ike_sa);
	while (children->enumerate(children, &child_sa)) {
		if (is_link(ike_sa))
			tell_silence(ike_sa, child_sa, asked);
		else if (strpfx(ike_sa->get_name(ike_sa), VPNSPI_CONN_PREFIX))
			vpnspi_peer_silent(state, child_sa->get_spi(child_sa, TRUE),
					   ike_sa->get_my_host(ike_sa), asked);
	}
	children->destroy(children);
	return TRUE;
}

/* ---- life of an IKE_SA */

static bool on_state(listener_t *this, ike_sa_t *ike_sa, ike_sa_state_t to)
{
	(void)this;
	if (to == IKE_DESTROYING)
		vpnspi_talks_forget(talks, ike_sa);
	return TRUE;
}

/* A rekeyed IKE_SA has no first exchange of its own. */
static bool on_rekey(listener_t *this, ike_sa_t *old, ike_sa_t *new)
{
	(void)this;
	vpnspi_talks_get(talks, new)->peer_is_ours = vpnspi_talks_get(talks, old)->peer_is_ours;
	return TRUE;
}

static listener_t listener = {
	.alert = on_alert,
	.message = on_message,
	.authorize = on_authorize,
	.narrow = on_narrow,
	.ike_state_change = on_state,
	.ike_rekey = on_rekey,
};

void vpnspi_link_start(struct vpnspi_state *of)
{
	state = of;
	talks = vpnspi_talks_create();
	vpnspi_link_select_start(state, talks);
	vpnspi_link_prefer_start(state, talks);
	charon->bus->add_listener(charon->bus, &listener);
}

void vpnspi_link_stop(void)
{
	if (!state)
		return;
	charon->bus->remove_listener(charon->bus, &listener);
	vpnspi_link_prefer_stop();
	vpnspi_link_select_stop();
	vpnspi_talks_destroy(talks);
	talks = NULL;
	state = NULL;
}
