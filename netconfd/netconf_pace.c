// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How slowly a client may take what it asked for.
 *
 * A client that reads no replies, or a byte now and then, keeps the thread of its
 * session in a write. As long as something waits for it, it has to take
 * NETCONF_PACE_BYTES in each NETCONF_PACE_MSEC; all of it, if it is less. So a
 * reply of n bytes keeps a thread at most (n / NETCONF_PACE_BYTES + 1) times
 * NETCONF_PACE_MSEC.
 */
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "netconfd/netconf_pace.h"

static void begin(struct netconf_pace *pace, uint64_t taken, int64_t now)
{
	pace->waiting = true;
	pace->taken = taken;
	pace->since = now;
}

bool netconf_pace_holds(struct netconf_pace *pace, uint64_t taken, int64_t now)
{
	if (!pace->waiting || taken - pace->taken >= NETCONF_PACE_BYTES)
		begin(pace, taken, now);
	return now - pace->since < NETCONF_PACE_MSEC;
}

void netconf_pace_done(struct netconf_pace *pace)
{
	pace->waiting = false;
}

uint64_t netconf_pace_acknowledged(int fd)
{
	struct tcp_info info = {};
	socklen_t size = sizeof(info);

	(void)getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size);
	return info.tcpi_bytes_acked;
}
