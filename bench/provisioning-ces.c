// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Stands in for any number of CEs (tests/vpn_server/standin.h), for measurements:
 * prints the port it listens on; for each line that it reads it prints how many
 * sessions, edits and commits there were.
 *
 *	provisioning-ces DATABASE [FOLDER]
 */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>

#include "tests/vpn_server/standin.h"
#include "vpn-server/serverd.h"

void serverd_log(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

int main(int argc, char **argv)
{
	static struct standin_counts counts;
	char line[16];

	if (argc < 2)
		return 1;
	signal(SIGPIPE, SIG_IGN);
	printf("%d\n", standin_start(argv[1], argv[2], &counts));
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		printf("%lu %lu %lu\n", counts.sessions, counts.edits, counts.commits);
		fflush(stdout);
	}
	return 0;
}
