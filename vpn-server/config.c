// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A CE's configuration, the difference of two, and that as an edit.
 *
 * Comparison is by list entry: an entry is told whole, as NETCONF's "replace",
 * and mgmtd finds which of its leaves differ.  To compare with what is recorded
 * in the database, where no secret of a CE's configuration is kept twice, both
 * sides are compared by digest.
 */
#include "vpn-server/config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>

#define VPND_NS	   "http://frrouting.org/yang/vpnd"
#define ROUTING_NS "http://frrouting.org/yang/routing"
#define STATICD_NS "http://frrouting.org/yang/staticd"
#define NETCONF_NS "urn:ietf:params:xml:ns:netconf:base:1.0"

/* Leaves that are nobody's to see. */
static const char *const secret_leaves[] = { "pre-shared-key", "accept-pre-shared-key" };

void config_init(struct config *config)
{
	*config = (struct config){ 0 };
}

/* Overwrites secrets before their memory is given back. */
static void cleanse(struct json_object *json)
{
	if (json_object_is_type(json, json_type_object)) {
		json_object_object_foreach (json, key, value) {
			(void)key;
			cleanse(value);
		}
	} else if (json_object_is_type(json, json_type_string)) {
		OPENSSL_cleanse((char *)json_object_get_string(json),
				json_object_get_string_len(json));
	}
}

void config_clear(struct config *config)
{
	for (size_t i = 0; i < config->count; i++) {
		/* the last holder cleans up; another may still want to read */
		struct json_object *authentication;

		if (config->entries[i].kind == CONFIG_PROFILE &&
		    json_object_object_get_ex(config->entries[i].json, "authentication",
					      &authentication)) {
			json_object_get(authentication);
			if (json_object_put(config->entries[i].json))
				cleanse(authentication);
			json_object_put(authentication);
		} else {
			json_object_put(config->entries[i].json);
		}
	}
	free(config->entries);
	config_init(config);
}

void config_add(struct config *config, enum config_kind kind, const char *key,
		struct json_object *json)
{
	struct config_entry *entry;

	if (config->count == config->room) {
		config->room = config->room ? config->room * 2 : 8;
		config->entries = realloc(config->entries, config->room * sizeof(*config->entries));
		if (!config->entries)
			abort();
	}
	entry = &config->entries[config->count++];
	entry->kind = kind;
	entry->json = json;
	snprintf(entry->key, sizeof(entry->key), "%s", key);
}

void config_merge(struct config *config, const struct config *from)
{
	for (size_t i = 0; i < from->count; i++)
		config_add(config, from->entries[i].kind, from->entries[i].key,
			   json_object_get(from->entries[i].json));
}

static int compare(const void *x, const void *y)
{
	const struct config_entry *a = x, *b = y;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return strcmp(a->key, b->key);
}

void config_sort(struct config *config)
{
	if (config->count)
		qsort(config->entries, config->count, sizeof(*config->entries), compare);
}

/* ---- secrets and digests */

static bool is_secret(const char *key)
{
	for (size_t i = 0; i < sizeof(secret_leaves) / sizeof(secret_leaves[0]); i++)
		if (!strcmp(key, secret_leaves[i]))
			return true;
	return false;
}

static struct json_object *digest(const char *secret)
{
	unsigned char hash[SHA256_DIGEST_LENGTH];
	char text[16 + 2 * SHA256_DIGEST_LENGTH];
	size_t used;

	if (!strncmp(secret, "sha256:", 7))
		return json_object_new_string(secret);
	SHA256((const unsigned char *)secret, strlen(secret), hash);
	used = (size_t)snprintf(text, sizeof(text), "sha256:");
	for (size_t i = 0; i < sizeof(hash); i++, used += 2)
		snprintf(text + used, sizeof(text) - used, "%02x", hash[i]);
	return json_object_new_string(text);
}

/* A copy in which secrets are replaced. */
static struct json_object *veiled(struct json_object *json, bool by_digest)
{
	struct json_object *copy;

