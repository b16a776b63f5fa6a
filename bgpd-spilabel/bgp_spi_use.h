/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Uses: a VRF of ours sends to a PE with one of its labels.  See bgp_spi_use.c. */
#ifndef _BGP_SPI_USE_H
#define _BGP_SPI_USE_H

#include "ipaddr.h"
#include "typesafe.h"
#include "vrf.h"

#include "wire/opaque.h"

struct bgp_path_info;
struct event_loop;

PREDECL_HASH(bgp_spi_uses);
PREDECL_DLIST(bgp_spi_paths);

struct bgp_spi_use {
	struct bgp_spi_uses_item item;

	/* the key */
	char vrf[VRF_NAMSIZ];
	struct ipaddr pe;
	struct spi_label label;

	/* what vpnd says of it */
	bool up;
	ifindex_t ifindex; /* in the VRF, sends to this PE with this label */
	uint32_t if_id;
	char reason[VPN_REASON_SIZE]; /* in words; empty when up */
	time_t since;		      /* monotime of the last change of up */

	bool confirmed; /* named by vpnd since the last bgp_spi_uses_mark() */
	struct bgp_spi_paths_head paths;
	struct event *t_linger; /* runs while no path uses it */
};

/* One path of a VRF and the use it depends on.  The path owns it. */
struct bgp_spi_path {
	struct bgp_spi_paths_item item;
	struct bgp_spi_use *use;
	struct bgp_path_info *path;
};

extern int bgp_spi_use_cmp(const struct bgp_spi_use *a, const struct bgp_spi_use *b);
extern uint32_t bgp_spi_use_hash(const struct bgp_spi_use *use);
DECLARE_HASH(bgp_spi_uses, struct bgp_spi_use, item, bgp_spi_use_cmp, bgp_spi_use_hash);
DECLARE_DLIST(bgp_spi_paths, struct bgp_spi_path, item);

extern struct bgp_spi_uses_head bgp_spi_uses;

/* Makes *spi (NULL at first) of path depend on this use, which is wanted from vpnd if new. */
extern void bgp_spi_use_attach(struct bgp_spi_path **spi, struct bgp_path_info *path,
			       const char *vrf, const struct ipaddr *pe,
			       const struct spi_label *label);

/* The path depends on it no longer; *spi becomes NULL.  The use lingers before it is unwanted. */
extern void bgp_spi_use_detach(struct bgp_spi_path **spi);

/* Carries out a USE_IS: paths become valid, invalid or move to another interface. */
extern void bgp_spi_use_is(const struct vpn_opaque *m);

/* From now on vpnd names what it knows; what it did not name by the sweep is down. */
extern void bgp_spi_uses_mark(void);
extern void bgp_spi_uses_sweep(const char *reason);

/* Calls out for each use, wanted by us, as a record USE_WANT. */
extern void bgp_spi_uses_want(void (*out)(const struct vpn_opaque *m));

extern void bgp_spi_uses_finish(void);

#endif /* _BGP_SPI_USE_H */
