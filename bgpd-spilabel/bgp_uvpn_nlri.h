/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NLRI of the unlabeled VPN SAFI.  See bgp_uvpn_nlri.c. */
#ifndef _BGP_UVPN_NLRI_H
#define _BGP_UVPN_NLRI_H

#include "prefix.h"
#include "stream.h"

struct attr;
struct bgp_nlri;
struct peer;

#define UVPN_RD_BYTES 8

/* One NLRI, decoded.  addpath_id is 0 without add-path. */
struct uvpn_nlri {
	uint32_t addpath_id;
	struct prefix_rd prd;
	struct prefix p;
};

/*
 * Reads the next NLRI of [*pos, end) and moves *pos behind it.  1: *out is
 * filled.  0: there is none left.  Less: a BGP_NLRI_PARSE_ERROR.
 */
extern int uvpn_nlri_get(const uint8_t **pos, const uint8_t *end, afi_t afi, bool addpath,
			 struct uvpn_nlri *out);

/* Appends one NLRI.  The stream must have room for uvpn_nlri_size() and the add-path id. */
extern void uvpn_nlri_put(struct stream *s, const struct prefix *p, const struct prefix_rd *prd,
			  bool addpath, uint32_t addpath_id);

/* Octets of one NLRI behind its length octet. */
extern size_t uvpn_nlri_size(const struct prefix *p);

/* All NLRI of an update, into the RIB; attr NULL: out of it.  BGP_NLRI_PARSE_OK or an error. */
extern int bgp_nlri_parse_uvpn(struct peer *peer, struct attr *attr, struct bgp_nlri *packet);

#endif /* _BGP_UVPN_NLRI_H */
