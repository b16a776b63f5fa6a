// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A customer edge and the provider's servers; see vpn_ce.h.
 *
 * A call is asked for when the configuration or our address has changed, at the
 * start, when a server has given us another certificate, and when a peer knocks
 * that we do not know: most likely a new site, which the server has told before
 * us, or the server itself, which says that it has something to tell (mode
 * notify).  Such knocks are anybody's to make, so after KNOCKS of them they count
 * once in KNOCK_S.  Calls at intervals and again after failures are netconfd's own.
 *
 * Time since the last contact is the wall clock's, as it has to outlive a
 * reboot: a device that was switched off keeps no other.  A clock that jumps
 * ahead can end `retain` too early; the next call puts it right.
 */
#include <zebra.h>

#include "lib/json.h"
#include "lib/log.h"
#include "lib/monotime.h"
#include "lib/printfrr.h"

#include "vpnd/vpn_alarm.h"
#include "vpnd/vpn_apply.h"
#include "vpnd/vpn_ce.h"
#include "vpnd/vpn_firewall.h"
#include "vpnd/vpn_kernel.h"
#include "vpnd/vpn_save.h"

#define KNOCK_S	    30	/* between two calls because of unknown peers, when there were … */
#define KNOCK_GAP_S 3	/* … and always */
#define KNOCKS	    8	/* … more of them than this lately */
#define SESSION_S   180 /* without a word of netconfd, after which a session is none */
#define CERTIFIED_S 3	/* from another certificate to the end of a session that nobody tells of */
#define ALARM	    "customer-edge"

struct vpn_ce vpn_ce;

DEFINE_HOOK(vpn_ce_wanted, (const char *why), (why));

static time_t knocked; /* monotonic s: all knocks that count, as if they came KNOCK_S apart */
static time_t heard;   /* monotonic s, of netconfd */
static time_t certified; /* monotonic s, when netconfd is to hear of another certificate; 0: of none */

/* --- our address --------------------------------------------------------------------------- */

/* The first address of an interface, IPv4 before IPv6, no link-local one. */
static bool interface_address(const char *name, struct ipaddr *address)
{
	const struct vpn_link *link = vpn_kernel_link_named(name);
	const struct vpn_address *each;
	struct ipaddr found = {};

	if (!link)
		return false;
	frr_each (vpn_addresses_const, &link->addresses, each) {
		const struct ipaddr *local = &each->info.local;

		if (IS_IPADDR_V6(local) && IN6_IS_ADDR_LINKLOCAL(&local->ipaddr_v6))
			continue;
		if (IS_IPADDR_NONE(&found) || (IS_IPADDR_V4(local) && IS_IPADDR_V6(&found)))
			found = *local;
	}
	*address = found;
	return !IS_IPADDR_NONE(&found);
}

/* Has our address changed?  One that has gone for a moment (a lease renewed) is kept. */
static bool address_changed(void)
{
	struct ipaddr address = vpn_ce.config.address;

	if (vpn_ce.config.dhcp && !interface_address(vpn_ce.config.address_if, &address))
		return false;
	if (ipaddr_is_same(&address, &vpn_ce.address))
		return false;
	vpn_ce.address = address;
	if (vpn_ce.config.dhcp)
		zlog_notice("customer-edge: the address in the provider's space is %pIA, of %s",
			    &address, vpn_ce.config.address_if);
	return true;
}

/* --- how long since ------------------------------------------------------------------------ */

time_t vpn_ce_retained_until(void)
{
	if (!vpn_ce.config.present || !vpn_ce.config.retain || vpn_ce.in_session)
		return 0;
	if (!vpn_ce.contact) /* of the start: a reboot is no contact */
		return time(NULL) - (monotime(NULL) - vpn_apply_started()) + vpn_ce.config.retain;
	return vpn_ce.contact + vpn_ce.config.retain;
}

/* netconfd says so again and again as long as a session lasts; one that died says nothing. */
static void session_look(void)
{
	if (!vpn_ce.in_session || !vpn_apply_due(heard + SESSION_S))
		return;
	vpn_ce.in_session = false;
	strlcpy(vpn_ce.error, "netconfd, which calls servers, does not run", sizeof(vpn_ce.error));
}

