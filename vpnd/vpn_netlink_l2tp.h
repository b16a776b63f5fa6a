/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Generic netlink: the codec of L2TPv3 tunnels and sessions, on buffers only (libmnl).
 */
#ifndef VPND_VPN_NETLINK_L2TP_H
#define VPND_VPN_NETLINK_L2TP_H

#include <zebra.h>

#include <linux/netlink.h>

#include "lib/if.h"
#include "lib/ipaddr.h"

#include "vpnd/vpn_config.h"
#include "vpnd/vpn_netlink.h"

/* A tunnel over IP, or a session in one, as the kernel says. */
struct vpn_l2tp_info {
	uint32_t tunnel_id, peer_tunnel_id;
	uint32_t session_id, peer_session_id; /* 0: it is a tunnel */
	struct ipaddr local, remote;	      /* of a tunnel */
	char name[IFNAMSIZ];		      /* of a session's interface */
};

/* Reads the answer to vpn_netlink_family_get(): the family's number.  False if it is none, or malformed. */
bool vpn_netlink_family(const struct nlmsghdr *nlh, uint16_t *family);

/* Reads an answer of this family about a tunnel or session.  False if it is none, or malformed. */
bool vpn_netlink_l2tp(const struct nlmsghdr *nlh, uint16_t family, struct vpn_l2tp_info *info);

/* Each writes a request into buf of VPN_NETLINK_BUF octets and returns it. */
struct nlmsghdr *vpn_netlink_family_get(void *buf, const char *name);
struct nlmsghdr *vpn_netlink_l2tp_tunnel_new(void *buf, uint16_t family, const struct ipaddr *local,
					     const struct ipaddr *remote,
					     const struct vpn_l2tp *l2tp);
struct nlmsghdr *vpn_netlink_l2tp_tunnel_get(void *buf, uint16_t family, uint32_t tunnel_id);
struct nlmsghdr *vpn_netlink_l2tp_tunnel_del(void *buf, uint16_t family, uint32_t tunnel_id);

/*
 * An Ethernet session without layer-2 sublayer (RFC 4719); name: of its interface.
 * As with ids, cookie is on what we receive and peer_cookie on what we send, which
 * is not how the kernel calls them.
 */
struct nlmsghdr *vpn_netlink_l2tp_session_new(void *buf, uint16_t family, const char *name,
					      const struct vpn_l2tp *l2tp);
struct nlmsghdr *vpn_netlink_l2tp_session_get(void *buf, uint16_t family,
					      const struct vpn_l2tp *l2tp);
struct nlmsghdr *vpn_netlink_l2tp_session_del(void *buf, uint16_t family,
					      const struct vpn_l2tp *l2tp);
struct nlmsghdr *vpn_netlink_l2tp_session_dump(void *buf, uint16_t family);

#endif /* VPND_VPN_NETLINK_L2TP_H */
