// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Guards.  See vpn_guard.h.
 *
 * The list is read from the kernel when it is first asked for, so that a vpnd
 * without links never asks for policies, of which there may be many.
 */
#include <zebra.h>

#include <linux/xfrm.h>

#include "lib/log.h"
#include "lib/typesafe.h"

#include "vpnd/vpn_apply.h"
#include "vpnd/vpn_bus.h"
#include "vpnd/vpn_debug.h"
#include "vpnd/vpn_guard.h"
#include "vpnd/vpn_kernel.h"
#include "vpnd/vpn_memory.h"
#include "vpnd/vpn_netlink_xfrm.h"

DEFINE_MTYPE_STATIC(VPND, VPN_GUARD, "VPN guard");

#define BOTH 2 /* directions */

PREDECL_DLIST(guards);

struct guard {
	struct guards_item item;
	struct ipaddr local, remote;
	uint8_t proto;
	bool dir[BOTH]; /* XFRM_POLICY_IN, XFRM_POLICY_OUT: the kernel has it */
};

DECLARE_DLIST(guards, struct guard, item);

static struct guards_head guards = INIT_DLIST(guards);
static bool known; /* the kernel's were read */

static struct guard *guard_find(const struct ipaddr *local, const struct ipaddr *remote,
				uint8_t proto)
{
	struct guard *guard;

	frr_each (guards, &guards, guard)
		if (guard->proto == proto && guard->local.ipa_type == local->ipa_type &&
		    !ipaddr_cmp(&guard->local, local) && !ipaddr_cmp(&guard->remote, remote))
			return guard;
	return NULL;
}

static struct guard *guard_get(const struct ipaddr *local, const struct ipaddr *remote,
			       uint8_t proto)
{
	struct guard *guard = guard_find(local, remote, proto);

	if (guard)
		return guard;
	guard = XCALLOC(MTYPE_VPN_GUARD, sizeof(*guard));
	guard->local = *local;
	guard->remote = *remote;
	guard->proto = proto;
	guards_add_tail(&guards, guard);
	return guard;
}

static void guard_free(struct guard *guard)
{
	guards_del(&guards, guard);
	XFREE(MTYPE_VPN_GUARD, guard);
}

static int policy_message(const struct nlmsghdr *nlh, void *arg)
{
	struct vpn_policy_info info;
	bool out;

	if (!vpn_netlink_policy(nlh, &info) || info.dir >= BOTH)
		return MNL_CB_OK;
	out = info.dir == XFRM_POLICY_OUT;
	guard_get(out ? &info.src : &info.dst, out ? &info.dst : &info.src, info.proto)
		->dir[info.dir] = true;
	return MNL_CB_OK;
}

static void forget(void)
{
	struct guard *guard;

	frr_each_safe (guards, &guards, guard)
		guard_free(guard);
	known = false;
}

/* Somebody removed one, or all: who asks next learns it, and puts it back. */
static void policy_event(const struct nlmsghdr *nlh)
{
	if (!known || (nlh && !vpn_netlink_policy_gone(nlh)))
		return;
	forget();
	vpn_apply_kernel_changed();
}

/* Events first: what is removed while the list is read is not missed. */
static void learn(void)
{
	uint8_t buf[VPN_NETLINK_BUF];
	int ret;

	if (known)
		return;
	ret = vpn_kernel_watch_policies(policy_event);
	if (!ret)
		ret = vpn_bus_request(VPN_BUS_XFRM, vpn_netlink_policy_dump(buf), policy_message,
				      NULL);
	known = !ret;
	if (ret)
		zlog_err("kernel: IPsec policies cannot be read: %s", safe_strerror(-ret));
}

static struct vpn_policy_info policy_of(const struct guard *guard, uint8_t dir)
{
	bool out = dir == XFRM_POLICY_OUT;

	return (struct vpn_policy_info){ .src = out ? guard->local : guard->remote,
					 .dst = out ? guard->remote : guard->local,
					 .proto = guard->proto,
					 .dir = dir };
}

bool vpn_guard_stands(const struct ipaddr *local, const struct ipaddr *remote, uint8_t proto)
{
	struct guard *guard;

	learn();
	guard = guard_find(local, remote, proto);
	return guard && guard->dir[XFRM_POLICY_IN] && guard->dir[XFRM_POLICY_OUT];
}

int vpn_guard_set(const struct ipaddr *local, const struct ipaddr *remote, uint8_t proto)
{
	uint8_t buf[VPN_NETLINK_BUF];
	struct vpn_policy_info info;
	struct guard *guard;
	int ret;

	learn();
	guard = guard_get(local, remote, proto);
	for (uint8_t dir = 0; dir < BOTH; dir++) {
		if (guard->dir[dir])
			continue;
		info = policy_of(guard, dir);
		ret = vpn_bus_request(VPN_BUS_XFRM, vpn_netlink_policy_add(buf, &info), NULL, NULL);
		if (ret && ret != -EEXIST)
			return ret;
		guard->dir[dir] = true;
		DEBUGD(&vpn_dbg_kernel,
		       "guard: protocol %u from %pIA to %pIA is blocked unless IPsec protects it",
		       proto, &info.src, &info.dst);
	}
	return 0;
}

int vpn_guard_drop(const struct ipaddr *local, const struct ipaddr *remote, uint8_t proto)
{
	uint8_t buf[VPN_NETLINK_BUF];
	struct vpn_policy_info info;
	struct guard *guard;
	int ret;

	learn();
	guard = guard_find(local, remote, proto);
	if (!guard)
		return 0;
	for (uint8_t dir = 0; dir < BOTH; dir++) {
		if (!guard->dir[dir])
			continue;
		info = policy_of(guard, dir);
		ret = vpn_bus_request(VPN_BUS_XFRM, vpn_netlink_policy_del(buf, &info), NULL, NULL);
		if (ret && ret != -ENOENT)
			return ret;
		guard->dir[dir] = false;
	}
	DEBUGD(&vpn_dbg_kernel, "guard: of protocol %u between %pIA and %pIA is removed", proto,
	       local, remote);
	guard_free(guard);
	return 0;
}

void vpn_guard_relax(const struct ipaddr *local, const struct ipaddr *remote, uint8_t proto,
		     bool relaxed)
{
	struct guard *guard = guard_find(local, remote, proto);
	uint8_t buf[VPN_NETLINK_BUF];
	struct vpn_policy_info info;
	int ret;

	if (!guard)
		return;
	info = policy_of(guard, XFRM_POLICY_OUT);
	ret = vpn_bus_request(VPN_BUS_XFRM, vpn_netlink_policy_replace(buf, &info, relaxed), NULL,
			      NULL);
	if (ret)
		zlog_warn("guard: of protocol %u between %pIA and %pIA cannot be replaced: %s",
			  proto, local, remote, safe_strerror(-ret));
}

void vpn_guard_each(void (*each)(const struct ipaddr *local, const struct ipaddr *remote,
				 uint8_t proto))
{
	struct guard *guard;

	learn();
	frr_each_safe (guards, &guards, guard) {
		const struct guard copy = *guard;

		each(&copy.local, &copy.remote, copy.proto);
	}
}

void vpn_guard_stop(void)
{
	forget();
	guards_fini(&guards);
}
