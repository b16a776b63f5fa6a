// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Peers and their generations; see vpnspi_peer.h for which one is sent on.
 */
#include "vpnspi_peer.h"

#include <processing/jobs/delete_child_sa_job.h>
#include <time.h>

#include "vpnspi_policy.h"
#include "vpnspi_socket.h"
#include "vpnspi_timer.h"

/* ---- life */

static struct vpnspi_peer *find_peer(struct vpnspi_state *state, const struct vpnspi_addr *addr)
{
	return state->peers->get(state->peers, addr);
}

struct vpnspi_peer *vpnspi_peer_get_locked(struct vpnspi_state *state,
					   const struct vpnspi_addr *addr)
{
	struct vpnspi_peer *peer = find_peer(state, addr);

	if (peer)
		return peer;
	INIT(peer, .addr = *addr, .gens = linked_list_create(), );
	vpnspi_labels_init(&peer->out);
	state->peers->put(state->peers, &peer->addr, peer);
	return peer;
}

static void destroy_gen(struct vpnspi_state *state, struct vpnspi_gen *gen)
{
	if (gen->held)
		vpnspi_pool_release(state->pool, &gen->in.prefix);
	vpnspi_gen_destroy(gen);
}

static void destroy_peer(struct vpnspi_state *state, struct vpnspi_peer *peer)
{
	struct vpnspi_gen *gen;

	if (state->xfrm)
		vpnspi_policy_out(state, &peer->out, true, NULL, VPNSPI_POLICY_REMOVE);
	while (peer->gens->remove_first(peer->gens, (void **)&gen) == SUCCESS) {
		if (state->xfrm) {
			vpnspi_half_clear(&gen->out, state->xfrm);
			vpnspi_half_clear(&gen->in, state->xfrm);
		}
		destroy_gen(state, gen);
	}
	peer->gens->destroy(peer->gens);
	vpnspi_labels_clear(&peer->out);
	free(peer);
}

void vpnspi_peers_destroy(struct vpnspi_state *state)
{
	enumerator_t *peers = state->peers->create_enumerator(state->peers);
	struct vpnspi_peer *peer;
	void *key;

	while (peers->enumerate(peers, &key, &peer)) {
		state->peers->remove_at(state->peers, peers);
		destroy_peer(state, peer);
	}
	peers->destroy(peers);
	state->peers->destroy(state->peers);
}

/* ---- finding generations */

typedef bool (*gen_match)(struct vpnspi_gen *gen, const void *what);

/* The newest generation of any peer that matches, and its peer. */
static struct vpnspi_gen *find_gen(struct vpnspi_state *state, gen_match match, const void *what,
				   struct vpnspi_peer **of)
{
	enumerator_t *peers = state->peers->create_enumerator(state->peers);
	struct vpnspi_gen *gen, *found = NULL;
	struct vpnspi_peer *peer;
	enumerator_t *gens;
	void *key;

	while (peers->enumerate(peers, &key, &peer)) {
		gens = peer->gens->create_enumerator(peer->gens);
		while (gens->enumerate(gens, &gen)) {
			if (!match(gen, what) || (found && found->id > gen->id))
				continue;
			found = gen;
			*of = peer;
		}
		gens->destroy(gens);
	}
	peers->destroy(peers);
	return found;
}

/* An SA by what charon calls it: our SPI and us, reserved or standing. */
static bool match_in(struct vpnspi_gen *gen, const void *what)
{
	const kernel_ipsec_sa_id_t *id = what;
	struct vpnspi_addr dst;

	if (!gen->held || gen->in.spi != ntohl(id->spi))
		return false;
	if (gen->in.stands)
		return vpnspi_half_is(&gen->in, id);
	dst = vpnspi_addr_from_host(id->dst);
	return !vpnspi_addr_same(&dst, &gen->peer);
}

static bool match_out(struct vpnspi_gen *gen, const void *what)
{
	return vpnspi_half_is(&gen->out, what);
}

static bool match_id(struct vpnspi_gen *gen, const void *what)
{
	return gen->id == *(const uint32_t *)what;
}

/* The one whose outbound half is to follow: the inbound half was made a moment ago. */
static bool match_half_made(struct vpnspi_gen *gen, const void *what)
{
	return gen->ike_id == *(const uint32_t *)what && gen->in.stands && !gen->out.stands &&
	       !gen->lingers && !gen->out.spi;
}

struct label_sa_id {
	uint32_t spi; /* host byte order */
	struct vpnspi_addr dst;
};

