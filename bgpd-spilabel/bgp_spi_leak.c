// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Unlabeled VPN routes in and out of VRFs.
 *
 * bgp_mplsvpn.c leaks routes between VRFs and the VPN RIBs; what is different
 * for those with an SPI label is here.
 *
 * Out of a VRF: the route gets the VRF's label and our PE address as its next
 * hop.  A VRF with `spi-label vpn export` exports there; it exports MPLS
 * labeled routes too only if it was given a label or SID for them as well.
 *
 * Into a VRF: a path from another PE depends on a use (bgp_spi_use.c).  It is
 * valid only if the PE is reachable *and* the use is up, and then goes to
 * zebra as an interface next hop: the XFRM interface of that use.  There is no
 * other way to install it.  Had it the PE as its next hop, zebra would resolve
 * that over the backbone and send customer packets in the clear.
 *
 * A path from another VRF of this PE has a parent that was leaked itself.  Its
 * packets never leave the machine: no use, no label, installed as ever.
 */
#include <zebra.h>

#include "nexthop.h"
#include "zclient.h"

#include "bgpd/bgpd.h"
#include "bgpd/bgp_attr.h"
#include "bgpd/bgp_mplsvpn.h"
#include "bgpd/bgp_nexthop.h"
#include "bgpd/bgp_route.h"
#include "bgpd/bgp_spi_label.h"
#include "bgpd/bgp_spi_leak.h"
#include "bgpd/bgp_spi_use.h"
#include "bgpd/bgp_table.h"
#include "bgpd/bgp_zebra.h"

bool bgp_spi_exports(const struct bgp *bgp, afi_t afi)
{
	return CHECK_FLAG(bgp->vpn_policy[afi].flags, BGP_VPN_POLICY_TOVPN_SPI_LABEL_AUTO) &&
	       CHECK_FLAG(bgp->af_flags[afi][SAFI_UNICAST], BGP_CONFIG_VRF_TO_MPLSVPN_EXPORT);
}

bool bgp_spi_exports_labeled(const struct bgp *bgp, afi_t afi)
{
	const struct vpn_policy *policy = &bgp->vpn_policy[afi];

	return !bgp_spi_exports(bgp, afi) ||
	       CHECK_FLAG(policy->flags, BGP_VPN_POLICY_TOVPN_LABEL_AUTO |
						 BGP_VPN_POLICY_TOVPN_LABEL_PER_NEXTHOP |
						 BGP_VPN_POLICY_TOVPN_SID_AUTO) ||
	       policy->tovpn_label != MPLS_LABEL_NONE || policy->tovpn_sid_index ||
	       bgp->tovpn_sid_index || CHECK_FLAG(bgp->vrf_flags, BGP_VRF_TOVPN_SID_AUTO) ||
	       CHECK_FLAG(bgp->af_flags[afi][SAFI_UNICAST], BGP_CONFIG_VRF_TO_VRF_EXPORT);
}

void bgp_spi_leak_attr(const struct bgp *vrf, const struct attr *from, struct attr *attr)
{
	const struct spi_label *label = bgp_spi_label_of(vrf);

	attr->spi_label = label ? *label : (struct spi_label){};
	if (!label)
		return; /* for VRFs of this PE only; see bgp_route.c, subgroup_announce_check() */
	attr->nexthop = from->nexthop; /* tracked in the VRF, not sent */
	attr->mp_nexthop_global_in = bgp_spi_pe()->ipaddr_v4;
	attr->mp_nexthop_len = BGP_ATTR_NHLEN_IPV4;
}

/* Did this path of a VPN RIB come from another PE, with an SPI label? */
static bool leak_is_remote(const struct bgp_path_info *vpn_path)
{
	const struct bgp_table *table = vpn_path->net ? bgp_dest_table(vpn_path->net) : NULL;

	return table && table->safi == SAFI_UNLABELED_VPN &&
	       vpn_path->sub_type != BGP_ROUTE_IMPORTED;
}

static struct ipaddr leak_pe(const struct attr *attr)
{
	struct ipaddr pe = {};

