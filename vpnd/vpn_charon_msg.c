// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What vpnd says to charon and reads from its answers.
 *
 * The connection to a peer: one CHILD_SA that carries everything, selectors
 * wide open, no policies (the plugin installs what the kernel gets), no MOBIKE
 * (it would move IKE onto a tunnel of ours), one try (vpnd does the back-off),
 * nothing restarted by charon itself.  `unique = replace` makes a peer that
 * came back without saying good-bye replace what it left.
 *
 * Identities are addresses, since nobody configures the peers' names.  With
 * certificates any identity of a peer that the CA vouches for is good.
 */
#include <zebra.h>

#include "lib/printfrr.h"

#include "vpnd/vpn_charon_msg.h"
#include "vpnd/vpn_config.h"
#include "wire/plugin.h"

#define IKE_LIFETIMES	     4	   /* an IKE_SA lives so many lifetimes of a CHILD_SA, */
#define IKE_LIFETIME_MINIMUM 14400 /* but at least four hours */

char *vpn_conn_name(const struct ipaddr *peer, char buf[VPN_CONN_NAME_SIZE])
{
	if (peer)
		snprintfrr(buf, VPN_CONN_NAME_SIZE, VPNSPI_CONN_PREFIX "%pIA", peer);
	else
		snprintf(buf, VPN_CONN_NAME_SIZE, VPNSPI_CONN_PREFIX VPN_CONN_ANY);
	return buf;
}

bool vpn_conn_peer(const struct vici_blob *name, struct ipaddr *peer)
{
	char buf[VPN_CONN_NAME_SIZE];

	if (name->len >= sizeof(buf))
		return false;
	vici_blob_str(name, buf, sizeof(buf));
	if (strncmp(buf, VPNSPI_CONN_PREFIX, strlen(VPNSPI_CONN_PREFIX)))
		return false;
	if (strcmp(buf + strlen(VPNSPI_CONN_PREFIX), VPN_CONN_ANY))
		return !str2ipaddr(buf + strlen(VPNSPI_CONN_PREFIX), peer);
	memset(peer, 0, sizeof(*peer));
	return true;
}

/* --- writing ------------------------------------------------------------------------------- */

static void put_number(struct vici_buf *buf, const char *key, uint32_t number)
{
	char str[16];

	snprintf(str, sizeof(str), "%u", number);
	vici_put(buf, key, str);
}

static void put_seconds(struct vici_buf *buf, const char *key, uint32_t seconds)
{
	char str[16];

	snprintf(str, sizeof(str), "%us", seconds);
	vici_put(buf, key, str);
}

static void put_file(struct vici_buf *buf, const char *section, const char *file)
{
	vici_section(buf, section);
	vici_put(buf, "file", file);
	vici_section_end(buf);
}

/* How one side proves who it is. */
static void put_auth(struct vici_buf *buf, bool ours, const struct ipaddr *addr,
		     const struct vpn_profile *profile)
{
	bool cert = profile->auth == VPN_AUTH_CERTIFICATE;
	char id[INET6_ADDRSTRLEN];

	vici_section(buf, ours ? "local" : "remote");
	vici_put(buf, "auth", cert ? "pubkey" : "psk");
	if (addr && (ours || !cert))
		vici_put(buf, "id", ipaddr2str(addr, id, sizeof(id)));
	else
		vici_put(buf, "id", "%any");
	if (cert)
		put_file(buf, ours ? "cert-1" : "cacert-1",
			 ours ? profile->cert_file : profile->ca_file);
	vici_section_end(buf);
}

static void put_selectors(struct vici_buf *buf, const char *key, const struct vpn_profile *profile)
{
	vici_list(buf, key);
	vici_item(buf, "0.0.0.0/0");
	if (profile->ike_version == 2) /* IKEv1 has one selector a side */
		vici_item(buf, "::/0");
	vici_list_end(buf);
}

static void put_child(struct vici_buf *buf, const struct vpn_profile *profile)
{
	vici_section(buf, "children");
	vici_section(buf, VPNSPI_CHILD_NAME);
	put_selectors(buf, "local_ts", profile);
	put_selectors(buf, "remote_ts", profile);
	vici_put_list(buf, "esp_proposals", profile->esp_proposal);
	vici_put(buf, "mode", "tunnel");
	vici_put(buf, "policies", "no");
	put_seconds(buf, "rekey_time", profile->lifetime);
	put_seconds(buf, "life_time", profile->lifetime + MAX(profile->lifetime / 10, 30u));
	put_seconds(buf, "rand_time", profile->lifetime / 10);
	vici_put(buf, "dpd_action", "clear");
	vici_put(buf, "close_action", "none");
	vici_put(buf, "start_action", "none");
	vici_section_end(buf);
	vici_section_end(buf);
}

