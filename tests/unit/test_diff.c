// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vpnd/vpn_verdict.c: what is observed decides what bgpd is told, each missing
 * thing by its own name and in the order of the set-up; and vpnd/vpn_use.c:
 * numbers of sending interfaces.
 */
/* link: vpnd/vpn_verdict.c vpnd/vpn_use.c vpnd/vpn_memory.c vpnd/vpn_waiting.c */
/* libs: frr */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <zebra.h>

#include "vpnd/vpn_ifname.h"
#include "vpnd/vpn_use.h"
#include "vpnd/vpn_verdict.h"

/* All that must be there is there. */
static const struct vpn_view complete = {
	.config_arrived = true,
	.interface_there = true,
	.plugin_ready = true,
	.request = VPN_REQUEST_DONE,
	.request_error = "refused",
	.peer_up = true,
	.peer_reason = "",
	.out_said = true,
	.out_up = true,
	.out_reason = "",
	.zebra_ready = true,
};

static void expect_label(const struct vpn_view *view, enum vpn_verdict verdict, const char *reason)
{
	const char *got;

	assert_int_equal(vpn_label_verdict(view, &got), verdict);
	if (reason)
		assert_string_equal(got, reason);
	else
		assert_null(got);
}

static void expect_use(const struct vpn_view *view, enum vpn_verdict verdict, const char *reason)
{
	const char *got;

	assert_int_equal(vpn_use_verdict(view, &got), verdict);
	if (reason)
		assert_string_equal(got, reason);
	else
		assert_null(got);
}

static void expect_both(const struct vpn_view *view, enum vpn_verdict verdict, const char *reason)
{
	expect_label(view, verdict, reason);
	expect_use(view, verdict, reason);
}

static void test_complete(void **state)
{
	expect_both(&complete, VPN_UP, NULL);
}

static void test_common(void **state)
{
	struct vpn_view view = complete;

	view.plugin_ready = false;
	expect_both(&view, VPN_PENDING, "charon's plugin is being connected to");
	view.plugin_failed = "charon does not run";
	expect_both(&view, VPN_DOWN, "charon does not run");
	view.interface_there = false;
	expect_both(&view, VPN_PENDING, "the interface is being made");
	view.interface_error = "interface vpni256 cannot be made";
	expect_both(&view, VPN_DOWN, "interface vpni256 cannot be made");
	view.vrf_missing = "VRF red is not in the kernel";
	expect_both(&view, VPN_DOWN, "VRF red is not in the kernel");
	view.refused = "no label is left";
	expect_both(&view, VPN_DOWN, "no label is left");
	view.blocked = "no provider edge";
	expect_both(&view, VPN_DOWN, "no provider edge");
	view.config_arrived = false; /* before anything is known nothing is said */
	expect_both(&view, VPN_PENDING, "the configuration has not come from mgmtd yet");
}

static void test_label_request(void **state)
{
	struct vpn_view view = complete;

	view.request = VPN_REQUEST_NONE;
	expect_label(&view, VPN_PENDING, "the label SAs are being installed");
	view.request = VPN_REQUEST_SENT;
	expect_label(&view, VPN_PENDING, "the label SAs are being installed");
	view.request = VPN_REQUEST_FAILED;
	expect_label(&view, VPN_DOWN, "refused");
	view = complete;
	view.peer_up = view.out_said = view.zebra_ready = false; /* of no concern to labels */
	expect_label(&view, VPN_UP, NULL);
}

static void test_use(void **state)
{
	struct vpn_view view = complete;

	view.zebra_ready = false;
	expect_use(&view, VPN_PENDING, "zebra does not know the interface yet");
	view.out_said = false;
	expect_use(&view, VPN_PENDING, "the label SA is being installed");
	view.request = VPN_REQUEST_FAILED;
	expect_use(&view, VPN_DOWN, "refused");
	view.out_said = true;
	view.out_up = false;
	expect_use(&view, VPN_DOWN, "no label SA stands");
	view.out_reason = "label length differs";
	expect_use(&view, VPN_DOWN, "label length differs");
	view.peer_up = false;
	view.peer_reason = "authentication failed";
	expect_use(&view, VPN_DOWN, "authentication failed");
}

/* After a restart everything is there but nothing is known: nothing may be called down. */
static void test_restart_is_never_down(void **state)
{
	struct vpn_view view = { .interface_there = true };

	view.peer_reason = view.out_reason = "";
	expect_both(&view, VPN_PENDING, "the configuration has not come from mgmtd yet");
	view.config_arrived = true;
	expect_both(&view, VPN_PENDING, "charon's plugin is being connected to");
	view.plugin_ready = view.peer_up = true;
	expect_label(&view, VPN_PENDING, "the label SAs are being installed");
	expect_use(&view, VPN_PENDING, "the label SA is being installed");
	view.request = VPN_REQUEST_SENT;
	expect_label(&view, VPN_PENDING, "the label SAs are being installed");
	expect_use(&view, VPN_PENDING, "the label SA is being installed");
	view.request = VPN_REQUEST_DONE;
	expect_use(&view, VPN_PENDING, "the label SA is being installed");
	view.out_said = view.out_up = true;
	expect_use(&view, VPN_PENDING, "zebra does not know the interface yet");
	view.zebra_ready = true;
	expect_use(&view, VPN_UP, NULL);
}

static struct vpn_use *use(const char *vrf, const char *pe, uint32_t label)
{
	struct spi_label spi_label = { .label = label, .len = 16 };
	struct ipaddr addr;

	assert_int_equal(str2ipaddr(pe, &addr), 0);
	return vpn_use_get(vrf, &addr, &spi_label);
}

static bool two_is_taken(uint32_t number)
{
	return number == 2;
}

static void test_use_numbers(void **state)
{
	struct vpn_use *a = use("red", "10.0.0.2", 300), *b = use("red", "10.0.0.3", 300);
	struct vpn_use *c = use("blue", "10.0.0.2", 301);

	assert_ptr_equal(a, use("red", "10.0.0.2", 300));
	assert_int_equal(vpn_uses_count(&vpn_uses), 3);
	vpn_use_number(a, 0, two_is_taken);
	vpn_use_number(b, 0, two_is_taken);
	assert_int_equal(a->number, 1);
	assert_int_equal(b->number, 3);
	assert_string_equal(b->ifname, "vpno3");
	assert_int_equal(b->if_id, 0x20000003);
	vpn_use_number(c, 7, two_is_taken); /* found on an interface */
	assert_ptr_equal(vpn_use_by_if_id(0x20000007), c);
	assert_null(vpn_use_by_if_id(0x20000008));
	assert_null(vpn_use_by_if_id(0x10000007));
	vpn_use_free(&a);
	a = use("green", "10.0.0.9", 256);
	vpn_use_number(a, 0, two_is_taken);
	assert_int_equal(a->number, 1);
	vpn_use_terminate();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_complete),
		cmocka_unit_test(test_common),
		cmocka_unit_test(test_label_request),
		cmocka_unit_test(test_use),
		cmocka_unit_test(test_restart_is_never_down),
		cmocka_unit_test(test_use_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
