// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The SPI-label path attribute in bgpd (draft-declercq-bgp-ipsec-vpn-00,
 * section 5.2.2; the five octets are wire/spi_label.h).
 *
 * A route of the unlabeled VPN SAFI names its VRF at the egress PE by this
 * label, so there must be exactly one with each update of that SAFI and none
 * with any other.  Whatever is wrong - length, label length, flags, twice,
 * missing, foreign - the routes of that update are withdrawn and the session
 * stays up (RFC 7606, treat-as-withdraw), whether the peer is internal or
 * external.
 *
 * The verdict falls when all attributes of the update are read, not when this
 * one is: MP_REACH_NLRI may come after it, and without its NLRI nothing could
 * be withdrawn.  Until then spi_label.len holds BGP_SPI_ATTR_MALFORMED.
 *
 * The attribute is well-known (flags 0x40), thus a peer that does not know it
 * would reset the session: it is sent in updates of its own SAFI only, which
 * are sent only to peers that negotiated it.
 */
#include <zebra.h>

#include "prefix.h"
#include "stream.h"

#include "bgpd/bgpd.h"
#include "bgpd/bgp_attr.h"
#include "bgpd/bgp_errors.h"
#include "bgpd/bgp_packet.h"
#include "bgpd/bgp_spi_attr.h"

/* Octet length and the low bits are no business of the attribute itself (RFC 4271, 4.3). */
#define SPI_ATTR_FLAGS_MASK (BGP_ATTR_FLAG_OPTIONAL | BGP_ATTR_FLAG_TRANS | BGP_ATTR_FLAG_PARTIAL)

static const char *spi_attr_refuse(struct attr *attr, const char *why)
{
	attr->spi_label.len = BGP_SPI_ATTR_MALFORMED;
	return why;
}

const char *bgp_spi_attr_take(struct attr *attr, uint8_t flags, const uint8_t *value, size_t size)
{
	struct spi_label label;
	const char *why;

	if (attr->spi_label.len)
		return spi_attr_refuse(attr, "attribute appears twice");
	if ((flags & SPI_ATTR_FLAGS_MASK) != SPI_LABEL_ATTR_FLAGS)
		return spi_attr_refuse(attr, "attribute flags are not well-known, transitive");
	why = spi_label_decode(value, size, &label);
	if (why)
		return spi_attr_refuse(attr, why);
	attr->spi_label = label;
	return NULL;
}

enum bgp_attr_parse_ret bgp_spi_attr_parse(struct bgp_attr_parser_args *args)
{
	struct peer *peer = args->peer;
	const char *why;

	if (peer->discard_attrs[args->type]) {
		stream_forward_getp(peer->curr, args->length);
		return BGP_ATTR_PARSE_PROCEED;
	}
	if (peer->withdraw_attrs[args->type])
		why = spi_attr_refuse(args->attr, "configured to treat as withdraw");
	else
		why = bgp_spi_attr_take(args->attr, args->flags, stream_pnt(peer->curr),
					args->length);
	if (why)
		flog_warn(EC_BGP_ATTRIBUTE_PARSE_WITHDRAW, "%pBP: SPI-label attribute: %s", peer,
			  why);
	stream_forward_getp(peer->curr, args->length);
	return BGP_ATTR_PARSE_PROCEED;
}

/* Does the update announce anything at all?  One that only withdraws needs no label. */
static bool spi_attr_announces(const struct attr *attr)
{
	return CHECK_FLAG(attr->flag, ATTR_FLAG_BIT(BGP_ATTR_MP_REACH_NLRI)) ||
	       CHECK_FLAG(attr->flag, ATTR_FLAG_BIT(BGP_ATTR_NEXT_HOP));
}

static const char *spi_attr_verdict(const struct attr *attr, bool ours)
{
	if (ours && !attr->spi_label.len)
		return "no SPI-label attribute with routes of the unlabeled VPN SAFI";
	if (attr->spi_label.len == BGP_SPI_ATTR_MALFORMED)
		return "malformed SPI-label attribute";
	if (!ours && attr->spi_label.len && spi_attr_announces(attr))
		return "SPI-label attribute with routes of a foreign SAFI";
	return NULL;
}

enum bgp_attr_parse_ret bgp_spi_attr_check(struct peer *peer, struct attr *attr,
					   const struct bgp_nlri *mp_update)
{
	bool ours = CHECK_FLAG(attr->flag, ATTR_FLAG_BIT(BGP_ATTR_MP_REACH_NLRI)) &&
		    mp_update->safi == SAFI_UNLABELED_VPN;
	const char *why = spi_attr_verdict(attr, ours);

	if (!ours)
		attr->spi_label = (struct spi_label){};
	if (!why)
		return BGP_ATTR_PARSE_PROCEED;
	attr->spi_label = (struct spi_label){};
	flog_warn(EC_BGP_ATTRIBUTE_PARSE_WITHDRAW, "%pBP: %s: treating its routes as withdrawn",
		  peer, why);
	return BGP_ATTR_PARSE_WITHDRAW;
}

void bgp_spi_attr_put(struct stream *s, const struct attr *attr, safi_t safi)
{
	uint8_t value[SPI_LABEL_ATTR_SIZE];

	if (safi != SAFI_UNLABELED_VPN || !attr->spi_label.len)
		return;
	spi_label_encode(&attr->spi_label, value);
	stream_putc(s, SPI_LABEL_ATTR_FLAGS);
	stream_putc(s, BGP_ATTR_SPI_LABEL);
	stream_putc(s, sizeof(value));
	stream_put(s, value, sizeof(value));
}
