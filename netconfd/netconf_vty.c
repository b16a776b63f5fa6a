// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Commands of netconfd: what is configured under "netconf". What is shown is
 * netconf_show.c's.
 */
#include <zebra.h>

#include "lib/command.h"
#include "lib/vty.h"

#include "netconfd/netconf_config.h"
#include "netconfd/netconf_home.h"
#include "netconfd/netconf_vty.h"
#include "netconfd/netconf_vty_clippy.c"

#define LISTEN_STR  "Where clients connect to\n"
#define SSH_STR	    "NETCONF over SSH (RFC 6242)\n"
#define TLS_STR	    "NETCONF over TLS (RFC 7589)\n"
#define ADDRESS_STR "IPv4 address\nIPv6 address\n"
#define PORT_STR    "TCP port\nTCP port\n"
#define FILE_STR    "File, with its path\n"
#define USER_STR    "Who may come\nName of the user\n"
#define CLIENT_STR  "Whose a client's certificate is; the lowest number that fits decides\nNumber\n"
#define HOME_STR    "Somebody that is called (RFC 8071)\nName\n"

static int config_write(struct vty *vty);

static struct cmd_node netconf_node = {
	.name = "netconf",
	.node = NETCONF_NODE,
	.parent_node = CONFIG_NODE,
	.prompt = "%s(config-netconf)# ",
	.config_write = config_write,
};

static const char *transport_name(enum netconf_transport transport)
{
	return transport == NETCONF_SSH ? "ssh" : "tls";
}

static enum netconf_transport transport_of(const char *name)
{
	return strmatch(name, "ssh") ? NETCONF_SSH : NETCONF_TLS;
}

/* The port that IANA has for it. */
static uint16_t port_of(enum netconf_transport transport, bool home)
{
	if (home)
		return transport == NETCONF_SSH ? 4334 : 4335;
	return transport == NETCONF_SSH ? 830 : 6513;
}

DEFPY_NOSH (netconf,
	    netconf_cmd,
	    "netconf",
	    NETCONF_STR)
{
	netconf_config->configured = true;
	vty->node = NETCONF_NODE;
	return CMD_SUCCESS;
}

DEFPY (no_netconf,
       no_netconf_cmd,
       "no netconf",
       NO_STR NETCONF_STR)
{
	netconf_config_reset();
	netconf_config_changed();
	return CMD_SUCCESS;
}

DEFPY (listen_on,
       listen_on_cmd,
       "[no] listen <ssh|tls>$transport <A.B.C.D|X:X::X:X>$address [port (1-65535)$port]",
       NO_STR LISTEN_STR SSH_STR TLS_STR ADDRESS_STR PORT_STR)
{
	enum netconf_transport tr = transport_of(transport);
	uint16_t number = port ? port : port_of(tr, false);
	struct netconf_listen *listen = netconf_config_listen(tr, address_str, number, !no);

	if (no && listen)
		netconf_config_listen_remove(listen);
	netconf_config_changed();
	return CMD_SUCCESS;
}

DEFPY (ssh_host_key,
       ssh_host_key_cmd,
       "ssh host-key FILENAME$file",
       SSH_STR
       "The key that this server proves itself by\n"
       FILE_STR)
{
	netconf_config_set(&netconf_config->host_key, file);
	netconf_config_changed();
	return CMD_SUCCESS;
}

DEFPY (no_ssh_host_key,
       no_ssh_host_key_cmd,
       "no ssh host-key [FILENAME]",
       NO_STR SSH_STR
       "The key that this server proves itself by\n"
       FILE_STR)
{
	netconf_config_set(&netconf_config->host_key, NULL);
	netconf_config_changed();
	return CMD_SUCCESS;
}

DEFPY (tls_certificate,
       tls_certificate_cmd,
       "tls certificate FILENAME$cert key FILENAME$key ca FILENAME$ca",
       TLS_STR
       "This server's certificate\n" FILE_STR
       "Its private key\n" FILE_STR
       "Who certifies clients\n" FILE_STR)
{
	netconf_config_set(&netconf_config->certificate, cert);
	netconf_config_set(&netconf_config->key, key);
	netconf_config_set(&netconf_config->ca, ca);
	netconf_config_changed();
	return CMD_SUCCESS;
}

