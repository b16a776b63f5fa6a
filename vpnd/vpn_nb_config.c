// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Configuration of the module frr-vpnd: what is refused, and what happens
 * when it is not.
 *
 * Refused, at commit, with a message that reaches whoever commits: what no
 * single leaf's type can tell (YANG's ranges and patterns have done the
 * rest).  Both checks look at the candidate as a whole, so the order in which
 * things are typed or deleted does not matter.
 *
 * A commit changes nothing here but one pending event, which reads the new
 * running configuration as a whole into vpn_config and has it applied.
 */
#include <zebra.h>

#include "lib/frrevent.h"
#include "lib/northbound.h"
#include "lib/yang.h"
#include "lib/yang_wrappers.h"

#include "vpnd/vpn_apply.h"
#include "vpnd/vpn_config.h"
#include "vpnd/vpn_debug.h"
#include "vpnd/vpn_nb.h"
#include "vpnd/vpn_proposal.h"

static struct event_loop *vpn_nb_loop;
static struct event *vpn_nb_event;

/* The commit is over: running_config is the new one. */
static void vpn_nb_commit_done(struct event *event)
{
	bool first = !vpn_config.arrived;

	vpn_config_read(&vpn_config, running_config->dnode);
	vpn_config.arrived = true;
	DEBUGD(&vpn_dbg_config, "configuration: %zu ipsec-profiles, %s provider-edge",
	       vpn_profiles_count(&vpn_config.profiles), vpn_config.pe.present ? "a" : "no");
	if (first)
		vpn_apply_config_ready();
	vpn_apply_config_changed();
}

void vpn_nb_config_init(struct event_loop *loop)
{
	vpn_config_init(&vpn_config);
	vpn_nb_loop = loop;
}

void vpn_nb_config_terminate(void)
{
	event_cancel(&vpn_nb_event);
	vpn_config_clear(&vpn_config);
}

/* Any change of anything: the whole is read when the commit is over. */
static int vpn_nb_changed(enum nb_event event)
{
	if (event == NB_EV_APPLY)
		event_add_event(vpn_nb_loop, vpn_nb_commit_done, NULL, 0, &vpn_nb_event);
	return NB_OK;
}

int vpn_nb_create(struct nb_cb_create_args *args)
{
	return vpn_nb_changed(args->event);
}

int vpn_nb_modify(struct nb_cb_modify_args *args)
{
	return vpn_nb_changed(args->event);
}

int vpn_nb_destroy(struct nb_cb_destroy_args *args)
{
	return vpn_nb_changed(args->event);
}

static bool vpn_nb_proposal_validate(struct nb_cb_pre_validate_args *args, const char *name,
				     const char *word, enum vpn_proposal_kind kind)
{
	const char *text = yang_dnode_get_string(args->dnode, "./%s/proposal", word);
	char why[128];

	if (vpn_proposal_valid(text, kind, why, sizeof(why)))
		return true;
	snprintf(args->errmsg, args->errmsg_len, "ipsec-profile %s: %s proposal %s: %s", name, word,
		 text, why);
	return false;
}

/* One way to authenticate at most, and the whole of it. */
static bool vpn_nb_auth_validate(struct nb_cb_pre_validate_args *args, const char *name)
{
	const struct lyd_node *auth = yang_dnode_get(args->dnode, "./authentication");
	bool psk = auth && yang_dnode_exists(auth, "./pre-shared-key");
	bool file = auth && yang_dnode_exists(auth, "./pre-shared-key-file");
	unsigned int certificate = 0;

	if (auth)
		certificate = yang_dnode_exists(auth, "./certificate/certificate") +
			      yang_dnode_exists(auth, "./certificate/key") +
			      yang_dnode_exists(auth, "./certificate/ca");
	if (psk + file + !!certificate > 1) {
		snprintf(args->errmsg, args->errmsg_len,
			 "ipsec-profile %s: authentication: %s and %s together: remove one first ('no authentication')",
			 name, psk ? "pre-shared-key" : "pre-shared-key-file",
			 certificate ? "certificate" : "pre-shared-key-file");
		return false;
	}
	if (certificate && certificate < 3) {
		snprintf(args->errmsg, args->errmsg_len,
			 "ipsec-profile %s: authentication: certificate, key and ca must all be given",
			 name);
		return false;
	}
	return true;
}

static bool vpn_nb_retry_validate(struct nb_cb_pre_validate_args *args, const char *name)
{
	unsigned int initial = yang_dnode_get_uint16(args->dnode, "./retry/initial");
	unsigned int maximum = yang_dnode_get_uint32(args->dnode, "./retry/maximum");

	if (initial <= maximum)
		return true;
	snprintf(args->errmsg, args->errmsg_len,
		 "ipsec-profile %s: retry: initial %u is over maximum %u", name, initial, maximum);
	return false;
}

int vpn_nb_profile_validate(struct nb_cb_pre_validate_args *args)
{
	const char *name = yang_dnode_get_string(args->dnode, "./name");

	if (!vpn_nb_proposal_validate(args, name, "ike", VPN_PROPOSAL_IKE) ||
	    !vpn_nb_proposal_validate(args, name, "esp", VPN_PROPOSAL_ESP) ||
	    !vpn_nb_auth_validate(args, name) || !vpn_nb_retry_validate(args, name))
		return NB_ERR_VALIDATION;
	return NB_OK;
}

/* An address that packets can come from and go to. */
static bool vpn_nb_address_usable(const struct ipaddr *addr)
{
	if (IS_IPADDR_V4(addr))
		return ipv4_unicast_valid(&addr->ipaddr_v4) &&
		       !IPV4_NET127(ntohl(addr->ipaddr_v4.s_addr));
	return !IN6_IS_ADDR_UNSPECIFIED(&addr->ipaddr_v6) &&
	       !IN6_IS_ADDR_LOOPBACK(&addr->ipaddr_v6) &&
	       !IN6_IS_ADDR_MULTICAST(&addr->ipaddr_v6) &&
	       !IN6_IS_ADDR_LINKLOCAL(&addr->ipaddr_v6);
}

static bool vpn_nb_local_validate(struct nb_cb_pre_validate_args *args)
{
	struct ipaddr addr;

	if (!yang_dnode_exists(args->dnode, "./local-address"))
		return true;
	yang_dnode_get_ip(&addr, args->dnode, "./local-address");
	if (vpn_nb_address_usable(&addr))
		return true;
	snprintfrr(args->errmsg, args->errmsg_len,
		   "provider-edge: local-address %pIA is not the address of a host: give one that this machine has and the backbone routes to",
		   &addr);
	return false;
}

static bool vpn_nb_reference_validate(struct nb_cb_pre_validate_args *args)
{
	const char *name;

	if (!yang_dnode_exists(args->dnode, "./ipsec-profile"))
		return true;
	name = yang_dnode_get_string(args->dnode, "./ipsec-profile");
	if (yang_dnode_existsf(args->dnode, "/frr-vpnd:vpn/ipsec-profile[name='%s']", name))
		return true;
	snprintf(args->errmsg, args->errmsg_len,
		 "provider-edge: there is no ipsec-profile %s: configure it first, remove it last",
		 name);
	return false;
}

int vpn_nb_pe_validate(struct nb_cb_pre_validate_args *args)
{
	if (!vpn_nb_local_validate(args) || !vpn_nb_reference_validate(args))
		return NB_ERR_VALIDATION;
	return NB_OK;
}
