// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The SPI-label attribute in bgpd: what is taken, what is refused, what is
 * sent, and the verdict on a whole update.
 */
/* link: bgpd-spilabel/bgp_spi_attr.c */
/* libs: bgpd */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <zebra.h>

#include "stream.h"

#include "bgpd/bgpd.h"
#include "bgpd/bgp_packet.h"
#include "bgpd/bgp_spi_attr.h"

static const uint8_t label_300_16[] = { 16, 0x01, 0x2c, 0, 0 };

static void takes_the_label(void **state)
{
	struct attr attr = {};

	assert_null(bgp_spi_attr_take(&attr, 0x40, label_300_16, sizeof(label_300_16)));
	assert_int_equal(attr.spi_label.label, 300);
	assert_int_equal(attr.spi_label.len, 16);
}

static void ignores_padding_and_unused_flags(void **state)
{
	static const uint8_t padded[] = { 6, 0xff, 0xff, 0xff, 0xff };
	struct attr attr = {};

	assert_null(bgp_spi_attr_take(&attr, 0x5f, padded, sizeof(padded))); /* extended length */
	assert_int_equal(attr.spi_label.label, 63);
	assert_int_equal(attr.spi_label.len, 6);
}

static void refuse(uint8_t flags, const uint8_t *value, size_t size, const char *why)
{
	struct attr attr = {};

	assert_string_equal(bgp_spi_attr_take(&attr, flags, value, size), why);
	assert_int_equal(attr.spi_label.len, BGP_SPI_ATTR_MALFORMED);
}

static void refuses_what_is_malformed(void **state)
{
	static const uint8_t len5[] = { 5, 0, 0, 0, 0 }, len33[] = { 33, 0, 0, 0, 0 };
	static const uint8_t six[] = { 16, 0x01, 0x2c, 0, 0, 0 };
	static const uint8_t bad_flags[] = { 0x00, 0x60, 0x80, 0xc0, 0xe0 };

	refuse(0x40, label_300_16, 4, "attribute length is not 5");
	refuse(0x40, label_300_16, 0, "attribute length is not 5");
	refuse(0x40, six, sizeof(six), "attribute length is not 5");
	refuse(0x40, len5, sizeof(len5), "label length is not 6 to 32 bits");
	refuse(0x40, len33, sizeof(len33), "label length is not 6 to 32 bits");
	for (size_t i = 0; i < sizeof(bad_flags); i++)
		refuse(bad_flags[i], label_300_16, sizeof(label_300_16),
		       "attribute flags are not well-known, transitive");
}

static void refuses_two(void **state)
{
	struct attr attr = {};

	assert_null(bgp_spi_attr_take(&attr, 0x40, label_300_16, sizeof(label_300_16)));
	assert_string_equal(bgp_spi_attr_take(&attr, 0x40, label_300_16, sizeof(label_300_16)),
			    "attribute appears twice");
	assert_int_equal(attr.spi_label.len, BGP_SPI_ATTR_MALFORMED);
}

static void judge(uint64_t flag, safi_t safi, uint8_t len, enum bgp_attr_parse_ret verdict)
{
	struct attr attr = { .flag = flag, .spi_label = { .label = 300, .len = len } };
	struct bgp_nlri mp_update = { .afi = AFI_IP, .safi = safi };
	struct peer peer = { .host = (char *)"192.0.2.1" };
	bool kept = verdict == BGP_ATTR_PARSE_PROCEED && safi == SAFI_UNLABELED_VPN;

	assert_int_equal(bgp_spi_attr_check(&peer, &attr, &mp_update), verdict);
	assert_int_equal(attr.spi_label.len, kept ? len : 0);
}

static void judges_the_update(void **state)
{
	uint64_t mp = ATTR_FLAG_BIT(BGP_ATTR_MP_REACH_NLRI),
		 next_hop = ATTR_FLAG_BIT(BGP_ATTR_NEXT_HOP);

	judge(mp, SAFI_UNLABELED_VPN, 16, BGP_ATTR_PARSE_PROCEED);
	judge(mp, SAFI_UNLABELED_VPN, 0, BGP_ATTR_PARSE_WITHDRAW); /* missing */
	judge(mp, SAFI_UNLABELED_VPN, BGP_SPI_ATTR_MALFORMED, BGP_ATTR_PARSE_WITHDRAW);
	judge(mp, SAFI_MPLS_VPN, 0, BGP_ATTR_PARSE_PROCEED);
	judge(mp, SAFI_MPLS_VPN, 16, BGP_ATTR_PARSE_WITHDRAW); /* foreign */
	judge(next_hop, SAFI_UNSPEC, 0, BGP_ATTR_PARSE_PROCEED);
	judge(next_hop, SAFI_UNSPEC, 16, BGP_ATTR_PARSE_WITHDRAW); /* foreign */
	judge(0, SAFI_UNSPEC, 16, BGP_ATTR_PARSE_PROCEED);	   /* announces nothing */
}

static void sends_it_in_its_own_safi_only(void **state)
{
	static const uint8_t wire[] = { 0x40, BGP_ATTR_SPI_LABEL_VALUE, 5, 16, 0x01, 0x2c, 0, 0 };
	struct attr attr = { .spi_label = { .label = 300, .len = 16 } }, bare = {};
	struct stream *s = stream_new(64);

	bgp_spi_attr_put(s, &attr, SAFI_UNICAST);
	bgp_spi_attr_put(s, &attr, SAFI_MPLS_VPN);
	bgp_spi_attr_put(s, &bare, SAFI_UNLABELED_VPN);
	assert_int_equal(stream_get_endp(s), 0);
	bgp_spi_attr_put(s, &attr, SAFI_UNLABELED_VPN);
	assert_int_equal(stream_get_endp(s), sizeof(wire));
	assert_memory_equal(STREAM_DATA(s), wire, sizeof(wire));
	stream_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_the_label),
		cmocka_unit_test(ignores_padding_and_unused_flags),
		cmocka_unit_test(refuses_what_is_malformed),
		cmocka_unit_test(refuses_two),
		cmocka_unit_test(judges_the_update),
		cmocka_unit_test(sends_it_in_its_own_safi_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
