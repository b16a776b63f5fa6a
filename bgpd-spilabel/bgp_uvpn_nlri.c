// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * NLRI of the unlabeled VPN SAFI (draft-declercq-bgp-ipsec-vpn-00, section
 * 5.2.4): a length octet in bits, counting the RD, then the RD of 8 octets,
 * then as many octets of the prefix as its length needs.  With add-path (RFC
 * 7911) a path identifier of 4 octets comes first.
 *
 *      +--------+----------------------------+-----------------+
 *      | length |  RD, 8 octets              | prefix, 0 to 16 |
 *      +--------+----------------------------+-----------------+
 *
 * There is no MPLS label in it, which is why the parser of labeled VPN routes
 * will not do.  An NLRI that does not add up leaves no way to find the next
 * one, so it is an error of the session (RFC 7606, section 5.3).  The RD is not looked
 * into: it only tells routes apart (RFC 4364, section 4.1).
 */
#include <zebra.h>

#include "prefix.h"
#include "stream.h"

#include "bgpd/bgpd.h"
#include "bgpd/bgp_addpath.h"
#include "bgpd/bgp_attr.h"
#include "bgpd/bgp_errors.h"
#include "bgpd/bgp_packet.h"
#include "bgpd/bgp_route.h"
#include "bgpd/bgp_uvpn_nlri.h"

int uvpn_nlri_get(const uint8_t **pos, const uint8_t *end, afi_t afi, bool addpath,
		  struct uvpn_nlri *out)
{
	const uint8_t *in = *pos;
	uint8_t bits;

	if (in == end)
		return 0;
	memset(out, 0, sizeof(*out));
	out->prd.family = AF_UNSPEC;
	out->prd.prefixlen = UVPN_RD_BYTES * 8;
	out->p.family = afi2family(afi);

	if (addpath) {
		if (end - in < BGP_ADDPATH_ID_LEN)
			return BGP_NLRI_PARSE_ERROR_PACKET_OVERFLOW;
		memcpy(&out->addpath_id, in, BGP_ADDPATH_ID_LEN);
		out->addpath_id = ntohl(out->addpath_id);
		in += BGP_ADDPATH_ID_LEN;
	}
	if (in == end)
		return BGP_NLRI_PARSE_ERROR_PACKET_LENGTH;
	bits = *in++;
	if (bits < UVPN_RD_BYTES * 8 || bits - UVPN_RD_BYTES * 8 > prefix_blen(&out->p) * 8)
		return BGP_NLRI_PARSE_ERROR_PREFIX_LENGTH;
	if (end - in < PSIZE(bits))
		return BGP_NLRI_PARSE_ERROR_PACKET_OVERFLOW;

	memcpy(out->prd.val, in, UVPN_RD_BYTES);
	out->p.prefixlen = bits - UVPN_RD_BYTES * 8;
	memcpy(out->p.u.val, in + UVPN_RD_BYTES, PSIZE(bits) - UVPN_RD_BYTES);
	apply_mask(&out->p);
	*pos = in + PSIZE(bits);
	return 1;
}

void uvpn_nlri_put(struct stream *s, const struct prefix *p, const struct prefix_rd *prd,
		   bool addpath, uint32_t addpath_id)
{
	if (addpath)
		stream_putl(s, addpath_id);
	stream_putc(s, p->prefixlen + UVPN_RD_BYTES * 8);
	stream_put(s, prd->val, UVPN_RD_BYTES);
	stream_put(s, &p->u.prefix, PSIZE(p->prefixlen));
}

size_t uvpn_nlri_size(const struct prefix *p)
{
	return UVPN_RD_BYTES + PSIZE(p->prefixlen);
}

int bgp_nlri_parse_uvpn(struct peer *peer, struct attr *attr, struct bgp_nlri *packet)
{
	bool addpath = bgp_addpath_encode_rx(peer, packet->afi, packet->safi);
	const uint8_t *pos = packet->nlri, *end = pos + packet->length;
	struct uvpn_nlri n;
	int ret;

	if (packet->afi != AFI_IP && packet->afi != AFI_IP6)
		return BGP_NLRI_PARSE_ERROR;
	while ((ret = uvpn_nlri_get(&pos, end, packet->afi, addpath, &n)) == 1) {
		if (attr)
			bgp_update(peer, &n.p, n.addpath_id, attr, packet->afi, packet->safi,
				   ZEBRA_ROUTE_BGP, BGP_ROUTE_NORMAL, &n.prd, NULL, 0, 0, NULL);
		else
			bgp_withdraw(peer, &n.p, n.addpath_id, packet->afi, packet->safi,
				     ZEBRA_ROUTE_BGP, BGP_ROUTE_NORMAL, &n.prd, NULL, 0);
	}
	if (ret == 0)
		return BGP_NLRI_PARSE_OK;
	flog_err(EC_BGP_UPDATE_RCV,
		 "%pBP: malformed unlabeled VPN NLRI at octet %zu of %u of the update", peer,
		 (size_t)(pos - packet->nlri), packet->length);
	return ret;
}
