// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whatever another process writes to the plugin's socket: the parser takes it in
 * pieces, never reads beyond them, and what it lets through makes sense.
 */
/* link: charon-vpnspi/vpnspi_message.c */
/* libs: strongswan */
#include <stdlib.h>
#include <string.h>

#include <library.h>

#include "charon-vpnspi/vpnspi_labels.h"
#include "charon-vpnspi/vpnspi_message.h"
#include "wire/spi.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void check_link(const struct vpnspi_link *link)
{
	must(strnlen(link->conn, sizeof(link->conn)) < sizeof(link->conn) &&
	     !strncmp(link->conn, VPNSPI_LINK_PREFIX, strlen(VPNSPI_LINK_PREFIX)));
	must(link->child[0] && strnlen(link->child, sizeof(link->child)) < sizeof(link->child));
	must(link->if_id && link->if_id != VPNSPI_IF_ID_PARKED);
	must(link->spokes <= VPNSPI_SPOKES_MAX);
	must(link->has_vpn_id <= 1 && link->signal <= VPNSPI_SIGNAL_VENDOR_ID);
}

static void check_spoke(const struct vpnspi_spoke *spoke)
{
	must(spoke->child[0] && strnlen(spoke->child, sizeof(spoke->child)) < sizeof(spoke->child));
	must(spoke->identity[0] &&
	     strnlen(spoke->identity, sizeof(spoke->identity)) < sizeof(spoke->identity));
	must(spoke->number >= 1 && spoke->number <= VPNSPI_SPOKES_MAX);
}

static void check(const struct vpnspi_request *request)
{
	must(request->type >= VPNSPI_CONFIG && request->type <= VPNSPI_SPOKE_DEL);
	if (request->refused) {
		must(strlen(request->refused) > 0);
		return;
	}
	if (request->type == VPNSPI_CONFIG && request->config.local.family != AF_UNSPEC)
		must(request->config.prefix_len >= VPN_SPI_OWN_LEN_MIN &&
		     request->config.prefix_len <= VPN_SPI_OWN_LEN_MAX);
	if (request->type == VPNSPI_LABEL_IN || request->type == VPNSPI_LABEL_IN_DEL)
		must(request->in.if_id && request->in.if_id != VPNSPI_IF_ID_PARKED);
	if (request->type == VPNSPI_LABEL_OUT || request->type == VPNSPI_LABEL_OUT_DEL)
		must(vpn_spi_label_fits(32 - request->out.label_len, request->out.label) &&
		     request->out.if_id && request->out.if_id != VPNSPI_IF_ID_PARKED);
	if (request->type == VPNSPI_LINK || request->type == VPNSPI_LINK_DEL)
		check_link(&request->link);
	if (request->type == VPNSPI_SPOKE || request->type == VPNSPI_SPOKE_DEL)
		check_spoke(&request->spoke);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vpnspi_request request;
	const char *broken = NULL;
	size_t used = 0;
	int took;

	do {
		/* a copy of its own size, so that reading beyond it is seen */
		uint8_t *rest = malloc(size - used ? size - used : 1);

		memcpy(rest, data + used, size - used);
		took = vpnspi_message_parse(rest, size - used, &request, &broken);
		free(rest);
		must((took < 0) == (broken != NULL));
		must(took <= 0 || (size_t)took <= size - used);
		if (took > 0) {
			check(&request);
			used += took;
		}
	} while (took > 0);
	return 0;
}
