// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * In vpnd's place for bench/newsa: says LABEL_IN (or LABEL_IN_DEL) for many
 * labels and waits until the plugin has answered each.
 *
 *   newsa-client SOCKET add|del COUNT FIRST_LABEL FIRST_IF_ID STEP
 *
 * STEP 0: all labels have one if_id; 1: each has its own.  Prints the seconds
 * from the first request to the last answer.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "wire/plugin.h"

struct request {
	struct vpnspi_header header;
	struct vpnspi_label_in body;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static int connect_to(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), size = 8 << 20;

	/* all requests at once, as a vpnd that starts has them */
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	if (fd < 0 || connect(fd, (void *)&addr, sizeof(addr)) < 0)
		fail(path);
	return fd;
}

/* Reads what is there; returns how many requests were answered by it. */
static unsigned int take_answers(int fd)
{
	static char octets[1 << 20];
	static size_t got;
	size_t used = 0;
	unsigned int answers = 0;
	ssize_t len = recv(fd, octets + got, sizeof(octets) - got, 0);
	struct vpnspi_header header;
	struct vpnspi_done done;

	if (len <= 0)
		fail("the plugin has hung up");
	got += len;
	while (got - used >= sizeof(header)) {
		memcpy(&header, octets + used, sizeof(header));
		if (got - used < header.size)
			break;
		if (header.type == VPNSPI_DONE) {
			memcpy(&done, octets + used + sizeof(header), sizeof(done));
			if (done.error) {
				fprintf(stderr, "%s\n", done.text);
				exit(1);
			}
			answers++;
		}
		used += header.size;
	}
	got -= used;
	memmove(octets, octets + used, got);
	return answers;
}

static void run(int fd, const struct request *requests, unsigned int count)
{
	size_t size = count * sizeof(*requests), sent = 0;
	unsigned int answered = 0;

	while (answered < count) {
		struct pollfd p = { .fd = fd, .events = POLLIN | (sent < size ? POLLOUT : 0) };

		if (poll(&p, 1, 60000) <= 0)
			fail("poll");
		if (p.revents & POLLIN)
			answered += take_answers(fd);
		if (p.revents & POLLOUT) {
			ssize_t len = send(fd, (const char *)requests + sent, size - sent,
					   MSG_DONTWAIT);

			sent += len > 0 ? len : 0;
		}
	}
}

int main(int argc, char **argv)
{
	unsigned int count, label, if_id, step;
	struct request *requests;
	double start;
	int fd;

	if (argc != 7)
		return 2;
	count = atoi(argv[3]);
	label = atoi(argv[4]);
	if_id = atoi(argv[5]);
	step = atoi(argv[6]);
	requests = calloc(count, sizeof(*requests));
	if (!requests)
		fail("memory");
	for (unsigned int i = 0; i < count; i++) {
		requests[i].header.size = sizeof(*requests);
		requests[i].header.type = argv[2][0] == 'a' ? VPNSPI_LABEL_IN : VPNSPI_LABEL_IN_DEL;
		requests[i].header.id = i + 1;
		requests[i].body.label = label + i;
		requests[i].body.if_id = if_id + i * step;
	}
	fd = connect_to(argv[1]);
	start = now();
	run(fd, requests, count);
	printf("%.6f\n", now() - start);
	return 0;
}
