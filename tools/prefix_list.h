/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A list of IP prefixes: the customers' addresses.
 */
#ifndef TOOLS_PREFIX_LIST_H
#define TOOLS_PREFIX_LIST_H

#include "tools/packet.h"

#define PREFIX_LIST_MAX 256

struct prefix_list {
	struct {
		struct packet_addr addr;
		uint8_t bits;
	} prefix[PREFIX_LIST_MAX];
	size_t count;
};

/* Adds a prefix like 10.1.0.0/16.  NULL, or why not, in words. */
const char *prefix_list_add(struct prefix_list *list, const char *text);

bool prefix_list_has(const struct prefix_list *list, const struct packet_addr *addr);

/* Is a source or a destination of this packet, at any depth that is in clear, in the list? */
bool prefix_list_touches(const struct prefix_list *list, const struct packet *packet);

#endif /* TOOLS_PREFIX_LIST_H */
