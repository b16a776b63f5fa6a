// SPDX-License-Identifier: GPL-2.0-or-later
/* vpnctl vpn add | show | remove */
#include "vpn-server/ctl.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int add(const struct ctl *ctl)
{
	struct vpn vpn;

	vpn_defaults(&vpn);
	if (strlen(ctl->words[0]) >= sizeof(vpn.name))
		return ctl_error("a VPN's name has at most %zu characters", sizeof(vpn.name) - 1);
	snprintf(vpn.name, sizeof(vpn.name), "%s", ctl->words[0]);
	if (!ctl_text(ctl, "vpn-id", vpn.vpn_id, sizeof(vpn.vpn_id)) ||
	    !ctl_text(ctl, "topology", vpn.topology, sizeof(vpn.topology)) ||
	    !ctl_text(ctl, "encapsulation", vpn.encapsulation, sizeof(vpn.encapsulation)) ||
	    !ctl_text(ctl, "authentication", vpn.authentication, sizeof(vpn.authentication)) ||
	    !ctl_text(ctl, "establish", vpn.establish, sizeof(vpn.establish)) ||
	    !ctl_text(ctl, "routing", vpn.routing, sizeof(vpn.routing)) ||
	    !ctl_text(ctl, "ike", vpn.ike_proposal, sizeof(vpn.ike_proposal)) ||
	    !ctl_text(ctl, "esp", vpn.esp_proposal, sizeof(vpn.esp_proposal)) ||
	    !ctl_number(ctl, "idle", &vpn.idle) || !ctl_number(ctl, "lifetime", &vpn.lifetime) ||
	    !ctl_number(ctl, "dead-peer-detection", &vpn.dead_peer_detection))
		return 1;
	if (!vpn.vpn_id[0])
		return ctl_error("VPN %s needs a VPN-ID: --vpn-id 00a0c9:00000001", vpn.name);
	if (!db_begin(ctl->db))
		return ctl_done(ctl);
	if (vpn_add(ctl->db, &vpn))
		for (const char *const *p = ctl->list("prefix")->value; *p; p++)
			vpn_prefix_add(ctl->db, &vpn, *p);
	return ctl_commit(ctl);
}

static int remove_vpn(const struct ctl *ctl)
{
	if (!db_begin(ctl->db))
		return ctl_done(ctl);
	vpn_remove(ctl->db, ctl->words[0]);
	return ctl_commit(ctl);
}

static struct json_object *prefixes_json(struct db *db, const struct vpn *vpn)
{
	struct json_object *list = json_object_new_array();
	struct db_rows *rows =
		db_query(db, "SELECT prefix FROM vpn_prefix WHERE vpn = $1 ORDER BY prefix", "i",
			 vpn->id);

	while (db_next(rows))
		json_object_array_add(list, json_object_new_string(db_text(rows, 0)));
	db_end(rows);
	return list;
}

/* What export writes, too: no states. */
struct json_object *ctl_vpn_json(struct db *db, const struct vpn *vpn)
{
	struct json_object *json = json_object_new_object();

	ctl_put(json, "name", vpn->name);
	ctl_put(json, "vpnId", vpn->vpn_id);
	ctl_put(json, "topology", vpn->topology);
	ctl_put(json, "encapsulation", vpn->encapsulation);
	ctl_put(json, "authentication", vpn->authentication);
	ctl_put(json, "establish", vpn->establish);
	ctl_put_number(json, "idle", vpn->idle);
	ctl_put(json, "routing", vpn->routing);
	if (vpn->ike_proposal[0])
		ctl_put(json, "ikeProposal", vpn->ike_proposal);
	if (vpn->esp_proposal[0])
		ctl_put(json, "espProposal", vpn->esp_proposal);
	if (vpn->lifetime >= 0)
		ctl_put_number(json, "lifetime", vpn->lifetime);
	if (vpn->dead_peer_detection >= 0)
		ctl_put_number(json, "deadPeerDetection", vpn->dead_peer_detection);
	json_object_object_add(json, "prefixes", prefixes_json(db, vpn));
	return json;
}

static void show_text(struct db *db, const struct vpn *vpn)
{
	int64_t sites = db_number(db, 0, "SELECT count(*) FROM site WHERE vpn = $1", "i", vpn->id);
	int64_t hubs = db_number(db, 0, "SELECT count(*) FROM site WHERE vpn = $1 AND hub = 1", "i",
				 vpn->id);

	printf("VPN %s, VPN-ID %s\n", vpn->name, vpn->vpn_id);
	printf("  %s, %" PRId64 " site%s", vpn->topology, sites, sites == 1 ? "" : "s");
	if (hubs)
		printf(", %" PRId64 " of them hub%s", hubs, hubs == 1 ? "" : "s");
	printf("\n  %s, links %s, routing %s\n", vpn->encapsulation, vpn->establish, vpn->routing);
	printf("  authentication by %s, ike %s, esp %s\n",
	       strcmp(vpn->authentication, "psk") ? "certificates" : "a key per pair of sites",
	       vpn->ike_proposal[0] ? vpn->ike_proposal : "default",
	       vpn->esp_proposal[0] ? vpn->esp_proposal : "default");
}

static int show(const struct ctl *ctl)
{
	struct json_object *all = json_object_new_object();
	struct db_rows *rows;
	struct vpn vpn;
	bool named = ctl->word_count;

	if (named && !vpn_find(ctl->db, ctl->words[0], &vpn)) {
		json_object_put(all);
		return ctl_done(ctl);
	}
	rows = named ? db_query(ctl->db, "SELECT id FROM vpn WHERE name = $1", "s", ctl->words[0])
		     : db_query(ctl->db, "SELECT id FROM vpn ORDER BY name", "");
	while (db_next(rows)) {
		struct json_object *json;

		if (!vpn_by_id(ctl->db, db_int(rows, 0), &vpn))
			continue;
		if (!ctl->json) {
			show_text(ctl->db, &vpn);
			continue;
		}
		json = ctl_vpn_json(ctl->db, &vpn);
		ctl_put_number(json, "sites",
			       db_number(ctl->db, 0, "SELECT count(*) FROM site WHERE vpn = $1",
					 "i", vpn.id));
		ctl_put_number(json, "rotationStep", vpn.rotation_step);
		json_object_object_add(all, vpn.name, json);
	}
	db_end(rows);
	if (ctl->json) {
		struct json_object *wrap = json_object_new_object();

		json_object_object_add(wrap, "vpns", all);
		ctl_print(wrap);
	} else {
		json_object_put(all);
	}
	return ctl_done(ctl);
}

const struct ctl_command ctl_vpn_commands[] = {
	{ "vpn add", "NAME --vpn-id OUI:INDEX [OPTION]...",
	  " vpn-id topology encapsulation authentication establish idle routing ike esp lifetime "
	  "dead-peer-detection prefix ",
	  1, 1, add, "a new VPN, without sites" },
	{ "vpn show", "[NAME]", " ", 0, 1, show, "VPNs and what is common to their links" },
	{ "vpn remove", "NAME", " ", 1, 1, remove_vpn, "a VPN that has no sites any more" },
	{ 0 },
};
