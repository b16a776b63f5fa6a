// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Policies; see vpnspi_policy.h.
 *
 * Each if_id needs IPv4 and IPv6 for itself, for the inner packets: in and
 * forward for one that receives (shared by the labels that have it), out for
 * one that sends.
 */
#include "vpnspi_policy.h"

#include <errno.h>

static const uint16_t families[] = { AF_INET, AF_INET6 };

/* One want's policies on their way to the kernel. */
struct write {
	struct vpnspi_want *want;
	int result[4];
};

/* The wants of an apply; results are written into it, so it never moves. */
struct writes {
	struct write *write;
	unsigned int count;
	unsigned int room;
};

static bool add_write(struct writes *writes, struct vpnspi_want *want)
{
	if (!want || writes->count == writes->room)
		return false;
	writes->write[writes->count++].want = want;
	return true;
}

/* The wants that are touched, or all. */
static bool collect(struct writes *writes, const struct vpnspi_labels *labels, bool all)
{
	bool each = all || labels->touched.all;
	enumerator_t *wants;
	struct vpnspi_want *want;
	void *key;

	writes->count = 0;
	writes->room = each ? labels->wants->get_count(labels->wants) : labels->touched.count;
	writes->write = calloc(writes->room + 1, sizeof(*writes->write));
	if (!writes->write)
		return false;
	if (!each) {
		for (unsigned int i = 0; i < labels->touched.count; i++)
			add_write(writes, vpnspi_labels_get(labels, labels->touched.label[i]));
		return true;
	}
	wants = labels->wants->create_enumerator(labels->wants);
	while (wants->enumerate(wants, &key, &want))
		add_write(writes, want);
	wants->destroy(wants);
	return true;
}

/* Takes note of what the kernel refused. */
static void check_writes(struct vpnspi_state *state, const struct writes *writes)
{
	char why[VPNSPI_TEXT_SIZE];

	for (unsigned int i = 0; i < writes->count; i++) {
		struct write *write = &writes->write[i];

		for (unsigned int j = 0; j < countof(write->result); j++) {
			if (!write->result[j] || write->result[j] == ENOENT)
				continue;
			snprintf(why, sizeof(why), "label %u: policy of if_id %u: %s",
				 write->want->label, write->want->if_id,
				 *vpnspi_xfrm_said(state->xfrm) ? vpnspi_xfrm_said(state->xfrm)
								: strerror(write->result[j]));
			DBG1(DBG_CHD, "vpnspi: %s", why);
			vpnspi_want_why(write->want, why);
		}
	}
}

/* ---- inbound */

/* Changes how many wants share an if_id's policies; returns how many there were. */
static uintptr_t share(struct vpnspi_state *state, uint32_t if_id, int by)
{
	hashtable_t *shares = state->in_policies;
	uintptr_t were = (uintptr_t)shares->get(shares, vpnspi_label_key(if_id));

	if (were + by)
		shares->put(shares, vpnspi_label_key(if_id), (void *)(were + by));
	else
		shares->remove(shares, vpnspi_label_key(if_id));
	return were;
}

static void remove_in(struct vpnspi_state *state, struct write *write)
{
	uint32_t if_id = write->want->policy_if_id;

	if (!if_id || (!write->want->gone && write->want->if_id == if_id))
		return;
	write->want->policy_if_id = 0;
	if (share(state, if_id, -1) > 1)
		return;
	for (unsigned int i = 0; i < countof(families); i++) {
		vpnspi_xfrm_del_policy(state->xfrm, VPNSPI_POLICY_IN, families[i], if_id,
				       &write->result[i]);
		vpnspi_xfrm_del_policy(state->xfrm, VPNSPI_POLICY_FWD, families[i], if_id,
				       &write->result[2 + i]);
	}
}

static void make_in(struct vpnspi_state *state, struct write *write)
{
	struct vpnspi_want *want = write->want;

	if (want->gone || want->policy_if_id)
		return;
	want->policy_if_id = want->if_id;
	if (share(state, want->if_id, 1) > 0)
		return;
	for (unsigned int i = 0; i < countof(families); i++) {
		vpnspi_xfrm_put_policy(state->xfrm, VPNSPI_POLICY_IN, families[i], want->if_id,
				       NULL, 0, &write->result[i]);
		vpnspi_xfrm_put_policy(state->xfrm, VPNSPI_POLICY_FWD, families[i], want->if_id,
				       NULL, 0, &write->result[2 + i]);
	}
}

void vpnspi_policy_in(struct vpnspi_state *state, enum vpnspi_policy_pass pass)
{
	struct writes writes;

	if (!collect(&writes, &state->in, false))
		return;
	for (unsigned int i = 0; i < writes.count; i++) {
		if (pass == VPNSPI_POLICY_REMOVE)
			remove_in(state, &writes.write[i]);
		else
			make_in(state, &writes.write[i]);
	}
	if (vpnspi_xfrm_flush(state->xfrm))
		check_writes(state, &writes);
	free(writes.write);
}

/* ---- outbound */

/* The label SA that a want is to send on, or NULL. */
static const struct vpnspi_label_sa *target(const struct vpnspi_want *want,
					    const struct vpnspi_gen *current)
{
	const struct vpnspi_label_sa *sa;

	if (want->gone || !current)
		return NULL;
	sa = vpnspi_half_find(&current->out, want->label);
	return sa && sa->if_id == want->if_id ? sa : NULL;
}

/* Policies that must be gone before SAs change: of no use any more, or of another if_id. */
static void remove_out(struct vpnspi_state *state, struct write *write,
		       const struct vpnspi_gen *current)
{
	struct vpnspi_want *want = write->want;

	if (!want->policy_if_id || (target(want, current) && want->policy_if_id == want->if_id))
		return;
	for (unsigned int i = 0; i < countof(families); i++)
		vpnspi_xfrm_del_policy(state->xfrm, VPNSPI_POLICY_OUT, families[i],
				       want->policy_if_id, &write->result[i]);
	want->policy_if_id = 0;
	want->policy_reqid = 0;
}

static void make_out(struct vpnspi_state *state, struct write *write,
		     const struct vpnspi_gen *current)
{
	struct vpnspi_want *want = write->want;
	const struct vpnspi_label_sa *sa = target(want, current);

	if (!sa || (want->policy_if_id == sa->if_id && want->policy_reqid == sa->reqid))
		return;
	want->policy_if_id = sa->if_id;
	want->policy_reqid = sa->reqid;
	for (unsigned int i = 0; i < countof(families); i++)
		vpnspi_xfrm_put_policy(state->xfrm, VPNSPI_POLICY_OUT, families[i], sa->if_id,
				       &current->out.form, sa->reqid, &write->result[i]);
}

void vpnspi_policy_out(struct vpnspi_state *state, struct vpnspi_labels *labels, bool all,
		       const struct vpnspi_gen *current, enum vpnspi_policy_pass pass)
{
	struct writes writes;

	if (!collect(&writes, labels, all))
		return;
	for (unsigned int i = 0; i < writes.count; i++) {
		if (pass == VPNSPI_POLICY_REMOVE)
			remove_out(state, &writes.write[i], current);
		else
			make_out(state, &writes.write[i], current);
	}
	if (vpnspi_xfrm_flush(state->xfrm))
		check_writes(state, &writes);
	free(writes.write);
}