	if (json_object_is_type(json, json_type_object)) {
		copy = json_object_new_object();
		json_object_object_foreach (json, key, value) {
			if (is_secret(key) && json_object_is_type(value, json_type_string))
				json_object_object_add(copy, key,
						       by_digest
							       ? digest(json_object_get_string(value))
							       : json_object_new_string("(hidden)"));
			else
				json_object_object_add(copy, key, veiled(value, by_digest));
		}
		return copy;
	}
	return json_object_get(json);
}

/* What YANG has for a leaf that is not there; a CE may report it or not. */
static const struct {
	const char *container, *leaf, *value;
} defaults[] = {
	{ "", "lifetime", "3600" },
	{ "", "dead-peer-detection", "30" },
	{ "ike", "proposal", "aes256gcm16-prfsha384-x25519" },
	{ "ike", "version", "2" },
	{ "esp", "proposal", "aes256gcm16-x25519" },
	{ "retry", "initial", "5" },
	{ "retry", "maximum", "300" },
	{ "retry", "limit", "20" },
	{ "establish", "mode", "permanent" },
	{ "establish", "idle", "300" },
};

static bool is_default(const char *container, const char *leaf, struct json_object *value)
{
	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
		if (!strcmp(defaults[i].leaf, leaf) && !strcmp(defaults[i].container, container) &&
		    !strcmp(defaults[i].value, json_object_get_string(value) ?: ""))
			return true;
	return false;
}

static bool holds(const char *container, struct json_object *a, struct json_object *b);

/* Equal, or both of them nothing but defaults.  Either may be NULL: it is not there. */
static bool same(const char *container, const char *name, struct json_object *a,
		 struct json_object *b)
{
	struct json_object *there = a ? a : b;

	if (json_object_is_type(there, json_type_object))
		return holds(name, a, b) && holds(name, b, a);
	if (!a || !b)
		return is_default(container, name, there);
	return !strcmp(json_object_get_string(a) ?: "", json_object_get_string(b) ?: "");
}

/* Each member of a is in b, alike: by its text, for 5 may come as "5" from XML. */
static bool holds(const char *container, struct json_object *a, struct json_object *b)
{
	struct json_object *other;

	if (!a)
		return true;
	if (!json_object_is_type(a, json_type_object))
		return false;
	json_object_object_foreach (a, key, value) {
		if (!json_object_is_type(b, json_type_object) ||
		    !json_object_object_get_ex(b, key, &other))
			other = NULL;
		if (!same(container, key, value, other))
			return false;
	}
	return true;
}

static bool same_objects(struct json_object *a, struct json_object *b)
{
	return holds("", a, b) && holds("", b, a);
}

static bool same_entry(const struct config_entry *a, const struct config_entry *b)
{
	struct json_object *x, *y;
	bool equal;

	if (a->kind == CONFIG_ROUTE)
		return true; /* all of it is in the key */
	if (a->kind == CONFIG_LINK)
		return same_objects(a->json, b->json);
	x = veiled(a->json, true);
	y = veiled(b->json, true);
	equal = same_objects(x, y);
	json_object_put(x);
	json_object_put(y);
	return equal;
}

/* ---- difference */

size_t config_diff(const struct config *old, const struct config *new, config_differs differs,
		   void *arg)
{
	size_t i = 0, j = 0, count = 0;

	while (i < old->count || j < new->count) {
		int order = i == old->count   ? 1
			    : j == new->count ? -1
					      : compare(&old->entries[i], &new->entries[j]);

		if (order < 0)
			differs(CONFIG_REMOVED, &old->entries[i], arg);
		else if (order > 0)
			differs(CONFIG_ADDED, &new->entries[j], arg);
		else if (!same_entry(&old->entries[i], &new->entries[j]))
			differs(CONFIG_CHANGED, &new->entries[j], arg);
		else
			count--;
		count++;
		i += order <= 0;
		j += order >= 0;
	}
	return count;
}

/* ---- XML */

struct text {
	char *at;
	size_t used, room;
};

static void add_octets(struct text *text, const char *octets, size_t count)
{
	if (text->used + count + 1 > text->room) {
		size_t room = (text->room ? text->room * 2 : 4096) + count;
		char *grown = malloc(room);

		if (!grown)
			abort();
		/* not realloc(): the old text may hold keys */
		memcpy(grown, text->at ? text->at : "", text->used);
		if (text->at)
			OPENSSL_cleanse(text->at, text->used);
		free(text->at);
		text->at = grown;
		text->room = room;
	}
	memcpy(text->at + text->used, octets, count);
	text->used += count;
	text->at[text->used] = '\0';
}

