// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A generation: one CHILD_SA of a peer; see vpnspi_gen.h for its life cycle.
 */
#include "vpnspi_gen.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vpnspi_addr.h"

#define KEY_PAGE 4096

/* ---- keys */

/* A page that is not written to swap.  Without the right to lock it is a plain page. */
static uint8_t *key_page_create(void)
{
	void *page = mmap(NULL, KEY_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			  0);

	if (page == MAP_FAILED)
		return NULL;
	if (mlock(page, KEY_PAGE) < 0)
		DBG2(DBG_CHD, "vpnspi: keys cannot be locked in memory: %s", strerror(errno));
	(void)madvise(page, KEY_PAGE, MADV_DONTDUMP);
	return page;
}

static void key_page_destroy(uint8_t *page)
{
	if (!page)
		return;
	memwipe(page, KEY_PAGE);
	munmap(page, KEY_PAGE);
}

/* ---- life */

struct vpnspi_gen *vpnspi_gen_create(uint32_t id, const struct vpnspi_addr *peer,
				     const struct vpnspi_addr *local,
				     const struct vpn_spi_prefix *prefix)
{
	struct vpnspi_gen *gen;

	INIT(gen, .id = id, .peer = *peer, .local = *local, );
	gen->in.prefix = *prefix;
	gen->in.spi = vpn_spi_ike_encode(prefix);
	gen->in.sas = hashtable_create(hashtable_hash_ptr, hashtable_equals_ptr, 32);
	gen->out.sas = hashtable_create(hashtable_hash_ptr, hashtable_equals_ptr, 32);
	return gen;
}

static void free_cb(void *value, const void *key)
{
	(void)key;
	free(value);
}

void vpnspi_gen_destroy(struct vpnspi_gen *gen)
{
	key_page_destroy(gen->in.key);
	key_page_destroy(gen->out.key);
	gen->in.sas->destroy_function(gen->in.sas, free_cb);
	gen->out.sas->destroy_function(gen->out.sas, free_cb);
	free(gen);
}

/* ---- what charon says */

static bool set_algorithms(struct vpnspi_form *form, const kernel_ipsec_add_sa_t *data,
			   char *reason, size_t reason_size)
{
	form->enc = vpnspi_encryption_find(data->enc_alg);
	if (!form->enc) {
		snprintf(reason, reason_size,
			 "esp proposal: encryption algorithm %u of IKE is not supported for label SAs",
			 data->enc_alg);
		return false;
	}
	form->integ = data->int_alg == AUTH_UNDEFINED ? NULL : vpnspi_integrity_find(data->int_alg);
	if (!form->enc->aead && !form->integ) {
		snprintf(reason, reason_size,
			 "esp proposal: integrity algorithm %u of IKE is not supported for label SAs",
			 data->int_alg);
		return false;
	}
	form->enc_len = data->enc_key.len;
	form->integ_len = form->enc->aead ? 0 : data->int_key.len;
	if (form->enc_len + form->integ_len > VPNSPI_KEY_MAX) {
		snprintf(reason, reason_size, "esp proposal: keys of %u octets are too long",
			 form->enc_len + form->integ_len);
		return false;
	}
	return true;
}

static bool set_kind(const kernel_ipsec_sa_id_t *id, const kernel_ipsec_add_sa_t *data,
		     char *reason, size_t reason_size)
{
	const char *why = NULL;

	if (id->proto != IPPROTO_ESP)
		why = "only ESP carries VPN labels, AH was negotiated";
	else if (data->mode != MODE_TUNNEL)
		why = "only tunnel mode carries VPN labels, another mode was negotiated";
	else if (data->ipcomp != IPCOMP_NONE)
		why = "IPComp was negotiated, which VPN labels do not work with";
	if (why)
		snprintf(reason, reason_size, "%s", why);
	return !why;
}

static uint64_t soft_packets(const kernel_ipsec_add_sa_t *data)
{
	uint64_t rekey = data->lifetime->packets.rekey;

	if (data->esn)
		return rekey;
	return rekey && rekey < VPNSPI_PACKETS_SOFT ? rekey : VPNSPI_PACKETS_SOFT;
}

