// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Paths of the underlay.  See vpn_path.h.
 */
#include <zebra.h>

#include "lib/monotime.h"

#include "vpnd/vpn_path.h"

#define LEARNED_S 660 /* the kernel's 600 s for what it was told, and some */
#define ALL_S	  600 /* all paths are looked at at least so often */
#define LINE	  1024

/* Which word of the line this is, or -1. */
static int word_find(char *line, const char *word)
{
	char *rest = line, *next;
	int index = 0;

	while ((next = strsep(&rest, " \n"))) {
		if (!strcmp(next, word))
			return index;
		index++;
	}
	return -1;
}

static uint64_t word_number(char *line, int index)
{
	char *rest = line, *next = NULL;

	for (int i = 0; i <= index; i++)
		next = strsep(&rest, " \n");
	return next ? strtoull(next, NULL, 10) : 0;
}

/* ICMP: two lines, names and numbers.  "Too big" is a kind of "unreachable", which is counted. */
static uint64_t unreachable_ipv4(void)
{
	FILE *file = fopen("/proc/net/snmp", "re");
	uint64_t number = 0;
	char line[LINE];
	int index = -1;

	while (file && fgets(line, sizeof(line), file)) {
		if (strncmp(line, "Icmp: ", 6))
			continue;
		if (index >= 0) {
			number = word_number(line, index);
			break;
		}
		index = word_find(line, "InDestUnreachs");
		if (index < 0)
			break;
	}
	if (file)
		fclose(file);
	return number;
}

/* ICMPv6: a line for each. */
static uint64_t too_big_ipv6(void)
{
	FILE *file = fopen("/proc/net/snmp6", "re");
	unsigned long long number = 0;
	char line[LINE];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "Icmp6InPktTooBigs %llu", &number) == 1)
			break;
	if (file)
		fclose(file);
	return number;
}

bool vpn_path_news(void)
{
	static time_t look_until, all_at; /* monotonic s */
	static uint64_t before;
	uint64_t now_said = unreachable_ipv4() + too_big_ipv6();
	time_t now = monotime(NULL);

	if (now_said != before)
		look_until = now + LEARNED_S;
	before = now_said;
	if (now >= look_until && now < all_at)
		return false;
	all_at = now + ALL_S;
	return true;
}
