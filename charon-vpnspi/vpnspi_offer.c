// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * CHILD_SAs as IKE messages describe them; see vpnspi_offer.h.
 *
 * IKEv2 says the mode in a notify, IKEv1 in an attribute of the proposal.  The
 * traffic selectors charon reads itself.
 */
#include "vpnspi_offer.h"

#include <encoding/payloads/notify_payload.h>
#include <encoding/payloads/sa_payload.h>
#include <encoding/payloads/ts_payload.h>
#include <encoding/payloads/vendor_id_payload.h>

#include "wire/codepoints.h"

static bool is_v1(message_t *message)
{
	return message->get_major_version(message) == IKEV1_MAJOR_VERSION;
}

/* Does it negotiate a CHILD_SA?  An SA payload alone may be an IKE_SA's. */
static bool negotiates(message_t *message)
{
	if (is_v1(message))
		return message->get_exchange_type(message) == QUICK_MODE &&
		       message->get_payload(message, PLV1_SECURITY_ASSOCIATION);
	return message->get_payload(message, PLV2_SECURITY_ASSOCIATION) &&
	       message->get_payload(message, PLV2_TS_INITIATOR);
}

static bool is_transport(message_t *message)
{
	sa_payload_t *sa;
	bool udp;

	if (!is_v1(message))
		return message->get_notify(message, USE_TRANSPORT_MODE) != NULL;
	sa = (sa_payload_t *)message->get_payload(message, PLV1_SECURITY_ASSOCIATION);
	return sa->get_encap_mode(sa, &udp) == MODE_TRANSPORT;
}

static void read_vpn_id(struct vpnspi_offer *offer, chunk_t data)
{
	if (offer->has_vpn_id)
		offer->broken = "there are two VPN-IDs";
	else if (!offer->broken)
		offer->broken = vpnspi_vpn_id_get(data.ptr, data.len, offer->vpn_id);
	offer->has_vpn_id = !offer->broken;
}

static void read_vpn_ids(struct vpnspi_offer *offer, message_t *message)
{
	enumerator_t *payloads = message->create_payload_enumerator(message);
	payload_t *payload;

	while (payloads->enumerate(payloads, &payload)) {
		payload_type_t kind = payload->get_type(payload);
		notify_payload_t *notify = (notify_payload_t *)payload;
		unsigned int type;

		if (kind != PLV1_NOTIFY && kind != PLV2_NOTIFY)
			continue;
		type = notify->get_notify_type(notify);
		if (type == (kind == PLV1_NOTIFY ? VPN_ID_NOTIFY_IKEV1 : VPN_ID_NOTIFY_IKEV2))
			read_vpn_id(offer, notify->get_notification_data(notify));
	}
	payloads->destroy(payloads);
}

bool vpnspi_offer_read(message_t *message, struct vpnspi_offer *offer)
{
	if (!negotiates(message))
		return false;
	*offer = (struct vpnspi_offer){
		.transport = is_transport(message),
		.ids = !is_v1(message) || message->get_payload(message, PLV1_ID),
	};
	read_vpn_ids(offer, message);
	return true;
}

linked_list_t *vpnspi_offer_selectors(message_t *message, bool initiator)
{
	ts_payload_t *payload = (ts_payload_t *)message->get_payload(message,
								     initiator ? PLV2_TS_INITIATOR
									       : PLV2_TS_RESPONDER);

	return payload ? payload->get_traffic_selectors(payload) : NULL;
}

bool vpnspi_offer_has_vendor_id(message_t *message)
{
	payload_type_t wanted = is_v1(message) ? PLV1_VENDOR_ID : PLV2_VENDOR_ID;
	chunk_t ours = chunk_create((u_char *)VPN_LINK_VENDOR_ID, VPN_LINK_VENDOR_ID_SIZE);
	enumerator_t *payloads = message->create_payload_enumerator(message);
	payload_t *payload;
	bool found = false;

	while (payloads->enumerate(payloads, &payload)) {
		vendor_id_payload_t *vendor = (vendor_id_payload_t *)payload;

		if (payload->get_type(payload) == wanted &&
		    chunk_equals(vendor->get_data(vendor), ours))
			found = true;
	}
	payloads->destroy(payloads);
	return found;
}

void vpnspi_offer_add_vendor_id(message_t *message)
{
	chunk_t data = chunk_create((u_char *)VPN_LINK_VENDOR_ID, VPN_LINK_VENDOR_ID_SIZE);
	vendor_id_payload_t *vendor = vendor_id_payload_create_data(is_v1(message) ? PLV1_VENDOR_ID
										   : PLV2_VENDOR_ID,
								    chunk_clone(data));

	message->add_payload(message, &vendor->payload_interface);
}

void vpnspi_offer_add_vpn_id(message_t *message, const uint8_t id[VPNSPI_VPN_ID_SIZE])
{
	uint8_t data[VPNSPI_VPN_ID_NOTIFY_SIZE];

	vpnspi_vpn_id_put(data, id);
	message->add_notify(message, FALSE,
			    is_v1(message) ? VPN_ID_NOTIFY_IKEV1 : VPN_ID_NOTIFY_IKEV2,
			    chunk_from_thing(data));
}

void vpnspi_offer_strip_ids(message_t *message)
{
	enumerator_t *payloads = message->create_payload_enumerator(message);
	payload_t *payload;

	while (payloads->enumerate(payloads, &payload)) {
		if (payload->get_type(payload) != PLV1_ID)
			continue;
		message->remove_payload_at(message, payloads);
		payload->destroy(payload);
	}
	payloads->destroy(payloads);
}
