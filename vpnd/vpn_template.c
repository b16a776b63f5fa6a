// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Templates of tunnel links.  See vpn_template.h.
 *
 * A template's if_id is found by its name, so that it is the same in every life of
 * vpnd, also when no interface has remained to tell; one whose place is taken by
 * another has the next, unless interfaces of an earlier vpnd say which it had.
 */
#include <zebra.h>

#include "lib/jhash.h"
#include "lib/log.h"

#include "vpnd/vpn_alarm.h"
#include "vpnd/vpn_apply.h"
#include "vpnd/vpn_charon.h"
#include "vpnd/vpn_charon_link_msg.h"
#include "vpnd/vpn_gateway.h"
#include "vpnd/vpn_kernel.h"
#include "vpnd/vpn_memory.h"
#include "vpnd/vpn_template.h"
#include "vpnd/vpn_tunnel.h"

DEFINE_MTYPE_STATIC(VPND, VPN_TEMPLATE, "VPN tunnel link template");

#define PLACES 4096 /* of templates, in if_ids */

struct vpn_templates_head vpn_templates = INIT_RBTREE_UNIQ(vpn_templates);

int vpn_template_cmp(const struct vpn_template *a, const struct vpn_template *b)
{
	return strcmp(a->name, b->name);
}

struct vpn_template *vpn_template_find(const char *name)
{
	struct vpn_template key = {};

	strlcpy(key.name, name, sizeof(key.name));
	return vpn_templates_find(&vpn_templates, &key);
}

static const char *alarm_of(const struct vpn_template *template)
{
	static char object[64];

	snprintf(object, sizeof(object), "tunnel-link-template %s", template->name);
	return object;
}

/* --- if_ids -------------------------------------------------------------------------------- */

/* What an interface of an earlier vpnd says; 0: none does. */
static uint32_t if_id_adopted(const char *name)
{
	const struct vpn_tunnel *tunnel;

	frr_each (vpn_tunnels_const, &vpn_tunnels, tunnel)
		if (!strcmp(tunnel->config.spoke_of, name) && tunnel->if_id)
			return tunnel->if_id - tunnel->config.number;
	return 0;
}

static bool if_id_taken(uint32_t if_id)
{
	const struct vpn_template *template;
	const struct vpn_tunnel *tunnel;

	frr_each (vpn_templates_const, &vpn_templates, template)
		if (template->if_id == if_id)
			return true;
	frr_each (vpn_tunnels_const, &vpn_tunnels, tunnel)
		if (tunnel->config.spoke_of[0] && tunnel->if_id - tunnel->config.number == if_id)
			return true;
	return false;
}

static uint32_t if_id_of(const char *name)
{
	uint32_t place = jhash(name, strlen(name), 0x56504e) % PLACES;
	uint32_t if_id = if_id_adopted(name);

	for (unsigned int i = 0; !if_id; i++) {
		if_id = VPN_IF_ID_SPOKE + (place + i) % PLACES * (VPN_SPOKES_MAX + 1);
		if (i < PLACES && if_id_taken(if_id))
			if_id = 0;
	}
	return if_id;
}

uint32_t vpn_template_if_id(const struct vpn_tunnel_config *spoke)
{
	const struct vpn_template *template = vpn_template_find(spoke->spoke_of);

	return template ? template->if_id + spoke->number : 0;
}

/* --- for show ------------------------------------------------------------------------------ */

enum vpn_peer_state vpn_template_state(const struct vpn_template *template, const char **reason)
{
	const struct vpn_gateway *gateway = template->child ? template->child->gateway : NULL;

	*reason = "";
	if (gateway && gateway->loaded && !gateway->error[0] && vpn_charon_connected(NULL))
		return VPN_PEER_UP;
	*reason = !gateway	      ? template->reason
		  : gateway->error[0] ? gateway->error
				      : template->child->reason;
	return VPN_PEER_DOWN;
}

unsigned int vpn_template_spokes(const struct vpn_template *template, bool up)
{
	const struct vpn_tunnel *tunnel;
	unsigned int count = 0;

	frr_each (vpn_tunnels_const, &vpn_tunnels, tunnel)
		if (!strcmp(tunnel->config.spoke_of, template->name) &&
		    (!up || tunnel->state == VPN_PEER_UP))
			count++;
	return count;
}

/* --- spokes -------------------------------------------------------------------------------- */

bool vpn_template_is_spoke(const struct vpn_tunnel *tunnel)
{
	return tunnel->config.spoke_of[0] != '\0';
}

static void config_of(const struct vpn_tunnel_config *template, uint32_t number,
		      const char *identity, struct vpn_tunnel_config *config)
{
	*config = *template;
	memset(&config->item, 0, sizeof(config->item));
	memset(config->name, 0, sizeof(config->name)); /* configurations are compared as octets */
	snprintf(config->name, sizeof(config->name), "%.11s%u", template->name, number);
	config->limit = 0;
	strlcpy(config->spoke_of, template->name, sizeof(config->spoke_of));
	config->number = number;
	strlcpy(config->identity, identity, sizeof(config->identity));
}

