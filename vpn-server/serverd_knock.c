// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Mode notify: a CE told to come (draft-ietf-l3vpn-ce-based-02, section 3.5, the
 * "combined mode").
 *
 * A CE calls its server when a peer that it does not know wants to negotiate
 * with it (RFC 7296), for that is most likely a new site of its VPN.  So the
 * server does just that: it sends an IKE_SA_INIT request from an address that
 * no VPN has.  No protocol, port or hole in the CE's filter beside those that
 * are there.  The message says nothing and proves nothing, and need not: all
 * that a CE does is call the servers that it was configured with, which prove
 * who they are; and it does so only so often.  Whether it comes is seen when it
 * comes; until then it is told again, ever less often (task_notify).
 *
 * Nothing is kept of the request: the secret value of the Diffie-Hellman share
 * is not known to anybody, and the answer is not read.
 */
#include "vpn-server/serverd.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <openssl/rand.h>

#define IKE_PORT  "500"
#define KE_OCTETS 32

struct request {
	unsigned char octets[256];
	size_t used;
};

static void put(struct request *request, const unsigned char *octets, size_t count)
{
	memcpy(request->octets + request->used, octets, count);
	request->used += count;
}

static void put_random(struct request *request, size_t count)
{
	/* should there be no random numbers, zeros ask as well */
	if (RAND_bytes(request->octets + request->used, (int)count) != 1)
		memset(request->octets + request->used, 0, count);
	request->used += count;
}

/* HDR, SAi1, KEi, Ni: RFC 7296, sections 1.2, 3.1 to 3.4 and 3.9. */
static void compose(struct request *request)
{
	static const unsigned char rest_of_header[] = {
		0,  0,	  0,  0,    0, 0, 0, 0, /* responder's SPI */
		33, 0x20, 34, 0x08,		/* next: SA; version 2.0; IKE_SA_INIT; initiator */
		0,  0,	  0,  0,		/* message ID */
		0,  0,	  0,  0,		/* length: below */
	};
	static const unsigned char sa[] = {
		34,   0,  0, 48,	      /* next: KE */
		0,    0,  0, 44, 1, 1, 0, 4,  /* one proposal, IKE, four transforms */
		3,    0,  0, 12, 1, 0, 0, 12, /* encryption: AES-CBC */
		0x80, 14, 1, 0,		      /* … with keys of 256 bits */
		3,    0,  0, 8,	 2, 0, 0, 5,  /* PRF: HMAC-SHA2-256 */
		3,    0,  0, 8,	 3, 0, 0, 12, /* integrity: HMAC-SHA2-256-128 */
		0,    0,  0, 8,	 4, 0, 0, 31, /* key exchange: Curve25519 */
	};
	static const unsigned char ke[] = { 40, 0, 0, 8 + KE_OCTETS, 0, 31, 0, 0 };
	static const unsigned char nonce[] = { 0, 0, 0, 4 + KE_OCTETS };

	request->used = 0;
	put_random(request, 8);
	request->octets[0] |= 1; /* an SPI is not zero */
	put(request, rest_of_header, sizeof(rest_of_header));
	put(request, sa, sizeof(sa));
	put(request, ke, sizeof(ke));
	put_random(request, KE_OCTETS);
	put(request, nonce, sizeof(nonce));
	put_random(request, KE_OCTETS);
	request->octets[27] = (unsigned char)request->used;
}

void knock(const char *address)
{
	struct addrinfo hints = { .ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICHOST };
	struct addrinfo *to = NULL;
	struct request request;
	int fd = -1;

	compose(&request);
	if (!getaddrinfo(address, IKE_PORT, &hints, &to))
		fd = socket(to->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 ||
	    sendto(fd, request.octets, request.used, MSG_DONTWAIT, to->ai_addr, to->ai_addrlen) < 0)
		serverd_log("the CE of address %s cannot be told to come: %s", address,
			    strerror(errno));
	if (fd >= 0)
		close(fd);
	if (to)
		freeaddrinfo(to);
}
