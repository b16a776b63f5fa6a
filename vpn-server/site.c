// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sites: CEs in VPNs.  Adding one touches it and those that it is linked with,
 * by tasks in the order that draft-ietf-l3vpn-ce-based-02 asks for; nothing here
 * looks at all sites of a VPN, but for a full mesh, where all are its peers.
 */
#include "vpn-server/model.h"
#include "vpn-server/key.h"
#include "vpn-server/task.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS "s.id, s.vpn, s.ce, s.vrf, s.hub, s.link_name, c.name"

static bool read_one(struct db_rows *rows, struct site *site)
{
	bool found = db_next(rows);

	if (found) {
		*site = (struct site){
			.id = db_int(rows, 0),
			.vpn = db_int(rows, 1),
			.ce = db_int(rows, 2),
			.hub = db_int(rows, 4),
		};
		snprintf(site->vrf, sizeof(site->vrf), "%s", db_text(rows, 3));
		snprintf(site->link_name, sizeof(site->link_name), "%s", db_text(rows, 5));
		snprintf(site->ce_name, sizeof(site->ce_name), "%s", db_text(rows, 6));
	}
	db_end(rows);
	return found;
}

bool site_by_id(struct db *db, int64_t id, struct site *site)
{
	return read_one(db_query(db,
				 "SELECT " COLUMNS " FROM site s JOIN ce c ON c.id = s.ce "
				 "WHERE s.id = $1",
				 "i", id),
			site);
}

bool site_find(struct db *db, const struct vpn *vpn, const char *ce_name, struct site *site)
{
	if (read_one(db_query(db,
			      "SELECT " COLUMNS " FROM site s JOIN ce c ON c.id = s.ce "
			      "WHERE s.vpn = $1 AND c.name = $2",
			      "is", vpn->id, ce_name),
		     site))
		return true;
	db_fail(db, "CE %.60s is not in VPN %s", ce_name, vpn->name);
	return false;
}

/* An interface name, as Linux takes it and vpnd does not use itself. */
static bool device_check(struct db *db, const char *what, const char *name)
{
	if (!name_check(db, what, name, LINK_SIZE))
		return false;
	if (strncmp(name, "vpni", 4) && strncmp(name, "vpno", 4) && strcmp(name, "lo"))
		return true;
	db_fail(db, "%s \"%s\": names with vpni and vpno are vpnd's own, and lo is the kernel's",
		what, name);
	return false;
}

/* The CE's name if it fits and is free, otherwise one with the site's number. */
static void choose_link_name(struct db *db, const struct ce *ce, struct site *site)
{
	if (strlen(ce->name) < LINK_SIZE && strncmp(ce->name, "vpni", 4) &&
	    strncmp(ce->name, "vpno", 4) && strcmp(ce->name, "lo") && strcmp(ce->name, site->vrf) &&
	    !db_number(db, 0, "SELECT 1 FROM site WHERE link_name = $1", "s", ce->name) &&
	    !db_number(db, 0, "SELECT 1 FROM site WHERE vrf = $1 LIMIT 1", "s", ce->name))
		snprintf(site->link_name, sizeof(site->link_name), "%.15s", ce->name);
	else
		snprintf(site->link_name, sizeof(site->link_name), "to-%lld", (long long)site->id);
}

/* What is the CE's and the VPN's together: no two sites, no two VRFs of a name. */
static bool fits(struct db *db, const struct vpn *vpn, const struct ce *ce, const struct site *site)
{
	/* a CE has few sites: no OR, which would have the database look at all of the VPN */
	struct db_rows *rows = db_query(db,
					"SELECT v.id, v.name, s.vrf FROM site s "
					"JOIN vpn v ON v.id = s.vpn WHERE s.ce = $1",
					"i", ce->id);

	while (db_next(rows)) {
		if (db_int(rows, 0) == vpn->id)
			db_fail(db, "CE %s is in VPN %s already", ce->name, vpn->name);
		else if (!strcmp(db_text(rows, 2), site->vrf))
			db_fail(db, "VRF %s of CE %s is used by VPN %s: give it another (--vrf)",
				site->vrf, ce->name, db_text(rows, 1));
	}
	db_end(rows);
	if (ce->revoked)
		db_fail(db, "CE %s is revoked: remove it and add it again with new credentials",
			ce->name);
	if (ce->leaving)
		db_fail(db, "CE %s is leaving: it can be added again when it has been told",
			ce->name);
	return !db_failed(db);
}

static bool prefix_add(struct db *db, const struct vpn *vpn, const struct site *site,
		       const char *text)
{
	struct ip_prefix prefix;
	struct db_rows *rows;
	char error[160];

	if (!prefix_parse(text, &prefix, error, sizeof(error))) {
		db_fail(db, "CE %s: %s", site->ce_name, error);
		return false;
	}
	/* those there do not overlap each other, so only the last that begins before ours ends can */
	rows = db_query(db,
			"SELECT p.prefix, p.last, c.name FROM site_prefix p JOIN site s ON s.id = p.site "
			"JOIN ce c ON c.id = s.ce WHERE p.vpn = $1 AND p.first <= $2 "
			"ORDER BY p.first DESC LIMIT 1",
			"is", vpn->id, prefix.last);
	if (db_next(rows) && strcmp(db_text(rows, 1), prefix.first) >= 0)
		db_fail(db, "prefix %s overlaps %s of CE %s in VPN %s", prefix.text,
			db_text(rows, 0), db_text(rows, 2), vpn->name);
	db_end(rows);
	return db_exec(db,
		       "INSERT INTO site_prefix (site, vpn, prefix, first, last) VALUES ($1, $2, $3, $4, $5)",
		       "iisss", site->id, vpn->id, prefix.text, prefix.first, prefix.last);
}

