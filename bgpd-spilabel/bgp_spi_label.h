/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPI labels of our own VRFs, and our address as a PE.  See bgp_spi_label.c. */
#ifndef _BGP_SPI_LABEL_H
#define _BGP_SPI_LABEL_H

#include "ipaddr.h"
#include "typesafe.h"
#include "vrf.h"

#include "wire/opaque.h"

struct bgp;

PREDECL_RBTREE_UNIQ(bgp_spi_labels);

/* A VRF that exports with an SPI label. */
struct bgp_spi_label {
	struct bgp_spi_labels_item item;
	char vrf[VRF_NAMSIZ];	      /* the key */
	struct spi_label label;	      /* length 0: vpnd has given none (yet) */
	char reason[VPN_REASON_SIZE]; /* why not, in words */
	bool confirmed;		      /* named by vpnd since the last bgp_spi_labels_mark() */
};

extern int bgp_spi_label_cmp(const struct bgp_spi_label *a, const struct bgp_spi_label *b);
DECLARE_RBTREE_UNIQ(bgp_spi_labels, struct bgp_spi_label, item, bgp_spi_label_cmp);

extern struct bgp_spi_labels_head bgp_spi_labels;

/* Our PE address, which is the BGP next hop; IPADDR_NONE: vpnd has none configured. */
extern const struct ipaddr *bgp_spi_pe(void);

/* The label that routes of this VRF are announced with, or NULL: they are not. */
extern const struct spi_label *bgp_spi_label_of(const struct bgp *bgp);

/* Something that decides which VRFs want a label may have changed: looks, a little later. */
extern void bgp_spi_labels_reconsider(void);

/* Carries out a LABEL_IS, a PE_IS: routes are announced, announced anew, or withdrawn. */
extern void bgp_spi_label_is(const struct vpn_opaque *m);
extern void bgp_spi_pe_is(const struct vpn_opaque *m);

/* From now on vpnd names what it knows; what it did not name by the sweep is gone. */
extern void bgp_spi_labels_mark(void);
extern void bgp_spi_labels_sweep(const char *reason);

/* Calls out for each VRF that wants a label, as a record LABEL_WANT. */
extern void bgp_spi_labels_want(void (*out)(const struct vpn_opaque *m));

extern void bgp_spi_label_init(void);
extern void bgp_spi_label_finish(void);

#endif /* _BGP_SPI_LABEL_H */
