// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Uses of labels, driven by vpnd's messages: a path of a VRF is valid exactly
 * while its use is up, over vpnd's restarts too.
 *
 * The paths lie in a real RIB of a real instance; zebra is not there, so every
 * next hop counts as reachable.
 */
/* link: bgpd-spilabel/bgp_spi_use.c bgpd-spilabel/bgp_spi_vpnd.c bgpd-spilabel/bgp_spi_leak.c bgpd-spilabel/bgp_spi_label.c */
/* libs: bgpd */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <zebra.h>

#include "privs.h"
#include "qobj.h"

#include "bgpd/bgpd.h"
#include "bgpd/bgp_attr.h"
#include "bgpd/bgp_label.h"
#include "bgpd/bgp_network.h"
#include "bgpd/bgp_route.h"
#include "bgpd/bgp_spi_label.h"
#include "bgpd/bgp_spi_leak.h"
#include "bgpd/bgp_spi_use.h"
#include "bgpd/bgp_spi_vpnd.h"
#include "bgpd/bgp_table.h"
#include "bgpd/bgp_vty.h"

struct zebra_privs_t bgpd_privs = {};

static const struct spi_label label_300 = { 300, 16 };
static struct bgp *bgp;
static struct bgp_path_info *path;

static struct ipaddr pe2(void)
{
	struct ipaddr pe;

	str2ipaddr("10.0.0.2", &pe);
	return pe;
}

/* A path of 10.9.0.0/24, as leaked from a VPN RIB, that depends on no use yet. */
static struct bgp_path_info *new_path(void)
{
	struct bgp_dest *dest;
	struct attr attr;
	struct prefix p;

	str2prefix("10.9.0.0/24", &p);
	dest = bgp_node_get(bgp->rib[AFI_IP][SAFI_UNICAST], &p);
	bgp_attr_default_set(&attr, bgp, BGP_ORIGIN_IGP);
	path = info_make(ZEBRA_ROUTE_BGP, BGP_ROUTE_IMPORTED, 0, bgp->peer_self,
			 bgp_attr_intern(&attr), dest);
	bgp_path_info_extra_get(path)->vrfleak = calloc(1,
							sizeof(struct bgp_path_info_extra_vrfleak));
	bgp_path_info_add(dest, path);
	return path;
}

static void attach(void)
{
	struct ipaddr pe = pe2();

	bgp_spi_use_attach(&path->extra->vrfleak->spi, path, "red", &pe, &label_300);
}

static void hear(const struct vpn_opaque *records, size_t count)
{
	struct stream *s = stream_new(VPN_OPAQUE_MAX);

	vpn_opaque_begin(s);
	for (size_t i = 0; i < count; i++)
		assert_true(vpn_opaque_put(s, &records[i]));
	assert_true(bgp_spi_vpnd_receive(s));
	stream_free(s);
}

static struct vpn_opaque use_is(bool up, uint32_t ifindex)
{
	struct vpn_opaque m = { .type = VPN_OPAQUE_USE_IS,
				.vrf = "red",
				.pe = pe2(),
				.label = label_300,
				.up = up,
				.ifindex = ifindex };

	if (!up)
		strlcpy(m.reason, "connecting", sizeof(m.reason));
	return m;
}

static void hear_use(bool up, uint32_t ifindex)
{
	struct vpn_opaque m = use_is(up, ifindex);

	hear(&m, 1);
}

static bool valid(void)
{
	return CHECK_FLAG(path->flags, BGP_PATH_VALID);
}

static int set_up(void **state)
{
	new_path();
	attach();
	return 0;
}

static int tear_down(void **state)
{
	bgp_spi_use_detach(&path->extra->vrfleak->spi);
	bgp_spi_uses_finish();
	return 0;
}

static void valid_while_up(void **state)
{
	assert_false(bgp_spi_path_usable(path));
	hear_use(false, 0);
	assert_false(valid());
	assert_string_equal(bgp_spi_path_use(path)->reason, "connecting");
	hear_use(true, 9);
	assert_true(valid());
	assert_true(bgp_spi_path_usable(path));
	hear_use(false, 0);
	assert_false(valid());
}

static void up_without_an_interface_is_down(void **state)
{
	hear_use(true, 0);
	assert_false(valid());
	assert_string_equal(bgp_spi_path_use(path)->reason, "vpnd named no interface to send by");
}

static void next_hop_is_the_interface_or_nothing(void **state)
{
	struct zapi_nexthop nh = { .type = NEXTHOP_TYPE_IPV4 };

	nh.gate.ipv4 = pe2().ipaddr_v4;
	assert_false(bgp_spi_path_nexthop(path, bgp, &nh));
	hear_use(true, 9);
	assert_true(bgp_spi_path_nexthop(path, bgp, &nh));
	assert_int_equal(nh.type, NEXTHOP_TYPE_IFINDEX);
	assert_int_equal(nh.ifindex, 9);
	assert_int_equal(nh.gate.ipv4.s_addr, 0);
	hear_use(false, 0);
	assert_false(bgp_spi_path_nexthop(path, bgp, &nh));
}

