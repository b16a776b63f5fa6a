/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's SA and policy databases, over a netlink socket of our own.
 *
 * No policy is in here: what is written, where and when, others decide.
 *
 * Writes are collected and sent VPNSPI_XFRM_BATCH messages at a time, of which
 * only the last asks for an acknowledgement; the kernel answers for each that
 * failed.  A caller gives each write a place for its result; the results are
 * there when vpnspi_xfrm_flush returns, not before.
 *
 * Not thread safe: callers hold the plugin's mutex.
 */
#ifndef VPNSPI_XFRM_H
#define VPNSPI_XFRM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/plugin.h"
#include "wire/spi.h"

#include "vpnspi_algs.h"

#define VPNSPI_XFRM_BATCH 64

/* Reqids of label SAs: far from charon's, which count from 1. */
#define VPNSPI_REQID_BASE 0x80000000u

/* Of our policies, which are alone on their if_ids: they are known by it again ("vpn"). */
#define VPNSPI_POLICY_PRIORITY 0x0076706eu

/* What all label SAs of one direction of a CHILD_SA have in common. */
struct vpnspi_form {
	struct vpnspi_addr src;
	struct vpnspi_addr dst;
	uint16_t sport; /* of ESP in UDP, host byte order; 0: plain ESP */
	uint16_t dport;
	const struct vpnspi_encryption *enc;
	const struct vpnspi_integrity *integ; /* NULL for AEAD */
	uint16_t enc_len;		      /* octets of key and salt */
	uint16_t integ_len;
	uint32_t window; /* packets */
	bool esn;
	bool inbound;
	bool no_df;	       /* do not copy the DF bit */
	bool no_ecn;	       /* do not copy the ECN field */
	bool decap_dscp;       /* copy DSCP inwards at decapsulation */
	bool no_encap_dscp;    /* do not copy DSCP outwards at encapsulation */
	uint64_t soft_packets; /* the kernel says when they are used up; 0: no limit */
	uint64_t hard_packets;
	uint64_t soft_bytes;
	uint64_t hard_bytes;
};

struct vpnspi_counts {
	uint64_t bytes;
	uint64_t packets;
	uint64_t last_used; /* seconds since the epoch, 0: never or not known */
	unsigned int sas;
};

/* An SA that the kernel has and that is no label SA: charon's, a predecessor's, somebody's. */
struct vpnspi_xfrm_sa {
	struct vpnspi_addr src;
	struct vpnspi_addr dst;
	uint32_t spi;	  /* host byte order */
	uint32_t if_id;	  /* 0: none */
	uint8_t protocol; /* that a policy between its addresses sends by it; 0: none, or any */
	bool transport;
};

enum vpnspi_policy_dir { VPNSPI_POLICY_IN, VPNSPI_POLICY_OUT, VPNSPI_POLICY_FWD };

struct vpnspi_xfrm;

/* NULL: the kernel has no XFRM, or we may not use it; reason says which. */
struct vpnspi_xfrm *vpnspi_xfrm_open(char *reason, size_t reason_size);
void vpnspi_xfrm_close(struct vpnspi_xfrm *xfrm);

/*
 * Makes an SA, or (replace) changes if_id and lifetime of one that stands.
 * key: encryption key with salt, then integrity key.  life: seconds from now
 * after which the kernel drops it.  *result: 0 or an errno.
 */
void vpnspi_xfrm_put_sa(struct vpnspi_xfrm *xfrm, const struct vpnspi_form *form, bool replace,
			uint32_t spi, uint32_t reqid, uint32_t if_id, uint32_t life,
			const uint8_t *key, int *result);

/* Deletes an SA; *result is ESRCH if there was none. */
void vpnspi_xfrm_del_sa(struct vpnspi_xfrm *xfrm, const struct vpnspi_form *form, uint32_t spi,
			int *result);

/*
 * Makes or replaces a policy for all traffic of this inner family through the
 * interfaces with this if_id.  In and forward: any ESP tunnel SA will do (form
 * NULL, reqid 0).  Out: the SA with these addresses and this reqid.
 */
void vpnspi_xfrm_put_policy(struct vpnspi_xfrm *xfrm, enum vpnspi_policy_dir dir,
			    uint16_t inner_family, uint32_t if_id, const struct vpnspi_form *form,
			    uint32_t reqid, int *result);
void vpnspi_xfrm_del_policy(struct vpnspi_xfrm *xfrm, enum vpnspi_policy_dir dir,
			    uint16_t inner_family, uint32_t if_id, int *result);

/* Sends what is collected.  0, or the first errno of all writes since the last flush. */
int vpnspi_xfrm_flush(struct vpnspi_xfrm *xfrm);

/* What the kernel said about the last write that failed, or "". */
const char *vpnspi_xfrm_said(const struct vpnspi_xfrm *xfrm);

/* Sums over the label SAs that stand between two addresses with SPIs of this prefix. */
int vpnspi_xfrm_count(struct vpnspi_xfrm *xfrm, const struct vpnspi_form *form,
		      const struct vpn_spi_prefix *prefix, struct vpnspi_counts *counts);

/* Calls back for each ESP SA that is no label SA.  0 or an errno. */
int vpnspi_xfrm_each_other(struct vpnspi_xfrm *xfrm,
			   void (*each)(const struct vpnspi_xfrm_sa *sa, void *arg), void *arg);

/* Deletes such an SA; *result is ESRCH if it has gone. */
void vpnspi_xfrm_del_other(struct vpnspi_xfrm *xfrm, const struct vpnspi_xfrm_sa *sa, int *result);

/* Deletes every SA and policy of ours, whoever made it.  0 or an errno. */
int vpnspi_xfrm_purge(struct vpnspi_xfrm *xfrm, unsigned int *sas, unsigned int *policies);

#endif /* VPNSPI_XFRM_H */
