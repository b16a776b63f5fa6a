/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Attributes of netlink messages as the codecs read them (libmnl), whatever the
 * family of the message: by type, checked for size, copied where the kernel does
 * not align.  A type that is not known here is left out, as a newer kernel's is.
 */
#ifndef VPND_VPN_NETLINK_ATTR_H
#define VPND_VPN_NETLINK_ATTR_H

#include <zebra.h>

#include <libmnl/libmnl.h>

#include "lib/ipaddr.h"

/*
 * The attributes of a message behind the family's header of so many octets, of
 * types up to max: attrs has max + 1 places, all NULL before.  They are the
 * message's.  False if the message is too short or its attributes do not fit.
 */
bool vpn_netlink_attrs(const struct nlmsghdr *nlh, size_t header, const struct nlattr **attrs,
		       unsigned int max);

/* The same of what is nested in an attribute; false for NULL, too. */
bool vpn_netlink_attrs_nested(const struct nlattr *nest, const struct nlattr **attrs,
			      unsigned int max);

/*
 * An attribute's value, in the message's own byte order.  False, and nothing
 * written, if there is none (NULL), or if it is not of that size.
 */
bool vpn_netlink_attr_u8(const struct nlattr *attr, uint8_t *out);
bool vpn_netlink_attr_u16(const struct nlattr *attr, uint16_t *out);
bool vpn_netlink_attr_u32(const struct nlattr *attr, uint32_t *out);

/* A text, with or without its final zero; false if it does not fit, with one, into size. */
bool vpn_netlink_attr_string(const struct nlattr *attr, char *buf, size_t size);

/* An address by its length; all zero is none, as the kernel says "any": IPADDR_NONE, and false. */
bool vpn_netlink_attr_ipaddr(const struct nlattr *attr, struct ipaddr *out);

/*
 * Begins a request in buf: the family's header, of so many octets and zeroed, is
 * written by the caller.
 */
void *vpn_netlink_request(void *buf, uint16_t type, uint16_t flags, size_t header);

#endif /* VPND_VPN_NETLINK_ATTR_H */
