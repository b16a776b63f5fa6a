/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When the packets of a tunnel link go over to a new CHILD_SA.
 *
 * Outbound policies name the SA that packets take.  A responder installs both halves
 * of a new CHILD_SA before it answers, so what it sends by them until the initiator
 * has read the answer is lost there: the initiator could not derive the keys before.
 * In a rekeying of a CHILD_SA charon waits for the DELETE of the old one, as RFC 7296
 * section 2.8 says.  It does not when a new IKE_SA brings a new CHILD_SA for a link
 * that has one: in reauthentication, and when both ends began at once.
 *
 * Here it is made to wait: as a responder (IKEv2), the outbound policies of a new
 * CHILD_SA are held back while those of an older one stand, until
 *
 *  - the older one's IKE_SA or CHILD_SA is deleted: the initiator has read the
 *    answer.  The switch comes before our answer to that, which lets the initiator
 *    remove the older inbound SA;
 *  - or five seconds have passed: the initiator keeps both, or has forgotten the
 *    older one.  They are more than charon's first retransmission of a lost answer.
 *
 * In IKEv1 it is the initiator that is too early; there nothing is held.
 */
#ifndef VPNSPI_LINK_SWITCH_H
#define VPNSPI_LINK_SWITCH_H

#include <daemon.h>

/* Makes a policy stand in the kernel: what would have been called without us. */
typedef status_t (*vpnspi_link_switch_install)(kernel_interface_t *kernel,
					       kernel_ipsec_policy_id_t *id,
					       kernel_ipsec_manage_policy_t *data);

void vpnspi_link_switch_start(vpnspi_link_switch_install install);

/* Installs all that is held back. */
void vpnspi_link_switch_stop(void);

/* This thread has installed an SA of a link. */
void vpnspi_link_switch_sa(const kernel_ipsec_sa_id_t *id, const kernel_ipsec_add_sa_t *data);

/* A policy of a link is to be installed: true, it is held back. */
bool vpnspi_link_switch_hold(kernel_ipsec_policy_id_t *id, kernel_ipsec_manage_policy_t *data);

/* A policy goes; what waits for it is installed first.  True: it never stood. */
bool vpnspi_link_switch_forget(kernel_ipsec_policy_id_t *id, kernel_ipsec_manage_policy_t *data);

/* The peer deletes an IKE_SA: what waits is installed. */
void vpnspi_link_switch_deleted(host_t *peer);

#endif /* VPNSPI_LINK_SWITCH_H */
