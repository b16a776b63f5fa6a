// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A customer edge in YANG: its state, the RPC by which netconfd says what has
 * become of a call, and the notification by which it is asked for one.
 */
#include <zebra.h>

#include "lib/northbound.h"
#include "lib/printfrr.h"
#include "lib/yang.h"
#include "lib/yang_wrappers.h"

#include "vpnd/vpn_ce.h"
#include "vpnd/vpn_nb.h"
#include "vpnd/vpn_state.h"

#define VPN_NB_WANTED_XPATH "/frr-vpnd:provisioning-wanted"

static struct yang_data *vpn_nb_address(const char *xpath, const struct ipaddr *addr)
{
	char buf[INET6_ADDRSTRLEN];

	if (IS_IPADDR_NONE(addr))
		return NULL;
	return yang_data_new_string(xpath, ipaddr2str(addr, buf, sizeof(buf)));
}

static struct yang_data *vpn_nb_text(const char *xpath, const char *text)
{
	return text[0] ? yang_data_new_string(xpath, text) : NULL;
}

/* Who was spoken to, and when. */
static struct yang_data *vpn_nb_ce_contact_get(const char *xpath, const char *leaf)
{
	if (strmatch(leaf, "server"))
		return vpn_nb_address(xpath, &vpn_ce.server);
	if (strmatch(leaf, "port"))
		return vpn_ce.port ? yang_data_new_uint16(xpath, vpn_ce.port) : NULL;
	if (strmatch(leaf, "last-contact"))
		return vpn_nb_time(xpath, vpn_ce.in_session ? time(NULL) : vpn_ce.contact);
	if (strmatch(leaf, "last-attempt"))
		return vpn_nb_time(xpath, vpn_ce.attempt);
	if (strmatch(leaf, "last-error"))
		return vpn_nb_text(xpath, vpn_ce.error);
	return NULL;
}

struct yang_data *vpn_nb_ce_get(struct nb_cb_get_elem_args *args)
{
	const struct vpn_ce_config *config = &vpn_ce.config;
	const char *leaf = vpn_nb_leaf(args->xpath);
	enum vpn_peer_state state;
	char reason[VPN_REASON_SIZE];

	if (!config->present)
		return NULL;
	state = vpn_ce_state(reason, sizeof(reason));
	if (strmatch(leaf, "state"))
		return vpn_nb_state(args->xpath, state);
	if (strmatch(leaf, "reason"))
		return vpn_nb_reason(args->xpath, state, reason);
	if (strmatch(leaf, "identity"))
		return vpn_nb_text(args->xpath, config->identity);
	if (strmatch(leaf, "address"))
		return vpn_nb_address(args->xpath, &vpn_ce.address);
	if (strmatch(leaf, "provisioned-version"))
		return vpn_ce.has_version ? yang_data_new_uint64(args->xpath, vpn_ce.version) : NULL;
	if (strmatch(leaf, "retained-until"))
		return vpn_nb_time(args->xpath, vpn_ce_retained_until());
	return vpn_nb_ce_contact_get(args->xpath, leaf);
}

int vpn_nb_ce_contact(struct nb_cb_rpc_args *args)
{
	struct ipaddr server = {};
	const char *text = NULL;
	uint16_t port = 0;

	if (yang_dnode_exists(args->input, "./address"))
		yang_dnode_get_ip(&server, args->input, "./address");
	if (yang_dnode_exists(args->input, "./port"))
		port = yang_dnode_get_uint16(args->input, "./port");
	if (yang_dnode_exists(args->input, "./text"))
		text = yang_dnode_get_string(args->input, "./text");
	vpn_ce_contact(yang_dnode_get_enum(args->input, "./event"), &server, port, text);
	return NB_OK;
}

int vpn_nb_ce_wanted(const char *why)
{
	struct list *arguments = yang_data_list_new();

	listnode_add(arguments, yang_data_new_string(VPN_NB_WANTED_XPATH "/reason", why));
	nb_notification_send(VPN_NB_WANTED_XPATH, arguments);
	return 0;
}
