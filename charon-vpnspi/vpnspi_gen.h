/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A generation: one CHILD_SA of a peer, as the plugin sees it.
 *
 * Life cycle, driven by charon's calls of its kernel interface:
 *
 *   get_spi         reserved: it has a prefix of ours, nothing else
 *   add_sa inbound  its inbound half stands: a label SA for each LABEL_IN
 *   add_sa outbound its outbound half stands: a label SA for each LABEL_OUT.
 *                   They are in the kernel but nothing is sent on them until
 *                   the peer's policies name them (vpnspi_peer.h)
 *   del_sa outbound the policies go elsewhere, the SAs a moment later: a packet
 *                   on its way through the kernel may still hold one
 *   del_sa inbound  the inbound label SAs go, the prefix is free again
 *
 * A half that never stood, because the negotiation failed, is deleted alike.
 *
 * Keys of the parent are kept in pages that are not swapped and are wiped when
 * the half goes.  Label SA keys are derived when needed and wiped at once.
 *
 * Not thread safe: callers hold the plugin's mutex.
 */
#ifndef VPNSPI_GEN_H
#define VPNSPI_GEN_H

#include <daemon.h>

#include "wire/spi.h"

#include "vpnspi_derive.h"
#include "vpnspi_labels.h"
#include "vpnspi_xfrm.h"

/* Without a life time of its own a CHILD_SA lives this long (seconds). */
#define VPNSPI_LIFE_DEFAULT 86400

/* Label SAs outlive their parent by this if charon dies (seconds). */
#define VPNSPI_LIFE_MARGIN 60

/* An SA without ESN must be replaced before 2^32 packets; this is 15/16 of it. */
#define VPNSPI_PACKETS_SOFT 0xf0000000ull

struct vpnspi_half {
	bool stands;
	uint32_t spi;		      /* as IKE has it, host byte order */
	struct vpn_spi_prefix prefix; /* what it says */
	struct vpnspi_form form;
	uint8_t *key;		     /* parent key material, a page of its own */
	hashtable_t *sas;	     /* label → struct vpnspi_label_sa */
	struct vpnspi_counts counts; /* last time they were asked for */
	time_t counted;		     /* when that was, monotonic; 0: never */
};

struct vpnspi_gen {
	uint32_t id;
	struct vpnspi_addr peer;
	struct vpnspi_addr local;
	uint32_t ike_id; /* unique id of the IKE_SA that made it */
	uint16_t prf;	 /* pseudo_random_function_t */
	bool held;	 /* the prefix is taken from the pool */
	bool lingers;	 /* the outbound half is no longer used and waits for its end */
	bool confirmed;	 /* the peer's inbound half stands for certain */
	bool concluded;	 /* charon has made it the one to send on */
	bool rekeying;	 /* the timer has asked for it */
	bool asked;	 /* we have sent the peer an empty exchange to confirm it */
	int64_t silent;	 /* monotonic ms: its IKE_SA's request of then is not answered; 0: it was */
	time_t rekey_at; /* monotonic; 0: never */
	time_t expire_at; /* monotonic */
	struct vpnspi_half in;
	struct vpnspi_half out;
};

/* A reserved generation with this prefix of ours. */
struct vpnspi_gen *vpnspi_gen_create(uint32_t id, const struct vpnspi_addr *peer,
				     const struct vpnspi_addr *local,
				     const struct vpn_spi_prefix *prefix);
void vpnspi_gen_destroy(struct vpnspi_gen *gen);

/*
 * Takes what charon says in add_sa into a half: endpoints, algorithms, keys.
 * False: it cannot be had as label SAs, why is in reason.
 */
bool vpnspi_half_set(struct vpnspi_half *half, const kernel_ipsec_sa_id_t *id,
		     const kernel_ipsec_add_sa_t *data, char *reason, size_t reason_size);

/* The half of a generation that has this direction. */
static inline struct vpnspi_half *vpnspi_gen_half(struct vpnspi_gen *gen, bool inbound)
{
	return inbound ? &gen->in : &gen->out;
}

/* Does an SA as charon names it (SPI in network order) belong to this generation's half? */
bool vpnspi_half_is(const struct vpnspi_half *half, const kernel_ipsec_sa_id_t *id);

/* The label SA of a label, or NULL. */
struct vpnspi_label_sa *vpnspi_half_find(const struct vpnspi_half *half, uint32_t label);

/*
 * Makes the label SAs of a half those that are wanted: of all labels, or of
 * those touched.  What did not work is in the wants' why.  False: the kernel
 * refused some.
 */
bool vpnspi_half_apply(struct vpnspi_gen *gen, struct vpnspi_half *half, struct vpnspi_xfrm *xfrm,
		       struct vpnspi_labels *labels, bool all, uint32_t *next_reqid);

/* Deletes all label SAs of a half from the kernel and wipes its keys. */
void vpnspi_half_clear(struct vpnspi_half *half, struct vpnspi_xfrm *xfrm);

/* Reads a half's counters.  If they need not be fresh, those of this second will do. */
bool vpnspi_half_count(struct vpnspi_half *half, struct vpnspi_xfrm *xfrm, bool fresh);

/* Label SAs of a half that are in use (not parked). */
unsigned int vpnspi_half_labels(const struct vpnspi_half *half);

/* Sets why something wanted does not stand; NULL: it does.  Takes a copy. */
void vpnspi_want_why(struct vpnspi_want *want, const char *why);

#endif /* VPNSPI_GEN_H */
