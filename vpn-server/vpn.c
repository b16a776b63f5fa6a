// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * VPNs of the database: what is common to all their links, so that no link is
 * weaker than another (draft-ietf-l3vpn-ce-based-02, section 7).
 */
#include "vpn-server/model.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define COLUMNS                                                                                    \
	"id, name, vpn_id, topology, encapsulation, authentication, establish, idle, routing, "    \
	"ike_proposal, esp_proposal, lifetime, dead_peer_detection, generation, rotation_step, "   \
	"rotation_version, rotation_deadline, rotation_wait"

int64_t now_seconds(void)
{
	return time(NULL);
}

bool name_check(struct db *db, const char *what, const char *name, size_t size)
{
	size_t length = strlen(name);
	bool fine = length > 0 && length < size && isalnum((unsigned char)name[0]);

	for (size_t i = 0; fine && i < length; i++)
		fine = isalnum((unsigned char)name[i]) || strchr("-_.", name[i]);
	if (!fine)
		db_fail(db,
			"\"%.60s\" is no name of a %s: 1 to %zu letters, digits, '-', '_' and '.', "
			"the first a letter or a digit",
			name, what, size - 1);
	return fine;
}

void vpn_defaults(struct vpn *vpn)
{
	*vpn = (struct vpn){
		.topology = "full-mesh",
		.encapsulation = "ipip-shared",
		.authentication = "psk",
		.establish = "permanent",
		.idle = 300,
		.routing = "static",
		.lifetime = -1,
		.dead_peer_detection = -1,
		.generation = 1,
	};
}

static void copy(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from);
}

static void read_row(const struct db_rows *rows, struct vpn *vpn)
{
	*vpn = (struct vpn){
		.id = db_int(rows, 0),
		.idle = db_int(rows, 7),
		.lifetime = db_int(rows, 11),
		.dead_peer_detection = db_int(rows, 12),
		.generation = db_int(rows, 13),
		.rotation_step = db_int(rows, 14),
		.rotation_version = db_int(rows, 15),
		.rotation_deadline = db_int(rows, 16),
		.rotation_wait = db_int(rows, 17),
	};
	copy(vpn->name, sizeof(vpn->name), db_text(rows, 1));
	copy(vpn->vpn_id, sizeof(vpn->vpn_id), db_text(rows, 2));
	copy(vpn->topology, sizeof(vpn->topology), db_text(rows, 3));
	copy(vpn->encapsulation, sizeof(vpn->encapsulation), db_text(rows, 4));
	copy(vpn->authentication, sizeof(vpn->authentication), db_text(rows, 5));
	copy(vpn->establish, sizeof(vpn->establish), db_text(rows, 6));
	copy(vpn->routing, sizeof(vpn->routing), db_text(rows, 8));
	copy(vpn->ike_proposal, sizeof(vpn->ike_proposal), db_text(rows, 9));
	copy(vpn->esp_proposal, sizeof(vpn->esp_proposal), db_text(rows, 10));
}

static bool read_one(struct db_rows *rows, struct vpn *vpn)
{
	bool found = db_next(rows);

	if (found)
		read_row(rows, vpn);
	db_end(rows);
	return found;
}

bool vpn_find(struct db *db, const char *name, struct vpn *vpn)
{
	if (read_one(db_query(db, "SELECT " COLUMNS " FROM vpn WHERE name = $1", "s", name), vpn))
		return true;
	db_fail(db, "there is no VPN \"%.60s\"", name);
	return false;
}

bool vpn_by_id(struct db *db, int64_t id, struct vpn *vpn)
{
	return read_one(db_query(db, "SELECT " COLUMNS " FROM vpn WHERE id = $1", "i", id), vpn);
}

static bool one_of(struct db *db, const char *what, const char *word, const char *const *words)
{
	char all[160] = "";

	for (const char *const *w = words; *w; w++) {
		if (!strcmp(word, *w))
			return true;
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s%s", *all ? ", " : "", *w);
	}
	db_fail(db, "%s is \"%.40s\", it may be: %s", what, word, all);
	return false;
}

/* "00A0C9:1" → "00a0c9:00000001" */
static bool canonical_vpn_id(struct db *db, char vpn_id[WORD_SIZE])
{
	unsigned int oui, index;
	int used = 0;

	if (strspn(vpn_id, "0123456789abcdefABCDEF:") == strlen(vpn_id) &&
	    sscanf(vpn_id, "%6x:%8x%n", &oui, &index, &used) == 2 && !vpn_id[used] && index) {
		snprintf(vpn_id, WORD_SIZE, "%06x:%08x", oui, index);
		return true;
	}
	db_fail(db,
		"\"%s\" is no VPN-ID: 3 octets of an OUI and a number of 4 octets that is not 0, "
		"in hexadecimal, as 00a0c9:00000001 (RFC 2685)",
		vpn_id);
	return false;
}

