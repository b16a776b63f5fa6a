/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Netlink sockets: requests to the kernel, and those that listen to its events. */
#ifndef VPND_VPN_BUS_H
#define VPND_VPN_BUS_H

#include <zebra.h>

#include <libmnl/libmnl.h>

#define VPN_BUS_READ (32 * 1024) /* octets of a buffer that holds what the kernel sends at once */

enum vpn_bus {
	VPN_BUS_ROUTE,	/* rtnetlink */
	VPN_BUS_CHOOSE, /* the same; of a dump the kernel picks out what is asked for, or refuses */
	VPN_BUS_XFRM,	/* IPsec's policies and SAs */
	VPN_BUS_FILTER, /* nf_tables */
	VPN_BUS_GENERIC, /* families by name: L2TP */
};

/*
 * A request, with its answers, if any, given to each(); the sequence number and
 * NLM_F_ACK are set here.  0 or a negative errno; -EINTR: what was dumped changed
 * meanwhile.
 */
int vpn_bus_request(enum vpn_bus bus, struct nlmsghdr *nlh, mnl_cb_t each, void *arg);

/*
 * Sends a batch of nf_tables messages (vpn_nftables.h), of which the one with
 * the number last asks for an answer.  0 or a negative errno: the kernel has
 * taken all of it or nothing.
 */
int vpn_bus_batch(const void *batch, size_t len, uint32_t last);

/* A socket for the events of these groups, that does not block and is the caller's; NULL: refused. */
struct mnl_socket *vpn_bus_listen(int family, unsigned int groups);

void vpn_bus_stop(void);

#endif /* VPND_VPN_BUS_H */
