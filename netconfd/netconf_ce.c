// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A customer edge's calls to its provider's servers
 * (draft-ietf-l3vpn-ce-based-02, section 3; call home: RFC 8071).
 *
 * Whom to call is in vpnd's configuration (frr-vpnd:vpn/customer-edge), so that
 * it is written once. It is read from mgmtd when mgmtd comes, and whenever vpnd
 * says that a server is wanted, which also means: now. It becomes one more name
 * that is called home, with credentials of its own, that is not written back.
 * That there is no customer edge any more is believed when vpnd says so: a mgmtd
 * that has just come has not read its file yet, and vpnd, which has what was in
 * it, will find nothing new there.
 *
 *     vpnd ── provisioning-wanted ──▶ here ── configuration? ──▶ mgmtd
 *      ▲                               │
 *      │                               ▼
 *      └── provisioning-contact ─── netconf_home ══ TLS ══▶ the provider's server
 *
 * Whoever proves by the CA that is named there to be a client of TLS is the
 * server, and may write: the provider's authority certifies CEs as servers of
 * TLS and its own servers as clients (RFC 5280, section 4.2.1.12), and OpenSSL
 * looks at that. So a CE cannot pose as the server of another.
 *
 * A server that comes by itself is let in by the same files, where netconfd
 * listens for TLS and has no others (netconf_transport.c): so these are renewed
 * like those of a customer edge that calls.
 *
 * What becomes of the calls is told to vpnd by an RPC; vpnd decides what
 * follows. netconf_home.c tells nobody, it is asked once a second.
 */
#include <zebra.h>

#include <libyang/libyang.h>

#include "lib/frrevent.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "lib/mgmt_msg_native.h"
#include "lib/monotime.h"
#include "lib/typesafe.h"

#include "netconfd/netconf_ce.h"
#include "netconfd/netconf_config.h"
#include "netconfd/netconf_home.h"
#include "netconfd/netconf_memory.h"
#include "netconfd/netconf_mgmt.h"
#include "netconfd/netconf_schema.h"
#include "netconfd/netconf_value.h"

#define CE_HOME	     "customer-edge" /* the name that is called */
#define CE_XPATH     "/frr-vpnd:vpn/customer-edge"
#define CE_WANTED    "\"frr-vpnd:provisioning-wanted\""
#define CE_RPC	     "/frr-vpnd:provisioning-contact"
#define CE_ATTEMPTS  1 /* at one server, before the next */
#define CE_LOOK_MSEC 1000
#define CE_AGAIN_S   60 /* vpnd is told again of a session that lasts */

PREDECL_LIST(ce_reports);

/* What vpnd is to be told. */
struct ce_report {
	struct ce_reports_item item;
	char xml[768];
};

DECLARE_LIST(ce_reports, struct ce_report, item);

/* What was last seen of the calls. */
struct ce_seen {
	bool connected;
	time_t contact;
	uint32_t failures;
};

static struct event_loop *loop;
static struct event *timer;
static struct netconf_mgmt *mgmt;
static struct ce_reports_head reports[1];
static struct ce_report *telling; /* its XML must stay until it is answered */
static bool asking;		  /* mgmt is asked something */
static bool read_again;		  /* the configuration is to be read when that is answered */
static bool vpnd_says_so;	  /* to be read as vpnd has said that it is another … */
static bool none_is_none; /* … and is being read since: if there is no customer edge, there is none */
static struct ce_seen seen;
static time_t session_told; /* monotonic s */
static _Atomic bool active; /* there is a customer edge */

static void next(void);

bool netconf_ce_may_write(const char *user)
{
	return active && user && strmatch(user, NETCONF_CE_USER);
}

/* ------------------------------------------------------------ what vpnd is told */

static void report_add(const char *event, const char *address, const char *port, const char *text)
{
	struct ce_report *report = XCALLOC(MTYPE_NETCONF_CONFIG, sizeof(*report));
	struct lyd_node *rpc = NULL;
	char *xml = NULL;

	/* libyang writes it: words may have anything in them */
	if (lyd_new_path(NULL, netconf_schema(), CE_RPC, NULL, 0, &rpc) == LY_SUCCESS) {
		if (address)
			(void)lyd_new_term(rpc, NULL, "address", address, 0, NULL);
		if (port)
			(void)lyd_new_term(rpc, NULL, "port", port, 0, NULL);
		(void)lyd_new_term(rpc, NULL, "event", event, 0, NULL);
		if (text)
			(void)lyd_new_term(rpc, NULL, "text", text, 0, NULL);
		(void)lyd_print_mem(&xml, rpc, LYD_XML, LYD_PRINT_SHRINK);
	}
	lyd_free_all(rpc);
	if (xml && strlen(xml) < sizeof(report->xml)) {
		strlcpy(report->xml, xml, sizeof(report->xml));
		ce_reports_add_tail(reports, report);
	} else {
		XFREE(MTYPE_NETCONF_CONFIG, report);
	}
	free(xml);
}