static void set_form(struct vpnspi_form *form, const kernel_ipsec_sa_id_t *id,
		     const kernel_ipsec_add_sa_t *data)
{
	form->src = vpnspi_addr_from_host(id->src);
	form->dst = vpnspi_addr_from_host(id->dst);
	form->sport = data->encap ? id->src->get_port(id->src) : 0;
	form->dport = data->encap ? id->dst->get_port(id->dst) : 0;
	form->inbound = data->inbound;
	form->window = max(data->replay_window, 64);
	form->esn = data->esn;
	form->no_ecn = !data->copy_ecn;
	form->no_df = !data->inbound && !data->copy_df;
	form->decap_dscp = data->inbound && (data->copy_dscp == DSCP_COPY_YES ||
					     data->copy_dscp == DSCP_COPY_IN_ONLY);
	form->no_encap_dscp = !data->inbound && (data->copy_dscp == DSCP_COPY_NO ||
						 data->copy_dscp == DSCP_COPY_IN_ONLY);
	form->soft_packets = soft_packets(data);
	form->hard_packets = data->lifetime->packets.life;
	form->soft_bytes = data->lifetime->bytes.rekey;
	form->hard_bytes = data->lifetime->bytes.life;
}

bool vpnspi_half_set(struct vpnspi_half *half, const kernel_ipsec_sa_id_t *id,
		     const kernel_ipsec_add_sa_t *data, char *reason, size_t reason_size)
{
	struct vpnspi_form *form = &half->form;

	if (!set_kind(id, data, reason, reason_size) ||
	    !set_algorithms(form, data, reason, reason_size))
		return false;
	set_form(form, id, data);
	half->key = key_page_create();
	if (!half->key) {
		snprintf(reason, reason_size, "out of memory");
		return false;
	}
	memcpy(half->key, data->enc_key.ptr, form->enc_len);
	memcpy(half->key + form->enc_len, data->int_key.ptr, form->integ_len);
	half->spi = ntohl(id->spi);
	half->stands = true;
	return true;
}

bool vpnspi_half_is(const struct vpnspi_half *half, const kernel_ipsec_sa_id_t *id)
{
	struct vpnspi_addr dst;

	if (!half->stands || half->spi != ntohl(id->spi))
		return false;
	dst = vpnspi_addr_from_host(id->dst);
	return vpnspi_addr_same(&dst, &half->form.dst);
}

/* ---- label SAs */

struct vpnspi_label_sa *vpnspi_half_find(const struct vpnspi_half *half, uint32_t label)
{
	return half->sas->get(half->sas, vpnspi_label_key(label));
}

unsigned int vpnspi_half_labels(const struct vpnspi_half *half)
{
	enumerator_t *sas = half->sas->create_enumerator(half->sas);
	struct vpnspi_label_sa *sa;
	unsigned int count = 0;
	void *key;

	while (sas->enumerate(sas, &key, &sa))
		count += sa->if_id != VPNSPI_IF_ID_PARKED;
	sas->destroy(sas);
	return count;
}

void vpnspi_want_why(struct vpnspi_want *want, const char *why)
{
	free(want->why);
	want->why = why ? strdup(why) : NULL;
}

/* One step towards what is wanted, on its way to the kernel. */
struct pending {
	struct vpnspi_want *want;
	struct vpnspi_label_sa *sa; /* the one that stands, or NULL */
	uint32_t label;
	uint32_t reqid;
	struct vpnspi_step step;
	int result;
};

/* All the steps of one apply; results are written into it, so it never moves. */
struct steps {
	struct pending *pending;
	unsigned int count;
	unsigned int room;
};

