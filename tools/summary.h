/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a capture held, counted.
 */
#ifndef TOOLS_SUMMARY_H
#define TOOLS_SUMMARY_H

#include <stdio.h>

#include "tools/packet.h"
#include "tools/spi_map.h"

/* SPIs counted apart; packets of further ones are counted together. */
#define SUMMARY_SPIS_MAX 65536

struct summary;

/* NULL if there is no memory. */
struct summary *summary_new(void);
void summary_free(struct summary *summary);

/* Counts one packet of so many octets.  cleartext: it is a customer's, in clear. */
void summary_count(struct summary *summary, const struct packet *packet, size_t octets,
		   bool cleartext);

/* Packets that the capture itself lost. */
void summary_lost(struct summary *summary, uint64_t packets);

uint64_t summary_cleartext(const struct summary *summary);

/* For people, and for programs.  False if writing failed. */
bool summary_print(const struct summary *summary, const struct spi_map *map, FILE *out);
bool summary_print_json(const struct summary *summary, const struct spi_map *map, FILE *out);

#endif /* TOOLS_SUMMARY_H */
