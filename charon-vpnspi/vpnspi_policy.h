/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Policies: what lets a VRF's receiving interface take packets in, and what
 * ties a sending interface to one label SA.
 *
 * An interface without a policy neither takes nor sends anything: packets are
 * dropped, none goes out in clear.
 *
 * Callers hold the plugin's mutex.
 */
#ifndef VPNSPI_POLICY_H
#define VPNSPI_POLICY_H

#include "vpnspi_gen.h"
#include "vpnspi_labels.h"
#include "vpnspi_state.h"

/* Which half of the work: before SAs are parked, and when the new ones stand. */
enum vpnspi_policy_pass {
	VPNSPI_POLICY_REMOVE,
	VPNSPI_POLICY_MAKE,
};

/* Makes the inbound and forward policies those of the wants touched. */
void vpnspi_policy_in(struct vpnspi_state *state, enum vpnspi_policy_pass pass);

/*
 * Makes the outbound policies of a peer's labels (all or those touched) name the
 * label SAs of this generation; NULL: none may be sent on.
 */
void vpnspi_policy_out(struct vpnspi_state *state, struct vpnspi_labels *labels, bool all,
		       const struct vpnspi_gen *current, enum vpnspi_policy_pass pass);

#endif /* VPNSPI_POLICY_H */
