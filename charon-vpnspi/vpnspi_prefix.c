// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The pool of SPI prefixes; see vpnspi_prefix.h for what it promises.
 *
 * The prefixes in use are a plain array, looked through from end to end: there
 * are about as many as PEs, and they are taken and released at the pace of IKE.
 */
#include "vpnspi_prefix.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct taken {
	struct vpn_spi_prefix prefix;
	struct vpnspi_addr peer;
};

/* A peer that has prefixes, and how many. */
struct holder {
	struct vpnspi_addr peer;
	unsigned int held;
};

struct vpnspi_pool {
	uint8_t len;
	uint32_t next; /* number of the prefix to try first, without the top bit */
	struct taken *taken;
	unsigned int count;
	unsigned int room;
	struct holder *holders;
	unsigned int holder_count;
	unsigned int holder_room;
};

struct vpnspi_pool *vpnspi_pool_create(uint32_t start)
{
	struct vpnspi_pool *pool = calloc(1, sizeof(*pool));

	if (!pool)
		return NULL;
	pool->next = start;
	pool->len = VPN_SPI_OWN_LEN_DEFAULT;
	return pool;
}

void vpnspi_pool_destroy(struct vpnspi_pool *pool)
{
	if (!pool)
		return;
	free(pool->taken);
	free(pool->holders);
	free(pool);
}

void vpnspi_pool_set_len(struct vpnspi_pool *pool, uint8_t len)
{
	pool->len = len;
}

static bool same_peer(const struct vpnspi_addr *a, const struct vpnspi_addr *b)
{
	return a->family == b->family && !memcmp(a->octets, b->octets, sizeof(a->octets));
}

static struct holder *find_holder(const struct vpnspi_pool *pool, const struct vpnspi_addr *peer)
{
	for (unsigned int i = 0; i < pool->holder_count; i++)
		if (same_peer(&pool->holders[i].peer, peer))
			return &pool->holders[i];
	return NULL;
}

unsigned int vpnspi_pool_count(const struct vpnspi_pool *pool, const struct vpnspi_addr *peer)
{
	const struct holder *holder;

	if (!peer)
		return pool->count;
	holder = find_holder(pool, peer);
	return holder ? holder->held : 0;
}

/* How many prefixes of the present length there are: the top bit is fixed. */
static uint32_t pool_size(const struct vpnspi_pool *pool)
{
	return 1u << (pool->len - 1);
}

/* Prefixes that are spoken for: each peer's own share, or what it has if that is more. */
static uint32_t pool_reserved(const struct vpnspi_pool *pool)
{
	uint32_t reserved = 0;

	for (unsigned int i = 0; i < pool->holder_count; i++) {
		unsigned int held = pool->holders[i].held;

		reserved += held > VPNSPI_PREFIX_PER_PEER ? held : VPNSPI_PREFIX_PER_PEER;
	}
	return reserved;
}

static bool overlap(const struct vpn_spi_prefix *a, const struct vpn_spi_prefix *b)
{
	uint8_t len = a->len < b->len ? a->len : b->len;

	return ((a->bits ^ b->bits) & vpn_spi_prefix_mask(len)) == 0;
}

static bool is_free(const struct vpnspi_pool *pool, const struct vpn_spi_prefix *prefix)
{
	for (unsigned int i = 0; i < pool->count; i++)
		if (overlap(&pool->taken[i].prefix, prefix))
			return false;
	return true;
}

/* Finds the next free prefix after the one given last.  False: there is none. */
static bool find_free(struct vpnspi_pool *pool, struct vpn_spi_prefix *prefix)
{
	uint32_t size = pool_size(pool);

	prefix->len = pool->len;
	for (uint32_t i = 0; i < size; i++) {
		uint32_t number = (pool->next + i) & (size - 1);

		prefix->bits = VPN_SPI_TOP_BIT | number << (32 - pool->len);
		if (!is_free(pool, prefix))
			continue;
		pool->next = number + 1;
		return true;
	}
	return false;
}

/* Makes room for one more of size octets in an array.  False: no memory. */
static bool grow(void *array, unsigned int count, unsigned int *room, size_t size)
{
	void **old = array, *bigger;
	unsigned int wanted = *room ? *room * 2 : 16;

	if (count < *room)
		return true;
	bigger = realloc(*old, wanted * size);
	if (!bigger)
		return false;
	*old = bigger;
	*room = wanted;
	return true;
}

static bool remember(struct vpnspi_pool *pool, const struct vpnspi_addr *peer,
		     const struct vpn_spi_prefix *prefix)
{
	struct holder *holder;

	if (!grow(&pool->taken, pool->count, &pool->room, sizeof(*pool->taken)) ||
	    !grow(&pool->holders, pool->holder_count, &pool->holder_room, sizeof(*pool->holders)))
		return false;
	pool->taken[pool->count++] = (struct taken){ .prefix = *prefix, .peer = *peer };
	holder = find_holder(pool, peer);
	if (!holder) {
		holder = &pool->holders[pool->holder_count++];
		*holder = (struct holder){ .peer = *peer };
	}
	holder->held++;
	return true;
}

/* One prefix less for this peer; a peer without any gives its share back. */
static void unhold(struct vpnspi_pool *pool, const struct vpnspi_addr *peer)
{
	struct holder *holder = find_holder(pool, peer);

	if (holder && --holder->held == 0)
		*holder = pool->holders[--pool->holder_count];
}

bool vpnspi_pool_take(struct vpnspi_pool *pool, const struct vpnspi_addr *peer,
		      struct vpn_spi_prefix *prefix, char *reason, size_t reason_size)
{
	unsigned int held = vpnspi_pool_count(pool, peer);
	uint32_t size = pool_size(pool), reserved = pool_reserved(pool);
	uint32_t wanted = held == 0			  ? VPNSPI_PREFIX_PER_PEER
			  : held < VPNSPI_PREFIX_PER_PEER ? 0
							  : 1;

	if (wanted && reserved + wanted > size) {
		snprintf(reason, reason_size,
			 "SPI prefixes exhausted: prefix length %u has %u prefixes, enough for %u peers; choose a longer spi-prefix-length",
			 pool->len, size, size / VPNSPI_PREFIX_PER_PEER);
		return false;
	}
	if (!find_free(pool, prefix)) {
		snprintf(reason, reason_size,
			 "SPI prefixes exhausted: all of prefix length %u overlap with those in use",
			 pool->len);
		return false;
	}
	if (!remember(pool, peer, prefix)) {
		snprintf(reason, reason_size, "out of memory");
		return false;
	}
	return true;
}

bool vpnspi_pool_release(struct vpnspi_pool *pool, const struct vpn_spi_prefix *prefix)
{
	for (unsigned int i = 0; i < pool->count; i++) {
		const struct vpn_spi_prefix *taken = &pool->taken[i].prefix;

		if (taken->bits != prefix->bits || taken->len != prefix->len)
			continue;
		unhold(pool, &pool->taken[i].peer);
		pool->taken[i] = pool->taken[--pool->count];
		return true;
	}
	return false;
}