static void add(struct text *text, const char *string)
{
	add_octets(text, string, strlen(string));
}

static void add_escaped(struct text *text, const char *string)
{
	for (; *string; string++) {
		switch (*string) {
		case '<':
			add(text, "&lt;");
			break;
		case '>':
			add(text, "&gt;");
			break;
		case '&':
			add(text, "&amp;");
			break;
		default:
			add_octets(text, string, 1);
		}
	}
}

static void add_leaf(struct text *text, const char *name, const char *value)
{
	add(text, "<");
	add(text, name);
	add(text, ">");
	add_escaped(text, value);
	add(text, "</");
	add(text, name);
	add(text, ">");
}

/* Members in the order they were added: a list's key comes first. */
static void add_members(struct text *text, struct json_object *json)
{
	if (!json_object_is_type(json, json_type_object))
		return;
	json_object_object_foreach (json, name, value) {
		if (json_object_is_type(value, json_type_object)) {
			add(text, "<");
			add(text, name);
			add(text, ">");
			add_members(text, value);
			add(text, "</");
			add(text, name);
			add(text, ">");
		} else if (json_object_is_type(value, json_type_array)) {
			add_leaf(text, name, ""); /* [null]: a leaf of type empty */
		} else {
			add_leaf(text, name, json_object_get_string(value));
		}
	}
}

struct edit {
	struct text vpn, routes;
};

static const char *member(struct json_object *json, const char *name)
{
	struct json_object *value;

	return json_object_object_get_ex(json, name, &value) ? json_object_get_string(value) : "";
}

static bool flag(struct json_object *json, const char *name)
{
	struct json_object *value;

	return json_object_object_get_ex(json, name, &value) && json_object_get_boolean(value);
}

/* A prefix that several links lead to goes when its last one does: only the next hop is ours. */
static void edit_route(enum config_change change, const struct config_entry *entry, struct text *out)
{
	bool gone = change == CONFIG_REMOVED, shared = flag(entry->json, "shared");
	const char *prefix = member(entry->json, "prefix"), *vrf = member(entry->json, "vrf");

	add(out, "<control-plane-protocol><type xmlns:frr-staticd=\"" STATICD_NS
		 "\">frr-staticd:staticd</type><name>staticd</name>");
	add_leaf(out, "vrf", vrf);
	add(out, "<staticd xmlns=\"" STATICD_NS "\"><route-list");
	add(out, gone && !shared ? " nc:operation=\"remove\">" : ">");
	add_leaf(out, "prefix", prefix);
	add(out, "<src-prefix>::/0</src-prefix><afi-safi xmlns:frr-routing=\"" ROUTING_NS "\">");
	add(out, strchr(prefix, ':') ? "frr-routing:ipv6-unicast" : "frr-routing:ipv4-unicast");
	add(out, "</afi-safi>");
	if (!gone || shared) {
		add(out,
		    "<path-list><table-id>0</table-id><distance>1</distance><frr-nexthops><nexthop");
		add(out, gone ? " nc:operation=\"remove\">" : ">");
		add(out, "<nh-type>ifindex</nh-type>");
		add_leaf(out, "vrf", vrf);
		add(out, "<gateway></gateway>");
		add_leaf(out, "interface", member(entry->json, "interface"));
		add(out, "</nexthop></frr-nexthops></path-list>");
	}
	add(out, "</route-list></staticd></control-plane-protocol>");
}

static void edit_entry(enum config_change change, const struct config_entry *entry, void *arg)
{
	struct edit *edit = arg;
	const char *list = entry->kind == CONFIG_LINK ? "tunnel-link" : "ipsec-profile";

	if (entry->kind == CONFIG_ROUTE) {
		edit_route(change, entry, &edit->routes);
		return;
	}
	add(&edit->vpn, "<");
	add(&edit->vpn, list);
	add(&edit->vpn,
	    change == CONFIG_REMOVED ? " nc:operation=\"remove\">" : " nc:operation=\"replace\">");
	if (change == CONFIG_REMOVED)
		add_leaf(&edit->vpn, "name", entry->key);
	else
		add_members(&edit->vpn, entry->json);
	add(&edit->vpn, "</");
	add(&edit->vpn, list);
	add(&edit->vpn, ">");
}