DEFPY (no_tls_certificate,
       no_tls_certificate_cmd,
       "no tls certificate [FILENAME key FILENAME ca FILENAME]",
       NO_STR TLS_STR
       "This server's certificate\n" FILE_STR
       "Its private key\n" FILE_STR
       "Who certifies clients\n" FILE_STR)
{
	netconf_config_set(&netconf_config->certificate, NULL);
	netconf_config_set(&netconf_config->key, NULL);
	netconf_config_set(&netconf_config->ca, NULL);
	netconf_config_changed();
	return CMD_SUCCESS;
}

DEFPY (tls_client,
       tls_client_cmd,
       "tls client (1-65535)$order [fingerprint WORD$fingerprint] <user WORD$user|common-name$common>",
       TLS_STR CLIENT_STR
       "Certificates with this fingerprint, in the form of RFC 7407: 04 and the SHA-256, in hex with colons\n"
       "Fingerprint\n"
       "It is this user's\n"
       "Name of the user\n"
       "The certificate's common name is the user\n")
{
	struct netconf_map *map = netconf_config_map(order, true);

	netconf_config_set(&map->fingerprint, fingerprint);
	netconf_config_set(&map->user, user);
	netconf_config_changed();
	return CMD_SUCCESS;
}

DEFPY (no_tls_client,
       no_tls_client_cmd,
       "no tls client (1-65535)$order [fingerprint WORD] [<user WORD|common-name>]",
       NO_STR TLS_STR CLIENT_STR
       "Certificates with this fingerprint\n"
       "Fingerprint\n"
       "It is this user's\n"
       "Name of the user\n"
       "The certificate's common name is the user\n")
{
	struct netconf_map *map = netconf_config_map(order, false);

	if (map)
		netconf_config_map_remove(map);
	netconf_config_changed();
	return CMD_SUCCESS;
}

DEFPY (user,
       user_cmd,
       "user WORD$name",
       USER_STR)
{
	netconf_config_user(name, true);
	netconf_config_changed();
	return CMD_SUCCESS;
}

DEFPY (no_user,
       no_user_cmd,
       "no user WORD$name",
       NO_STR USER_STR)
{
	struct netconf_user *user = netconf_config_user(name, false);

	if (user)
		netconf_config_user_remove(user);
	netconf_config_changed();
	return CMD_SUCCESS;
}

DEFPY (user_write,
       user_write_cmd,
       "[no] user WORD$name write",
       NO_STR USER_STR
       "Who may change the configuration, and end others' sessions\n")
{
	struct netconf_user *user = netconf_config_user(name, !no);

	if (user)
		user->write = !no;
	return CMD_SUCCESS;
}

DEFPY (user_public_key,
       user_public_key_cmd,
       "[no] user WORD$name public-key FILENAME$file",
       NO_STR USER_STR
       "A public key of SSH that the user comes with\n"
       FILE_STR)
{
	struct netconf_user *user = netconf_config_user(name, !no);
	struct netconf_key *key = user ? netconf_config_key(user, file, !no) : NULL;

	if (no && key)
		netconf_config_key_remove(user, key);
	netconf_config_changed();
	return CMD_SUCCESS;
}

/* One of the three numbers; a no form puts its default back. */
static int set_number(uint32_t *number, bool no, uint32_t value, uint32_t otherwise)
{
	*number = no ? otherwise : value;
	return CMD_SUCCESS;
}

DEFPY (session_limit,
       session_limit_cmd,
       "[no] session-limit ![(1-1000)$limit]",
       NO_STR
       "How many sessions there may be (100)\n"
       "Sessions\n")
{
	return set_number(&netconf_config->session_limit, no, limit, NETCONF_SESSIONS_DEFAULT);
}

