// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The translation of transport mode into tunnel mode; see vpnspi_link_kernel.h.
 *
 * What is a link's is known by its if_id.  A policy that was translated when it
 * was made is translated when it goes, also when vpnd has taken the link back in
 * between: `standing` counts them.
 */
#include "vpnspi_link_kernel.h"

#include <collections/hashtable.h>
#include <threading/mutex.h>

#include "vpnspi_links.h"
#include "vpnspi_state.h"

static struct vpnspi_state *state;
static kernel_interface_t before;
static hashtable_t *standing; /* if_id → how many policies of charon's are translated */
static mutex_t *mutex;
static traffic_selector_t *everything[2]; /* IPv4, IPv6 */

static bool is_gateway(traffic_selector_t *ts)
{
	return ts->is_host(ts, NULL);
}

/* Would it be translated, if it is a link's? Wildcards are what they shall be already. */
static bool is_signal(const kernel_ipsec_policy_id_t *id)
{
	return id->if_id && is_gateway(id->src_ts) && is_gateway(id->dst_ts);
}

static bool is_signalled(uint32_t if_id)
{
	struct vpnspi_link link;

	return if_id && vpnspi_links_by_if_id(state->links, if_id, &link) &&
	       link.signal != VPNSPI_SIGNAL_NONE;
}

void vpnspi_link_kernel_sa(const kernel_ipsec_sa_id_t *id, kernel_ipsec_add_sa_t *data)
{
	if (data->mode == MODE_TRANSPORT && is_signalled(id->if_id))
		data->mode = MODE_TUNNEL;
}

/* ---- counting */

/* Adds to how many stand; what it was before. */
static uintptr_t count(uint32_t if_id, int more)
{
	void *key = (void *)(uintptr_t)if_id;
	uintptr_t were;

	mutex->lock(mutex);
	were = (uintptr_t)standing->get(standing, key);
	if (more > 0 || (more < 0 && were > 1))
		standing->put(standing, key, (void *)(were + more));
	else if (more < 0)
		standing->remove(standing, key);
	mutex->unlock(mutex);
	return were;
}

/* ---- policies */

typedef status_t (*manage_t)(kernel_interface_t *this, kernel_ipsec_policy_id_t *id,
			     kernel_ipsec_manage_policy_t *data);

/* One of charon's policies as those that it stands for. */
static status_t manage(kernel_interface_t *kernel, manage_t call, kernel_ipsec_policy_id_t *id,
		       kernel_ipsec_manage_policy_t *data)
{
	ipsec_sa_cfg_t sa = *data->sa;
	kernel_ipsec_manage_policy_t ours = *data;
	kernel_ipsec_policy_id_t wide = *id;
	status_t status = SUCCESS;

	if (id->dir == POLICY_FWD) /* goes with POLICY_IN */
		return SUCCESS;
	sa.mode = MODE_TUNNEL;
	ours.sa = &sa;
	for (unsigned int i = 0; i < countof(everything); i++) {
		wide.src_ts = wide.dst_ts = everything[i];
		wide.dir = id->dir;
		status |= call(kernel, &wide, &ours);
		if (id->dir != POLICY_IN)
			continue;
		wide.dir = POLICY_FWD;
		status |= call(kernel, &wide, &ours);
	}
	return status;
}

bool vpnspi_link_kernel_add_policy(kernel_interface_t *kernel, kernel_ipsec_policy_id_t *id,
				   kernel_ipsec_manage_policy_t *data, status_t *status)
{
	if (!is_signal(id) || !is_signalled(id->if_id))
		return false;
	count(id->if_id, 1);
	*status = manage(kernel, before.add_policy, id, data);
	return true;
}

bool vpnspi_link_kernel_del_policy(kernel_interface_t *kernel, kernel_ipsec_policy_id_t *id,
				   kernel_ipsec_manage_policy_t *data, status_t *status)
{
	if (!is_signal(id) || !count(id->if_id, -1))
		return false;
	*status = manage(kernel, before.del_policy, id, data);
	return true;
}

/* When it was last used: of either family. */
bool vpnspi_link_kernel_query_policy(kernel_interface_t *kernel, kernel_ipsec_policy_id_t *id,
				     kernel_ipsec_query_policy_t *data, time_t *use_time,
				     status_t *status)
{
	kernel_ipsec_policy_id_t wide = *id;
	time_t used, last = 0;

	if (!is_signal(id) || !count(id->if_id, 0))
		return false;
	*status = FAILED;
	for (unsigned int i = 0; i < countof(everything); i++) {
		wide.src_ts = wide.dst_ts = everything[i];
		used = 0;
		if (before.query_policy(kernel, &wide, data, &used) != SUCCESS)
			continue;
		*status = SUCCESS;
		last = max(last, used);
	}
	if (use_time)
		*use_time = last;
	return true;
}

/* ---- life */

void vpnspi_link_kernel_start(struct vpnspi_state *of, const kernel_interface_t *kernel)
{
	state = of;
	before = *kernel;
	standing = hashtable_create(hashtable_hash_ptr, hashtable_equals_ptr, 32);
	mutex = mutex_create(MUTEX_TYPE_DEFAULT);
	everything[0] = traffic_selector_create_from_cidr("0.0.0.0/0", 0, 0, 65535);
	everything[1] = traffic_selector_create_from_cidr("::/0", 0, 0, 65535);
}

void vpnspi_link_kernel_stop(void)
{
	for (unsigned int i = 0; i < countof(everything); i++)
		DESTROY_IF(everything[i]);
	standing->destroy(standing);
	mutex->destroy(mutex);
	state = NULL;
}
