// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests of vpnd; see vpnspi_message.h.
 *
 * A size or a type that does not fit cannot be answered: where the next message
 * starts is no longer known.  A value that does not fit can.
 */
#include "vpnspi_message.h"

#include <string.h>

#include "wire/spi.h"

#include "vpnspi_labels.h"

static bool from_vpnd(unsigned int type)
{
	return type >= VPNSPI_CONFIG && type <= VPNSPI_SPOKE_DEL;
}

static const char *check_addr(const struct vpnspi_addr *addr)
{
	if (addr->family != AF_INET && addr->family != AF_INET6)
		return "address family is neither IPv4 nor IPv6";
	return NULL;
}

static const char *check_config(const struct vpnspi_config *config)
{
	if (config->local.family == AF_UNSPEC)
		return NULL;
	if (config->prefix_len < VPN_SPI_OWN_LEN_MIN || config->prefix_len > VPN_SPI_OWN_LEN_MAX)
		return "SPI prefix length is not 7 to 26";
	return check_addr(&config->local);
}

static const char *check_if_id(uint32_t if_id)
{
	if (if_id == 0 || if_id == VPNSPI_IF_ID_PARKED)
		return "if_id 0 and 0xffffffff cannot be used";
	return NULL;
}

static const char *check_out(const struct vpnspi_label_out *out)
{
	const char *why = check_addr(&out->peer);

	if (!why && (out->label_len < 32 - VPN_SPI_PREFIX_LEN_MAX || out->label_len > 32))
		why = "label length is not 6 to 32 bits";
	if (!why && !vpn_spi_label_fits(32 - out->label_len, out->label))
		why = "label does not fit its length, or is under 256 without a prefix";
	return why ? why : check_if_id(out->if_id);
}

static bool ends(const char *string, size_t size)
{
	return string[0] && memchr(string, 0, size);
}

static const char *check_link(const struct vpnspi_link *link)
{
	if (!ends(link->conn, sizeof(link->conn)) || !ends(link->child, sizeof(link->child)))
		return "a link's connection or child has no name, or one too long";
	if (strncmp(link->conn, VPNSPI_LINK_PREFIX, strlen(VPNSPI_LINK_PREFIX)))
		return "a link's connection is not named " VPNSPI_LINK_PREFIX "...";
	if (link->has_vpn_id > 1)
		return "a link has a VPN-ID or none";
	if (link->signal > VPNSPI_SIGNAL_VENDOR_ID)
		return "a link's signal is none that there is";
	if (link->spokes > VPNSPI_SPOKES_MAX)
		return "a template has 4095 spokes at most";
	return check_if_id(link->if_id);
}

static const char *check_spoke(const struct vpnspi_spoke *spoke)
{
	if (!ends(spoke->conn, sizeof(spoke->conn)) || !ends(spoke->child, sizeof(spoke->child)))
		return "a spoke's connection or child has no name, or one too long";
	if (!ends(spoke->identity, sizeof(spoke->identity)))
		return "a spoke has no identity, or one too long";
	if (!spoke->number || spoke->number > VPNSPI_SPOKES_MAX)
		return "a spoke's number is not 1 to 4095";
	return NULL;
}

static const char *check(const struct vpnspi_request *request)
{
	switch (request->type) {
	case VPNSPI_CONFIG:
		return check_config(&request->config);
	case VPNSPI_LABEL_IN:
	case VPNSPI_LABEL_IN_DEL:
		return check_if_id(request->in.if_id);
	case VPNSPI_LABEL_OUT:
	case VPNSPI_LABEL_OUT_DEL:
		return check_out(&request->out);
	case VPNSPI_LINK:
	case VPNSPI_LINK_DEL:
		return check_link(&request->link);
	case VPNSPI_SPOKE:
	case VPNSPI_SPOKE_DEL:
		return check_spoke(&request->spoke);
	default:
		return NULL;
	}
}

/* What is behind the four octets of an IPv4 address plays no part in comparisons. */
static void trim(struct vpnspi_addr *addr)
{
	if (addr->family == AF_INET)
		memset(addr->octets + 4, 0, sizeof(addr->octets) - 4);
	addr->reserved = 0;
}

static void trim_addresses(struct vpnspi_request *request)
{
	if (request->type == VPNSPI_CONFIG)
		trim(&request->config.local);
	if (request->type == VPNSPI_LABEL_OUT || request->type == VPNSPI_LABEL_OUT_DEL)
		trim(&request->out.peer);
}

int vpnspi_message_parse(const uint8_t *octets, size_t size, struct vpnspi_request *request,
			 const char **broken)
{
	struct vpnspi_header header;
	int body;

	if (size < sizeof(header))
		return 0;
	memcpy(&header, octets, sizeof(header));
	body = from_vpnd(header.type) ? vpnspi_body_size(header.type) : -1;
	if (body < 0) {
		*broken = "message type is not one of vpnd's";
		return -1;
	}
	if (header.size != sizeof(header) + body) {
		*broken = "message size does not fit its type";
		return -1;
	}
	if (size < header.size)
		return 0;
	memset(request, 0, sizeof(*request));
	request->type = header.type;
	request->id = header.id;
	memcpy(&request->config, octets + sizeof(header), body);
	trim_addresses(request);
	request->refused = check(request);
	return header.size;
}