/* "192.0.2.1 port 4335", as netconf_home.c has it. */
static void report_server(const char *event, const char *server, const char *text)
{
	char address[INET6_ADDRSTRLEN];
	const char *port = server ? strstr(server, " port ") : NULL;

	if (strmatch(event, "session"))
		session_told = monotime(NULL);

	if (!port || (size_t)(port - server) >= sizeof(address)) {
		report_add(event, NULL, NULL, text);
		return;
	}
	snprintf(address, sizeof(address), "%.*s", (int)(port - server), server);
	report_add(event, address, port + strlen(" port "), text);
}

static void look_at(const struct netconf_home_status *status, void *arg)
{
	if (!strmatch(status->name, CE_HOME))
		return;
	if (status->last_contact && status->last_contact != seen.contact)
		report_server("session", status->last_server, NULL);
	else if (status->connected && monotime(NULL) - session_told >= CE_AGAIN_S)
		report_server("session", status->last_server, NULL); /* still; we might have died */
	/* one that was there between two looks has begun and ended */
	if (!status->connected && (seen.connected || status->last_contact != seen.contact))
		report_server("ended", status->last_server, NULL);
	/* one that broke off has counted anew */
	if (status->failures > seen.failures ||
	    (status->failures && status->last_contact != seen.contact))
		report_server("failed", status->server, status->error);
	seen = (struct ce_seen){ status->connected, status->last_contact, status->failures };
}

static void look(struct event *event)
{
	netconf_home_each(look_at, NULL);
	next();
	if (active)
		event_add_timer_msec(loop, look, NULL, CE_LOOK_MSEC, &timer);
}

/* -------------------------------------------------------------- the configuration */

static const struct lyd_node *child_of(const struct lyd_node *parent, const char *name)
{
	const struct lyd_node *child;

	LY_LIST_FOR (lyd_child(parent), child)
		if (strmatch(LYD_NAME(child), name))
			return child;
	return NULL;
}

static bool server_add(struct netconf_home *home, const char *address, uint16_t port)
{
	struct netconf_home *other = netconf_config_home_at(address, port);

	if (other && other != home) {
		zlog_warn("customer-edge: server %s port %u is called already, as call-home %s: it is left to that",
			  address, port, other->name);
		return false;
	}
	netconf_config_server(home, address, port, true);
	return true;
}

static void home_remove(void)
{
	struct netconf_home *home = netconf_config_home(CE_HOME, false);

	event_cancel(&timer);
	if (!home)
		return;
	netconf_config_home_remove(home);
	netconf_config_changed();
}

static bool is_other(const char *a, const char *b)
{
	return !a != !b || (a && !strmatch(a, b));
}

static bool edge_set(char **where, const char *value)
{
	bool other = is_other(*where, value);

	if (other)
		netconf_config_set(where, value);
	return other;
}

/* The files that the customer edge proves itself by, all three or none, and has servers prove themselves. */
static void files_take(const struct lyd_node *ce)
{
	const struct lyd_node *files = ce ? child_of(ce, "certificate") : NULL;
	bool changed;

	active = files && netconf_value_of(files, "certificate") &&
		 netconf_value_of(files, "key") && netconf_value_of(files, "ca");
	changed = edge_set(&netconf_config->edge_certificate,
			   active ? netconf_value_of(files, "certificate") : NULL);
	changed |= edge_set(&netconf_config->edge_key,
			    active ? netconf_value_of(files, "key") : NULL);
	changed |= edge_set(&netconf_config->edge_ca, active ? netconf_value_of(files, "ca") : NULL);
	if (changed)
		netconf_config_changed();
}

/* What makes up a call; "" unless it is complete. */
static void summary(const struct lyd_node *ce, char *text, size_t size)
{
	const struct lyd_node *files = child_of(ce, "certificate"), *child;
	int used;

	text[0] = '\0';
	if (!active || !child_of(ce, "server"))
		return;
	used = snprintf(text, size, "%s %s %s %s", netconf_value_of(files, "certificate"),
			netconf_value_of(files, "key"), netconf_value_of(files, "ca"),
			netconf_value_of(ce, "interval") ? netconf_value_of(ce, "interval")
							 : "3600");
	LY_LIST_FOR (lyd_child(ce), child)
		if (strmatch(LYD_NAME(child), "server") && used > 0 && (size_t)used < size)
			used += snprintf(text + used, size - used, " %s %s",
					 netconf_value_of(child, "address"),
					 netconf_value_of(child, "port"));
}

