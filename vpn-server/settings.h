// SPDX-License-Identifier: GPL-2.0-or-later
/* What vpnctl and vpn-serverd are told: by option, by environment, by file, or not at all. */
#ifndef VPN_SERVER_SETTINGS_H
#define VPN_SERVER_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#define SETTING_SIZE 1024

#ifndef SYSCONF_FOLDER
#define SYSCONF_FOLDER "/etc/frr-vpnd"
#endif
#define SETTING_FILE SYSCONF_FOLDER "/vpn-server.conf"

/*
 * The value of a setting, in this order: option (NULL: not given), the
 * environment variable (NULL: it has none), "name = value" in SETTING_FILE,
 * otherwise.  False and words if the file cannot be read or understood.
 */
bool setting_read(const char *option, const char *variable, const char *name, const char *otherwise,
		  char value[SETTING_SIZE], char *error, size_t size);

/* The same of one given file's text; false if it has no such name. */
bool setting_find(const char *text, const char *name, char value[SETTING_SIZE]);

#endif /* VPN_SERVER_SETTINGS_H */