static bool match_label_sa(struct vpnspi_gen *gen, const void *what)
{
	const struct label_sa_id *id = what;

	return gen->in.stands && ((vpn_spi_in_pool(&gen->in.prefix, id->spi) &&
				   vpnspi_addr_same(&id->dst, &gen->in.form.dst)) ||
				  (gen->out.stands && vpn_spi_in_pool(&gen->out.prefix, id->spi) &&
				   vpnspi_addr_same(&id->dst, &gen->out.form.dst)));
}

/* ---- telling vpnd */

static void tell_out(struct vpnspi_state *state, struct vpnspi_peer *peer, struct vpnspi_want *want)
{
	struct vpnspi_out_is is = { .peer = peer->addr, .label = want->label, .if_id = want->if_id };
	bool up = peer->current && want->policy_if_id && !want->why;
	uint32_t spi = up ? vpn_spi_wire(&peer->current->out.prefix, want->label) : 0;

	if (want->gone || (want->told && want->up == up && want->spi == spi))
		return;
	want->told = true;
	want->up = up;
	want->spi = spi;
	is.label_len = want->label_len;
	is.up = up;
	is.spi = spi;
	if (!up)
		snprintf(is.text, sizeof(is.text), "%s",
			 want->why ? want->why : "there is no IPsec SA with the peer");
	vpnspi_socket_send(state->socket, VPNSPI_OUT_IS, 0, &is, sizeof(is));
}

static void tell_outs(struct vpnspi_state *state, struct vpnspi_peer *peer)
{
	enumerator_t *wants = peer->out.wants->create_enumerator(peer->out.wants);
	struct vpnspi_want *want;
	void *key;

	while (wants->enumerate(wants, &key, &want))
		tell_out(state, peer, want);
	wants->destroy(wants);
}

static void fill_overhead(struct vpnspi_peer_is *is, const struct vpnspi_form *form)
{
	is->encap = form->sport != 0;
	is->overhead = (form->dst.family == AF_INET ? 20 : 40) + (is->encap ? 8 : 0) + 8 +
		       form->enc->iv;
	is->trailer = (form->integ ? form->integ->icv : form->enc->icv) / 8;
	is->block = form->enc->block;
}

static uint32_t seconds_left(time_t until)
{
	time_t now = time_monotonic(NULL);

	return !until ? 0 : until > now ? until - now : 1;
}

static void tell_peer(struct vpnspi_state *state, struct vpnspi_peer *peer, const char *why)
{
	struct vpnspi_peer_is is = { .peer = peer->addr, .local = peer->local };
	struct vpnspi_gen *gen;
	enumerator_t *gens;

	peer->known = true;
	is.rekeys = peer->rekeys;
	gens = peer->gens->create_enumerator(peer->gens);
	while (gens->enumerate(gens, &gen))
		is.generations += gen->in.stands;
	gens->destroy(gens);
	gen = peer->current;
	if (gen) {
		is.state = VPNSPI_PEER_UP;
		is.prefix_in = gen->in.spi;
		is.prefix_out = gen->out.spi;
		is.labels_in = vpnspi_half_labels(&gen->in);
		is.labels_out = vpnspi_half_labels(&gen->out);
		is.rekey_in = seconds_left(gen->rekey_at);
		fill_overhead(&is, &gen->out.form);
		snprintf(is.proposal, sizeof(is.proposal), "%s", peer->proposal);
	} else {
		snprintf(is.text, sizeof(is.text), "%s",
			 why ? why : "there is no IPsec SA with the peer");
	}
	vpnspi_socket_send(state->socket, VPNSPI_PEER_IS, 0, &is, sizeof(is));
}

/* Monotonic ms: since when none of its IKE_SAs is answered; 0: one is. */
static int64_t silent_since(struct vpnspi_peer *peer)
{
	enumerator_t *gens = peer->gens->create_enumerator(peer->gens);
	struct vpnspi_gen *gen;
	int64_t since = 0;
	bool answers = false;

	while (gens->enumerate(gens, &gen)) {
		if (!gen->in.stands && !gen->out.stands)
			continue;
		answers |= !gen->silent;
		since = max(since, gen->silent);
	}
	gens->destroy(gens);
	return answers ? 0 : since;
}

