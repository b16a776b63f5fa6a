/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bgpd's side of vpnd: what it wants, and what it is told.  See wire/opaque.h.
 */
#ifndef VPND_VPN_BGP_H
#define VPND_VPN_BGP_H

#include <zebra.h>

#include "lib/stream.h"

/* An opaque message of bgpd: all its records are carried out. */
void vpn_bgp_receive(struct stream *s);

/* zebra's connection is new: registered; ask for everything. */
void vpn_bgp_connected(void);

/* bgpd is registered with zebra (as this session), or nobody is any more. */
void vpn_bgp_appeared(uint32_t session);
void vpn_bgp_vanished(void);

/* Has bgpd said its whole set since vpnd started (or has its time run out)? */
bool vpn_bgp_synchronised(void);

/* Tells bgpd what has changed since it was told last; answers a request if it may now. */
void vpn_bgp_tell_changes(void);

void vpn_bgp_terminate(void);

#endif /* VPND_VPN_BGP_H */
