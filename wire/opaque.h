/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What bgpd and vpnd tell each other, as ZAPI opaque messages.
 *
 * bgpd knows routes, vpnd knows labels and security associations.  bgpd says
 * what it wants; vpnd says what is so:
 *
 *   bgpd: LABEL_WANT red                    vpnd: LABEL_IS red 257/16
 *   bgpd: USE_WANT red, PE 10.0.0.2, 300/16 vpnd: USE_IS … down, "connecting"
 *                                           vpnd: USE_IS … up, ifindex 9
 *   vpnd (unasked, and after each change):  PE_IS 10.0.0.1, label length 16
 *
 * Wants are a set, not a queue: a want stays until its UNWANT.  An IS that
 * changes is sent again.  bgpd holds a path invalid until its use is up; it
 * advertises a VRF's routes once its label is there.
 *
 * Each side may restart at any time.  Whoever (re)appears sends SYNC_REQUEST;
 * the other answers with its whole set between SYNC_BEGIN and SYNC_END, with
 * the generation of the request, and what was not named between them is
 * gone.  Until then both keep what they had: forwarding goes on.  An END whose
 * generation is not that of the newest request is ignored.
 *
 * Encoding: an opaque message is the version octet and then records of
 * type (1 octet), length (2 octets, of the value), value.  A record of an
 * unknown type is skipped, so either side may learn new ones first.  Numbers
 * are in network byte order; a string is its length (1 octet) and its octets,
 * without a NUL.  A VRF is known by its name, which survives when its kernel
 * device does not.
 */
#ifndef WIRE_OPAQUE_H
#define WIRE_OPAQUE_H

#include <stdbool.h>
#include <stdint.h>

#include "ipaddr.h"
#include "stream.h"
#include "vrf.h"

#include "wire/spi_label.h"

/* zebra's registry of opaque types is a plain number; these are far from FRR's own. */
#define VPN_OPAQUE_TO_VPND 0x56504e01u /* "VPN", 1 */
#define VPN_OPAQUE_TO_BGPD 0x56504e02u /* "VPN", 2 */

#define VPN_OPAQUE_VERSION 1
#define VPN_OPAQUE_MAX	   8192u /* octets of one opaque message, well under ZAPI's limit */
#define VPN_REASON_SIZE	   256	 /* of a reason in words, with the NUL */

enum vpn_opaque_type {
	VPN_OPAQUE_SYNC_REQUEST = 1, /* both ways: generation */
	VPN_OPAQUE_SYNC_BEGIN = 2,   /* both ways: generation */
	VPN_OPAQUE_SYNC_END = 3,     /* both ways: generation */

	VPN_OPAQUE_LABEL_WANT = 10,   /* to vpnd: vrf */
	VPN_OPAQUE_LABEL_UNWANT = 11, /* to vpnd: vrf */
	VPN_OPAQUE_USE_WANT = 12,     /* to vpnd: vrf, pe, label */
	VPN_OPAQUE_USE_UNWANT = 13,   /* to vpnd: vrf, pe, label */

	VPN_OPAQUE_LABEL_IS = 20, /* to bgpd: vrf, label (length 0: refused), reason */
	VPN_OPAQUE_USE_IS = 21,	  /* to bgpd: vrf, pe, label, up, ifindex, if_id, reason */
	VPN_OPAQUE_PE_IS = 22,	  /* to bgpd: pe (our own, or none), label.len */
};

/* One record, decoded.  Only the fields that its type names above are set. */
struct vpn_opaque {
	enum vpn_opaque_type type;
	uint32_t generation;
	char vrf[VRF_NAMSIZ];
	struct ipaddr pe; /* IPADDR_NONE: there is none */
	struct spi_label label;
	bool up;
	uint32_t ifindex; /* interface in the VRF that sends to this PE with this label */
	uint32_t if_id;	  /* XFRM if_id of its SA */
	char reason[VPN_REASON_SIZE]; /* in words; empty when up */
};

