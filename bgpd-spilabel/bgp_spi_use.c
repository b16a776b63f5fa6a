// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Uses: a VRF of ours sends to a PE with one of its labels.
 *
 * Every path that a VRF imported from another PE depends on exactly one use,
 * (VRF, PE, label); many paths depend on the same.  vpnd brings a use up, which
 * takes an IKE negotiation with that PE the first time, and says by which
 * interface it is sent to.  Only while the use is up may the paths be valid:
 * that, and the interface, is all that the rest of bgpd wants to know of it.
 *
 * A use is wanted from its first path on.  When the last one has gone it
 * lingers a little before it is unwanted, so that a session that flaps or a
 * route that is replaced does not take security associations down and up.
 * What vpnd said stays true until it says otherwise or a timer of
 * bgp_spi_vpnd.c says that it has been silent for too long: forwarding goes on
 * while vpnd restarts.
 */
#include <zebra.h>

#include "frrevent.h"
#include "jhash.h"
#include "memory.h"
#include "monotime.h"

#include "bgpd/bgpd.h"
#include "bgpd/bgp_spi_debug.h"
#include "bgpd/bgp_spi_leak.h"
#include "bgpd/bgp_spi_use.h"
#include "bgpd/bgp_spi_vpnd.h"

#define USE_LINGER_SECONDS 3

DEFINE_MTYPE_STATIC(BGPD, BGP_SPI_USE, "BGP SPI label use");
DEFINE_MTYPE_STATIC(BGPD, BGP_SPI_PATH, "BGP SPI label path");

struct bgp_spi_uses_head bgp_spi_uses = INIT_HASH(bgp_spi_uses);

int bgp_spi_use_cmp(const struct bgp_spi_use *a, const struct bgp_spi_use *b)
{
	int cmp = numcmp(a->label.label, b->label.label);

	if (!cmp)
		cmp = numcmp(a->label.len, b->label.len);
	if (!cmp)
		cmp = ipaddr_cmp(&a->pe, &b->pe);
	return cmp ? cmp : strcmp(a->vrf, b->vrf);
}

uint32_t bgp_spi_use_hash(const struct bgp_spi_use *use)
{
	uint32_t key = jhash_2words(use->label.label, use->label.len, 0x53504900);

	key = jhash(&use->pe.ip, IS_IPADDR_V6(&use->pe) ? IPV6_MAX_BYTELEN : IPV4_MAX_BYTELEN, key);
	return jhash(use->vrf, strlen(use->vrf), key);
}

static void use_say(const struct bgp_spi_use *use, enum vpn_opaque_type type,
		    void (*out)(const struct vpn_opaque *m))
{
	struct vpn_opaque m = { .type = type, .pe = use->pe, .label = use->label };

	strlcpy(m.vrf, use->vrf, sizeof(m.vrf));
	out(&m);
}

static struct bgp_spi_use *use_get(const struct bgp_spi_use *key)
{
	struct bgp_spi_use *use = bgp_spi_uses_find(&bgp_spi_uses, key);

	if (use)
		return use;
	use = XCALLOC(MTYPE_BGP_SPI_USE, sizeof(*use));
	strlcpy(use->vrf, key->vrf, sizeof(use->vrf));
	use->pe = key->pe;
	use->label = key->label;
	use->since = monotime(NULL);
	strlcpy(use->reason, "vpnd has not answered yet", sizeof(use->reason));
	bgp_spi_paths_init(&use->paths);
	bgp_spi_uses_add(&bgp_spi_uses, use);
	use_say(use, VPN_OPAQUE_USE_WANT, bgp_spi_vpnd_send);
	return use;
}

static void use_free(struct bgp_spi_use *use)
{
	EVENT_OFF(use->t_linger);
	bgp_spi_uses_del(&bgp_spi_uses, use);
	bgp_spi_paths_fini(&use->paths);
	XFREE(MTYPE_BGP_SPI_USE, use);
}

static void use_linger_over(struct event *event)
{
	struct bgp_spi_use *use = EVENT_ARG(event);

	use_say(use, VPN_OPAQUE_USE_UNWANT, bgp_spi_vpnd_send);
	use_free(use);
}

