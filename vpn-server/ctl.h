// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vpnctl's commands: one file per noun, one function per command.
 *
 * A command gets its words and options, a database, and returns an exit status:
 * 0, or 1 after an error in words (ctl_error).  What it prints is for people,
 * or JSON with camelCase keys (options.json).  No command prints a secret.
 */
#ifndef VPN_SERVER_CTL_H
#define VPN_SERVER_CTL_H

#include <stdbool.h>
#include <json-c/json.h>

#include "vpn-server/model.h"

#define CTL_MAX 4096 /* values of a repeated option */

struct ctl_list {
	const char *value[CTL_MAX + 1]; /* ends with NULL */
	int count;
};

struct ctl {
	struct db *db;
	const char *const *words; /* after the command's own, ends with NULL */
	int word_count;
	bool json;
	/* by name of the option; NULL if it was not given */
	const char *(*option)(const char *name);
	const struct ctl_list *(*list)(const char *name);
};

struct ctl_command {
	const char *words; /* "vpn add" */
	const char *arguments;
	const char *options; /* names with a space before and after each */
	int least, most;     /* words; most -1: any number */
	int (*run)(const struct ctl *ctl);
	const char *help;
};

extern const struct ctl_command ctl_vpn_commands[], ctl_ce_commands[], ctl_topology_commands[],
	ctl_key_commands[], ctl_status_commands[], ctl_transfer_commands[];

int ctl_error(const char *format, ...) __attribute__((format(printf, 1, 2))); /* 1 */
/* Commits; 0, or 1 with db_error() said. */
int ctl_commit(const struct ctl *ctl);
/* 0, or 1 if a query failed. */
int ctl_done(const struct ctl *ctl);

/* An option that is a whole number; false and words if it is something else. */
bool ctl_number(const struct ctl *ctl, const char *name, int64_t *number);
bool ctl_text(const struct ctl *ctl, const char *name, char *to, size_t size);

/* Prints and frees. */
void ctl_print(struct json_object *json);
void ctl_put(struct json_object *json, const char *name, const char *value);
void ctl_put_number(struct json_object *json, const char *name, int64_t value);
void ctl_put_flag(struct json_object *json, const char *name, bool value);
/* "2026-11-21T12:00:00Z" */
const char *ctl_time(int64_t seconds);

/* JSON of what show and export share. */
struct json_object *ctl_vpn_json(struct db *db, const struct vpn *vpn);
struct json_object *ctl_ce_json(const struct ce *ce);
struct json_object *ctl_site_json(struct db *db, const struct site *site, bool with_ce);

#endif /* VPN_SERVER_CTL_H */
