// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What may pass the provider's interface: what is wanted, compared with what the
 * kernel was given; see vpn_firewall.h.  The rules are in vpn_firewall_rules.c.
 */
#include <zebra.h>

#include "lib/log.h"
#include "lib/monotime.h"

#include "vpnd/vpn_alarm.h"
#include "vpnd/vpn_apply.h"
#include "vpnd/vpn_bus.h"
#include "vpnd/vpn_firewall.h"
#include "vpnd/vpn_kernel.h"

#define BATCH_SIZE 65536
#define RETRY_S	   5
#define ALARM	   "provider-interface"
static struct vpn_firewall installed;
static bool known;   /* what the kernel has is installed */
static bool earlier; /* an earlier vpnd has installed rules, and this one has not yet */
static char problem[VPN_REASON_SIZE];
static time_t retry_at; /* monotonic s */

/* --- what is wanted ------------------------------------------------------------------------ */

static struct vpn_firewall wanted;
static ifindex_t wanted_vrf;

static void slave_add(const struct vpn_link *link)
{
	if (link->info.master != wanted_vrf || wanted.slave_count == VPN_FIREWALL_SLAVES)
		return;
	strlcpy(wanted.slaves[wanted.slave_count++], link->info.name, IFNAMSIZ);
}

static int slave_cmp(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* In an order that does not depend on the kernel's. */
static void slaves_find(void)
{
	wanted_vrf = vpn_kernel_vrf(wanted.vrf);
	if (wanted_vrf <= 0)
		return;
	vpn_kernel_each_link(slave_add);
	qsort(wanted.slaves, wanted.slave_count, sizeof(wanted.slaves[0]), slave_cmp);
}

static void wanted_make(const struct vpn_ce_config *ce)
{
	memset(&wanted, 0, sizeof(wanted));
	if (!ce->present || !ce->provider_if[0])
		return;
	strlcpy(wanted.interface, ce->provider_if, sizeof(wanted.interface));
	wanted.dhcp = ce->dhcp;
	wanted.internet = ce->fault[0] ? VPN_INTERNET_NONE : ce->internet;
	strlcpy(wanted.vrf, ce->internet_vrf, sizeof(wanted.vrf));
	if (wanted.internet == VPN_INTERNET_GATEWAY)
		slaves_find();
	wanted.server_count = ce->server_count;
	for (unsigned int i = 0; i < ce->server_count; i++)
		wanted.servers[i] = ce->servers[i].address;
}

/* --- the kernel ---------------------------------------------------------------------------- */

static int install_as(bool owned)
{
	static uint8_t buf[BATCH_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct vpn_nft nft;

	vpn_nft_begin(&nft, buf, sizeof(buf), 1);
	vpn_firewall_write(&nft, &wanted, owned);
	if (!vpn_nft_end(&nft))
		return -E2BIG;
	return vpn_bus_batch(buf, nft.used, nft.seq);
}

static int install(void)
{
	int error = install_as(true);

	if (error != -EOPNOTSUPP && error != -EINVAL)
		return error;
	error = install_as(false);
	if (!error && wanted.interface[0])
		zlog_warn("provider-interface %s: this kernel (before 6.9) lets others remove the rules: 'nft flush ruleset' does",
			  wanted.interface);
	return error;
}

bool vpn_firewall_is_installed(void)
{
	return earlier || installed.interface[0];
}

void vpn_firewall_was_installed(void)
{
	earlier = true;
}

static void installed_now(void)
{
	earlier = false;
	installed = wanted;
	known = true;
	problem[0] = '\0';
	vpn_alarm_clear(ALARM);
	vpn_apply_state_changed();
	if (installed.interface[0])
		zlog_notice("provider-interface %s: ESP, IKE and management pass, the rest is dropped",
			    installed.interface);
}

static void refused(int error)
{
	retry_at = monotime(NULL) + RETRY_S;
	known = false; /* the socket is closed that the rules there were owned by */
	snprintf(problem, sizeof(problem),
		 "%s is not filtered: nftables refuses the rules: %s (does the kernel have nf_tables, with inet, ct and masq?)",
		 wanted.interface, safe_strerror(-error));
	vpn_alarm_raise(ALARM, problem);
}

/* Down until the rules are there, if whoever made it left that to us. */
static void interface_up(void)
{
	const struct vpn_link *link = vpn_kernel_link_named(installed.interface);

	if (!known || !installed.interface[0] || !link || link->info.admin_up)
		return;
	if (!vpn_kernel_link_up(link->info.ifindex))
		zlog_notice("provider-interface %s is set up: it is filtered", installed.interface);
}

void vpn_firewall_apply(void)
{
	int error;

	if (!vpn_config.arrived)
		return;
	wanted_make(&vpn_config.ce);
	if (!wanted.interface[0] && !vpn_firewall_is_installed())
		return;
	/* what an earlier vpnd installed stays until it is known that nobody wants it */
	if (!wanted.interface[0] && !known && !vpn_apply_due(vpn_apply_started() + VPN_STALE_S))
		return;
	if (known && !memcmp(&wanted, &installed, sizeof(wanted))) {
		interface_up();
		return;
	}
	if (!vpn_apply_due(retry_at))
		return;
	error = install();
	/* without nf_tables there is nothing to remove */
	if (error && wanted.interface[0]) {
		refused(error);
		return;
	}
	installed_now();
	interface_up();
}

const char *vpn_firewall_problem(void)
{
	if (problem[0])
		return problem;
	return known ? NULL : "not filtered yet";
}