static void plan(struct steps *steps, struct vpnspi_half *half, const struct vpnspi_labels *labels,
		 uint32_t label, uint32_t *next_reqid)
{
	struct vpnspi_want *want = vpnspi_labels_get(labels, label);
	struct vpnspi_label_sa *sa = vpnspi_half_find(half, label);
	struct vpnspi_step step = vpnspi_labels_diff(want, sa);

	if (step.kind == VPNSPI_STEP_NONE || steps->count == steps->room)
		return;
	steps->pending[steps->count++] = (struct pending){
		.want = want,
		.sa = sa,
		.label = label,
		.reqid = sa ? sa->reqid : VPNSPI_REQID_BASE | (*next_reqid)++,
		.step = step,
	};
}

static void plan_touched(struct steps *steps, struct vpnspi_half *half,
			 const struct vpnspi_labels *labels, uint32_t *next_reqid)
{
	for (unsigned int i = 0; i < labels->touched.count; i++)
		plan(steps, half, labels, labels->touched.label[i], next_reqid);
}

static void plan_all(struct steps *steps, struct vpnspi_half *half,
		     const struct vpnspi_labels *labels, uint32_t *next_reqid)
{
	enumerator_t *each = labels->wants->create_enumerator(labels->wants);
	struct vpnspi_label_sa *sa;
	struct vpnspi_want *want;
	void *key;

	while (each->enumerate(each, &key, &want))
		plan(steps, half, labels, want->label, next_reqid);
	each->destroy(each);
	each = half->sas->create_enumerator(half->sas);
	while (each->enumerate(each, &key, &sa))
		if (!vpnspi_labels_get(labels, sa->label))
			plan(steps, half, labels, sa->label, next_reqid);
	each->destroy(each);
}

static bool steps_create(struct steps *steps, const struct vpnspi_half *half,
			 const struct vpnspi_labels *labels, bool all)
{
	steps->count = 0;
	steps->room = all ? labels->wants->get_count(labels->wants) + half->sas->get_count(half->sas)
			  : labels->touched.count;
	steps->pending = calloc(steps->room + 1, sizeof(*steps->pending));
	return steps->pending != NULL;
}

/* Seconds that label SAs made now have to live. */
static uint32_t life_left(const struct vpnspi_gen *gen)
{
	time_t now = time_monotonic(NULL);

	return VPNSPI_LIFE_MARGIN + (gen->expire_at > now ? gen->expire_at - now : 0);
}

static void send_step(const struct vpnspi_half *half, struct vpnspi_xfrm *xfrm,
		      struct vpnspi_derive *derive, uint32_t life, struct pending *pending)
{
	uint32_t spi = vpn_spi_wire(&half->prefix, pending->label);
	size_t len = half->form.enc_len + half->form.integ_len;
	uint8_t key[VPNSPI_KEY_MAX];

	if (!vpn_spi_label_fits(half->prefix.len, pending->label)) {
		pending->result = ERANGE;
		return;
	}
	if (pending->want && pending->want->label_len &&
	    pending->want->label_len != vpn_spi_label_len(half->prefix.len)) {
		pending->result = EDOM;
		return;
	}
	if (!vpnspi_derive_key(derive, spi, key, len)) {
		pending->result = ENOKEY;
		return;
	}
	vpnspi_xfrm_put_sa(xfrm, &half->form, pending->step.kind == VPNSPI_STEP_MOVE, spi,
			   pending->reqid, pending->step.if_id, life, key, &pending->result);
	memwipe(key, sizeof(key));
}

/* Why the kernel or we refused an SA, for an operator. */
static const char *words(int error, struct vpnspi_xfrm *xfrm)
{
	switch (error) {
	case ERANGE:
		return "the label does not fit beside the SPI prefix";
	case EDOM:
		return "the label's length is not what the SPI prefix leaves";
	case ENOKEY:
		return "the key could not be derived";
	case EEXIST:
		return "another SA has this SPI already";
	case EPROTONOSUPPORT:
		return "the kernel has no ESP (CONFIG_INET_ESP, CONFIG_INET6_ESP)";
	case ENOSYS:
	case ENOENT:
		return "the kernel lacks an algorithm of the esp proposal";
	case EPERM:
		return "charon may not change SAs (CAP_NET_ADMIN)";
	}
	return *vpnspi_xfrm_said(xfrm) ? vpnspi_xfrm_said(xfrm) : strerror(error);
}

