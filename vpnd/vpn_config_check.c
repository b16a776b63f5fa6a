// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is wrong with tunnel links, in words.
 *
 * Each link is looked at by itself first.  Then all links claim what tells
 * them from others: endpoints and GRE key, endpoints and label, L2TP session,
 * what IKE knows of them.  Claims are texts; they are sorted, and equal ones
 * stand side by side.  Some claims exclude each other (two links cannot have
 * one key), others must agree (links that share an SA are protected alike).
 * Of two links that contradict each other the one with the later name is at
 * fault.
 *
 * What tells links apart is section 6 of draft-duffy-ppvpn-ipsec-vlink-00:
 * the context is the VPN-ID in IKE (6.1, 6.2), the pair of addresses (6.3),
 * the key (6.4), the label (6.5), the session (6.6).
 */
#include <zebra.h>

#include "lib/memory.h"
#include "lib/printfrr.h"

#include "vpnd/vpn_config.h"
#include "vpnd/vpn_ifname.h"
#include "vpnd/vpn_memory.h"

DEFINE_MTYPE_STATIC(VPND, VPN_CLAIMS, "Tunnel link claims");
DEFINE_MTYPE_STATIC(VPND, VPN_CLAIM_TEXT, "Tunnel link claim text");

#define VPN_MTU6_MIN 1280 /* RFC 8200, section 5 */

/* Writes the fault of a link unless it has one already; always false. */
PRINTFRR(2, 3)
static bool vpn_fault(struct vpn_tunnel_config *tunnel, const char *fmt, ...)
{
	va_list args;
	int done;

	if (tunnel->fault[0])
		return false;
	done = snprintf(tunnel->fault, sizeof(tunnel->fault),
			"%s %s: ", vpn_tunnel_config_kind(tunnel), tunnel->name);
	va_start(args, fmt);
	vsnprintfrr(tunnel->fault + done, sizeof(tunnel->fault) - done, fmt, args);
	va_end(args);
	return false;
}

/*
 * One link
 */

/* Is this how vpnd calls interfaces of its own: "vpn", a letter, a number? */
static bool vpn_name_is_reserved(const char *name)
{
	return strncmp(name, "vpn", 3) == 0 && name[3] >= 'a' && name[3] <= 'z' && name[4] &&
	       strspn(name + 4, "0123456789") == strlen(name + 4);
}

/* The template whose links have such names: its own, and a number. */
static const struct vpn_tunnel_config *vpn_template_of_name(struct vpn_config *config,
							    const char *name)
{
	char prefix[IFNAMSIZ];
	size_t len = strlen(name);

	while (len && isdigit((unsigned char)name[len - 1]))
		len--;
	if (!name[len] || name[len] == '0' || len >= sizeof(prefix))
		return NULL;
	memcpy(prefix, name, len);
	prefix[len] = '\0';
	return vpn_template_config_find(config, prefix);
}

static bool vpn_check_name(struct vpn_config *config, struct vpn_tunnel_config *tunnel)
{
	const struct vpn_tunnel_config *template = vpn_template_of_name(config, tunnel->name);

	if (template)
		return vpn_fault(tunnel,
				 "links of tunnel-link-template %s have such names: choose another",
				 template->name);
	if (vpn_name_is_reserved(tunnel->name))
		return vpn_fault(tunnel, "vpnd's own interfaces have such names: choose another");
	if (strcmp(tunnel->name, tunnel->vrf) == 0)
		return vpn_fault(tunnel, "the VRF's interface has that name: choose another");
	if (strcmp(tunnel->name, "lo") == 0 || strcmp(tunnel->name, "all") == 0 ||
	    strcmp(tunnel->name, "default") == 0)
		return vpn_fault(tunnel, "the kernel uses that name: choose another");
	return true;
}