DEFPY (message_limit,
       message_limit_cmd,
       "[no] message-limit ![(1-15)$limit]",
       NO_STR
       "How long a client's message may be (8 MiB)\n"
       "MiB\n")
{
	return set_number(&netconf_config->message_limit, no, limit, NETCONF_MESSAGE_DEFAULT);
}

DEFPY (idle_timeout,
       idle_timeout_cmd,
       "[no] idle-timeout ![(0-86400)$limit]",
       NO_STR
       "How long a client may be silent (3600 seconds)\n"
       "Seconds; 0: for ever\n")
{
	return set_number(&netconf_config->idle_timeout, no, limit, NETCONF_IDLE_DEFAULT);
}

/* ------------------------------------------------------------------- call home */

DEFPY (home_server,
       home_server_cmd,
       "[no] call-home WORD$name <ssh|tls>$transport <A.B.C.D|X:X::X:X>$address [port (1-65535)$port]",
       NO_STR HOME_STR SSH_STR TLS_STR ADDRESS_STR PORT_STR)
{
	enum netconf_transport tr = transport_of(transport);
	uint16_t number = port ? port : port_of(tr, true);
	struct netconf_home *home = netconf_config_home_at(address_str, number);
	struct netconf_server *server;

	if (!no && home && !strmatch(home->name, name)) {
		vty_out(vty, "%% %s port %u is %s's already\n", address_str, number, home->name);
		return CMD_WARNING_CONFIG_FAILED;
	}
	home = netconf_config_home(name, !no);
	if (!home)
		return CMD_SUCCESS;
	if (!no && netconf_servers_count(home->servers) && home->transport != tr) {
		vty_out(vty, "%% %s is called by %s: one transport for all its addresses\n", name,
			transport_name(home->transport));
		return CMD_WARNING_CONFIG_FAILED;
	}
	if (!no)
		home->transport = tr;
	server = netconf_config_server(home, address_str, number, !no);
	if (no && server)
		netconf_config_server_remove(home, server);
	netconf_config_changed();
	return CMD_SUCCESS;
}

DEFPY (home_retry,
       home_retry_cmd,
       "call-home WORD$name retry (1-65535)$wait attempts (1-255)$attempts [maximum (1-65535)$maximum] [last-connected$last]",
       HOME_STR
       "When nobody is there (every 5 seconds, 3 attempts)\n"
       "Seconds from one attempt to the next; twice as many each time when none of the addresses answers\n"
       "How often at one address, before the next one\n"
       "Attempts\n"
       "The longest time from one attempt to the next (300 seconds)\n"
       "Seconds\n"
       "Begin with the address that answered last, not with the first\n")
{
	struct netconf_home *home = netconf_config_home(name, true);

	home->wait = wait;
	home->maximum = maximum ? maximum : NETCONF_MAXIMUM_DEFAULT;
	home->attempts = attempts;
	home->last_connected = last != NULL;
	netconf_config_changed();
	return CMD_SUCCESS;
}

DEFPY (home_period,
       home_period_cmd,
       "[no] call-home WORD$name every ![(1-65535)$number [seconds$seconds]]",
       NO_STR HOME_STR
       "Call now and then, not for good\n"
       "Minutes\n"
       "Seconds, not minutes\n")
{
	struct netconf_home *home = netconf_config_home(name, !no);

	if (home)
		home->period = no ? 0 : seconds ? number : number * 60;
	netconf_config_changed();
	return CMD_SUCCESS;
}

DEFPY (home_keep_alive,
       home_keep_alive_cmd,
       "[no] call-home WORD$name keep-alive ![(1-65535)$idle interval (1-65535)$interval]",
       NO_STR HOME_STR
       "Probes of TCP\n"
       "Seconds of silence before the first\n"
       "Seconds between them\n"
       "Seconds\n")
{
	struct netconf_home *home = netconf_config_home(name, !no);

	if (home) {
		home->keep_alive_idle = no ? 0 : idle;
		home->keep_alive_interval = no ? 0 : interval;
	}
	netconf_config_changed();
	return CMD_SUCCESS;
}

