// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SPI labels of our own VRFs, and our address as a PE.
 *
 * vpnd owns labels: it knows which are free, it makes the receiving interface
 * and the security associations behind one.  bgpd says which VRFs want one and
 * announces their routes as soon as it is there, with our PE address as the
 * next hop (draft-declercq-bgp-ipsec-vpn-00, section 5.2.3): other PEs send
 * ESP to that address, so it is vpnd's to say and not the session's.
 *
 * Which VRFs want a label follows from the configuration.  It is computed from
 * the whole of it whenever a part may have changed, compared with what was
 * asked for, and only the difference is said: no command handler needs to know.
 *
 * A label or address that changes moves through the unlabeled VPN RIB, which
 * announces the routes anew; without either they stay in that RIB, for other
 * VRFs of this PE to import, and are not announced.
 */
#include <zebra.h>

#include "frrevent.h"
#include "memory.h"

#include "bgpd/bgpd.h"
#include "bgpd/bgp_mplsvpn.h"
#include "bgpd/bgp_spi_debug.h"
#include "bgpd/bgp_spi_label.h"
#include "bgpd/bgp_spi_leak.h"
#include "bgpd/bgp_spi_vpnd.h"

DEFINE_MTYPE_STATIC(BGPD, BGP_SPI_LABEL, "BGP SPI label of a VRF");

struct bgp_spi_labels_head bgp_spi_labels = INIT_RBTREE_UNIQ(bgp_spi_labels);

static struct ipaddr pe_address;
static struct event *t_reconsider;

int bgp_spi_label_cmp(const struct bgp_spi_label *a, const struct bgp_spi_label *b)
{
	return strcmp(a->vrf, b->vrf);
}

const struct ipaddr *bgp_spi_pe(void)
{
	return &pe_address;
}

static struct bgp_spi_label *label_find(const char *vrf)
{
	struct bgp_spi_label key;

	strlcpy(key.vrf, vrf, sizeof(key.vrf));
	return bgp_spi_labels_find(&bgp_spi_labels, &key);
}

const struct spi_label *bgp_spi_label_of(const struct bgp *bgp)
{
	struct bgp_spi_label *vrf = bgp->name ? label_find(bgp->name) : NULL;

	return vrf && vrf->label.len && IS_IPADDR_V4(&pe_address) ? &vrf->label : NULL;
}

static void label_say(const struct bgp_spi_label *vrf, enum vpn_opaque_type type,
		      void (*out)(const struct vpn_opaque *m))
{
	struct vpn_opaque m = { .type = type };

	strlcpy(m.vrf, vrf->vrf, sizeof(m.vrf));
	out(&m);
}

static void label_add(const char *name)
{
	struct bgp_spi_label *vrf = XCALLOC(MTYPE_BGP_SPI_LABEL, sizeof(*vrf));

	strlcpy(vrf->vrf, name, sizeof(vrf->vrf));
	strlcpy(vrf->reason, "vpnd has not answered yet", sizeof(vrf->reason));
	bgp_spi_labels_add(&bgp_spi_labels, vrf);
	label_say(vrf, VPN_OPAQUE_LABEL_WANT, bgp_spi_vpnd_send);
}

static void label_free(struct bgp_spi_label *vrf)
{
	bgp_spi_labels_del(&bgp_spi_labels, vrf);
	XFREE(MTYPE_BGP_SPI_LABEL, vrf);
}

static bool label_wanted(const struct bgp *bgp)
{
	return bgp->name && !CHECK_FLAG(bgp->flags, BGP_FLAG_DELETE_IN_PROGRESS) &&
	       (bgp_spi_exports(bgp, AFI_IP) || bgp_spi_exports(bgp, AFI_IP6));
}

