/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pool of SPI prefixes that this PE hands out to its peers.
 *
 * A prefix belongs to one peer and one CHILD_SA generation from get_spi until
 * del_sa.  While a CHILD_SA is rekeyed a peer holds two, in a rekey collision
 * three, with duplicates and reauthentication more, so the pool keeps
 * VPNSPI_PREFIX_PER_PEER for each peer that it has admitted: a peer that is
 * in can always rekey, and the peer that no longer fits is told so at once.
 *
 * The prefix length may be changed at run time; prefixes of both lengths then
 * live side by side and none contains another (seeds/003 wants one length per
 * PE; that holds again when the last old CHILD_SA is gone).
 *
 * A released prefix is the last to be given again, so that a packet or an IKE
 * message that is late finds nothing rather than somebody else's SA.
 *
 * Not thread safe: callers hold the plugin's mutex.
 */
#ifndef VPNSPI_PREFIX_H
#define VPNSPI_PREFIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/plugin.h"
#include "wire/spi.h"

/* A rekey collision has three at once; one more for a duplicate. */
#define VPNSPI_PREFIX_PER_PEER 4

struct vpnspi_pool;

/*
 * A pool that starts its search at `start` (a random number: after a restart
 * the prefixes of before are not the first to be given again).  NULL: no memory.
 */
struct vpnspi_pool *vpnspi_pool_create(uint32_t start);
void vpnspi_pool_destroy(struct vpnspi_pool *pool);

/* Prefixes given from now on have len bits; VPN_SPI_OWN_LEN_MIN to _MAX. */
void vpnspi_pool_set_len(struct vpnspi_pool *pool, uint8_t len);

/*
 * Takes a prefix for this peer.  True: *prefix is the peer's until
 * vpnspi_pool_release.  False: why not is written to reason, in words.
 */
bool vpnspi_pool_take(struct vpnspi_pool *pool, const struct vpnspi_addr *peer,
		      struct vpn_spi_prefix *prefix, char *reason, size_t reason_size);

/* Gives a prefix back.  False if it was not taken. */
bool vpnspi_pool_release(struct vpnspi_pool *pool, const struct vpn_spi_prefix *prefix);

/* How many prefixes are taken, by this peer or (NULL) by all. */
unsigned int vpnspi_pool_count(const struct vpnspi_pool *pool, const struct vpnspi_addr *peer);

#endif /* VPNSPI_PREFIX_H */
