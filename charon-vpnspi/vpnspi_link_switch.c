// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The switch to a new CHILD_SA; see vpnspi_link_switch.h.
 *
 * `outs` has the outbound policies of links by what they select: how many CHILD_SAs
 * have theirs in the kernel, and those whose are held back.  Charon installs an
 * outbound SA and its policies in one thread, one after the other: whose exchange it
 * was is remembered by thread.
 *
 * Policies are installed with the mutex held, so that none is removed by its owner
 * while it is on its way into the kernel; the kernel interface never calls back.
 */
#include "vpnspi_link_switch.h"

#include <collections/hashtable.h>
#include <threading/mutex.h>

#include "vpnspi_timer.h"

#define HOLD_SECONDS 5

/* The outbound policies of one selector. */
struct out {
	kernel_ipsec_policy_id_t id;
	unsigned int standing;
	linked_list_t *held; /* struct held */
};

struct held {
	kernel_ipsec_manage_policy_t data;
	ipsec_sa_cfg_t sa;
	time_t until; /* monotonic, seconds */
};

static vpnspi_link_switch_install install;
static hashtable_t *outs;
static mutex_t *mutex;
static _Thread_local struct {
	uint32_t spi;
	bool initiator;
} last_out;

/* ---- selectors as keys */

static unsigned int hash(const struct out *out)
{
	return out->id.src_ts->hash(out->id.src_ts,
				    out->id.dst_ts->hash(out->id.dst_ts, out->id.if_id));
}

static bool equals(const struct out *a, const struct out *b)
{
	return a->id.if_id == b->id.if_id && a->id.mark.value == b->id.mark.value &&
	       a->id.mark.mask == b->id.mark.mask &&
	       a->id.src_ts->equals(a->id.src_ts, b->id.src_ts) &&
	       a->id.dst_ts->equals(a->id.dst_ts, b->id.dst_ts);
}

static struct out *find(const kernel_ipsec_policy_id_t *id)
{
	struct out key = { .id = *id };

	return outs->get(outs, &key);
}

static struct out *find_or_create(const kernel_ipsec_policy_id_t *id)
{
	struct out *out = find(id);

	if (out)
		return out;
	INIT(out, .id = *id, .held = linked_list_create(), );
	out->id.src_ts = id->src_ts->clone(id->src_ts);
	out->id.dst_ts = id->dst_ts->clone(id->dst_ts);
	out->id.interface = NULL; /* links have neither */
	out->id.label = NULL;
	outs->put(outs, out, out);
	return out;
}

static void held_destroy(struct held *held)
{
	held->data.src->destroy(held->data.src);
	held->data.dst->destroy(held->data.dst);
	free(held);
}

static void drop_if_unused(struct out *out)
{
	if (out->standing || out->held->get_count(out->held))
		return;
	outs->remove(outs, out);
	out->id.src_ts->destroy(out->id.src_ts);
	out->id.dst_ts->destroy(out->id.dst_ts);
	out->held->destroy(out->held);
	free(out);
}

/* ---- holding and letting go */

/* Installs what is held of a selector; with a peer, only with that one; with a time, only what is due. */
static void release(struct out *out, host_t *peer, time_t now)
{
	enumerator_t *enumerator = out->held->create_enumerator(out->held);
	struct held *held;

	while (enumerator->enumerate(enumerator, &held)) {
		if ((peer && !peer->ip_equals(peer, held->data.dst)) || (now && now < held->until))
			continue;
		out->held->remove_at(out->held, enumerator);
		out->standing++;
		DBG2(DBG_CHD, "vpnspi: packets to %H take SPI 0x%08x now", held->data.dst,
		     ntohl(held->sa.esp.spi));
		if (install(charon->kernel, &out->id, &held->data) != SUCCESS)
			DBG1(DBG_CHD, "vpnspi: policy to %H for SPI 0x%08x not installed",
			     held->data.dst, ntohl(held->sa.esp.spi));
		held_destroy(held);
	}
	enumerator->destroy(enumerator);
}

