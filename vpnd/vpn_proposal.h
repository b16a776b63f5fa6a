/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proposals: do charon and we understand them?
 *
 * A proposal is keywords of strongSwan joined by '-', alternatives separated
 * by ','.  charon refuses a connection for one bad keyword and says little
 * more than "invalid"; the operator has gone by then.  So a proposal is
 * checked when it is committed, and what is wrong with it is named.
 *
 * Knowing a keyword is not having the algorithm: which ones charon has depends
 * on its plugins, and it says so when the connection is loaded.
 */
#ifndef VPND_VPN_PROPOSAL_H
#define VPND_VPN_PROPOSAL_H

#include <stdbool.h>
#include <stddef.h>

enum vpn_proposal_kind {
	VPN_PROPOSAL_IKE,
	VPN_PROPOSAL_ESP,
};

/*
 * Is this a proposal charon takes for an IKE_SA or a CHILD_SA of ours?  If
 * not, why, in words that name the keyword, is put into why (of size octets).
 * Pure; text needs no form.
 */
extern bool vpn_proposal_valid(const char *text, enum vpn_proposal_kind kind, char *why,
			       size_t size);

#endif /* VPND_VPN_PROPOSAL_H */
