// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What vpnd asks for; see vpnspi_request.h.
 *
 * CONFIG is not part of a sync: what was not said again between SYNC_BEGIN and
 * SYNC_END is forgotten for labels and links; the provider edge goes only when
 * CONFIG says so.
 */
#include "vpnspi_request.h"

#include <daemon.h>
#include <errno.h>

#include "vpnspi_left.h"
#include "vpnspi_peer.h"
#include "vpnspi_socket.h"

static void done(struct vpnspi_state *state, uint32_t id, int error, const char *text)
{
	struct vpnspi_done message = { .error = error };

	if (text)
		snprintf(message.text, sizeof(message.text), "%s", text);
	vpnspi_socket_send(state->socket, VPNSPI_DONE, id, &message, sizeof(message));
}

/* ---- taking a request in: desired state only.  0 or an errno, with why in text */

static int take_config(struct vpnspi_state *state, const struct vpnspi_config *config)
{
	bool moved = state->configured && !vpnspi_addr_same(&state->config.local, &config->local);

	state->config = *config;
	state->configured = true;
	if (moved)
		vpnspi_peers_drop_locked(state, &config->local);
	return 0;
}

static int take_in(struct vpnspi_state *state, const struct vpnspi_label_in *in, char *text,
		   size_t size)
{
	uint32_t other;

	if (state->configured && state->config.local.family != AF_UNSPEC &&
	    !vpn_spi_label_fits(state->config.prefix_len, in->label)) {
		snprintf(text, size, "label %u does not fit beside SPI prefixes of %u bits",
			 in->label, state->config.prefix_len);
		return ERANGE;
	}
	if (vpnspi_labels_set(&state->in, in->label, in->if_id, 0, &other))
		return 0;
	snprintf(text, size, "label %u is received on if_id %u already", in->label, other);
	return EEXIST;
}

static int take_in_del(struct vpnspi_state *state, const struct vpnspi_label_in *in, char *text,
		       size_t size)
{
	if (vpnspi_labels_unset(&state->in, in->label, in->if_id))
		return 0;
	snprintf(text, size, "label %u is not received on if_id %u", in->label, in->if_id);
	return ENOENT;
}

static int take_out(struct vpnspi_state *state, const struct vpnspi_label_out *out, char *text,
		    size_t size)
{
	struct vpnspi_peer *peer = vpnspi_peer_get_locked(state, &out->peer);
	char addr[VPNSPI_ADDR_STRING_SIZE];
	uint32_t other;

	if (vpnspi_labels_set(&peer->out, out->label, out->if_id, out->label_len, &other))
		return 0;
	snprintf(text, size,
		 "label %u of peer %s is sent from if_id %u already: an SA has one if_id, and two SAs of one SPI would repeat sequence numbers",
		 out->label, vpnspi_addr_string(&out->peer, addr), other);
	return EEXIST;
}

static int take_out_del(struct vpnspi_state *state, const struct vpnspi_label_out *out, char *text,
			size_t size)
{
	struct vpnspi_peer *peer = vpnspi_peer_get_locked(state, &out->peer);
	char addr[VPNSPI_ADDR_STRING_SIZE];

	if (vpnspi_labels_unset(&peer->out, out->label, out->if_id))
		return 0;
	snprintf(text, size, "label %u of peer %s is not sent from if_id %u", out->label,
		 vpnspi_addr_string(&out->peer, addr), out->if_id);
	return ENOENT;
}

static int take_spoke(struct vpnspi_state *state, const struct vpnspi_spoke *spoke, char *text,
		      size_t size)
{
	if (vpnspi_links_spoke_set(state->links, spoke))
		return 0;
	snprintf(text, size, "number %u of %s is another spoke's than %s", spoke->number,
		 spoke->child, spoke->identity);
	return EEXIST;
}

static int take_link_del(struct vpnspi_state *state, const struct vpnspi_link *link, char *text,
			 size_t size)
{
	if (vpnspi_links_unset(state->links, link)) {
		vpnspi_left_review_locked(state, false);
		return 0;
	}
	snprintf(text, size, "connection %s has no link %s", link->conn, link->child);
	return ENOENT;
}

/* All labels, LABEL_IN and each peer's LABEL_OUT. */
static void each_labels(struct vpnspi_state *state, void (*call)(struct vpnspi_labels *labels))
{
	enumerator_t *peers = state->peers->create_enumerator(state->peers);
	struct vpnspi_peer *peer;
	void *key;

	call(&state->in);
	while (peers->enumerate(peers, &key, &peer))
		call(&peer->out);
	peers->destroy(peers);
}

