// SPDX-License-Identifier: GPL-2.0-or-later
/* Pre-shared keys: one secret per pair of sites, from OpenSSL's generator. */
#ifndef VPN_SERVER_KEY_H
#define VPN_SERVER_KEY_H

#include "vpn-server/model.h"

#define KEY_TEXT 72 /* "0x" and 64 digits: 256 bits, as charon and YANG take them */

/* A fresh secret; false if the generator fails, which is said in error. */
bool key_random(char key[KEY_TEXT], char *error, size_t size);

/* The secrets of a pair that its VPN needs now and that are not there yet. */
bool key_make(struct db *db, const struct vpn *vpn, int64_t a, int64_t b);

/* The secret of a generation to key, "" if there is none; the caller cleanses it. */
void key_read(struct db *db, int64_t a, int64_t b, int64_t generation, char key[KEY_TEXT]);

void key_cleanse(char key[KEY_TEXT]);

#endif /* VPN_SERVER_KEY_H */
