// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Operational data and notifications of the module frr-vpnd; tunnel links have
 * a file of their own (vpn_nb_tunnel.c).
 *
 * One getter a list: it looks at the last word of the path, which is the
 * leaf.  A leaf that does not apply now is absent.  There is no lookup_next
 * callback, on purpose: without it the walk does not yield, so what is
 * returned is of one moment.
 */
#include <zebra.h>

#include "lib/northbound.h"
#include "lib/yang.h"
#include "lib/yang_wrappers.h"

#include "wire/spi.h"

#include "vpnd/vpn_alarm.h"
#include "vpnd/vpn_label.h"
#include "vpnd/vpn_nb.h"
#include "vpnd/vpn_peer.h"
#include "vpnd/vpn_state.h"
#include "vpnd/vpn_use.h"

const char *vpn_nb_leaf(const char *xpath)
{
	const char *slash = strrchr(xpath, '/');

	return slash ? slash + 1 : xpath;
}

static bool vpn_nb_addr_parse(const char *text, struct ipaddr *addr)
{
	memset(addr, 0, sizeof(*addr));
	return str2ipaddr(text, addr) == 0;
}

struct yang_data *vpn_nb_time(const char *xpath, time_t when)
{
	char buf[VPN_TIME_SIZE];

	return when ? yang_data_new_string(xpath, vpn_time_str(when, buf)) : NULL;
}

struct yang_data *vpn_nb_state(const char *xpath, enum vpn_peer_state state)
{
	return yang_data_new_string(xpath, vpn_peer_state_str(state));
}

struct yang_data *vpn_nb_reason(const char *xpath, enum vpn_peer_state state, const char *reason)
{
	if (state == VPN_PEER_UP || !reason[0])
		return NULL;
	return yang_data_new_string(xpath, reason);
}

struct yang_data *vpn_nb_counter(const char *xpath, const char *leaf, const struct vpn_counters *sum)
{
	if (strmatch(leaf, "bytes-in"))
		return yang_data_new_uint64(xpath, sum->bytes_in);
	if (strmatch(leaf, "bytes-out"))
		return yang_data_new_uint64(xpath, sum->bytes_out);
	if (strmatch(leaf, "packets-in"))
		return yang_data_new_uint64(xpath, sum->packets_in);
	if (strmatch(leaf, "packets-out"))
		return yang_data_new_uint64(xpath, sum->packets_out);
	return NULL;
}

static struct yang_data *vpn_nb_spi(const char *xpath, uint32_t spi)
{
	char buf[16];

	snprintf(buf, sizeof(buf), "0x%08x", spi);
	return yang_data_new_string(xpath, buf);
}

/* The name of an interface, if there is one. */
static struct yang_data *vpn_nb_ifname(const char *xpath, ifindex_t ifindex, const char *name)
{
	return ifindex ? yang_data_new_string(xpath, name) : NULL;
}

static struct yang_data *vpn_nb_ifid(const char *xpath, ifindex_t ifindex, uint32_t if_id)
{
	return ifindex ? yang_data_new_uint32(xpath, if_id) : NULL;
}

/*
 * Peers
 */

const void *vpn_nb_peer_get_next(struct nb_cb_get_next_args *args)
{
	const struct vpn_peer *peer = args->list_entry;

	return peer ? vpn_peers_const_next(&vpn_peers, peer) : vpn_peers_const_first(&vpn_peers);
}

int vpn_nb_peer_get_keys(struct nb_cb_get_keys_args *args)
{
	const struct vpn_peer *peer = args->list_entry;

	args->keys->num = 1;
	ipaddr2str(&peer->addr, args->keys->key[0], sizeof(args->keys->key[0]));
	return NB_OK;
}

const void *vpn_nb_peer_lookup_entry(struct nb_cb_lookup_entry_args *args)
{
	struct ipaddr addr;

	return vpn_nb_addr_parse(args->keys->key[0], &addr) ? vpn_peer_find(&addr) : NULL;
}

/* Counters: of all time. */
static struct yang_data *vpn_nb_peer_counter(const char *xpath, const char *leaf,
					     const struct vpn_peer *peer)
{
	struct vpn_counters sum;

	vpn_peer_counters(peer, &sum);
	return vpn_nb_counter(xpath, leaf, &sum);
}

