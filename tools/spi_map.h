/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a provider edge says about its SPIs: prefix lengths of its peers, VRFs
 * of labels.
 */
#ifndef TOOLS_SPI_MAP_H
#define TOOLS_SPI_MAP_H

#include "tools/packet.h"

#define SPI_MAP_VRF_SIZE 64
#define SPI_MAP_MAX	 65536 /* of peers, labels, uses, each */

struct spi_map;

/* What an SPI says.  known: the prefix length was known, so the label is set. */
struct spi_meaning {
	bool known;
	uint8_t prefix_len;
	uint32_t prefix; /* left-adjusted, host byte order */
	uint32_t label;
	const char *vrf; /* NULL if it is not known; lives as long as the map */
};

/* An empty map; NULL if there is no memory. */
struct spi_map *spi_map_new(void);
void spi_map_free(struct spi_map *map);

/* The length that any prefix has whose peer the map does not know: 0 to 26. */
void spi_map_default_length(struct spi_map *map, uint8_t prefix_len);

/*
 * Adds what "show vpn peer json" or "show vpn spi-label json" printed, or both
 * merged into one object.  NULL, or why not, in words.
 */
const char *spi_map_add(struct spi_map *map, const char *json);

/* What this SPI between these systems says. */
struct spi_meaning spi_map_explain(const struct spi_map *map, const struct packet_addr *source,
				   const struct packet_addr *destination, uint32_t spi);

#endif /* TOOLS_SPI_MAP_H */
