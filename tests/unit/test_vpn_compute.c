// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From the database to CEs' configurations: instance data that libyang finds
 * valid against frr-vpnd.yang and FRR's own modules, for every encapsulation;
 * and the difference of two, as NETCONF's edit.
 */
/* link: vpn-server/db.c vpn-server/db_sqlite.c vpn-server/db_postgres.c vpn-server/schema.c */
/* link: vpn-server/vpn.c vpn-server/ce.c vpn-server/revocation.c vpn-server/site.c vpn-server/topology.c vpn-server/task.c */
/* link: vpn-server/rotation.c vpn-server/key.c vpn-server/prefix.c vpn-server/config.c */
/* link: vpn-server/compute.c tests/vpn_server/databases.c */
/* libs: sqlite3 pq crypto json-c yang */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <libyang/libyang.h>

#include "tests/vpn_server/databases.h"
#include "vpn-server/compute.h"
#include "vpn-server/task.h"

static struct ly_ctx *context;
static struct db *db;

static void commit(void)
{
	if (!db_commit(db))
		fail_msg("%s", db_error(db));
}

static struct vpn vpn_new(const char *name, const char *id, const char *topology,
			  const char *encapsulation)
{
	struct vpn vpn;

	vpn_defaults(&vpn);
	snprintf(vpn.name, sizeof(vpn.name), "%s", name);
	snprintf(vpn.vpn_id, sizeof(vpn.vpn_id), "%s", id);
	snprintf(vpn.topology, sizeof(vpn.topology), "%s", topology);
	snprintf(vpn.encapsulation, sizeof(vpn.encapsulation), "%s", encapsulation);
	return vpn;
}

static struct site join(const struct vpn *vpn, const char *name, int number, bool hub,
			const char *prefix)
{
	const char *const prefixes[] = { prefix, NULL };
	struct site_options options = { .hub = hub, .prefixes = prefixes };
	struct site site;
	struct ce ce;

	if (ce_exists(db, name)) {
		ce_find(db, name, &ce);
	} else {
		ce_defaults(&ce);
		snprintf(ce.name, sizeof(ce.name), "%s", name);
		snprintf(ce.address, sizeof(ce.address),
			 number < 100 ? "10.255.0.%d" : "2001:db8::%d", number);
		ce_add(db, &ce);
	}
	site_add(db, vpn, &ce, &options, &site);
	return site;
}

static struct config computed(int64_t ce)
{
	struct config config;

	if (!ce_compute(db, ce, &config))
		fail_msg("%s", db_error(db));
	return config;
}

/* Valid instance data, as far as libyang can see. */
static void assert_valid(const struct config *config)
{
	struct json_object *json = config_instance(config, true);
	const char *text = json_object_to_json_string(json);
	struct lyd_node *tree = NULL;

	if (lyd_parse_data_mem(context, text, LYD_JSON, LYD_PARSE_STRICT, LYD_VALIDATE_PRESENT,
			       &tree))
		fail_msg("%s: %s", ly_errmsg(context), text);
	lyd_free_all(tree);
	json_object_put(json);
}

/* The edit's elements are the schema's. */
static void assert_edit_valid(const struct config *old, const struct config *new)
{
	char *text = config_edit(old, new);
	struct lyd_node *tree = NULL;

	assert_non_null(text);
	if (lyd_parse_data_mem(context, text, LYD_XML, LYD_PARSE_STRICT | LYD_PARSE_ONLY, 0, &tree))
		fail_msg("%s: %s", ly_errmsg(context), text);
	lyd_free_all(tree);
	free(text);
}

static void test_every_encapsulation_is_valid(void **state)
{
	static const char *const kinds[] = { "ipsec-tunnel", "ipip-shared", "ipip-distinct",
					     "gre",	     "mpls-in-ip",  "l2tp" };
	const struct config none = { 0 };
	struct config config;
	struct site a, b;

	for (size_t i = 0; i < 6; i++) {
		char name[16], id[16];
		struct vpn vpn;

		snprintf(name, sizeof(name), "v%zu", i);
		snprintf(id, sizeof(id), "00a0c9:%zu", i + 1);
		vpn = vpn_new(name, id, "full-mesh", kinds[i]);
		if (i % 2) {
			snprintf(vpn.establish, sizeof(vpn.establish), "on-traffic");
			vpn.idle = 60;
			vpn.lifetime = 600;
			vpn.dead_peer_detection = 0;
			snprintf(vpn.esp_proposal, sizeof(vpn.esp_proposal), "aes128gcm16-x25519");
			snprintf(vpn.ike_proposal, sizeof(vpn.ike_proposal), "aes128-sha256-x25519");
		}
		if (i == 4)
			snprintf(vpn.authentication, sizeof(vpn.authentication), "certificate");
		assert_true(db_begin(db));
		db_exec(db, "UPDATE counter SET value = 3 WHERE name = 'crl'", "");
		vpn_add(db, &vpn);
		a = join(&vpn, "a", 1, false, "10.1.0.0/16");
		b = join(&vpn, "b", 2, false, "2001:db8:b::/48");
		commit();
	}
	config = computed(a.ce);
	assert_int_equal(config.count, 18);
	assert_valid(&config);
	assert_edit_valid(&none, &config);
	assert_edit_valid(&config, &none);
	config_clear(&config);
	config = computed(b.ce);
	assert_valid(&config);
	config_clear(&config);
}