/* What has changed about it, or, if it does not answer, that it still does not. */
static void tell_silence(struct vpnspi_state *state, struct vpnspi_peer *peer)
{
	struct vpnspi_silent silent = { .peer = peer->addr };
	int64_t since = silent_since(peer);

	if (!since && !peer->silent)
		return;
	peer->silent = since != 0;
	if (since)
		silent.since = max(vpnspi_now_ms() - since, (int64_t)1);
	vpnspi_socket_send(state->socket, VPNSPI_SILENT, 0, &silent, sizeof(silent));
}

static void add_counts(struct vpnspi_counters *to, const struct vpnspi_gen *gen)
{
	to->bytes_in += gen->in.counts.bytes;
	to->packets_in += gen->in.counts.packets;
	to->bytes_out += gen->out.counts.bytes;
	to->packets_out += gen->out.counts.packets;
}

static void tell_counters(struct vpnspi_state *state, struct vpnspi_peer *peer)
{
	struct vpnspi_counters counters = peer->past;
	struct vpnspi_gen *gen;
	enumerator_t *gens;

	counters.peer = peer->addr;
	gens = peer->gens->create_enumerator(peer->gens);
	while (gens->enumerate(gens, &gen)) {
		if (gen->in.stands)
			vpnspi_half_count(&gen->in, state->xfrm, true);
		if (gen->out.stands || gen->lingers)
			vpnspi_half_count(&gen->out, state->xfrm, true);
		add_counts(&counters, gen);
	}
	gens->destroy(gens);
	vpnspi_socket_send(state->socket, VPNSPI_COUNTERS, 0, &counters, sizeof(counters));
}

void vpnspi_peers_report_locked(struct vpnspi_state *state, bool counters)
{
	enumerator_t *peers = state->peers->create_enumerator(state->peers);
	struct vpnspi_peer *peer;
	void *key;

	while (peers->enumerate(peers, &key, &peer)) {
		tell_peer(state, peer, NULL);
		tell_silence(state, peer);
		if (counters)
			tell_counters(state, peer);
	}
	peers->destroy(peers);
}

void vpnspi_peers_untold_locked(struct vpnspi_state *state)
{
	enumerator_t *peers = state->peers->create_enumerator(state->peers);
	struct vpnspi_peer *peer;
	struct vpnspi_want *want;
	enumerator_t *wants;
	void *key;

	while (peers->enumerate(peers, &key, &peer)) {
		wants = peer->out.wants->create_enumerator(peer->out.wants);
		while (wants->enumerate(wants, &key, &want))
			want->told = false;
		wants->destroy(wants);
	}
	peers->destroy(peers);
}

/* Logs why something was refused, and tells vpnd. */
static enum vpnspi_answer refuse(struct vpnspi_state *state, const struct vpnspi_addr *peer,
				 const char *why)
{
	vpnspi_socket_alert(state->socket, peer, "%s", why);
	return VPNSPI_REFUSED;
}

/* ---- which generation is sent on */

static int merit(const struct vpnspi_gen *gen)
{
	return gen->concluded ? 2 : gen->confirmed ? 1 : 0;
}

/* A peer that negotiates anew by another IKE_SA may have lost all of before. */
static bool supersedes(const struct vpnspi_gen *gen, const struct vpnspi_gen *current)
{
	return gen->id > current->id && gen->ike_id != current->ike_id && merit(gen);
}

static struct vpnspi_gen *choose(struct vpnspi_peer *peer)
{
	struct vpnspi_gen *gen, *best = NULL, *current = peer->current;
	enumerator_t *gens;

	if (current && !current->out.stands)
		current = NULL;
	gens = peer->gens->create_enumerator(peer->gens);
	while (gens->enumerate(gens, &gen)) {
		if (!gen->out.stands)
			continue;
		if (current ? supersedes(gen, current) : !best || merit(gen) >= merit(best))
			best = gen;
	}
	gens->destroy(gens);
	if (best && !merit(best) && !peer->current)
		return NULL; /* it waits for a sign of the peer */
	return best ? best : current;
}

/* Chooses again; if another is to be sent on, the policies follow and vpnd hears of it. */
static void elect(struct vpnspi_state *state, struct vpnspi_peer *peer, const char *why)
{
	struct vpnspi_gen *chosen = choose(peer), *was = peer->current;

	if (chosen == was)
		return;
	peer->current = chosen;
	vpnspi_policy_out(state, &peer->out, true, chosen, VPNSPI_POLICY_REMOVE);
	vpnspi_policy_out(state, &peer->out, true, chosen, VPNSPI_POLICY_MAKE);
	if (chosen && was)
		peer->rekeys++;
	else
		peer->rekeys = 0;
	tell_peer(state, peer, why);
	tell_outs(state, peer);
}

