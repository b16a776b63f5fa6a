// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One interface of ours: as it should be, compared with the kernel's.
 *
 * An xfrm interface's if_id cannot be changed, so one of another if_id is made
 * anew; everything else is changed in place, and only if it differs.
 */
#include <zebra.h>

#include "lib/log.h"

#include "wire/opaque.h"

#include "vpnd/vpn_debug.h"
#include "vpnd/vpn_interface.h"
#include "vpnd/vpn_kernel.h"

static const char *alias_of(const struct vpn_interface *want, char buf[VPN_ALIAS_SIZE])
{
	struct vpn_ifalias alias = want->alias;

	alias.kind = want->kind;
	return vpn_ifalias_write(&alias, buf);
}

bool vpn_interface_differs(const struct vpn_interface *want)
{
	const struct vpn_link *link = vpn_kernel_link_named(want->name);
	char alias[VPN_ALIAS_SIZE];

	return !link || link->info.kind != VPN_LINK_XFRM || link->info.if_id != want->if_id ||
	       link->info.master != want->master || link->info.mtu != want->mtu ||
	       !link->info.admin_up || strcmp(link->info.alias, alias_of(want, alias));
}

/* The kernel's error in words that say what to do. */
static ifindex_t refused(const struct vpn_interface *want, int error, char *buf, size_t size)
{
	const char *hint = safe_strerror(-error);
	char words[VPN_REASON_SIZE];

	if (error == -EOPNOTSUPP)
		hint = "the kernel has no xfrm interfaces (CONFIG_XFRM_INTERFACE)";
	else if (error == -EPERM)
		hint = "vpnd may not (it needs CAP_NET_ADMIN)";
	else if (error == -EEXIST)
		hint = "another interface has its name or its XFRM if_id";
	snprintf(words, sizeof(words), "interface %s cannot be made: %s", want->name, hint);
	if (strcmp(words, buf)) /* once, not at each try */
		zlog_warn("VRF %s: %s", want->alias.vrf, words);
	strlcpy(buf, words, size);
	return 0;
}

static int adjust(const struct vpn_interface *want, ifindex_t ifindex)
{
	const struct vpn_link_info info = vpn_kernel_link(ifindex)->info;
	char alias[VPN_ALIAS_SIZE];
	int ret = 0;

	if (info.master != want->master)
		ret = vpn_kernel_link_master(ifindex, want->master);
	if (!ret && info.mtu != want->mtu)
		ret = vpn_kernel_link_mtu(ifindex, want->mtu);
	if (!ret && strcmp(info.alias, alias_of(want, alias)))
		ret = vpn_kernel_link_alias(ifindex, alias);
	if (!ret && !info.admin_up)
		ret = vpn_kernel_link_up(ifindex);
	return ret;
}

/* The interface of this name, if it can stay; one of another if_id cannot. */
static ifindex_t find(const struct vpn_interface *want)
{
	const struct vpn_link *link = vpn_kernel_link_named(want->name);

	if (!link || link->info.kind != VPN_LINK_XFRM)
		return 0;
	if (link->info.if_id == want->if_id)
		return link->info.ifindex;
	vpn_interface_remove(link->info.ifindex, want->name);
	return 0;
}

static int create(const struct vpn_interface *want, ifindex_t *ifindex)
{
	char alias[VPN_ALIAS_SIZE];
	int ret = vpn_kernel_xfrm_create(want->name, want->if_id, want->master, want->mtu,
					 alias_of(want, alias), ifindex);

	if (!ret)
		DEBUGD(&vpn_dbg_kernel, "interface %s is made: %s", want->name, alias);
	return ret;
}

ifindex_t vpn_interface_ensure(const struct vpn_interface *want, char *error, size_t size)
{
	ifindex_t ifindex = find(want);
	int ret = ifindex ? adjust(want, ifindex) : 0;

	if (ret == -ENODEV) { /* deleted by somebody; the event is still on its way */
		vpn_kernel_link_delete(ifindex);
		ifindex = 0;
		ret = 0;
	}
	if (!ifindex)
		ret = create(want, &ifindex);
	if (ret)
		return refused(want, ret, error, size);
	error[0] = '\0';
	return ifindex;
}

void vpn_interface_remove(ifindex_t ifindex, const char *name)
{
	int ret = vpn_kernel_link_delete(ifindex);

	if (ret)
		zlog_warn("interface %s cannot be removed: %s", name, safe_strerror(-ret));
	else
		DEBUGD(&vpn_dbg_kernel, "interface %s is removed", name);
}
