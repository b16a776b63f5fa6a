// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is written on a tunnel link's device.  See vpn_device_alias.h.
 */
#include <zebra.h>

#include "lib/printfrr.h"

#include "vpnd/vpn_device_alias.h"

#define ALIAS_MARK "frr-vpnd link "

#define COOKIE_TEXT 17 /* 8 octets in hex, with the NUL */

bool vpn_device_is_xfrm(const struct vpn_device *device)
{
	return device->encap == VPN_ENCAP_IPSEC_TUNNEL || device->encap == VPN_ENCAP_IPIP_SHARED ||
	       (device->encap == VPN_ENCAP_IPIP_DISTINCT && device->ipsec);
}

/* --- writing ------------------------------------------------------------------------------- */

static const char *cookie_write(const uint8_t *cookie, uint8_t len, char text[COOKIE_TEXT])
{
	if (!len)
		return "-";
	for (uint8_t i = 0; i < len; i++)
		snprintf(text + 2 * i, 3, "%02x", cookie[i]);
	return text;
}

static void details_write(const struct vpn_device *device, char *buf, size_t size)
{
	const struct vpn_l2tp *l2tp = &device->l2tp;
	char ours[COOKIE_TEXT], theirs[COOKIE_TEXT];

	buf[0] = '\0';
	if (device->encap == VPN_ENCAP_GRE && device->has_key)
		snprintf(buf, size, " key %u", device->key);
	else if (device->encap == VPN_ENCAP_MPLS)
		snprintf(buf, size, " label %u/%u", device->label, device->remote_label);
	else if (device->encap == VPN_ENCAP_L2TP)
		snprintf(buf, size, " tunnel %u/%u session %u/%u cookie %s/%s", l2tp->tunnel_id,
			 l2tp->peer_tunnel_id, l2tp->session_id, l2tp->peer_session_id,
			 cookie_write(l2tp->cookie, l2tp->cookie_len, ours),
			 cookie_write(l2tp->peer_cookie, l2tp->peer_cookie_len, theirs));
}

static const char *word_of(const struct vpn_device *device)
{
	if (vpn_device_is_xfrm(device))
		return "xfrm";
	return device->encap == VPN_ENCAP_GRE	 ? "gre"
	       : device->encap == VPN_ENCAP_MPLS ? "mpls"
	       : device->encap == VPN_ENCAP_L2TP ? "l2tp"
						 : "ipip";
}

char *vpn_device_alias_write(const struct vpn_device *device, char *buf)
{
	char details[128];

	if (vpn_device_is_xfrm(device)) {
		if (device->spoke)
			snprintf(buf, VPN_ALIAS_SIZE, ALIAS_MARK "xfrm spoke %u of %s: %s",
				 device->spoke, device->spoke_of, device->identity);
		else
			strlcpy(buf, ALIAS_MARK "xfrm", VPN_ALIAS_SIZE);
		return buf;
	}
	details_write(device, details, sizeof(details));
	snprintfrr(buf, VPN_ALIAS_SIZE, ALIAS_MARK "%s %s %pIA %pIA%s", word_of(device),
		   device->ipsec ? "ipsec" : "plain", &device->local, &device->remote, details);
	return buf;
}

/* --- reading ------------------------------------------------------------------------------- */

/* If *str begins with this text, skips it. */
static bool skip(const char **str, const char *text)
{
	size_t len = strlen(text);

	if (strncmp(*str, text, len))
		return false;
	*str += len;
	return true;
}

static bool read_number(const char **str, uint32_t *out)
{
	unsigned long number;
	char *rest;

	if (!isdigit((unsigned char)**str))
		return false;
	errno = 0;
	number = strtoul(*str, &rest, 10);
	if (errno || number > UINT32_MAX)
		return false;
	*str = rest;
	*out = number;
	return true;
}

/* Two numbers with a stroke between them, after the text. */
static bool read_pair(const char **str, const char *text, uint32_t *ours, uint32_t *theirs)
{
	return skip(str, text) && read_number(str, ours) && skip(str, "/") &&
	       read_number(str, theirs);
}

