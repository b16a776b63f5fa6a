// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A CE's configuration as far as it comes from the server: a sorted set of
 * entries, each a list entry of YANG.  Pure: no database, no network.
 *
 * What is the server's is known by the name of its IPsec profile, which starts
 * with "vpn:"; all else on the CE is its owner's and is never touched.
 */
#ifndef VPN_SERVER_CONFIG_H
#define VPN_SERVER_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <json-c/json.h>

#define CONFIG_PROFILE_PREFIX "vpn:"
#define CONFIG_KEY_SIZE	      96

enum config_kind {
	CONFIG_PROFILE, /* /frr-vpnd:vpn/ipsec-profile */
	CONFIG_LINK,	/* /frr-vpnd:vpn/tunnel-link */
	CONFIG_ROUTE,	/* a static route of one prefix over one link */
};

struct config_entry {
	enum config_kind kind;
	char key[CONFIG_KEY_SIZE]; /* name; of a route: VRF, prefix, interface */
	struct json_object *
		json; /* as in instance data (RFC 7951); of a route: vrf, prefix, interface, shared */
};

struct config {
	struct config_entry *entries;
	size_t count, room;
};

void config_init(struct config *config);
void config_clear(struct config *config);

/* Takes json over.  Call config_sort() after the last one. */
void config_add(struct config *config, enum config_kind kind, const char *key,
		struct json_object *json);
void config_add_route(struct config *config, const char *vrf, const char *prefix,
		      const char *interface, bool shared);
void config_sort(struct config *config);

/* Adds the entries of from, without taking them away. */
void config_merge(struct config *config, const struct config *from);

/* What changes between two sorted configurations. */
enum config_change { CONFIG_ADDED, CONFIG_CHANGED, CONFIG_REMOVED };
typedef void (*config_differs)(enum config_change change, const struct config_entry *entry,
			       void *arg);
size_t config_diff(const struct config *old, const struct config *new, config_differs differs,
		   void *arg);

/*
 * The same as the content of NETCONF's <config>: replace for what is new or
 * other, remove for what is gone; repeating it does no harm.  NULL if there is
 * no difference; otherwise free() it, after config_cleanse_text(): it holds keys.
 */
char *config_edit(const struct config *old, const struct config *new);
/* What is told to a customer edge beside: */
struct config_edge {
	int64_t version;	       /* of the database that it runs then; negative: not told */
	const char *certificate, *key; /* its files; NULL: not told */
};
char *config_edit_edge(const struct config *old, const struct config *new,
		       const struct config_edge *edge);
void config_cleanse_text(char *text);

/* The whole as instance data, for people and for libyang.  secrets: with keys, or "(hidden)". */
struct json_object *config_instance(const struct config *config, bool secrets);

/* The server's entries of a CE's instance data (what get-config brought). */
bool config_from_instance(struct config *config, struct json_object *instance, char *error,
			  size_t size);

/*
 * For the database: entries with their secrets replaced by a digest, as JSON
 * text; and back.  Two that differ in a secret differ in the digest.
 */
struct json_object *config_digest(const struct config *config);
bool config_from_digest(struct config *config, const char *text);

#endif /* VPN_SERVER_CONFIG_H */