static void release_all(host_t *peer, time_t now)
{
	enumerator_t *enumerator;
	struct out *key, *out;

	mutex->lock(mutex);
	enumerator = outs->create_enumerator(outs);
	while (enumerator->enumerate(enumerator, &key, &out))
		release(out, peer, now);
	enumerator->destroy(enumerator);
	mutex->unlock(mutex);
}

static void release_due(void)
{
	release_all(NULL, time_monotonic(NULL));
}

static void hold(struct out *out, const kernel_ipsec_manage_policy_t *data)
{
	struct held *held;

	INIT(held, .data = *data, .sa = *data->sa, .until = time_monotonic(NULL) + HOLD_SECONDS, );
	held->data.src = data->src->clone(data->src);
	held->data.dst = data->dst->clone(data->dst);
	held->data.sa = &held->sa;
	out->held->insert_last(out->held, held);
	vpnspi_timer_after(release_due, HOLD_SECONDS);
}

/* Is it what packets take, not a trap? */
static bool is_out(const kernel_ipsec_policy_id_t *id, const kernel_ipsec_manage_policy_t *data)
{
	return id->dir == POLICY_OUT && data->type == POLICY_IPSEC &&
	       data->prio == POLICY_PRIORITY_DEFAULT && data->sa && data->sa->esp.use;
}

void vpnspi_link_switch_sa(const kernel_ipsec_sa_id_t *id, const kernel_ipsec_add_sa_t *data)
{
	if (data->inbound)
		return;
	last_out.spi = id->spi;
	last_out.initiator = data->initiator;
}

bool vpnspi_link_switch_hold(kernel_ipsec_policy_id_t *id, kernel_ipsec_manage_policy_t *data)
{
	bool early = data->sa && last_out.spi == data->sa->esp.spi && !last_out.initiator;
	struct out *out;

	if (!is_out(id, data))
		return false;
	mutex->lock(mutex);
	out = find_or_create(id);
	early = early && out->standing;
	if (early)
		hold(out, data);
	else
		out->standing++;
	mutex->unlock(mutex);
	return early;
}

/* Takes the policy of this SA from those that are held. */
static bool take_back(struct out *out, uint32_t spi)
{
	enumerator_t *enumerator = out->held->create_enumerator(out->held);
	struct held *held;
	bool found = false;

	while (!found && enumerator->enumerate(enumerator, &held)) {
		found = held->sa.esp.spi == spi;
		if (!found)
			continue;
		out->held->remove_at(out->held, enumerator);
		held_destroy(held);
	}
	enumerator->destroy(enumerator);
	return found;
}

bool vpnspi_link_switch_forget(kernel_ipsec_policy_id_t *id, kernel_ipsec_manage_policy_t *data)
{
	struct out *out;
	bool never_stood = false;

	if (!is_out(id, data))
		return false;
	mutex->lock(mutex);
	out = find(id);
	if (out) {
		never_stood = take_back(out, data->sa->esp.spi);
		if (!never_stood) {
			release(out, NULL, 0);
			out->standing -= out->standing ? 1 : 0;
		}
		drop_if_unused(out);
	}
	mutex->unlock(mutex);
	return never_stood;
}

void vpnspi_link_switch_deleted(host_t *peer)
{
	release_all(peer, 0);
}

/* ---- life */

void vpnspi_link_switch_start(vpnspi_link_switch_install with)
{
	install = with;
	outs = hashtable_create((hashtable_hash_t)hash, (hashtable_equals_t)equals, 32);
	mutex = mutex_create(MUTEX_TYPE_DEFAULT);
}

void vpnspi_link_switch_stop(void)
{
	enumerator_t *enumerator;
	struct out *key, *out;

	release_all(NULL, 0);
	enumerator = outs->create_enumerator(outs);
	while (enumerator->enumerate(enumerator, &key, &out)) {
		outs->remove_at(outs, enumerator);
		out->standing = 0;
		drop_if_unused(out);
	}
	enumerator->destroy(enumerator);
	outs->destroy(outs);
	mutex->destroy(mutex);
}