	if (NEXTHOP_FAMILY(attr->mp_nexthop_len) == AF_INET6) {
		SET_IPADDR_V6(&pe);
		pe.ipaddr_v6 = attr->mp_nexthop_global;
	} else {
		SET_IPADDR_V4(&pe);
		pe.ipaddr_v4 = attr->mp_nexthop_global_in;
	}
	return pe;
}

bool bgp_spi_leak_usable(struct bgp *to, safi_t safi, struct bgp_path_info *source,
			 struct bgp_path_info *path)
{
	struct ipaddr pe;

	if (safi != SAFI_UNICAST || !path->extra || !path->extra->vrfleak)
		return true;
	if (!leak_is_remote(source)) {
		bgp_spi_use_detach(&path->extra->vrfleak->spi);
		return true;
	}
	if (!source->attr->spi_label.len) /* never received so; never let out in the clear either */
		return false;
	pe = leak_pe(source->attr);
	bgp_spi_use_attach(&path->extra->vrfleak->spi, path, to->name ? to->name : VRF_DEFAULT_NAME,
			   &pe, &source->attr->spi_label);
	return bgp_spi_path_usable(path);
}

struct bgp_spi_use *bgp_spi_path_use(const struct bgp_path_info *path)
{
	if (!path->extra || !path->extra->vrfleak || !path->extra->vrfleak->spi)
		return NULL;
	return path->extra->vrfleak->spi->use;
}

/* Must this path have a use to be valid at all? */
static bool path_is_protected(const struct bgp_path_info *path)
{
	return path->sub_type == BGP_ROUTE_IMPORTED && path->extra && path->extra->vrfleak &&
	       path->extra->vrfleak->parent && leak_is_remote(path->extra->vrfleak->parent);
}

bool bgp_spi_path_usable(const struct bgp_path_info *path)
{
	const struct bgp_spi_use *use = bgp_spi_path_use(path);

	return use ? use->up : !path_is_protected(path);
}

/* Is the PE of this path reachable, as next hop tracking has it? */
static bool path_pe_reachable(const struct bgp_path_info *path)
{
	const struct bgp_nexthop_cache *bnc = path->nexthop;

	return bgp_zebra_num_connects() == 0 ||
	       (bnc && CHECK_FLAG(bnc->flags, BGP_NEXTHOP_VALID) && bnc->nexthop_num > 0);
}

void bgp_spi_path_evaluate(struct bgp_path_info *path)
{
	struct bgp_dest *dest = path->net;
	struct bgp_table *table = bgp_dest_table(dest);
	const struct prefix *p = bgp_dest_get_prefix(dest);
	bool was = CHECK_FLAG(path->flags, BGP_PATH_VALID);
	bool valid = bgp_spi_path_usable(path) && path_pe_reachable(path);

	if (CHECK_FLAG(path->flags, BGP_PATH_REMOVED | BGP_PATH_HISTORY) || (!was && !valid))
		return;
	if (was && !valid) {
		bgp_aggregate_decrement(table->bgp, p, path, table->afi, table->safi);
		bgp_path_info_unset_flag(dest, path, BGP_PATH_VALID);
	} else if (!was) {
		bgp_path_info_set_flag(dest, path, BGP_PATH_VALID);
		bgp_aggregate_increment(table->bgp, p, path, table->afi, table->safi);
	} else /* the same path by another interface: to zebra again, but not to peers */
		SET_FLAG(path->flags, BGP_PATH_IGP_CHANGED);
	bgp_process(table->bgp, dest, path, table->afi, table->safi);
}

bool bgp_spi_path_nexthop(const struct bgp_path_info *path, const struct bgp *vrf,
			  struct zapi_nexthop *nh)
{
	const struct bgp_spi_use *use = bgp_spi_path_use(path);

	if (!bgp_spi_path_usable(path))
		return false;
	if (!use)
		return true;
	memset(&nh->gate, 0, sizeof(nh->gate));
	nh->type = NEXTHOP_TYPE_IFINDEX;
	nh->ifindex = use->ifindex;
	nh->vrf_id = vrf->vrf_id;
	return true;
}