static bool has(const struct config *config, enum config_kind kind, const char *key)
{
	for (size_t i = 0; i < config->count; i++)
		if (config->entries[i].kind == kind && !strcmp(config->entries[i].key, key))
			return true;
	return false;
}

static void test_hub_and_spoke(void **state)
{
	struct vpn red = vpn_new("red", "00a0c9:1", "hub-and-spoke", "ipip-shared");
	struct config before, after;
	struct site hub, a, b;

	assert_true(db_begin(db));
	vpn_add(db, &red);
	vpn_prefix_add(db, &red, "10.0.0.0/8");
	hub = join(&red, "hub", 1, true, "10.1.0.0/16");
	a = join(&red, "a", 2, false, "10.2.0.0/16");
	commit();
	before = computed(a.ce);
	assert_true(has(&before, CONFIG_LINK, "hub"));
	assert_true(has(&before, CONFIG_PROFILE, "vpn:red:hub"));
	assert_true(has(&before, CONFIG_ROUTE, "red 10.0.0.0/8 hub"));
	assert_true(has(&before, CONFIG_ROUTE, "red 10.1.0.0/16 hub"));
	assert_valid(&before);
	assert_true(db_begin(db));
	b = join(&red, "b", 103, false, "10.3.0.0/16");
	commit();
	after = computed(a.ce);
	assert_null(config_edit(&before, &after)); /* nothing new for a spoke */
	config_clear(&after);
	config_clear(&before);
	after = computed(hub.ce);
	assert_true(has(&after, CONFIG_ROUTE, "red 10.3.0.0/16 b"));
	assert_false(has(&after, CONFIG_ROUTE, "red 10.0.0.0/8 b"));
	assert_int_equal(after.count, 6);
	assert_valid(&after);
	config_clear(&after);
	after = computed(b.ce);
	assert_valid(&after);
	config_clear(&after);
}

/* Both ends of a link have the same key, another link has another. */
static void test_keys_are_per_pair(void **state)
{
	struct vpn red = vpn_new("red", "00a0c9:1", "full-mesh", "gre");
	struct link_end ab, ba, ac;
	struct site a, b, c;

	assert_true(db_begin(db));
	vpn_add(db, &red);
	a = join(&red, "a", 1, false, NULL);
	b = join(&red, "b", 2, false, NULL);
	c = join(&red, "c", 3, false, NULL);
	commit();
	assert_true(link_read(db, &red, a.id, b.id, &ab));
	assert_true(link_read(db, &red, b.id, a.id, &ba));
	assert_true(link_read(db, &red, a.id, c.id, &ac));
	assert_string_equal(ab.key, ba.key);
	assert_string_not_equal(ab.key, ac.key);
	link_clear(&ab);
	link_clear(&ba);
	link_clear(&ac);
	assert_string_equal(ab.key, "");
}

static void count(enum config_change change, const struct config_entry *entry, void *arg)
{
	((int *)arg)[change]++;
}

static struct config parsed(const char *json)
{
	struct json_object *instance = json_tokener_parse(json);
	struct config config;
	char error[200];

	assert_non_null(instance);
	assert_true(config_from_instance(&config, instance, error, sizeof(error)));
	json_object_put(instance);
	return config;
}

