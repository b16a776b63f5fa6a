// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pre-shared keys.  A secret belongs to one pair of sites and one generation;
 * while the keys of a VPN rotate there are two generations (rotation.c).
 * Secrets are read from the database where a CE's configuration is computed,
 * cleansed after use, and never printed.
 */
#include "vpn-server/key.h"

#include <stdio.h>
#include <string.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>

#define KEY_OCTETS 32

bool key_random(char key[KEY_TEXT], char *error, size_t size)
{
	unsigned char octets[KEY_OCTETS];
	size_t used = 2;

	if (RAND_priv_bytes(octets, sizeof(octets)) != 1) {
		snprintf(error, size, "no random numbers for a key: %s",
			 ERR_reason_error_string(ERR_get_error()));
		return false;
	}
	snprintf(key, KEY_TEXT, "0x");
	for (size_t i = 0; i < sizeof(octets); i++, used += 2)
		snprintf(key + used, KEY_TEXT - used, "%02x", octets[i]);
	OPENSSL_cleanse(octets, sizeof(octets));
	return true;
}

void key_cleanse(char key[KEY_TEXT])
{
	OPENSSL_cleanse(key, KEY_TEXT);
}

static bool make(struct db *db, int64_t a, int64_t b, int64_t generation)
{
	char key[KEY_TEXT], error[160];

	if (!key_random(key, error, sizeof(error))) {
		db_fail(db, "%s", error);
		return false;
	}
	db_exec(db,
		"INSERT INTO psk (a, b, generation, secret, created) VALUES ($1, $2, $3, $4, $5) "
		"ON CONFLICT (a, b, generation) DO NOTHING",
		"iiisi", a < b ? a : b, a < b ? b : a, generation, key, now_seconds());
	key_cleanse(key);
	return !db_failed(db);
}

bool key_make(struct db *db, const struct vpn *vpn, int64_t a, int64_t b)
{
	if (strcmp(vpn->authentication, "psk"))
		return true;
	return make(db, a, b, vpn->generation) &&
	       (!vpn->rotation_step || make(db, a, b, vpn->generation + 1));
}

void key_read(struct db *db, int64_t a, int64_t b, int64_t generation, char key[KEY_TEXT])
{
	struct db_rows *rows =
		db_query(db, "SELECT secret FROM psk WHERE a = $1 AND b = $2 AND generation = $3",
			 "iii", a < b ? a : b, a < b ? b : a, generation);

	key[0] = '\0';
	if (db_next(rows))
		snprintf(key, KEY_TEXT, "%s", db_text(rows, 0));
	db_end(rows);
}
