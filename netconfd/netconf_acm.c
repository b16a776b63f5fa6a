// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ietf-netconf-acm (RFC 8341) as mgmtd has it: netconfd is a front end of mgmtd
 * for all that clients ask, and a backend for this one module.
 *
 * So groups and rules are edited, validated, committed, rolled back, written as
 * commands (netconf_acm_cli.c, in mgmtd) and kept like any other configuration.
 * At the end of a commit that changed any of it, and when the connection with
 * mgmtd is made and there is any, a policy is made of all of it
 * (netconf_policy.c). When mgmtd goes away, what was last known holds. When it is
 * there again, it tells all rules that it has then, and these alone hold; a mgmtd
 * that has none, because its configuration is still to be read, takes none away.
 *
 * Before rules are known nobody may come in. When daemons start, mgmtd may still
 * be reading its configuration, and has running locked meanwhile: so, before
 * netconfd listens or calls home the first time, it waits until nobody has that
 * lock, and, if there are rules, until they are here. It does not look sooner:
 * mgmtd's running is empty before it begins to read. If mgmtd is away, or does
 * not answer, netconfd goes on waiting. It never keeps the lock: a command or a
 * daemon that comes at that moment would be refused.
 *
 * Counters of what was denied are state of the module; clients get it from
 * netconf_state.c, because mgmtd could not read it in this daemon's schema.
 *
 * How the module differs from the RFC here is in frr-deviations-ietf-netconf-acm;
 * frr-netconfd-acm-path has this daemon take paths of other daemons' modules.
 */
#include <zebra.h>

#include "lib/log.h"
#include "lib/mgmt_be_client.h"
#include "lib/northbound.h"
#include "lib/northbound_cli.h"
#include "lib/yang.h"
#include "lib/yang_wrappers.h"

#include "netconfd/netconf_access.h"
#include "netconfd/netconf_access_path.h"
#include "netconfd/netconf_acm.h"
#include "netconfd/netconf_acm_cli.h"
#include "netconfd/netconf_mgmt.h"

#define AGAIN_MSEC 200

static struct mgmt_be_client *client;
static struct event_loop *loop;

/* Waiting for rules; mgmt is NULL before and after it. */
static bool is_known;
static struct netconf_mgmt *mgmt;
static struct event *timer;
static void (*on_known)(void);

/* ---------------------------------------------------------------- configuration */

static int acm_create(struct nb_cb_create_args *args)
{
	return NB_OK;
}

static int acm_modify(struct nb_cb_modify_args *args)
{
	return NB_OK;
}

static int acm_destroy(struct nb_cb_destroy_args *args)
{
	return NB_OK;
}

static int acm_move(struct nb_cb_move_args *args)
{
	return NB_OK;
}

/* mgmtd takes any XPath there. */
static int acm_path_modify(struct nb_cb_modify_args *args)
{
	const char *text = yang_dnode_get_string(args->dnode, NULL);
	struct netconf_access_path *path;

	if (args->event != NB_EV_VALIDATE)
		return NB_OK;
	path = netconf_access_path_new(text);
	if (!path) {
		snprintf(args->errmsg, args->errmsg_len,
			 "%s is no path of a rule: it is /module:node/node[key='value']/...", text);
		return NB_ERR_VALIDATION;
	}
	netconf_access_path_free(path);
	return NB_OK;
}

static void become_known(void);

static void acm_apply_finish(struct nb_cb_apply_finish_args *args)
{
	netconf_access_set(netconf_policy_new(args->dnode));
	become_known();
}

/* ------------------------------------------------------------------------ state */

static struct yang_data *denied_operations(struct nb_cb_get_elem_args *args)
{
	return yang_data_new_uint32(args->xpath, netconf_access_counters().operations);
}

static struct yang_data *denied_writes(struct nb_cb_get_elem_args *args)
{
	return yang_data_new_uint32(args->xpath, netconf_access_counters().writes);
}

static struct yang_data *denied_notifications(struct nb_cb_get_elem_args *args)
{
	return yang_data_new_uint32(args->xpath, netconf_access_counters().notifications);
}