static void expiry_look(void)
{
	time_t until = vpn_ce_retained_until(), now = time(NULL);
	bool expired = until && until <= now;
	char words[VPN_REASON_SIZE];

	if (until > now)
		vpn_apply_schedule_in(until - now);
	if (expired == vpn_ce.expired)
		return;
	vpn_ce.expired = expired;
	if (!expired) {
		vpn_alarm_clear(ALARM);
		return;
	}
	snprintf(words, sizeof(words),
		 "no server of the provider's was reached for %u seconds (retain): its links are torn down until one is",
		 vpn_ce.config.retain);
	vpn_alarm_raise(ALARM, words);
}

const char *vpn_ce_forbids(const char *profile)
{
	if (!vpn_ce.expired || !vpn_ce_owns(&vpn_config, profile))
		return NULL;
	return "no server of the provider's was reached for as long as customer-edge retain says";
}

/* --- calls --------------------------------------------------------------------------------- */

/* The server's own writing of the version is no change that it has to be called for. */
static bool config_changed(const struct vpn_ce_config *config)
{
	struct vpn_ce_config plain = *config;

	plain.has_version = vpn_ce.config.has_version;
	plain.version = vpn_ce.config.version;
	plain.certificate = vpn_ce.config.certificate; /* see certificate_look() */
	return !vpn_ce_same(&plain, &vpn_ce.config);
}

/*
 * Another version: a server has changed something.  Commands do not write it, so
 * a file does not have it, and a mgmtd that has read its file has none: then it
 * is what it was.
 */
static void version_look(const struct vpn_ce_config *config)
{
	if (!config->has_version || (vpn_ce.has_version && vpn_ce.version == config->version))
		return;
	vpn_ce.has_version = true;
	vpn_ce.version = config->version;
	vpn_save_schedule();
}

void vpn_ce_saved(bool has_version, uint64_t version)
{
	vpn_ce.has_saved = has_version;
	vpn_ce.saved = version;
	vpn_apply_state_changed();
}

/* A server has had us make another key, and the file is to name it, too. */
static void certificate_changed(const struct vpn_ce_config *config)
{
	if (!vpn_ce.config.certificate || vpn_ce.config.certificate == config->certificate)
		return;
	vpn_save_schedule();
	certified = monotime(NULL) + CERTIFIED_S;
}

/*
 * netconfd takes the new one into use, and shows it to a server, when a call is
 * wanted.  Not at once: the session in which the server has said so would break.
 */
static void certificate_look(void)
{
	if (!certified || vpn_ce.in_session || !vpn_apply_due(certified))
		return;
	certified = 0;
	hook_call(vpn_ce_wanted, "another certificate is in use");
}

void vpn_ce_apply(void)
{
	bool changed;

	if (!vpn_config.arrived)
		return;
	changed = config_changed(&vpn_config.ce);
	version_look(&vpn_config.ce);
	certificate_changed(&vpn_config.ce);
	vpn_ce.config = vpn_config.ce;
	if (address_changed())
		changed = true;
	session_look();
	certificate_look();
	expiry_look();
	if (changed)
		hook_call(vpn_ce_wanted, vpn_ce.config.present
						 ? "the configuration or the address has changed"
						 : "there is no customer-edge any more");
}

void vpn_ce_knock(const struct ipaddr *peer)
{
	static time_t last = -KNOCK_GAP_S;
	time_t now = monotime(NULL);
	char why[VPN_REASON_SIZE];

	if (!vpn_ce.config.present || now - last < KNOCK_GAP_S ||
	    knocked > now + (KNOCKS - 1) * KNOCK_S)
		return;
	last = now;
	knocked = MAX(knocked, now) + KNOCK_S;
	snprintfrr(why, sizeof(why), "%pIA wants to negotiate and is not known", peer);
	zlog_info("customer-edge: %s: a server is asked", why);
	hook_call(vpn_ce_wanted, why);
}

