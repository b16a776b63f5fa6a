// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vpnd/vpn_multicast.c: the kernel's lists of groups, as Linux 6.12 writes them, and
 * which routing protocols listen where by them.
 */
/* link: vpnd/vpn_multicast.c */
/* libs: frr */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <zebra.h>

#include <linux/rtnetlink.h>

#include "vpnd/vpn_multicast.h"

/* 7 and 31: OSPF; 8: RIP; 9: EIGRP; 224.0.0.50 and .51 are nothing of these. */
static const struct {
	const char *head; /* of an interface, or NULL */
	const char *group;
} lines[] = {
	{ "1\tlo        :     1      V3", "224.0.0.1" },
	{ "7\tlazy      :     3      V3", "224.0.0.5" },
	{ NULL, "224.0.0.6" },
	{ NULL, "224.0.0.1" },
	{ "8\tother     :     2      V3", "224.0.0.50" },
	{ NULL, "224.0.0.51" },
	{ NULL, "224.0.0.9" },
	{ "9\tvpn-e     :     1      V3", "224.0.0.10" },
	{ "31\tl-ospf    :     1      V3", "224.0.0.5" },
};

/* Addresses are written as this machine reads them: 224.0.0.5 is 050000E0 here, and E0000005 elsewhere. */
static const char *igmp_text(void)
{
	static char text[2048];
	size_t used = snprintf(text, sizeof(text), "Idx\tDevice    : Count Querier\tReporter\n");

	for (size_t i = 0; i < array_size(lines); i++)
		used += snprintf(text + used, sizeof(text) - used,
				 "%s%s\t\t\t\t%08X     1 0:00000000\t\t0\n",
				 lines[i].head ? lines[i].head : "", lines[i].head ? "\n" : "",
				 inet_addr(lines[i].group));
	return text;
}

static const char igmp6[] =
	"1    lo              ff020000000000000000000000000001     1 0000000C 0\n"
	"8    other           ff020000000000000000000000000005     1 00000004 0\n"
	"8    other           ff0200000000000000000001ff000005     1 00000004 0\n"
	"10   l-babel         ff020000000000000000000000010006     1 00000004 0\n"
	"12   l-none          ff020000000000000000000000000055     1 00000004 0\n";

static void take(const char *text, const char *text6)
{
	FILE *file = text ? fmemopen((void *)text, strlen(text), "r") : NULL;
	FILE *file6 = text6 ? fmemopen((void *)text6, strlen(text6), "r") : NULL;

	vpn_multicast_take(file, file6);
	if (file)
		fclose(file);
	if (file6)
		fclose(file6);
}

static void test_who_listens(void **state)
{
	take(igmp_text(), igmp6);
	assert_int_equal(vpn_multicast_on(1), 0);
	assert_int_equal(vpn_multicast_on(7), RTPROT_OSPF);
	assert_int_equal(vpn_multicast_on(8), RTPROT_OSPF);
	assert_int_equal(vpn_multicast_on(9), RTPROT_EIGRP);
	assert_int_equal(vpn_multicast_on(10), RTPROT_BABEL);
	assert_int_equal(vpn_multicast_on(12), 0);
	assert_int_equal(vpn_multicast_on(31), RTPROT_OSPF);
	assert_int_equal(vpn_multicast_on(0), 0);
	/* it is forgotten with the next look */
	take(igmp_text(), NULL);
	assert_int_equal(vpn_multicast_on(8), 0);
	assert_int_equal(vpn_multicast_on(7), RTPROT_OSPF);
	take(NULL, NULL);
	assert_int_equal(vpn_multicast_on(7), 0);
	vpn_multicast_fini();
}

/* A kernel that writes something else is not understood, and nothing worse. */
static void test_something_else(void **state)
{
	take("", "");
	assert_int_equal(vpn_multicast_on(0), 0);
	take("\n\t\n050000E0\n7\n\t050000E0",
	     "8 other ff02\n8\n8 other\n\n99999999999999999999 x ff020000000000000000000000000005\n"
	     "8 other gg020000000000000000000000000005\n");
	assert_int_equal(vpn_multicast_on(8), 0);
	vpn_multicast_fini();
}

/* What is there now is taken without complaint: of these protocols nobody listens on the loopback interface. */
static void test_this_machine(void **state)
{
	vpn_multicast_look();
	assert_int_equal(vpn_multicast_on(1), 0);
	vpn_multicast_fini();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_listens),
		cmocka_unit_test(test_something_else),
		cmocka_unit_test(test_this_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
