// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is configured under "netconf"; see netconf_config.c.
 */
#ifndef _NETCONF_CONFIG_H
#define _NETCONF_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/typesafe.h"

#define NETCONF_SESSIONS_DEFAULT 100
#define NETCONF_SESSIONS_MAX	 1000
#define NETCONF_MESSAGE_DEFAULT	 8  /* MiB */
#define NETCONF_MESSAGE_MAX	 15 /* MiB: mgmtd takes 16 */
#define NETCONF_IDLE_DEFAULT	 3600
#define NETCONF_WAIT_DEFAULT	 5   /* seconds */
#define NETCONF_MAXIMUM_DEFAULT	 300 /* seconds */
#define NETCONF_ATTEMPTS_DEFAULT 3

PREDECL_DLIST(netconf_listens);
PREDECL_DLIST(netconf_users);
PREDECL_DLIST(netconf_keys);
PREDECL_DLIST(netconf_maps);
PREDECL_DLIST(netconf_homes);
PREDECL_DLIST(netconf_servers);

enum netconf_transport {
	NETCONF_SSH,
	NETCONF_TLS,
};

/* An address that clients connect to. */
struct netconf_listen {
	struct netconf_listens_item item;
	enum netconf_transport transport;
	char *address;
	uint16_t port;
};

/* A file with an SSH public key. */
struct netconf_key {
	struct netconf_keys_item item;
	char *file;
};

struct netconf_user {
	struct netconf_users_item item;
	char *name;
	bool write;
	struct netconf_keys_head keys[1];
};

/* Whose a TLS client's certificate is (RFC 7407, cert-to-name). */
struct netconf_map {
	struct netconf_maps_item item;
	uint32_t order;
	char *fingerprint; /* "04:..", or NULL for any certificate of the CA */
	char *user;	   /* or NULL: the common name is the user */
};

/* One of the addresses of somebody that is called. */
struct netconf_server {
	struct netconf_servers_item item;
	char *address;
	uint16_t port;
};

/* Somebody that is called (RFC 8071). */
struct netconf_home {
	struct netconf_homes_item item;
	char *name;
	enum netconf_transport transport;
	uint32_t period;  /* seconds; 0: the connection is kept */
	uint32_t wait;	  /* seconds between attempts */
	uint32_t maximum; /* seconds between them at the most */
	uint8_t attempts; /* at one address, before the next */
	bool last_connected;
	bool hidden;		  /* not of these commands (netconf_ce.c), and not written back */
	uint16_t keep_alive_idle; /* seconds; 0: none */
	uint16_t keep_alive_interval;
	char *certificate, *key, *ca; /* or NULL: those that all have */
	char *user; /* whoever the CA certifies is this user; or NULL: the mappings decide */
	struct netconf_servers_head servers[1];
};

struct netconf_config {
	bool configured;
	struct netconf_listens_head listens[1];
	struct netconf_users_head users[1];
	struct netconf_maps_head maps[1];
	struct netconf_homes_head homes[1];
	char *host_key;
	char *certificate, *key, *ca;
	/* of the customer edge (netconf_ce.c), if it has them: for who listens without any of these */
	char *edge_certificate, *edge_key, *edge_ca;
	uint32_t session_limit;
	uint32_t message_limit; /* MiB */
	uint32_t idle_timeout;	/* seconds; 0: none */
};

DECLARE_DLIST(netconf_listens, struct netconf_listen, item);
DECLARE_DLIST(netconf_users, struct netconf_user, item);
DECLARE_DLIST(netconf_keys, struct netconf_key, item);
DECLARE_DLIST(netconf_maps, struct netconf_map, item);
DECLARE_DLIST(netconf_homes, struct netconf_home, item);
DECLARE_DLIST(netconf_servers, struct netconf_server, item);

/* The main thread's. */
extern struct netconf_config netconf_config[1];

extern void netconf_config_init(void);
extern void netconf_config_reset(void);

/*
 * Something changed: what follows from it is done when no more changes come
 * for a moment. Rights of users change at once.
 */
extern void netconf_config_changed(void);

/* Find by what names it; with make, makes it. NULL if there is none. */
extern struct netconf_listen *netconf_config_listen(enum netconf_transport transport,
						    const char *address, uint16_t port, bool make);
extern struct netconf_user *netconf_config_user(const char *name, bool make);
extern struct netconf_key *netconf_config_key(struct netconf_user *user, const char *file,
					      bool make);
extern struct netconf_map *netconf_config_map(uint32_t order, bool make);
extern struct netconf_home *netconf_config_home(const char *name, bool make);
extern struct netconf_server *netconf_config_server(struct netconf_home *home, const char *address,
						    uint16_t port, bool make);

/* Who is called at this address already, or NULL. */
extern struct netconf_home *netconf_config_home_at(const char *address, uint16_t port);

extern void netconf_config_listen_remove(struct netconf_listen *listen);
extern void netconf_config_user_remove(struct netconf_user *user);
extern void netconf_config_key_remove(struct netconf_user *user, struct netconf_key *key);
extern void netconf_config_map_remove(struct netconf_map *map);
extern void netconf_config_home_remove(struct netconf_home *home);
extern void netconf_config_server_remove(struct netconf_home *home, struct netconf_server *server);

/* Replaces a string of the configuration; value may be NULL. */
extern void netconf_config_set(char **where, const char *value);

/* From any thread. */
extern bool netconf_config_may_write(const char *user);
extern size_t netconf_config_message_limit(void);
extern uint32_t netconf_config_session_limit(void);

#endif /* _NETCONF_CONFIG_H */