static int take(struct vpnspi_state *state, const struct vpnspi_request *request, char *text,
		size_t size)
{
	if (request->refused) {
		snprintf(text, size, "%s", request->refused);
		return EINVAL;
	}
	switch (request->type) {
	case VPNSPI_CONFIG:
		return take_config(state, &request->config);
	case VPNSPI_LABEL_IN:
		return take_in(state, &request->in, text, size);
	case VPNSPI_LABEL_IN_DEL:
		return take_in_del(state, &request->in, text, size);
	case VPNSPI_LABEL_OUT:
		return take_out(state, &request->out, text, size);
	case VPNSPI_LABEL_OUT_DEL:
		return take_out_del(state, &request->out, text, size);
	case VPNSPI_LINK:
		vpnspi_links_set(state->links, &request->link);
		return 0;
	case VPNSPI_LINK_DEL:
		return take_link_del(state, &request->link, text, size);
	case VPNSPI_SPOKE:
		return take_spoke(state, &request->spoke, text, size);
	case VPNSPI_SPOKE_DEL:
		vpnspi_links_spoke_unset(state->links, &request->spoke);
		vpnspi_left_review_locked(state, false);
		return 0;
	case VPNSPI_SYNC_BEGIN:
		each_labels(state, vpnspi_labels_sync_begin);
		vpnspi_links_sync_begin(state->links);
		return 0;
	case VPNSPI_SYNC_END:
		each_labels(state, vpnspi_labels_sync_end);
		vpnspi_links_sync_end(state->links);
		vpnspi_left_review_locked(state, true);
		return 0;
	default:
		return 0; /* COUNTERS_GET: a question */
	}
}

/* ---- answering */

/* The want that a request was about, or NULL. */
static const struct vpnspi_want *want_of(struct vpnspi_state *state,
					 const struct vpnspi_request *request)
{
	if (request->type == VPNSPI_LABEL_IN)
		return vpnspi_labels_get(&state->in, request->in.label);
	return NULL; /* of LABEL_OUT, OUT_IS says how it went */
}

struct outcome {
	int error;
	char *text;
};

static void answer(struct vpnspi_state *state, const struct vpnspi_request *request,
		   const struct outcome *outcome)
{
	const struct vpnspi_want *want = want_of(state, request);
	bool label = request->type >= VPNSPI_LABEL_IN && request->type <= VPNSPI_LABEL_OUT_DEL;

	if (request->type == VPNSPI_COUNTERS_GET && state->xfrm)
		vpnspi_peers_report_locked(state, true);
	if (outcome->error)
		done(state, request->id, outcome->error, outcome->text);
	else if (label && !state->xfrm)
		done(state, request->id, EOPNOTSUPP, state->xfrm_reason);
	else if (want && want->why)
		done(state, request->id, EIO, want->why);
	else
		done(state, request->id, 0, NULL);
}

void vpnspi_requests_run(struct vpnspi_state *state, const struct vpnspi_request *requests,
			 unsigned int count)
{
	struct outcome *outcomes = calloc(count + 1, sizeof(*outcomes));
	char text[VPNSPI_TEXT_SIZE];

	if (!outcomes)
		return;
	state->mutex->lock(state->mutex);
	for (unsigned int i = 0; i < count; i++) {
		outcomes[i].error = take(state, &requests[i], text, sizeof(text));
		if (outcomes[i].error)
			outcomes[i].text = strdup(text);
	}
	vpnspi_peers_apply_locked(state);
	for (unsigned int i = 0; i < count; i++)
		answer(state, &requests[i], &outcomes[i]);
	vpnspi_labels_settle(&state->in);
	state->mutex->unlock(state->mutex);
	for (unsigned int i = 0; i < count; i++)
		free(outcomes[i].text);
	free(outcomes);
}

void vpnspi_requests_greet(struct vpnspi_state *state)
{
	struct vpnspi_hello hello = { .magic = VPNSPI_MAGIC, .version = VPNSPI_VERSION };

	snprintf(hello.strongswan, sizeof(hello.strongswan), "%s", VERSION);
	state->mutex->lock(state->mutex);
	vpnspi_socket_send(state->socket, VPNSPI_HELLO, 0, &hello, sizeof(hello));
	vpnspi_peers_untold_locked(state);
	vpnspi_peers_report_locked(state, false);
	state->mutex->unlock(state->mutex);
}