static void explain(const struct vpnspi_gen *gen, const struct vpnspi_half *half,
		    struct vpnspi_xfrm *xfrm, const struct pending *pending)
{
	char peer[VPNSPI_ADDR_STRING_SIZE], why[VPNSPI_TEXT_SIZE];

	snprintf(why, sizeof(why), "label %u %s peer %s: SA with SPI 0x%08x: %s", pending->label,
		 half->form.inbound ? "from" : "to", vpnspi_addr_string(&gen->peer, peer),
		 vpn_spi_wire(&half->prefix, pending->label), words(pending->result, xfrm));
	DBG1(DBG_CHD, "vpnspi: %s", why);
	if (pending->want)
		vpnspi_want_why(pending->want, why);
}

/* Notes what the kernel has done.  False if it refused what made sense. */
static bool settle(const struct vpnspi_gen *gen, struct vpnspi_half *half, struct vpnspi_xfrm *xfrm,
		   const struct pending *pending)
{
	struct vpnspi_label_sa *sa;

	if (pending->result) {
		explain(gen, half, xfrm, pending);
		return pending->result == ERANGE || pending->result == EDOM;
	}
	if (pending->step.kind == VPNSPI_STEP_MOVE) {
		pending->sa->if_id = pending->step.if_id;
		return true;
	}
	INIT(sa, .label = pending->label, .if_id = pending->step.if_id, .reqid = pending->reqid, );
	half->sas->put(half->sas, vpnspi_label_key(sa->label), sa);
	return true;
}

bool vpnspi_half_apply(struct vpnspi_gen *gen, struct vpnspi_half *half, struct vpnspi_xfrm *xfrm,
		       struct vpnspi_labels *labels, bool all, uint32_t *next_reqid)
{
	chunk_t parent = chunk_create(half->key, half->form.enc_len + half->form.integ_len);
	uint32_t life = life_left(gen);
	struct vpnspi_derive *derive;
	struct steps steps;
	bool good = true;

	if (!steps_create(&steps, half, labels, all || labels->touched.all))
		return false;
	if (all || labels->touched.all)
		plan_all(&steps, half, labels, next_reqid);
	else
		plan_touched(&steps, half, labels, next_reqid);
	derive = steps.count ? vpnspi_derive_create(gen->prf, parent) : NULL;
	for (unsigned int i = 0; i < steps.count; i++) {
		if (derive)
			send_step(half, xfrm, derive, life, &steps.pending[i]);
		else
			steps.pending[i].result = ENOKEY;
	}
	(void)vpnspi_xfrm_flush(xfrm); /* each step has its own result */
	for (unsigned int i = 0; i < steps.count; i++)
		good &= settle(gen, half, xfrm, &steps.pending[i]);
	vpnspi_derive_destroy(derive);
	free(steps.pending);
	return good;
}

void vpnspi_half_clear(struct vpnspi_half *half, struct vpnspi_xfrm *xfrm)
{
	enumerator_t *sas = half->sas->create_enumerator(half->sas);
	struct vpnspi_label_sa *sa;
	int gone; /* ESRCH is as good as success */
	void *key;

	while (sas->enumerate(sas, &key, &sa)) {
		half->sas->remove_at(half->sas, sas);
		vpnspi_xfrm_del_sa(xfrm, &half->form, vpn_spi_wire(&half->prefix, sa->label), &gone);
		free(sa);
	}
	sas->destroy(sas);
	(void)vpnspi_xfrm_flush(xfrm);
	key_page_destroy(half->key);
	half->key = NULL;
	half->stands = false;
}

bool vpnspi_half_count(struct vpnspi_half *half, struct vpnspi_xfrm *xfrm, bool fresh)
{
	time_t now = time_monotonic(NULL);
	struct vpnspi_counts counts;

	if (!half->sas->get_count(half->sas) || (!fresh && half->counted == now))
		return true;
	if (vpnspi_xfrm_count(xfrm, &half->form, &half->prefix, &counts) != 0)
		return false;
	half->counts = counts;
	half->counted = now;
	return true;
}