/* What there is only of a peer that is up. */
static struct yang_data *vpn_nb_peer_up_get(const char *xpath, const char *leaf,
					    const struct vpnspi_peer_is *is)
{
	if (strmatch(leaf, "prefix-in"))
		return vpn_nb_spi(xpath, is->prefix_in);
	if (strmatch(leaf, "prefix-out"))
		return vpn_nb_spi(xpath, is->prefix_out);
	if (strmatch(leaf, "generations"))
		return yang_data_new_uint32(xpath, is->generations);
	if (strmatch(leaf, "rekeys"))
		return yang_data_new_uint32(xpath, is->rekeys);
	if (strmatch(leaf, "labels-in"))
		return yang_data_new_uint32(xpath, is->labels_in);
	if (strmatch(leaf, "labels-out"))
		return yang_data_new_uint32(xpath, is->labels_out);
	if (strmatch(leaf, "proposal"))
		return yang_data_new_string(xpath, is->proposal);
	return NULL;
}

struct yang_data *vpn_nb_peer_get(struct nb_cb_get_elem_args *args)
{
	const struct vpn_peer *peer = args->list_entry;
	const char *leaf = vpn_nb_leaf(args->xpath);
	struct yang_data *data;

	if (strmatch(leaf, "address"))
		return yang_data_new_ip(args->xpath, &peer->addr);
	if (strmatch(leaf, "state"))
		return vpn_nb_state(args->xpath, peer->state);
	if (strmatch(leaf, "reason"))
		return vpn_nb_reason(args->xpath, peer->state, peer->reason);
	if (strmatch(leaf, "since"))
		return vpn_nb_time(args->xpath, peer->since);
	if (strmatch(leaf, "ike-initiations"))
		return yang_data_new_uint32(args->xpath, peer->initiations);
	data = vpn_nb_peer_counter(args->xpath, leaf, peer);
	if (!data && vpn_peer_is_up(peer))
		data = vpn_nb_peer_up_get(args->xpath, leaf, &peer->is);
	return data;
}

/*
 * Labels
 */

const void *vpn_nb_label_get_next(struct nb_cb_get_next_args *args)
{
	const struct vpn_label *label = args->list_entry;

	return label ? vpn_labels_const_next(&vpn_labels, label)
		     : vpn_labels_const_first(&vpn_labels);
}

int vpn_nb_label_get_keys(struct nb_cb_get_keys_args *args)
{
	const struct vpn_label *label = args->list_entry;

	args->keys->num = 1;
	strlcpy(args->keys->key[0], label->vrf, sizeof(args->keys->key[0]));
	return NB_OK;
}

const void *vpn_nb_label_lookup_entry(struct nb_cb_lookup_entry_args *args)
{
	return vpn_label_find(args->keys->key[0]);
}

struct yang_data *vpn_nb_label_get(struct nb_cb_get_elem_args *args)
{
	const struct vpn_label *label = args->list_entry;
	const char *leaf = vpn_nb_leaf(args->xpath);

	if (strmatch(leaf, "vrf"))
		return yang_data_new_string(args->xpath, label->vrf);
	if (strmatch(leaf, "state"))
		return vpn_nb_state(args->xpath, vpn_label_state(label));
	if (strmatch(leaf, "reason"))
		return vpn_nb_reason(args->xpath, vpn_label_state(label), label->reason);
	if (strmatch(leaf, "label"))
		return label->label.len ? yang_data_new_uint32(args->xpath, label->label.label)
					: NULL;
	if (strmatch(leaf, "label-length"))
		return label->label.len ? yang_data_new_uint8(args->xpath, label->label.len) : NULL;
	if (strmatch(leaf, "interface"))
		return vpn_nb_ifname(args->xpath, label->ifindex, label->ifname);
	if (strmatch(leaf, "if-id"))
		return vpn_nb_ifid(args->xpath, label->ifindex, label->if_id);
	return NULL;
}

/*
 * Uses
 */

const void *vpn_nb_use_get_next(struct nb_cb_get_next_args *args)
{
	const struct vpn_use *use = args->list_entry;

	return use ? vpn_uses_const_next(&vpn_uses, use) : vpn_uses_const_first(&vpn_uses);
}

int vpn_nb_use_get_keys(struct nb_cb_get_keys_args *args)
{
	const struct vpn_use *use = args->list_entry;

	args->keys->num = 4;
	strlcpy(args->keys->key[0], use->vrf, sizeof(args->keys->key[0]));
	ipaddr2str(&use->pe, args->keys->key[1], sizeof(args->keys->key[1]));
	snprintf(args->keys->key[2], sizeof(args->keys->key[2]), "%u", use->label.label);
	snprintf(args->keys->key[3], sizeof(args->keys->key[3]), "%u", use->label.len);
	return NB_OK;
}

