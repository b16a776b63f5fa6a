// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vpnctl export | import: VPNs, CEs and sites as JSON, without keys and without
 * what has become of them.  An import is one transaction: all of it, or nothing
 * and words.  It adds; what is there already is refused as a duplicate.  Keys
 * are made anew.
 */
#include "vpn-server/ctl.h"
#include "vpn-server/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FORMAT	    1
#define IMPORT_SIZE (256 * 1024 * 1024)

/* ---- export */

static struct json_object *each(struct db *db, const char *sql,
				struct json_object *(*one)(struct db *db, int64_t id))
{
	struct json_object *list = json_object_new_array();
	struct db_rows *rows = db_query(db, sql, "");

	while (db_next(rows)) {
		struct json_object *json = one(db, db_int(rows, 0));

		if (json)
			json_object_array_add(list, json);
	}
	db_end(rows);
	return list;
}

static struct json_object *one_vpn(struct db *db, int64_t id)
{
	struct vpn vpn;

	return vpn_by_id(db, id, &vpn) ? ctl_vpn_json(db, &vpn) : NULL;
}

static struct json_object *one_ce(struct db *db, int64_t id)
{
	struct ce ce;

	return ce_by_id(db, id, &ce) ? ctl_ce_json(&ce) : NULL;
}

static struct json_object *one_site(struct db *db, int64_t id)
{
	struct site site;

	return site_by_id(db, id, &site) ? ctl_site_json(db, &site, true) : NULL;
}

static struct json_object *links(struct db *db)
{
	struct json_object *list = json_object_new_array();
	struct db_rows *rows = db_query(db,
					"SELECT v.name, c.name, d.name FROM edge e "
					"JOIN site s ON s.id = e.a JOIN ce c ON c.id = s.ce "
					"JOIN site t ON t.id = e.b JOIN ce d ON d.id = t.ce "
					"JOIN vpn v ON v.id = s.vpn ORDER BY v.name, c.name, d.name",
					"");

	while (db_next(rows)) {
		struct json_object *json = json_object_new_object();

		ctl_put(json, "vpn", db_text(rows, 0));
		ctl_put(json, "a", db_text(rows, 1));
		ctl_put(json, "b", db_text(rows, 2));
		json_object_array_add(list, json);
	}
	db_end(rows);
	return list;
}

static int export(const struct ctl *ctl)
{
	struct json_object *all = json_object_new_object();

	ctl_put_number(all, "format", FORMAT);
	json_object_object_add(all, "vpns",
			       each(ctl->db, "SELECT id FROM vpn ORDER BY name", one_vpn));
	json_object_object_add(all, "ces",
			       each(ctl->db,
				    "SELECT id FROM ce WHERE revoked = 0 AND leaving = 0 ORDER BY id",
				    one_ce));
	json_object_object_add(all, "sites",
			       each(ctl->db,
				    "SELECT s.id FROM site s JOIN ce c ON c.id = s.ce WHERE c.revoked = 0 "
				    "ORDER BY s.id",
				    one_site));
	json_object_object_add(all, "links", links(ctl->db));
	ctl_print(all);
	return ctl_done(ctl);
}

/* ---- import: every member that is there must be known and of its type */

static bool member(struct db *db, struct json_object *json, const char *name, enum json_type type,
		   struct json_object **value)
{
	if (!json_object_object_get_ex(json, name, value))
		return false;
	if (json_object_is_type(*value, type))
		return true;
	db_fail(db, "import: \"%s\" is not a %s", name, json_type_to_name(type));
	return false;
}

static void text(struct db *db, struct json_object *json, const char *name, char *to, size_t size)
{
	struct json_object *value;

	if (!member(db, json, name, json_type_string, &value))
		return;
	if ((size_t)json_object_get_string_len(value) >= size)
		db_fail(db, "import: \"%s\" is too long: \"%.40s…\"", name,
			json_object_get_string(value));
	else
		snprintf(to, size, "%s", json_object_get_string(value));
}

static void number(struct db *db, struct json_object *json, const char *name, int64_t *to)
{
	struct json_object *value;

	if (member(db, json, name, json_type_int, &value))
		*to = json_object_get_int64(value);
}

static void known(struct db *db, struct json_object *json, const char *what, const char *names)
{
	if (!json_object_is_type(json, json_type_object)) {
		db_fail(db, "import: a %s is not an object", what);
		return;
	}
	json_object_object_foreach (json, name, value) {
		char padded[64];

		(void)value;
		snprintf(padded, sizeof(padded), " %.60s ", name);
		if (!strstr(names, padded))
			db_fail(db, "import: a %s has no \"%.40s\"", what, name);
	}
}

