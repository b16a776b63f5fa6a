/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tunnel links in IKE: how the two ends find out that a CHILD_SA is one, and
 * which (draft-knight-ppvpn-ipsec-dynroute-00 section 3.4,
 * draft-duffy-ppvpn-ipsec-vlink-00 section 5.3).
 *
 *   - The first exchange carries our vendor ID: of an initiator whose connection
 *     is a link's, and of a responder that was sent it.
 *   - Who proposes an SA of a link with a VPN-ID to a peer of that vendor ID says
 *     the VPN-ID in a notify, in the same message; who answers says it again.
 *   - Who answers chooses the link by it (vpnspi_choice.h).
 *   - Both ends look at the SA before charon installs it, in the first
 *     negotiation as in each rekeying: mode, selectors, NAT, VPN-ID.  What does not
 *     fit is refused, in IKE's words to the peer and in ours to vpnd.
 *   - The signal, transport mode for protocol 4 between the gateways' addresses,
 *     is refused on every other connection of this charon as well, unless one was
 *     configured for just that by hand.
 *
 *   - vpnd is told of peers that do not answer (VPNSPI_SILENT): charon gives one up
 *     minutes later.
 *
 * Limits: the IKE_SA's connection is chosen by addresses and identities.  Where
 * several fit, in IKEv2 one that has a child for the offer goes first
 * (vpnspi_link_prefer.h); in IKEv1 nothing is known of the offer at that time, so
 * there a static connection to a link's peer wants identities of its own.  Nor has
 * IKEv1 a way to tell when the other end has installed what both have agreed on:
 * who rekeys may lose what it sends before its third message has arrived.
 */
#ifndef VPNSPI_LINK_H
#define VPNSPI_LINK_H

struct vpnspi_state;

void vpnspi_link_start(struct vpnspi_state *state);
void vpnspi_link_stop(void);

#endif /* VPNSPI_LINK_H */