static void home_make(const struct lyd_node *ce)
{
	const struct lyd_node *files = child_of(ce, "certificate"), *child;
	const char *interval = netconf_value_of(ce, "interval");
	struct netconf_home *home;

	home_remove();
	home = netconf_config_home(CE_HOME, true);
	home->hidden = true;
	home->transport = NETCONF_TLS;
	home->attempts = CE_ATTEMPTS;
	home->period = interval ? strtoul(interval, NULL, 10) : 3600;
	netconf_config_set(&home->certificate, netconf_value_of(files, "certificate"));
	netconf_config_set(&home->key, netconf_value_of(files, "key"));
	netconf_config_set(&home->ca, netconf_value_of(files, "ca"));
	netconf_config_set(&home->user, NETCONF_CE_USER);
	LY_LIST_FOR (lyd_child(ce), child)
		if (strmatch(LYD_NAME(child), "server"))
			server_add(home, netconf_value_of(child, "address"),
				   strtoul(netconf_value_of(child, "port"), NULL, 10));
	netconf_config_changed();
	zlog_notice("customer-edge: %zu servers of the provider's are called",
		    netconf_servers_count(home->servers));
	event_add_timer_msec(loop, look, NULL, CE_LOOK_MSEC, &timer);
}

/* Takes over what is configured now, and calls now. */
static void take(const struct lyd_node *ce)
{
	static char was[4096];
	char now[sizeof(was)] = "";

	files_take(ce);
	if (ce)
		summary(ce, now, sizeof(now));
	if (!now[0]) {
		was[0] = '\0';
		home_remove();
		return;
	}
	/* what was typed over, or removed with "no netconf", is made anew */
	if (strcmp(was, now) != 0 || !netconf_config_home(CE_HOME, false)) {
		strlcpy(was, now, sizeof(was));
		home_make(ce);
	}
	netconf_home_call(CE_HOME);
}

static void take_or_keep(const struct lyd_node *ce)
{
	if (ce || none_is_none)
		take(ce);
}

static void config_arrived(struct netconf_reply *reply)
{
	const struct ly_ctx *ctx = netconf_schema();
	struct lyd_node *data = NULL, *ce = NULL;

	asking = false;
	if (!reply->ok) {
		zlog_info("customer-edge: mgmtd does not tell its configuration: %s",
			  reply->words ? reply->words : "no reason given");
	} else if (!reply->data || !reply->data[0]) {
		take_or_keep(NULL);
	} else if (lyd_parse_data_mem(ctx, reply->data, LYD_XML, LYD_PARSE_ONLY, 0, &data) ==
		   LY_SUCCESS) {
		if (data)
			(void)lyd_find_path(data, CE_XPATH, 0, &ce);
		take_or_keep(ce);
	}
	lyd_free_all(data);
	next();
}

static void told(struct netconf_reply *reply)
{
	if (!reply->ok)
		zlog_info("customer-edge: vpnd is not told of a call: %s",
			  reply->words ? reply->words : "no reason given");
	XFREE(MTYPE_NETCONF_CONFIG, telling);
	asking = false;
	next();
}

/* mgmtd is asked one thing at a time: what is configured, then each report. */
static void next(void)
{
	if (asking || !netconf_mgmt_is_connected() || !netconf_schema())
		return;
	if (read_again) {
		read_again = false;
		none_is_none = vpnd_says_so;
		vpnd_says_so = false;
		asking = true;
		netconf_mgmt_get_later(mgmt, MGMT_MSG_DATASTORE_RUNNING, LYD_XML,
				       GET_DATA_FLAG_CONFIG, CE_XPATH, config_arrived);
		return;
	}
	telling = ce_reports_pop(reports);
	if (!telling)
		return;
	asking = true;
	netconf_mgmt_rpc_later(mgmt, CE_RPC, telling->xml, told);
}

void netconf_ce_refresh(void)
{
	/* where there is no vpnd there is no customer edge */
	if (!ly_ctx_get_module_implemented(netconf_schema(), "frr-vpnd"))
		return;
	read_again = true;
	next();
}

void netconf_ce_notified(const char *json)
{
	if (!strstr(json, CE_WANTED))
		return;
	vpnd_says_so = true;
	netconf_ce_refresh();
}

void netconf_ce_init(struct event_loop *event_loop)
{
	loop = event_loop;
	ce_reports_init(reports);
	mgmt = netconf_mgmt_new();
}

void netconf_ce_fini(void)
{
	struct ce_report *report;

	netconf_config_set(&netconf_config->edge_certificate, NULL);
	netconf_config_set(&netconf_config->edge_key, NULL);
	netconf_config_set(&netconf_config->edge_ca, NULL);
	while ((report = ce_reports_pop(reports)))
		XFREE(MTYPE_NETCONF_CONFIG, report);
	XFREE(MTYPE_NETCONF_CONFIG, telling);
}
