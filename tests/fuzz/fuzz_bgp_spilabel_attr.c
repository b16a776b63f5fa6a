// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any octets as SPI-label attributes of one update: taken or refused, and a
 * label that is kept can be sent.  First octet: flags; then length, value.
 */
/* link: bgpd-spilabel/bgp_spi_attr.c */
/* libs: bgpd */
#include <zebra.h>

#include "stream.h"

#include "bgpd/bgpd.h"
#include "bgpd/bgp_packet.h"
#include "bgpd/bgp_spi_attr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t take_one(struct attr *attr, const uint8_t *data, size_t size)
{
	size_t length = MIN(data[1], size - 2);
	uint8_t *value = malloc(length ? length : 1); /* of just its size */

	memcpy(value, data + 2, length);
	bgp_spi_attr_take(attr, data[0], value, length);
	free(value);
	return 2 + length;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct attr attr = { .flag = ATTR_FLAG_BIT(BGP_ATTR_MP_REACH_NLRI) };
	struct bgp_nlri mp_update = { .afi = AFI_IP, .safi = SAFI_UNLABELED_VPN };
	struct peer peer = { .host = (char *)"192.0.2.1" };
	struct stream *s = stream_new(16);

	while (size >= 2) {
		size_t used = take_one(&attr, data, size);

		data += used;
		size -= used;
	}
	if (bgp_spi_attr_check(&peer, &attr, &mp_update) == BGP_ATTR_PARSE_PROCEED) {
		if (attr.spi_label.len < SPI_LABEL_LEN_MIN || attr.spi_label.len > SPI_LABEL_LEN_MAX)
			abort();
		bgp_spi_attr_put(s, &attr, SAFI_UNLABELED_VPN);
		if (stream_get_endp(s) != 3 + SPI_LABEL_ATTR_SIZE)
			abort();
	} else if (attr.spi_label.len)
		abort();
	stream_free(s);
	return 0;
}
