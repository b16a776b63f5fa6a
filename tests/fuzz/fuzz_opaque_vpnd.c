// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any octets as an opaque message of bgpd: vpnd's own sets take it, with no
 * zebra, kernel or charon there.
 */
/* link: vpnd/vici.c vpnd/vpn_*.c */
/* but: vpnd/vpn_main.c vpnd/vpn_cli*.c vpnd/vpn_nb*.c vpnd/vpn_vty*.c */
/* libs: frr mnl yang */
#include <zebra.h>

#include "lib/frrevent.h"
#include "lib/privs.h"
#include "lib/stream.h"

#include "vpnd/vpn_apply.h"
#include "vpnd/vpn_bgp.h"
#include "vpnd/vpn_label.h"
#include "vpnd/vpn_use.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct event_loop *master;
struct zebra_privs_t vpnd_privs;

static void check(void)
{
	const struct vpn_label *label;
	const struct vpn_use *use;

	frr_each (vpn_labels_const, &vpn_labels, label)
		if (!label->vrf[0])
			abort();
	frr_each (vpn_uses_const, &vpn_uses, use)
		if (!use->vrf[0] || IS_IPADDR_NONE(&use->pe) || use->label.len < SPI_LABEL_LEN_MIN)
			abort();
}

static void receive(const uint8_t *data, size_t size, bool versioned)
{
	struct stream *s = stream_new(size + 1);

	if (!versioned)
		vpn_opaque_begin(s);
	stream_put(s, data, size);
	vpn_bgp_receive(s);
	stream_free(s);
	check();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!master)
		master = event_master_create("fuzz");
	receive(data, size, true);
	receive(data, size, false);
	vpn_use_terminate();
	vpn_label_terminate();
	return 0;
}
