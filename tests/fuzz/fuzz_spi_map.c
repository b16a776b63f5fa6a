// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any octets as the JSON of a show command: taken or refused in words.
 */
/* link: tools/spi_map.c tools/packet.c */
/* libs: json-c */
#include <stdlib.h>
#include <string.h>

#include "tools/spi_map.h"
#include "wire/spi.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct spi_map *map = spi_map_new();
	struct packet_addr source, destination;
	struct spi_meaning meaning;
	char *text = malloc(size + 1);

	if (!map || !text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	spi_map_add(map, text);
	packet_addr_parse("10.0.0.1", &source);
	packet_addr_parse("10.0.0.2", &destination);
	meaning = spi_map_explain(map, &source, &destination, 0x8020012c);
	if (meaning.known && (meaning.prefix | meaning.label) != 0x8020012c)
		abort();
	if (meaning.known && meaning.prefix_len > VPN_SPI_PREFIX_LEN_MAX)
		abort();
	free(text);
	spi_map_free(map);
	return 0;
}
