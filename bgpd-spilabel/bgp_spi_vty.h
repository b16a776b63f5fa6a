/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands of BGP/IPsec VPN in bgpd.  See bgp_spi_vty.c. */
#ifndef _BGP_SPI_VTY_H
#define _BGP_SPI_VTY_H

#include "json.h"
#include "vty.h"

struct bgp;
struct bgp_path_info;

/* The lines of an address family of a VRF. */
extern void bgp_spi_config_write_afi(struct vty *vty, const struct bgp *bgp, afi_t afi);

/* The lines of a path in detail: its label, and the use that it depends on.  json may be NULL. */
extern void bgp_spi_show_path(struct vty *vty, const struct bgp_path_info *path, json_object *json);

/* Commands, zebra's callbacks, timers: all of BGP/IPsec VPN in bgpd starts and ends here. */
extern void bgp_spi_init(void);
extern void bgp_spi_finish(void);

#endif /* _BGP_SPI_VTY_H */
