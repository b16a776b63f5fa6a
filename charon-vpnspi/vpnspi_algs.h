/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IKE's algorithm numbers, as the kernel's XFRM layer knows them.
 */
#ifndef VPNSPI_ALGS_H
#define VPNSPI_ALGS_H

#include <stdbool.h>
#include <stdint.h>

struct vpnspi_encryption {
	uint16_t ike;	  /* encryption_algorithm_t */
	bool aead;	  /* kernel_name goes into XFRMA_ALG_AEAD */
	const char *name; /* the kernel's */
	uint16_t icv;	  /* bits; AEAD only */
	uint8_t iv;	  /* octets in each packet */
	uint8_t salt;	  /* octets at the end of the key */
	uint8_t block;	  /* inner packet and ESP trailer are padded to it */
};

struct vpnspi_integrity {
	uint16_t ike;	  /* integrity_algorithm_t */
	const char *name; /* the kernel's */
	uint16_t icv;	  /* bits */
};

/* NULL if the kernel has none that fits, or it is not fit for label SAs. */
const struct vpnspi_encryption *vpnspi_encryption_find(uint16_t ike);
const struct vpnspi_integrity *vpnspi_integrity_find(uint16_t ike);

#endif /* VPNSPI_ALGS_H */
