// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The plugin as strongSwan's loader sees it; see vpnspi_plugin.h.
 *
 * Its one feature depends on kernel-ipsec, so that the kernel interface is there
 * to step in front of, and on the random numbers and prf+ that it uses.
 */
#include "vpnspi_plugin.h"

#include <daemon.h>

#include "vpnspi_kernel.h"
#include "vpnspi_left.h"
#include "vpnspi_link.h"
#include "vpnspi_listener.h"
#include "vpnspi_socket.h"
#include "vpnspi_state.h"
#include "vpnspi_timer.h"
#include "vpnspi_version.h"

struct vpnspi_plugin {
	plugin_t public;
	struct vpnspi_state *state;
};

static char *get_name(plugin_t *this)
{
	(void)this;
	return "vpnspi";
}

static void start(struct vpnspi_plugin *plugin)
{
	char *uri = lib->settings->get_str(lib->settings, "%s.plugins.vpnspi.socket",
					   "unix://" VPNSPI_SOCKET_DEFAULT, lib->ns);

	plugin->state = vpnspi_state_create();
	vpnspi_kernel_hook(plugin->state);
	vpnspi_listener_start(plugin->state);
	vpnspi_link_start(plugin->state);
	vpnspi_left_start(plugin->state);
	plugin->state->socket = vpnspi_socket_create(plugin->state, uri);
}

static void stop(struct vpnspi_plugin *plugin)
{
	struct vpnspi_socket *socket = plugin->state->socket;

	vpnspi_timer_stop();
	vpnspi_left_stop();
	vpnspi_link_stop();
	vpnspi_listener_stop();
	vpnspi_kernel_unhook();
	vpnspi_socket_destroy(socket);
	plugin->state->socket = NULL;
	vpnspi_state_destroy(plugin->state);
	plugin->state = NULL;
}

static bool feature(plugin_t *this, plugin_feature_t *feature, bool reg, void *data)
{
	(void)feature;
	(void)data;
	if (reg)
		start((struct vpnspi_plugin *)this);
	else
		stop((struct vpnspi_plugin *)this);
	return TRUE;
}

static int get_features(plugin_t *this, plugin_feature_t *features[])
{
	static plugin_feature_t f[] = {
		PLUGIN_CALLBACK(feature, NULL),
		PLUGIN_PROVIDE(CUSTOM, "vpnspi"),
		PLUGIN_DEPENDS(CUSTOM, "kernel-ipsec"),
		PLUGIN_SDEPEND(RNG, RNG_WEAK),
	};

	(void)this;
	*features = f;
	return countof(f);
}

static void destroy(plugin_t *this)
{
	free(this);
}

plugin_t *vpnspi_plugin_create(void)
{
	struct vpnspi_plugin *plugin;
	char reason[256];

	if (!vpnspi_version_check(reason, sizeof(reason))) {
		DBG1(DBG_LIB, "vpnspi: not loaded: %s", reason);
		return NULL;
	}
	INIT(plugin,
	     .public = {
		     .get_name = get_name,
		     .get_features = get_features,
		     .destroy = destroy,
	     }, );
	return &plugin->public;
}