/*
 * Appends one record to s, which must start with the version octet (see
 * vpn_opaque_begin).  False, and nothing written, if there is no room.
 */
static inline bool vpn_opaque_put(struct stream *s, const struct vpn_opaque *m);

/* Starts a message in s: the version octet. */
static inline void vpn_opaque_begin(struct stream *s)
{
	stream_putc(s, VPN_OPAQUE_VERSION);
}

/* Reads the version octet.  False if it is not ours: ignore the message. */
static inline bool vpn_opaque_open(struct stream *s)
{
	return STREAM_READABLE(s) >= 1 && stream_getc(s) == VPN_OPAQUE_VERSION;
}

/*
 * Reads the next known record, skipping unknown ones.  1: *m is filled.
 * 0: the message is at its end.  -1: it is malformed from here on.
 */
static inline int vpn_opaque_get(struct stream *s, struct vpn_opaque *m);

/* Which fields a type has, as a set, so that both directions of the codec share it. */
enum vpn_opaque_field {
	VPN_FIELD_GENERATION = 1,
	VPN_FIELD_VRF = 2,
	VPN_FIELD_PE = 4,
	VPN_FIELD_LABEL = 8,
	VPN_FIELD_STATE = 16, /* up, ifindex, if_id */
	VPN_FIELD_REASON = 32,
};

static inline unsigned int vpn_opaque_fields(unsigned int type)
{
	switch (type) {
	case VPN_OPAQUE_SYNC_REQUEST:
	case VPN_OPAQUE_SYNC_BEGIN:
	case VPN_OPAQUE_SYNC_END:
		return VPN_FIELD_GENERATION;
	case VPN_OPAQUE_LABEL_WANT:
	case VPN_OPAQUE_LABEL_UNWANT:
		return VPN_FIELD_VRF;
	case VPN_OPAQUE_USE_WANT:
	case VPN_OPAQUE_USE_UNWANT:
		return VPN_FIELD_VRF | VPN_FIELD_PE | VPN_FIELD_LABEL;
	case VPN_OPAQUE_LABEL_IS:
		return VPN_FIELD_VRF | VPN_FIELD_LABEL | VPN_FIELD_REASON;
	case VPN_OPAQUE_USE_IS:
		return VPN_FIELD_VRF | VPN_FIELD_PE | VPN_FIELD_LABEL | VPN_FIELD_STATE |
		       VPN_FIELD_REASON;
	case VPN_OPAQUE_PE_IS:
		return VPN_FIELD_PE | VPN_FIELD_LABEL;
	}
	return 0;
}

static inline void vpn_opaque_put_string(struct stream *s, const char *str)
{
	size_t len = MIN(strlen(str), (size_t)UINT8_MAX);

	stream_putc(s, len);
	stream_put(s, str, len);
}

static inline void vpn_opaque_put_pe(struct stream *s, const struct ipaddr *pe)
{
	uint8_t len = IS_IPADDR_V4(pe) ? IPV4_MAX_BYTELEN : IS_IPADDR_V6(pe) ? IPV6_MAX_BYTELEN : 0;

	stream_putc(s, len);
	if (len)
		stream_put(s, &pe->ip, len);
}

static inline bool vpn_opaque_put(struct stream *s, const struct vpn_opaque *m)
{
	unsigned int fields = vpn_opaque_fields(m->type);
	size_t start, worst = 3 + 4 + (1 + VRF_NAMSIZ) + 17 + 5 + 9 + (1 + VPN_REASON_SIZE);

	if (STREAM_WRITEABLE(s) < worst)
		return false;
	stream_putc(s, m->type);
	start = stream_get_endp(s);
	stream_putw(s, 0);
	if (fields & VPN_FIELD_GENERATION)
		stream_putl(s, m->generation);
	if (fields & VPN_FIELD_VRF)
		vpn_opaque_put_string(s, m->vrf);
	if (fields & VPN_FIELD_PE)
		vpn_opaque_put_pe(s, &m->pe);
	if (fields & VPN_FIELD_LABEL) {
		stream_putc(s, m->label.len);
		stream_putl(s, m->label.label);
	}
	if (fields & VPN_FIELD_STATE) {
		stream_putc(s, m->up);
		stream_putl(s, m->ifindex);
		stream_putl(s, m->if_id);
	}
	if (fields & VPN_FIELD_REASON)
		vpn_opaque_put_string(s, m->reason);
	stream_putw_at(s, start, stream_get_endp(s) - start - 2);
	return true;
}

