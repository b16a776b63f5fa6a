// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What vpnd says to charon about tunnel links, and what it reads.  See
 * vpn_charon_link_msg.h.
 *
 * A child is one of three:
 *
 *   wildcard    tunnel mode, 0.0.0.0/0 and ::/0, policies with the link's if_id
 *   signal      transport mode, our address and the peer's, protocol 4, and the
 *               if_id: charon's plugin makes the wildcard tunnel of it that it
 *               stands for (draft-knight-ppvpn-ipsec-dynroute, Method 3)
 *   protocol    transport mode, our address and the peer's, protocol 47, 137 or
 *               115: the kernel's device has encapsulated already
 *
 * charon tries once and never restarts anything: vpnd does the back-off.  No
 * MOBIKE: it would move IKE onto a tunnel of ours.
 */
#include <zebra.h>

#include "lib/printfrr.h"

#include "vpnd/vpn_charon_link_msg.h"
#include "vpnd/vpn_config.h"
#include "wire/plugin.h"

#define IKE_LIFETIMES	     4	   /* an IKE_SA lives so many lifetimes of a CHILD_SA, */
#define IKE_LIFETIME_MINIMUM 14400 /* but at least four hours */

#define PROTOCOL_IPIP 4
#define PROTOCOL_GRE  47
#define PROTOCOL_L2TP 115
#define PROTOCOL_MPLS 137

/* --- writing ------------------------------------------------------------------------------- */

static PRINTFRR(3, 4) void put_text(struct vici_buf *buf, const char *key, const char *format, ...)
{
	char text[VPN_PROPOSAL_SIZE];
	va_list args;

	va_start(args, format);
	vsnprintfrr(text, sizeof(text), format, args);
	va_end(args);
	vici_put(buf, key, text);
}

static PRINTFRR(3, 4) void put_item(struct vici_buf *buf, const char *key, const char *format, ...)
{
	char text[INET6_ADDRSTRLEN + 16];
	va_list args;

	va_start(args, format);
	vsnprintfrr(text, sizeof(text), format, args);
	va_end(args);
	vici_put_list(buf, key, text);
}

/* 0: not in transport mode. */
static unsigned int protocol_of(const struct vpn_child *child)
{
	switch (child->encap) {
	case VPN_ENCAP_IPIP_SHARED:
	case VPN_ENCAP_IPIP_DISTINCT:
		return child->signal == VPN_SIGNAL_TRANSPORT ? PROTOCOL_IPIP : 0;
	case VPN_ENCAP_GRE:
		return PROTOCOL_GRE;
	case VPN_ENCAP_MPLS:
		return PROTOCOL_MPLS;
	case VPN_ENCAP_L2TP:
		return PROTOCOL_L2TP;
	case VPN_ENCAP_NONE:
	case VPN_ENCAP_IPSEC_TUNNEL:
		break;
	}
	return 0;
}

static void put_host(struct vici_buf *buf, const char *key, const struct ipaddr *addr,
		     unsigned int protocol)
{
	if (IS_IPADDR_NONE(addr))
		put_item(buf, key, "dynamic[%u]", protocol);
	else
		put_item(buf, key, "%pIA/%u[%u]", addr, IS_IPADDR_V4(addr) ? 32u : 128u, protocol);
}

static void put_wildcard(struct vici_buf *buf, const char *key, const struct vpn_profile *profile)
{
	vici_list(buf, key);
	vici_item(buf, "0.0.0.0/0");
	if (profile->ike_version == 2) /* IKEv1 has one selector a side */
		vici_item(buf, "::/0");
	vici_list_end(buf);
}

static void put_selectors(struct vici_buf *buf, const struct vpn_child *child,
			  const struct vpn_profile *profile)
{
	const struct vpn_gateway *gateway = child->gateway;
	unsigned int protocol = protocol_of(child);

	vici_put(buf, "mode", protocol ? "transport" : "tunnel");
	if (protocol) {
		put_host(buf, "local_ts", &gateway->local, protocol);
		put_host(buf, "remote_ts", &gateway->remote, protocol);
	} else {
		put_wildcard(buf, "local_ts", profile);
		put_wildcard(buf, "remote_ts", profile);
	}
	if (child->if_id) {
		put_text(buf, "if_id_in", "%u", child->if_id);
		put_text(buf, "if_id_out", "%u", child->if_id);
	}
}