static bool vpn_check_endpoints(struct vpn_tunnel_config *tunnel)
{
	const struct ipaddr *local = &tunnel->local, *remote = &tunnel->remote;

	if (local->ipa_type && !vpn_address_usable(local))
		return vpn_fault(tunnel,
				 "local %pIA is not the address of a host: give one that this machine has",
				 local);
	if (remote->ipa_type && !vpn_address_usable(remote))
		return vpn_fault(tunnel, "remote %pIA is not the address of a host", remote);
	if (!local->ipa_type || !remote->ipa_type)
		return true;
	if (local->ipa_type != remote->ipa_type)
		return vpn_fault(tunnel,
				 "local %pIA and remote %pIA are of different families: give two IPv4 or two IPv6 addresses",
				 local, remote);
	if (ipaddr_cmp(local, remote) == 0)
		return vpn_fault(tunnel, "local and remote are both %pIA", local);
	return true;
}

/* May it have a remote that is not known beforehand? */
static bool vpn_check_any(struct vpn_tunnel_config *tunnel)
{
	if (!tunnel->remote_any)
		return true;
	if (tunnel->encap > VPN_ENCAP_IPIP_SHARED)
		return vpn_fault(tunnel,
				 "encapsulation %s needs the peer's address: remote any goes with ipsec-tunnel and ipip-shared",
				 vpn_encap_str(tunnel->encap));
	if (tunnel->on_traffic)
		return vpn_fault(tunnel,
				 "establish on-traffic needs the peer's address: remote any only answers");
	return true;
}

static bool vpn_check_protection(struct vpn_tunnel_config *tunnel)
{
	if (!tunnel->no_ipsec)
		return true;
	if (!vpn_encap_may_be_clear(tunnel->encap))
		return vpn_fault(tunnel,
				 "encapsulation %s is made of IPsec and cannot have 'no ipsec': name an ipsec-profile",
				 vpn_encap_str(tunnel->encap));
	if (tunnel->on_traffic)
		return vpn_fault(tunnel,
				 "establish on-traffic is about IPsec and cannot go with 'no ipsec'");
	if (tunnel->remote_any)
		return vpn_fault(tunnel, "remote any is known by IKE and cannot go with 'no ipsec'");
	return true;
}

static bool vpn_check_profile(struct vpn_config *config, struct vpn_tunnel_config *tunnel)
{
	if (!tunnel->profile[0] || vpn_tunnel_profile(config, tunnel))
		return true;
	return vpn_fault(tunnel, "there is no ipsec-profile %s: configure it first, remove it last",
			 tunnel->profile);
}

/* Methods 1 and 3 tell of an IP-in-IP link; the others tell by their protocol. */
static bool vpn_check_signal(struct vpn_tunnel_config *tunnel)
{
	if (tunnel->signal == VPN_SIGNAL_NONE || tunnel->encap == VPN_ENCAP_NONE)
		return true;
	if (tunnel->encap > VPN_ENCAP_IPIP_DISTINCT)
		return vpn_fault(tunnel,
				 "signal is for ipsec-tunnel, ipip-shared and ipip-distinct: encapsulation %s tells by its protocol",
				 vpn_encap_str(tunnel->encap));
	if (tunnel->encap == VPN_ENCAP_IPSEC_TUNNEL && tunnel->signal == VPN_SIGNAL_TRANSPORT)
		return vpn_fault(tunnel,
				 "signal transport is for ipip-shared and ipip-distinct: ipsec-tunnel negotiates tunnel mode");
	return true;
}

