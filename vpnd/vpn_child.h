/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Children: what is negotiated with a gateway.  For vpn_gateway.c; the struct
 * and the state machine are told in vpn_gateway.h.
 */
#ifndef VPND_VPN_CHILD_H
#define VPND_VPN_CHILD_H

#include <zebra.h>

#include "vpnd/vpn_gateway.h"

struct vpn_charon_sa;

struct vpn_child *vpn_child_find(struct vpn_gateway *gateway, const char *name);

/* See vpn_gateway_want(). */
struct vpn_child *vpn_child_want(struct vpn_gateway *gateway,
				 const struct vpn_tunnel_config *config, uint32_t if_id, bool held);

/* All links have said what they want of it. */
void vpn_child_wanted(struct vpn_child *child);

/* Off its gateway's list. */
void vpn_child_free(struct vpn_child **child);

/* LINK to the plugin, if the child needs one and it was not said on this connection. */
void vpn_child_say(struct vpn_child *child);

/*
 * The next step.  obstacle: why nothing can be negotiated now, NULL if it can;
 * listed: what charon has is known.
 */
void vpn_child_drive(struct vpn_child *child, const struct vpn_profile *profile,
		     const char *obstacle, bool listed);

/* A CHILD_SA is installed, in the place of another one or not; or is no more. */
void vpn_child_sa_came(struct vpn_child *child, const struct vpn_charon_sa *sa, bool rekeyed);
void vpn_child_sa_went(struct vpn_child *child, uint32_t id);

/* The charon that had them is gone. */
void vpn_child_lost(struct vpn_child *child, const char *reason);

/* A negotiation was refused or failed, in words. */
void vpn_child_alert(struct vpn_child *child, const struct vpn_profile *profile, const char *text);

/* Its peer has begun before charon knew it: if it is waited for, it is not any more. */
void vpn_child_knocked(struct vpn_child *child);

/* The peer of this CHILD_SA was asked so many ms ago, and has not answered; 0: it has. */
void vpn_child_silent(struct vpn_child *child, uint32_t id, uint32_t since);

/* What failed may work now: from the start, or the next attempt at once. */
void vpn_child_try_again(struct vpn_child *child);
void vpn_child_try_soon(struct vpn_child *child);

/* What charon has is not known any more, and asked for with the next drive. */
void vpn_gateways_list_again(void);

/* Why nothing can be negotiated with this gateway now; NULL if it can. */
const char *vpn_gateway_obstacle(struct vpn_gateway *gateway);

#endif /* VPND_VPN_CHILD_H */
