// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * L2TPv3 over IP: the device of a tunnel link.  See vpn_device_l2tp.h.
 */
#include <zebra.h>

#include <linux/l2tp.h>
#include <net/ethernet.h>

#include "lib/log.h"

#include "vpnd/vpn_bus.h"
#include "vpnd/vpn_debug.h"
#include "vpnd/vpn_device_l2tp.h"
#include "vpnd/vpn_guard.h"
#include "vpnd/vpn_kernel.h"
#include "vpnd/vpn_netlink_l2tp.h"

#define SESSION_ID_OCTETS 4

/* How long the kernel may take to remove a session: milliseconds a step, steps. */
#define GONE_STEP_MS 1
#define GONE_STEPS   200

unsigned int vpn_device_l2tp_header(const struct vpn_l2tp *l2tp)
{
	return SESSION_ID_OCTETS + MAX(l2tp->cookie_len, l2tp->peer_cookie_len) + ETHER_HDR_LEN;
}

/* --- the family ---------------------------------------------------------------------------- */

static int family_message(const struct nlmsghdr *nlh, void *arg)
{
	vpn_netlink_family(nlh, arg);
	return MNL_CB_OK;
}

/* 0: the kernel has none.  Asking loads the module where there is one. */
static uint16_t family(void)
{
	static uint16_t number;
	uint8_t buf[VPN_NETLINK_BUF];

	if (!number)
		vpn_bus_request(VPN_BUS_GENERIC, vpn_netlink_family_get(buf, L2TP_GENL_NAME),
				family_message, &number);
	return number;
}

bool vpn_device_l2tp_supported(void)
{
	return family() != 0;
}

/* --- tunnels and sessions ------------------------------------------------------------------ */

static int info_message(const struct nlmsghdr *nlh, void *arg)
{
	struct vpn_l2tp_info info;

	if (vpn_netlink_l2tp(nlh, family(), &info))
		*(struct vpn_l2tp_info *)arg = info;
	return MNL_CB_OK;
}

/* A tunnel of this id that is there already must be the same in everything. */
static int tunnel_check(const struct vpn_device *want)
{
	struct vpn_l2tp_info info = {};
	uint8_t buf[VPN_NETLINK_BUF];
	int ret = vpn_bus_request(VPN_BUS_GENERIC,
				  vpn_netlink_l2tp_tunnel_get(buf, family(), want->l2tp.tunnel_id),
				  info_message, &info);

	if (ret)
		return ret;
	return info.peer_tunnel_id == want->l2tp.peer_tunnel_id &&
			       info.local.ipa_type == want->local.ipa_type &&
			       !ipaddr_cmp(&info.local, &want->local) &&
			       !ipaddr_cmp(&info.remote, &want->remote)
		       ? 0
		       : -EEXIST;
}

/*
 * The kernel connects the tunnel's socket at once, and a policy that blocks
 * would refuse that; so the guard asks for ESP while it does, which nothing
 * passes in clear either.
 */
static int tunnel_ensure(const struct vpn_device *want)
{
	uint8_t buf[VPN_NETLINK_BUF];
	int ret;

	if (want->ipsec)
		vpn_guard_relax(&want->local, &want->remote, IPPROTO_L2TP, true);
	ret = vpn_bus_request(VPN_BUS_GENERIC,
			      vpn_netlink_l2tp_tunnel_new(buf, family(), &want->local,
							  &want->remote, &want->l2tp),
			      NULL, NULL);
	if (want->ipsec)
		vpn_guard_relax(&want->local, &want->remote, IPPROTO_L2TP, false);
	return ret == -EEXIST ? tunnel_check(want) : ret;
}

static int count_message(const struct nlmsghdr *nlh, void *arg)
{
	struct vpn_l2tp_info info, *count = arg;

	if (vpn_netlink_l2tp(nlh, family(), &info) && info.tunnel_id == count->tunnel_id)
		count->session_id++;
	return MNL_CB_OK;
}

