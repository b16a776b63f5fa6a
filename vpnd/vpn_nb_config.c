// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Configuration of the module frr-vpnd: what is refused, and what happens
 * when it is not.
 *
 * Refused, at commit, with a message that reaches whoever commits: what no
 * single leaf's type can tell (YANG's ranges and patterns have done the
 * rest).  The checks (vpn_config.c) look at the candidate as a whole, so the
 * order in which things are typed or deleted within a commit does not matter;
 * one more asks what runs now (vpn_routing.c).
 *
 * A commit changes nothing here but one pending event, which reads the new
 * running configuration as a whole into vpn_config and has it applied.
 */
#include <zebra.h>

#include "lib/frrevent.h"
#include "lib/log.h"
#include "lib/mgmt_be_client.h"
#include "lib/monotime.h"
#include "lib/northbound.h"

#include "vpnd/vpn_apply.h"
#include "vpnd/vpn_config.h"
#include "vpnd/vpn_debug.h"
#include "vpnd/vpn_nb.h"
#include "vpnd/vpn_routing.h"

/* How long after it has come mgmtd takes at most to give us what it has. */
#define VPN_NB_DOWNLOAD_S 3

static struct event_loop *vpn_nb_loop;
static struct event *vpn_nb_event;
static time_t vpn_nb_connected; /* monotonic s, when mgmtd came; 0: its configuration is here */

void vpn_nb_connect_notify(struct mgmt_be_client *client, uintptr_t data, bool connected)
{
	vpn_nb_connected = connected ? monotime(NULL) : 0;
}

/* The commit is over: running_config is the new one. */
static void vpn_nb_commit_done(struct event *event)
{
	bool first = !vpn_config.arrived;

	vpn_nb_connected = 0;
	vpn_config_read(&vpn_config, running_config->dnode);
	vpn_config.arrived = true;
	DEBUGD(&vpn_dbg_config,
	       "configuration: %zu ipsec-profiles, %s provider-edge, %zu tunnel links",
	       vpn_profiles_count(&vpn_config.profiles), vpn_config.pe.present ? "a" : "no",
	       vpn_tunnel_configs_count(&vpn_config.tunnels));
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

int vpn_nb_move(struct nb_cb_move_args *args)
{
	return vpn_nb_changed(args->event);
}

/*
 * mgmtd has just come and may be giving us what it has had all along.  That is
 * no commit which somebody waits for, and refusing it would leave us with
 * nothing at all: it is taken, and what is wrong with it is told as state.
 */
static bool vpn_nb_is_download(void)
{
	return vpn_nb_connected && monotime(NULL) - vpn_nb_connected <= VPN_NB_DOWNLOAD_S;
}

/* Refuses, if it is a commit, for what is in errmsg. */
static int vpn_nb_refuse(const char *errmsg)
{
	if (!vpn_nb_is_download())
		return NB_ERR_VALIDATION;
	zlog_err("configuration of mgmtd: %s", errmsg);
	return NB_OK;
}

int vpn_nb_profile_validate(struct nb_cb_pre_validate_args *args)
{
	if (vpn_profile_check(args->dnode, args->errmsg, args->errmsg_len))
		return NB_OK;
	return vpn_nb_refuse(args->errmsg);
}

int vpn_nb_pe_validate(struct nb_cb_pre_validate_args *args)
{
	if (vpn_pe_check(args->dnode, args->errmsg, args->errmsg_len))
		return NB_OK;
	return vpn_nb_refuse(args->errmsg);
}

int vpn_nb_ce_validate(struct nb_cb_pre_validate_args *args)
{
	if (vpn_ce_check(args->dnode, args->errmsg, args->errmsg_len))
		return NB_OK;
	return vpn_nb_refuse(args->errmsg);
}

/* The first of them that has a fault, or NULL. */
static const struct vpn_tunnel_config *vpn_nb_faulty(const struct vpn_tunnel_configs_head *all)
{
	const struct vpn_tunnel_config *tunnel;

	frr_each (vpn_tunnel_configs_const, all, tunnel)
		if (tunnel->fault[0])
			return tunnel;
	return NULL;
}

static bool vpn_nb_tunnels_check(struct vpn_config *candidate, char *errmsg, size_t size)
{
	const struct vpn_tunnel_config *faulty = vpn_nb_faulty(&candidate->tunnels);

	if (!faulty)
		faulty = vpn_nb_faulty(&candidate->templates);
	if (!faulty)
		return vpn_routing_check(candidate, errmsg, size);
	strlcpy(errmsg, faulty->fault, size);
	return false;
}

/* All tunnel links at once: what is wrong with one may be another. */
int vpn_nb_tunnels_validate(struct nb_cb_pre_validate_args *args)
{
	struct vpn_config candidate;
	bool good;

	if (!yang_dnode_exists(args->dnode, "./tunnel-link") &&
	    !yang_dnode_exists(args->dnode, "./tunnel-link-template"))
		return NB_OK;
	vpn_config_init(&candidate);
	vpn_config_read(&candidate, args->dnode);
	good = vpn_nb_tunnels_check(&candidate, args->errmsg, args->errmsg_len);
	vpn_config_clear(&candidate);
	return good ? NB_OK : vpn_nb_refuse(args->errmsg);
}
