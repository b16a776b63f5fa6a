// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Keys of label SAs; see vpnspi_derive.h for the derivation.
 *
 * One object of strongSwan's prf+ serves a whole batch: its key stays, only the
 * seed (the SPI in it) changes from label to label.
 */
#include "vpnspi_derive.h"

#include <crypto/kdfs/kdf.h>

struct vpnspi_derive {
	kdf_t *kdf;
	/* the label, then room for the SPI */
	uint8_t seed[sizeof(VPNSPI_DERIVE_LABEL) - 1 + sizeof(uint32_t)];
};

struct vpnspi_derive *vpnspi_derive_create(pseudo_random_function_t prf, chunk_t parent)
{
	struct vpnspi_derive *derive;
	kdf_t *kdf = lib->crypto->create_kdf(lib->crypto, KDF_PRF_PLUS, prf);

	if (!kdf)
		return NULL;
	if (!kdf->set_param(kdf, KDF_PARAM_KEY, parent)) {
		kdf->destroy(kdf);
		return NULL;
	}
	INIT(derive, .kdf = kdf, );
	memcpy(derive->seed, VPNSPI_DERIVE_LABEL, sizeof(VPNSPI_DERIVE_LABEL) - 1);
	return derive;
}

bool vpnspi_derive_key(struct vpnspi_derive *derive, uint32_t spi, uint8_t *key, size_t len)
{
	kdf_t *kdf = derive->kdf;

	htoun32(derive->seed + sizeof(derive->seed) - sizeof(spi), spi);
	return kdf->set_param(kdf, KDF_PARAM_SALT, chunk_from_thing(derive->seed)) &&
	       kdf->get_bytes(kdf, len, key);
}

void vpnspi_derive_destroy(struct vpnspi_derive *derive)
{
	if (!derive)
		return;
	derive->kdf->destroy(derive->kdf);
	free(derive);
}
