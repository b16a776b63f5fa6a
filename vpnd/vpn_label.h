/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Labels: the number that stands for a VRF behind our SPI prefix.
 *
 * A VRF keeps its number for as long as it can be: peers that still send with
 * it after a restart must meet the same VRF, and a number that changes owner
 * would put one customer's packets into another's VRF.  So a number is bound to
 * the VRF's name, is written to the state file, and stays reserved after the
 * VRF has gone; it is given to another name only when no number is left that
 * was never used.
 */
#ifndef VPND_VPN_LABEL_H
#define VPND_VPN_LABEL_H

#include <zebra.h>

#include "lib/typesafe.h"
#include "lib/vrf.h"

#include "wire/opaque.h"
#include "wire/spi_label.h"

#include "vpnd/vpn_verdict.h"
#include "vpnd/vpn_waiting.h"

struct json_object;

/* What bgpd was told last, to tell it again only when it changes. */
struct vpn_told {
	bool said;
	bool up;
	struct spi_label label; /* LABEL_IS: what was told */
	uint32_t ifindex;
	uint32_t if_id;
	char reason[VPN_REASON_SIZE];
};

PREDECL_RBTREE_UNIQ(vpn_labels);

/* One VRF that bgpd wants to export, or wanted a while ago. */
struct vpn_label {
	struct vpn_labels_item item;

	char vrf[VRF_NAMSIZ];
	struct spi_label label; /* len 0: none assigned (yet) */

	bool wanted;	  /* by bgpd, now */
	bool named;	  /* in the synchronisation that runs, see vpn_bgp.c */
	time_t remove_at; /* monotonic s; when it goes if it is not wanted again, 0: not set */

	ifindex_t ifindex; /* of the receiving interface, 0: not there */
	uint32_t if_id;
	char ifname[IFNAMSIZ];

	enum vpn_request request; /* LABEL_IN */
	struct vpn_waiting waiting;

	enum vpn_verdict verdict;
	bool up;		       /* label SAs stand: peers may send */
	char reason[VPN_REASON_SIZE];  /* why not, in words */
	char failed[VPN_REASON_SIZE];  /* the plugin's or the kernel's words */
	char refused[VPN_REASON_SIZE]; /* why it has no number; empty: it has */
	time_t retry_at;	       /* monotonic s; of a failed step */
	struct vpn_told told;
};

int vpn_label_cmp(const struct vpn_label *a, const struct vpn_label *b);
DECLARE_RBTREE_UNIQ(vpn_labels, struct vpn_label, item, vpn_label_cmp);

/* Every VRF wanted, by name.  Read-only for everybody but vpn_apply.c. */
extern struct vpn_labels_head vpn_labels;

struct vpn_label *vpn_label_find(const char *vrf);
struct vpn_label *vpn_label_get(const char *vrf); /* made if it is not there */
void vpn_label_free(struct vpn_label **label);	  /* the number stays reserved */

/*
 * The number of this VRF beside prefixes of prefix_len bits: the one it had if
 * that fits and is still its own, else the lowest that was never given away,
 * else the one released longest ago.  True and *out set; false if every number
 * is in use by a VRF of vpn_labels.  *changed is set if the state is to be saved.
 */
bool vpn_label_assign(const char *vrf, uint8_t prefix_len, struct spi_label *out, bool *changed);

/* A number seen on an interface of ours; taken if neither it nor the name is bound otherwise. */
bool vpn_label_remember(const char *vrf, uint32_t number);

/* Numbers reserved now, used or not. */
size_t vpn_label_reserved(void);

/* The bindings as JSON, {"red": 256, …}, and back; what does not make sense is left out. */
struct json_object *vpn_label_save(void);
void vpn_label_load(struct json_object *json);

void vpn_label_terminate(void);

#endif /* VPND_VPN_LABEL_H */