void vpn_ce_contact(enum vpn_ce_event event, const struct ipaddr *server, uint16_t port,
		    const char *text)
{
	heard = monotime(NULL);
	switch (event) {
	case VPN_CE_CALLING:
		vpn_ce.attempt = time(NULL);
		break;
	case VPN_CE_SESSION:
		vpn_ce.in_session = true;
		vpn_ce.error[0] = '\0';
		vpn_ce.server = *server;
		vpn_ce.port = port;
		vpn_ce.contact = time(NULL);
		vpn_apply_state_changed();
		break;
	case VPN_CE_ENDED:
		if (vpn_ce.in_session)
			vpn_ce.contact = time(NULL);
		vpn_ce.in_session = false;
		vpn_apply_state_changed();
		break;
	case VPN_CE_FAILED:
		vpn_ce.in_session = false;
		strlcpy(vpn_ce.error, text ? text : "no server answers", sizeof(vpn_ce.error));
		break;
	}
	vpn_apply_schedule();
}

/* --- what is told -------------------------------------------------------------------------- */

enum vpn_peer_state vpn_ce_state(char *reason, size_t size)
{
	reason[0] = '\0';
	if (vpn_ce_incomplete(&vpn_ce.config, reason, size))
		return VPN_PEER_DOWN;
	if (IS_IPADDR_NONE(&vpn_ce.address)) {
		snprintf(reason, size, "interface %s has no address yet", vpn_ce.config.address_if);
		return VPN_PEER_DOWN;
	}
	if (vpn_ce.expired) {
		snprintf(reason, size, "no server was reached for %u seconds (retain)",
			 vpn_ce.config.retain);
		return VPN_PEER_DOWN;
	}
	if (vpn_ce.error[0]) {
		strlcpy(reason, vpn_ce.error, size);
		return VPN_PEER_CONNECTING;
	}
	if (!vpn_ce.contact) {
		strlcpy(reason, "no server was reached yet", size);
		return VPN_PEER_CONNECTING;
	}
	return VPN_PEER_UP;
}

void vpn_ce_count(unsigned int *profiles, unsigned int *links)
{
	const struct vpn_tunnel_config *link;
	const struct vpn_profile *profile;

	*profiles = *links = 0;
	frr_each (vpn_profiles_const, &vpn_config.profiles, profile)
		*profiles += vpn_ce_owns(&vpn_config, profile->name);
	frr_each (vpn_tunnel_configs_const, &vpn_config.tunnels, link)
		*links += vpn_ce_owns(&vpn_config, link->profile);
}

/* --- the state file ------------------------------------------------------------------------ */

struct json_object *vpn_ce_save(void)
{
	struct json_object *json = json_object_new_object();

	json_object_int_add(json, "contact", vpn_ce.contact);
	/* as text: JSON's numbers here are signed */
	if (vpn_ce.has_saved)
		json_object_string_addf(json, "version", "%" PRIu64, vpn_ce.saved);
	json_object_boolean_add(json, "filtered", vpn_firewall_is_installed());
	if (!IS_IPADDR_NONE(&vpn_ce.server)) {
		json_object_string_addf(json, "server", "%pIA", &vpn_ce.server);
		json_object_int_add(json, "port", vpn_ce.port);
	}
	return json;
}

void vpn_ce_load(struct json_object *state)
{
	struct json_object *value;

	if (json_object_object_get_ex(state, "contact", &value))
		vpn_ce.contact = MAX(json_object_get_int64(value), 0);
	if (json_object_object_get_ex(state, "version", &value)) {
		vpn_ce.has_version = vpn_ce.has_saved = true;
		vpn_ce.version = strtoull(json_object_get_string(value), NULL, 10);
		vpn_ce.saved = vpn_ce.version;
	}
	if (json_object_object_get_ex(state, "filtered", &value) && json_object_get_boolean(value))
		vpn_firewall_was_installed();
	if (json_object_object_get_ex(state, "port", &value))
		vpn_ce.port = json_object_get_int64(value);
	if (json_object_object_get_ex(state, "server", &value) &&
	    str2ipaddr(json_object_get_string(value), &vpn_ce.server))
		memset(&vpn_ce.server, 0, sizeof(vpn_ce.server));
}
