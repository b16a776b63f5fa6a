// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The configuration put into effect: what libnetconf2 listens on and calls, and
 * whom it lets in.
 *
 * libnetconf2 takes its configuration as data of ietf-netconf-server. That data
 * is made from ours as a whole, keys read from their files, and handed over by
 * a thread of its own: libnetconf2 waits until nobody is in the middle of a
 * handshake, and the event loop must not.
 *
 * A file that cannot be read, a port that is taken: the log and "show netconf"
 * say so, and the rest of the configuration works.
 *
 * SSH users have public keys and nothing else; a user without one cannot come by
 * SSH. The same users and host key are used for call home.
 */
#include <zebra.h>

#include <libyang/libyang.h>
#include "netconfd/netconf_nc.h"

#include "lib/frr_pthread.h"
#include "lib/frrevent.h"
#include "lib/libfrr.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "lib/privs.h"

#include "netconfd/netconf_acm.h"
#include "netconfd/netconf_ce.h"
#include "netconfd/netconf_config.h"
#include "netconfd/netconf_home.h"
#include "netconfd/netconf_memory.h"
#include "netconfd/netconf_schema.h"
#include "netconfd/netconf_server.h"
#include "netconfd/netconf_transport.h"

#define SETTLE_MSEC 100
#define AGAIN_SEC   5
#define EARLY_MAX   5

#define LISTEN_PATH "/ietf-netconf-server:netconf-server/listen/endpoints/endpoint[name='%s']"
#define HOME_PATH                                                                                  \
	"/ietf-netconf-server:netconf-server/call-home/netconf-client[name='%s']/endpoints/endpoint[name='%s']"

extern struct zebra_privs_t netconfd_privs;

static struct event_loop *loop;
static struct event *timer;
static struct ly_ctx *ctx; /* of libnetconf2's configuration */
static char problem[512];
static bool stopping;

/* What the thread that configures libnetconf2 has to do; one at a time. */
static struct {
	struct frr_pthread *thread;
	struct lyd_node *data;
	bool again;
	bool early;		/* somebody was called too early */
	unsigned int too_early; /* how often in a row */
	int result;
} job;

const char *netconf_transport_problem(void)
{
	return problem[0] ? problem : NULL;
}

/* Remembers the first problem, and logs all. */
static void complain(const char *format, ...) PRINTFRR(1, 2);
static void complain(const char *format, ...)
{
	char words[sizeof(problem)];
	va_list ap;

	va_start(ap, format);
	vsnprintfrr(words, sizeof(words), format, ap);
	va_end(ap);
	zlog_warn("%s", words);
	if (!problem[0])
		strlcpy(problem, words, sizeof(problem));
}

static bool readable(const char *what, const char *file)
{
	if (!file) {
		complain("%s is not configured", what);
		return false;
	}
	if (access(file, R_OK)) {
		complain("%s: %s: %s", what, file, safe_strerror(errno));
		return false;
	}
	return true;
}

/* ---------------------------------------------------------------- one endpoint */

/* Where something listens, or, with home, is called. */
struct endpoint {
	const struct netconf_home *home;
	char name[128];
	enum netconf_transport transport;
	const char *address;
	uint16_t port;
};

static bool endpoint_address(const struct endpoint *ep, struct lyd_node **data)
{
	NC_TRANSPORT_IMPL impl = ep->transport == NETCONF_SSH ? NC_TI_SSH : NC_TI_TLS;
	char port[8];

	if (!ep->home)
		return !nc_server_config_add_address_port(ctx, ep->name, impl, ep->address,
							  ep->port, data);
	snprintf(port, sizeof(port), "%u", ep->port);
	return !nc_server_config_add_ch_address_port(ctx, ep->home->name, ep->name, impl,
						     ep->address, port, data);
}

static void endpoint_user(const struct endpoint *ep, struct netconf_user *user,
			  struct lyd_node **data)
{
	struct netconf_key *key;
	char name[16];
	unsigned int number = 0;
	int ret;

	frr_each (netconf_keys, user->keys, key) {
		if (!readable("public key", key->file))
			continue;
		snprintf(name, sizeof(name), "key%u", ++number);
		if (ep->home)
			ret = nc_server_config_add_ch_ssh_user_pubkey(ctx, ep->home->name, ep->name,
								      user->name, name, key->file,
								      data);
		else
			ret = nc_server_config_add_ssh_user_pubkey(ctx, ep->name, user->name, name,
								   key->file, data);
		if (ret)
			complain("user %s: %s is not a public key of SSH", user->name, key->file);
	}
}

static bool endpoint_ssh(const struct endpoint *ep, struct lyd_node **data)
{
	const char *file = netconf_config->host_key;
	struct netconf_user *user;
	int ret;

	if (!readable("ssh host-key", file) || !endpoint_address(ep, data))
		return false;
	if (ep->home)
		ret = nc_server_config_add_ch_ssh_hostkey(ctx, ep->home->name, ep->name, "host",
							  file, NULL, data);
	else
		ret = nc_server_config_add_ssh_hostkey(ctx, ep->name, "host", file, NULL, data);
	if (ret) {
		complain("ssh host-key %s is no private key in PEM (ssh-keygen -t ecdsa -m PEM makes one)",
			 file);
		return false;
	}
	frr_each (netconf_users, netconf_config->users, user)
		endpoint_user(ep, user, data);
	return true;
}

