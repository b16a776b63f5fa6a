// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * NLRI of the unlabeled VPN SAFI, octet by octet.
 */
/* link: bgpd-spilabel/bgp_uvpn_nlri.c */
/* libs: bgpd */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <zebra.h>

#include "privs.h"

#include "bgpd/bgpd.h"
#include "bgpd/bgp_packet.h"
#include "bgpd/bgp_route.h"
#include "bgpd/bgp_uvpn_nlri.h"

struct zebra_privs_t bgpd_privs = {};

#define RD_65000_1 0, 0, 0xfd, 0xe8, 0, 0, 0, 1

static int get(const uint8_t *data, size_t size, afi_t afi, bool addpath, struct uvpn_nlri *n)
{
	/* memory of just its size, so that the sanitizer sees what is read beyond */
	uint8_t *copy = malloc(size ? size : 1);
	const uint8_t *pos = copy;
	int ret;

	memcpy(copy, data, size);
	ret = uvpn_nlri_get(&pos, copy + size, afi, addpath, n);
	if (ret == 1)
		assert_int_equal(pos - copy, size);
	free(copy);
	return ret;
}

static void reads_ipv4(void **state)
{
	static const uint8_t wire[] = { 88, RD_65000_1, 10, 2, 0 }, rd[] = { RD_65000_1 };
	struct uvpn_nlri n;
	struct prefix p;

	assert_int_equal(get(wire, sizeof(wire), AFI_IP, false, &n), 1);
	str2prefix("10.2.0.0/24", &p);
	assert_true(prefix_same(&n.p, &p));
	assert_memory_equal(n.prd.val, rd, sizeof(rd));
	assert_int_equal(n.prd.prefixlen, 64);
	assert_int_equal(n.addpath_id, 0);
}

static void reads_the_ends_of_the_range(void **state)
{
	static const uint8_t any[] = { 64, RD_65000_1 };
	static const uint8_t host[] = { 96, RD_65000_1, 10, 2, 3, 4 };
	static const uint8_t six[] = { 192, RD_65000_1, 0x20, 1, 0xd, 0xb8, 0, 0, 0,
				       0,   0,		0,    0, 0,   0,    0, 0, 1 };
	struct uvpn_nlri n;

	assert_int_equal(get(any, sizeof(any), AFI_IP, false, &n), 1);
	assert_int_equal(n.p.prefixlen, 0);
	assert_int_equal(get(host, sizeof(host), AFI_IP, false, &n), 1);
	assert_int_equal(n.p.prefixlen, 32);
	assert_int_equal(get(six, sizeof(six), AFI_IP6, false, &n), 1);
	assert_int_equal(n.p.prefixlen, 128);
	assert_int_equal(get(any, 0, AFI_IP, false, &n), 0);
}

static void reads_a_path_identifier(void **state)
{
	static const uint8_t wire[] = { 1, 2, 3, 4, 72, RD_65000_1, 10 };
	struct uvpn_nlri n;

	assert_int_equal(get(wire, sizeof(wire), AFI_IP, true, &n), 1);
	assert_int_equal(n.addpath_id, 0x01020304);
	assert_int_equal(n.p.prefixlen, 8);
}

static void clears_bits_behind_the_prefix(void **state)
{
	static const uint8_t wire[] = { 65, RD_65000_1, 0xff };
	struct uvpn_nlri n;

	assert_int_equal(get(wire, sizeof(wire), AFI_IP, false, &n), 1);
	assert_int_equal(n.p.u.prefix4.s_addr, htonl(0x80000000));
}

static void refuses_what_does_not_add_up(void **state)
{
	static const uint8_t no_rd[] = { 63, RD_65000_1 }, zero[] = { 0 };
	static const uint8_t too_long[] = { 97, RD_65000_1, 10, 2, 3, 4, 0 };
	static const uint8_t whole[] = { 0, 0, 0, 1, 96, RD_65000_1, 10, 2, 3, 4 };
	struct uvpn_nlri n;

	assert_int_equal(get(no_rd, sizeof(no_rd), AFI_IP, false, &n),
			 BGP_NLRI_PARSE_ERROR_PREFIX_LENGTH);
	assert_int_equal(get(zero, sizeof(zero), AFI_IP, false, &n),
			 BGP_NLRI_PARSE_ERROR_PREFIX_LENGTH);
	assert_int_equal(get(too_long, sizeof(too_long), AFI_IP, false, &n),
			 BGP_NLRI_PARSE_ERROR_PREFIX_LENGTH);
	for (size_t size = 1; size < sizeof(whole); size++) {
		assert_true(get(whole, size, AFI_IP, true, &n) < 0);
		if (size > 4)
			assert_true(get(whole + 4, size - 4, AFI_IP, false, &n) < 0);
	}
}

static void writes_what_it_reads(void **state)
{
	static const uint8_t wire[] = { 0, 0, 0, 7, 88, RD_65000_1, 10, 2, 0 };
	struct stream *s = stream_new(64);
	struct uvpn_nlri n;

	assert_int_equal(get(wire, sizeof(wire), AFI_IP, true, &n), 1);
	uvpn_nlri_put(s, &n.p, &n.prd, true, n.addpath_id);
	assert_int_equal(stream_get_endp(s), sizeof(wire));
	assert_memory_equal(STREAM_DATA(s), wire, sizeof(wire));
	assert_int_equal(uvpn_nlri_size(&n.p), sizeof(wire) - 5);
	stream_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_ipv4),
		cmocka_unit_test(reads_the_ends_of_the_range),
		cmocka_unit_test(reads_a_path_identifier),
		cmocka_unit_test(clears_bits_behind_the_prefix),
		cmocka_unit_test(refuses_what_does_not_add_up),
		cmocka_unit_test(writes_what_it_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
