/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * charon: the connections of tunnel links, over VICI.  No policy here:
 * vpn_gateway.c decides when, and is told what charon says of CHILD_SAs.
 */
#ifndef VPND_VPN_CHARON_LINK_H
#define VPND_VPN_CHARON_LINK_H

#include <zebra.h>

struct vpn_gateway;
struct vpn_profile;

typedef void (*vpn_charon_done)(const char *gateway, const char *child, const char *error);

/*
 * Loads (or replaces by the same name) the gateway's secret, and its connection
 * unless that was loaded as it is (gateway->digest).  NULL, or why not in words (a file that cannot be read).  done: called once
 * with error NULL, or with what charon said against it; not called if the
 * connection to charon breaks before.
 */
const char *vpn_charon_load_gateway(struct vpn_gateway *gateway, const struct vpn_profile *profile,
				    vpn_charon_done done);

/* Unloads them, and terminates every IKE_SA of this connection. */
void vpn_charon_unload_gateway(const char *gateway);

/* Starts the negotiation of a child; returns at once. */
void vpn_charon_initiate_child(const char *gateway, const char *child, vpn_charon_done done);

/* Terminates every CHILD_SA of this name; child NULL: every IKE_SA of the gateway. */
void vpn_charon_terminate_child(const char *gateway, const char *child);

/* Terminates one CHILD_SA by charon's unique id. */
void vpn_charon_terminate_child_sa(uint32_t id);

/* Lists all CHILD_SAs: vpn_gateway_sa_listed() for each, then vpn_gateways_listed(). */
void vpn_charon_list_gateways(void);

/* Unloads the connections of gateways that keep() does not want. */
void vpn_charon_unload_other_gateways(bool (*keep)(const char *gateway));

#endif /* VPND_VPN_CHARON_LINK_H */