static unsigned int sessions_of(uint32_t tunnel_id)
{
	struct vpn_l2tp_info count = { .tunnel_id = tunnel_id };
	uint8_t buf[VPN_NETLINK_BUF];

	if (vpn_bus_request(VPN_BUS_GENERIC, vpn_netlink_l2tp_session_dump(buf, family()),
			    count_message, &count))
		return UINT_MAX; /* unknown: the tunnel stays */
	return count.session_id;
}

static int tunnel_remove(uint32_t tunnel_id)
{
	uint8_t buf[VPN_NETLINK_BUF];

	return vpn_bus_request(VPN_BUS_GENERIC,
			       vpn_netlink_l2tp_tunnel_del(buf, family(), tunnel_id), NULL, NULL);
}

int vpn_device_l2tp_create(const struct vpn_device *want, ifindex_t *ifindex)
{
	uint8_t buf[VPN_NETLINK_BUF];
	int ret;

	if (!family())
		return -EOPNOTSUPP;
	ret = tunnel_ensure(want);
	if (ret)
		return ret;
	ret = vpn_bus_request(VPN_BUS_GENERIC,
			      vpn_netlink_l2tp_session_new(buf, family(), want->name, &want->l2tp),
			      NULL, NULL);
	if (!ret)
		ret = vpn_kernel_link_find(want->name, ifindex);
	if (ret && !sessions_of(want->l2tp.tunnel_id))
		tunnel_remove(want->l2tp.tunnel_id);
	return ret;
}

bool vpn_device_l2tp_is(const struct vpn_device *want)
{
	struct vpn_l2tp_info info = {};
	uint8_t buf[VPN_NETLINK_BUF];

	return family() &&
	       !vpn_bus_request(VPN_BUS_GENERIC,
				vpn_netlink_l2tp_session_get(buf, family(), &want->l2tp),
				info_message, &info) &&
	       !strcmp(info.name, want->name) && !tunnel_check(want);
}

static bool still_there(const struct vpn_device *said, bool tunnel)
{
	struct vpn_l2tp_info info = {};
	uint8_t buf[VPN_NETLINK_BUF];
	ifindex_t ifindex;

	return !vpn_kernel_link_find(said->name, &ifindex) ||
	       (tunnel &&
		!vpn_bus_request(VPN_BUS_GENERIC,
				 vpn_netlink_l2tp_tunnel_get(buf, family(), said->l2tp.tunnel_id),
				 info_message, &info));
}

/* The kernel removes them in its own time; who makes it anew with the same name and ids has to wait. */
static int wait_gone(const struct vpn_device *said, bool tunnel)
{
	const struct timespec pause = { .tv_nsec = GONE_STEP_MS * 1000 * 1000 };

	for (unsigned int i = 0; i < GONE_STEPS; i++) {
		if (!still_there(said, tunnel))
			return 0;
		nanosleep(&pause, NULL);
	}
	return -EBUSY;
}

int vpn_device_l2tp_remove(const struct vpn_device *said)
{
	const struct vpn_link *link = vpn_kernel_link_named(said->name);
	uint8_t buf[VPN_NETLINK_BUF];
	bool last;
	int ret;

	if (!family())
		return -EOPNOTSUPP;
	last = sessions_of(said->l2tp.tunnel_id) <= 1;
	if (last)
		ret = tunnel_remove(said->l2tp.tunnel_id);
	else
		ret = vpn_bus_request(VPN_BUS_GENERIC,
				      vpn_netlink_l2tp_session_del(buf, family(), &said->l2tp),
				      NULL, NULL);
	if (ret && ret != -ENODEV)
		return ret;
	if (link)
		vpn_kernel_link_forget(link->info.ifindex);
	return wait_gone(said, last);
}

/* The kernel counts frames with their headers, and those that come in with L2TP's, too. */
void vpn_device_l2tp_inner(const struct vpn_l2tp *l2tp, struct vpn_device_counters *counters)
{
	counters->bytes_in -= counters->packets_in *
			      (ETHER_HDR_LEN + SESSION_ID_OCTETS + l2tp->cookie_len);
	counters->bytes_out -= counters->packets_out * ETHER_HDR_LEN;
}
