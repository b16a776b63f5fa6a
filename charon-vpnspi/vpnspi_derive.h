/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keys of label SAs.
 *
 * IKE negotiates one CHILD_SA; each label in use gets an SA with keys of its
 * own, derived by both ends alike and without a message (doc/developer/
 * wire-formats.md has test vectors):
 *
 *   K(direction, spi) = prf+ (parent key material of that direction,
 *                             "vpn-spi label" | spi)
 *
 * prf+ is that of RFC 7296 section 2.13 with the PRF negotiated for the IKE_SA
 * that created the CHILD_SA.  The parent key material is what RFC 7296 section
 * 2.17 takes from KEYMAT for that direction: encryption key (with its salt),
 * then integrity key.  spi is the wire SPI, four octets in network order.  K is
 * split as KEYMAT is: encryption key with salt, then integrity key, each of the
 * length that the parent's has.
 *
 * One key for the whole pool, the letter of seeds/003, would have SAs of a
 * counter mode repeat nonces; it is not built.
 */
#ifndef VPNSPI_DERIVE_H
#define VPNSPI_DERIVE_H

#include <library.h>

#define VPNSPI_DERIVE_LABEL "vpn-spi label"

/* Longest parent key material: 256-bit key, 512-bit integrity key, and some. */
#define VPNSPI_KEY_MAX 160

struct vpnspi_derive;

/*
 * Starts deriving from the key material of one direction, which is copied and
 * wiped by vpnspi_derive_destroy.  NULL if no plugin of strongSwan has this PRF.
 */
struct vpnspi_derive *vpnspi_derive_create(pseudo_random_function_t prf, chunk_t parent);

/* Key of this wire SPI (host byte order), len octets; false if the PRF failed. */
bool vpnspi_derive_key(struct vpnspi_derive *derive, uint32_t spi, uint8_t *key, size_t len);

void vpnspi_derive_destroy(struct vpnspi_derive *derive);

#endif /* VPNSPI_DERIVE_H */
