/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The SPI label and the BGP path attribute that carries it.
 *
 * An egress PE names the VRF (or the CE interface) of a VPN route by a label;
 * the ingress PE puts it behind the SPI prefix that the egress PE chose in IKE
 * (wire/spi.h).  The attribute is seeds/003 section 5.2.2 to the bit: flags
 * 0x40 (well-known, transitive), length 5:
 *
 *        0                   1                   2                   3
 *        0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *       +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *       |0|1|0|0|   0   |      type     |   length = 5  |  label length |
 *       +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *       |          label, left-adjusted, then padding bits of 0         |
 *       +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *
 * This codec is for the five octets behind the length.  The label length is
 * 32 minus the prefix length, thus 6 to 32 bits.
 */
#ifndef WIRE_SPI_LABEL_H
#define WIRE_SPI_LABEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/spi.h"

#define SPI_LABEL_ATTR_FLAGS 0x40
#define SPI_LABEL_ATTR_SIZE  5
#define SPI_LABEL_LEN_MIN    (32 - VPN_SPI_PREFIX_LEN_MAX)
#define SPI_LABEL_LEN_MAX    32

/* label: right-adjusted, host byte order.  len: bits, 6 to 32; 0 means that there is no label. */
struct spi_label {
	uint32_t label;
	uint8_t len;
};

static inline bool spi_label_same(const struct spi_label *a, const struct spi_label *b)
{
	return a->len == b->len && a->label == b->label;
}

/* Writes the five octets of the attribute's value.  The label must be valid. */
static inline void spi_label_encode(const struct spi_label *label, uint8_t out[SPI_LABEL_ATTR_SIZE])
{
	uint32_t left = label->label << (32 - label->len);

	out[0] = label->len;
	out[1] = left >> 24;
	out[2] = left >> 16 & 0xff;
	out[3] = left >> 8 & 0xff;
	out[4] = left & 0xff;
}

/*
 * Reads the attribute's value of size octets; padding bits are ignored.
 * NULL if it was taken into *label; else why not, in words, *label left alone.
 */
static inline const char *spi_label_decode(const uint8_t *in, size_t size, struct spi_label *label)
{
	uint32_t left;

	if (size != SPI_LABEL_ATTR_SIZE)
		return "attribute length is not 5";
	if (in[0] < SPI_LABEL_LEN_MIN || in[0] > SPI_LABEL_LEN_MAX)
		return "label length is not 6 to 32 bits";
	left = (uint32_t)in[1] << 24 | (uint32_t)in[2] << 16 | (uint32_t)in[3] << 8 | in[4];
	label->len = in[0];
	label->label = left >> (32 - in[0]);
	return NULL;
}

#endif /* WIRE_SPI_LABEL_H */
