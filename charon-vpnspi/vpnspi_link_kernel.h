/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SAs of tunnel links on their way into the kernel.
 *
 * What was negotiated as transport mode for protocol 4 between the gateways
 * (draft-knight-ppvpn-ipsec-dynroute-00 section 3.4.3) is handled as tunnel mode:
 * on the wire the packets are the same, but the kernel then decapsulates whatever
 * comes and lets any inner packet in and out.  Charon goes on to think of it as
 * it was negotiated, which is what rekeying compares; only here it is translated,
 * SAs and policies, those of traps too.
 *
 * The policies are wildcards of both families for the link's if_id: in, fwd and
 * out.  Nothing but the link's xfrm interface has that if_id.
 */
#ifndef VPNSPI_LINK_KERNEL_H
#define VPNSPI_LINK_KERNEL_H

#include <daemon.h>

struct vpnspi_state;

void vpnspi_link_kernel_start(struct vpnspi_state *state, const kernel_interface_t *kernel);
void vpnspi_link_kernel_stop(void);

/* Makes data what is to be installed; touches nothing that is no link's. */
void vpnspi_link_kernel_sa(const kernel_ipsec_sa_id_t *id, kernel_ipsec_add_sa_t *data);

/* Each: false, this policy is no link's; else *status is how it went. */
bool vpnspi_link_kernel_add_policy(kernel_interface_t *kernel, kernel_ipsec_policy_id_t *id,
				   kernel_ipsec_manage_policy_t *data, status_t *status);
bool vpnspi_link_kernel_del_policy(kernel_interface_t *kernel, kernel_ipsec_policy_id_t *id,
				   kernel_ipsec_manage_policy_t *data, status_t *status);
bool vpnspi_link_kernel_query_policy(kernel_interface_t *kernel, kernel_ipsec_policy_id_t *id,
				     kernel_ipsec_query_policy_t *data, time_t *use_time,
				     status_t *status);

#endif /* VPNSPI_LINK_KERNEL_H */