static bool vpn_check_parameters(struct vpn_tunnel_config *tunnel)
{
	const struct vpn_l2tp *l2tp = &tunnel->l2tp;
	const char *kind = vpn_encap_str(tunnel->encap);

	if (tunnel->has_key && tunnel->encap != VPN_ENCAP_GRE)
		return vpn_fault(tunnel, "key is for encapsulation gre, not %s", kind);
	if ((tunnel->label || tunnel->remote_label) && tunnel->encap != VPN_ENCAP_MPLS)
		return vpn_fault(tunnel, "label is for encapsulation mpls-in-ip, not %s", kind);
	if ((l2tp->tunnel_id || l2tp->peer_tunnel_id || l2tp->session_id || l2tp->peer_session_id ||
	     l2tp->cookie_len || l2tp->peer_cookie_len) &&
	    tunnel->encap != VPN_ENCAP_L2TP)
		return vpn_fault(tunnel,
				 "tunnel-id and session-id are for encapsulation l2tp, not %s",
				 kind);
	return true;
}

static bool vpn_check_idle(struct vpn_tunnel_config *tunnel)
{
	if (tunnel->on_traffic || tunnel->idle == VPN_IDLE_DEFAULT)
		return true;
	return vpn_fault(tunnel, "idle is for establish on-traffic: a permanent link never ends");
}

static bool vpn_check_inner(struct vpn_tunnel_config *tunnel)
{
	if (tunnel->peer_address.family && !tunnel->address.family)
		return vpn_fault(tunnel, "peer-address goes with an address of this end");
	if (tunnel->address.family && tunnel->unnumbered[0])
		return vpn_fault(tunnel,
				 "an unnumbered link has no address of its own: remove address or unnumbered");
	if (strcmp(tunnel->unnumbered, tunnel->name) == 0)
		return vpn_fault(tunnel, "it cannot borrow its own address: name another interface");
	if (tunnel->address6.family && tunnel->mtu && tunnel->mtu < VPN_MTU6_MIN)
		return vpn_fault(tunnel,
				 "IPv6 needs an mtu of %u at least, not %u: remove address6 or mtu",
				 VPN_MTU6_MIN, tunnel->mtu);
	return true;
}

static void vpn_tunnel_check(struct vpn_config *config, struct vpn_tunnel_config *tunnel)
{
	if (vpn_check_name(config, tunnel) && vpn_check_endpoints(tunnel) && vpn_check_any(tunnel) &&
	    vpn_check_protection(tunnel) && vpn_check_profile(config, tunnel) &&
	    vpn_check_signal(tunnel) && vpn_check_parameters(tunnel) && vpn_check_idle(tunnel))
		vpn_check_inner(tunnel);
}

/*
 * Links among each other
 */

enum vpn_claim_kind {
	VPN_CLAIM_PAIR,
	VPN_CLAIM_IKE,
	VPN_CLAIM_KEY,
	VPN_CLAIM_LABEL,
	VPN_CLAIM_REMOTE_LABEL,
	VPN_CLAIM_SESSION,
	VPN_CLAIM_PEER_SESSION,
	VPN_CLAIM_L2TP_TUNNEL,
	VPN_CLAIM_IPIP_DEVICE,
	VPN_CLAIM_SA,
	VPN_CLAIM_VPN_ID,
};

/* What two links have in common that they must not, and what to do. */
static const char *const vpn_claim_words[] = {
	[VPN_CLAIM_PAIR] =
		"has the same local and remote: ipip-distinct needs a pair of addresses for each link, ipip-shared does not",
	[VPN_CLAIM_IKE] =
		"has the same endpoints and vpn-id: IKE could not tell them apart; give one another vpn-id",
	[VPN_CLAIM_KEY] = "has the same endpoints and key: give one another gre key",
	[VPN_CLAIM_LABEL] = "has the same endpoints and label: give one another label",
	[VPN_CLAIM_REMOTE_LABEL] = "has the same endpoints and remote-label: give one another label",
	[VPN_CLAIM_SESSION] = "has the same session-id: give one another",
	[VPN_CLAIM_PEER_SESSION] = "has the same remote and peer-session-id: give one another",
	[VPN_CLAIM_L2TP_TUNNEL] =
		"has the same tunnel-id and other ends: give one another tunnel-id, or both the same local, remote and peer-tunnel-id",
	[VPN_CLAIM_IPIP_DEVICE] =
		"has the same endpoints, and the kernel gives the packets of both to one of them: ipip-distinct with 'no ipsec' and mpls-in-ip need a pair of addresses each",
	[VPN_CLAIM_SA] =
		"shares one SA with it, being of the same kind between the same endpoints: give both the same ipsec-profile and identities",
	[VPN_CLAIM_VPN_ID] = "has the same vpn-id in another VRF: a vpn-id names one VRF",
};

