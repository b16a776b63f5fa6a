/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Peers: the other PEs, each with its generations (CHILD_SAs) and the labels
 * that we send to it with.
 *
 * Several generations of a peer receive at once; one is sent on.  Which one:
 *
 *   - the one in use stays in use until its outbound half goes, or until a newer
 *     one of another IKE_SA is ready: a peer that was killed and comes back has
 *     lost the old one;
 *   - then the newest that charon has concluded a rekey with, else the newest
 *     whose inbound half is known to stand at the peer;
 *   - one that is not known to (we answered the negotiation, and the peer may
 *     still be at work on our answer) waits until the peer has sent something
 *     that it can only send after that; we ask it with an empty exchange.  Only
 *     to a peer that was up until now it is used at once: better than nothing.
 *
 * Both ends of a rekey come to the same result without loss: the old inbound
 * half stands until charon's delete_rekeyed_delay after both have switched.
 *
 * The functions here take the mutex of the state, unless their name ends with
 * _locked.
 */
#ifndef VPNSPI_PEER_H
#define VPNSPI_PEER_H

#include <daemon.h>

#include "vpnspi_state.h"

/* After a switch old outbound SAs stay this long for packets on their way (ms). */
#define VPNSPI_LINGER_MS 1000

struct vpnspi_peer {
	struct vpnspi_addr addr;
	struct vpnspi_addr local;   /* of the newest generation */
	linked_list_t *gens;	    /* struct vpnspi_gen, oldest first */
	struct vpnspi_gen *current; /* the one sent on, or NULL: the peer is down */
	struct vpnspi_labels out;
	uint32_t rekeys;
	bool known;  /* vpnd was told of it */
	bool silent; /* and that it does not answer */
	char proposal[96];
	struct vpnspi_counters past; /* of generations that are gone */
};

/* What the wrappers know about the IKE_SA at work. */
struct vpnspi_ike {
	uint32_t id;
	uint16_t prf; /* pseudo_random_function_t; PRF_UNDEFINED: none */
	bool v2;
};

enum vpnspi_answer {
	VPNSPI_NOT_OURS, /* let charon's kernel interface do it */
	VPNSPI_TAKEN,
	VPNSPI_REFUSED, /* why was logged, and sent to vpnd as an ALERT */
};

void vpnspi_peers_destroy(struct vpnspi_state *state);
struct vpnspi_peer *vpnspi_peer_get_locked(struct vpnspi_state *state,
					   const struct vpnspi_addr *addr);

/* ---- charon's side; SPIs are in network order as charon has them */

enum vpnspi_answer vpnspi_peer_get_spi(struct vpnspi_state *state, const struct vpnspi_ike *ike,
				       host_t *remote, host_t *local, uint8_t protocol,
				       uint32_t *spi);
enum vpnspi_answer vpnspi_peer_add_sa(struct vpnspi_state *state, const struct vpnspi_ike *ike,
				      kernel_ipsec_sa_id_t *id, kernel_ipsec_add_sa_t *data);

/*
 * concluded: inbound SPIs of the CHILD_SAs that charon sends on, count of them;
 * an old one may be among them.
 */
enum vpnspi_answer vpnspi_peer_del_sa(struct vpnspi_state *state, kernel_ipsec_sa_id_t *id,
				      const uint32_t *concluded, unsigned int count);
enum vpnspi_answer vpnspi_peer_query_sa(struct vpnspi_state *state, kernel_ipsec_sa_id_t *id,
					uint64_t *bytes, uint64_t *packets, time_t *used);

/* Is this SA, by SPI and destination, a parent of label SAs? */
bool vpnspi_peer_owns(struct vpnspi_state *state, uint32_t spi, host_t *dst);

/* A message came from the peer of this IKE_SA; request: it was not an answer to ours. */
void vpnspi_peer_heard(struct vpnspi_state *state, uint32_t ike_id, bool request);

/*
 * The peer of this CHILD_SA, by its inbound SPI and our address, was asked at this time
 * (monotonic ms), and has not answered; 0: it has.
 */
void vpnspi_peer_silent(struct vpnspi_state *state, uint32_t spi, host_t *local, int64_t asked);

/* We are about to ask the peer of this IKE_SA for a sign.  False: no need to. */
bool vpnspi_peer_ask(struct vpnspi_state *state, uint32_t ike_id);

/*
 * The inbound SPI (network order) and destination of the generation that a label
 * SA is of; false if there is none.  The caller destroys *dst.
 */
bool vpnspi_peer_parent(struct vpnspi_state *state, uint32_t wire_spi, host_t *sa_dst,
			uint32_t *spi, host_t **dst);

/* The same by the number of the generation; rekey: it is marked as being rekeyed, once. */
bool vpnspi_peer_timer(struct vpnspi_state *state, uint32_t gen, bool rekey, uint32_t *spi,
		       host_t **dst);

/* The outbound half of a generation has lingered long enough. */
void vpnspi_peer_linger_end(struct vpnspi_state *state, uint32_t gen);

/* ---- vpnd's side */

/* Makes the SAs and policies of all labels touched what is wanted now. */
void vpnspi_peers_apply_locked(struct vpnspi_state *state);

/* Tells vpnd of every peer: PEER_IS, and COUNTERS if wanted. */
void vpnspi_peers_report_locked(struct vpnspi_state *state, bool counters);

/* Forgets what vpnd was told, so that a new vpnd is told all. */
void vpnspi_peers_untold_locked(struct vpnspi_state *state);

/* Has charon delete all CHILD_SAs whose local address is not this one (NULL: all). */
void vpnspi_peers_drop_locked(struct vpnspi_state *state, const struct vpnspi_addr *keep);

#endif /* VPNSPI_PEER_H */