const void *vpn_nb_use_lookup_entry(struct nb_cb_lookup_entry_args *args)
{
	struct ipaddr pe;
	struct spi_label label = {
		.label = strtoul(args->keys->key[2], NULL, 10),
		.len = strtoul(args->keys->key[3], NULL, 10),
	};

	if (!vpn_nb_addr_parse(args->keys->key[1], &pe))
		return NULL;
	return vpn_use_find(args->keys->key[0], &pe, &label);
}

struct yang_data *vpn_nb_use_get(struct nb_cb_get_elem_args *args)
{
	const struct vpn_use *use = args->list_entry;
	const char *leaf = vpn_nb_leaf(args->xpath);

	if (strmatch(leaf, "vrf"))
		return yang_data_new_string(args->xpath, use->vrf);
	if (strmatch(leaf, "peer"))
		return yang_data_new_ip(args->xpath, &use->pe);
	if (strmatch(leaf, "label"))
		return yang_data_new_uint32(args->xpath, use->label.label);
	if (strmatch(leaf, "label-length"))
		return yang_data_new_uint8(args->xpath, use->label.len);
	if (strmatch(leaf, "state"))
		return vpn_nb_state(args->xpath, vpn_use_state(use));
	if (strmatch(leaf, "reason"))
		return vpn_nb_reason(args->xpath, vpn_use_state(use), use->reason);
	if (strmatch(leaf, "interface"))
		return vpn_nb_ifname(args->xpath, use->ifindex, use->ifname);
	if (strmatch(leaf, "if-id"))
		return vpn_nb_ifid(args->xpath, use->ifindex, use->if_id);
	if (strmatch(leaf, "spi"))
		return use->spi ? vpn_nb_spi(args->xpath, use->spi) : NULL;
	if (strmatch(leaf, "mtu"))
		return use->mtu ? yang_data_new_uint32(args->xpath, use->mtu) : NULL;
	return NULL;
}

/*
 * Alarms
 */

const void *vpn_nb_alarm_get_next(struct nb_cb_get_next_args *args)
{
	const struct vpn_alarm *alarm = args->list_entry;

	return alarm ? vpn_alarms_const_next(&vpn_alarms, alarm)
		     : vpn_alarms_const_first(&vpn_alarms);
}

int vpn_nb_alarm_get_keys(struct nb_cb_get_keys_args *args)
{
	const struct vpn_alarm *alarm = args->list_entry;

	args->keys->num = 1;
	strlcpy(args->keys->key[0], alarm->object, sizeof(args->keys->key[0]));
	return NB_OK;
}

const void *vpn_nb_alarm_lookup_entry(struct nb_cb_lookup_entry_args *args)
{
	struct vpn_alarm ref = {};

	strlcpy(ref.object, args->keys->key[0], sizeof(ref.object));
	return vpn_alarms_const_find(&vpn_alarms, &ref);
}

struct yang_data *vpn_nb_alarm_get(struct nb_cb_get_elem_args *args)
{
	const struct vpn_alarm *alarm = args->list_entry;
	const char *leaf = vpn_nb_leaf(args->xpath);

	if (strmatch(leaf, "object"))
		return yang_data_new_string(args->xpath, alarm->object);
	if (strmatch(leaf, "text"))
		return yang_data_new_string(args->xpath, alarm->text);
	if (strmatch(leaf, "since"))
		return vpn_nb_time(args->xpath, alarm->since);
	return NULL;
}

#define VPN_NB_ALARM_XPATH "/frr-vpnd:vpn-alarm"

int vpn_nb_alarm_notify(const struct vpn_alarm *alarm, bool raised)
{
	struct list *arguments = yang_data_list_new();
	char buf[VPN_TIME_SIZE];

	listnode_add(arguments, yang_data_new_string(VPN_NB_ALARM_XPATH "/object", alarm->object));
	listnode_add(arguments, yang_data_new_string(VPN_NB_ALARM_XPATH "/text", alarm->text));
	listnode_add(arguments, yang_data_new_string(VPN_NB_ALARM_XPATH "/since",
						     vpn_time_str(alarm->since, buf)));
	listnode_add(arguments, yang_data_new_bool(VPN_NB_ALARM_XPATH "/raised", raised));
	nb_notification_send(VPN_NB_ALARM_XPATH, arguments);
	return 0;
}
