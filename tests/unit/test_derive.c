// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Keys of label SAs (charon-vpnspi/vpnspi_derive.c): the test vectors of
 * doc/developer/wire-formats.md, which were made with another implementation of
 * HMAC, and strongSwan's own prf+.
 */
/* link: charon-vpnspi/vpnspi_derive.c */
/* libs: strongswan */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <crypto/kdfs/kdf.h>
#include <library.h>

#include <cmocka.h>

#include "charon-vpnspi/vpnspi_derive.h"

/* The parent key material is 00 01 02 …, as long as the key. */
static const struct vector {
	pseudo_random_function_t prf;
	uint32_t spi;
	size_t len;
	const char *key;
} vectors[] = {
	{ PRF_HMAC_SHA2_256, 0x8010012c, 36,
	  "b0bcc30d9a40936ee656580392ebb4841ac69c802117d4b7a12eb56e5c07ee13ac3b01df" },
	{ PRF_HMAC_SHA2_384, 0x8010012c, 36,
	  "0d4dec0a3fda429babde5f9f256bbe7373986bbb2d187ad37d33f5202ad68549cdba346f" },
	{ PRF_HMAC_SHA2_384, 0x8010012d, 36,
	  "1aa97a03108615abd3f249002c2c697a91011fa2a8b2cb4bb9f4b3fdc33a7a8e5295669f" },
	{ PRF_HMAC_SHA2_512, 0xabcd0100, 64,
	  "cf9cc58e35b220676f4c1da9eeb6fde46f1a48838baade4f4cc2e81f54e14eb5"
	  "b3fe395870f8eacdd272f9471bb68f992b356a069240388074288e09319713b9" },
	{ PRF_HMAC_SHA2_256, 0xffffffff, 96,
	  "1e39131706c44a15193fba5bd4a5c55c82775594a56e80ccc8ba102522585cbd"
	  "8b7f7bb6e5d98c6852f7110e64dfdff1a3bfa6348b2c806b4d622e0ba8b84704"
	  "b5818ca1f2551d9b8d014f8347e23b66b4da58482d7118b1a5663d070968dbd4" },
};

static chunk_t parent_of(uint8_t octets[VPNSPI_KEY_MAX], size_t len)
{
	for (size_t i = 0; i < len; i++)
		octets[i] = i;
	return chunk_create(octets, len);
}

static void test_vectors(void **state)
{
	uint8_t octets[VPNSPI_KEY_MAX], key[VPNSPI_KEY_MAX];

	(void)state;
	for (size_t i = 0; i < countof(vectors); i++) {
		const struct vector *v = &vectors[i];
		struct vpnspi_derive *derive = vpnspi_derive_create(v->prf,
								    parent_of(octets, v->len));
		chunk_t expected = chunk_from_hex(chunk_from_str((char *)v->key), NULL);

		assert_non_null(derive);
		assert_true(vpnspi_derive_key(derive, v->spi, key, v->len));
		assert_int_equal(expected.len, v->len);
		assert_memory_equal(key, expected.ptr, v->len);
		chunk_free(&expected);
		vpnspi_derive_destroy(derive);
	}
}

static void compare(kdf_t *kdf, struct vpnspi_derive *derive, uint32_t spi, size_t len)
{
	uint8_t seed[sizeof(VPNSPI_DERIVE_LABEL) - 1 + 4], ours[VPNSPI_KEY_MAX],
		theirs[VPNSPI_KEY_MAX];

	memcpy(seed, VPNSPI_DERIVE_LABEL, sizeof(seed) - 4);
	htoun32(seed + sizeof(seed) - 4, spi);
	assert_true(kdf->set_param(kdf, KDF_PARAM_SALT, chunk_from_thing(seed)));
	assert_true(kdf->get_bytes(kdf, len, theirs));
	assert_true(vpnspi_derive_key(derive, spi, ours, len));
	assert_memory_equal(ours, theirs, len);
}

/* One object for many SPIs gives what strongSwan's prf+ gives for each, for keys of every length. */
static void test_as_prf_plus(void **state)
{
	static const pseudo_random_function_t prfs[] = { PRF_HMAC_SHA1, PRF_HMAC_SHA2_256,
							 PRF_HMAC_SHA2_384, PRF_HMAC_SHA2_512 };
	uint8_t octets[VPNSPI_KEY_MAX];

	(void)state;
	for (size_t i = 0; i < countof(prfs); i++) {
		chunk_t parent = parent_of(octets, 36);
		struct vpnspi_derive *derive = vpnspi_derive_create(prfs[i], parent);
		kdf_t *kdf = lib->crypto->create_kdf(lib->crypto, KDF_PRF_PLUS, prfs[i]);

		assert_non_null(derive);
		assert_non_null(kdf);
		assert_true(kdf->set_param(kdf, KDF_PARAM_KEY, parent));
		for (size_t len = 1; len <= VPNSPI_KEY_MAX; len++)
			compare(kdf, derive, 0x80000000u + len * 77777, len);
		kdf->destroy(kdf);
		vpnspi_derive_destroy(derive);
	}
}

/* Neither key nor salt of two SPIs, or of two directions, are the same. */
static void test_keys_differ(void **state)
{
	uint8_t octets[VPNSPI_KEY_MAX], a[36], b[36];
	struct vpnspi_derive *one = vpnspi_derive_create(PRF_HMAC_SHA2_256, parent_of(octets, 36));
	struct vpnspi_derive *two;

	(void)state;
	octets[35] ^= 1; /* the parent's salt is part of its key material */
	two = vpnspi_derive_create(PRF_HMAC_SHA2_256, chunk_create(octets, 36));
	assert_true(vpnspi_derive_key(one, 0x80000100, a, sizeof(a)));
	assert_true(vpnspi_derive_key(one, 0x80000101, b, sizeof(b)));
	assert_memory_not_equal(a, b, 32);
	assert_memory_not_equal(a + 32, b + 32, 4);
	assert_true(vpnspi_derive_key(two, 0x80000100, b, sizeof(b)));
	assert_memory_not_equal(a, b, 32);
	assert_memory_not_equal(a + 32, b + 32, 4);
	vpnspi_derive_destroy(one);
	vpnspi_derive_destroy(two);
}

static void test_unknown_prf(void **state)
{
	(void)state;
	assert_null(vpnspi_derive_create(PRF_UNDEFINED, chunk_empty));
	vpnspi_derive_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_as_prf_plus),
		cmocka_unit_test(test_keys_differ),
		cmocka_unit_test(test_unknown_prf),
	};
	int failed;

	library_init(NULL, "test");
	if (!lib->plugins->load(lib->plugins, "sha1 sha2 hmac kdf"))
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	library_deinit();
	return failed;
}
