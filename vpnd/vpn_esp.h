/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sizes of ESP packets, by the names that charon gives algorithms.
 */
#ifndef VPND_VPN_ESP_H
#define VPND_VPN_ESP_H

#include <stdbool.h>

/* What a packet needs beside itself. */
struct vpn_esp_size {
	unsigned int header; /* octets before what is encrypted: IP, UDP if any, ESP, IV */
	unsigned int icv;    /* octets behind it */
	unsigned int block;  /* what is encrypted is padded to a multiple of it */
};

/*
 * Sizes with these algorithms ("AES_GCM_16", "" or "HMAC_SHA2_256_128"), over
 * IPv6 or IPv4, in UDP or not.  An algorithm that is not known here is taken
 * for the largest.  Pure.
 */
struct vpn_esp_size vpn_esp_size(const char *encryption, const char *integrity, bool ipv6, bool udp);

#endif /* VPND_VPN_ESP_H */
