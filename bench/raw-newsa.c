// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The yardstick of bench/newsa: how fast does this kernel take SAs from a
 * program that does nothing else?
 *
 *   raw-newsa COUNT [BATCH [POLICIES]]
 *
 * writes COUNT ESP tunnel SAs like label SAs (AES-GCM, consecutive SPIs and
 * if_ids, a replay window of 64) into the network namespace it runs in, BATCH
 * netlink messages a send, of which the last is acknowledged.  Each SA has its
 * own reqid: with one for all, every insert walks all the others.  With POLICIES
 * (at most 4) each SA is followed by as many policies for its if_id.  Prints the seconds.
 */
#include <arpa/inet.h>
#include <linux/netlink.h>
#include <linux/xfrm.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define MESSAGE_MAX 512

struct writer {
	int fd;
	unsigned int batch; /* messages a send */
	unsigned int count; /* messages that wait */
	unsigned int errors;
	size_t used;
	struct nlmsghdr *last;
	char *buffer;
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

/* Sends what waits and reads until the last message is answered. */
static void send_batch(struct writer *w)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	char reply[65536];
	struct nlmsghdr *m = (void *)reply;
	int len;

	if (!w->count)
		return;
	w->last->nlmsg_flags |= NLM_F_ACK;
	if (sendto(w->fd, w->buffer, w->used, 0, (void *)&kernel, sizeof(kernel)) < 0)
		fail("sendto");
	len = recv(w->fd, reply, sizeof(reply), 0);
	if (len < 0)
		fail("recv");
	for (; NLMSG_OK(m, len); m = NLMSG_NEXT(m, len))
		w->errors += ((struct nlmsgerr *)NLMSG_DATA(m))->error != 0;
	w->count = 0;
	w->used = 0;
}

static void *begin(struct writer *w, uint16_t type, uint16_t flags, size_t size)
{
	struct nlmsghdr *h;

	if (w->count == w->batch)
		send_batch(w);
	h = (void *)(w->buffer + w->used);
	memset(h, 0, MESSAGE_MAX);
	h->nlmsg_type = type;
	h->nlmsg_flags = NLM_F_REQUEST | flags;
	h->nlmsg_len = NLMSG_LENGTH(size);
	w->last = h;
	return NLMSG_DATA(h);
}

static void *attribute(struct writer *w, uint16_t type, size_t len)
{
	struct nlmsghdr *h = w->last;
	struct nlattr *a = (void *)((char *)h + NLMSG_ALIGN(h->nlmsg_len));

	a->nla_type = type;
	a->nla_len = NLA_HDRLEN + len;
	h->nlmsg_len = NLMSG_ALIGN(h->nlmsg_len) + NLA_ALIGN(a->nla_len);
	return (char *)a + NLA_HDRLEN;
}

static void end(struct writer *w)
{
	w->used += NLMSG_ALIGN(w->last->nlmsg_len);
	w->count++;
}

static void put_sa(struct writer *w, uint32_t i)
{
	struct xfrm_usersa_info *s = begin(w, XFRM_MSG_NEWSA, NLM_F_CREATE | NLM_F_EXCL, sizeof(*s));
	struct xfrm_replay_state_esn *replay;
	struct xfrm_algo_aead *alg;

	s->id.daddr.a4 = inet_addr("10.9.0.1");
	s->saddr.a4 = inet_addr("10.9.0.2");
	s->id.spi = htonl(0x90000000u + i);
	s->id.proto = IPPROTO_ESP;
	s->family = AF_INET;
	s->mode = XFRM_MODE_TUNNEL;
	s->flags = XFRM_STATE_AF_UNSPEC;
	s->reqid = i + 1;
	s->lft.soft_byte_limit = s->lft.hard_byte_limit = XFRM_INF;
	s->lft.soft_packet_limit = s->lft.hard_packet_limit = XFRM_INF;
	s->lft.hard_add_expires_seconds = 4000;
	alg = attribute(w, XFRMA_ALG_AEAD, sizeof(*alg) + 36);
	strcpy(alg->alg_name, "rfc4106(gcm(aes))");
	alg->alg_key_len = 36 * 8;
	alg->alg_icv_len = 128;
	memcpy(alg->alg_key, &i, sizeof(i));
	replay = attribute(w, XFRMA_REPLAY_ESN_VAL, sizeof(*replay) + 8);
	replay->bmp_len = 2;
	replay->replay_window = 64;
	*(uint32_t *)attribute(w, XFRMA_IF_ID, sizeof(i)) = i + 1;
	end(w);
}

static void put_policy(struct writer *w, uint32_t i, unsigned int number)
{
	struct xfrm_userpolicy_info *p = begin(w, XFRM_MSG_UPDPOLICY, 0, sizeof(*p));
	struct xfrm_user_tmpl *tmpl;

	p->sel.family = number & 1 ? AF_INET6 : AF_INET;
	p->dir = number & 2 ? XFRM_POLICY_FWD : XFRM_POLICY_IN;
	p->lft.soft_byte_limit = p->lft.hard_byte_limit = XFRM_INF;
	p->lft.soft_packet_limit = p->lft.hard_packet_limit = XFRM_INF;
	tmpl = attribute(w, XFRMA_TMPL, sizeof(*tmpl));
	tmpl->id.proto = IPPROTO_ESP;
	tmpl->mode = XFRM_MODE_TUNNEL;
	tmpl->family = p->sel.family;
	tmpl->aalgos = tmpl->ealgos = tmpl->calgos = ~0u;
	*(uint32_t *)attribute(w, XFRMA_IF_ID, sizeof(i)) = i + 1;
	end(w);
}

int main(int argc, char **argv)
{
	unsigned int count = argc > 1 ? atoi(argv[1]) : 10000;
	unsigned int policies = argc > 3 ? atoi(argv[3]) : 0;
	struct writer w = { .batch = argc > 2 ? atoi(argv[2]) : 64 };
	int size = 4 << 20;
	double start;

	w.fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_XFRM);
	w.buffer = malloc((size_t)w.batch * MESSAGE_MAX);
	if (w.fd < 0 || !w.buffer)
		fail("NETLINK_XFRM");
	setsockopt(w.fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	setsockopt(w.fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	start = now();
	for (uint32_t i = 0; i < count; i++) {
		put_sa(&w, i);
		for (unsigned int j = 0; j < policies; j++)
			put_policy(&w, i, j);
	}
	send_batch(&w);
	printf("%.6f\n", now() - start);
	if (w.errors)
		fprintf(stderr, "%u errors\n", w.errors);
	return w.errors != 0;
}