void bgp_spi_use_attach(struct bgp_spi_path **spi, struct bgp_path_info *path, const char *vrf,
			const struct ipaddr *pe, const struct spi_label *label)
{
	struct bgp_spi_use key = { .pe = *pe, .label = *label };
	struct bgp_spi_use *use;

	strlcpy(key.vrf, vrf, sizeof(key.vrf));
	if (*spi && bgp_spi_use_cmp((*spi)->use, &key) == 0)
		return;
	bgp_spi_use_detach(spi);

	use = use_get(&key);
	EVENT_OFF(use->t_linger);
	*spi = XCALLOC(MTYPE_BGP_SPI_PATH, sizeof(**spi));
	(*spi)->use = use;
	(*spi)->path = path;
	bgp_spi_paths_add_tail(&use->paths, *spi);
}

void bgp_spi_use_detach(struct bgp_spi_path **spi)
{
	struct bgp_spi_use *use;

	if (!*spi)
		return;
	use = (*spi)->use;
	bgp_spi_paths_del(&use->paths, *spi);
	XFREE(MTYPE_BGP_SPI_PATH, *spi);
	if (!bgp_spi_paths_count(&use->paths))
		event_add_timer(bm->master, use_linger_over, use, USE_LINGER_SECONDS,
				&use->t_linger);
}

/* Carries a change of the use over to its paths. */
static void use_changed(struct bgp_spi_use *use)
{
	struct bgp_spi_path *spi;

	bgp_spi_debug("%s: PE %pIA, label %u/%u: %s%s%s, ifindex %u, %zu paths", use->vrf, &use->pe,
		      use->label.label, use->label.len, use->up ? "up" : "down",
		      use->reason[0] ? ": " : "", use->reason, use->ifindex,
		      bgp_spi_paths_count(&use->paths));
	frr_each_safe (bgp_spi_paths, &use->paths, spi)
		bgp_spi_path_evaluate(spi->path);
}

static void use_set(struct bgp_spi_use *use, bool up, ifindex_t ifindex, uint32_t if_id,
		    const char *reason)
{
	bool changed = use->up != up || (up && use->ifindex != ifindex);

	if (use->up != up)
		use->since = monotime(NULL);
	use->up = up;
	use->ifindex = ifindex;
	use->if_id = if_id;
	strlcpy(use->reason, reason, sizeof(use->reason));
	if (changed)
		use_changed(use);
}

void bgp_spi_use_is(const struct vpn_opaque *m)
{
	struct bgp_spi_use key = { .pe = m->pe, .label = m->label };
	struct bgp_spi_use *use;

	strlcpy(key.vrf, m->vrf, sizeof(key.vrf));
	use = bgp_spi_uses_find(&bgp_spi_uses, &key);
	if (!use) /* unwanted in the meantime */
		return;
	use->confirmed = true;
	if (m->up && m->ifindex == IFINDEX_INTERNAL)
		use_set(use, false, 0, m->if_id, "vpnd named no interface to send by");
	else
		use_set(use, m->up, m->ifindex, m->if_id, m->reason);
}

void bgp_spi_uses_mark(void)
{
	struct bgp_spi_use *use;

	frr_each (bgp_spi_uses, &bgp_spi_uses, use)
		use->confirmed = false;
}

void bgp_spi_uses_sweep(const char *reason)
{
	struct bgp_spi_use *use;

	frr_each (bgp_spi_uses, &bgp_spi_uses, use)
		if (!use->confirmed && use->up)
			use_set(use, false, 0, 0, reason);
}

void bgp_spi_uses_want(void (*out)(const struct vpn_opaque *m))
{
	struct bgp_spi_use *use;

	frr_each (bgp_spi_uses, &bgp_spi_uses, use)
		use_say(use, VPN_OPAQUE_USE_WANT, out);
}

void bgp_spi_uses_finish(void)
{
	struct bgp_spi_use *use;

	frr_each_safe (bgp_spi_uses, &bgp_spi_uses, use)
		if (!bgp_spi_paths_count(&use->paths))
			use_free(use);
}