/* ---- charon: get_spi */

static const char *check_reserve(struct vpnspi_state *state, const struct vpnspi_ike *ike,
				 const struct vpnspi_addr *local, uint8_t protocol)
{
	if (!state->xfrm)
		return state->xfrm_reason;
	if (!state->configured || state->config.local.family == AF_UNSPEC)
		return "no provider edge is configured here (vpnd has not said one)";
	if (!vpnspi_addr_same(local, &state->config.local))
		return "IKE runs on an address that is not the provider edge's local-address";
	if (protocol != IPPROTO_ESP)
		return "only ESP carries VPN labels, the proposal is for AH";
	if (ike->prf == PRF_UNDEFINED)
		return "the IKE proposal has no PRF to derive label keys with";
	return NULL;
}

static enum vpnspi_answer reserve(struct vpnspi_state *state, const struct vpnspi_ike *ike,
				  const struct vpnspi_addr *remote, const struct vpnspi_addr *local,
				  uint32_t *spi)
{
	struct vpn_spi_prefix prefix;
	char why[VPNSPI_TEXT_SIZE];
	struct vpnspi_peer *peer;
	struct vpnspi_gen *gen;

	vpnspi_pool_set_len(state->pool, state->config.prefix_len);
	if (!vpnspi_pool_take(state->pool, remote, &prefix, why, sizeof(why)))
		return refuse(state, remote, why);
	peer = vpnspi_peer_get_locked(state, remote);
	gen = vpnspi_gen_create(state->next_gen++, remote, local, &prefix);
	gen->held = true;
	gen->ike_id = ike->id;
	gen->prf = ike->prf;
	peer->gens->insert_last(peer->gens, gen);
	*spi = htonl(gen->in.spi);
	return VPNSPI_TAKEN;
}

enum vpnspi_answer vpnspi_peer_get_spi(struct vpnspi_state *state, const struct vpnspi_ike *ike,
				       host_t *remote, host_t *local, uint8_t protocol,
				       uint32_t *spi)
{
	struct vpnspi_addr peer = vpnspi_addr_from_host(remote);
	struct vpnspi_addr self = vpnspi_addr_from_host(local);
	enum vpnspi_answer answer;
	const char *why;

	state->mutex->lock(state->mutex);
	why = check_reserve(state, ike, &self, protocol);
	answer = why ? refuse(state, &peer, why) : reserve(state, ike, &peer, &self, spi);
	state->mutex->unlock(state->mutex);
	return answer;
}

/* ---- charon: add_sa */

/* Time to rekey and to end, from the first half that is made. */
static void set_times(struct vpnspi_state *state, struct vpnspi_gen *gen,
		      const lifetime_cfg_t *lifetime)
{
	uint64_t life = lifetime->time.life ? lifetime->time.life : VPNSPI_LIFE_DEFAULT;
	uint64_t rekey = lifetime->time.rekey;
	time_t now = time_monotonic(NULL);

	if (!lifetime->time.life && !rekey)
		rekey = life - life / 10;
	gen->expire_at = now + life;
	vpnspi_timer_start(state, VPNSPI_TIMER_EXPIRE, gen->id, life * 1000);
	if (!rekey)
		return;
	gen->rekey_at = now + rekey;
	vpnspi_timer_start(state, VPNSPI_TIMER_REKEY, gen->id, rekey * 1000);
}

/* NAT may have moved the peer since the SPI was reserved. */
static struct vpnspi_peer *follow_peer(struct vpnspi_state *state, struct vpnspi_peer *peer,
				       struct vpnspi_gen *gen)
{
	gen->local = gen->in.form.dst;
	if (vpnspi_addr_same(&gen->peer, &gen->in.form.src))
		return peer;
	peer->gens->remove(peer->gens, gen, NULL);
	gen->peer = gen->in.form.src;
	peer = vpnspi_peer_get_locked(state, &gen->peer);
	peer->gens->insert_last(peer->gens, gen);
	return peer;
}

static const char *first_why(const struct vpnspi_labels *labels, char *buf, size_t size)
{
	enumerator_t *wants = labels->wants->create_enumerator(labels->wants);
	struct vpnspi_want *want;
	void *key;

	snprintf(buf, size, "inbound label SAs could not be made");
	while (wants->enumerate(wants, &key, &want)) {
		if (!want->why)
			continue;
		snprintf(buf, size, "%s", want->why);
		break;
	}
	wants->destroy(wants);
	return buf;
}