static void edit_edge(struct text *out, const struct config_edge *edge)
{
	char number[24];

	add(out, "<customer-edge>");
	if (edge->certificate) {
		add(out, "<certificate>");
		add_leaf(out, "certificate", edge->certificate);
		add_leaf(out, "key", edge->key);
		add(out, "</certificate>");
	}
	if (edge->version >= 0) {
		snprintf(number, sizeof(number), "%lld", (long long)edge->version);
		add_leaf(out, "provisioned-version", number);
	}
	add(out, "</customer-edge>");
}

char *config_edit(const struct config *old, const struct config *new)
{
	return config_edit_edge(old, new, &(struct config_edge){ .version = -1 });
}

char *config_edit_edge(const struct config *old, const struct config *new,
		       const struct config_edge *edge)
{
	bool beside = edge->version >= 0 || edge->certificate;
	struct edit edit = { 0 };
	struct text all = { 0 };

	if (!config_diff(old, new, edit_entry, &edit) && !beside)
		return NULL;
	if (beside)
		edit_edge(&edit.vpn, edge);
	if (edit.vpn.at) {
		add(&all, "<vpn xmlns=\"" VPND_NS "\" xmlns:nc=\"" NETCONF_NS "\">");
		add_octets(&all, edit.vpn.at, edit.vpn.used);
		add(&all, "</vpn>");
		config_cleanse_text(edit.vpn.at);
		free(edit.vpn.at);
	}
	if (edit.routes.at) {
		add(&all, "<routing xmlns=\"" ROUTING_NS "\" xmlns:nc=\"" NETCONF_NS
			  "\"><control-plane-protocols>");
		add_octets(&all, edit.routes.at, edit.routes.used);
		add(&all, "</control-plane-protocols></routing>");
		free(edit.routes.at);
	}
	return all.at;
}

void config_cleanse_text(char *text)
{
	if (text)
		OPENSSL_cleanse(text, strlen(text));
}

/* ---- instance data */

static struct json_object *list_of(const struct config *config, enum config_kind kind, bool secrets)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < config->count; i++)
		if (config->entries[i].kind == kind)
			json_object_array_add(list,
					      secrets ? json_object_get(config->entries[i].json)
						      : veiled(config->entries[i].json, false));
	return list;
}

static struct json_object *route_instance(const struct config *config, size_t *at)
{
	struct json_object *hops = json_object_new_array(), *path = json_object_new_object(),
			   *paths = json_object_new_array(), *route = json_object_new_object(),
			   *wrap;
	const char *prefix = member(config->entries[*at].json, "prefix");
	const char *vrf = member(config->entries[*at].json, "vrf");

	for (; *at < config->count && !strcmp(member(config->entries[*at].json, "prefix"), prefix) &&
	       !strcmp(member(config->entries[*at].json, "vrf"), vrf);
	     (*at)++) {
		struct json_object *hop = json_object_new_object();

		json_object_object_add(hop, "nh-type", json_object_new_string("ifindex"));
		json_object_object_add(hop, "vrf", json_object_new_string(vrf));
		json_object_object_add(hop, "gateway", json_object_new_string(""));
		json_object_object_add(hop, "interface",
				       json_object_new_string(
					       member(config->entries[*at].json, "interface")));
		json_object_array_add(hops, hop);
	}
	wrap = json_object_new_object();
	json_object_object_add(wrap, "nexthop", hops);
	json_object_object_add(path, "table-id", json_object_new_int(0));
	json_object_object_add(path, "distance", json_object_new_int(1));
	json_object_object_add(path, "frr-nexthops", wrap);
	json_object_array_add(paths, path);
	json_object_object_add(route, "prefix", json_object_new_string(prefix));
	json_object_object_add(route, "src-prefix", json_object_new_string("::/0"));
	json_object_object_add(route, "afi-safi",
			       json_object_new_string(strchr(prefix, ':')
							      ? "frr-routing:ipv6-unicast"
							      : "frr-routing:ipv4-unicast"));
	json_object_object_add(route, "path-list", paths);
	return route;
}

