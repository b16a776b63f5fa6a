/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses between strongSwan's host_t and the socket's struct vpnspi_addr.
 */
#ifndef VPNSPI_ADDR_H
#define VPNSPI_ADDR_H

#include <library.h>
#include <networking/host.h>

#include "wire/plugin.h"

#define VPNSPI_ADDR_STRING_SIZE INET6_ADDRSTRLEN

/* The address of a host, without its port. */
struct vpnspi_addr vpnspi_addr_from_host(host_t *host);

/* A new host with port 0, which the caller destroys. */
host_t *vpnspi_addr_to_host(const struct vpnspi_addr *addr);

bool vpnspi_addr_same(const struct vpnspi_addr *a, const struct vpnspi_addr *b);

/* Writes the address as people write it; "?" for an unknown family.  Returns buf. */
const char *vpnspi_addr_string(const struct vpnspi_addr *addr, char buf[VPNSPI_ADDR_STRING_SIZE]);

/* For hash tables with struct vpnspi_addr as the key. */
u_int vpnspi_addr_hash(const void *key);
bool vpnspi_addr_equals(const void *key, const void *other);

#endif /* VPNSPI_ADDR_H */