static void import_vpn(struct db *db, struct json_object *json)
{
	struct json_object *prefixes;
	struct vpn vpn;

	known(db, json, "VPN",
	      " name vpnId topology encapsulation authentication establish idle routing ikeProposal "
	      "espProposal lifetime deadPeerDetection prefixes ");
	vpn_defaults(&vpn);
	if (db_failed(db))
		return;
	text(db, json, "name", vpn.name, sizeof(vpn.name));
	text(db, json, "vpnId", vpn.vpn_id, sizeof(vpn.vpn_id));
	text(db, json, "topology", vpn.topology, sizeof(vpn.topology));
	text(db, json, "encapsulation", vpn.encapsulation, sizeof(vpn.encapsulation));
	text(db, json, "authentication", vpn.authentication, sizeof(vpn.authentication));
	text(db, json, "establish", vpn.establish, sizeof(vpn.establish));
	text(db, json, "routing", vpn.routing, sizeof(vpn.routing));
	text(db, json, "ikeProposal", vpn.ike_proposal, sizeof(vpn.ike_proposal));
	text(db, json, "espProposal", vpn.esp_proposal, sizeof(vpn.esp_proposal));
	number(db, json, "idle", &vpn.idle);
	number(db, json, "lifetime", &vpn.lifetime);
	number(db, json, "deadPeerDetection", &vpn.dead_peer_detection);
	if (db_failed(db) || !vpn_add(db, &vpn) ||
	    !member(db, json, "prefixes", json_type_array, &prefixes))
		return;
	for (size_t i = 0; i < json_object_array_length(prefixes) && !db_failed(db); i++)
		vpn_prefix_add(db, &vpn,
			       json_object_get_string(json_object_array_get_idx(prefixes, i)) ?: "");
}

static void import_ce(struct db *db, struct json_object *json)
{
	struct ce ce;

	known(db, json, "CE", " name address mode transport host port login hostKey ");
	ce_defaults(&ce);
	if (db_failed(db))
		return;
	text(db, json, "name", ce.name, sizeof(ce.name));
	text(db, json, "address", ce.address, sizeof(ce.address));
	text(db, json, "mode", ce.mode, sizeof(ce.mode));
	text(db, json, "transport", ce.transport, sizeof(ce.transport));
	text(db, json, "host", ce.host, sizeof(ce.host));
	text(db, json, "login", ce.login, sizeof(ce.login));
	text(db, json, "hostKey", ce.host_key, sizeof(ce.host_key));
	number(db, json, "port", &ce.port);
	if (!db_failed(db))
		ce_add(db, &ce);
}

static const char **prefixes_of(struct db *db, struct json_object *json)
{
	struct json_object *list = NULL;
	size_t count = member(db, json, "prefixes", json_type_array, &list)
			       ? json_object_array_length(list)
			       : 0;
	const char **prefixes = calloc(count + 1, sizeof(*prefixes));

	if (!prefixes)
		abort();
	for (size_t i = 0; i < count; i++)
		prefixes[i] = json_object_get_string(json_object_array_get_idx(list, i)) ?: "";
	return prefixes;
}

static void import_site(struct db *db, struct json_object *json)
{
	char vpn_name[NAME_SIZE] = "", ce_name[NAME_SIZE] = "", vrf[LINK_SIZE] = "",
	     link_name[LINK_SIZE] = "";
	struct site_options options = { .quiet = true };
	struct json_object *hub;
	struct site site;
	struct vpn vpn;
	struct ce ce;

	known(db, json, "site", " vpn ce vrf hub linkName prefixes ");
	if (db_failed(db))
		return;
	text(db, json, "vpn", vpn_name, sizeof(vpn_name));
	text(db, json, "ce", ce_name, sizeof(ce_name));
	text(db, json, "vrf", vrf, sizeof(vrf));
	text(db, json, "linkName", link_name, sizeof(link_name));
	options.vrf = vrf[0] ? vrf : NULL;
	options.link_name = link_name[0] ? link_name : NULL;
	options.hub = member(db, json, "hub", json_type_boolean, &hub) &&
		      json_object_get_boolean(hub);
	options.prefixes = prefixes_of(db, json);
	if (!db_failed(db) && vpn_find(db, vpn_name, &vpn) && ce_find(db, ce_name, &ce)) {
		if (options.hub && strcmp(vpn.topology, "hub-and-spoke"))
			db_fail(db, "VPN %s is a %s: it has no hubs", vpn.name, vpn.topology);
		else
			site_add(db, &vpn, &ce, &options, &site);
	}
	free((void *)options.prefixes);
}