static void test_the_difference_is_the_least(void **state)
{
	struct vpn red = vpn_new("red", "00a0c9:1", "full-mesh", "ipip-shared");
	int changes[3] = { 0 };
	struct config config, digest, other;
	struct json_object *json;
	struct site a;
	char *text;

	assert_true(db_begin(db));
	vpn_add(db, &red);
	a = join(&red, "a", 1, false, "10.1.0.0/16");
	join(&red, "b", 2, false, "10.2.0.0/16");
	commit();
	config = computed(a.ce);
	/* what the database keeps has no secret in it, and is no difference */
	json = config_digest(&config);
	assert_null(strstr(json_object_to_json_string(json), "0x"));
	assert_non_null(strstr(json_object_to_json_string(json), "sha256:"));
	config_init(&digest);
	assert_true(config_from_digest(&digest, json_object_to_json_string(json)));
	config_sort(&digest);
	json_object_put(json);
	assert_null(config_edit(&digest, &config));
	/* another key is one */
	assert_true(db_exec(db, "UPDATE psk SET secret = '0x11'", ""));
	other = computed(a.ce);
	assert_int_equal(config_diff(&digest, &other, count, changes), 1);
	assert_int_equal(changes[CONFIG_CHANGED], 1);
	text = config_edit(&digest, &other);
	assert_non_null(
		strstr(text, "<ipsec-profile nc:operation=\"replace\"><name>vpn:red:b</name>"));
	assert_null(strstr(text, "tunnel-link"));
	free(text);
	config_clear(&other);
	config_clear(&digest);
	/* shown to people, no secret is in it either */
	json = config_instance(&config, false);
	assert_null(strstr(json_object_to_json_string(json), "0x"));
	assert_non_null(strstr(json_object_to_json_string(json), "(hidden)"));
	json_object_put(json);
	/* a whole round: what we told comes back from the CE */
	json = config_instance(&config, true);
	other = parsed(json_object_to_json_string(json));
	json_object_put(json);
	assert_null(config_edit(&other, &config));
	assert_null(config_edit(&config, &other));
	config_clear(&other);
	config_clear(&config);
}

static void test_defaults_and_foreign_entries_are_no_difference(void **state)
{
	struct config bare = parsed(
		"{\"frr-vpnd:vpn\":{\"ipsec-profile\":[{\"name\":\"vpn:x\"}],"
		"\"tunnel-link\":[{\"name\":\"b\",\"ipsec-profile\":\"vpn:x\"}]}}");
	struct config full = parsed(
		"{\"frr-vpnd:vpn\":{\"ipsec-profile\":[{\"name\":\"OWN\",\"lifetime\":9},"
		"{\"name\":\"vpn:x\",\"lifetime\":\"3600\",\"ike\":{\"version\":2},\"retry\":{\"limit\":20}}],"
		"\"tunnel-link\":[{\"name\":\"own\",\"ipsec-profile\":\"OWN\"},{\"name\":\"clear\"},"
		"{\"name\":\"b\",\"ipsec-profile\":\"vpn:x\",\"establish\":{\"mode\":\"permanent\"}}]}}");
	struct config other = parsed(
		"{\"frr-vpnd:vpn\":{\"ipsec-profile\":[{\"name\":\"vpn:x\",\"lifetime\":60}],"
		"\"tunnel-link\":[{\"name\":\"b\",\"ipsec-profile\":\"vpn:x\","
		"\"establish\":{\"mode\":\"on-traffic\"}}]}}");
	int changes[3] = { 0 };

	assert_int_equal(full.count, 2);
	assert_int_equal(config_diff(&bare, &full, count, changes), 0);
	assert_int_equal(config_diff(&full, &bare, count, changes), 0);
	assert_int_equal(config_diff(&bare, &other, count, changes), 2);
	assert_int_equal(config_diff(&other, &full, count, changes), 2);
	config_clear(&bare);
	config_clear(&full);
	config_clear(&other);
}

static int open_db(void **state)
{
	db = database_open(databases_postgres);
	return 0;
}

static int close_db(void **state)
{
	db_close(db);
	return 0;
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, open_db, close_db)
	const struct CMUnitTest tests[] = {
		T(test_every_encapsulation_is_valid),
		T(test_hub_and_spoke),
		T(test_keys_are_per_pair),
		T(test_the_difference_is_the_least),
		T(test_defaults_and_foreign_entries_are_no_difference),
	};
	const char *modules[] = { "ietf-netconf", "frr-vpnd", "frr-staticd" };
	char path[4096];
	int failed;

	/* FRR's modules and ours, as they are built */
	snprintf(path, sizeof(path), "%s/frr/yang", getenv("BUILD") ? getenv("BUILD") : "build");
	if (ly_ctx_new(path, LY_CTX_NO_YANGLIBRARY, &context))
		return 1;
	snprintf(path, sizeof(path), "%s/frr/yang/ietf",
		 getenv("BUILD") ? getenv("BUILD") : "build");
	ly_ctx_set_searchdir(context, path);
	ly_ctx_set_searchdir(context, "/usr/share/yang/modules/libnetconf2");
	for (size_t i = 0; i < 3; i++)
		if (!ly_ctx_load_module(context, modules[i], NULL, NULL))
			return 1;
	failed = databases_run(tests);
	ly_ctx_destroy(context);
	return failed;
}