void vpn_charon_put_conn(struct vici_buf *buf, const struct ipaddr *local,
			 const struct ipaddr *peer, const struct vpn_profile *profile)
{
	uint32_t ike = MAX(profile->lifetime * IKE_LIFETIMES, (uint32_t)IKE_LIFETIME_MINIMUM);
	char name[VPN_CONN_NAME_SIZE], addr[INET6_ADDRSTRLEN];

	vici_begin(buf, VICI_CMD_REQUEST, "load-conn");
	vici_section(buf, vpn_conn_name(peer, name));
	put_number(buf, "version", profile->ike_version);
	vici_put_list(buf, "local_addrs", ipaddr2str(local, addr, sizeof(addr)));
	vici_put_list(buf, "remote_addrs", peer ? ipaddr2str(peer, addr, sizeof(addr)) : "%any");
	vici_put_list(buf, "proposals", profile->ike_proposal);
	vici_put(buf, "mobike", "no");
	vici_put(buf, "unique", "replace");
	vici_put(buf, "keyingtries", "1");
	put_seconds(buf, "dpd_delay", profile->dpd);
	if (profile->ike_version == 1 && profile->dpd) /* IKEv2 repeats what it asks */
		put_seconds(buf, "dpd_timeout", profile->dpd + profile->dpd_timeout);
	put_seconds(buf, "rekey_time", ike);
	put_seconds(buf, "over_time", ike / 10);
	put_auth(buf, true, local, profile);
	put_auth(buf, false, peer, profile);
	put_child(buf, profile);
	vici_section_end(buf);
}

/* --- reading ------------------------------------------------------------------------------- */

bool vpn_charon_read_result(const struct vici_packet *packet, char *error, size_t size)
{
	struct vici_reader reader;
	struct vici_element element;
	bool success = false;
	int ret;

	strlcpy(error, "charon does not know the command", size);
	if (packet->type != VICI_CMD_RESPONSE)
		return false;
	strlcpy(error, "charon gave no reason", size);
	vici_reader_init(&reader, &packet->message);
	while ((ret = vici_next(&reader, &element)) > 0) {
		if (element.type != VICI_KEY_VALUE || reader.depth)
			continue;
		if (vici_blob_is(&element.name, "success"))
			success = vici_blob_is(&element.value, "yes");
		else if (vici_blob_is(&element.name, "errmsg"))
			vici_blob_str(&element.value, error, size);
	}
	if (ret < 0)
		strlcpy(error, "charon's answer is malformed", size);
	return success && !ret;
}

/* The event is one section, named after the connection, with the IKE_SA's keys in it. */
bool vpn_charon_read_sa(const struct vici_packet *packet, const struct ipaddr *peer, uint32_t *id)
{
	char str[INET6_ADDRSTRLEN];
	struct ipaddr remote = {}, conn;
	struct vici_element element;
	struct vici_reader reader;
	bool ours = false;
	int ret;

	*id = 0;
	vici_reader_init(&reader, &packet->message);
	while ((ret = vici_next(&reader, &element)) > 0) {
		if (element.type == VICI_SECTION_START && reader.depth == 1)
			ours = vpn_conn_peer(&element.name, &conn);
		if (element.type != VICI_KEY_VALUE || reader.depth != 1)
			continue;
		if (vici_blob_is(&element.name, "remote-host"))
			str2ipaddr(vici_blob_str(&element.value, str, sizeof(str)), &remote);
		else if (vici_blob_is(&element.name, "uniqueid"))
			*id = strtoul(vici_blob_str(&element.value, str, sizeof(str)), NULL, 10);
	}
	return !ret && ours && *id && ipaddr_is_same(&remote, peer);
}

bool vpn_charon_read_conns(const struct vici_packet *packet,
			   void (*each)(const struct vici_blob *name))
{
	struct vici_reader reader;
	struct vici_element element;
	bool in_conns = false;
	int ret;

	vici_reader_init(&reader, &packet->message);
	while ((ret = vici_next(&reader, &element)) > 0) {
		if (element.type == VICI_LIST_START)
			in_conns = vici_blob_is(&element.name, "conns");
		else if (element.type == VICI_LIST_ITEM && in_conns)
			each(&element.value);
	}
	return !ret;
}
