/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Uses: a VRF of ours sends to a PE with one of its labels.
 *
 * bgpd wants a use as soon as it imports one route with it.  A use is up when
 * its sending interface is in the VRF (and zebra knows it there) and the plugin
 * has its label SA; only then does bgpd let the route live.
 */
#ifndef VPND_VPN_USE_H
#define VPND_VPN_USE_H

#include <zebra.h>

#include "lib/ipaddr.h"
#include "lib/typesafe.h"
#include "lib/vrf.h"

#include "wire/opaque.h"
#include "wire/spi_label.h"

#include "vpnd/vpn_label.h"

struct vpn_peer;

PREDECL_RBTREE_UNIQ(vpn_uses);
PREDECL_HASH(vpn_uses_out);

struct vpn_use {
	struct vpn_uses_item item;
	struct vpn_uses_out_item out_item;

	char vrf[VRF_NAMSIZ];
	struct ipaddr pe;
	struct spi_label label;

	struct vpn_peer *peer;

	bool wanted;	  /* by bgpd, now */
	bool named;	  /* in the synchronisation that runs, see vpn_bgp.c */
	time_t remove_at; /* monotonic s; when it goes if it is not wanted again, 0: not set */

	uint32_t number;   /* of the interface: vpno<number>; 0: none yet */
	ifindex_t ifindex; /* 0: not there */
	uint32_t if_id;
	char ifname[IFNAMSIZ];
	unsigned int mtu; /* octets, as set */

	enum vpn_request request; /* LABEL_OUT */
	struct vpn_waiting waiting;

	bool out_said; /* OUT_IS came on this connection */
	bool out_up;
	char out_reason[VPN_REASON_SIZE]; /* why not, in the plugin's words */
	uint32_t spi;			  /* wire SPI, host byte order; 0 when down */

	enum vpn_verdict verdict;
	bool up;		      /* everything stands */
	char reason[VPN_REASON_SIZE]; /* why not, in words */
	char failed[VPN_REASON_SIZE]; /* the plugin's or the kernel's words */
	time_t retry_at;	      /* monotonic s; of a failed step */
	struct vpn_told told;
};

int vpn_use_cmp(const struct vpn_use *a, const struct vpn_use *b);
DECLARE_RBTREE_UNIQ(vpn_uses, struct vpn_use, item, vpn_use_cmp);

/* Every use wanted, by VRF, PE, label.  Read-only for everybody but vpn_apply.c. */
extern struct vpn_uses_head vpn_uses;

struct vpn_use *vpn_use_find(const char *vrf, const struct ipaddr *pe,
			     const struct spi_label *label);
struct vpn_use *vpn_use_get(const char *vrf, const struct ipaddr *pe,
			    const struct spi_label *label); /* made if it is not there */
void vpn_use_free(struct vpn_use **use);

/*
 * Gives the use this number, which no other use may have; 0: the lowest that
 * no other use has and that is not taken() otherwise.  Its interface's name and
 * if_id follow.
 */
void vpn_use_number(struct vpn_use *use, uint32_t number, bool (*taken)(uint32_t number));

/* The use that has this number, or NULL. */
struct vpn_use *vpn_use_by_number(uint32_t number);

/* The use whose sending interface has this if_id, or NULL. */
struct vpn_use *vpn_use_by_if_id(uint32_t if_id);

void vpn_use_terminate(void);

#endif /* VPND_VPN_USE_H */