static enum vpnspi_answer add_in(struct vpnspi_state *state, kernel_ipsec_sa_id_t *id,
				 kernel_ipsec_add_sa_t *data)
{
	struct vpnspi_peer *peer;
	struct vpnspi_gen *gen = find_gen(state, match_in, id, &peer);
	char why[VPNSPI_TEXT_SIZE];

	if (!gen) {
		struct vpnspi_addr remote = vpnspi_addr_from_host(id->src);

		return refuse(state, &remote, "the SPI of the CHILD_SA is not of the VPN-SPI pool");
	}
	if (!vpnspi_half_set(&gen->in, id, data, why, sizeof(why)))
		return refuse(state, &gen->peer, why);
	peer = follow_peer(state, peer, gen);
	set_times(state, gen, data->lifetime);
	if (!vpnspi_half_apply(gen, &gen->in, state->xfrm, &state->in, true, &state->next_reqid))
		return refuse(state, &peer->addr, first_why(&state->in, why, sizeof(why)));
	return VPNSPI_TAKEN;
}

static bool same_out_spi(struct vpnspi_peer *peer, const struct vpnspi_gen *but, uint32_t spi)
{
	struct vpnspi_gen *gen;
	enumerator_t *gens = peer->gens->create_enumerator(peer->gens);
	bool same = false;

	while (gens->enumerate(gens, &gen))
		same |= gen != but && gen->out.spi == spi && (gen->out.stands || gen->lingers);
	gens->destroy(gens);
	return same;
}

/* Takes the peer's SPI apart.  NULL if it will do, else why not. */
static const char *take_peer_spi(struct vpnspi_peer *peer, struct vpnspi_gen *gen, uint32_t spi)
{
	enum vpn_spi_status status = vpn_spi_ike_decode(spi, &gen->out.prefix);

	if (status != VPN_SPI_OK)
		return vpn_spi_status_str(status);
	if (same_out_spi(peer, gen, spi))
		return "the peer gave the SPI prefix of another CHILD_SA again";
	return NULL;
}

static void note_proposal(struct vpnspi_peer *peer, const kernel_ipsec_add_sa_t *data,
			  const struct vpnspi_half *half)
{
	int bits = (half->form.enc_len - half->form.enc->salt) * 8;
	const char *integ = "";

	if (half->form.integ)
		integ = enum_to_name(integrity_algorithm_names, data->int_alg);
	snprintf(peer->proposal, sizeof(peer->proposal), "ESP:%s_%d%s%s%s",
		 enum_to_name(encryption_algorithm_names, data->enc_alg), bits, *integ ? "/" : "",
		 integ, data->esn ? "/EXT_SEQ" : "/NO_EXT_SEQ");
}

static enum vpnspi_answer add_out(struct vpnspi_state *state, const struct vpnspi_ike *ike,
				  kernel_ipsec_sa_id_t *id, kernel_ipsec_add_sa_t *data)
{
	struct vpnspi_addr remote = vpnspi_addr_from_host(id->dst);
	char buf[VPNSPI_TEXT_SIZE];
	struct vpnspi_peer *peer;
	struct vpnspi_gen *gen = find_gen(state, match_half_made, &ike->id, &peer);
	const char *why;

	if (!gen)
		return refuse(state, &remote, "an outbound SA without an inbound one");
	why = take_peer_spi(peer, gen, ntohl(id->spi));
	if (why)
		return refuse(state, &remote, why);
	if (!vpnspi_half_set(&gen->out, id, data, buf, sizeof(buf)))
		return refuse(state, &remote, buf);
	note_proposal(peer, data, &gen->out);
	peer->local = gen->local;
	/* a label that cannot be sent on is down by itself; its OUT_IS says why */
	(void)vpnspi_half_apply(gen, &gen->out, state->xfrm, &peer->out, true, &state->next_reqid);
	gen->confirmed = data->initiator || !ike->v2;
	if (!gen->confirmed)
		__atomic_store_n(&state->waiting, true, __ATOMIC_RELEASE);
	elect(state, peer, NULL);
	tell_silence(state, peer);
	tell_outs(state, peer);
	if (!peer->current)
		vpnspi_timer_start(state, VPNSPI_TIMER_ASK, ike->id, 0);
	return VPNSPI_TAKEN;
}

