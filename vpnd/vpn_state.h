/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * State as it is told to the outside: the same words on vtysh, in JSON and in
 * YANG operational data.
 */
#ifndef VPND_VPN_STATE_H
#define VPND_VPN_STATE_H

#include <zebra.h>

#include "vpnd/vpn_label.h"
#include "vpnd/vpn_peer.h"
#include "vpnd/vpn_use.h"

/* The three states of everything; the values are those of the YANG enumeration. */
extern enum vpn_peer_state vpn_label_state(const struct vpn_label *label);
extern enum vpn_peer_state vpn_use_state(const struct vpn_use *use);

/* Is there something to tell about how the peer is connected? */
extern bool vpn_peer_is_up(const struct vpn_peer *peer);

/* Milliseconds to a tunnel link's next attempt as seconds, rounded up. */
extern int64_t vpn_link_seconds(int64_t ms);

#define VPN_TIME_SIZE 40

/* A wall clock time as RFC 3339 in UTC; "" for 0. */
extern const char *vpn_time_str(time_t when, char buf[VPN_TIME_SIZE]);

/* How long ago that was, as "1d02h", "02:03:04". */
extern const char *vpn_age_str(time_t when, char buf[VPN_TIME_SIZE]);

#endif /* VPND_VPN_STATE_H */
