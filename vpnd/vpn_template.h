/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Templates of tunnel links: a hub that accepts whoever proves to be somebody.
 *
 * A template is a child of a gateway of any remote address.  charon has it as one
 * child; whenever somebody negotiates it, the plugin gives him a child of his own
 * (wire/plugin.h, LINK with spokes): the template's name and a number, an if_id
 * that is the template's and the number.  vpnd hears of it as of any CHILD_SA
 * (child-updown), and makes a link of it, a spoke's: a vpn_tunnel as any other,
 * with the template's configuration, in the same run, with the same states.
 *
 *   spoke "CN=a" negotiates ─▶ plugin: number 3 ─▶ charon: CHILD_SA "hub3"
 *                                                   ─▶ vpnd: interface hub3, up
 *
 * Who has which number is written on the interface (its alias has the identity):
 * that outlives vpnd and charon, and the plugin is told of it before charon has the
 * connection.  A spoke that goes leaves its interface, down, until it returns or is
 * forgotten.
 *
 * An interface for each spoke, not one for all: see doc/developer/decisions.md.
 */
#ifndef VPND_VPN_TEMPLATE_H
#define VPND_VPN_TEMPLATE_H

#include <zebra.h>

#include "lib/if.h"
#include "lib/typesafe.h"

#include "wire/opaque.h"

#include "vpnd/vpn_config.h"
#include "vpnd/vpn_peer.h"

/*
 * XFRM if_ids of spokes: this, the template's number times VPN_SPOKES_MAX + 1, and
 * the spoke's number.  See vpn_ifname.h and vpn_tunnel.h for the others.
 */
#define VPN_IF_ID_SPOKE 0x31000000u
#define VPN_SPOKES_MAX	4095

PREDECL_RBTREE_UNIQ(vpn_templates);

struct vpn_charon_sa;
struct vpn_child;
struct vpn_gateway;
struct vpn_tunnel;

struct vpn_template {
	struct vpn_templates_item item;
	char name[IFNAMSIZ];

	bool wanted;			 /* it is configured */
	struct vpn_tunnel_config config; /* as it was when last applied */

	uint32_t if_id;		      /* what its spokes' numbers are added to */
	struct vpn_child *child;      /* NULL: it cannot be negotiated yet */
	char reason[VPN_REASON_SIZE]; /* why, in words */

	char refusal[VPN_REASON_SIZE]; /* why somebody was refused last; empty: nobody was */
	time_t refused_at;	       /* wall clock, s */
};

int vpn_template_cmp(const struct vpn_template *a, const struct vpn_template *b);
DECLARE_RBTREE_UNIQ(vpn_templates, struct vpn_template, item, vpn_template_cmp);

/* Every template that is configured or not gone yet, by name.  Read-only for show and northbound. */
extern struct vpn_templates_head vpn_templates;

struct vpn_template *vpn_template_find(const char *name);

/* Up while charon has it, and so somebody may come; else *reason says why not. */
enum vpn_peer_state vpn_template_state(const struct vpn_template *template, const char **reason);

/* Its spokes that are there or not forgotten; up: those whose link is up. */
unsigned int vpn_template_spokes(const struct vpn_template *template, bool up);

/* --- for vpn_tunnel_apply.c, vpn_gateway.c ------------------------------------------------- */

/* As they are configured now; each says what it wants of its gateway. */
void vpn_templates_apply(void);

/* The if_id of a spoke's link; 0: it has no template. */
uint32_t vpn_template_if_id(const struct vpn_tunnel_config *spoke);

/* Is this link a spoke's?  Then what its template makes of it is in *config; false: it is to go. */
bool vpn_template_is_spoke(const struct vpn_tunnel *tunnel);
bool vpn_template_config(const struct vpn_tunnel *tunnel, struct vpn_tunnel_config *config);

/*
 * A CHILD_SA has come that no child is known for: a spoke's, if it is of a
 * template's connection.  Its child, made with its link; NULL if it is nobody's.
 */
struct vpn_child *vpn_template_admit(struct vpn_gateway *gateway, const struct vpn_charon_sa *sa);

/*
 * Somebody was refused who came to this child's gateway, a template's; full: he was
 * good, but there is no room for him.
 */
void vpn_template_refused(const struct vpn_child *child, const char *text, bool full);

void vpn_templates_terminate(void);

#endif /* VPND_VPN_TEMPLATE_H */