static void put_child(struct vici_buf *buf, const struct vpn_child *child,
		      const struct vpn_profile *profile)
{
	vici_section(buf, child->name);
	put_selectors(buf, child, profile);
	vici_put_list(buf, "esp_proposals", profile->esp_proposal);
	put_text(buf, "rekey_time", "%us", profile->lifetime);
	put_text(buf, "life_time", "%us",
		 profile->lifetime + MAX(profile->lifetime / 10, (uint32_t)30));
	put_text(buf, "rand_time", "%us", profile->lifetime / 10);
	vici_put(buf, "dpd_action", "clear");
	vici_put(buf, "close_action", "none");
	vici_put(buf, "start_action", child->on_traffic ? "trap" : "none");
	if (child->on_traffic)
		put_text(buf, "inactivity", "%us", child->idle);
	vici_section_end(buf);
}

/* How one side proves who it is. */
static void put_auth(struct vici_buf *buf, bool ours, const struct vpn_gateway *gateway,
		     const struct vpn_profile *profile)
{
	const struct ipaddr *addr = ours ? &gateway->local : &gateway->remote;
	const char *id = ours ? gateway->local_id : gateway->remote_id;
	bool cert = profile->auth == VPN_AUTH_CERTIFICATE;

	vici_section(buf, ours ? "local" : "remote");
	vici_put(buf, "auth", cert ? "pubkey" : "psk");
	if (id[0])
		vici_put(buf, "id", id);
	else if (!IS_IPADDR_NONE(addr) && (ours || !cert))
		put_text(buf, "id", "%pIA", addr);
	else
		vici_put(buf, "id", "%any");
	if (cert) {
		vici_section(buf, ours ? "cert-1" : "cacert-1");
		vici_put(buf, "file", ours ? profile->cert_file : profile->ca_file);
		vici_section_end(buf);
	}
	vici_section_end(buf);
}

void vpn_charon_put_gateway(struct vici_buf *buf, const struct vpn_gateway *gateway,
			    const struct vpn_profile *profile)
{
	uint32_t ike = MAX(profile->lifetime * IKE_LIFETIMES, (uint32_t)IKE_LIFETIME_MINIMUM);
	const struct vpn_child *child;

	vici_begin(buf, VICI_CMD_REQUEST, "load-conn");
	vici_section(buf, gateway->name);
	put_text(buf, "version", "%u", profile->ike_version);
	put_item(buf, "local_addrs", "%pIA", &gateway->local);
	if (IS_IPADDR_NONE(&gateway->remote))
		vici_put_list(buf, "remote_addrs", "%any");
	else
		put_item(buf, "remote_addrs", "%pIA", &gateway->remote);
	vici_put_list(buf, "proposals", profile->ike_proposal);
	vici_put(buf, "mobike", "no");
	vici_put(buf, "unique", "replace");
	vici_put(buf, "keyingtries", "1");
	put_text(buf, "dpd_delay", "%us", profile->dpd);
	if (profile->ike_version == 1 && profile->dpd) /* IKEv2 repeats what it asks */
		put_text(buf, "dpd_timeout", "%us", profile->dpd + profile->dpd_timeout);
	put_text(buf, "rekey_time", "%us", ike);
	put_text(buf, "over_time", "%us", ike / 10);
	put_auth(buf, true, gateway, profile);
	put_auth(buf, false, gateway, profile);
	vici_section(buf, "children");
	frr_each (vpn_children_const, &gateway->children, child)
		if (!child->spoke) /* the plugin makes those */
			put_child(buf, child, profile);
	vici_section_end(buf);
	vici_section_end(buf);
}

/* --- reading ------------------------------------------------------------------------------- */

/* Where in an event we are. */
struct sa_reader {
	struct vpn_charon_sa sa;
	bool ours;	    /* the connection is a gateway's */
	unsigned int child; /* depth of the CHILD_SA's section, 0: in none */
	char keysize[8];
	bool udp;
	void (*each)(const struct vpn_charon_sa *sa);
};

static uint32_t read_number(const struct vici_blob *value)
{
	char str[16];

	return strtoul(vici_blob_str(value, str, sizeof(str)), NULL, 10);
}

/* The connection's name is a gateway's, and short enough to be ours. */
static bool read_gateway(const struct vici_blob *name, char *buf, size_t size)
{
	if (name->len >= size)
		return false;
	vici_blob_str(name, buf, size);
	return !strncmp(buf, VPNSPI_LINK_PREFIX, strlen(VPNSPI_LINK_PREFIX));
}