DEFPY (home_tls,
       home_tls_cmd,
       "call-home WORD$name tls certificate FILENAME$cert key FILENAME$key ca FILENAME$ca",
       HOME_STR TLS_STR
       "This server's certificate, for this name\n" FILE_STR
       "Its private key\n" FILE_STR
       "Who certifies those that are called\n" FILE_STR)
{
	struct netconf_home *home = netconf_config_home(name, true);

	netconf_config_set(&home->certificate, cert);
	netconf_config_set(&home->key, key);
	netconf_config_set(&home->ca, ca);
	netconf_config_changed();
	return CMD_SUCCESS;
}

DEFPY (no_home_tls,
       no_home_tls_cmd,
       "no call-home WORD$name tls certificate [FILENAME key FILENAME ca FILENAME]",
       NO_STR HOME_STR TLS_STR
       "This server's certificate, for this name\n" FILE_STR
       "Its private key\n" FILE_STR
       "Who certifies those that are called\n" FILE_STR)
{
	struct netconf_home *home = netconf_config_home(name, false);

	if (home) {
		netconf_config_set(&home->certificate, NULL);
		netconf_config_set(&home->key, NULL);
		netconf_config_set(&home->ca, NULL);
	}
	netconf_config_changed();
	return CMD_SUCCESS;
}

DEFPY (home_user,
       home_user_cmd,
       "[no] call-home WORD$name user ![WORD$user]",
       NO_STR HOME_STR
       "Whoever is there with a certificate of the CA is this user\n"
       "Name of the user\n")
{
	struct netconf_home *home = netconf_config_home(name, !no);

	if (home)
		netconf_config_set(&home->user, no ? NULL : user);
	netconf_config_changed();
	return CMD_SUCCESS;
}

DEFPY (call_home_now,
       call_home_now_cmd,
       "netconf call-home WORD$name now",
       NETCONF_STR HOME_STR
       "Call at once, whatever was planned\n")
{
	if (netconf_home_call(name))
		return CMD_SUCCESS;
	vty_out(vty, "%% nobody is called %s\n", name);
	return CMD_WARNING;
}

DEFPY (no_home,
       no_home_cmd,
       "no call-home WORD$name",
       NO_STR HOME_STR)
{
	struct netconf_home *home = netconf_config_home(name, false);

	if (home)
		netconf_config_home_remove(home);
	netconf_config_changed();
	return CMD_SUCCESS;
}

/* --------------------------------------------------------------------- written back */

static void write_users(struct vty *vty)
{
	struct netconf_user *user;
	struct netconf_key *key;

	frr_each (netconf_users, netconf_config->users, user) {
		vty_out(vty, " user %s\n", user->name);
		frr_each (netconf_keys, user->keys, key)
			vty_out(vty, " user %s public-key %s\n", user->name, key->file);
		if (user->write)
			vty_out(vty, " user %s write\n", user->name);
	}
}

static void write_maps(struct vty *vty)
{
	struct netconf_map *map;

	frr_each (netconf_maps, netconf_config->maps, map) {
		vty_out(vty, " tls client %u", map->order);
		if (map->fingerprint)
			vty_out(vty, " fingerprint %s", map->fingerprint);
		if (map->user)
			vty_out(vty, " user %s\n", map->user);
		else
			vty_out(vty, " common-name\n");
	}
}

static void write_home_retry(struct vty *vty, const struct netconf_home *home)
{
	if (home->wait == NETCONF_WAIT_DEFAULT && home->attempts == NETCONF_ATTEMPTS_DEFAULT &&
	    home->maximum == NETCONF_MAXIMUM_DEFAULT && !home->last_connected)
		return;
	vty_out(vty, " call-home %s retry %u attempts %u", home->name, home->wait, home->attempts);
	if (home->maximum != NETCONF_MAXIMUM_DEFAULT)
		vty_out(vty, " maximum %u", home->maximum);
	vty_out(vty, "%s\n", home->last_connected ? " last-connected" : "");
}

