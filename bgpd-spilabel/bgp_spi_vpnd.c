// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bgpd's talk with vpnd: opaque messages through zebra (wire/opaque.h).
 *
 * What changes is said at once, as many records in a message as fit.  zebra
 * drops what nobody is registered for, so nothing said while the other is away
 * arrives; when zebra notifies that vpnd has (re)appeared, both sides ask for
 * the other's whole set.
 *
 *     vpnd gone ──► what it said holds for BGP_SPI_STALE_SECONDS, then all
 *                   uses are down and all labels gone
 *     vpnd back ──► SYNC_REQUEST; what vpnd does not name between BEGIN and END
 *                   of that generation is down, the rest was never touched
 *     asked by vpnd ──► the whole set of wants, once bgpd has settled
 *
 * bgpd that has just started knows no routes yet, and its whole set would tell
 * vpnd to take down what the kernel still forwards by.  So it does not answer
 * before all peers of the SAFI have sent End-of-RIB (or BGP_SPI_SETTLE_SECONDS
 * have passed).  Until then its wants only add.
 */
#include <zebra.h>

#include "frrevent.h"
#include "monotime.h"
#include "stream.h"
#include "zclient.h"

#include "bgpd/bgpd.h"
#include "bgpd/bgp_fsm.h"
#include "bgpd/bgp_spi_debug.h"
#include "bgpd/bgp_spi_label.h"
#include "bgpd/bgp_spi_use.h"
#include "bgpd/bgp_spi_vpnd.h"

/* Between two requests of ours that vpnd's requests cause. */
#define ASK_PAUSE_SECONDS 2

static struct {
	struct zclient *zclient; /* NULL before the first connection to zebra */
	struct bgp_spi_vpnd_state is;

	uint32_t asked;	 /* generation of our newest SYNC_REQUEST */
	time_t asked_at; /* monotime of it */
	bool receiving;	 /* between its SYNC_BEGIN and SYNC_END */
	bool owed;	 /* vpnd's SYNC_REQUEST waits for its answer */
	uint32_t owed_generation;

	struct stream *out; /* records on their way; empty: no message begun */
	unsigned int settle_seconds;
	struct event *t_flush, *t_stale, *t_settle;
} vpnd;

struct bgp_spi_vpnd_state bgp_spi_vpnd_state(void)
{
	return vpnd.is;
}

static void vpnd_flush(void)
{
	if (!stream_get_endp(vpnd.out))
		return;
	if (vpnd.zclient && vpnd.zclient->sock >= 0)
		zclient_send_opaque(vpnd.zclient, VPN_OPAQUE_TO_VPND, STREAM_DATA(vpnd.out),
				    stream_get_endp(vpnd.out));
	stream_reset(vpnd.out);
}

static void vpnd_flush_event(struct event *event)
{
	vpnd_flush();
}

void bgp_spi_vpnd_send(const struct vpn_opaque *m)
{
	if (!vpnd.out) /* at shutdown */
		return;
	if (stream_get_endp(vpnd.out) && vpn_opaque_put(vpnd.out, m))
		return;
	vpnd_flush();
	vpn_opaque_begin(vpnd.out);
	vpn_opaque_put(vpnd.out, m);
	event_add_event(bm->master, vpnd_flush_event, NULL, 0, &vpnd.t_flush);
}

static void vpnd_send_generation(enum vpn_opaque_type type, uint32_t generation)
{
	struct vpn_opaque m = { .type = type, .generation = generation };

	bgp_spi_vpnd_send(&m);
}

static void vpnd_answer(void)
{
	if (!vpnd.owed || !vpnd.is.settled)
		return;
	vpnd.owed = false;
	bgp_spi_debug("vpnd asked for all (%u): telling", vpnd.owed_generation);
	vpnd_send_generation(VPN_OPAQUE_SYNC_BEGIN, vpnd.owed_generation);
	bgp_spi_labels_want(bgp_spi_vpnd_send);
	bgp_spi_uses_want(bgp_spi_vpnd_send);
	vpnd_send_generation(VPN_OPAQUE_SYNC_END, vpnd.owed_generation);
}

static void vpnd_ask(void)
{
	bgp_spi_debug("asking vpnd for all (%u)", vpnd.asked + 1);
	vpnd.receiving = false;
	vpnd.is.synchronised = false;
	vpnd.asked_at = monotime(NULL);
	vpnd_send_generation(VPN_OPAQUE_SYNC_REQUEST, ++vpnd.asked);
}

/* Has every peer of the SAFI told all it has?  False if there is none (yet). */
static bool vpnd_peers_have_told(void)
{
	struct listnode *node, *pnode;
	struct peer *peer;
	struct bgp *bgp;
	bool any = false;

	for (ALL_LIST_ELEMENTS_RO(bm->bgp, node, bgp))
		for (ALL_LIST_ELEMENTS_RO(bgp->peer, pnode, peer)) {
			if (!CHECK_FLAG(peer->flags, PEER_FLAG_CONFIG_NODE) ||
			    !peer->afc[AFI_IP][SAFI_UNLABELED_VPN])
				continue;
			if (!CHECK_FLAG(peer->af_sflags[AFI_IP][SAFI_UNLABELED_VPN],
					PEER_STATUS_EOR_RECEIVED))
				return false;
			any = true;
		}
	return any;
}

