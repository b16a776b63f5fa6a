/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The VPN-SPI: one negotiated number that stands for a pool of SPIs.
 *
 * A PE chooses a prefix of 0 to 26 bits for each CHILD_SA with a peer and
 * labels of the remaining bits for its VRFs.  The prefix and its length cross
 * IKE in the SPI field of the proposal (seeds/003 section 4.2.1); in ESP the
 * SPI is the prefix followed by the label (section 4.3.1):
 *
 *        0                   1                   2                   3
 *        0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *       +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  IKE  |1|   len   |         prefix, left-adjusted in 26 bits          |
 *       +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  ESP  |      prefix, len bits  ..  |  ..   label, 32 - len bits       |
 *       +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *
 * The draft only warns that label SPIs must not meet SPIs of other uses.  Here
 * that cannot happen: every prefix has its top bit set, every ordinary SPI has
 * it clear (charon.spi_min and spi_max).
 *
 * All numbers are in host byte order.  Nothing here allocates or fails
 * silently; the header is all there is, so that bgpd, vpnd, charon's plugin
 * and the tools share one codec.
 */
#ifndef WIRE_SPI_H
#define WIRE_SPI_H

#include <stdbool.h>
#include <stdint.h>

#define VPN_SPI_V_FLAG	       0x80000000u /* this SPI is a VPN-SPI */
#define VPN_SPI_LEN_SHIFT      26
#define VPN_SPI_LEN_MASK       0x1fu
#define VPN_SPI_FIELD_MASK     0x03ffffffu /* the 26 bits of the prefix field */
#define VPN_SPI_PREFIX_LEN_MAX 26
#define VPN_SPI_TOP_BIT	       0x80000000u /* of a wire SPI or left-adjusted prefix */

/* What a PE may choose for itself: 7 bits leave 64 prefixes (the top one is fixed). */
#define VPN_SPI_OWN_LEN_MIN	7
#define VPN_SPI_OWN_LEN_MAX	26
#define VPN_SPI_OWN_LEN_DEFAULT 16

/* RFC 4303 section 2.1: SPIs 0 to 255 are reserved; labels keep clear of them too. */
#define VPN_SPI_LABEL_MIN 256u

/* Where ordinary SPIs live: charon.spi_min and charon.spi_max. */
#define VPN_SPI_ORDINARY_MIN 0x00000100u
#define VPN_SPI_ORDINARY_MAX 0x7fffffffu

/* bits: the prefix as it stands in a wire SPI, left-adjusted, rest 0.  len: 0 to 26. */
struct vpn_spi_prefix {
	uint32_t bits;
	uint8_t len;
};

enum vpn_spi_status {
	VPN_SPI_OK = 0,
	VPN_SPI_NOT_VPN,       /* V = 0: an ordinary SPI */
	VPN_SPI_BAD_LEN,       /* prefix length 27 to 31 */
	VPN_SPI_TOP_BIT_CLEAR, /* a prefix that may meet ordinary SPIs */
};

static inline uint32_t vpn_spi_prefix_mask(uint8_t len)
{
	return len ? UINT32_MAX << (32 - len) : 0;
}

/* Bits of a label beside a prefix of len bits. */
static inline uint8_t vpn_spi_label_len(uint8_t prefix_len)
{
	return 32 - prefix_len;
}

/* The largest label beside a prefix of len bits. */
static inline uint32_t vpn_spi_label_max(uint8_t prefix_len)
{
	return ~vpn_spi_prefix_mask(prefix_len);
}

/* The number that crosses IKE.  The prefix must be valid. */
static inline uint32_t vpn_spi_ike_encode(const struct vpn_spi_prefix *prefix)
{
	return VPN_SPI_V_FLAG | (uint32_t)prefix->len << VPN_SPI_LEN_SHIFT | prefix->bits >> 6;
}

/*
 * Takes a number that came through IKE apart.  Padding bits are ignored, as
 * the draft wants.  On anything but VPN_SPI_OK *prefix is left alone.
 */
static inline enum vpn_spi_status vpn_spi_ike_decode(uint32_t spi, struct vpn_spi_prefix *prefix)
{
	uint8_t len = spi >> VPN_SPI_LEN_SHIFT & VPN_SPI_LEN_MASK;
	uint32_t bits = (spi & VPN_SPI_FIELD_MASK) << 6 & vpn_spi_prefix_mask(len);

	if (!(spi & VPN_SPI_V_FLAG))
		return VPN_SPI_NOT_VPN;
	if (len > VPN_SPI_PREFIX_LEN_MAX)
		return VPN_SPI_BAD_LEN;
	if (len && !(bits & VPN_SPI_TOP_BIT))
		return VPN_SPI_TOP_BIT_CLEAR;
	prefix->bits = bits;
	prefix->len = len;
	return VPN_SPI_OK;
}

/* Can this label stand beside a prefix of this length in a usable wire SPI? */
static inline bool vpn_spi_label_fits(uint8_t prefix_len, uint32_t label)
{
	return label <= vpn_spi_label_max(prefix_len) &&
	       label >= (prefix_len ? 0 : VPN_SPI_LABEL_MIN);
}

/* The SPI in ESP.  The label must fit (vpn_spi_label_fits). */
static inline uint32_t vpn_spi_wire(const struct vpn_spi_prefix *prefix, uint32_t label)
{
	return prefix->bits | label;
}

/* The label of a wire SPI, given its prefix length. */
static inline uint32_t vpn_spi_wire_label(uint8_t prefix_len, uint32_t spi)
{
	return spi & ~vpn_spi_prefix_mask(prefix_len);
}

/* Does this wire SPI belong to the pool of this prefix? */
static inline bool vpn_spi_in_pool(const struct vpn_spi_prefix *prefix, uint32_t spi)
{
	return (spi & vpn_spi_prefix_mask(prefix->len)) == prefix->bits;
}

/* Why a peer's SPI was refused, in words for an operator. */
static inline const char *vpn_spi_status_str(enum vpn_spi_status status)
{
	switch (status) {
	case VPN_SPI_OK:
		return "valid";
	case VPN_SPI_NOT_VPN:
		return "the peer's SPI has V=0: it is no VPN-SPI, so the peer does not run frr-vpnd for this connection";
	case VPN_SPI_BAD_LEN:
		return "the peer's VPN-SPI has a prefix length over 26";
	case VPN_SPI_TOP_BIT_CLEAR:
		return "the peer's VPN-SPI has a prefix without its top bit set: it could meet ordinary SPIs";
	}
	return "unknown";
}

#endif /* WIRE_SPI_H */
