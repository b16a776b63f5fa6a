// SPDX-License-Identifier: GPL-2.0-or-later
/* vpnctl ce add | show | remove */
#include "vpn-server/ctl.h"
#include "vpn-server/compute.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool read_ce(const struct ctl *ctl, struct ce *ce)
{
	ce_defaults(ce);
	if (strlen(ctl->words[0]) >= sizeof(ce->name)) {
		ctl_error("a CE's name has at most %zu characters", sizeof(ce->name) - 1);
		return false;
	}
	snprintf(ce->name, sizeof(ce->name), "%s", ctl->words[0]);
	return ctl_text(ctl, "address", ce->address, sizeof(ce->address)) &&
	       ctl_text(ctl, "mode", ce->mode, sizeof(ce->mode)) &&
	       ctl_text(ctl, "transport", ce->transport, sizeof(ce->transport)) &&
	       ctl_text(ctl, "host", ce->host, sizeof(ce->host)) &&
	       ctl_number(ctl, "port", &ce->port) &&
	       ctl_text(ctl, "login", ce->login, sizeof(ce->login)) &&
	       ctl_text(ctl, "host-key", ce->host_key, sizeof(ce->host_key));
}

/* A CE that is there joins another VPN: what is said of the device must not differ. */
static bool join(const struct ctl *ctl, const struct ce *said, struct ce *ce)
{
	char address[PREFIX_TEXT], error[160];

	if (!ce_find(ctl->db, said->name, ce))
		return false;
	if (!ctl->option("vpn")) {
		db_fail(ctl->db, "there is a CE %s already", said->name);
		return false;
	}
	if (said->address[0] && (!address_parse(said->address, address, error, sizeof(error)) ||
				 strcmp(address, ce->address)))
		db_fail(ctl->db, "there is a CE %s already, and its address is %s", ce->name,
			ce->address);
	return !db_failed(ctl->db);
}

static int add(const struct ctl *ctl)
{
	struct site_options options = {
		.vrf = ctl->option("vrf"),
		.link_name = ctl->option("link-name"),
		.prefixes = ctl->list("prefix")->value,
		.links = ctl->list("link")->value,
		.hub = ctl->option("hub"),
	};
	struct site site;
	struct ce said, ce;
	struct vpn vpn;

	if (!read_ce(ctl, &said) || !db_begin(ctl->db))
		return db_failed(ctl->db) ? ctl_done(ctl) : 1;
	if (ctl->option("vpn"))
		vpn_find(ctl->db, ctl->option("vpn"), &vpn);
	else if (options.vrf || options.link_name || options.prefixes[0] || options.links[0] ||
		 options.hub)
		db_fail(ctl->db, "CE %s: of which VPN? (--vpn)", said.name);
	if (!db_failed(ctl->db)) {
		if (ce_exists(ctl->db, said.name)) {
			join(ctl, &said, &ce);
		} else {
			ce = said;
			ce_add(ctl->db, &ce);
		}
	}
	if (!db_failed(ctl->db) && ctl->option("vpn"))
		site_add(ctl->db, &vpn, &ce, &options, &site);
	return ctl_commit(ctl);
}

static int remove_ce(const struct ctl *ctl)
{
	struct vpn vpn;
	struct ce ce;

	if (!db_begin(ctl->db))
		return ctl_done(ctl);
	if (!ctl->option("vpn"))
		ce_remove(ctl->db, ctl->words[0], ctl->option("forget"));
	else if (ce_find(ctl->db, ctl->words[0], &ce) && vpn_find(ctl->db, ctl->option("vpn"), &vpn))
		site_remove(ctl->db, &vpn, &ce);
	return ctl_commit(ctl);
}

struct json_object *ctl_ce_json(const struct ce *ce)
{
	struct json_object *json = json_object_new_object();

	ctl_put(json, "name", ce->name);
	ctl_put(json, "address", ce->address);
	ctl_put(json, "mode", ce->mode);
	ctl_put(json, "transport", ce->transport);
	if (ce->host[0])
		ctl_put(json, "host", ce->host);
	if (ce->port)
		ctl_put_number(json, "port", ce->port);
	ctl_put(json, "login", ce->login);
	if (ce->host_key[0])
		ctl_put(json, "hostKey", ce->host_key);
	return json;
}

struct json_object *ctl_site_json(struct db *db, const struct site *site, bool with_ce)
{
	struct json_object *json = json_object_new_object(), *prefixes = json_object_new_array();
	struct db_rows *rows;
	struct vpn vpn;

