// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any octets as what charon sends over VICI: segments, packets, messages, and
 * what vpnd reads from each kind of answer.
 */
/* link: vpnd/vici.c vpnd/vpn_charon_msg.c vpnd/vpn_charon_link_msg.c vpnd/vpn_esp.c vpnd/vpn_peer_math.c */
/* libs: frr */
#include <zebra.h>

#include "vpnd/vpn_charon_link_msg.h"
#include "vpnd/vpn_charon_msg.h"
#include "wire/plugin.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void conn_seen(const struct vici_blob *name)
{
	struct ipaddr peer;

	if (vpn_conn_peer(name, &peer) && peer.ipa_type == IPADDR_NONE && name->len < 11)
		abort(); /* "vpnd-pe-any" at least */
}

static void sa_seen(const struct vpn_charon_sa *sa)
{
	if (!sa->child[0] || !sa->id || !sa->esp.block ||
	    strncmp(sa->gateway, VPNSPI_LINK_PREFIX, strlen(VPNSPI_LINK_PREFIX)))
		abort();
}

static void read_packet(const struct vici_packet *packet, size_t size)
{
	struct vici_element element;
	struct vici_reader reader;
	struct ipaddr peer;
	size_t elements = 0;
	char error[64];
	uint32_t id;

	vici_reader_init(&reader, &packet->message);
	while (vici_next(&reader, &element) > 0) {
		vici_blob_str(&element.name, error, sizeof(error));
		vici_blob_str(&element.value, error, sizeof(error));
		if (++elements > size)
			abort(); /* each takes an octet at least */
	}
	str2ipaddr("10.0.0.2", &peer);
	vpn_charon_read_result(packet, error, sizeof(error));
	if (vpn_charon_read_sa(packet, &peer, &id) && !id)
		abort();
	vpn_charon_read_conns(packet, conn_seen);
	vpn_charon_read_sas(packet, sa_seen);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vici_packet packet;
	struct vici_blob segment;
	size_t used, done = 0;

	while (vici_segment(data + done, size - done, &segment, &used) > 0) {
		if (vici_packet_parse(&segment, &packet))
			read_packet(&packet, size);
		done += used;
	}
	/* and without the envelope, so that the message itself is reached often */
	packet = (struct vici_packet){ .type = VICI_CMD_RESPONSE, .message = { data, size } };
	read_packet(&packet, size);
	return 0;
}