/* Entries are sorted by VRF, then prefix: each VRF is one pseudo-protocol. */
static struct json_object *protocols(const struct config *config)
{
	struct json_object *list = json_object_new_array();
	size_t i = 0;

	while (i < config->count && config->entries[i].kind != CONFIG_ROUTE)
		i++;
	while (i < config->count) {
		struct json_object *protocol = json_object_new_object(),
				   *routes = json_object_new_array(),
				   *staticd = json_object_new_object();
		const char *vrf = member(config->entries[i].json, "vrf");

		json_object_object_add(protocol, "type",
				       json_object_new_string("frr-staticd:staticd"));
		json_object_object_add(protocol, "name", json_object_new_string("staticd"));
		json_object_object_add(protocol, "vrf", json_object_new_string(vrf));
		while (i < config->count && !strcmp(member(config->entries[i].json, "vrf"), vrf))
			json_object_array_add(routes, route_instance(config, &i));
		json_object_object_add(staticd, "route-list", routes);
		json_object_object_add(protocol, "frr-staticd:staticd", staticd);
		json_object_array_add(list, protocol);
	}
	return list;
}

struct json_object *config_instance(const struct config *config, bool secrets)
{
	struct json_object *all = json_object_new_object(), *vpn = json_object_new_object(), *list;

	list = list_of(config, CONFIG_PROFILE, secrets);
	json_object_object_add(vpn, "ipsec-profile", list);
	list = list_of(config, CONFIG_LINK, secrets);
	json_object_object_add(vpn, "tunnel-link", list);
	json_object_object_add(all, "frr-vpnd:vpn", vpn);
	list = protocols(config);
	if (json_object_array_length(list)) {
		struct json_object *routing = json_object_new_object(),
				   *wrap = json_object_new_object();

		json_object_object_add(wrap, "control-plane-protocol", list);
		json_object_object_add(routing, "control-plane-protocols", wrap);
		json_object_object_add(all, "frr-routing:routing", routing);
	} else {
		json_object_put(list);
	}
	return all;
}

/* ---- what a CE runs */

static struct json_object *walk(struct json_object *json, const char *const *names)
{
	for (; *names; names++)
		if (!json_object_is_type(json, json_type_object) ||
		    !json_object_object_get_ex(json, *names, &json))
			return NULL;
	return json;
}

static struct json_object *array_of(struct json_object *json, const char *const *names)
{
	json = walk(json, names);
	return json_object_is_type(json, json_type_array) ? json : NULL;
}

static bool starts(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}

static void take_list(struct config *config, struct json_object *list, enum config_kind kind)
{
	size_t count = list ? json_object_array_length(list) : 0;

	for (size_t i = 0; i < count; i++) {
		struct json_object *entry = json_object_array_get_idx(list, i);
		const char *owner;

		if (!json_object_is_type(entry, json_type_object))
			continue;
		owner = member(entry, kind == CONFIG_LINK ? "ipsec-profile" : "name");
		if (starts(owner, CONFIG_PROFILE_PREFIX) &&
		    strlen(member(entry, "name")) < CONFIG_KEY_SIZE)
			config_add(config, kind, member(entry, "name"), json_object_get(entry));
	}
}

static bool is_our_link(const struct config *config, const char *interface)
{
	struct config_entry wanted = { .kind = CONFIG_LINK };

	snprintf(wanted.key, sizeof(wanted.key), "%s", interface);
	return config->count &&
	       bsearch(&wanted, config->entries, config->count, sizeof(wanted), compare);
}

static struct json_object *new_route(const char *vrf, const char *prefix, const char *interface,
				     bool shared)
{
	struct json_object *json = json_object_new_object();

	json_object_object_add(json, "vrf", json_object_new_string(vrf));
	json_object_object_add(json, "prefix", json_object_new_string(prefix));
	json_object_object_add(json, "interface", json_object_new_string(interface));
	json_object_object_add(json, "shared", json_object_new_boolean(shared));
	return json;
}

