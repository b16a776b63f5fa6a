/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A VPN-ID (RFC 2685) as it is carried in IKE: the data of a notify payload, a
 * format octet (1) and the seven octets of the VPN-ID.
 */
#ifndef VPNSPI_VPN_ID_H
#define VPNSPI_VPN_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VPNSPI_VPN_ID_SIZE	  7 /* OUI: 3, VPN index: 4 */
#define VPNSPI_VPN_ID_NOTIFY_SIZE 8
#define VPNSPI_VPN_ID_FORMAT	  1
#define VPNSPI_VPN_ID_STRING_SIZE 16 /* "00a0c9:00000001" */

void vpnspi_vpn_id_put(uint8_t data[VPNSPI_VPN_ID_NOTIFY_SIZE],
		       const uint8_t id[VPNSPI_VPN_ID_SIZE]);

/* Returns NULL, or what is wrong with the data (then id is untouched). */
const char *vpnspi_vpn_id_get(const uint8_t *data, size_t size, uint8_t id[VPNSPI_VPN_ID_SIZE]);

/* As people write it.  Returns buf. */
const char *vpnspi_vpn_id_string(const uint8_t id[VPNSPI_VPN_ID_SIZE],
				 char buf[VPNSPI_VPN_ID_STRING_SIZE]);

#endif /* VPNSPI_VPN_ID_H */
