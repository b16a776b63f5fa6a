// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Attributes of netlink messages: reading, checked.  See vpn_netlink_attr.h.
 */
#include "lib/prefix.h"

#include "vpnd/vpn_netlink_attr.h"

struct attr_table {
	const struct nlattr **attrs;
	unsigned int max;
};

static int collect(const struct nlattr *attr, void *arg)
{
	struct attr_table *table = arg;
	unsigned int type = mnl_attr_get_type(attr);

	if (type <= table->max)
		table->attrs[type] = attr;
	return MNL_CB_OK;
}

/* The kernel pads messages; libmnl relies on it and would read past one that is not. */
bool vpn_netlink_attrs(const struct nlmsghdr *nlh, size_t header, const struct nlattr **attrs,
		       unsigned int max)
{
	struct attr_table table = { attrs, max };

	return nlh->nlmsg_len % NLMSG_ALIGNTO == 0 && mnl_nlmsg_get_payload_len(nlh) >= header &&
	       mnl_attr_parse(nlh, header, collect, &table) >= 0;
}

bool vpn_netlink_attrs_nested(const struct nlattr *nest, const struct nlattr **attrs,
			      unsigned int max)
{
	struct attr_table table = { attrs, max };

	return nest && mnl_attr_parse_nested(nest, collect, &table) >= 0;
}

static bool attr_number(const struct nlattr *attr, void *out, size_t size)
{
	if (!attr || mnl_attr_get_payload_len(attr) != size)
		return false;
	memcpy(out, mnl_attr_get_payload(attr), size);
	return true;
}

bool vpn_netlink_attr_u8(const struct nlattr *attr, uint8_t *out)
{
	return attr_number(attr, out, sizeof(*out));
}

bool vpn_netlink_attr_u16(const struct nlattr *attr, uint16_t *out)
{
	return attr_number(attr, out, sizeof(*out));
}

bool vpn_netlink_attr_u32(const struct nlattr *attr, uint32_t *out)
{
	return attr_number(attr, out, sizeof(*out));
}

bool vpn_netlink_attr_string(const struct nlattr *attr, char *buf, size_t size)
{
	size_t len;

	if (!attr)
		return false;
	len = strnlen(mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr));
	if (len >= size)
		return false;
	memcpy(buf, mnl_attr_get_payload(attr), len);
	buf[len] = '\0';
	return true;
}

bool vpn_netlink_attr_ipaddr(const struct nlattr *attr, struct ipaddr *out)
{
	memset(out, 0, sizeof(*out));
	if (!attr)
		return false;
	if (mnl_attr_get_payload_len(attr) == IPV4_MAX_BYTELEN)
		SET_IPADDR_V4(out);
	else if (mnl_attr_get_payload_len(attr) == IPV6_MAX_BYTELEN)
		SET_IPADDR_V6(out);
	else
		return false;
	memcpy(&out->ip, mnl_attr_get_payload(attr), IPADDRSZ(out));
	if (ipaddr_is_zero(out))
		memset(out, 0, sizeof(*out));
	return !IS_IPADDR_NONE(out);
}

void *vpn_netlink_request(void *buf, uint16_t type, uint16_t flags, size_t header)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	return mnl_nlmsg_put_extra_header(nlh, header);
}