void config_add_route(struct config *config, const char *vrf, const char *prefix,
		      const char *interface, bool shared)
{
	char key[CONFIG_KEY_SIZE];

	snprintf(key, sizeof(key), "%s %s %s", vrf, prefix, interface);
	config_add(config, CONFIG_ROUTE, key, new_route(vrf, prefix, interface, shared));
}

/* Next hops of one prefix that are links of ours. */
static void take_route(struct config *config, struct config *routes, const char *vrf,
		       struct json_object *route)
{
	static const char *const path_names[] = { "path-list", NULL };
	static const char *const hop_names[] = { "frr-nexthops", "nexthop", NULL };
	struct json_object *paths = array_of(route, path_names);
	size_t count = paths ? json_object_array_length(paths) : 0;

	for (size_t p = 0; p < count; p++) {
		struct json_object *hops = array_of(json_object_array_get_idx(paths, p), hop_names);
		size_t many = hops ? json_object_array_length(hops) : 0;

		for (size_t h = 0; h < many; h++) {
			const char *interface = member(json_object_array_get_idx(hops, h),
						       "interface");

			if (is_our_link(config, interface))
				config_add_route(routes, vrf, member(route, "prefix"), interface,
						 many > 1);
		}
	}
}

static void take_routes(struct config *config, struct json_object *instance)
{
	static const char *const names[] = { "frr-routing:routing", "control-plane-protocols",
					     "control-plane-protocol", NULL };
	static const char *const inner[] = { "frr-staticd:staticd", "route-list", NULL };
	struct json_object *list = array_of(instance, names);
	size_t count = list ? json_object_array_length(list) : 0;
	struct config routes;

	config_init(&routes);
	for (size_t i = 0; i < count; i++) {
		struct json_object *protocol = json_object_array_get_idx(list, i);
		struct json_object *entries = array_of(protocol, inner);
		size_t many = entries ? json_object_array_length(entries) : 0;

		for (size_t r = 0; r < many; r++)
			if (json_object_is_type(json_object_array_get_idx(entries, r),
						json_type_object))
				take_route(config, &routes, member(protocol, "vrf"),
					   json_object_array_get_idx(entries, r));
	}
	config_merge(config, &routes);
	config_clear(&routes);
}

bool config_from_instance(struct config *config, struct json_object *instance, char *error,
			  size_t size)
{
	static const char *const profiles[] = { "frr-vpnd:vpn", "ipsec-profile", NULL };
	static const char *const links[] = { "frr-vpnd:vpn", "tunnel-link", NULL };

	config_init(config);
	if (!json_object_is_type(instance, json_type_object)) {
		snprintf(error, size, "the CE's configuration is not an object");
		return false;
	}
	take_list(config, array_of(instance, profiles), CONFIG_PROFILE);
	take_list(config, array_of(instance, links), CONFIG_LINK);
	config_sort(config);
	take_routes(config, instance);
	config_sort(config);
	return true;
}

/* ---- the database's copy */

struct json_object *config_digest(const struct config *config)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < config->count; i++) {
		struct json_object *entry = json_object_new_object();

		json_object_object_add(entry, "kind", json_object_new_int(config->entries[i].kind));
		json_object_object_add(entry, "key", json_object_new_string(config->entries[i].key));
		json_object_object_add(entry, "json", veiled(config->entries[i].json, true));
		json_object_array_add(list, entry);
	}
	return list;
}

bool config_from_digest(struct config *config, const char *text)
{
	struct json_object *list = json_tokener_parse(text);
	size_t count = json_object_is_type(list, json_type_array) ? json_object_array_length(list)
								  : 0;

	for (size_t i = 0; i < count; i++) {
		struct json_object *entry = json_object_array_get_idx(list, i), *kind, *json;

		if (json_object_object_get_ex(entry, "kind", &kind) &&
		    json_object_object_get_ex(entry, "json", &json) &&
		    json_object_get_int(kind) >= CONFIG_PROFILE &&
		    json_object_get_int(kind) <= CONFIG_ROUTE &&
		    (json_object_get_int(kind) == CONFIG_ROUTE ||
		     json_object_is_type(json, json_type_object)))
			config_add(config, json_object_get_int(kind), member(entry, "key"),
				   json_object_get(json));
	}
	json_object_put(list);
	return list != NULL;
}
