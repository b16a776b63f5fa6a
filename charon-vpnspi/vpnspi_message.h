/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests of vpnd, taken out of the octets of its connection.
 *
 * The octets come from another process and are believed nothing: sizes, types,
 * address families and numbers are checked here, so that what is behind this
 * parser only sees requests that make sense by themselves.
 */
#ifndef VPNSPI_MESSAGE_H
#define VPNSPI_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/plugin.h"

struct vpnspi_request {
	enum vpnspi_type type;
	uint32_t id;
	union {
		struct vpnspi_config config;
		struct vpnspi_label_in in;
		struct vpnspi_label_out out;
		struct vpnspi_link link;
		struct vpnspi_spoke spoke;
	};
	const char *refused; /* why it makes no sense, or NULL */
};

/*
 * Takes the first request out of size octets.  Returns the octets that it
 * took, 0 if it is not complete yet, -1 if the sender must be disconnected:
 * *broken says why.  A request that can be answered but not carried out has
 * `refused` set.
 */
int vpnspi_message_parse(const uint8_t *octets, size_t size, struct vpnspi_request *request,
			 const char **broken);

#endif /* VPNSPI_MESSAGE_H */
