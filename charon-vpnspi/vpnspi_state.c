// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * All that the plugin knows; see vpnspi_state.h.
 */
#include "vpnspi_state.h"

#include <daemon.h>
#include <time.h>

#include "vpnspi_peer.h"

/* A number to start counting prefixes and reqids at, other than that of before a restart. */
static uint32_t random_start(void)
{
	uint32_t start = time(NULL);
	rng_t *rng = lib->crypto->create_rng(lib->crypto, RNG_WEAK);

	if (rng && !rng->get_bytes(rng, sizeof(start), (uint8_t *)&start))
		DBG1(DBG_LIB,
		     "vpnspi: no random numbers: SPI prefixes begin at a number of the clock");
	DESTROY_IF(rng);
	return start;
}

/* What a predecessor that was killed has left would answer to SPIs that we are to give. */
static void purge(struct vpnspi_state *state)
{
	unsigned int sas, policies;
	int error = vpnspi_xfrm_purge(state->xfrm, &sas, &policies);

	if (error)
		DBG1(DBG_KNL, "vpnspi: label SAs of a predecessor cannot be read: %s",
		     strerror(error));
	if (sas || policies)
		DBG1(DBG_KNL, "vpnspi: removed %u label SAs and %u policies of a predecessor", sas,
		     policies);
}

struct vpnspi_state *vpnspi_state_create(void)
{
	struct vpnspi_state *state;
	uint32_t start = random_start();

	INIT(state, .mutex = mutex_create(MUTEX_TYPE_DEFAULT),
	     .in_policies = hashtable_create(hashtable_hash_ptr, hashtable_equals_ptr, 32),
	     .links = vpnspi_links_create(),
	     .peers = hashtable_create(vpnspi_addr_hash, vpnspi_addr_equals, 32),
	     .pool = vpnspi_pool_create(start), .next_gen = 1,
	     .next_reqid = start & (VPNSPI_REQID_BASE - 1), );
	vpnspi_labels_init(&state->in);
	state->xfrm = vpnspi_xfrm_open(state->xfrm_reason, sizeof(state->xfrm_reason));
	if (state->xfrm)
		purge(state);
	else
		DBG1(DBG_KNL, "vpnspi: %s", state->xfrm_reason);
	return state;
}

void vpnspi_state_destroy(struct vpnspi_state *state)
{
	vpnspi_peers_destroy(state);
	vpnspi_labels_clear(&state->in);
	vpnspi_links_destroy(state->links);
	state->in_policies->destroy(state->in_policies);
	if (state->xfrm)
		purge(state); /* policies; SAs are gone with their peers */
	vpnspi_xfrm_close(state->xfrm);
	vpnspi_pool_destroy(state->pool);
	state->mutex->destroy(state->mutex);
	free(state);
}