/* A string into buf of size octets; false if it is too long or has a NUL in it. */
static inline bool vpn_opaque_get_string(struct stream *s, char *buf, size_t size)
{
	uint8_t len;

	STREAM_GETC(s, len);
	if (len >= size)
		return false;
	STREAM_GET(buf, s, len);
	buf[len] = '\0';
	return strlen(buf) == len;

stream_failure:
	return false;
}

static inline bool vpn_opaque_get_pe(struct stream *s, struct ipaddr *pe)
{
	uint8_t len;

	STREAM_GETC(s, len);
	if (len != 0 && len != IPV4_MAX_BYTELEN && len != IPV6_MAX_BYTELEN)
		return false;
	pe->ipa_type = len == IPV4_MAX_BYTELEN ? IPADDR_V4 : len ? IPADDR_V6 : IPADDR_NONE;
	if (len)
		STREAM_GET(&pe->ip, s, len);
	return true;

stream_failure:
	return false;
}

static inline bool vpn_opaque_get_label(struct stream *s, struct spi_label *label)
{
	STREAM_GETC(s, label->len);
	STREAM_GETL(s, label->label);
	if (label->len == 0)
		return label->label == 0;
	return label->len >= SPI_LABEL_LEN_MIN && label->len <= SPI_LABEL_LEN_MAX &&
	       label->label <= UINT32_MAX >> (32 - label->len);

stream_failure:
	return false;
}

/* The value of one record, whose length was checked against what is readable. */
static inline bool vpn_opaque_get_value(struct stream *s, unsigned int fields, struct vpn_opaque *m)
{
	uint8_t up;

	if (fields & VPN_FIELD_GENERATION)
		STREAM_GETL(s, m->generation);
	if (fields & VPN_FIELD_VRF && !vpn_opaque_get_string(s, m->vrf, sizeof(m->vrf)))
		return false;
	if (fields & VPN_FIELD_PE && !vpn_opaque_get_pe(s, &m->pe))
		return false;
	if (fields & VPN_FIELD_LABEL && !vpn_opaque_get_label(s, &m->label))
		return false;
	if (fields & VPN_FIELD_STATE) {
		STREAM_GETC(s, up);
		STREAM_GETL(s, m->ifindex);
		STREAM_GETL(s, m->if_id);
		m->up = up != 0;
	}
	return !(fields & VPN_FIELD_REASON) ||
	       vpn_opaque_get_string(s, m->reason, sizeof(m->reason));

stream_failure:
	return false;
}

static inline int vpn_opaque_get(struct stream *s, struct vpn_opaque *m)
{
	unsigned int fields;
	uint16_t len;
	uint8_t type;
	size_t end;

	while (STREAM_READABLE(s)) {
		STREAM_GETC(s, type);
		STREAM_GETW(s, len);
		if (STREAM_READABLE(s) < len)
			return -1;
		end = stream_get_getp(s) + len;
		fields = vpn_opaque_fields(type);
		if (!fields) {
			stream_set_getp(s, end);
			continue;
		}
		memset(m, 0, sizeof(*m));
		m->type = type;
		/* a newer sender may append fields; one that reads past its record lies */
		if (!vpn_opaque_get_value(s, fields, m) || stream_get_getp(s) > end)
			return -1;
		stream_set_getp(s, end);
		return 1;
	}
	return 0;

stream_failure:
	return -1;
}

#endif /* WIRE_OPAQUE_H */
