// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A link's end as its CE is configured: the tuple <peer's address, key, SA
 * information, tunnel information> of draft-ietf-l3vpn-ce-based-02, section 3.3.
 *
 *	profile	"vpn:VPN:PEER", one per link, as the key is the pair's own
 *	link	an interface named after the peer, in the site's VRF
 *	routes	what is behind the peer; a spoke has the VPN's own prefixes
 *		towards each hub, so that a new site changes no other spoke
 *
 * Two CEs that share several VPNs have a link for each between the same two
 * addresses: a number of the VPN tells them apart, in the way that each
 * encapsulation has (GRE key, MPLS label, L2TP session), and the VPN-ID does so
 * in IKE.  Leaves that would hold YANG's default are left out, so that what is
 * computed equals what a CE reports.
 */
#include "vpn-server/compute.h"
#include "vpn-server/revocation.h"
#include "wire/vpn_certificate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MPLS_FIRST_LABEL 16
#define MPLS_LABELS	 (1048576 - MPLS_FIRST_LABEL)

/*
 * Does frr-vpnd.yang have a leaf for a second key that is accepted?  If it had
 * not, a rotation's first step would tell CEs nothing, and between the two
 * pushes of its second step a new IKE_SA of the link would fail.
 */
#define CE_ACCEPTS_SECOND_KEY 1

void credentials_path(char *path, size_t size, const char *what, const char *credentials)
{
	snprintf(path, size, VPN_CERTIFICATE_FOLDER "/%s%s%s.pem", what, credentials[0] ? "-" : "",
		 credentials);
}

void crl_path(char *path, size_t size, int64_t number)
{
	snprintf(path, size, VPN_CERTIFICATE_FOLDER "/crl-%lld.pem", (long long)number);
}

/* ---- read */

/* credentials may be NULL. */
static void read_ce(struct db *db, int64_t ce, char address[PREFIX_TEXT],
		    char credentials[CREDENTIALS_SIZE])
{
	struct db_rows *rows = db_query(db, "SELECT address, credentials FROM ce WHERE id = $1",
					"i", ce);

	if (db_next(rows)) {
		snprintf(address, PREFIX_TEXT, "%s", db_text(rows, 0));
		if (credentials)
			snprintf(credentials, CREDENTIALS_SIZE, "%s", db_text(rows, 1));
	}
	db_end(rows);
}

static void add_prefix(struct link_end *end, const char *text, bool shared)
{
	struct ip_prefix *prefixes = realloc(end->prefixes,
					     (end->prefix_count + 1) * sizeof(*prefixes));
	bool *flags = realloc(end->shared, (end->prefix_count + 1) * sizeof(*flags));

	if (!prefixes || !flags)
		abort();
	end->prefixes = prefixes;
	end->shared = flags;
	snprintf(prefixes[end->prefix_count].text, PREFIX_TEXT, "%s", text);
	flags[end->prefix_count++] = shared;
}

static void read_prefixes(struct db *db, struct link_end *end)
{
	struct db_rows *rows =
		db_query(db, "SELECT prefix FROM site_prefix WHERE site = $1 ORDER BY prefix", "i",
			 end->peer.id);

	while (db_next(rows))
		add_prefix(end, db_text(rows, 0), false);
	db_end(rows);
	if (end->site.hub || !end->peer.hub)
		return;
	rows = db_query(db, "SELECT prefix FROM vpn_prefix WHERE vpn = $1 ORDER BY prefix", "i",
			end->vpn->id);
	while (db_next(rows))
		add_prefix(end, db_text(rows, 0), true);
	db_end(rows);
}

static void read_keys(struct db *db, struct link_end *end)
{
	int64_t old = end->vpn->generation, step = end->vpn->rotation_step;

	if (strcmp(end->vpn->authentication, "psk"))
		return;
	key_read(db, end->site.id, end->peer.id, step == 2 ? old + 1 : old, end->key);
	if (step && CE_ACCEPTS_SECOND_KEY)
		key_read(db, end->site.id, end->peer.id, step == 2 ? old : old + 1, end->other_key);
	if (!end->key[0])
		db_fail(db, "VPN %s has no key for CEs %s and %s: the database is damaged",
			end->vpn->name, end->site.ce_name, end->peer.ce_name);
}

bool link_read(struct db *db, const struct vpn *vpn, int64_t site, int64_t peer,
	       struct link_end *end)
{
	*end = (struct link_end){ .vpn = vpn };
	if (!site_by_id(db, site, &end->site) || !site_by_id(db, peer, &end->peer) ||
	    !topology_linked(db, vpn, &end->site, &end->peer))
		return false;
	read_ce(db, end->site.ce, end->local, end->credentials);
	read_ce(db, end->peer.ce, end->remote, NULL);
	read_keys(db, end);
	if (!end->key[0])
		end->crl = revocation_number(db);
	if (!strcmp(vpn->routing, "static"))
		read_prefixes(db, end);
	return !db_failed(db);
}

void link_clear(struct link_end *end)
{
	key_cleanse(end->key);
	key_cleanse(end->other_key);
	free(end->prefixes);
	free(end->shared);
	*end = (struct link_end){ 0 };
}

/* ---- compute */

static void put(struct json_object *json, const char *name, const char *value)
{
	json_object_object_add(json, name, json_object_new_string(value));
}

static void put_number(struct json_object *json, const char *name, int64_t value)
{
	json_object_object_add(json, name, json_object_new_int64(value));
}

static struct json_object *put_container(struct json_object *json, const char *name)
{
	struct json_object *container = json_object_new_object();

