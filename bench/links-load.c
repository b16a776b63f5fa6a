// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Load for bench/links: datagrams as fast as one CPU makes them, or one TCP stream.
 *
 *   links-load udp DEVICE ADDRESS PORT OCTETS SECONDS   sends UDP payloads of OCTETS; prints packets and seconds
 *   links-load tcp DEVICE ADDRESS PORT SECONDS          sends a stream; prints octets and seconds until all was read
 *   links-load sink DEVICE PORT                         reads TCP streams, one after the other, until it is killed
 *
 * DEVICE is what the socket is bound to, a VRF; "-" for none.  Datagrams go by
 * sendmmsg(2), so that the sender is a small part of what is measured.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCH  64
#define OCTETS 1500
#define STREAM 262144

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static int bound_socket(int type, const char *device)
{
	int sock = socket(AF_INET, type, 0);

	if (sock < 0)
		err(1, "socket");
	if (strcmp(device, "-") &&
	    setsockopt(sock, SOL_SOCKET, SO_BINDTODEVICE, device, strlen(device) + 1))
		err(1, "bind to %s", device);
	return sock;
}

static struct sockaddr_in address_of(const char *address, const char *port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(atoi(port)) };

	if (inet_pton(AF_INET, address, &sin.sin_addr) != 1)
		errx(1, "%s: no address", address);
	return sin;
}

static int connected_socket(int type, char **argv)
{
	struct sockaddr_in sin = address_of(argv[3], argv[4]);
	int sock = bound_socket(type, argv[2]);

	if (connect(sock, (struct sockaddr *)&sin, sizeof(sin)))
		err(1, "connect to %s", argv[3]);
	return sock;
}

static void send_datagrams(int sock, size_t octets, double seconds)
{
	static uint8_t payload[OCTETS];
	struct iovec iov = { .iov_base = payload, .iov_len = octets };
	struct mmsghdr batch[BATCH];
	double begin, end;
	uint64_t sent = 0;
	int ret;

	memset(batch, 0, sizeof(batch));
	for (unsigned int i = 0; i < BATCH; i++)
		batch[i].msg_hdr = (struct msghdr){ .msg_iov = &iov, .msg_iovlen = 1 };
	begin = now();
	do {
		ret = sendmmsg(sock, batch, BATCH, 0);
		if (ret < 0)
			err(1, "send");
		sent += ret;
		end = now();
	} while (end - begin < seconds);
	printf("%llu %.6f\n", (unsigned long long)sent, end - begin);
}

static void send_stream(int sock, double seconds)
{
	static uint8_t data[STREAM];
	double begin = now(), end;
	uint64_t sent = 0;
	ssize_t ret;

	do {
		ret = write(sock, data, sizeof(data));
		if (ret < 0)
			err(1, "write");
		sent += ret;
	} while (now() - begin < seconds);
	shutdown(sock, SHUT_WR);
	if (read(sock, data, sizeof(data)) != 0)
		errx(1, "the other end has not read all");
	end = now();
	printf("%llu %.6f\n", (unsigned long long)sent, end - begin);
}

static void sink(const char *device, const char *port)
{
	struct sockaddr_in sin = address_of("0.0.0.0", port);
	int sock = bound_socket(SOCK_STREAM, device), one = 1, stream;
	static uint8_t data[STREAM];

	setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(sock, (struct sockaddr *)&sin, sizeof(sin)) || listen(sock, 4))
		err(1, "listen");
	for (;;) {
		stream = accept(sock, NULL, NULL);
		if (stream < 0)
			err(1, "accept");
		while (read(stream, data, sizeof(data)) > 0)
			;
		close(stream);
	}
}

int main(int argc, char **argv)
{
	if (argc == 7 && !strcmp(argv[1], "udp") && atoi(argv[5]) <= OCTETS)
		send_datagrams(connected_socket(SOCK_DGRAM, argv), atoi(argv[5]), atof(argv[6]));
	else if (argc == 6 && !strcmp(argv[1], "tcp"))
		send_stream(connected_socket(SOCK_STREAM, argv), atof(argv[5]));
	else if (argc == 4 && !strcmp(argv[1], "sink"))
		sink(argv[2], argv[3]);
	else
		errx(2, "see the head of links-load.c");
	return 0;
}