enum vpnspi_answer vpnspi_peer_add_sa(struct vpnspi_state *state, const struct vpnspi_ike *ike,
				      kernel_ipsec_sa_id_t *id, kernel_ipsec_add_sa_t *data)
{
	enum vpnspi_answer answer;

	state->mutex->lock(state->mutex);
	if (!state->xfrm)
		answer = VPNSPI_REFUSED; /* get_spi has said why */
	else if (data->inbound)
		answer = add_in(state, id, data);
	else
		answer = add_out(state, ike, id, data);
	state->mutex->unlock(state->mutex);
	return answer;
}

/* ---- charon: del_sa */

/* Nothing is left of a generation: forget it. */
static void forget_if_empty(struct vpnspi_state *state, struct vpnspi_peer *peer,
			    struct vpnspi_gen *gen)
{
	if (gen->held || gen->out.stands || gen->lingers)
		return;
	add_counts(&peer->past, gen);
	peer->gens->remove(peer->gens, gen, NULL);
	destroy_gen(state, gen);
}

static void del_in(struct vpnspi_state *state, struct vpnspi_peer *peer, struct vpnspi_gen *gen)
{
	vpnspi_half_count(&gen->in, state->xfrm, true);
	vpnspi_half_clear(&gen->in, state->xfrm);
	vpnspi_pool_release(state->pool, &gen->in.prefix);
	gen->held = false;
	forget_if_empty(state, peer, gen);
	if (peer->known)
		tell_peer(state, peer, NULL);
	tell_silence(state, peer);
}

static void del_out(struct vpnspi_state *state, struct vpnspi_peer *peer, struct vpnspi_gen *gen)
{
	gen->out.stands = false;
	gen->lingers = true;
	elect(state, peer, "the IPsec SA with the peer has ended");
	vpnspi_timer_start(state, VPNSPI_TIMER_LINGER, gen->id, VPNSPI_LINGER_MS);
}

void vpnspi_peer_linger_end(struct vpnspi_state *state, uint32_t id)
{
	struct vpnspi_peer *peer;
	struct vpnspi_gen *gen;

	state->mutex->lock(state->mutex);
	gen = find_gen(state, match_id, &id, &peer);
	if (gen && gen->lingers) {
		vpnspi_half_count(&gen->out, state->xfrm, true);
		vpnspi_half_clear(&gen->out, state->xfrm);
		gen->lingers = false;
		forget_if_empty(state, peer, gen);
	}
	state->mutex->unlock(state->mutex);
}

static bool match_in_spi(struct vpnspi_gen *gen, const void *what)
{
	return gen->in.stands && gen->in.spi == ntohl(*(const uint32_t *)what);
}

/* Charon sends on these CHILD_SAs. */
static void mark_concluded(struct vpnspi_state *state, const uint32_t *spis, unsigned int count)
{
	struct vpnspi_peer *peer;
	struct vpnspi_gen *gen;

	for (unsigned int i = 0; i < count; i++) {
		gen = find_gen(state, match_in_spi, &spis[i], &peer);
		if (gen)
			gen->concluded = true;
	}
}

enum vpnspi_answer vpnspi_peer_del_sa(struct vpnspi_state *state, kernel_ipsec_sa_id_t *id,
				      const uint32_t *concluded, unsigned int count)
{
	struct vpnspi_peer *peer;
	struct vpnspi_gen *gen;
	enum vpnspi_answer answer = VPNSPI_TAKEN;

	state->mutex->lock(state->mutex);
	mark_concluded(state, concluded, count);
	if ((gen = find_gen(state, match_in, id, &peer)))
		del_in(state, peer, gen);
	else if ((gen = find_gen(state, match_out, id, &peer)))
		del_out(state, peer, gen);
	else
		answer = VPNSPI_NOT_OURS;
	state->mutex->unlock(state->mutex);
	return answer;
}

/* ---- charon: questions */

enum vpnspi_answer vpnspi_peer_query_sa(struct vpnspi_state *state, kernel_ipsec_sa_id_t *id,
					uint64_t *bytes, uint64_t *packets, time_t *used)
{
	enum vpnspi_answer answer = VPNSPI_NOT_OURS;
	struct vpnspi_half *half = NULL;
	struct vpnspi_peer *peer;
	struct vpnspi_gen *gen;

	state->mutex->lock(state->mutex);
	if ((gen = find_gen(state, match_in, id, &peer)))
		half = &gen->in;
	else if ((gen = find_gen(state, match_out, id, &peer)))
		half = &gen->out;
	if (half) {
		answer = vpnspi_half_count(half, state->xfrm, false) ? VPNSPI_TAKEN : VPNSPI_REFUSED;
		*bytes = half->counts.bytes;
		*packets = half->counts.packets;
		if (used)
			*used = half->counts.last_used
					? time_monotonic(NULL) -
						  (time(NULL) - half->counts.last_used)
					: 0;
	}
	state->mutex->unlock(state->mutex);
	return answer;
}