	if (vpn_by_id(db, site->vpn, &vpn))
		ctl_put(json, "vpn", vpn.name);
	if (with_ce)
		ctl_put(json, "ce", site->ce_name);
	ctl_put(json, "vrf", site->vrf);
	ctl_put_flag(json, "hub", site->hub);
	ctl_put(json, "linkName", site->link_name);
	rows = db_query(db, "SELECT prefix FROM site_prefix WHERE site = $1 ORDER BY prefix", "i",
			site->id);
	while (db_next(rows))
		json_object_array_add(prefixes, json_object_new_string(db_text(rows, 0)));
	db_end(rows);
	json_object_object_add(json, "prefixes", prefixes);
	return json;
}

static void put_state(struct json_object *json, const struct ce *ce)
{
	ctl_put_number(json, "version", ce->version);
	ctl_put_flag(json, "revoked", ce->revoked);
	ctl_put_flag(json, "leaving", ce->leaving);
	ctl_put_number(json, "failures", ce->failures);
	if (ce->error[0])
		ctl_put(json, "error", ce->error);
}

static void show_one(struct db *db, const struct ce *ce, struct json_object *all)
{
	struct json_object *json = all ? ctl_ce_json(ce) : NULL;
	struct json_object *sites = all ? json_object_new_array() : NULL;
	struct db_rows *rows = db_query(db, "SELECT id FROM site WHERE ce = $1 ORDER BY id", "i",
					ce->id);

	if (!all)
		printf("CE %s, address %s, %s over NETCONF/%s%s%s\n", ce->name, ce->address,
		       ce->mode, ce->transport, ce->revoked ? ", revoked" : "",
		       ce->leaving ? ", leaving" : "");
	while (db_next(rows)) {
		struct site site;
		struct vpn vpn;

		if (!site_by_id(db, db_int(rows, 0), &site) || !vpn_by_id(db, site.vpn, &vpn))
			continue;
		if (all)
			json_object_array_add(sites, ctl_site_json(db, &site, false));
		else
			printf("  in VPN %s%s: VRF %s, its peers call it %s\n", vpn.name,
			       site.hub ? " (hub)" : "", site.vrf, site.link_name);
	}
	db_end(rows);
	if (all) {
		put_state(json, ce);
		json_object_object_add(json, "sites", sites);
		json_object_object_add(all, ce->name, json);
	} else if (ce->error[0]) {
		printf("  %s\n", ce->error);
	}
}

/* What its configuration is, secrets hidden: instance data of YANG. */
static int show_config(const struct ctl *ctl)
{
	struct config config;
	struct ce ce;

	if (!ctl->word_count)
		return ctl_error("usage: vpnctl ce show NAME --config");
	if (!ce_find(ctl->db, ctl->words[0], &ce))
		return ctl_done(ctl);
	if (ce_compute(ctl->db, ce.id, &config))
		ctl_print(config_instance(&config, false));
	config_clear(&config);
	return ctl_done(ctl);
}

static int show(const struct ctl *ctl)
{
	struct json_object *all = ctl->json ? json_object_new_object() : NULL;
	struct db_rows *rows;
	struct ce ce;

	if (ctl->option("config"))
		return show_config(ctl);
	if (ctl->word_count && !ce_find(ctl->db, ctl->words[0], &ce)) {
		json_object_put(all);
		return ctl_done(ctl);
	}
	rows = ctl->word_count
		       ? db_query(ctl->db, "SELECT id FROM ce WHERE name = $1", "s", ctl->words[0])
		       : db_query(ctl->db, "SELECT id FROM ce ORDER BY name", "");
	while (db_next(rows))
		if (ce_by_id(ctl->db, db_int(rows, 0), &ce))
			show_one(ctl->db, &ce, all);
	db_end(rows);
	if (all) {
		struct json_object *wrap = json_object_new_object();

		json_object_object_add(wrap, "ces", all);
		ctl_print(wrap);
	}
	return ctl_done(ctl);
}

int ctl_ce_preconfigure(const struct ctl *ctl);

const struct ctl_command ctl_ce_commands[] = {
	{ "ce add", "NAME --address ADDRESS [--vpn VPN [--prefix PREFIX]... [--hub]] [OPTION]...",
	  " vpn address vrf hub link link-name prefix mode transport host port login host-key ", 1,
	  1, add, "a CE, and its place in a VPN; or another VPN for a CE that is there" },
	{ "ce show", "[NAME [--config]]", " config ", 0, 1, show,
	  "CEs and their sites; or what a CE is configured to, without secrets" },
	{ "ce remove", "NAME [--vpn VPN | --forget]", " vpn forget ", 1, 1, remove_ce,
	  "out of all VPNs or one; --forget: without telling the CE" },
	{ "ce preconfigure",
	  "NAME [--server ADDRESS...] [--provider-interface IFNAME] [--output DIRECTORY [--csr FILE | --key-pair]]",
	  " server provider-interface output csr key-pair days ", 1, 1, ctl_ce_preconfigure,
	  "the lines and credentials that a CE gets before it is shipped" },
	{ 0 },
};