struct vpn_claim {
	enum vpn_claim_kind kind;
	char *text; /* what is claimed */
	char *terms; /* two links that have it must have this in common; NULL: only one may have it */
	struct vpn_tunnel_config *tunnel;
};

struct vpn_claims {
	struct vpn_claim *all;
	size_t count;
};

#define VPN_CLAIMS_EACH 5 /* claims of a link at most: vpn-id, SA, and three of its kind */

/* Adds a claim; the text is moved. */
static struct vpn_claim *vpn_claim(struct vpn_claims *claims, enum vpn_claim_kind kind,
				   struct vpn_tunnel_config *tunnel, char *text)
{
	struct vpn_claim *claim = &claims->all[claims->count++];

	*claim = (struct vpn_claim){ .kind = kind, .tunnel = tunnel, .text = text };
	return claim;
}

#define vpn_text(...) asprintfrr(MTYPE_VPN_CLAIM_TEXT, __VA_ARGS__)

/* Both endpoints, as text. */
static char *vpn_claim_ends(const struct vpn_tunnel_config *tunnel, const char *what,
			    unsigned int number)
{
	if (tunnel->remote_any)
		return vpn_text("%s %u %pIA any", what, number, &tunnel->local);
	return vpn_text("%s %u %pIA %pIA", what, number, &tunnel->local, &tunnel->remote);
}

/* What IKE knows of a link that has a CHILD_SA of its own. */
static char *vpn_claim_ike(const struct vpn_tunnel_config *tunnel)
{
	char id[VPN_ID_STR_SIZE] = "";

	if (tunnel->has_vpn_id)
		vpn_id_str(tunnel->vpn_id, id);
	return vpn_text("%u %pIA %pIA %d [%s] [%s] %s", tunnel->signal == VPN_SIGNAL_TRANSPORT,
			&tunnel->local, &tunnel->remote, tunnel->remote_any, tunnel->local_id,
			tunnel->remote_id, id);
}

/* What protects a link, and as whom. */
static char *vpn_claim_protection(const struct vpn_tunnel_config *tunnel)
{
	return vpn_text("%d %s [%s] [%s]", tunnel->no_ipsec, tunnel->profile, tunnel->local_id,
			tunnel->remote_id);
}

static void vpn_claim_l2tp(struct vpn_claims *claims, struct vpn_tunnel_config *tunnel)
{
	const struct vpn_l2tp *l2tp = &tunnel->l2tp;
	struct vpn_claim *claim;

	if (l2tp->session_id)
		vpn_claim(claims, VPN_CLAIM_SESSION, tunnel, vpn_text("%u", l2tp->session_id));
	if (l2tp->peer_session_id)
		vpn_claim(claims, VPN_CLAIM_PEER_SESSION, tunnel,
			  vpn_text("%pIA %u", &tunnel->remote, l2tp->peer_session_id));
	if (!l2tp->tunnel_id)
		return;
	claim = vpn_claim(claims, VPN_CLAIM_L2TP_TUNNEL, tunnel, vpn_text("%u", l2tp->tunnel_id));
	claim->terms = vpn_claim_ends(tunnel, "peer-tunnel-id", l2tp->peer_tunnel_id);
}

/* The kernel looks for a tunnel device by addresses first, and drops what is not of its protocol. */
static void vpn_claim_ipip_device(struct vpn_claims *claims, struct vpn_tunnel_config *tunnel)
{
	struct vpn_claim *claim = vpn_claim(claims, VPN_CLAIM_IPIP_DEVICE, tunnel,
					    vpn_claim_ends(tunnel, "device", 0));

	claim->terms = vpn_text("%s", vpn_encap_str(tunnel->encap));
}

