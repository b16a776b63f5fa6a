// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vpnd/vpn_proposal.c: what charon would take is taken, anything else is
 * refused with words that name what is wrong.
 */
/* link: vpnd/vpn_proposal.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "vpnd/vpn_proposal.h"

static char why[256];

static void taken(const char *text, enum vpn_proposal_kind kind)
{
	why[0] = '\0';
	if (!vpn_proposal_valid(text, kind, why, sizeof(why)))
		fail_msg("%s: %s", text, why);
}

static void refused(const char *text, enum vpn_proposal_kind kind, const char *words)
{
	why[0] = '\0';
	assert_false(vpn_proposal_valid(text, kind, why, sizeof(why)));
	if (!strstr(why, words))
		fail_msg("%s: \"%s\" does not say \"%s\"", text, why, words);
}

static void test_taken(void **state)
{
	taken("aes256gcm16-prfsha384-x25519", VPN_PROPOSAL_IKE);
	taken("aes256gcm16-x25519", VPN_PROPOSAL_ESP);
	taken("aes256gcm16", VPN_PROPOSAL_ESP);
	taken("aes128-sha256-modp2048", VPN_PROPOSAL_IKE);
	taken("aes128-sha256", VPN_PROPOSAL_ESP);
	taken("aes128-sha256-esn", VPN_PROPOSAL_ESP);
	taken("aes128-aes256-sha256-sha512-ecp256-x25519", VPN_PROPOSAL_IKE);
	taken("chacha20poly1305-prfsha512-curve448", VPN_PROPOSAL_IKE);
	taken("aes256gmac", VPN_PROPOSAL_ESP);
	taken("aes256gcm16-prfsha384-x25519,aes128-sha256-modp3072", VPN_PROPOSAL_IKE);
}

static void test_additional_key_exchanges(void **state)
{
	taken("aes256gcm16-prfsha384-x25519-ke1_mlkem768", VPN_PROPOSAL_IKE);
	taken("aes256gcm16-x25519-ke1_mlkem768-ke1_none", VPN_PROPOSAL_ESP);
	refused("aes256gcm16-prfsha384-x25519-ke8_mlkem768", VPN_PROPOSAL_IKE, "ke8_mlkem768");
	refused("aes256gcm16-prfsha384-x25519-ke1_aes256", VPN_PROPOSAL_IKE, "ke1_aes256");
	refused("aes256gcm16-prfsha384-ke1_mlkem768", VPN_PROPOSAL_IKE, "no key exchange");
}

static void test_unknown_keyword_is_named(void **state)
{
	refused("aes999gcm16-x25519", VPN_PROPOSAL_ESP, "unknown keyword \"aes999gcm16\"");
	refused("aes256gcm16-nonsense", VPN_PROPOSAL_IKE, "unknown keyword \"nonsense\"");
	refused("aes256gcm16-x25519,aes128-sha257", VPN_PROPOSAL_ESP, "unknown keyword \"sha257\"");
	refused("AES256GCM16", VPN_PROPOSAL_ESP, "unknown keyword \"AES256GCM16\"");
	/* part of a known word, two known words with a space, a word too long to keep */
	refused("aes25", VPN_PROPOSAL_ESP, "\"aes25\"");
	refused("aes128 aes192", VPN_PROPOSAL_ESP, "\"aes128 aes192\"");
	refused("aes256gcm16aes256gcm16aes256gcm16aes256gcm16aes256gcm16aes256gcm16aes256gcm16",
		VPN_PROPOSAL_ESP, "unknown keyword");
	refused("md5-des-modp768", VPN_PROPOSAL_IKE, "\"md5\"");
}

static void test_form(void **state)
{
	refused("", VPN_PROPOSAL_ESP, "no keyword");
	refused("-", VPN_PROPOSAL_ESP, "no keyword");
	refused("aes256gcm16-", VPN_PROPOSAL_ESP, "no keyword");
	refused("aes256gcm16,", VPN_PROPOSAL_ESP, "no keyword");
	refused(",aes256gcm16", VPN_PROPOSAL_ESP, "no keyword");
	refused("aes256gcm16--x25519", VPN_PROPOSAL_ESP, "no keyword");
}

static void test_too_long(void **state)
{
	char text[300] = "";

	while (strlen(text) + strlen("aes256gcm16,") < sizeof(text))
		strcat(text, "aes256gcm16,");
	text[strlen(text) - 1] = '\0';
	refused(text, VPN_PROPOSAL_ESP, "255 characters");
}

static void test_what_is_needed(void **state)
{
	refused("sha256-x25519", VPN_PROPOSAL_ESP, "no encryption");
	refused("x25519", VPN_PROPOSAL_IKE, "no encryption");
	refused("aes256-x25519", VPN_PROPOSAL_IKE, "no integrity");
	refused("aes256", VPN_PROPOSAL_ESP, "no integrity");
	refused("aes256gcm16-prfsha384", VPN_PROPOSAL_IKE, "no key exchange");
	refused("aes256gcm16-x25519", VPN_PROPOSAL_IKE, "no pseudo-random function");
}

static void test_what_does_not_go_together(void **state)
{
	refused("aes256gcm16-sha256-prfsha256-x25519", VPN_PROPOSAL_IKE, "beside a cipher");
	refused("aes256gcm16-aes256-sha256", VPN_PROPOSAL_ESP, "separate them");
	refused("aes256gcm16-prfsha256", VPN_PROPOSAL_ESP, "for IKE only");
	refused("aes256gcm16-prfsha256-x25519-esn", VPN_PROPOSAL_IKE, "for ESP only");
}

/* Whatever the size of the buffer, the reason ends within it. */
static void test_small_buffer(void **state)
{
	char small[8] = "1234567";

	assert_false(vpn_proposal_valid("nonsense", VPN_PROPOSAL_ESP, small, 4));
	assert_string_equal(small, "unk");
	assert_int_equal(small[4], '5');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_additional_key_exchanges),
		cmocka_unit_test(test_unknown_keyword_is_named),
		cmocka_unit_test(test_form),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_what_is_needed),
		cmocka_unit_test(test_what_does_not_go_together),
		cmocka_unit_test(test_small_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