bool vpnspi_peer_owns(struct vpnspi_state *state, uint32_t spi, host_t *dst)
{
	kernel_ipsec_sa_id_t id = { .dst = dst, .spi = spi };
	struct vpnspi_peer *peer;
	bool owns;

	if (!spi)
		return false;
	state->mutex->lock(state->mutex);
	owns = find_gen(state, match_in, &id, &peer) || find_gen(state, match_out, &id, &peer);
	state->mutex->unlock(state->mutex);
	return owns;
}

/* ---- signs of the peer, and time */

/* Returns whether generations of the peer still wait. */
static bool confirm(struct vpnspi_state *state, struct vpnspi_peer *peer, uint32_t ike_id,
		    bool request)
{
	enumerator_t *gens = peer->gens->create_enumerator(peer->gens);
	struct vpnspi_gen *gen;
	bool confirmed = false, waiting = false;

	while (gens->enumerate(gens, &gen)) {
		if (!gen->out.stands || gen->confirmed)
			continue;
		if (gen->ike_id != ike_id || (!request && !gen->asked)) {
			waiting = true;
			continue;
		}
		gen->confirmed = true;
		confirmed = true;
	}
	gens->destroy(gens);
	if (confirmed)
		elect(state, peer, NULL);
	return waiting;
}

void vpnspi_peer_heard(struct vpnspi_state *state, uint32_t ike_id, bool request)
{
	struct vpnspi_peer *peer;
	enumerator_t *peers;
	bool waiting = false;
	void *key;

	/* nearly always: the bus must not wait for a long batch then */
	if (!__atomic_load_n(&state->waiting, __ATOMIC_ACQUIRE))
		return;
	state->mutex->lock(state->mutex);
	peers = state->peers->create_enumerator(state->peers);
	while (peers->enumerate(peers, &key, &peer))
		waiting |= confirm(state, peer, ike_id, request);
	peers->destroy(peers);
	__atomic_store_n(&state->waiting, waiting, __ATOMIC_RELEASE);
	state->mutex->unlock(state->mutex);
}

static bool match_in_sa(struct vpnspi_gen *gen, const void *what)
{
	return gen->in.stands && vpnspi_half_is(&gen->in, what);
}

void vpnspi_peer_silent(struct vpnspi_state *state, uint32_t spi, host_t *local, int64_t asked)
{
	kernel_ipsec_sa_id_t id = { .dst = local, .spi = spi };
	struct vpnspi_peer *peer;
	struct vpnspi_gen *gen;

	state->mutex->lock(state->mutex);
	gen = find_gen(state, match_in_sa, &id, &peer);
	if (gen) {
		gen->silent = asked;
		tell_silence(state, peer);
	}
	state->mutex->unlock(state->mutex);
}

static bool match_unasked(struct vpnspi_gen *gen, const void *what)
{
	return gen->ike_id == *(const uint32_t *)what && gen->out.stands && !gen->confirmed &&
	       !gen->asked;
}

bool vpnspi_peer_ask(struct vpnspi_state *state, uint32_t ike_id)
{
	struct vpnspi_peer *peer;
	struct vpnspi_gen *gen;

	state->mutex->lock(state->mutex);
	gen = find_gen(state, match_unasked, &ike_id, &peer);
	if (gen)
		gen->asked = true;
	state->mutex->unlock(state->mutex);
	return gen != NULL;
}

bool vpnspi_peer_parent(struct vpnspi_state *state, uint32_t wire_spi, host_t *sa_dst,
			uint32_t *spi, host_t **dst)
{
	struct label_sa_id id = { ntohl(wire_spi), vpnspi_addr_from_host(sa_dst) };
	struct vpnspi_peer *peer;
	struct vpnspi_gen *gen;

	state->mutex->lock(state->mutex);
	gen = find_gen(state, match_label_sa, &id, &peer);
	if (gen) {
		*spi = htonl(gen->in.spi);
		*dst = vpnspi_addr_to_host(&gen->local);
	}
	state->mutex->unlock(state->mutex);
	return gen != NULL;
}

