// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is configured under "netconf".
 *
 * It is netconfd's own and not mgmtd's: who may come, and who may write whatever
 * the rules say, is not to be changed over NETCONF. (The rules are mgmtd's:
 * netconf_acm.c.) Commands change it line by line;
 * a moment after the last line it is put into effect as a whole
 * (netconf_transport.c). What threads of sessions need of it, they get from
 * here under a lock.
 */
#include <zebra.h>

#include "lib/frr_pthread.h"
#include "lib/frrevent.h"
#include "lib/memory.h"

#include "netconfd/netconf_ce.h"
#include "netconfd/netconf_config.h"
#include "netconfd/netconf_memory.h"
#include "netconfd/netconf_transport.h"

struct netconf_config netconf_config[1];

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

void netconf_config_set(char **where, const char *value)
{
	XFREE(MTYPE_NETCONF_CONFIG, *where);
	*where = value ? XSTRDUP(MTYPE_NETCONF_CONFIG, value) : NULL;
}

void netconf_config_init(void)
{
	struct netconf_config *config = netconf_config;

	netconf_listens_init(config->listens);
	netconf_users_init(config->users);
	netconf_maps_init(config->maps);
	netconf_homes_init(config->homes);
	config->session_limit = NETCONF_SESSIONS_DEFAULT;
	config->message_limit = NETCONF_MESSAGE_DEFAULT;
	config->idle_timeout = NETCONF_IDLE_DEFAULT;
}

/* ---------------------------------------------------------------- listening */

struct netconf_listen *netconf_config_listen(enum netconf_transport transport, const char *address,
					     uint16_t port, bool make)
{
	struct netconf_listen *listen;

	frr_each (netconf_listens, netconf_config->listens, listen)
		if (listen->transport == transport && listen->port == port &&
		    strmatch(listen->address, address))
			return listen;
	if (!make)
		return NULL;
	listen = XCALLOC(MTYPE_NETCONF_CONFIG, sizeof(*listen));
	listen->transport = transport;
	listen->port = port;
	netconf_config_set(&listen->address, address);
	netconf_listens_add_tail(netconf_config->listens, listen);
	return listen;
}

void netconf_config_listen_remove(struct netconf_listen *listen)
{
	netconf_listens_del(netconf_config->listens, listen);
	netconf_config_set(&listen->address, NULL);
	XFREE(MTYPE_NETCONF_CONFIG, listen);
}

/* -------------------------------------------------------------------- users */

static struct netconf_user *user_find(const char *name)
{
	struct netconf_user *user;

	frr_each (netconf_users, netconf_config->users, user)
		if (strmatch(user->name, name))
			return user;
	return NULL;
}

struct netconf_user *netconf_config_user(const char *name, bool make)
{
	struct netconf_user *user = user_find(name);

	if (user || !make)
		return user;
	user = XCALLOC(MTYPE_NETCONF_CONFIG, sizeof(*user));
	netconf_config_set(&user->name, name);
	netconf_keys_init(user->keys);
	frr_with_mutex (&mutex)
		netconf_users_add_tail(netconf_config->users, user);
	return user;
}

struct netconf_key *netconf_config_key(struct netconf_user *user, const char *file, bool make)
{
	struct netconf_key *key;

	frr_each (netconf_keys, user->keys, key)
		if (strmatch(key->file, file))
			return key;
	if (!make)
		return NULL;
	key = XCALLOC(MTYPE_NETCONF_CONFIG, sizeof(*key));
	netconf_config_set(&key->file, file);
	netconf_keys_add_tail(user->keys, key);
	return key;
}

void netconf_config_key_remove(struct netconf_user *user, struct netconf_key *key)
{
	netconf_keys_del(user->keys, key);
	netconf_config_set(&key->file, NULL);
	XFREE(MTYPE_NETCONF_CONFIG, key);
}

void netconf_config_user_remove(struct netconf_user *user)
{
	frr_with_mutex (&mutex)
		netconf_users_del(netconf_config->users, user);
	while (netconf_keys_count(user->keys))
		netconf_config_key_remove(user, netconf_keys_first(user->keys));
	netconf_config_set(&user->name, NULL);
	XFREE(MTYPE_NETCONF_CONFIG, user);
}

bool netconf_config_may_write(const char *name)
{
	struct netconf_user *user;
	bool may = false;

	frr_with_mutex (&mutex) {
		user = name ? user_find(name) : NULL;
		may = user && user->write;
	}
	return may || netconf_ce_may_write(name);
}

/* ------------------------------------------------------------- certificates */

