// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The YANG modules that are offered: all that mgmtd has, by its own word
 * (ietf-yang-library, RFC 8525), and those that NETCONF itself is made of.
 *
 * No module of FRR is named here. A new backend of mgmtd, or a new leaf of one,
 * is there as soon as mgmtd knows it.
 *
 * The context is our own and not libfrr's (ly_native_ctx): both libfrr and
 * libnetconf2 keep pointers of theirs in its nodes, and sessions read it in
 * their threads. When mgmtd comes back with other modules there is a new
 * context for new sessions; the old one stays, for those that use it, and for
 * what libnetconf2 remembers of it. An upgrade of mgmtd is rare enough.
 */
#include <zebra.h>

#include "lib/darr.h"
#include "lib/libfrr.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "lib/yang.h"
#include "config_paths.h"

#include "netconfd/netconf_memory.h"
#include "netconfd/netconf_mgmt.h"
#include "netconfd/netconf_schema.h"
#include "netconfd/netconf_value.h"
#include "wire/vpn_certificate.h"

#define LIBNETCONF2_MODULES "/usr/share/yang/modules/libnetconf2"
#define GENERATIONS_MAX	    64

/* What a client may ask for; a feature that mgmtd cannot keep is not here. */
static const char *const netconf_features[] = {
	"candidate", "confirmed-commit", "rollback-on-error", "validate", "xpath", NULL,
};

/* libnetconf2 looks here whether users are configured or those of the system. */
static const char *const ssh_features[] = {
	"local-users-supported",
	"local-user-auth-publickey",
	NULL,
};

static const struct {
	const char *name;
	const char *const *features;
} netconf_modules[] = {
	{ "ietf-netconf", netconf_features },
	{ "ietf-netconf-with-defaults", NULL },
	{ "ietf-netconf-monitoring", NULL },
	{ "ietf-netconf-nmda", NULL },
	{ "notifications", NULL },
	{ "nc-notifications", NULL },
	{ "ietf-ssh-server", ssh_features },
};

/* The newest is the last; written by the main thread, read by all. */
static struct ly_ctx *generations[GENERATIONS_MAX];
static _Atomic unsigned int generation_count;
static char *current_library;
static void (*on_ready)(void);

const struct ly_ctx *netconf_schema(void)
{
	unsigned int count = atomic_load_explicit(&generation_count, memory_order_acquire);

	return count ? generations[count - 1] : NULL;
}

static bool is_netconf_module(const char *name)
{
	for (size_t i = 0; i < array_size(netconf_modules); i++)
		if (strmatch(name, netconf_modules[i].name))
			return true;
	return false;
}

bool netconf_schema_is_data(const struct lys_module *module)
{
	if (!module->implemented || !module->compiled || !module->compiled->data)
		return false;
	if (strmatch(module->name, "ietf-yang-library") ||
	    strmatch(module->name, "nc-notifications"))
		return false;
	return !is_netconf_module(module->name);
}

/* Loads one module of a YANG library, with its features. */
static bool load_module(struct ly_ctx *ctx, const struct lyd_node *entry)
{
	const char *name = netconf_value_of(entry, "name"),
		   *revision = netconf_value_of(entry, "revision");
	const char **features = NULL;
	const struct lyd_node *child;
	bool good;

	/* those are loaded as this server has them */
	if (!name || is_netconf_module(name) || ly_ctx_get_module_implemented(ctx, name))
		return true;
	LY_LIST_FOR (lyd_child(entry), child)
		if (strmatch(LYD_NAME(child), "feature"))
			*darr_append(features) = lyd_get_value(child);
	*darr_append(features) = NULL;
	good = ly_ctx_load_module(ctx, name, revision, features) != NULL;
	if (!good)
		zlog_err("mgmtd has the YANG module %s@%s, and it is not in %s: is FRR installed as it was built?",
			 name, revision ? revision : "", YANG_MODELS_PATH);
	darr_free(features);
	return good;
}

/* Loads all modules that mgmtd implements. */
static bool load_library(struct ly_ctx *ctx, const struct lyd_node *library)
{
	struct ly_set *set = NULL;
	bool good;

	good = lyd_find_xpath(library, "/ietf-yang-library:yang-library/module-set/module", &set) ==
		       LY_SUCCESS &&
	       set->count;
	for (uint32_t i = 0; good && i < set->count; i++)
		good = load_module(ctx, set->dnodes[i]);
	ly_set_free(set, NULL);
	return good;
}

/* A context with mgmtd's modules, or NULL. */
static struct ly_ctx *context_of_library(const char *xml)
{
	struct ly_ctx *ctx = NULL;
	struct lyd_node *library = NULL;
	bool good;

	if (ly_ctx_new(YANG_MODELS_PATH ":" LIBNETCONF2_MODULES, LY_CTX_DISABLE_SEARCHDIR_CWD,
		       &ctx) != LY_SUCCESS) {
		zlog_err("no YANG modules in %s or %s", YANG_MODELS_PATH, LIBNETCONF2_MODULES);
		return NULL;
	}
	good = lyd_parse_data_mem(ctx, xml, LYD_XML, LYD_PARSE_ONLY, 0, &library) == LY_SUCCESS &&
	       load_library(ctx, library);
	lyd_free_all(library);
	if (good)
		return ctx;
	ly_ctx_destroy(ctx);
	return NULL;
}

/* Adds NETCONF's own modules. */
static bool add_netconf(struct ly_ctx *ctx)
{
	for (size_t i = 0; i < array_size(netconf_modules); i++) {
		if (!ly_ctx_load_module(ctx, netconf_modules[i].name, NULL,
					(const char **)netconf_modules[i].features)) {
			zlog_err("the YANG module %s cannot be loaded from %s or %s",
				 netconf_modules[i].name, YANG_MODELS_PATH, LIBNETCONF2_MODULES);
			return false;
		}
	}
	if (lys_parse_mem(ctx, VPN_CERTIFICATE_YANG, LYS_IN_YANG, NULL) == LY_SUCCESS)
		return true;
	zlog_err("the YANG module frr-vpn-certificate is not right: %s", ly_last_errmsg());
	return false;
}

static void library_arrived(struct netconf_reply *reply)
{
	unsigned int count = atomic_load_explicit(&generation_count, memory_order_relaxed);
	struct ly_ctx *ctx;

	if (!reply->ok || !reply->data) {
		zlog_err("mgmtd does not tell its YANG modules: %s",
			 reply->words ? reply->words : "no data");
		return;
	}
	if (!current_library || strcmp(current_library, reply->data)) {
		ctx = count < GENERATIONS_MAX ? context_of_library(reply->data) : NULL;
		if (!ctx || !add_netconf(ctx)) {
			ly_ctx_destroy(ctx);
			return;
		}
		XFREE(MTYPE_NETCONF_CONFIG, current_library);
		current_library = XSTRDUP(MTYPE_NETCONF_CONFIG, reply->data);
		generations[count] = ctx;
		atomic_store_explicit(&generation_count, count + 1, memory_order_release);
	}
	on_ready();
}

void netconf_schema_fetch(void (*ready)(void))
{
	on_ready = ready;
	netconf_mgmt_get_later(netconf_mgmt_listener(), MGMT_MSG_DATASTORE_OPERATIONAL, LYD_XML,
			       GET_DATA_FLAG_STATE, "/ietf-yang-library:yang-library",
			       library_arrived);
}

void netconf_schema_fini(void)
{
	unsigned int count = atomic_exchange(&generation_count, 0);

	while (count--)
		ly_ctx_destroy(generations[count]);
	XFREE(MTYPE_NETCONF_CONFIG, current_library);
}
