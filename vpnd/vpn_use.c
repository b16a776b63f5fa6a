// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Uses: a VRF of ours sends to a PE with one of its labels.  See vpn_use.h.
 *
 * Each has a number of its own, the lowest free one; from it follow the name
 * of its interface (vpno<number>) and its if_id.  The number is no secret and
 * not stable: it is taken again from the interface that the kernel still has
 * after a restart, so that the interface is kept.
 */
#include <zebra.h>

#include "lib/jhash.h"

#include "vpnd/vpn_ifname.h"
#include "vpnd/vpn_memory.h"
#include "vpnd/vpn_use.h"

DEFINE_MTYPE_STATIC(VPND, VPN_USE, "VPN use");

struct vpn_uses_head vpn_uses = INIT_RBTREE_UNIQ(vpn_uses);

static int use_number_cmp(const struct vpn_use *a, const struct vpn_use *b)
{
	return numcmp(a->number, b->number);
}

static uint32_t use_number_hash(const struct vpn_use *use)
{
	return jhash_1word(use->number, 0x56504e);
}

DECLARE_HASH(vpn_uses_out, struct vpn_use, out_item, use_number_cmp, use_number_hash);

static struct vpn_uses_out_head by_number = INIT_HASH(by_number);
static uint32_t lowest_candidate = 1; /* every number below it is taken */

int vpn_use_cmp(const struct vpn_use *a, const struct vpn_use *b)
{
	int cmp = strcmp(a->vrf, b->vrf);

	if (!cmp)
		cmp = ipaddr_cmp(&a->pe, &b->pe);
	if (!cmp)
		cmp = numcmp(a->label.len, b->label.len);
	return cmp ? cmp : numcmp(a->label.label, b->label.label);
}

struct vpn_use *vpn_use_find(const char *vrf, const struct ipaddr *pe, const struct spi_label *label)
{
	struct vpn_use key = { .pe = *pe, .label = *label };

	strlcpy(key.vrf, vrf, sizeof(key.vrf));
	return vpn_uses_find(&vpn_uses, &key);
}

struct vpn_use *vpn_use_get(const char *vrf, const struct ipaddr *pe, const struct spi_label *label)
{
	struct vpn_use *use = vpn_use_find(vrf, pe, label);

	if (use)
		return use;
	use = XCALLOC(MTYPE_VPN_USE, sizeof(*use));
	strlcpy(use->vrf, vrf, sizeof(use->vrf));
	use->pe = *pe;
	use->label = *label;
	use->waiting.use = use;
	vpn_uses_add(&vpn_uses, use);
	return use;
}

void vpn_use_free(struct vpn_use **use)
{
	if ((*use)->number) {
		vpn_uses_out_del(&by_number, *use);
		lowest_candidate = MIN(lowest_candidate, (*use)->number);
	}
	vpn_waiting_stop(&(*use)->waiting);
	vpn_uses_del(&vpn_uses, *use);
	XFREE(MTYPE_VPN_USE, *use);
}

struct vpn_use *vpn_use_by_number(uint32_t number)
{
	struct vpn_use key = { .number = number };

	return vpn_uses_out_find(&by_number, &key);
}

void vpn_use_number(struct vpn_use *use, uint32_t number, bool (*taken)(uint32_t number))
{
	assert(!use->number);
	if (!number) {
		while (vpn_use_by_number(lowest_candidate) || taken(lowest_candidate))
			lowest_candidate++;
		number = lowest_candidate;
	}
	assert(!vpn_use_by_number(number));
	use->number = number;
	use->if_id = VPN_IF_ID_OUT + number;
	snprintf(use->ifname, sizeof(use->ifname), VPN_IFNAME_OUT "%u", number);
	vpn_uses_out_add(&by_number, use);
}

struct vpn_use *vpn_use_by_if_id(uint32_t if_id)
{
	return if_id > VPN_IF_ID_OUT ? vpn_use_by_number(if_id - VPN_IF_ID_OUT) : NULL;
}

void vpn_use_terminate(void)
{
	struct vpn_use *use;

	while ((use = vpn_uses_first(&vpn_uses)))
		vpn_use_free(&use);
	vpn_uses_out_fini(&by_number);
}
