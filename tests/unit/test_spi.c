// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The VPN-SPI (wire/spi.h) and the SPI label (wire/spi_label.h): vectors of
 * doc/developer/wire-formats.md, every prefix length, what must be refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wire/plugin.h"
#include "wire/spi.h"
#include "wire/spi_label.h"

/* Vectors: prefix as in ESP, its length, a label, what crosses IKE, the SPI in ESP. */
static const struct vector {
	struct vpn_spi_prefix prefix;
	uint32_t label;
	uint32_t ike;
	uint32_t wire;
} vectors[] = {
	{ { 0x80100000, 16 }, 0x0100, 0xc2004000, 0x80100100 },
	{ { 0x80000000, 7 }, 0x01ffffff, 0x9e000000, 0x81ffffff },
	{ { 0xffffffc0, 26 }, 0x3f, 0xebffffff, 0xffffffff },
	{ { 0xabcd0000, 16 }, 300, 0xc2af3400, 0xabcd012c },
	{ { 0x00000000, 0 }, 256, 0x80000000, 0x00000100 },
	{ { 0x80000000, 1 }, 0, 0x86000000, 0x80000000 },
};

static void test_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		const struct vector *v = &vectors[i];
		struct vpn_spi_prefix prefix = { 0xdeadbeef, 99 };

		assert_int_equal(vpn_spi_ike_encode(&v->prefix), v->ike);
		assert_int_equal(vpn_spi_ike_decode(v->ike, &prefix), VPN_SPI_OK);
		assert_int_equal(prefix.bits, v->prefix.bits);
		assert_int_equal(prefix.len, v->prefix.len);
		assert_true(vpn_spi_label_fits(prefix.len, v->label));
		assert_int_equal(vpn_spi_wire(&prefix, v->label), v->wire);
		assert_int_equal(vpn_spi_wire_label(prefix.len, v->wire), v->label);
		assert_true(vpn_spi_in_pool(&prefix, v->wire));
	}
}

static void test_every_length(void **state)
{
	(void)state;
	for (uint8_t len = 1; len <= VPN_SPI_PREFIX_LEN_MAX; len++) {
		struct vpn_spi_prefix prefix = { 0xffffffffu & vpn_spi_prefix_mask(len), len }, out;
		uint32_t max = vpn_spi_label_max(len);

		assert_int_equal(vpn_spi_label_len(len), 32 - len);
		assert_int_equal(vpn_spi_ike_decode(vpn_spi_ike_encode(&prefix), &out), VPN_SPI_OK);
		assert_int_equal(out.bits, prefix.bits);
		assert_int_equal(vpn_spi_wire(&prefix, max), 0xffffffff);
		assert_true(vpn_spi_label_fits(len, 0));
		assert_true(vpn_spi_label_fits(len, max));
		assert_false(vpn_spi_label_fits(len, max + 1));
	}
}

static void refused(uint32_t spi, enum vpn_spi_status status)
{
	struct vpn_spi_prefix prefix = { 0xdeadbeef, 99 };

	assert_int_equal(vpn_spi_ike_decode(spi, &prefix), status);
	assert_int_equal(prefix.bits, 0xdeadbeef);
	assert_int_equal(prefix.len, 99);
	assert_true(strlen(vpn_spi_status_str(status)) > 10);
}

static void test_refused(void **state)
{
	(void)state;
	refused(0x00000000, VPN_SPI_NOT_VPN);
	refused(0x7fffffff, VPN_SPI_NOT_VPN);
	refused(0x42004000, VPN_SPI_NOT_VPN);
	for (uint32_t len = 27; len < 32; len++)
		refused(VPN_SPI_V_FLAG | len << VPN_SPI_LEN_SHIFT | 0x03ffffff, VPN_SPI_BAD_LEN);
	refused(0xc0004000, VPN_SPI_TOP_BIT_CLEAR);
	refused(0x84000000, VPN_SPI_TOP_BIT_CLEAR);
}

/* Padding bits are to be ignored when received. */
static void test_padding_is_ignored(void **state)
{
	struct vpn_spi_prefix prefix;

	(void)state;
	assert_int_equal(vpn_spi_ike_decode(0xc20043ff, &prefix), VPN_SPI_OK);
	assert_int_equal(prefix.bits, 0x80100000);
	assert_int_equal(vpn_spi_ike_decode(0x83ffffff, &prefix), VPN_SPI_OK);
	assert_int_equal(prefix.bits, 0);
	assert_int_equal(prefix.len, 0);
}

/* Neither a prefix of ours nor its label can make an ordinary SPI. */
static void test_never_ordinary(void **state)
{
	(void)state;
	for (uint8_t len = VPN_SPI_OWN_LEN_MIN; len <= VPN_SPI_OWN_LEN_MAX; len++) {
		struct vpn_spi_prefix prefix = { VPN_SPI_TOP_BIT, len };

		assert_true(vpn_spi_ike_encode(&prefix) > VPN_SPI_ORDINARY_MAX);
		assert_true(vpn_spi_wire(&prefix, 0) > VPN_SPI_ORDINARY_MAX);
	}
	assert_false(vpn_spi_label_fits(0, 255));
	assert_true(vpn_spi_label_fits(0, 256));
}

static void test_label_attribute(void **state)
{
	static const uint8_t octets[] = { 16, 0x01, 0x2c, 0x00, 0x00 };
	struct spi_label label = { 300, 16 }, out;
	uint8_t written[SPI_LABEL_ATTR_SIZE];

	(void)state;
	spi_label_encode(&label, written);
	assert_memory_equal(written, octets, sizeof(octets));
	assert_null(spi_label_decode(octets, sizeof(octets), &out));
	assert_true(spi_label_same(&label, &out));
	for (uint8_t len = SPI_LABEL_LEN_MIN; len <= SPI_LABEL_LEN_MAX; len++) {
		label = (struct spi_label){ 0xffffffffu >> (32 - len), len };
		spi_label_encode(&label, written);
		assert_null(spi_label_decode(written, sizeof(written), &out));
		assert_true(spi_label_same(&label, &out));
	}
}

static void test_label_attribute_refused(void **state)
{
	uint8_t octets[] = { 16, 1, 0x2c, 0xff, 0xff, 0 };
	struct spi_label out = { 7, 7 };

	(void)state;
	assert_non_null(spi_label_decode(octets, 4, &out));
	assert_non_null(spi_label_decode(octets, 6, &out));
	octets[0] = SPI_LABEL_LEN_MIN - 1;
	assert_non_null(spi_label_decode(octets, 5, &out));
	octets[0] = SPI_LABEL_LEN_MAX + 1;
	assert_non_null(spi_label_decode(octets, 5, &out));
	assert_int_equal(out.label, 7);
	/* padding bits */
	octets[0] = 16;
	assert_null(spi_label_decode(octets, 5, &out));
	assert_int_equal(out.label, 300);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_every_length),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_padding_is_ignored),
		cmocka_unit_test(test_never_ordinary),
		cmocka_unit_test(test_label_attribute),
		cmocka_unit_test(test_label_attribute_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