/* Who a client is: what the name that is called says, or the mappings of all. */
static void endpoint_map(const struct endpoint *ep, const struct netconf_map *map,
			 struct lyd_node **data)
{
	NC_TLS_CTN_MAPTYPE type = map->user ? NC_TLS_CTN_SPECIFIED : NC_TLS_CTN_COMMON_NAME;
	/* libnetconf2 wants a name, also where it means nothing */
	const char *user = map->user ? map->user : "-";
	int ret;

	if (ep->home)
		ret = nc_server_config_add_ch_tls_ctn(ctx, ep->home->name, ep->name, map->order,
						      map->fingerprint, type, user, data);
	else
		ret = nc_server_config_add_tls_ctn(ctx, ep->name, map->order, map->fingerprint,
						   type, user, data);
	if (ret)
		complain("tls client %u: libnetconf2 refuses the mapping", map->order);
}

static bool endpoint_tls(const struct endpoint *ep, struct lyd_node **data)
{
	static char edge_user[] = NETCONF_CE_USER;
	struct netconf_map own = { .order = 1, .user = ep->home ? ep->home->user : NULL };
	const bool is_own = ep->home && ep->home->certificate;
	const char *certificate = is_own ? ep->home->certificate : netconf_config->certificate;
	const char *key = is_own ? ep->home->key : netconf_config->key;
	const char *ca = is_own ? ep->home->ca : netconf_config->ca;
	struct netconf_map *map;
	int ret;

	/* a customer edge that is called, not calling: whom its provider certifies is the server */
	if (!ep->home && !certificate && netconf_config->edge_certificate) {
		certificate = netconf_config->edge_certificate;
		key = netconf_config->edge_key;
		ca = netconf_config->edge_ca;
		if (!netconf_maps_count(netconf_config->maps))
			own.user = edge_user;
	}
	if (!readable("tls certificate", certificate) || !readable("tls key", key) ||
	    !readable("tls ca", ca) || !endpoint_address(ep, data))
		return false;
	if (ep->home)
		ret = nc_server_config_add_ch_tls_server_cert(ctx, ep->home->name, ep->name, key,
							      NULL, certificate, data) ||
		      nc_server_config_add_ch_tls_ca_cert(ctx, ep->home->name, ep->name, "ca", ca,
							  data);
	else
		ret = nc_server_config_add_tls_server_cert(ctx, ep->name, key, NULL, certificate,
							   data) ||
		      nc_server_config_add_tls_ca_cert(ctx, ep->name, "ca", ca, data);
	if (ret) {
		complain("tls: %s, %s or %s is not in PEM, or is not what it should be",
			 certificate, key, ca);
		return false;
	}
	if (own.user) {
		endpoint_map(ep, &own, data);
		return true;
	}
	frr_each (netconf_maps, netconf_config->maps, map)
		endpoint_map(ep, map, data);
	return true;
}

/* Adds an endpoint, whole or not at all. */
static bool endpoint_add(const struct endpoint *ep, struct lyd_node **data)
{
	struct lyd_node *made = NULL;
	bool good = ep->transport == NETCONF_SSH ? endpoint_ssh(ep, &made) : endpoint_tls(ep, &made);

	good = good && lyd_merge_siblings(data, made, LYD_MERGE_DEFAULTS) == LY_SUCCESS;
	lyd_free_all(made);
	return good;
}

/* ---------------------------------------------------------------------- all of it */

static void add_listens(struct lyd_node **data)
{
	struct netconf_listen *listen;

	frr_each (netconf_listens, netconf_config->listens, listen) {
		struct endpoint ep = {
			.transport = listen->transport,
			.address = listen->address,
			.port = listen->port,
		};

		snprintfrr(ep.name, sizeof(ep.name), "%s-%u", listen->address, listen->port);
		endpoint_add(&ep, data);
	}
}

/* libnetconf2 asks each second; netconf_home.c says who is called when. */
static void add_home_strategy(const struct netconf_home *home, struct lyd_node **data)
{
	if (nc_server_config_add_ch_persistent(ctx, home->name, data) ||
	    nc_server_config_add_ch_reconnect_strategy(ctx, home->name, NC_CH_FIRST_LISTED, 1, 1,
						       data))
		complain("call-home %s: libnetconf2 refuses how to call", home->name);
}

/* TCP keep-alives of a connection that was called. */
static void add_home_keep_alive(const struct netconf_home *home, const struct endpoint *ep,
				struct lyd_node *data)
{
	const char *transport = ep->transport == NETCONF_SSH ? "ssh/tcp-client-parameters"
							     : "tls/tcp-client-parameters";
	char path[512], value[8];