static void read_ike(struct sa_reader *at, const struct vici_element *element)
{
	char str[INET6_ADDRSTRLEN];

	if (vici_blob_is(&element->name, "uniqueid"))
		at->sa.ike = read_number(&element->value);
	else if (vici_blob_is(&element->name, "version"))
		at->sa.ike_version = read_number(&element->value);
	else if (vici_blob_is(&element->name, "remote-id") &&
		 element->value.len < sizeof(at->sa.identity))
		vici_blob_str(&element->value, at->sa.identity, sizeof(at->sa.identity));
	else if (vici_blob_is(&element->name, "remote-host") &&
		 str2ipaddr(vici_blob_str(&element->value, str, sizeof(str)), &at->sa.remote))
		memset(&at->sa.remote, 0, sizeof(at->sa.remote));
}

static void read_child(struct sa_reader *at, const struct vici_element *element)
{
	struct vpn_charon_sa *sa = &at->sa;

	if (vici_blob_is(&element->name, "name") && element->value.len < sizeof(sa->child))
		vici_blob_str(&element->value, sa->child, sizeof(sa->child));
	else if (vici_blob_is(&element->name, "uniqueid"))
		sa->id = read_number(&element->value);
	else if (vici_blob_is(&element->name, "state"))
		sa->installed = vici_blob_is(&element->value, "INSTALLED") ||
				vici_blob_is(&element->value, "REKEYING");
	else if (vici_blob_is(&element->name, "mode"))
		sa->transport = vici_blob_is(&element->value, "TRANSPORT");
	else if (vici_blob_is(&element->name, "encap"))
		at->udp = vici_blob_is(&element->value, "yes");
	else if (vici_blob_is(&element->name, "encr-alg"))
		vici_blob_str(&element->value, sa->encryption, sizeof(sa->encryption));
	else if (vici_blob_is(&element->name, "encr-keysize"))
		vici_blob_str(&element->value, at->keysize, sizeof(at->keysize));
	else if (vici_blob_is(&element->name, "integ-alg"))
		vici_blob_str(&element->value, sa->integrity, sizeof(sa->integrity));
}

static void child_begin(struct sa_reader *at, unsigned int depth, enum vpn_charon_part part)
{
	struct vpn_charon_sa *sa = &at->sa;

	at->child = depth;
	at->keysize[0] = '\0';
	at->udp = false;
	sa->part = part;
	sa->child[0] = sa->encryption[0] = sa->integrity[0] = '\0';
	sa->id = 0;
	sa->installed = sa->transport = false;
}

static void child_end(struct sa_reader *at)
{
	struct vpn_charon_sa *sa = &at->sa;

	at->child = 0;
	if (!at->ours || !sa->child[0] || !sa->id)
		return;
	snprintf(sa->proposal, sizeof(sa->proposal), "%s%s%s%s%s", sa->encryption,
		 at->keysize[0] ? "-" : "", at->keysize, sa->integrity[0] ? "/" : "", sa->integrity);
	sa->esp = vpn_esp_size(sa->encryption, sa->integrity, IS_IPADDR_V6(&sa->remote), at->udp);
	at->each(sa);
}

/*
 * list-sa, child-updown: CONNECTION { … child-sas { NAME-ID { … } } }
 * child-rekey:           CONNECTION { … child-sas { NAME { old { … } new { … } } } }
 *
 * In the second form the section NAME has no keys of its own, so it is taken
 * for a CHILD_SA without a name, and what is in it for the CHILD_SAs.
 */
static void section_begin(struct sa_reader *at, unsigned int depth, const struct vici_blob *name)
{
	if (depth == 1)
		at->ours = read_gateway(name, at->sa.gateway, sizeof(at->sa.gateway));
	else if (depth == 3)
		child_begin(at, depth, VPN_CHARON_SA);
	else if (depth == 4 && vici_blob_is(name, "old"))
		child_begin(at, depth, VPN_CHARON_SA_OLD);
	else if (depth == 4 && vici_blob_is(name, "new"))
		child_begin(at, depth, VPN_CHARON_SA_NEW);
}

bool vpn_charon_read_sas(const struct vici_packet *packet,
			 void (*each)(const struct vpn_charon_sa *sa))
{
	struct sa_reader at = { .each = each };
	struct vici_element element;
	struct vici_reader reader;
	int ret;

	vici_reader_init(&reader, &packet->message);
	while ((ret = vici_next(&reader, &element)) > 0) {
		if (element.type == VICI_SECTION_START)
			section_begin(&at, reader.depth, &element.name);
		else if (element.type == VICI_SECTION_END && reader.depth + 1 == at.child)
			child_end(&at);
		else if (element.type != VICI_KEY_VALUE)
			continue;
		else if (!reader.depth && vici_blob_is(&element.name, "up"))
			at.sa.up = vici_blob_is(&element.value, "yes");
		else if (reader.depth == 1)
			read_ike(&at, &element);
		else if (at.child && reader.depth == at.child)
			read_child(&at, &element);
	}
	return !ret;
}
