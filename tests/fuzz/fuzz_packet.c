// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any octets as a captured packet: the first one chooses the link type.
 *
 * Beside not crashing: a kind that has a name, no more headers than there is
 * room for, and an SPI only where one was there.
 */
/* link: tools/packet.c tools/prefix_list.c */
#include <stdlib.h>
#include <pcap/dlt.h>

#include "tools/packet.h"
#include "tools/prefix_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int links[] = { DLT_EN10MB, DLT_RAW, DLT_LINUX_SLL, DLT_LINUX_SLL2, DLT_NULL };
	struct prefix_list customers = {};
	struct packet packet;

	if (!size)
		return 0;
	packet_parse(links[data[0] % 5], data + 1, size - 1, &packet);
	if (packet.kind >= PACKET_KINDS || !packet_kind_name(packet.kind))
		abort();
	if (packet.ip_count > PACKET_NESTING_MAX)
		abort();
	if (packet.spi && packet.kind != PACKET_ESP && packet.kind != PACKET_AH)
		abort();
	if (packet.kind == PACKET_ESP && !packet.ip_count)
		abort();
	prefix_list_add(&customers, "0.0.0.0/0");
	prefix_list_add(&customers, "::/0");
	if (prefix_list_touches(&customers, &packet) != (packet.ip_count > 0))
		abort();
	return 0;
}