	if (!home->keep_alive_idle)
		return;
	snprintf(path, sizeof(path), HOME_PATH "/%s/keepalives/idle-time", home->name, ep->name,
		 transport);
	snprintf(value, sizeof(value), "%u", home->keep_alive_idle);
	if (lyd_new_path(data, ctx, path, value, LYD_NEW_PATH_UPDATE, NULL) != LY_SUCCESS)
		complain("call-home %s: libnetconf2 has no keep-alive", home->name);
	snprintf(path, sizeof(path), HOME_PATH "/%s/keepalives/probe-interval", home->name,
		 ep->name, transport);
	snprintf(value, sizeof(value), "%u", home->keep_alive_interval);
	(void)lyd_new_path(data, ctx, path, value, LYD_NEW_PATH_UPDATE, NULL);
}

static void add_homes(struct lyd_node **data)
{
	struct netconf_home *home;
	struct netconf_server *server;

	frr_each (netconf_homes, netconf_config->homes, home) {
		bool any = false;

		frr_each (netconf_servers, home->servers, server) {
			struct endpoint ep = {
				.home = home,
				.transport = home->transport,
				.address = server->address,
				.port = server->port,
			};

			snprintfrr(ep.name, sizeof(ep.name), "%s-%u", server->address, server->port);
			if (!endpoint_add(&ep, data))
				continue;
			any = true;
			add_home_keep_alive(home, &ep, *data);
		}
		if (any)
			add_home_strategy(home, data);
	}
}

/* The whole configuration as libnetconf2 wants it; NULL when there is nothing. */
static struct lyd_node *make_data(void)
{
	struct lyd_node *data = NULL;

	if (lyd_new_path(NULL, ctx, "/ietf-netconf-server:netconf-server", NULL, 0, &data) !=
	    LY_SUCCESS)
		return NULL;
	/* netconf_session.c keeps the time: libnetconf2 would end who comes again after 180 s */
	(void)lyd_new_path(data, ctx, "/ietf-netconf-server:netconf-server/listen/idle-timeout",
			   "0", 0, NULL);
	add_listens(&data);
	add_homes(&data);
	/* unnamed parameters take the values that the module gives them */
	(void)lyd_new_implicit_all(&data, ctx, LYD_IMPLICIT_NO_STATE, NULL);
	return data;
}

/* ----------------------------------------------------------------------- the thread */

static void job_end(struct event *event);
static void apply(struct event *event);

static void *job_run(void *arg)
{
	struct frr_pthread *fpt = arg;

	frr_with_privs (&netconfd_privs) {
		job.result = nc_server_config_setup_data(job.data);
	}
	job.early = !netconf_home_configured();
	event_add_event(loop, job_end, fpt, 0, NULL);
	return NULL;
}

static int job_stop(struct frr_pthread *fpt, void **result)
{
	return pthread_join(fpt->thread, result);
}

static void job_start(void)
{
	static const struct frr_pthread_attr attr = { .start = job_run, .stop = job_stop };

	netconf_server_unlisten();
	netconf_home_configuring();
	job.thread = frr_pthread_new(&attr, "netconf configuration", "nc-config");
	if (frr_pthread_run(job.thread, NULL)) {
		complain("no thread can be started");
		frr_pthread_destroy(job.thread);
		job.thread = NULL;
		(void)netconf_home_configured();
	}
}

static void job_end(struct event *event)
{
	frr_pthread_stop(job.thread, NULL);
	frr_pthread_destroy(job.thread);
	job.thread = NULL;
	/* private keys were in it; libnetconf2 has copies of what it needs */
	lyd_free_all(job.data);
	job.data = NULL;
	/* each time would be bad luck, and a loop */
	if (!job.early || job.too_early++ == EARLY_MAX)
		job.too_early = 0;
	else
		job.again = true;
	if (job.result)
		complain(
			"libnetconf2 does not listen as configured (is an address not there, or a port taken?)");
	if (job.again)
		netconf_transport_schedule();
	else if (!stopping)
		netconf_server_listen();
	/* the address may come: zebra sets it, or DHCP */
	if (job.result && !stopping)
		event_add_timer(loop, apply, NULL, AGAIN_SEC, &timer);
}

static bool somebody_may_come(void)
{
	return netconf_listens_count(netconf_config->listens) ||
	       netconf_homes_count(netconf_config->homes);
}

static void apply(struct event *event)
{
	/* nothing can be offered before mgmtd's modules are known */
	if (!netconf_schema())
		return;
	/* nobody may come before it is known what they may do */
	if (somebody_may_come() && !netconf_acm_await(netconf_transport_schedule)) {
		strlcpy(problem, "nobody may come yet: mgmtd's rules of access are waited for",
			sizeof(problem));
		return;
	}
	job.again = job.thread != NULL;
	if (job.again)
		return;
	problem[0] = '\0';
	netconf_home_configure();
	job.data = make_data();
	if (job.data)
		job_start();
}

void netconf_transport_schedule(void)
{
	netconf_home_changed();
	event_cancel(&timer);
	event_add_timer_msec(loop, apply, NULL, SETTLE_MSEC, &timer);
}

void netconf_transport_init(struct event_loop *event_loop)
{
	loop = event_loop;
	if (nc_server_config_load_modules(&ctx)) {
		zlog_err(
			"libnetconf2's YANG modules cannot be loaded: is libnetconf2 installed whole?");
		exit(1);
	}
}
