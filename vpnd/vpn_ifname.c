// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How our interfaces are called, and what is written on them.  See vpn_ifname.h.
 */
#include <zebra.h>

#include "lib/printfrr.h"

#include "vpnd/vpn_ifname.h"

#define ALIAS_MARK "frr-vpnd"

char *vpn_ifalias_write(const struct vpn_ifalias *alias, char *buf)
{
	if (alias->kind == VPN_IFKIND_IN)
		snprintfrr(buf, VPN_ALIAS_SIZE, ALIAS_MARK " in %s %u/%u", alias->vrf,
			   alias->label.label, alias->label.len);
	else
		snprintfrr(buf, VPN_ALIAS_SIZE, ALIAS_MARK " out %s %pIA %u/%u", alias->vrf,
			   &alias->pe, alias->label.label, alias->label.len);
	return buf;
}

/* A number from str up to the character end, which may be NUL. */
static const char *read_number(const char *str, char end, uint32_t max, uint32_t *out)
{
	unsigned long number;
	char *rest;

	if (!isdigit((unsigned char)*str))
		return NULL;
	errno = 0;
	number = strtoul(str, &rest, 10);
	if (errno || *rest != end || number > max)
		return NULL;
	*out = number;
	return rest + (end != '\0');
}

static bool read_label(const char *str, struct spi_label *label)
{
	uint32_t len;

	str = read_number(str, '/', UINT32_MAX, &label->label);
	if (!str || !read_number(str, '\0', SPI_LABEL_LEN_MAX, &len) || len < SPI_LABEL_LEN_MIN)
		return false;
	label->len = len;
	return label->label <= UINT32_MAX >> (32 - len);
}

/* A word up to the next space into buf; what follows the space, or NULL. */
static const char *read_word(const char *str, char *buf, size_t size)
{
	size_t len = strcspn(str, " ");

	if (!len || len >= size || str[len] != ' ')
		return NULL;
	memcpy(buf, str, len);
	buf[len] = '\0';
	return str + len + 1;
}

static bool alias_read(const char *str, struct vpn_ifalias *alias)
{
	char word[INET6_ADDRSTRLEN];

	str = read_word(str, word, sizeof(word));
	if (!str || strcmp(word, ALIAS_MARK))
		return false;
	str = read_word(str, word, sizeof(word));
	if (!str)
		return false;
	alias->kind = !strcmp(word, "in")    ? VPN_IFKIND_IN
		      : !strcmp(word, "out") ? VPN_IFKIND_OUT
					     : VPN_IFKIND_NONE;
	str = read_word(str, alias->vrf, sizeof(alias->vrf));
	if (!str || alias->kind == VPN_IFKIND_NONE)
		return false;
	if (alias->kind == VPN_IFKIND_OUT) {
		str = read_word(str, word, sizeof(word));
		if (!str || str2ipaddr(word, &alias->pe))
			return false;
	}
	return read_label(str, &alias->label);
}

bool vpn_ifalias_read(const char *str, struct vpn_ifalias *alias)
{
	memset(alias, 0, sizeof(*alias));
	if (alias_read(str, alias))
		return true;
	memset(alias, 0, sizeof(*alias));
	return false;
}

enum vpn_ifkind vpn_ifname_kind(const char *name, uint32_t if_id, uint32_t *number)
{
	uint32_t base;

	if (!strncmp(name, VPN_IFNAME_IN, strlen(VPN_IFNAME_IN)))
		base = VPN_IF_ID_IN;
	else if (!strncmp(name, VPN_IFNAME_OUT, strlen(VPN_IFNAME_OUT)))
		base = VPN_IF_ID_OUT;
	else
		return VPN_IFKIND_NONE;
	if (!read_number(name + strlen(VPN_IFNAME_IN), '\0', UINT32_MAX - base, number) ||
	    base + *number != if_id)
		return VPN_IFKIND_NONE;
	return base == VPN_IF_ID_IN ? VPN_IFKIND_IN : VPN_IFKIND_OUT;
}
