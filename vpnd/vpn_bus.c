// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Netlink sockets: requests to the kernel, and those that listen to its events.
 *
 * A bus carries requests of one netlink family, each of them waited for: the
 * kernel answers within the system call, so nothing else is kept waiting.  A bus
 * is opened when it is first used.  An exchange that was given up leaves answers
 * behind, which are passed over, or closes the bus with them.
 */
#include <zebra.h>

#include <linux/netlink.h>

#include "lib/privs.h"

#include "vpnd/vpn_bus.h"

#define EVENT_BUFFER (4 * 1024 * 1024) /* octets of events that may wait */
#define ANSWER_S     5		       /* no answer takes longer */

extern struct zebra_privs_t vpnd_privs; /* vpn_main.c */

struct bus {
	int family;
	bool strict; /* the kernel looks at all of a request for a dump, and refuses what it does not know */
	struct mnl_socket *sock;
};

static struct bus buses[] = {
	[VPN_BUS_ROUTE] = { .family = NETLINK_ROUTE },
	[VPN_BUS_CHOOSE] = { .family = NETLINK_ROUTE, .strict = true },
	[VPN_BUS_XFRM] = { .family = NETLINK_XFRM },
	[VPN_BUS_FILTER] = { .family = NETLINK_NETFILTER },
	[VPN_BUS_GENERIC] = { .family = NETLINK_GENERIC },
};
static uint32_t sequence;

/* --- sockets ------------------------------------------------------------------------------- */

static struct mnl_socket *socket_open(int family, unsigned int groups, bool blocking)
{
	struct mnl_socket *sock = NULL;
	int size = EVENT_BUFFER;
	struct timeval limit = { .tv_sec = ANSWER_S };

	frr_with_privs (&vpnd_privs) {
		sock = mnl_socket_open2(family, SOCK_CLOEXEC | (blocking ? 0 : SOCK_NONBLOCK));
		if (sock && mnl_socket_bind(sock, groups, MNL_SOCKET_AUTOPID) < 0) {
			mnl_socket_close(sock);
			sock = NULL;
		}
		if (sock)
			setsockopt(mnl_socket_get_fd(sock), SOL_SOCKET, SO_RCVBUFFORCE, &size,
				   sizeof(size));
	}
	if (sock && blocking)
		setsockopt(mnl_socket_get_fd(sock), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	return sock;
}

struct mnl_socket *vpn_bus_listen(int family, unsigned int groups)
{
	return socket_open(family, groups, false);
}

static void bus_close(struct bus *bus)
{
	if (bus->sock)
		mnl_socket_close(bus->sock);
	bus->sock = NULL;
}

static bool bus_open(struct bus *bus)
{
	int yes = 1;

	if (bus->sock)
		return true;
	bus->sock = socket_open(bus->family, 0, true);
	if (bus->sock && bus->strict &&
	    mnl_socket_setsockopt(bus->sock, NETLINK_GET_STRICT_CHK, &yes, sizeof(yes)))
		bus_close(bus);
	return bus->sock;
}

void vpn_bus_stop(void)
{
	for (size_t i = 0; i < array_size(buses); i++)
		bus_close(&buses[i]);
}

/* --- a request ----------------------------------------------------------------------------- */

/* Reads answers until the one that ends the exchange.  0 or a negative errno. */
static int request_answers(struct bus *bus, uint32_t seq, mnl_cb_t each, void *arg)
{
	static uint8_t buf[VPN_BUS_READ] __attribute__((aligned(NLMSG_ALIGNTO)));
	ssize_t len;
	int ret;

	for (;;) {
		len = mnl_socket_recvfrom(bus->sock, buf, sizeof(buf));
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return -errno;
		errno = 0;
		ret = mnl_cb_run(buf, len, seq, mnl_socket_get_portid(bus->sock), each, arg);
		if (ret == MNL_CB_STOP)
			return 0;
		if (ret == MNL_CB_ERROR && errno == EPROTO)
			continue; /* the rest of an exchange that was given up */
		if (ret == MNL_CB_ERROR)
			return errno ? -errno : -EIO;
	}
}

int vpn_bus_request(enum vpn_bus which, struct nlmsghdr *nlh, mnl_cb_t each, void *arg)
{
	struct bus *bus = &buses[which];
	bool dump = (nlh->nlmsg_flags & NLM_F_DUMP) ==
		    NLM_F_DUMP; /* its bits mean NLM_F_EXCL elsewhere */
	ssize_t sent;
	int ret;

	if (!bus_open(bus))
		return errno ? -errno : -ENOTCONN;
	nlh->nlmsg_seq = ++sequence;
	if (!dump)
		nlh->nlmsg_flags |= NLM_F_ACK;
	frr_with_privs (&vpnd_privs) {
		sent = mnl_socket_sendto(bus->sock, nlh, nlh->nlmsg_len);
	}
	if (sent < 0)
		return -errno;
	ret = request_answers(bus, sequence, each, arg);
	/* the kernel makes no other dump before this one is read to its end */
	if (ret && dump)
		bus_close(bus);
	return ret;
}

/* --- a batch ------------------------------------------------------------------------------- */

/* An answer to one message of a batch.  True: to the last one, or an error, which is the batch's. */
static bool batch_answer(const struct nlmsghdr *nlh, uint32_t last, int *error)
{
	const struct nlmsgerr *answer = mnl_nlmsg_get_payload(nlh);

	if (nlh->nlmsg_type != NLMSG_ERROR || mnl_nlmsg_get_payload_len(nlh) < sizeof(*answer))
		return false;
	*error = answer->error;
	return *error || nlh->nlmsg_seq == last;
}

static bool batch_answers_read(const void *buf, int len, uint32_t last, int *error)
{
	const struct nlmsghdr *nlh;

	for (nlh = buf; mnl_nlmsg_ok(nlh, len); nlh = mnl_nlmsg_next(nlh, &len))
		if (batch_answer(nlh, last, error))
			return true;
	return false;
}

/* Reads until the last message is answered; 0, or the first error.  The rest is for nobody. */
static int batch_answers(struct bus *bus, uint32_t last)
{
	static uint8_t buf[VPN_BUS_READ] __attribute__((aligned(NLMSG_ALIGNTO)));
	bool answered = false;
	int error = 0;
	ssize_t len;

	while (!answered) {
		len = mnl_socket_recvfrom(bus->sock, buf, sizeof(buf));
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			error = -errno;
		answered = len < 0 || batch_answers_read(buf, len, last, &error);
	}
	/* what else was answered would be taken for the answer to the next one */
	if (error)
		bus_close(bus);
	return error;
}

int vpn_bus_batch(const void *batch, size_t len, uint32_t last)
{
	struct bus *bus = &buses[VPN_BUS_FILTER];
	ssize_t sent;

	if (!bus_open(bus))
		return errno ? -errno : -ENOTCONN;
	frr_with_privs (&vpnd_privs) {
		sent = mnl_socket_sendto(bus->sock, batch, len);
	}
	if (sent < 0)
		return -errno;
	return batch_answers(bus, last);
}