bool vpn_template_config(const struct vpn_tunnel *tunnel, struct vpn_tunnel_config *config)
{
	const struct vpn_tunnel_config *template =
		vpn_template_config_find(&vpn_config, tunnel->config.spoke_of);

	if (!template || tunnel->config.number > template->limit)
		return false;
	if (tunnel->gone_at && vpn_apply_due(tunnel->gone_at + template->forget)) {
		zlog_notice("tunnel-link %s: spoke %s is forgotten", tunnel->name,
			    tunnel->config.identity);
		return false;
	}
	config_of(template, tunnel->config.number, tunnel->config.identity, config);
	return true;
}

/* Its name's number, if it begins with the template's; 0 if not. */
static uint32_t number_of(const struct vpn_template *template, const char *name)
{
	size_t len = strlen(template->name);
	unsigned long number;
	char *rest;

	if (strncmp(name, template->name, len) || !isdigit((unsigned char)name[len]))
		return 0;
	number = strtoul(name + len, &rest, 10);
	return *rest || number > VPN_SPOKES_MAX ? 0 : number;
}

static struct vpn_template *template_of(const struct vpn_gateway *gateway, const char *name,
					uint32_t *number)
{
	struct vpn_template *template;

	frr_each (vpn_templates, &vpn_templates, template) {
		if (!template->child || template->child->gateway != gateway)
			continue;
		*number = number_of(template, name);
		if (*number)
			return template;
	}
	return NULL;
}

struct vpn_child *vpn_template_admit(struct vpn_gateway *gateway, const struct vpn_charon_sa *sa)
{
	struct vpn_template *template;
	struct vpn_tunnel *tunnel;
	uint32_t number;

	template = template_of(gateway, sa->child, &number);
	if (!template || !sa->identity[0] || number > template->config.limit ||
	    vpn_tunnel_config_find(&vpn_config, sa->child))
		return NULL;
	tunnel = vpn_tunnel_get(sa->child);
	config_of(&template->config, number, sa->identity, &tunnel->config);
	tunnel->wanted = tunnel->usable = true;
	tunnel->if_id = template->if_id + number;
	tunnel->child = vpn_gateway_want(&tunnel->config, tunnel->if_id, false);
	zlog_notice("tunnel-link %s: spoke %s has come", tunnel->name, sa->identity);
	return tunnel->child;
}

/* --- refusals ------------------------------------------------------------------------------ */

void vpn_template_refused(const struct vpn_child *child, const char *text, bool full)
{
	struct vpn_template *template = vpn_template_find(child->name);

	zlog_warn("tunnel-link-template %s: %s", child->name, text);
	if (!template)
		return;
	strlcpy(template->refusal, text, sizeof(template->refusal));
	template->refused_at = time(NULL);
	if (full && vpn_template_spokes(template, false) >= template->config.limit)
		vpn_alarm_raise(alarm_of(template), text);
}

static void alarm_evaluate(const struct vpn_template *template)
{
	if (vpn_template_spokes(template, false) < template->config.limit)
		vpn_alarm_clear(alarm_of(template));
}

/* --- all of them --------------------------------------------------------------------------- */

static struct vpn_template *get(const char *name)
{
	struct vpn_template *template = vpn_template_find(name);

	if (template)
		return template;
	template = XCALLOC(MTYPE_VPN_TEMPLATE, sizeof(*template));
	strlcpy(template->name, name, sizeof(template->name));
	template->if_id = if_id_of(name);
	vpn_templates_add(&vpn_templates, template);
	return template;
}

static void template_free(struct vpn_template *template)
{
	vpn_alarm_clear(alarm_of(template));
	vpn_templates_del(&vpn_templates, template);
	XFREE(MTYPE_VPN_TEMPLATE, template);
}

/* What of the configuration or of this machine is missing; NULL: nothing. */
static const char *missing(const struct vpn_template *template)
{
	static char words[VPN_REASON_SIZE];

	if (vpn_tunnel_incomplete(&vpn_config, &template->config, words, sizeof(words)))
		return words;
	if (vpn_kernel_vrf(template->config.vrf) >= 0)
		return NULL;
	snprintf(words, sizeof(words), "VRF %s is not in the kernel", template->config.vrf);
	return words;
}

static void want(struct vpn_template *template)
{
	const char *why = missing(template);

	template->child = why ? NULL : vpn_gateway_want(&template->config, template->if_id, false);
	strlcpy(template->reason, why ? why : "", sizeof(template->reason));
	alarm_evaluate(template);
}

void vpn_templates_apply(void)
{
	const struct vpn_tunnel_config *config;
	struct vpn_template *template;

	frr_each (vpn_templates, &vpn_templates, template)
		template->wanted = false;
	frr_each (vpn_tunnel_configs_const, &vpn_config.templates, config) {
		template = get(config->name);
		template->wanted = true;
		template->config = *config;
	}
	frr_each_safe (vpn_templates, &vpn_templates, template)
		if (template->wanted)
			want(template);
		else
			template_free(template);
}

void vpn_templates_terminate(void)
{
	struct vpn_template *template;

	while ((template = vpn_templates_first(&vpn_templates)))
		template_free(template);
}
