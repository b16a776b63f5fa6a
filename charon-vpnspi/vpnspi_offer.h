/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one end says of a CHILD_SA in the message that negotiates it, as far as
 * tunnel links care: in IKE_AUTH, CREATE_CHILD_SA and Quick Mode, in requests and
 * answers alike.
 */
#ifndef VPNSPI_OFFER_H
#define VPNSPI_OFFER_H

#include <daemon.h>

#include "vpnspi_vpn_id.h"

struct vpnspi_offer {
	bool transport; /* mode; else tunnel, or something rarer */
	bool ids;	/* with client identifiers, which only IKEv1 can leave out */
	bool has_vpn_id;
	uint8_t vpn_id[VPNSPI_VPN_ID_SIZE];
	const char *broken; /* what is wrong with its VPN-ID, or NULL */
};

/* False: the message negotiates no CHILD_SA. */
bool vpnspi_offer_read(message_t *message, struct vpnspi_offer *offer);

/* Its traffic selectors, in IKEv2: new lists, or NULL.  initiator: those of who proposes. */
linked_list_t *vpnspi_offer_selectors(message_t *message, bool initiator);

/* Has the message our vendor ID? */
bool vpnspi_offer_has_vendor_id(message_t *message);

/* Adds to a message that is not encoded yet. */
void vpnspi_offer_add_vendor_id(message_t *message);
void vpnspi_offer_add_vpn_id(message_t *message, const uint8_t id[VPNSPI_VPN_ID_SIZE]);

/* Takes the client identifiers out of a Quick Mode message that is not encoded yet. */
void vpnspi_offer_strip_ids(message_t *message);

#endif /* VPNSPI_OFFER_H */
