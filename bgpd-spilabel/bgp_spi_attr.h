/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The SPI-label path attribute in bgpd.  See bgp_spi_attr.c. */
#ifndef _BGP_SPI_ATTR_H
#define _BGP_SPI_ATTR_H

#include "bgpd/bgp_attr.h"

struct bgp_nlri;

/* spi_label.len of an attribute that was received but cannot be used; never in the RIB. */
#define BGP_SPI_ATTR_MALFORMED UINT8_MAX

/*
 * Takes one SPI-label attribute as it stood in an update: its flags octet and
 * the size octets of its value.  NULL if it is now in attr; else why not, in
 * words, and attr remembers that it is malformed.
 */
extern const char *bgp_spi_attr_take(struct attr *attr, uint8_t flags, const uint8_t *value,
				     size_t size);

/* bgp_attr_parse() found one.  Always proceeds: bgp_spi_attr_check() judges at the end. */
extern enum bgp_attr_parse_ret bgp_spi_attr_parse(struct bgp_attr_parser_args *args);

/*
 * All attributes of an update are read: does it have an SPI label where one
 * must be, and none elsewhere?  Proceed, or treat the update as a withdraw.
 */
extern enum bgp_attr_parse_ret bgp_spi_attr_check(struct peer *peer, struct attr *attr,
						  const struct bgp_nlri *mp_update);

/* Appends the attribute to an update of this SAFI, if it belongs there. */
extern void bgp_spi_attr_put(struct stream *s, const struct attr *attr, safi_t safi);

#endif /* _BGP_SPI_ATTR_H */