static void vpnd_settle(struct event *event)
{
	if (!vpnd_peers_have_told() && ++vpnd.settle_seconds < BGP_SPI_SETTLE_SECONDS) {
		event_add_timer(bm->master, vpnd_settle, NULL, 1, &vpnd.t_settle);
		return;
	}
	bgp_spi_debug("settled after %u seconds", vpnd.settle_seconds);
	vpnd.is.settled = true;
	vpnd_answer();
}

static void vpnd_stale(struct event *event)
{
	char reason[VPN_REASON_SIZE];

	snprintf(reason, sizeof(reason), "vpnd has been away for %u seconds", BGP_SPI_STALE_SECONDS);
	zlog_warn("%s: its labels and security associations are used no longer", reason);
	bgp_spi_uses_sweep(reason);
	bgp_spi_labels_sweep(reason);
}

static void vpnd_sync_begin(uint32_t generation)
{
	if (generation != vpnd.asked)
		return;
	vpnd.receiving = true;
	bgp_spi_uses_mark();
	bgp_spi_labels_mark();
}

static void vpnd_sync_end(uint32_t generation)
{
	if (generation != vpnd.asked || !vpnd.receiving)
		return;
	vpnd.receiving = false;
	vpnd.is.synchronised = true;
	EVENT_OFF(vpnd.t_stale);
	bgp_spi_debug("vpnd told all (%u)", generation);
	bgp_spi_uses_sweep("vpnd has restarted and does not know it");
	bgp_spi_labels_sweep("vpnd has restarted and gave none");
}

/*
 * vpnd asks because it has started, or thinks that we have.  Its own set may be
 * another one by now, so it is asked too; but not if it just was, or the two
 * would ask each other for ever.
 */
static void vpnd_asks(uint32_t generation)
{
	vpnd.is.here = true;
	vpnd.owed = true;
	vpnd.owed_generation = generation;
	vpnd_answer();
	if (monotime(NULL) - vpnd.asked_at >= ASK_PAUSE_SECONDS)
		vpnd_ask();
}

static void vpnd_record(const struct vpn_opaque *m)
{
	switch (m->type) {
	case VPN_OPAQUE_SYNC_REQUEST:
		vpnd_asks(m->generation);
		break;
	case VPN_OPAQUE_SYNC_BEGIN:
		vpnd_sync_begin(m->generation);
		break;
	case VPN_OPAQUE_SYNC_END:
		vpnd_sync_end(m->generation);
		break;
	case VPN_OPAQUE_LABEL_IS:
		bgp_spi_label_is(m);
		break;
	case VPN_OPAQUE_USE_IS:
		bgp_spi_use_is(m);
		break;
	case VPN_OPAQUE_PE_IS:
		bgp_spi_pe_is(m);
		break;
	case VPN_OPAQUE_LABEL_WANT:
	case VPN_OPAQUE_LABEL_UNWANT:
	case VPN_OPAQUE_USE_WANT:
	case VPN_OPAQUE_USE_UNWANT:
		break; /* ours to say, not to hear */
	}
}

bool bgp_spi_vpnd_receive(struct stream *s)
{
	struct vpn_opaque m;
	int ret;

	if (!vpn_opaque_open(s)) {
		zlog_warn(
			"vpnd speaks another version of the protocol than bgpd: its message is ignored; install both from the same build");
		return false;
	}
	while ((ret = vpn_opaque_get(s, &m)) == 1)
		vpnd_record(&m);
	if (ret < 0)
		zlog_warn("malformed message from vpnd: the rest of it is ignored");
	return ret == 0;
}

int bgp_spi_vpnd_opaque(ZAPI_CALLBACK_ARGS)
{
	struct zapi_opaque_msg info;

	if (zclient_opaque_decode(zclient->ibuf, &info) != 0)
		return -1;
	if (info.type == VPN_OPAQUE_TO_BGPD)
		bgp_spi_vpnd_receive(zclient->ibuf);
	return 0;
}

int bgp_spi_vpnd_notify(ZAPI_CALLBACK_ARGS)
{
	struct zapi_opaque_notif_info info;

	if (zclient_opaque_notif_decode(zclient->ibuf, &info) != 0)
		return -1;
	if (info.msg_type != VPN_OPAQUE_TO_VPND)
		return 0;
	vpnd.is.here = info.reg;
	bgp_spi_debug("vpnd has %s", info.reg ? "appeared" : "gone");
	if (info.reg) {
		vpnd_ask();
		return 0;
	}
	vpnd.owed = false;
	vpnd.is.synchronised = false;
	if (vpnd.t_stale) /* it came back for too short a time to synchronise */
		return 0;
	bgp_spi_uses_mark();
	bgp_spi_labels_mark();
	event_add_timer(bm->master, vpnd_stale, NULL, BGP_SPI_STALE_SECONDS, &vpnd.t_stale);
	return 0;
}

void bgp_spi_vpnd_connected(struct zclient *zclient)
{
	vpnd.zclient = zclient;
	zclient_register_opaque(zclient, VPN_OPAQUE_TO_BGPD);
	zclient_opaque_request_notify(zclient, VPN_OPAQUE_TO_VPND);
}

void bgp_spi_vpnd_init(struct event_loop *loop)
{
	vpnd.out = stream_new(VPN_OPAQUE_MAX);
	event_add_timer(loop, vpnd_settle, NULL, 1, &vpnd.t_settle);
}

void bgp_spi_vpnd_finish(void)
{
	EVENT_OFF(vpnd.t_flush);
	EVENT_OFF(vpnd.t_stale);
	EVENT_OFF(vpnd.t_settle);
	stream_free(vpnd.out);
	vpnd.out = NULL;
}
