// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The path of an access rule (RFC 8341, node-instance-identifier):
 *
 *     /frr-vpnd:vpn/ipsec-profile[name='GOLD']/authentication
 *
 * Steps from the root; a step without a prefix is of the module of the one
 * before, as in RFC 7951. Keys that are not named may have any value, so a path
 * may stand for many instances. It covers the node it names and all in it; "/"
 * covers everything.
 *
 * The path is taken apart once, when it is configured. No libfrr here: this file
 * has a unit test and a fuzz target.
 */
#include "netconfd/netconf_access_path.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define STEPS_MAX 32
#define KEYS_MAX  8

struct key {
	char *name, *value;
};

struct step {
	char *module; /* or NULL: that of the step before */
	char *name;
	struct key keys[KEYS_MAX];
	unsigned int key_count;
};

struct netconf_access_path {
	struct step steps[STEPS_MAX];
	unsigned int count;
};

static bool is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.';
}

/* An identifier, or NULL; *at goes behind it. */
static char *take_name(const char **at)
{
	const char *begin = *at;

	while (is_name(**at))
		(*at)++;
	return *at > begin ? strndup(begin, *at - begin) : NULL;
}

/* name, or module:name */
static bool take_qualified(const char **at, char **module, char **name)
{
	*module = NULL;
	*name = take_name(at);
	if (!*name || **at != ':')
		return *name;
	(*at)++;
	*module = *name;
	*name = take_name(at);
	return *name;
}

/* [name='value']; the prefix of a key says nothing more than that of its list. */
static bool take_key(const char **at, struct step *step)
{
	struct key *key = &step->keys[step->key_count];
	char *module, quote;
	const char *end;

	if (step->key_count == KEYS_MAX)
		return false;
	(*at)++;
	step->key_count++;
	if (!take_qualified(at, &module, &key->name)) {
		free(module);
		return false;
	}
	free(module);
	if (*(*at)++ != '=')
		return false;
	quote = *(*at)++;
	if (quote != '\'' && quote != '"')
		return false;
	end = strchr(*at, quote);
	if (!end || end[1] != ']')
		return false;
	key->value = strndup(*at, end - *at);
	*at = end + 2;
	return key->value;
}

static bool take_step(const char **at, struct netconf_access_path *path)
{
	struct step *step = &path->steps[path->count];

	if (path->count == STEPS_MAX || **at != '/')
		return false;
	(*at)++;
	path->count++;
	if (!take_qualified(at, &step->module, &step->name))
		return false;
	while (**at == '[')
		if (!take_key(at, step))
			return false;
	return true;
}

struct netconf_access_path *netconf_access_path_new(const char *text)
{
	struct netconf_access_path *path = calloc(1, sizeof(*path));
	const char *at = text;

	if (!path || !strcmp(text, "/"))
		return path;
	do {
		if (!take_step(&at, path) || !path->steps[0].module) {
			netconf_access_path_free(path);
			return NULL;
		}
	} while (*at);
	return path;
}

void netconf_access_path_free(struct netconf_access_path *path)
{
	for (unsigned int i = 0; path && i < path->count; i++) {
		struct step *step = &path->steps[i];

		for (unsigned int j = 0; j < step->key_count; j++) {
			free(step->keys[j].name);
			free(step->keys[j].value);
		}
		free(step->module);
		free(step->name);
	}
	free(path);
}

/* Has the instance this key? */
static bool key_fits(const struct key *key, const struct lyd_node *node)
{
	const struct lyd_node *child;
	const char *value;

	if (!strcmp(key->name, ".")) {
		value = lyd_get_value(node);
		return value && !strcmp(value, key->value);
	}
	LY_LIST_FOR (lyd_child(node), child) {
		value = lyd_get_value(child);
		if (value && !strcmp(LYD_NAME(child), key->name))
			return !strcmp(value, key->value);
	}
	return false;
}

static bool step_fits(const struct step *step, const struct lyd_node *node,
		      const struct lyd_node *parent)
{
	const char *module = step->module;

	if (!node->schema || strcmp(step->name, LYD_NAME(node)))
		return false;
	if (!module && parent && parent->schema)
		module = parent->schema->module->name;
	if (!module || strcmp(module, node->schema->module->name))
		return false;
	for (unsigned int i = 0; i < step->key_count; i++)
		if (!key_fits(&step->keys[i], node))
			return false;
	return true;
}

bool netconf_access_path_covers(const struct netconf_access_path *path, const struct lyd_node *node)
{
	const struct lyd_node *at;
	unsigned int depth = 0;

	for (at = node; at; at = lyd_parent(at))
		depth++;
	/* up to the node that the last step would be */
	for (at = node; depth > path->count; depth--)
		at = lyd_parent(at);
	if (depth < path->count)
		return false;
	for (unsigned int i = path->count; i-- > 0; at = lyd_parent(at))
		if (!step_fits(&path->steps[i], at, lyd_parent(at)))
			return false;
	return true;
}
