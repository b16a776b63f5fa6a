// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Proposals; see vpn_proposal.h.
 *
 * Keywords are those of strongSwan 6.0 (its documentation, "IKEv2 Cipher
 * Suites"), without the ones that no VPN should run on any more: single DES,
 * null encryption, and MD5, which charon's default build does not have.
 *
 * What a proposal needs follows RFC 7296 section 3.3.3: an IKE_SA has
 * encryption, a pseudo-random function (or an integrity algorithm that
 * strongSwan derives it from) and a key exchange; a CHILD_SA has encryption.
 * Beside a cipher that authenticates by itself (AEAD, RFC 5282) there is no
 * integrity algorithm, beside any other there must be one.  Additional key
 * exchanges are RFC 9370's, written ke1_… to ke7_….
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "vpnd/vpn_proposal.h"

#define VPN_KEYWORD_SIZE     64 /* of a keyword, with the NUL; the longest known has 22 characters */
#define VPN_ALTERNATIVE_SIZE 256 /* of the whole, with the NUL */

enum vpn_keyword_kind {
	VPN_KEYWORD_UNKNOWN = 0,
	VPN_KEYWORD_CIPHER,	  /* encrypts */
	VPN_KEYWORD_AEAD,	  /* encrypts and authenticates */
	VPN_KEYWORD_INTEGRITY,	  /* authenticates */
	VPN_KEYWORD_PRF,	  /* pseudo-random function */
	VPN_KEYWORD_KEY_EXCHANGE, /* the first key exchange */
	VPN_KEYWORD_ADDITIONAL,	  /* a further one */
	VPN_KEYWORD_SEQUENCE,	  /* extended sequence numbers or not */
	VPN_KEYWORD_KINDS,
};

/* A family of keywords; each word between spaces is one. */
struct vpn_keywords {
	enum vpn_keyword_kind kind;
	const char *words;
};

/* clang-format off */
static const struct vpn_keywords vpn_keywords[] = {
	{ VPN_KEYWORD_CIPHER,
	  " aes aes128 aes192 aes256 aes128ctr aes192ctr aes256ctr 3des"
	  " camellia camellia128 camellia192 camellia256"
	  " camellia128ctr camellia192ctr camellia256ctr"
	  " blowfish blowfish128 blowfish192 blowfish256 cast128"
	  " serpent serpent128 serpent192 serpent256"
	  " twofish twofish128 twofish192 twofish256 " },
	{ VPN_KEYWORD_AEAD,
	  " aes128gcm aes192gcm aes256gcm"
	  " aes128gcm8 aes192gcm8 aes256gcm8 aes128gcm64 aes192gcm64 aes256gcm64"
	  " aes128gcm12 aes192gcm12 aes256gcm12 aes128gcm96 aes192gcm96 aes256gcm96"
	  " aes128gcm16 aes192gcm16 aes256gcm16 aes128gcm128 aes192gcm128 aes256gcm128"
	  " aes128ccm aes192ccm aes256ccm"
	  " aes128ccm8 aes192ccm8 aes256ccm8 aes128ccm64 aes192ccm64 aes256ccm64"
	  " aes128ccm12 aes192ccm12 aes256ccm12 aes128ccm96 aes192ccm96 aes256ccm96"
	  " aes128ccm16 aes192ccm16 aes256ccm16 aes128ccm128 aes192ccm128 aes256ccm128"
	  " camellia128ccm8 camellia192ccm8 camellia256ccm8"
	  " camellia128ccm64 camellia192ccm64 camellia256ccm64"
	  " camellia128ccm12 camellia192ccm12 camellia256ccm12"
	  " camellia128ccm96 camellia192ccm96 camellia256ccm96"
	  " camellia128ccm16 camellia192ccm16 camellia256ccm16"
	  " camellia128ccm128 camellia192ccm128 camellia256ccm128"
	  " aes128gmac aes192gmac aes256gmac"
	  " chacha20poly1305 chacha20poly1305compat " },
	{ VPN_KEYWORD_INTEGRITY,
	  " sha sha1 sha1_160 sha256 sha2_256 sha256_96 sha2_256_96"
	  " sha384 sha2_384 sha512 sha2_512 aesxcbc camelliaxcbc aescmac " },
	{ VPN_KEYWORD_PRF,
	  " prfsha1 prfsha256 prfsha384 prfsha512 prfaesxcbc prfcamelliaxcbc prfaescmac " },
	{ VPN_KEYWORD_KEY_EXCHANGE,
	  " modp1024 modp1536 modp2048 modp3072 modp4096 modp6144 modp8192"
	  " modp1024s160 modp2048s224 modp2048s256"
	  " ecp192 ecp224 ecp256 ecp384 ecp521 ecp224bp ecp256bp ecp384bp ecp512bp"
	  " x25519 curve25519 x448 curve448 mlkem512 mlkem768 mlkem1024 " },
	{ VPN_KEYWORD_SEQUENCE, " esn noesn " },
};
/* clang-format on */

static bool vpn_proposal_wrong(char *why, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts the reason into why; false, for the caller to return. */
static bool vpn_proposal_wrong(char *why, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why, size, format, args);
	va_end(args);
	return false;
}

/* Is " word " in this list of words? */
static bool vpn_keyword_in(const char *words, const char *word)
{
	char spaced[VPN_KEYWORD_SIZE + 2];

	snprintf(spaced, sizeof(spaced), " %s ", word);
	return !strchr(word, ' ') && strstr(words, spaced);
}

static enum vpn_keyword_kind vpn_keyword_find(const char *word)
{
	for (size_t i = 0; i < sizeof(vpn_keywords) / sizeof(vpn_keywords[0]); i++)
		if (vpn_keyword_in(vpn_keywords[i].words, word))
			return vpn_keywords[i].kind;
	return VPN_KEYWORD_UNKNOWN;
}

/* The same for "ke1_mlkem768" as well. */
static enum vpn_keyword_kind vpn_keyword_kind(const char *word)
{
	if (strncmp(word, "ke", 2) != 0 || word[2] < '1' || word[2] > '7' || word[3] != '_')
		return vpn_keyword_find(word);
	if (strcmp(word + 4, "none") == 0 || vpn_keyword_find(word + 4) == VPN_KEYWORD_KEY_EXCHANGE)
		return VPN_KEYWORD_ADDITIONAL;
	return VPN_KEYWORD_UNKNOWN;
}

/*
 * Cuts the next word off *text at one of the separators; false if there is
 * none left.  A word too long for buf is cut, which makes it unknown.
 */
static bool vpn_word_next(const char **text, const char *separators, char *buf, size_t size)
{
	size_t len;

	if (!*text)
		return false;
	len = strcspn(*text, separators);
	snprintf(buf, size, "%.*s", (int)(len < size ? len : size - 1), *text);
	*text = (*text)[len] ? *text + len + 1 : NULL;
	return true;
}

/* How many keywords of each kind one alternative has; false for one that is not known. */
static bool vpn_proposal_count(const char *text, unsigned int count[VPN_KEYWORD_KINDS], char *why,
			       size_t size)
{
	char word[VPN_KEYWORD_SIZE];

	memset(count, 0, VPN_KEYWORD_KINDS * sizeof(count[0]));
	while (vpn_word_next(&text, "-", word, sizeof(word))) {
		enum vpn_keyword_kind kind = vpn_keyword_kind(word);

		if (!word[0])
			return vpn_proposal_wrong(why, size,
						  "there is a '-' or ',' with no keyword beside it");
		if (kind == VPN_KEYWORD_UNKNOWN)
			return vpn_proposal_wrong(why, size, "unknown keyword \"%s\"", word);
		count[kind]++;
	}
	return true;
}

/* What an IKE_SA needs beside what every SA needs. */
static bool vpn_proposal_ike(const unsigned int count[VPN_KEYWORD_KINDS], char *why, size_t size)
{
	if (!count[VPN_KEYWORD_KEY_EXCHANGE])
		return vpn_proposal_wrong(why, size, "no key exchange in it, for example x25519");
	if (count[VPN_KEYWORD_AEAD] && !count[VPN_KEYWORD_PRF])
		return vpn_proposal_wrong(why, size,
					  "no pseudo-random function in it, for example prfsha384");
	if (count[VPN_KEYWORD_SEQUENCE])
		return vpn_proposal_wrong(why, size, "esn and noesn are for ESP only");
	return true;
}

static bool vpn_proposal_esp(const unsigned int count[VPN_KEYWORD_KINDS], char *why, size_t size)
{
	if (count[VPN_KEYWORD_PRF])
		return vpn_proposal_wrong(why, size,
					  "a pseudo-random function (prf...) is for IKE only");
	return true;
}

/* One alternative. */
static bool vpn_alternative_valid(const char *text, enum vpn_proposal_kind kind, char *why,
				  size_t size)
{
	unsigned int count[VPN_KEYWORD_KINDS];

	if (!vpn_proposal_count(text, count, why, size))
		return false;
	if (!count[VPN_KEYWORD_CIPHER] && !count[VPN_KEYWORD_AEAD])
		return vpn_proposal_wrong(why, size, "no encryption in it, for example aes256gcm16");
	if (count[VPN_KEYWORD_CIPHER] && count[VPN_KEYWORD_AEAD])
		return vpn_proposal_wrong(
			why, size,
			"ciphers that authenticate (gcm, ccm, poly1305) and others cannot be in one: separate them by ','");
	if (count[VPN_KEYWORD_CIPHER] && !count[VPN_KEYWORD_INTEGRITY])
		return vpn_proposal_wrong(why, size,
					  "no integrity algorithm in it, for example sha256");
	if (count[VPN_KEYWORD_AEAD] && count[VPN_KEYWORD_INTEGRITY])
		return vpn_proposal_wrong(
			why, size,
			"an integrity algorithm cannot be beside a cipher that authenticates by itself (gcm, ccm, poly1305)");
	return kind == VPN_PROPOSAL_IKE ? vpn_proposal_ike(count, why, size)
					: vpn_proposal_esp(count, why, size);
}

bool vpn_proposal_valid(const char *text, enum vpn_proposal_kind kind, char *why, size_t size)
{
	char alternative[VPN_ALTERNATIVE_SIZE];

	if (strlen(text) >= sizeof(alternative))
		return vpn_proposal_wrong(why, size, "it is over %zu characters long",
					  sizeof(alternative) - 1);
	while (vpn_word_next(&text, ",", alternative, sizeof(alternative)))
		if (!vpn_alternative_valid(alternative, kind, why, size))
			return false;
	return true;
}