/* What tells it from other links of its kind. */
static void vpn_claim_context(struct vpn_claims *claims, struct vpn_tunnel_config *tunnel)
{
	switch (tunnel->encap) {
	case VPN_ENCAP_IPIP_DISTINCT:
		vpn_claim(claims, VPN_CLAIM_PAIR, tunnel, vpn_claim_ends(tunnel, "ipip", 4));
		if (tunnel->no_ipsec)
			vpn_claim_ipip_device(claims, tunnel);
		break;
	case VPN_ENCAP_GRE:
		vpn_claim(claims, VPN_CLAIM_KEY, tunnel,
			  vpn_claim_ends(tunnel, tunnel->has_key ? "key" : "none", tunnel->key));
		break;
	case VPN_ENCAP_MPLS:
		if (tunnel->label)
			vpn_claim(claims, VPN_CLAIM_LABEL, tunnel,
				  vpn_claim_ends(tunnel, "label", tunnel->label));
		if (tunnel->remote_label)
			vpn_claim(claims, VPN_CLAIM_REMOTE_LABEL, tunnel,
				  vpn_claim_ends(tunnel, "label", tunnel->remote_label));
		vpn_claim_ipip_device(claims, tunnel);
		break;
	case VPN_ENCAP_L2TP:
		vpn_claim_l2tp(claims, tunnel);
		break;
	case VPN_ENCAP_NONE:
	case VPN_ENCAP_IPSEC_TUNNEL:
	case VPN_ENCAP_IPIP_SHARED:
		break;
	}
}

static void vpn_claim_all(struct vpn_claims *claims, struct vpn_tunnel_config *tunnel)
{
	bool has_ends = tunnel->local.ipa_type && (tunnel->remote_any || tunnel->remote.ipa_type);
	struct vpn_claim *claim;

	if (tunnel->has_vpn_id) {
		char id[VPN_ID_STR_SIZE];

		claim = vpn_claim(claims, VPN_CLAIM_VPN_ID, tunnel,
				  vpn_text("%s", vpn_id_str(tunnel->vpn_id, id)));
		claim->terms = vpn_text("%s", tunnel->vrf);
	}
	if (!has_ends || tunnel->encap == VPN_ENCAP_NONE)
		return;
	vpn_claim_context(claims, tunnel);
	if (!tunnel->no_ipsec && !tunnel->profile[0])
		return; /* still being typed */
	if (vpn_encap_shares_sa(tunnel->encap)) {
		claim = vpn_claim(claims, VPN_CLAIM_SA, tunnel,
				  vpn_claim_ends(tunnel, "kind", tunnel->encap));
		claim->terms = vpn_claim_protection(tunnel);
	} else if (!tunnel->no_ipsec)
		vpn_claim(claims, VPN_CLAIM_IKE, tunnel, vpn_claim_ike(tunnel));
}

/* By what is claimed, then by who claims it. */
static int vpn_claim_cmp(const void *left, const void *right)
{
	const struct vpn_claim *a = left, *b = right;
	int cmp = a->kind != b->kind ? (int)a->kind - (int)b->kind : strcmp(a->text, b->text);

	return cmp ? cmp : vpn_tunnel_config_cmp(a->tunnel, b->tunnel);
}

/* The second of two neighbours: does it contradict the first? */
static void vpn_claim_compare(const struct vpn_claim *first, const struct vpn_claim *second)
{
	if (first->kind != second->kind || strcmp(first->text, second->text) != 0)
		return;
	if (second->terms && strcmp(first->terms, second->terms) == 0)
		return;
	vpn_fault(second->tunnel, "%s %s %s", vpn_tunnel_config_kind(first->tunnel),
		  first->tunnel->name, vpn_claim_words[second->kind]);
}