/* clang-format off */
const struct frr_yang_module_info ietf_netconf_acm_info = {
	.name = "ietf-netconf-acm",
	.nodes = {
		{
			.xpath = NETCONF_ACM_XPATH,
			.cbs.apply_finish = acm_apply_finish,
		},
		{
			.xpath = NETCONF_ACM_XPATH "/read-default",
			.cbs.modify = acm_modify,
		},
		{
			.xpath = NETCONF_ACM_XPATH "/write-default",
			.cbs.modify = acm_modify,
		},
		{
			.xpath = NETCONF_ACM_XPATH "/exec-default",
			.cbs.modify = acm_modify,
		},
		{
			.xpath = NETCONF_ACM_XPATH "/denied-operations",
			.cbs.get_elem = denied_operations,
		},
		{
			.xpath = NETCONF_ACM_XPATH "/denied-data-writes",
			.cbs.get_elem = denied_writes,
		},
		{
			.xpath = NETCONF_ACM_XPATH "/denied-notifications",
			.cbs.get_elem = denied_notifications,
		},
		{
			.xpath = NETCONF_ACM_XPATH "/groups/group",
			.cbs = {
				.create = acm_create,
				.destroy = acm_destroy,
			},
		},
		{
			.xpath = NETCONF_ACM_XPATH "/groups/group/user-name",
			.cbs = {
				.create = acm_create,
				.destroy = acm_destroy,
			},
		},
		{
			.xpath = NETCONF_ACM_XPATH "/rule-list",
			.cbs = {
				.create = acm_create,
				.destroy = acm_destroy,
				.move = acm_move,
			},
		},
		{
			.xpath = NETCONF_ACM_XPATH "/rule-list/group",
			.cbs = {
				.create = acm_create,
				.destroy = acm_destroy,
			},
		},
		{
			.xpath = NETCONF_ACM_XPATH "/rule-list/rule",
			.cbs = {
				.create = acm_create,
				.destroy = acm_destroy,
				.move = acm_move,
			},
		},
		{
			.xpath = NETCONF_ACM_XPATH "/rule-list/rule/module-name",
			.cbs.modify = acm_modify,
		},
		{
			.xpath = NETCONF_ACM_XPATH "/rule-list/rule/rpc-name",
			.cbs = {
				.modify = acm_modify,
				.destroy = acm_destroy,
			},
		},
		{
			.xpath = NETCONF_ACM_XPATH "/rule-list/rule/notification-name",
			.cbs = {
				.modify = acm_modify,
				.destroy = acm_destroy,
			},
		},
		{
			.xpath = NETCONF_ACM_XPATH "/rule-list/rule/path",
			.cbs = {
				.modify = acm_path_modify,
				.destroy = acm_destroy,
			},
		},
		{
			.xpath = NETCONF_ACM_XPATH "/rule-list/rule/access-operations",
			.cbs.modify = acm_modify,
		},
		{
			.xpath = NETCONF_ACM_XPATH "/rule-list/rule/action",
			.cbs.modify = acm_modify,
		},
		{
			.xpath = NETCONF_ACM_XPATH "/rule-list/rule/comment",
			.cbs = {
				.modify = acm_modify,
				.destroy = acm_destroy,
			},
		},
		{
			.xpath = NULL,
		},
	},
};

const struct frr_yang_module_info ietf_netconf_acm_deviations_info = {
	.name = "frr-deviations-ietf-netconf-acm",
	.ignore_cfg_cbs = true,
	.nodes = { { .xpath = NULL } },
};

const struct frr_yang_module_info frr_netconfd_acm_path_info = {
	.name = "frr-netconfd-acm-path",
	.ignore_cfg_cbs = true,
	.nodes = { { .xpath = NULL } },
};
/* clang-format on */

/* ---------------------------------------------------------------- waiting for rules */

static void look(struct event *event);

static void become_known(void)
{
	if (is_known)
		return;
	is_known = true;
	if (on_known)
		on_known();
}

/* One more time, or never again. */
static void look_ends(void)
{
	if (!is_known) {
		event_add_timer_msec(loop, look, NULL, AGAIN_MSEC, &timer);
		return;
	}
	netconf_mgmt_free(mgmt);
	mgmt = NULL;
}

/* These are all rules of running; if there are some, it is not we who tell (acm_apply_finish). */
static void looked(struct netconf_reply *reply)
{
	if (reply->ok && (!reply->data || !reply->data[0]))
		become_known();
	look_ends();
}

static void is_quiet(struct netconf_reply *reply)
{
	if (reply->ok)
		netconf_mgmt_get_later(mgmt, MGMT_MSG_DATASTORE_RUNNING, LYD_XML,
				       GET_DATA_FLAG_CONFIG, NETCONF_ACM_XPATH, looked);
	else
		look_ends();
}

static void look(struct event *event)
{
	if (is_known)
		look_ends();
	else
		netconf_mgmt_quiet_later(mgmt, MGMTD_DS_RUNNING, is_quiet);
}

bool netconf_acm_await(void (*known)(void))
{
	on_known = known;
	if (is_known || mgmt)
		return is_known;
	zlog_info("NETCONF: waiting for mgmtd's rules of access");
	mgmt = netconf_mgmt_new();
	event_add_timer_msec(loop, look, NULL, 0, &timer);
	return false;
}

/* -------------------------------------------------------------------- begin and end */

/*
 * mgmtd is going to tell all that it has. What an earlier one had, and this one has
 * not, is not to stay beside it.
 */
static void connected(struct mgmt_be_client *be_client, uintptr_t user_data, bool is_connected)
{
	if (!is_connected)
		return;
	nb_config_replace(vty_shared_candidate_config, nb_config_new(NULL), false);
	nb_config_replace(running_config, nb_config_new(NULL), false);
}

static struct mgmt_be_client_cbs callbacks = {
	.client_connect_notify = connected,
};

void netconf_acm_init(struct event_loop *event_loop)
{
	loop = event_loop;
	netconf_access_set(netconf_policy_new(NULL));
	client = mgmt_be_client_create("netconfd", &callbacks, 0, loop);
}

void netconf_acm_fini(void)
{
	event_cancel(&timer);
	mgmt_be_client_destroy(client);
	client = NULL;
}