static int hex_digit(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_cookie(const char **str, uint8_t *cookie, uint8_t *len)
{
	*len = 0;
	if (skip(str, "-"))
		return true;
	while (*len < 8 && hex_digit((*str)[0]) >= 0 && hex_digit((*str)[1]) >= 0) {
		cookie[(*len)++] = hex_digit((*str)[0]) << 4 | hex_digit((*str)[1]);
		*str += 2;
	}
	return *len == 4 || *len == 8;
}

static bool read_address(const char **str, struct ipaddr *out)
{
	size_t len = strcspn(*str, " ");
	char word[INET6_ADDRSTRLEN];

	if (!len || len >= sizeof(word))
		return false;
	memcpy(word, *str, len);
	word[len] = '\0';
	*str += len;
	return !str2ipaddr(word, out);
}

static bool read_l2tp(const char **str, struct vpn_l2tp *l2tp)
{
	return read_pair(str, " tunnel ", &l2tp->tunnel_id, &l2tp->peer_tunnel_id) &&
	       read_pair(str, " session ", &l2tp->session_id, &l2tp->peer_session_id) &&
	       skip(str, " cookie ") && read_cookie(str, l2tp->cookie, &l2tp->cookie_len) &&
	       skip(str, "/") && read_cookie(str, l2tp->peer_cookie, &l2tp->peer_cookie_len);
}

static bool read_details(const char **str, struct vpn_device *device)
{
	switch (device->encap) {
	case VPN_ENCAP_GRE:
		device->has_key = skip(str, " key ");
		return !device->has_key || read_number(str, &device->key);
	case VPN_ENCAP_MPLS:
		return read_pair(str, " label ", &device->label, &device->remote_label);
	case VPN_ENCAP_L2TP:
		return read_l2tp(str, &device->l2tp);
	case VPN_ENCAP_NONE:
	case VPN_ENCAP_IPSEC_TUNNEL:
	case VPN_ENCAP_IPIP_SHARED:
	case VPN_ENCAP_IPIP_DISTINCT:
		break;
	}
	return !device->ipsec; /* with it, it would be an xfrm interface */
}

static bool read_protected(const char **str, bool *ipsec)
{
	*ipsec = skip(str, "ipsec ");
	return *ipsec || skip(str, "plain ");
}

/* All that is behind "xfrm". */
static bool read_xfrm(const char *str, struct vpn_device *device)
{
	size_t len;

	device->encap = VPN_ENCAP_IPSEC_TUNNEL;
	device->ipsec = true;
	if (!*str)
		return true;
	if (!skip(&str, " spoke ") || !read_number(&str, &device->spoke) || !device->spoke ||
	    !skip(&str, " of "))
		return false;
	len = strcspn(str, ":");
	if (!len || len >= sizeof(device->spoke_of))
		return false;
	memcpy(device->spoke_of, str, len);
	str += len;
	return skip(&str, ": ") && *str &&
	       strlcpy(device->identity, str, sizeof(device->identity)) < sizeof(device->identity);
}

static bool alias_read(const char *str, struct vpn_device *device)
{
	if (!skip(&str, ALIAS_MARK))
		return false;
	if (skip(&str, "xfrm"))
		return read_xfrm(str, device);
	device->encap = skip(&str, "gre ")    ? VPN_ENCAP_GRE
			: skip(&str, "mpls ") ? VPN_ENCAP_MPLS
			: skip(&str, "l2tp ") ? VPN_ENCAP_L2TP
			: skip(&str, "ipip ") ? VPN_ENCAP_IPIP_DISTINCT
					      : VPN_ENCAP_NONE;
	return device->encap != VPN_ENCAP_NONE && read_protected(&str, &device->ipsec) &&
	       read_address(&str, &device->local) && skip(&str, " ") &&
	       read_address(&str, &device->remote) &&
	       device->local.ipa_type == device->remote.ipa_type && read_details(&str, device) &&
	       !*str;
}

bool vpn_device_alias_read(const char *str, struct vpn_device *device)
{
	memset(device, 0, sizeof(*device));
	if (alias_read(str, device))
		return true;
	memset(device, 0, sizeof(*device));
	return false;
}

bool vpn_device_alias_same(const struct vpn_device *a, const struct vpn_device *b)
{
	char alias_a[VPN_ALIAS_SIZE], alias_b[VPN_ALIAS_SIZE];
	struct vpn_device copy = *a;

	if (vpn_device_is_xfrm(a) != vpn_device_is_xfrm(b))
		return false;
	copy.ipsec = b->ipsec;
	return !strcmp(vpn_device_alias_write(&copy, alias_a), vpn_device_alias_write(b, alias_b));
}