static bool role_check(struct db *db, const struct vpn *vpn, const struct site *site,
		       const struct site_options *options)
{
	bool graph = !strcmp(vpn->topology, "graph"), hubs = !strcmp(vpn->topology, "hub-and-spoke");

	if (site->hub && !hubs)
		db_fail(db, "VPN %s is a %s: it has no hubs", vpn->name, vpn->topology);
	if (options->links && options->links[0] && !graph)
		db_fail(db, "VPN %s is a %s: its links are not given one by one", vpn->name,
			vpn->topology);
	if (hubs && !site->hub &&
	    !db_number(db, 0, "SELECT 1 FROM site WHERE vpn = $1 AND hub = 1 LIMIT 1", "i", vpn->id))
		db_fail(db, "VPN %s has no hub yet: CE %s would be alone. Add the hub first (--hub)",
			vpn->name, site->ce_name);
	if (graph && !(options->links && options->links[0]) &&
	    db_number(db, 0, "SELECT 1 FROM site WHERE vpn = $1 LIMIT 1", "i", vpn->id))
		db_fail(db,
			"VPN %s is a graph: CE %s would be alone. Say whom it is linked with (--link)",
			vpn->name, site->ce_name);
	return !db_failed(db);
}

/* Known by its peers before it talks. */
static void announce(struct db *db, const struct vpn *vpn, const struct site *site)
{
	int64_t version = task_version(db);
	int64_t *peers;
	size_t count;

	peers = topology_neighbours(db, vpn, site, &count);
	for (size_t i = 0; i < count && !db_failed(db); i++) {
		struct site peer;

		if (!site_by_id(db, peers[i], &peer))
			continue;
		key_make(db, vpn, site->id, peer.id);
		task_link(db, &peer, site, version, true);
	}
	free(peers);
}

bool site_add(struct db *db, const struct vpn *vpn, const struct ce *ce,
	      const struct site_options *options, struct site *site)
{
	*site = (struct site){ .vpn = vpn->id, .ce = ce->id, .hub = options->hub };
	snprintf(site->vrf, sizeof(site->vrf), "%.15s", options->vrf ? options->vrf : vpn->name);
	snprintf(site->ce_name, sizeof(site->ce_name), "%s", ce->name);
	if ((options->vrf && strlen(options->vrf) >= LINK_SIZE) || strlen(site->vrf) == 0) {
		db_fail(db, "VRF \"%.40s\": its name has 1 to 15 characters", options->vrf);
		return false;
	}
	if (!options->vrf && strlen(vpn->name) >= LINK_SIZE) {
		db_fail(db, "VPN %s has too long a name for a VRF: give one (--vrf)", vpn->name);
		return false;
	}
	if (!device_check(db, "a VRF", site->vrf) || !fits(db, vpn, ce, site) ||
	    (!options->quiet && !role_check(db, vpn, site, options)))
		return false;
	site->id = db_counter(db, "id");
	if (options->link_name && !device_check(db, "an interface", options->link_name))
		return false;
	if (options->link_name)
		snprintf(site->link_name, sizeof(site->link_name), "%s", options->link_name);
	else
		choose_link_name(db, ce, site);
	if (db_number(db, 0, "SELECT 1 FROM site WHERE link_name = $1", "s", site->link_name)) {
		db_fail(db, "interface name %s is that of another site (--link-name)",
			site->link_name);
		return false;
	}
	db_exec(db,
		"INSERT INTO site (id, vpn, ce, vrf, hub, link_name) VALUES ($1, $2, $3, $4, $5, $6)",
		"iiisis", site->id, site->vpn, site->ce, site->vrf, (int64_t)site->hub,
		site->link_name);
	for (const char *const *p = options->prefixes; p && *p && !db_failed(db); p++)
		prefix_add(db, vpn, site, *p);
	for (const char *const *l = options->links; l && *l && !db_failed(db); l++)
		topology_edge_add(db, vpn, ce->name, *l);
	if (!db_failed(db) && !options->quiet)
		announce(db, vpn, site);
	return !db_failed(db);
}

/* Would those that stay still be a VPN? */
static bool may_go(struct db *db, const struct vpn *vpn, const struct site *site)
{
	if (site->hub &&
	    db_number(db, 0, "SELECT count(*) FROM site WHERE vpn = $1", "i", vpn->id) > 1) {
		db_fail(db,
			"CE %s is a hub of VPN %s: make others its hubs first "
			"(vpnctl topology set %s hub-and-spoke HUB...)",
			site->ce_name, vpn->name, vpn->name);
		return false;
	}
	return true;
}

bool site_remove(struct db *db, const struct vpn *vpn, const struct ce *ce)
{
	struct site site;
	int64_t *peers, version;
	size_t count;

	if (!site_find(db, vpn, ce->name, &site) || !may_go(db, vpn, &site))
		return false;
	version = task_version(db);
	peers = topology_neighbours(db, vpn, &site, &count);
	for (size_t i = 0; i < count && !db_failed(db); i++) {
		struct site peer;

		if (site_by_id(db, peers[i], &peer))
			task_link(db, &peer, &site, version, true);
	}
	free(peers);
	db_exec(db, "DELETE FROM psk WHERE a = $1 OR b = $1", "i", site.id);
	db_exec(db, "DELETE FROM edge WHERE a = $1 OR b = $1", "i", site.id);
	db_exec(db, "DELETE FROM site_prefix WHERE site = $1", "i", site.id);
	db_exec(db, "DELETE FROM site WHERE id = $1", "i", site.id);
	return !db_failed(db) && topology_check(db, vpn);
}
