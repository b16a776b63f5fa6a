// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vpnctl: the provider's VPN database from the command line.
 *
 * It works on the database directly, whether vpn-serverd runs or not; a server
 * sees the change and provisions.  Each command is one transaction.
 */
#include "vpn-server/ctl.h"
#include "vpn-server/schema.h"
#include "vpn-server/settings.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct ctl_command *const all[] = {
	ctl_vpn_commands, ctl_ce_commands,     ctl_topology_commands,
	ctl_key_commands, ctl_status_commands, ctl_transfer_commands,
};

static const struct option long_options[] = {
	{ "database", required_argument, NULL, 0 },
	{ "json", no_argument, NULL, 0 },
	{ "help", no_argument, NULL, 0 },
	/* vpn */
	{ "vpn-id", required_argument, NULL, 0 },
	{ "topology", required_argument, NULL, 0 },
	{ "encapsulation", required_argument, NULL, 0 },
	{ "authentication", required_argument, NULL, 0 },
	{ "establish", required_argument, NULL, 0 },
	{ "idle", required_argument, NULL, 0 },
	{ "routing", required_argument, NULL, 0 },
	{ "ike", required_argument, NULL, 0 },
	{ "esp", required_argument, NULL, 0 },
	{ "lifetime", required_argument, NULL, 0 },
	{ "dead-peer-detection", required_argument, NULL, 0 },
	{ "prefix", required_argument, NULL, 0 },
	/* ce */
	{ "vpn", required_argument, NULL, 0 },
	{ "address", required_argument, NULL, 0 },
	{ "vrf", required_argument, NULL, 0 },
	{ "hub", no_argument, NULL, 0 },
	{ "link", required_argument, NULL, 0 },
	{ "link-name", required_argument, NULL, 0 },
	{ "mode", required_argument, NULL, 0 },
	{ "transport", required_argument, NULL, 0 },
	{ "host", required_argument, NULL, 0 },
	{ "port", required_argument, NULL, 0 },
	{ "login", required_argument, NULL, 0 },
	{ "host-key", required_argument, NULL, 0 },
	{ "forget", no_argument, NULL, 0 },
	{ "config", no_argument, NULL, 0 },
	{ "server", required_argument, NULL, 0 },
	{ "provider-interface", required_argument, NULL, 0 },
	{ "output", required_argument, NULL, 0 },
	{ "csr", required_argument, NULL, 0 },
	{ "key-pair", no_argument, NULL, 0 },
	{ "days", required_argument, NULL, 0 },
	/* topology, key, status */
	{ "dot", no_argument, NULL, 0 },
	{ "svg", no_argument, NULL, 0 },
	{ "max-wait", required_argument, NULL, 0 },
	{ "watch", no_argument, NULL, 0 },
	{ NULL, 0, NULL, 0 },
};

#define OPTIONS (sizeof(long_options) / sizeof(long_options[0]))

static struct ctl_list given[OPTIONS];

static size_t index_of(const char *name)
{
	for (size_t i = 0; long_options[i].name; i++)
		if (!strcmp(long_options[i].name, name))
			return i;
	abort(); /* a command asks for an option that is not in the table */
}

static const struct ctl_list *list(const char *name)
{
	return &given[index_of(name)];
}

/* The last one given counts. */
static const char *option(const char *name)
{
	const struct ctl_list *values = list(name);

	return values->count ? values->value[values->count - 1] : NULL;
}

