// SPDX-License-Identifier: GPL-2.0-or-later
/* Addresses and prefixes as texts that a database can order. */
#ifndef VPN_SERVER_PREFIX_H
#define VPN_SERVER_PREFIX_H

#include <stdbool.h>
#include <stddef.h>

#define PREFIX_TEXT 64

struct ip_prefix {
	char text[PREFIX_TEXT];	 /* as people write it, in its canonical form */
	char first[PREFIX_TEXT]; /* '4' or '6' and the first address in hexadecimal */
	char last[PREFIX_TEXT];
	int family; /* AF_INET, AF_INET6 */
};

/* Parses "10.0.0.0/8"; false and words, for example of bits beyond the length. */
bool prefix_parse(const char *text, struct ip_prefix *prefix, char *error, size_t size);

/* An address that a CE may have: canonical form to address; false and words. */
bool address_parse(const char *text, char address[PREFIX_TEXT], char *error, size_t size);
bool address_is_ipv6(const char *address);

#endif /* VPN_SERVER_PREFIX_H */