	json_object_object_add(json, name, container);
	return container;
}

static void compute_authentication(const struct link_end *end, struct json_object *profile)
{
	struct json_object *authentication = put_container(profile, "authentication");

	if (end->key[0]) {
		put(authentication, "pre-shared-key", end->key);
		if (end->other_key[0])
			put(authentication, "accept-pre-shared-key", end->other_key);
	} else {
		struct json_object *certificate = put_container(authentication, "certificate");

		char path[CREDENTIALS_PATH];

		credentials_path(path, sizeof(path), "certificate", end->credentials);
		put(certificate, "certificate", path);
		credentials_path(path, sizeof(path), "key", end->credentials);
		put(certificate, "key", path);
		put(certificate, "ca", VPN_CERTIFICATE_FOLDER "/ca.pem");
		if (end->crl) {
			crl_path(path, sizeof(path), end->crl);
			put(certificate, "crl", path);
		}
	}
}

/* One strength for all links of a VPN: everything but the key is the VPN's. */
static struct json_object *compute_profile(const struct link_end *end, const char *name)
{
	const struct vpn *vpn = end->vpn;
	struct json_object *profile = json_object_new_object();

	put(profile, "name", name);
	compute_authentication(end, profile);
	if (vpn->ike_proposal[0])
		put(put_container(profile, "ike"), "proposal", vpn->ike_proposal);
	if (vpn->esp_proposal[0])
		put(put_container(profile, "esp"), "proposal", vpn->esp_proposal);
	if (vpn->lifetime >= 0)
		put_number(profile, "lifetime", vpn->lifetime);
	if (vpn->dead_peer_detection >= 0)
		put_number(profile, "dead-peer-detection", vpn->dead_peer_detection);
	return profile;
}

/* The same numbers at both ends, another for each VPN. */
static void compute_encapsulation(const struct link_end *end, struct json_object *link)
{
	struct json_object *json = put_container(link, "encapsulation");
	const char *type = end->vpn->encapsulation;

	put(json, "type", type);
	if (!strcmp(type, "gre")) {
		put_number(json, "key", end->vpn->id);
	} else if (!strcmp(type, "mpls-in-ip")) {
		put_number(json, "label", MPLS_FIRST_LABEL + end->vpn->id % MPLS_LABELS);
		put_number(json, "remote-label", MPLS_FIRST_LABEL + end->vpn->id % MPLS_LABELS);
	} else if (!strcmp(type, "l2tp")) {
		put_number(json, "tunnel-id", end->vpn->id);
		put_number(json, "peer-tunnel-id", end->vpn->id);
		put_number(json, "session-id", end->vpn->id);
		put_number(json, "peer-session-id", end->vpn->id);
	}
}

static struct json_object *compute_link(const struct link_end *end, const char *profile)
{
	struct json_object *link = json_object_new_object(), *establish;

	put(link, "name", end->peer.link_name);
	put(link, "vrf", end->site.vrf);
	put(link, "local", end->local);
	put(link, "remote", end->remote);
	compute_encapsulation(end, link);
	put(link, "ipsec-profile", profile);
	put(link, "vpn-id", end->vpn->vpn_id);
	if (!strcmp(end->vpn->establish, "on-traffic")) {
		establish = put_container(link, "establish");
		put(establish, "mode", "on-traffic");
		if (end->vpn->idle != 300)
			put_number(establish, "idle", end->vpn->idle);
	}
	return link;
}

void link_compute(const struct link_end *end, struct config *config)
{
	char profile[CONFIG_KEY_SIZE];

	snprintf(profile, sizeof(profile), CONFIG_PROFILE_PREFIX "%s:%s", end->vpn->name,
		 end->peer.link_name);
	config_add(config, CONFIG_PROFILE, profile, compute_profile(end, profile));
	config_add(config, CONFIG_LINK, end->peer.link_name, compute_link(end, profile));
	for (size_t i = 0; i < end->prefix_count; i++)
		config_add_route(config, end->site.vrf, end->prefixes[i].text, end->peer.link_name,
				 end->shared[i]);
}

static void compute_end(struct db *db, const struct vpn *vpn, int64_t site, int64_t peer,
			struct config *config)
{
	struct link_end end;

	if (link_read(db, vpn, site, peer, &end))
		link_compute(&end, config);
	link_clear(&end);
}

bool end_compute(struct db *db, int64_t site, int64_t peer, struct config *config)
{
	struct site own;
	struct vpn vpn;

	config_init(config);
	if (site_by_id(db, site, &own) && vpn_by_id(db, own.vpn, &vpn))
		compute_end(db, &vpn, site, peer, config);
	config_sort(config);
	return !db_failed(db);
}

bool ce_compute(struct db *db, int64_t ce, struct config *config)
{
	struct db_rows *rows = db_query(db, "SELECT id FROM site WHERE ce = $1 ORDER BY id", "i",
					ce);

	config_init(config);
	while (db_next(rows) && !db_failed(db)) {
		struct site site;
		struct vpn vpn;
		int64_t *peers;
		size_t count;

		if (!site_by_id(db, db_int(rows, 0), &site) || !vpn_by_id(db, site.vpn, &vpn))
			continue;
		peers = topology_neighbours(db, &vpn, &site, &count);
		for (size_t i = 0; i < count && !db_failed(db); i++)
			compute_end(db, &vpn, site.id, peers[i], config);
		free(peers);
	}
	db_end(rows);
	config_sort(config);
	return !db_failed(db);
}