static void labels_reconsider(struct event *event)
{
	struct bgp_spi_label *vrf;
	struct listnode *node;
	struct bgp *bgp;

	for (ALL_LIST_ELEMENTS_RO(bm->bgp, node, bgp))
		if (label_wanted(bgp) && !label_find(bgp->name))
			label_add(bgp->name);

	frr_each_safe (bgp_spi_labels, &bgp_spi_labels, vrf) {
		bgp = bgp_lookup_by_name(vrf->vrf);
		if (bgp && label_wanted(bgp))
			continue;
		label_say(vrf, VPN_OPAQUE_LABEL_UNWANT, bgp_spi_vpnd_send);
		label_free(vrf);
	}
}

void bgp_spi_labels_reconsider(void)
{
	event_add_event(bm->master, labels_reconsider, NULL, 0, &t_reconsider);
}

/* Leaks the routes of a VRF again, with what holds now. */
static void label_changed(const struct bgp_spi_label *vrf)
{
	struct bgp *bgp = bgp_lookup_by_name(vrf->vrf), *vpn = bgp_get_default();

	bgp_spi_debug("%s: label %u/%u%s%s", vrf->vrf, vrf->label.label, vrf->label.len,
		      vrf->reason[0] ? ": " : "", vrf->reason);
	if (!bgp || !vpn)
		return;
	for (afi_t afi = AFI_IP; afi <= AFI_IP6; afi++)
		if (bgp_spi_exports(bgp, afi))
			vpn_leak_from_vrf_update_all(vpn, bgp, afi);
}

static void label_set(struct bgp_spi_label *vrf, const struct spi_label *label, const char *reason)
{
	bool changed = !spi_label_same(&vrf->label, label);

	vrf->label = *label;
	strlcpy(vrf->reason, reason, sizeof(vrf->reason));
	if (changed)
		label_changed(vrf);
}

void bgp_spi_label_is(const struct vpn_opaque *m)
{
	struct bgp_spi_label *vrf = label_find(m->vrf);

	if (!vrf) /* unwanted in the meantime */
		return;
	vrf->confirmed = true;
	if (!m->label.len && (vrf->label.len || strcmp(vrf->reason, m->reason) != 0))
		zlog_warn("VRF %s has no SPI label, its routes are not announced: %s", m->vrf,
			  m->reason);
	label_set(vrf, &m->label, m->reason);
}

void bgp_spi_pe_is(const struct vpn_opaque *m)
{
	struct bgp_spi_label *vrf;

	if (ipaddr_cmp(&pe_address, &m->pe) == 0)
		return;
	pe_address = m->pe;
	bgp_spi_debug("our PE address is %pIA", &pe_address);
	if (IS_IPADDR_V6(&pe_address))
		zlog_warn("PE address %pIA: an IPv6 backbone is not supported, no unlabeled VPN route is announced",
			  &pe_address);
	frr_each (bgp_spi_labels, &bgp_spi_labels, vrf)
		label_changed(vrf);
}

void bgp_spi_labels_mark(void)
{
	struct bgp_spi_label *vrf;

	frr_each (bgp_spi_labels, &bgp_spi_labels, vrf)
		vrf->confirmed = false;
}

void bgp_spi_labels_sweep(const char *reason)
{
	static const struct spi_label none;
	struct bgp_spi_label *vrf;

	frr_each (bgp_spi_labels, &bgp_spi_labels, vrf)
		if (!vrf->confirmed && vrf->label.len)
			label_set(vrf, &none, reason);
}

void bgp_spi_labels_want(void (*out)(const struct vpn_opaque *m))
{
	struct bgp_spi_label *vrf;

	frr_each (bgp_spi_labels, &bgp_spi_labels, vrf)
		label_say(vrf, VPN_OPAQUE_LABEL_WANT, out);
}

static int labels_instance_gone(struct bgp *bgp)
{
	bgp_spi_labels_reconsider();
	return 0;
}

void bgp_spi_label_init(void)
{
	hook_register(bgp_inst_delete, labels_instance_gone);
}

void bgp_spi_label_finish(void)
{
	struct bgp_spi_label *vrf;

	EVENT_OFF(t_reconsider);
	frr_each_safe (bgp_spi_labels, &bgp_spi_labels, vrf)
		label_free(vrf);
}
