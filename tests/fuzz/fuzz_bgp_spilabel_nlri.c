// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any octets as NLRI of the unlabeled VPN SAFI: what is read can be written and
 * is read again the same.  First octet: bit 0 add-path, bit 1 IPv6.
 */
/* link: bgpd-spilabel/bgp_uvpn_nlri.c */
/* libs: bgpd */
#include <zebra.h>

#include "privs.h"

#include "bgpd/bgpd.h"
#include "bgpd/bgp_packet.h"
#include "bgpd/bgp_uvpn_nlri.h"

struct zebra_privs_t bgpd_privs = {};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void again(const struct uvpn_nlri *n, afi_t afi, bool addpath)
{
	struct stream *s = stream_new(64);
	struct uvpn_nlri copy;
	const uint8_t *pos;

	uvpn_nlri_put(s, &n->p, &n->prd, addpath, n->addpath_id);
	pos = STREAM_DATA(s);
	if (uvpn_nlri_get(&pos, STREAM_DATA(s) + stream_get_endp(s), afi, addpath, &copy) != 1 ||
	    !prefix_same(&copy.p, &n->p) || copy.addpath_id != n->addpath_id ||
	    memcmp(copy.prd.val, n->prd.val, UVPN_RD_BYTES) != 0)
		abort();
	stream_free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *pos = data + 1, *end = data + size;
	struct uvpn_nlri n;
	bool addpath;
	afi_t afi;

	if (!size)
		return 0;
	addpath = data[0] & 1;
	afi = data[0] & 2 ? AFI_IP6 : AFI_IP;
	while (uvpn_nlri_get(&pos, end, afi, addpath, &n) == 1) {
		if (pos > end)
			abort();
		again(&n, afi, addpath);
	}
	return 0;
}
