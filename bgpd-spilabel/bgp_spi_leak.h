/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unlabeled VPN routes in and out of VRFs: what the leak code calls.  See bgp_spi_leak.c. */
#ifndef _BGP_SPI_LEAK_H
#define _BGP_SPI_LEAK_H

#include "prefix.h"

struct attr;
struct bgp;
struct bgp_path_info;
struct bgp_spi_path;
struct bgp_spi_use;
struct zapi_nexthop;

/* Does the configuration send routes of this VRF into the unlabeled VPN RIB? */
extern bool bgp_spi_exports(const struct bgp *bgp, afi_t afi);

/* And into the RIB of labeled ones?  As ever, unless only an SPI label was asked for. */
extern bool bgp_spi_exports_labeled(const struct bgp *bgp, afi_t afi);

/*
 * Sets label and next hop of a route that goes from this VRF, where it has
 * the attributes from, into the unlabeled VPN RIB.
 */
extern void bgp_spi_leak_attr(const struct bgp *vrf, const struct attr *from, struct attr *attr);

/*
 * path, in this RIB of to, was leaked from source.  Finds the use that it
 * depends on, if it does.  False: the path must not be valid now.
 */
extern bool bgp_spi_leak_usable(struct bgp *to, safi_t safi, struct bgp_path_info *source,
				struct bgp_path_info *path);

/* The use that a path depends on, or NULL. */
extern struct bgp_spi_use *bgp_spi_path_use(const struct bgp_path_info *path);

/* May the path be valid, next hop tracking aside?  True if it depends on no use. */
extern bool bgp_spi_path_usable(const struct bgp_path_info *path);

/* Its use has changed: makes the path valid, invalid, or installs it anew. */
extern void bgp_spi_path_evaluate(struct bgp_path_info *path);

/*
 * Turns the next hop of a path of this VRF, on its way to zebra, into the
 * interface that protects it.  False: it must not be installed.
 */
extern bool bgp_spi_path_nexthop(const struct bgp_path_info *path, const struct bgp *vrf,
				 struct zapi_nexthop *nh);

#endif /* _BGP_SPI_LEAK_H */