static void import_link(struct db *db, struct json_object *json)
{
	char vpn_name[NAME_SIZE] = "", a[NAME_SIZE] = "", b[NAME_SIZE] = "";
	struct vpn vpn;

	known(db, json, "link", " vpn a b ");
	if (db_failed(db))
		return;
	text(db, json, "vpn", vpn_name, sizeof(vpn_name));
	text(db, json, "a", a, sizeof(a));
	text(db, json, "b", b, sizeof(b));
	if (db_failed(db) || !vpn_find(db, vpn_name, &vpn))
		return;
	if (strcmp(vpn.topology, "graph"))
		db_fail(db, "VPN %s is a %s: its links are not given one by one", vpn.name,
			vpn.topology);
	else
		topology_edge_add(db, &vpn, a, b);
}

static void import_list(struct db *db, struct json_object *all, const char *name,
			void (*one)(struct db *db, struct json_object *json))
{
	struct json_object *list;

	if (db_failed(db) || !member(db, all, name, json_type_array, &list))
		return;
	for (size_t i = 0; i < json_object_array_length(list) && !db_failed(db); i++)
		one(db, json_object_array_get_idx(list, i));
}

/* VPNs that sites were added to: all their links are news. */
static void announce(struct db *db, struct json_object *all)
{
	struct json_object *list, *value;

	if (db_failed(db) || !member(db, all, "vpns", json_type_array, &list))
		return;
	for (size_t i = 0; i < json_object_array_length(list) && !db_failed(db); i++) {
		struct vpn vpn;

		if (json_object_object_get_ex(json_object_array_get_idx(list, i), "name", &value) &&
		    vpn_find(db, json_object_get_string(value), &vpn))
			topology_announce(db, &vpn);
	}
}

/* Sites of VPNs that were there before would need their topology looked at by site: refused. */
static void only_new_vpns(struct db *db, struct json_object *all)
{
	struct json_object *sites, *vpns, *value, *name;

	if (!member(db, all, "sites", json_type_array, &sites))
		return;
	if (!member(db, all, "vpns", json_type_array, &vpns))
		vpns = NULL;
	for (size_t i = 0; i < json_object_array_length(sites) && !db_failed(db); i++) {
		bool found = false;

		if (!json_object_object_get_ex(json_object_array_get_idx(sites, i), "vpn", &value))
			continue;
		for (size_t v = 0; vpns && v < json_object_array_length(vpns) && !found; v++)
			found = json_object_object_get_ex(json_object_array_get_idx(vpns, v),
							  "name", &name) &&
				!strcmp(json_object_get_string(name) ?: "",
					json_object_get_string(value) ?: "");
		if (!found)
			db_fail(db,
				"import: VPN \"%.40s\" of a site is not in the file: sites are added to a VPN "
				"that is there by vpnctl ce add",
				json_object_get_string(value) ?: "");
	}
}

static void import_all(struct db *db, struct json_object *all)
{
	int64_t format = 0;

	known(db, all, "file", " format vpns ces sites links ");
	if (db_failed(db))
		return;
	number(db, all, "format", &format);
	if (format != FORMAT)
		db_fail(db, "import: this is no export of format %d", FORMAT);
	only_new_vpns(db, all);
	import_list(db, all, "vpns", import_vpn);
	import_list(db, all, "ces", import_ce);
	import_list(db, all, "sites", import_site);
	import_list(db, all, "links", import_link);
	announce(db, all);
}

static int import(const struct ctl *ctl)
{
	char error[400] = "";
	char *data = file_read(strcmp(ctl->words[0], "-") ? ctl->words[0] : "/dev/stdin",
			       IMPORT_SIZE, error, sizeof(error));
	enum json_tokener_error why;
	struct json_object *all;
	int result;

	if (!data)
		return ctl_error("%s", error);
	all = json_tokener_parse_verbose(data, &why);
	free(data);
	if (!all)
		return ctl_error("%s: no JSON: %s", ctl->words[0], json_tokener_error_desc(why));
	if (!db_begin(ctl->db)) {
		json_object_put(all);
		return ctl_done(ctl);
	}
	import_all(ctl->db, all);
	result = ctl_commit(ctl);
	json_object_put(all);
	return result;
}

const struct ctl_command ctl_transfer_commands[] = {
	{ "export", "", " ", 0, 0, export, "VPNs, CEs and sites as JSON, without keys" },
	{ "import", "FILE", " ", 1, 1, import,
	  "what export wrote; all of it or nothing; - is the standard input" },
	{ 0 },
};
