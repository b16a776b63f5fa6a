// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Operational data of tunnel links and their templates; see vpn_nb_state.c, whose remarks hold
 * here, too.
 */
#include <zebra.h>

#include "lib/northbound.h"
#include "lib/yang.h"
#include "lib/yang_wrappers.h"

#include "vpnd/vpn_config.h"
#include "vpnd/vpn_nb.h"
#include "vpnd/vpn_state.h"
#include "vpnd/vpn_template.h"
#include "vpnd/vpn_tunnel.h"

const void *vpn_nb_tunnel_get_next(struct nb_cb_get_next_args *args)
{
	const struct vpn_tunnel *tunnel = args->list_entry;

	return tunnel ? vpn_tunnels_const_next(&vpn_tunnels, tunnel)
		      : vpn_tunnels_const_first(&vpn_tunnels);
}

int vpn_nb_tunnel_get_keys(struct nb_cb_get_keys_args *args)
{
	const struct vpn_tunnel *tunnel = args->list_entry;

	args->keys->num = 1;
	strlcpy(args->keys->key[0], tunnel->name, sizeof(args->keys->key[0]));
	return NB_OK;
}

const void *vpn_nb_tunnel_lookup_entry(struct nb_cb_lookup_entry_args *args)
{
	return vpn_tunnel_find(args->keys->key[0]);
}

/* An address, if there is one. */
static struct yang_data *vpn_nb_addr(const char *xpath, const struct ipaddr *addr)
{
	return addr->ipa_type ? yang_data_new_ip(xpath, addr) : NULL;
}

/* What is configured. */
static struct yang_data *vpn_nb_tunnel_config_get(const char *xpath, const char *leaf,
						  const struct vpn_tunnel *tunnel)
{
	const struct vpn_tunnel_config *config = &tunnel->config;
	struct ipaddr remote = vpn_tunnel_remote(tunnel);
	char id[VPN_ID_STR_SIZE];

	if (strmatch(leaf, "vrf"))
		return yang_data_new_string(xpath, config->vrf);
	if (strmatch(leaf, "template") && config->number)
		return yang_data_new_string(xpath, config->spoke_of);
	if (strmatch(leaf, "peer-identity") && config->number)
		return yang_data_new_string(xpath, config->identity);
	if (strmatch(leaf, "local"))
		return vpn_nb_addr(xpath, &config->local);
	if (strmatch(leaf, "remote"))
		return vpn_nb_addr(xpath, &remote);
	if (strmatch(leaf, "encapsulation") && config->encap)
		return yang_data_new_string(xpath, vpn_encap_str(config->encap));
	if (strmatch(leaf, "vpn-id") && config->has_vpn_id)
		return yang_data_new_string(xpath, vpn_id_str(config->vpn_id, id));
	return NULL;
}

/* What has been negotiated, or will be. */
static struct yang_data *vpn_nb_tunnel_ike_get(const char *xpath, const char *leaf,
					       const struct vpn_tunnel *tunnel)
{
	int64_t next = vpn_tunnel_next_attempt(tunnel);

	if (strmatch(leaf, "failures"))
		return yang_data_new_uint32(xpath, vpn_tunnel_failures(tunnel));
	if (strmatch(leaf, "next-attempt"))
		return next >= 0 ? yang_data_new_uint32(xpath, vpn_link_seconds(next)) : NULL;
	if (!vpn_tunnel_ike_version(tunnel))
		return NULL;
	if (strmatch(leaf, "proposal"))
		return yang_data_new_string(xpath, vpn_tunnel_proposal(tunnel));
	if (strmatch(leaf, "ike-version"))
		return yang_data_new_uint8(xpath, vpn_tunnel_ike_version(tunnel));
	if (strmatch(leaf, "rekeys"))
		return yang_data_new_uint32(xpath, vpn_tunnel_rekeys(tunnel));
	return NULL;
}

struct yang_data *vpn_nb_tunnel_get(struct nb_cb_get_elem_args *args)
{
	const struct vpn_tunnel *tunnel = args->list_entry;
	const char *leaf = vpn_nb_leaf(args->xpath);
	struct vpn_counters sum;
	struct yang_data *data;

	if (strmatch(leaf, "name"))
		return yang_data_new_string(args->xpath, tunnel->name);
	if (strmatch(leaf, "state"))
		return vpn_nb_state(args->xpath, tunnel->state);
	if (strmatch(leaf, "reason"))
		return vpn_nb_reason(args->xpath, tunnel->state, tunnel->reason);
	if (strmatch(leaf, "since"))
		return vpn_nb_time(args->xpath, tunnel->since);
	if (strmatch(leaf, "interface"))
		return tunnel->ifindex ? yang_data_new_string(args->xpath, tunnel->name) : NULL;
	if (strmatch(leaf, "mtu"))
		return tunnel->mtu ? yang_data_new_uint32(args->xpath, tunnel->mtu) : NULL;
	data = vpn_nb_tunnel_config_get(args->xpath, leaf, tunnel);
	if (!data)
		data = vpn_nb_tunnel_ike_get(args->xpath, leaf, tunnel);
	if (data || (!strstr(leaf, "bytes-") && !strstr(leaf, "packets-")))
		return data;
	vpn_tunnel_counters(tunnel, &sum);
	return vpn_nb_counter(args->xpath, leaf, &sum);
}

/*
 * Templates
 */

const void *vpn_nb_template_get_next(struct nb_cb_get_next_args *args)
{
	const struct vpn_template *template = args->list_entry;

	return template ? vpn_templates_const_next(&vpn_templates, template)
			: vpn_templates_const_first(&vpn_templates);
}

int vpn_nb_template_get_keys(struct nb_cb_get_keys_args *args)
{
	const struct vpn_template *template = args->list_entry;

	args->keys->num = 1;
	strlcpy(args->keys->key[0], template->name, sizeof(args->keys->key[0]));
	return NB_OK;
}

const void *vpn_nb_template_lookup_entry(struct nb_cb_lookup_entry_args *args)
{
	return vpn_template_find(args->keys->key[0]);
}

static struct yang_data *vpn_nb_template_refusal_get(const char *xpath, const char *leaf,
						     const struct vpn_template *template)
{
	if (!template->refusal[0])
		return NULL;
	if (strmatch(leaf, "last-refusal"))
		return yang_data_new_string(xpath, template->refusal);
	return vpn_nb_time(xpath, template->refused_at);
}

struct yang_data *vpn_nb_template_get(struct nb_cb_get_elem_args *args)
{
	const struct vpn_template *template = args->list_entry;
	const char *leaf = vpn_nb_leaf(args->xpath), *reason;
	enum vpn_peer_state state = vpn_template_state(template, &reason);

	if (strmatch(leaf, "name"))
		return yang_data_new_string(args->xpath, template->name);
	if (strmatch(leaf, "state"))
		return vpn_nb_state(args->xpath, state);
	if (strmatch(leaf, "reason"))
		return vpn_nb_reason(args->xpath, state, reason);
	if (strmatch(leaf, "vrf"))
		return yang_data_new_string(args->xpath, template->config.vrf);
	if (strmatch(leaf, "limit"))
		return yang_data_new_uint16(args->xpath, template->config.limit);
	if (strmatch(leaf, "spokes"))
		return yang_data_new_uint16(args->xpath, vpn_template_spokes(template, false));
	if (strmatch(leaf, "spokes-up"))
		return yang_data_new_uint16(args->xpath, vpn_template_spokes(template, true));
	return vpn_nb_template_refusal_get(args->xpath, leaf, template);
}
