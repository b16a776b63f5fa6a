/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VPN-IDs and cookies as text.
 *
 * A VPN-ID (RFC 2685) is a 3-octet OUI and a 4-octet index: "00a0c9:00000001".
 * A cookie (RFC 3931, section 4.1) is 4 or 8 octets: "0badcafe".  Both are
 * hexadecimal; capitals are read, small letters written.
 */
#ifndef VPND_VPN_ID_H
#define VPND_VPN_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VPN_ID_SIZE	7  /* octets of a VPN-ID */
#define VPN_ID_STR_SIZE 16 /* of its text, with the NUL */
#define VPN_COOKIE_SIZE 8  /* octets of a cookie at most */

/* Reads a VPN-ID, 7 octets in the order in which they are written; false, and zeros, if it is none. */
extern bool vpn_id_parse(const char *text, uint8_t id[VPN_ID_SIZE]);

/* Writes a VPN-ID into buf; returns buf. */
extern const char *vpn_id_str(const uint8_t id[VPN_ID_SIZE], char buf[VPN_ID_STR_SIZE]);

/* Reads a cookie; its length in octets, 4 or 8; 0, and zeros, if it is none. */
extern uint8_t vpn_cookie_parse(const char *text, uint8_t cookie[VPN_COOKIE_SIZE]);

#endif /* VPND_VPN_ID_H */