static bool proposal_check(struct db *db, const char *what, const char *proposal)
{
	if (strspn(proposal, "abcdefghijklmnopqrstuvwxyz0123456789_,-") == strlen(proposal))
		return true;
	db_fail(db,
		"%s proposal \"%.80s\": keywords in lower case joined by '-', as "
		"aes256gcm16-x25519",
		what, proposal);
	return false;
}

static bool check(struct db *db, struct vpn *vpn)
{
	static const char *const topologies[] = { "full-mesh", "hub-and-spoke", "graph", NULL };
	static const char *const encapsulations[] = {
		"ipsec-tunnel", "ipip-shared", "ipip-distinct", "gre", "mpls-in-ip", "l2tp", NULL
	};
	static const char *const authentications[] = { "psk", "certificate", NULL };
	static const char *const establishes[] = { "permanent", "on-traffic", NULL };
	static const char *const routings[] = { "static", "dynamic", NULL };

	if (!name_check(db, "VPN", vpn->name, sizeof(vpn->name)) ||
	    !canonical_vpn_id(db, vpn->vpn_id) ||
	    !one_of(db, "the topology", vpn->topology, topologies) ||
	    !one_of(db, "the encapsulation", vpn->encapsulation, encapsulations) ||
	    !one_of(db, "the authentication", vpn->authentication, authentications) ||
	    !one_of(db, "the establishment", vpn->establish, establishes) ||
	    !one_of(db, "the routing", vpn->routing, routings) ||
	    !proposal_check(db, "ike", vpn->ike_proposal) ||
	    !proposal_check(db, "esp", vpn->esp_proposal))
		return false;
	if (!strcmp(vpn->establish, "on-traffic") && !strcmp(vpn->routing, "dynamic"))
		db_fail(db,
			"%s: links that come with traffic cannot carry dynamic routing "
			"(draft-ietf-l3vpn-ce-based-02, section 3.4): make them permanent, or the "
			"routing static",
			vpn->name);
	if (vpn->lifetime != -1 && (vpn->lifetime < 10 || vpn->lifetime > 2592000))
		db_fail(db, "%s: a lifetime is 10 to 2592000 seconds", vpn->name);
	if (vpn->dead_peer_detection < -1 || vpn->dead_peer_detection > 3600)
		db_fail(db, "%s: dead peer detection is 0 (off) to 3600 seconds", vpn->name);
	if (vpn->idle < 10 || vpn->idle > 86400)
		db_fail(db, "%s: idle is 10 to 86400 seconds", vpn->name);
	return !db_failed(db);
}

static bool taken(struct db *db, const struct vpn *vpn)
{
	struct db_rows *rows =
		db_query(db, "SELECT name, vpn_id FROM vpn WHERE name = $1 OR vpn_id = $2", "ss",
			 vpn->name, vpn->vpn_id);
	bool found = db_next(rows);

	if (found && !strcmp(db_text(rows, 0), vpn->name))
		db_fail(db, "there is a VPN %s already", vpn->name);
	else if (found)
		db_fail(db, "VPN-ID %s is in use by VPN %s", vpn->vpn_id, db_text(rows, 0));
	db_end(rows);
	return found;
}

bool vpn_add(struct db *db, struct vpn *vpn)
{
	if (!check(db, vpn) || taken(db, vpn))
		return false;
	vpn->id = db_counter(db, "id");
	return db_exec(db,
		       "INSERT INTO vpn (" COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, "
		       "$10, $11, $12, $13, $14, 0, 0, 0, 0)",
		       "issssssisssiii", vpn->id, vpn->name, vpn->vpn_id, vpn->topology,
		       vpn->encapsulation, vpn->authentication, vpn->establish, vpn->idle,
		       vpn->routing, vpn->ike_proposal, vpn->esp_proposal, vpn->lifetime,
		       vpn->dead_peer_detection, vpn->generation);
}

bool vpn_remove(struct db *db, const char *name)
{
	struct vpn vpn;
	int64_t sites;

	if (!vpn_find(db, name, &vpn))
		return false;
	sites = db_number(db, 0, "SELECT count(*) FROM site WHERE vpn = $1", "i", vpn.id);
	if (sites) {
		db_fail(db, "VPN %s has %lld site%s: remove %s first (vpnctl ce remove)", name,
			(long long)sites, sites == 1 ? "" : "s", sites == 1 ? "it" : "them");
		return false;
	}
	db_exec(db, "DELETE FROM vpn_prefix WHERE vpn = $1", "i", vpn.id);
	return db_exec(db, "DELETE FROM vpn WHERE id = $1", "i", vpn.id);
}

bool vpn_prefix_add(struct db *db, const struct vpn *vpn, const char *text)
{
	struct ip_prefix prefix;
	char error[160];

	if (!prefix_parse(text, &prefix, error, sizeof(error))) {
		db_fail(db, "VPN %s: %s", vpn->name, error);
		return false;
	}
	return db_exec(db,
		       "INSERT INTO vpn_prefix (vpn, prefix) VALUES ($1, $2) ON CONFLICT (vpn, prefix) "
		       "DO NOTHING",
		       "is", vpn->id, prefix.text);
}
