// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vpnd/vpn_proposal.c with any text: it ends, reads nothing beyond the NUL,
 * and says why when it refuses.
 */
/* link: vpnd/vpn_proposal.c */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vpnd/vpn_proposal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	char why[64];

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	for (int kind = VPN_PROPOSAL_IKE; kind <= VPN_PROPOSAL_ESP; kind++) {
		why[0] = '\0';
		if (!vpn_proposal_valid(text, kind, why, sizeof(why)) && !why[0])
			abort();
	}
	free(text);
	return 0;
}
