/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * charon: connections, secrets, initiation and termination, over VICI.
 *
 * No policy here: vpn_peer.c decides when.  Requests queue up and go out one
 * after the other, as VICI wants; a connection that breaks is opened again with
 * back-off, and whoever needs something loaded loads it again.
 */
#ifndef VPND_VPN_CHARON_H
#define VPND_VPN_CHARON_H

#include <zebra.h>

#include "lib/ipaddr.h"

struct vpn_profile;

void vpn_charon_init(const char *path);
void vpn_charon_stop(void);

/* Is VICI connected?  If not, *reason says why, in words (if reason is not NULL). */
bool vpn_charon_connected(const char **reason);

/*
 * Loads (or replaces by the same name) the connection to this peer, from our
 * address, with what the profile says.  peer NULL: the responder for any peer.
 * done: called once with NULL, or with what charon said against it; not called
 * if the connection to charon breaks before.
 */
void vpn_charon_load_peer(const struct ipaddr *local, const struct ipaddr *peer,
			  const struct vpn_profile *profile,
			  void (*done)(const struct ipaddr *peer, const char *error));
void vpn_charon_unload_peer(const struct ipaddr *peer);

/*
 * Loads the profile's secret or key for our address.  NULL, or why not in
 * words (a file that cannot be read).  The secret is zeroed after sending.
 */
const char *vpn_charon_load_secret(const struct ipaddr *local, const struct vpn_profile *profile);
void vpn_charon_unload_secret(const struct ipaddr *local);

/* charon forgets the private key of this file, which is about to be deleted. */
void vpn_charon_unload_key(const char *path);

/* Starts the negotiation with a loaded peer; returns at once, the plugin reports what comes of it. */
void vpn_charon_initiate(const struct ipaddr *peer,
			 void (*done)(const struct ipaddr *peer, const char *error));

/* Terminates every IKE_SA of ours with this peer, whoever initiated it. */
void vpn_charon_terminate(const struct ipaddr *peer);

/* Unloads the connections of ours that keep() does not want. */
void vpn_charon_unload_others(bool (*keep)(const struct ipaddr *peer));

#endif /* VPND_VPN_CHARON_H */