static void another_interface_is_installed_anew(void **state)
{
	hear_use(true, 9);
	UNSET_FLAG(path->flags, BGP_PATH_IGP_CHANGED);
	hear_use(true, 9);
	assert_false(CHECK_FLAG(path->flags, BGP_PATH_IGP_CHANGED));
	hear_use(true, 10);
	assert_true(valid());
	assert_true(CHECK_FLAG(path->flags, BGP_PATH_IGP_CHANGED));
}

static void what_is_said_of_others_is_nothing(void **state)
{
	struct vpn_opaque m = use_is(true, 9);

	m.label.label++;
	hear(&m, 1);
	m = use_is(true, 9);
	strlcpy(m.vrf, "blue", sizeof(m.vrf));
	hear(&m, 1);
	assert_false(valid());
	assert_int_equal(bgp_spi_uses_count(&bgp_spi_uses), 1);
}

static void two_paths_one_use(void **state)
{
	struct bgp_path_info *first = path, *second = new_path();

	attach();
	assert_int_equal(bgp_spi_uses_count(&bgp_spi_uses), 1);
	hear_use(true, 9);
	assert_true(CHECK_FLAG(first->flags, BGP_PATH_VALID));
	assert_true(CHECK_FLAG(second->flags, BGP_PATH_VALID));
	bgp_spi_use_detach(&second->extra->vrfleak->spi);
	assert_null(bgp_spi_path_use(first)->t_linger);
	path = first;
}

static void lingers_when_the_last_path_goes(void **state)
{
	struct bgp_spi_use *use = bgp_spi_path_use(path);

	hear_use(true, 9);
	bgp_spi_use_detach(&path->extra->vrfleak->spi);
	assert_non_null(use->t_linger);
	attach();
	assert_ptr_equal(bgp_spi_path_use(path), use);
	assert_null(use->t_linger);
	assert_true(bgp_spi_path_usable(path));
}

static void hear_all(uint32_t generation, bool named)
{
	struct vpn_opaque records[3] = { { .type = VPN_OPAQUE_SYNC_BEGIN,
					   .generation = generation } };
	size_t n = 1;

	if (named)
		records[n++] = use_is(true, 9);
	records[n++] = (struct vpn_opaque){ .type = VPN_OPAQUE_SYNC_END, .generation = generation };
	hear(records, n);
}

/* Nothing was asked for yet in this process: the newest generation is 0. */
static void sync_keeps_what_is_named(void **state)
{
	hear_use(true, 9);
	hear_all(0, true);
	assert_true(valid());
	assert_true(bgp_spi_vpnd_state().synchronised);
}

static void sync_takes_down_what_is_not(void **state)
{
	hear_use(true, 9);
	hear_all(0, false);
	assert_false(valid());
	assert_string_equal(bgp_spi_path_use(path)->reason,
			    "vpnd has restarted and does not know it");
}

static void sync_of_another_generation_is_nothing(void **state)
{
	hear_use(true, 9);
	hear_all(1, false);
	assert_true(valid());
}

static void malformed_is_refused_and_harmless(void **state)
{
	static const uint8_t version[] = { 2 }, cut[] = { 1, VPN_OPAQUE_USE_IS, 0, 40, 3, 'r' };
	struct stream *s = stream_new(16);

	hear_use(true, 9);
	stream_put(s, version, sizeof(version));
	assert_false(bgp_spi_vpnd_receive(s));
	stream_reset(s);
	stream_put(s, cut, sizeof(cut));
	assert_false(bgp_spi_vpnd_receive(s));
	stream_reset(s);
	assert_false(bgp_spi_vpnd_receive(s));
	stream_free(s);
	assert_true(valid());
}

static void our_address_is_vpnds_to_say(void **state)
{
	struct vpn_opaque m = { .type = VPN_OPAQUE_PE_IS, .pe = pe2() };

	assert_int_equal(bgp_spi_pe()->ipa_type, IPADDR_NONE);
	hear(&m, 1);
	assert_true(ipaddr_is_same(bgp_spi_pe(), &m.pe));
	m.pe.ipa_type = IPADDR_NONE;
	hear(&m, 1);
	assert_int_equal(bgp_spi_pe()->ipa_type, IPADDR_NONE);
}

static int start(void **state)
{
	as_t asn = 65000;

	qobj_init();
	cmd_init(0);
	bgp_master_init(event_master_create(NULL), BGP_SOCKET_SNDBUF_SIZE, list_new());
	bgp_vty_init();
	vrf_init(NULL, NULL, NULL, NULL);
	bgp_option_set(BGP_OPT_NO_LISTEN);
	bgp_attr_init();
	bgp_labels_init();
	bgp_spi_vpnd_init(bm->master);
	return bgp_get(&bgp, &asn, NULL, BGP_INSTANCE_TYPE_DEFAULT, NULL, ASNOTATION_PLAIN) < 0;
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(valid_while_up),
		test(up_without_an_interface_is_down),
		test(next_hop_is_the_interface_or_nothing),
		test(another_interface_is_installed_anew),
		test(what_is_said_of_others_is_nothing),
		test(two_paths_one_use),
		test(lingers_when_the_last_path_goes),
		test(sync_keeps_what_is_named),
		test(sync_takes_down_what_is_not),
		test(sync_of_another_generation_is_nothing),
		test(malformed_is_refused_and_harmless),
		test(our_address_is_vpnds_to_say),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