bool vpnspi_peer_timer(struct vpnspi_state *state, uint32_t id, bool rekey, uint32_t *spi,
		       host_t **dst)
{
	struct vpnspi_peer *peer;
	struct vpnspi_gen *gen;
	bool due;

	state->mutex->lock(state->mutex);
	gen = find_gen(state, match_id, &id, &peer);
	due = gen && gen->in.stands && !(rekey && gen->rekeying);
	if (due) {
		gen->rekeying |= rekey;
		*spi = htonl(gen->in.spi);
		*dst = vpnspi_addr_to_host(&gen->local);
	}
	state->mutex->unlock(state->mutex);
	return due;
}

/* ---- vpnd's side */

/* Reasons of before are not those of now. */
static void clear_whys(struct vpnspi_labels *labels)
{
	for (unsigned int i = 0; i < labels->touched.count; i++) {
		struct vpnspi_want *want = vpnspi_labels_get(labels, labels->touched.label[i]);

		if (want)
			vpnspi_want_why(want, NULL);
	}
}

static void apply_in_sas(struct vpnspi_state *state)
{
	enumerator_t *peers = state->peers->create_enumerator(state->peers);
	struct vpnspi_peer *peer;
	struct vpnspi_gen *gen;
	enumerator_t *gens;
	void *key;

	while (peers->enumerate(peers, &key, &peer)) {
		gens = peer->gens->create_enumerator(peer->gens);
		while (gens->enumerate(gens, &gen))
			if (gen->in.stands)
				(void)vpnspi_half_apply(gen, &gen->in, state->xfrm, &state->in,
							false, &state->next_reqid);
		gens->destroy(gens);
	}
	peers->destroy(peers);
}

static void apply_in(struct vpnspi_state *state)
{
	if (!state->in.touched.count && !state->in.touched.all)
		return;
	clear_whys(&state->in);
	vpnspi_policy_in(state, VPNSPI_POLICY_REMOVE);
	apply_in_sas(state);
	vpnspi_policy_in(state, VPNSPI_POLICY_MAKE);
}

static void apply_out(struct vpnspi_state *state, struct vpnspi_peer *peer)
{
	struct vpnspi_labels *labels = &peer->out;
	struct vpnspi_gen *gen;
	enumerator_t *gens;

	if (!labels->touched.count && !labels->touched.all)
		return;
	clear_whys(labels);
	vpnspi_policy_out(state, labels, false, peer->current, VPNSPI_POLICY_REMOVE);
	gens = peer->gens->create_enumerator(peer->gens);
	while (gens->enumerate(gens, &gen))
		if (gen->out.stands)
			(void)vpnspi_half_apply(gen, &gen->out, state->xfrm, labels, false,
						&state->next_reqid);
	gens->destroy(gens);
	vpnspi_policy_out(state, labels, false, peer->current, VPNSPI_POLICY_MAKE);
	for (unsigned int i = 0; i < labels->touched.count; i++) {
		struct vpnspi_want *want = vpnspi_labels_get(labels, labels->touched.label[i]);

		if (want)
			tell_out(state, peer, want);
	}
	if (labels->touched.all)
		tell_outs(state, peer);
	vpnspi_labels_settle(labels);
}

void vpnspi_peers_apply_locked(struct vpnspi_state *state)
{
	enumerator_t *peers;
	struct vpnspi_peer *peer;
	void *key;

	if (!state->xfrm)
		return;
	apply_in(state);
	peers = state->peers->create_enumerator(state->peers);
	while (peers->enumerate(peers, &key, &peer))
		apply_out(state, peer);
	peers->destroy(peers);
}

void vpnspi_peers_drop_locked(struct vpnspi_state *state, const struct vpnspi_addr *keep)
{
	enumerator_t *peers = state->peers->create_enumerator(state->peers);
	struct vpnspi_peer *peer;
	struct vpnspi_gen *gen;
	enumerator_t *gens;
	host_t *local;
	void *key;

	while (peers->enumerate(peers, &key, &peer)) {
		gens = peer->gens->create_enumerator(peer->gens);
		while (gens->enumerate(gens, &gen)) {
			if (!gen->in.stands || (keep && vpnspi_addr_same(keep, &gen->local)))
				continue;
			local = vpnspi_addr_to_host(&gen->local);
			lib->processor
				->queue_job(lib->processor,
					    (job_t *)delete_child_sa_job_create(PROTO_ESP,
										htonl(gen->in.spi),
										local, FALSE));
			local->destroy(local);
		}
		gens->destroy(gens);
	}
	peers->destroy(peers);
}
