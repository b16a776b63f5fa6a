// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any octets as an opaque message of vpnd to a bgpd that has a path of a VRF
 * waiting for it: whatever comes, the path is valid only while its use is up.
 */
/* link: bgpd-spilabel/bgp_spi_use.c bgpd-spilabel/bgp_spi_vpnd.c bgpd-spilabel/bgp_spi_leak.c bgpd-spilabel/bgp_spi_label.c */
/* libs: bgpd */
#include <zebra.h>

#include "privs.h"
#include "qobj.h"

#include "bgpd/bgpd.h"
#include "bgpd/bgp_attr.h"
#include "bgpd/bgp_label.h"
#include "bgpd/bgp_network.h"
#include "bgpd/bgp_route.h"
#include "bgpd/bgp_spi_label.h"
#include "bgpd/bgp_spi_use.h"
#include "bgpd/bgp_spi_vpnd.h"
#include "bgpd/bgp_table.h"
#include "bgpd/bgp_vty.h"

struct zebra_privs_t bgpd_privs = {};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct bgp_path_info *path;

static void start(void)
{
	struct bgp_dest *dest;
	struct attr attr;
	as_t asn = 65000;
	struct prefix p;
	struct bgp *bgp;

	qobj_init();
	cmd_init(0);
	bgp_master_init(event_master_create(NULL), BGP_SOCKET_SNDBUF_SIZE, list_new());
	bgp_vty_init();
	vrf_init(NULL, NULL, NULL, NULL);
	bgp_option_set(BGP_OPT_NO_LISTEN);
	bgp_attr_init();
	bgp_labels_init();
	bgp_spi_vpnd_init(bm->master);
	bgp_get(&bgp, &asn, NULL, BGP_INSTANCE_TYPE_DEFAULT, NULL, ASNOTATION_PLAIN);

	str2prefix("10.9.0.0/24", &p);
	dest = bgp_node_get(bgp->rib[AFI_IP][SAFI_UNICAST], &p);
	bgp_attr_default_set(&attr, bgp, BGP_ORIGIN_IGP);
	path = info_make(ZEBRA_ROUTE_BGP, BGP_ROUTE_IMPORTED, 0, bgp->peer_self,
			 bgp_attr_intern(&attr), dest);
	bgp_path_info_extra_get(path)->vrfleak = calloc(1,
							sizeof(struct bgp_path_info_extra_vrfleak));
	bgp_path_info_add(dest, path);
}

static void receive(const uint8_t *data, size_t size, bool versioned)
{
	static const struct spi_label label = { 300, 16 };
	struct stream *s = stream_new(size + 1);
	struct ipaddr pe;

	str2ipaddr("10.0.0.2", &pe);
	bgp_spi_use_attach(&path->extra->vrfleak->spi, path, "r", &pe, &label);
	if (!versioned)
		vpn_opaque_begin(s);
	stream_put(s, data, size);
	bgp_spi_vpnd_receive(s);
	stream_free(s);
	if (!!CHECK_FLAG(path->flags, BGP_PATH_VALID) != path->extra->vrfleak->spi->use->up)
		abort();
	if (path->extra->vrfleak->spi->use->up && !path->extra->vrfleak->spi->use->ifindex)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!path)
		start();
	receive(data, size, true);
	receive(data, size, false);
	bgp_spi_use_detach(&path->extra->vrfleak->spi);
	bgp_spi_uses_finish();
	UNSET_FLAG(path->flags, BGP_PATH_VALID);
	return 0;
}
