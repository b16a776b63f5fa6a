// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Addresses between strongSwan's host_t and the socket's struct vpnspi_addr.
 */
#include "vpnspi_addr.h"

#include <arpa/inet.h>

struct vpnspi_addr vpnspi_addr_from_host(host_t *host)
{
	struct vpnspi_addr addr = { .family = host->get_family(host) };
	chunk_t octets = host->get_address(host);

	memcpy(addr.octets, octets.ptr, min(octets.len, sizeof(addr.octets)));
	return addr;
}

host_t *vpnspi_addr_to_host(const struct vpnspi_addr *addr)
{
	size_t len = addr->family == AF_INET ? 4 : 16;

	return host_create_from_chunk(addr->family, chunk_create((u_char *)addr->octets, len), 0);
}

bool vpnspi_addr_same(const struct vpnspi_addr *a, const struct vpnspi_addr *b)
{
	return a->family == b->family && memeq(a->octets, b->octets, sizeof(a->octets));
}

const char *vpnspi_addr_string(const struct vpnspi_addr *addr, char buf[VPNSPI_ADDR_STRING_SIZE])
{
	if (!inet_ntop(addr->family, addr->octets, buf, VPNSPI_ADDR_STRING_SIZE))
		strcpy(buf, "?");
	return buf;
}

u_int vpnspi_addr_hash(const void *key)
{
	const struct vpnspi_addr *addr = key;

	return chunk_hash_inc(chunk_from_thing(addr->octets), addr->family);
}

bool vpnspi_addr_equals(const void *key, const void *other)
{
	return vpnspi_addr_same(key, other);
}