struct netconf_map *netconf_config_map(uint32_t order, bool make)
{
	struct netconf_map *map, *before = NULL;

	frr_each (netconf_maps, netconf_config->maps, map) {
		if (map->order == order)
			return map;
		if (map->order < order)
			before = map;
	}
	if (!make)
		return NULL;
	map = XCALLOC(MTYPE_NETCONF_CONFIG, sizeof(*map));
	map->order = order;
	netconf_maps_add_after(netconf_config->maps, before, map);
	return map;
}

void netconf_config_map_remove(struct netconf_map *map)
{
	netconf_maps_del(netconf_config->maps, map);
	netconf_config_set(&map->fingerprint, NULL);
	netconf_config_set(&map->user, NULL);
	XFREE(MTYPE_NETCONF_CONFIG, map);
}

/* ---------------------------------------------------------------- call home */

struct netconf_home *netconf_config_home(const char *name, bool make)
{
	struct netconf_home *home;

	frr_each (netconf_homes, netconf_config->homes, home)
		if (strmatch(home->name, name))
			return home;
	if (!make)
		return NULL;
	home = XCALLOC(MTYPE_NETCONF_CONFIG, sizeof(*home));
	netconf_config_set(&home->name, name);
	home->wait = NETCONF_WAIT_DEFAULT;
	home->maximum = NETCONF_MAXIMUM_DEFAULT;
	home->attempts = NETCONF_ATTEMPTS_DEFAULT;
	netconf_servers_init(home->servers);
	netconf_homes_add_tail(netconf_config->homes, home);
	return home;
}

struct netconf_server *netconf_config_server(struct netconf_home *home, const char *address,
					     uint16_t port, bool make)
{
	struct netconf_server *server;

	frr_each (netconf_servers, home->servers, server)
		if (server->port == port && strmatch(server->address, address))
			return server;
	if (!make)
		return NULL;
	server = XCALLOC(MTYPE_NETCONF_CONFIG, sizeof(*server));
	netconf_config_set(&server->address, address);
	server->port = port;
	netconf_servers_add_tail(home->servers, server);
	return server;
}

struct netconf_home *netconf_config_home_at(const char *address, uint16_t port)
{
	struct netconf_home *home;

	frr_each (netconf_homes, netconf_config->homes, home)
		if (netconf_config_server(home, address, port, false))
			return home;
	return NULL;
}

void netconf_config_server_remove(struct netconf_home *home, struct netconf_server *server)
{
	netconf_servers_del(home->servers, server);
	netconf_config_set(&server->address, NULL);
	XFREE(MTYPE_NETCONF_CONFIG, server);
}

void netconf_config_home_remove(struct netconf_home *home)
{
	netconf_homes_del(netconf_config->homes, home);
	while (netconf_servers_count(home->servers))
		netconf_config_server_remove(home, netconf_servers_first(home->servers));
	netconf_config_set(&home->name, NULL);
	netconf_config_set(&home->certificate, NULL);
	netconf_config_set(&home->key, NULL);
	netconf_config_set(&home->ca, NULL);
	netconf_config_set(&home->user, NULL);
	XFREE(MTYPE_NETCONF_CONFIG, home);
}

/* -------------------------------------------------------------------- as a whole */

void netconf_config_reset(void)
{
	struct netconf_config *config = netconf_config;

	while (netconf_listens_count(config->listens))
		netconf_config_listen_remove(netconf_listens_first(config->listens));
	while (netconf_users_count(config->users))
		netconf_config_user_remove(netconf_users_first(config->users));
	while (netconf_maps_count(config->maps))
		netconf_config_map_remove(netconf_maps_first(config->maps));
	while (netconf_homes_count(config->homes))
		netconf_config_home_remove(netconf_homes_first(config->homes));
	netconf_config_set(&config->host_key, NULL);
	netconf_config_set(&config->certificate, NULL);
	netconf_config_set(&config->key, NULL);
	netconf_config_set(&config->ca, NULL);
	config->configured = false;
	config->session_limit = NETCONF_SESSIONS_DEFAULT;
	config->message_limit = NETCONF_MESSAGE_DEFAULT;
	config->idle_timeout = NETCONF_IDLE_DEFAULT;
}

/* Aligned words: whoever reads one has the old or the new. */
size_t netconf_config_message_limit(void)
{
	return (size_t)netconf_config->message_limit * 1024 * 1024;
}

uint32_t netconf_config_session_limit(void)
{
	return netconf_config->session_limit;
}

void netconf_config_changed(void)
{
	netconf_transport_schedule();
}
