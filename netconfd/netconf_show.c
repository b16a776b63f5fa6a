// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What "show netconf" and its kin tell: the server, its sessions, whom it calls.
 */
#include <zebra.h>

#include "lib/command.h"
#include "lib/json.h"
#include "lib/vty.h"

#include "netconfd/netconf_access.h"
#include "netconfd/netconf_config.h"
#include "netconfd/netconf_confirm.h"
#include "netconfd/netconf_home.h"
#include "netconfd/netconf_mgmt.h"
#include "netconfd/netconf_server.h"
#include "netconfd/netconf_session.h"
#include "netconfd/netconf_show.h"
#include "netconfd/netconf_transport.h"
#include "netconfd/netconf_vty.h"
#include "netconfd/netconf_show_clippy.c"

static void session_json(struct netconf_session *session, void *arg)
{
	json_object *sessions = arg, *json = json_object_new_object();

	json_object_int_add(json, "sessionId", session->id);
	json_object_string_add(json, "user", session->user);
	json_object_string_add(json, "host", session->host);
	json_object_string_add(json, "transport", session->transport);
	json_object_boolean_add(json, "callHome", session->home != NULL);
	if (session->home)
		json_object_string_add(json, "calledFor", session->home);
	json_object_int_add(json, "since", session->since);
	json_object_int_add(json, "rpcs", session->rpcs);
	json_object_int_add(json, "badRpcs", session->bad_rpcs);
	json_object_int_add(json, "errors", session->errors);
	json_object_int_add(json, "notifications", session->notifications);
	json_object_boolean_add(json, "candidateLocked", session->candidate_locked);
	json_object_boolean_add(json, "runningLocked", session->running_locked);
	json_object_boolean_add(json, "subscribed", session->subscription != NULL);
	json_object_array_add(sessions, json);
}

static void session_line(struct netconf_session *session, void *arg)
{
	struct vty *vty = arg;

	vty_out(vty, "%-6u %-16s %-24s %-12s %8u %8u  %s%s%s%s\n", session->id, session->user,
		session->host, session->transport, session->rpcs, session->errors,
		session->candidate_locked ? "candidate " : "",
		session->running_locked ? "running " : "",
		session->subscription ? "notifications " : "", session->home ? "call-home" : "");
}

DEFPY (show_netconf_sessions,
       show_netconf_sessions_cmd,
       "show netconf sessions [json]$json",
       SHOW_STR NETCONF_STR
       "Who is there\n"
       JSON_STR)
{
	json_object *object;

	if (json) {
		object = json_object_new_object();
		json_object *sessions = json_object_new_array();

		json_object_object_add(object, "sessions", sessions);
		netconf_session_each(session_json, sessions);
		return vty_json(vty, object);
	}
	vty_out(vty, "%-6s %-16s %-24s %-12s %8s %8s  %s\n", "ID", "User", "From", "Transport",
		"RPCs", "Errors", "Locks and more");
	netconf_session_each(session_line, vty);
	return CMD_SUCCESS;
}

static const char *home_state(const struct netconf_home_status *status)
{
	return status->connected ? "connected" : status->calling ? "calling" : "waiting";
}

static void home_json(const struct netconf_home_status *status, void *arg)
{
	json_object *homes = arg, *json = json_object_new_object();

	json_object_string_add(json, "state", home_state(status));
	json_object_string_add(json, "server", status->server);
	if (status->last_server) {
		json_object_string_add(json, "lastServer", status->last_server);
		json_object_int_add(json, "lastContact", status->last_contact);
	}
	json_object_int_add(json, "failures", status->failures);
	if (status->error)
		json_object_string_add(json, "error", status->error);
	if (!status->connected)
		json_object_int_add(json, "nextCall", status->next_call);
	json_object_object_add(homes, status->name, json);
}

static void home_line(const struct netconf_home_status *status, void *arg)
{
	struct vty *vty = arg;

	vty_out(vty, "%s: %s, %s\n", status->name, home_state(status), status->server);
	if (!status->connected && !status->calling)
		vty_out(vty, "  next call in %ld s, after %u failures\n", status->next_call,
			status->failures);
	if (status->last_server)
		vty_out(vty, "  last session %ld s ago, with %s\n",
			(long)(time(NULL) - status->last_contact), status->last_server);
	if (status->error)
		vty_out(vty, "  last failure: %s\n", status->error);
}

DEFPY (show_netconf_call_home,
       show_netconf_call_home_cmd,
       "show netconf call-home [json]$json",
       SHOW_STR NETCONF_STR
       "Who is called\n"
       JSON_STR)
{
	json_object *homes;

	if (!json) {
		netconf_home_each(home_line, vty);
		return CMD_SUCCESS;
	}
	homes = json_object_new_object();
	netconf_home_each(home_json, homes);
	return vty_json(vty, homes);
}

DEFPY (show_netconf,
       show_netconf_cmd,
       "show netconf [json]$json",
       SHOW_STR NETCONF_STR JSON_STR)
{
	struct netconf_access_counters denied = netconf_access_counters();
	struct netconf_server_state state = netconf_server_state();
	const char *problem = netconf_transport_problem();
	long waiting = netconf_confirm_waiting();
	json_object *object;

	if (json) {
		object = json_object_new_object();
		json_object_boolean_add(object, "mgmtd", netconf_mgmt_is_connected());
		json_object_int_add(object, "listening", state.listening);
		json_object_int_add(object, "sessions", netconf_session_count());
		json_object_int_add(object, "handshakes", state.handshakes);
		json_object_int_add(object, "refused", state.refused);
		json_object_int_add(object, "deniedOperations", denied.operations);
		json_object_int_add(object, "deniedDataWrites", denied.writes);
		json_object_int_add(object, "deniedNotifications", denied.notifications);
		if (waiting >= 0)
			json_object_int_add(object, "confirmWithin", waiting);
		if (problem)
			json_object_string_add(object, "problem", problem);
		return vty_json(vty, object);
	}
	vty_out(vty, "mgmtd:      %s\n", netconf_mgmt_is_connected() ? "connected" : "not there");
	vty_out(vty, "listening:  on %u addresses\n", state.listening);
	vty_out(vty, "sessions:   %u of %u, %u in handshake, %u refused\n", netconf_session_count(),
		netconf_config->session_limit, state.handshakes, state.refused);
	vty_out(vty, "denied:     %u operations, %u changes, %u notifications\n", denied.operations,
		denied.writes, denied.notifications);
	if (waiting >= 0)
		vty_out(vty, "commit:     waits %ld s to be confirmed\n", waiting);
	if (problem)
		vty_out(vty, "problem:    %s\n", problem);
	return CMD_SUCCESS;
}

void netconf_show_init(void)
{
	install_element(VIEW_NODE, &show_netconf_call_home_cmd);
	install_element(VIEW_NODE, &show_netconf_cmd);
	install_element(VIEW_NODE, &show_netconf_sessions_cmd);
}
