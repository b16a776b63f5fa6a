// SPDX-License-Identifier: GPL-2.0-or-later
/* link: netconfd/netconf_framing.c */
/*
 * What comes from a NETCONF client, before anybody parses it. The first byte
 * chooses the framing, the second how many bytes come at a time; whatever comes,
 * the bounds hold, and it does not matter in what pieces it came.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "netconfd/netconf_framing.h"

#define LIMIT 512

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct netconf_framing pieces, whole;
	size_t step, n;

	if (size < 2)
		return 0;
	netconf_framing_start(&pieces, LIMIT);
	if (data[0] & 1)
		netconf_framing_messages(&pieces, true, LIMIT);
	whole = pieces;
	step = data[1] ? data[1] : 1;
	data += 2;
	size -= 2;
	netconf_framing_bytes(&whole, (const char *)data, size);
	for (size_t at = 0; at < size; at += n) {
		n = size - at < step ? size - at : step;
		netconf_framing_bytes(&pieces, (const char *)data + at, n);
		assert(pieces.refused || pieces.size + pieces.chunk <= LIMIT);
		assert(pieces.refused || pieces.depth <= NETCONF_DEPTH_MAX);
	}
	assert(pieces.refused == whole.refused);
	return 0;
}
