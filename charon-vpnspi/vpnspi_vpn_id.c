// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * VPN-IDs in IKE; see vpnspi_vpn_id.h.
 *
 * The format octet leaves room for other names of a VPN.  A peer that sends one
 * we do not know wants a context that we cannot tell: that is refused, never
 * ignored.
 */
#include "vpnspi_vpn_id.h"

#include <stdio.h>
#include <string.h>

void vpnspi_vpn_id_put(uint8_t data[VPNSPI_VPN_ID_NOTIFY_SIZE], const uint8_t id[VPNSPI_VPN_ID_SIZE])
{
	data[0] = VPNSPI_VPN_ID_FORMAT;
	memcpy(data + 1, id, VPNSPI_VPN_ID_SIZE);
}

const char *vpnspi_vpn_id_get(const uint8_t *data, size_t size, uint8_t id[VPNSPI_VPN_ID_SIZE])
{
	if (!size)
		return "the VPN-ID notify is empty";
	if (data[0] != VPNSPI_VPN_ID_FORMAT)
		return "the VPN-ID has a format that is not known here";
	if (size != VPNSPI_VPN_ID_NOTIFY_SIZE)
		return "the VPN-ID is not seven octets long";
	memcpy(id, data + 1, VPNSPI_VPN_ID_SIZE);
	return NULL;
}

const char *vpnspi_vpn_id_string(const uint8_t id[VPNSPI_VPN_ID_SIZE],
				 char buf[VPNSPI_VPN_ID_STRING_SIZE])
{
	snprintf(buf, VPNSPI_VPN_ID_STRING_SIZE, "%02x%02x%02x:%02x%02x%02x%02x", id[0], id[1],
		 id[2], id[3], id[4], id[5], id[6]);
	return buf;
}
