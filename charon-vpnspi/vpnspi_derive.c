// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Keys of label SAs; see vpnspi_derive.h for the derivation.
 *
 * prf+ is spelled out here, on one PRF object that keeps its key for a whole
 * batch: strongSwan's own prf+ takes its key anew for each seed, which costs
 * more than the rest.  The unit test compares the two.
 */
#include "vpnspi_derive.h"

#include <crypto/prfs/prf.h>

#define LABEL_SIZE (sizeof(VPNSPI_DERIVE_LABEL) - 1)

struct vpnspi_derive {
	prf_t *prf;
	size_t block; /* octets of one round */
	/* a round's input: the round before, the label, the SPI, the round's number */
	uint8_t input[HASH_SIZE_SHA512 + LABEL_SIZE + sizeof(uint32_t) + 1];
	uint8_t *seed; /* where the label begins */
};

struct vpnspi_derive *vpnspi_derive_create(pseudo_random_function_t type, chunk_t parent)
{
	prf_t *prf = lib->crypto->create_prf(lib->crypto, type);
	struct vpnspi_derive *derive;

	if (!prf)
		return NULL;
	if (prf->get_block_size(prf) > HASH_SIZE_SHA512 || !prf->set_key(prf, parent)) {
		prf->destroy(prf);
		return NULL;
	}
	INIT(derive, .prf = prf, .block = prf->get_block_size(prf), );
	derive->seed = derive->input + derive->block;
	memcpy(derive->seed, VPNSPI_DERIVE_LABEL, LABEL_SIZE);
	return derive;
}

/*
 * One round: T1 = prf (K, S | 1), Tn = prf (K, Tn-1 | S | n).  The result takes
 * the place of the round before.
 */
static bool next_round(struct vpnspi_derive *derive, uint8_t number)
{
	size_t size = LABEL_SIZE + sizeof(uint32_t) + 1;
	chunk_t input = chunk_create(derive->seed, size);

	if (number > 1)
		input = chunk_create(derive->input, derive->block + size);
	derive->seed[size - 1] = number;
	return derive->prf->get_bytes(derive->prf, input, derive->input);
}

bool vpnspi_derive_key(struct vpnspi_derive *derive, uint32_t spi, uint8_t *key, size_t len)
{
	htoun32(derive->seed + LABEL_SIZE, spi);
	for (unsigned int number = 1; len; number++) {
		size_t part = min(len, derive->block);

		if (number > UINT8_MAX || !next_round(derive, number))
			return false;
		memcpy(key, derive->input, part);
		key += part;
		len -= part;
	}
	return true;
}

void vpnspi_derive_destroy(struct vpnspi_derive *derive)
{
	if (!derive)
		return;
	derive->prf->destroy(derive->prf);
	memwipe(derive, sizeof(*derive));
	free(derive);
}