static void write_home(struct vty *vty, struct netconf_home *home)
{
	struct netconf_server *server;

	frr_each (netconf_servers, home->servers, server)
		vty_out(vty, " call-home %s %s %s port %u\n", home->name,
			transport_name(home->transport), server->address, server->port);
	if (home->certificate)
		vty_out(vty, " call-home %s tls certificate %s key %s ca %s\n", home->name,
			home->certificate, home->key, home->ca);
	if (home->user)
		vty_out(vty, " call-home %s user %s\n", home->name, home->user);
	write_home_retry(vty, home);
	if (home->period % 60)
		vty_out(vty, " call-home %s every %u seconds\n", home->name, home->period);
	else if (home->period)
		vty_out(vty, " call-home %s every %u\n", home->name, home->period / 60);
	if (home->keep_alive_idle)
		vty_out(vty, " call-home %s keep-alive %u interval %u\n", home->name,
			home->keep_alive_idle, home->keep_alive_interval);
}

static int config_write(struct vty *vty)
{
	const struct netconf_config *config = netconf_config;
	struct netconf_listen *listen;
	struct netconf_home *home;

	if (!config->configured)
		return 0;
	vty_out(vty, "netconf\n");
	if (config->host_key)
		vty_out(vty, " ssh host-key %s\n", config->host_key);
	if (config->certificate)
		vty_out(vty, " tls certificate %s key %s ca %s\n", config->certificate, config->key,
			config->ca);
	write_maps(vty);
	write_users(vty);
	frr_each (netconf_listens, netconf_config->listens, listen)
		vty_out(vty, " listen %s %s port %u\n", transport_name(listen->transport),
			listen->address, listen->port);
	frr_each (netconf_homes, netconf_config->homes, home)
		if (!home->hidden)
			write_home(vty, home);
	if (config->session_limit != NETCONF_SESSIONS_DEFAULT)
		vty_out(vty, " session-limit %u\n", config->session_limit);
	if (config->message_limit != NETCONF_MESSAGE_DEFAULT)
		vty_out(vty, " message-limit %u\n", config->message_limit);
	if (config->idle_timeout != NETCONF_IDLE_DEFAULT)
		vty_out(vty, " idle-timeout %u\n", config->idle_timeout);
	vty_out(vty, "exit\n!\n");
	return 1;
}

void netconf_vty_init(void)
{
	install_node(&netconf_node);
	install_default(NETCONF_NODE);
	install_element(CONFIG_NODE, &netconf_cmd);
	install_element(CONFIG_NODE, &no_netconf_cmd);
	install_element(NETCONF_NODE, &listen_on_cmd);
	install_element(NETCONF_NODE, &ssh_host_key_cmd);
	install_element(NETCONF_NODE, &no_ssh_host_key_cmd);
	install_element(NETCONF_NODE, &tls_certificate_cmd);
	install_element(NETCONF_NODE, &no_tls_certificate_cmd);
	install_element(NETCONF_NODE, &tls_client_cmd);
	install_element(NETCONF_NODE, &no_tls_client_cmd);
	install_element(NETCONF_NODE, &user_cmd);
	install_element(NETCONF_NODE, &no_user_cmd);
	install_element(NETCONF_NODE, &user_write_cmd);
	install_element(NETCONF_NODE, &user_public_key_cmd);
	install_element(NETCONF_NODE, &session_limit_cmd);
	install_element(NETCONF_NODE, &message_limit_cmd);
	install_element(NETCONF_NODE, &idle_timeout_cmd);
	install_element(NETCONF_NODE, &home_server_cmd);
	install_element(NETCONF_NODE, &home_retry_cmd);
	install_element(NETCONF_NODE, &home_period_cmd);
	install_element(NETCONF_NODE, &home_keep_alive_cmd);
	install_element(NETCONF_NODE, &home_tls_cmd);
	install_element(NETCONF_NODE, &no_home_tls_cmd);
	install_element(NETCONF_NODE, &home_user_cmd);
	install_element(NETCONF_NODE, &no_home_cmd);
	install_element(ENABLE_NODE, &call_home_now_cmd);
}