int ctl_error(const char *format, ...)
{
	va_list args;

	fputs("vpnctl: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return 1;
}

int ctl_commit(const struct ctl *ctl)
{
	return db_commit(ctl->db) ? 0 : ctl_error("%s", db_error(ctl->db));
}

int ctl_done(const struct ctl *ctl)
{
	return db_failed(ctl->db) ? ctl_error("%s", db_error(ctl->db)) : 0;
}

bool ctl_number(const struct ctl *ctl, const char *name, int64_t *number)
{
	const char *text = ctl->option(name);
	char *end;

	if (!text)
		return true;
	*number = strtoll(text, &end, 10);
	if (*text >= '0' && *text <= '9' && !*end && strlen(text) < 16)
		return true;
	ctl_error("--%s: \"%.40s\" is no number", name, text);
	return false;
}

bool ctl_text(const struct ctl *ctl, const char *name, char *to, size_t size)
{
	const char *text = ctl->option(name);

	if (!text)
		return true;
	if (strlen(text) >= size) {
		ctl_error("--%s: \"%.40s…\" is too long: at most %zu characters", name, text,
			  size - 1);
		return false;
	}
	snprintf(to, size, "%s", text);
	return true;
}

void ctl_print(struct json_object *json)
{
	puts(json_object_to_json_string_ext(json, JSON_C_TO_STRING_PRETTY |
							  JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(json);
}

void ctl_put(struct json_object *json, const char *name, const char *value)
{
	json_object_object_add(json, name, json_object_new_string(value));
}

void ctl_put_number(struct json_object *json, const char *name, int64_t value)
{
	json_object_object_add(json, name, json_object_new_int64(value));
}

void ctl_put_flag(struct json_object *json, const char *name, bool value)
{
	json_object_object_add(json, name, json_object_new_boolean(value));
}

const char *ctl_time(int64_t seconds)
{
	static char text[32];
	time_t when = seconds;
	struct tm tm;

	gmtime_r(&when, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return text;
}

static void usage(FILE *to)
{
	fputs("Usage: vpnctl [--database WHERE] [--json] COMMAND...\n\nCommands:\n", to);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		for (const struct ctl_command *c = all[i]; c->words; c++)
			fprintf(to, "  %s %s\n      %s\n", c->words, c->arguments, c->help);
	fputs("\nEach option is in vpnctl(8).\n", to);
}

/* How many of the words are the command's; 0 if it is another. */
static int matches(const struct ctl_command *command, const char *const *words, int count)
{
	const char *at = command->words;
	int used = 0;

	while (*at) {
		size_t length = strcspn(at, " ");

		if (used == count || strlen(words[used]) != length ||
		    strncmp(at, words[used], length))
			return 0;
		at += length + (at[length] == ' ');
		used++;
	}
	return used;
}

static const struct ctl_command *find(const char *const *words, int count, int *used)
{
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		for (const struct ctl_command *c = all[i]; c->words; c++) {
			*used = matches(c, words, count);
			if (*used)
				return c;
		}
	return NULL;
}

static bool fits(const struct ctl_command *command, int words)
{
	for (size_t i = 3; long_options[i].name; i++) {
		char name[40];

		snprintf(name, sizeof(name), " %s ", long_options[i].name);
		if (given[i].count && !strstr(command->options, name)) {
			ctl_error("\"%s\" has no option --%s", command->words, long_options[i].name);
			return false;
		}
	}
	if (words < command->least || (command->most >= 0 && words > command->most)) {
		ctl_error("usage: vpnctl %s %s", command->words, command->arguments);
		return false;
	}
	return true;
}

static bool read_options(int argc, char **argv)
{
	int index, c;

	while ((c = getopt_long(argc, argv, "", long_options, &index)) != -1) {
		if (c != 0)
			return false; /* getopt has said what */
		if (given[index].count == CTL_MAX) {
			ctl_error("--%s: too often", long_options[index].name);
			return false;
		}
		given[index].value[given[index].count++] = optarg ? optarg : "";
	}
	return true;
}

static struct db *open_database(void)
{
	char where[SETTING_SIZE], error[400];
	struct db *db;

	if (!setting_read(option("database"), "VPN_DATABASE", "database", DB_DEFAULT, where, error,
			  sizeof(error))) {
		ctl_error("%s", error);
		return NULL;
	}
	db = db_open(where, error, sizeof(error));
	if (!db) {
		ctl_error("%s", error);
		return NULL;
	}
	if (schema_migrate(db))
		return db;
	ctl_error("%s", db_error(db));
	db_close(db);
	return NULL;
}

int main(int argc, char **argv)
{
	const struct ctl_command *command;
	struct ctl ctl = { .option = option, .list = list };
	int used = 0, status;

	if (!read_options(argc, argv))
		return 1;
	if (option("help") || optind == argc) {
		usage(option("help") ? stdout : stderr);
		return option("help") ? 0 : 1;
	}
	ctl.words = (const char *const *)argv + optind;
	ctl.word_count = argc - optind;
	command = find(ctl.words, ctl.word_count, &used);
	if (!command)
		return ctl_error("there is no command \"%s%s%s\" (see vpnctl --help)", ctl.words[0],
				 ctl.word_count > 1 ? " " : "",
				 ctl.word_count > 1 ? ctl.words[1] : "");
	ctl.words += used;
	ctl.word_count -= used;
	ctl.json = option("json");
	if (!fits(command, ctl.word_count))
		return 1;
	ctl.db = open_database();
	if (!ctl.db)
		return 1;
	status = command->run(&ctl);
	db_close(ctl.db);
	return status;
}