static void vpn_claims_free(struct vpn_claims *claims)
{
	for (size_t i = 0; i < claims->count; i++) {
		XFREE(MTYPE_VPN_CLAIM_TEXT, claims->all[i].text);
		XFREE(MTYPE_VPN_CLAIM_TEXT, claims->all[i].terms);
	}
	XFREE(MTYPE_VPN_CLAIMS, claims->all);
}

void vpn_tunnels_check(struct vpn_config *config)
{
	size_t count = vpn_tunnel_configs_count(&config->tunnels) +
		       vpn_tunnel_configs_count(&config->templates);
	struct vpn_claims claims = {};
	struct vpn_tunnel_config *tunnel;

	if (!count)
		return;
	claims.all = XCALLOC(MTYPE_VPN_CLAIMS, count * VPN_CLAIMS_EACH * sizeof(*claims.all));
	frr_each (vpn_tunnel_configs, &config->tunnels, tunnel) {
		vpn_tunnel_check(config, tunnel);
		vpn_claim_all(&claims, tunnel);
	}
	frr_each (vpn_tunnel_configs, &config->templates, tunnel) {
		vpn_tunnel_check(config, tunnel);
		vpn_claim_all(&claims, tunnel);
	}
	qsort(claims.all, claims.count, sizeof(*claims.all), vpn_claim_cmp);
	for (size_t i = 1; i < claims.count; i++)
		vpn_claim_compare(&claims.all[i - 1], &claims.all[i]);
	vpn_claims_free(&claims);
}

/*
 * What is missing
 */

static const char *vpn_missing_of_kind(const struct vpn_tunnel_config *tunnel)
{
	const struct vpn_l2tp *l2tp = &tunnel->l2tp;

	if (tunnel->encap == VPN_ENCAP_NONE)
		return "no encapsulation is configured";
	if (tunnel->encap == VPN_ENCAP_MPLS && (!tunnel->label || !tunnel->remote_label))
		return "encapsulation mpls-in-ip needs label and remote-label";
	if (tunnel->encap == VPN_ENCAP_L2TP && (!l2tp->tunnel_id || !l2tp->peer_tunnel_id ||
						!l2tp->session_id || !l2tp->peer_session_id))
		return "encapsulation l2tp needs tunnel-id, peer-tunnel-id, session-id and peer-session-id";
	return NULL;
}

static const char *vpn_missing(const struct vpn_tunnel_config *tunnel)
{
	if (!tunnel->local.ipa_type)
		return "no local address is configured";
	if (!tunnel->remote_any && !tunnel->remote.ipa_type)
		return "no remote address is configured";
	if (vpn_missing_of_kind(tunnel))
		return vpn_missing_of_kind(tunnel);
	if (!tunnel->no_ipsec && !tunnel->profile[0])
		return "no ipsec-profile is configured, nor 'no ipsec'";
	if (tunnel->remote_any && !tunnel->remote_id[0] && !tunnel->limit && !tunnel->spoke_of[0])
		return "remote any needs a remote-identity";
	return NULL;
}

bool vpn_tunnel_incomplete(struct vpn_config *config, const struct vpn_tunnel_config *tunnel,
			   char *buf, size_t size)
{
	struct vpn_profile *profile = vpn_tunnel_profile(config, tunnel);
	const char *missing = vpn_missing(tunnel);

	if (tunnel->fault[0])
		snprintf(buf, size, "%s", tunnel->fault);
	else if (missing)
		snprintf(buf, size, "%s %s: %s", vpn_tunnel_config_kind(tunnel), tunnel->name,
			 missing);
	else if (profile && profile->fault[0])
		snprintf(buf, size, "%s", profile->fault);
	else if (profile && profile->auth == VPN_AUTH_NONE)
		snprintf(buf, size, "ipsec-profile %s: no authentication is configured",
			 profile->name);
	else
		return false;
	return true;
}
