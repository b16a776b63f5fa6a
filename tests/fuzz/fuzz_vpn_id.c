// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whatever a peer puts into IKE messages that negotiate CHILD_SAs: notifies of
 * any type and data, vendor IDs, twice and in any order.  The input is a list of
 * payloads: kind, length, octets.
 */
/* link: charon-vpnspi/vpnspi_vpn_id.c charon-vpnspi/vpnspi_offer.c */
/* libs: charon */
#include <stdlib.h>
#include <string.h>

#include <daemon.h>
#include <encoding/payloads/id_payload.h>
#include <encoding/payloads/notify_payload.h>
#include <encoding/payloads/sa_payload.h>
#include <encoding/payloads/ts_payload.h>
#include <encoding/payloads/vendor_id_payload.h>

#include "charon-vpnspi/vpnspi_offer.h"
#include "wire/codepoints.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void add(message_t *message, bool v1, unsigned int kind, chunk_t data)
{
	switch (kind % 5) {
	case 0:
		message->add_notify(message, FALSE, v1 ? VPN_ID_NOTIFY_IKEV1 : VPN_ID_NOTIFY_IKEV2,
				    data);
		break;
	case 1:
		message->add_notify(message, FALSE, USE_TRANSPORT_MODE, data);
		break;
	case 2:
		message->add_notify(message, FALSE, data.len > 1 ? untoh16(data.ptr) : 0, data);
		break;
	case 3:
		message->add_payload(message,
				     (payload_t *)vendor_id_payload_create_data(v1 ? PLV1_VENDOR_ID
										   : PLV2_VENDOR_ID,
										chunk_clone(data)));
		break;
	default:
		message->add_payload(message, (payload_t *)(v1 ? (void *)sa_payload_create(
									 PLV1_SECURITY_ASSOCIATION)
							       : (void *)ts_payload_create(TRUE)));
	}
}

static void check(message_t *message)
{
	uint8_t again[VPNSPI_VPN_ID_NOTIFY_SIZE], id[VPNSPI_VPN_ID_SIZE];
	struct vpnspi_offer offer;

	(void)vpnspi_offer_has_vendor_id(message);
	if (!vpnspi_offer_read(message, &offer))
		return;
	must(!(offer.has_vpn_id && offer.broken));
	if (!offer.has_vpn_id)
		return;
	vpnspi_vpn_id_put(again, offer.vpn_id);
	must(!vpnspi_vpn_id_get(again, sizeof(again), id));
	must(!memcmp(id, offer.vpn_id, sizeof(id)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t id[VPNSPI_VPN_ID_SIZE];
	message_t *message;
	bool v1;

	if (!lib && !(library_init(NULL, "fuzz") && libcharon_init()))
		abort();
	(void)vpnspi_vpn_id_get(data, size, id);
	if (!size)
		return 0;
	v1 = data[0] & 1;
	message = message_create(v1 ? IKEV1_MAJOR_VERSION : IKEV2_MAJOR_VERSION, 0);
	message->set_exchange_type(message, v1 ? QUICK_MODE : CREATE_CHILD_SA);
	message->add_payload(message,
			     (payload_t *)sa_payload_create(v1 ? PLV1_SECURITY_ASSOCIATION
							       : PLV2_SECURITY_ASSOCIATION));
	for (size_t at = 1; at + 2 <= size;) {
		size_t len = data[at + 1] < size - at - 2 ? data[at + 1] : size - at - 2;

		add(message, v1, data[at], chunk_create((u_char *)data + at + 2, len));
		at += 2 + len;
	}
	check(message);
	message->destroy(message);
	return 0;
}
