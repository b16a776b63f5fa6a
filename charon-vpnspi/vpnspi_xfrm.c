// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel's SA and policy databases; see vpnspi_xfrm.h.
 *
 * Label SAs are made with XFRM_MSG_NEWSA alone.  ALLOCSPI would look through
 * all SAs for the SPI, and is not needed: prefixes keep SPIs apart.  Every SA
 * has a reqid of its own because the kernel's insert walks all SAs of the same
 * addresses and reqid.
 *
 * A batch holds keys until it is sent; it is wiped then.  NETLINK_CAP_ACK keeps
 * the kernel from sending a refused message, keys and all, back.
 */
#include "vpnspi_xfrm.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/udp.h>
#include <linux/xfrm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MESSAGE_MAX   768
#define REPLY_MAX     65536
#define SOCKET_BUFFER (4 << 20)

struct vpnspi_xfrm {
	int fd;
	uint32_t seq; /* of the next message */
	int error;    /* first since the last flush */
	char said[128];
	unsigned int count;
	size_t used;
	int *result[VPNSPI_XFRM_BATCH];
	size_t last; /* where the last message begins */
	uint8_t batch[VPNSPI_XFRM_BATCH * MESSAGE_MAX];
	uint8_t reply[REPLY_MAX];
};

/* ---- socket */

static void set_option(int fd, int level, int option, int value)
{
	/* without them it is slower or says less; nothing else is lost */
	(void)setsockopt(fd, level, option, &value, sizeof(value));
}

struct vpnspi_xfrm *vpnspi_xfrm_open(char *reason, size_t reason_size)
{
	struct sockaddr_nl any = { .nl_family = AF_NETLINK };
	struct vpnspi_xfrm *xfrm = calloc(1, sizeof(*xfrm));

	if (!xfrm) {
		snprintf(reason, reason_size, "out of memory");
		return NULL;
	}
	xfrm->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_XFRM);
	if (xfrm->fd < 0 || bind(xfrm->fd, (struct sockaddr *)&any, sizeof(any)) < 0) {
		snprintf(reason, reason_size, "the kernel has no XFRM (CONFIG_XFRM_USER): %s",
			 strerror(errno));
		if (xfrm->fd >= 0)
			close(xfrm->fd);
		free(xfrm);
		return NULL;
	}
	set_option(xfrm->fd, SOL_SOCKET, SO_SNDBUFFORCE, SOCKET_BUFFER);
	set_option(xfrm->fd, SOL_SOCKET, SO_RCVBUFFORCE, SOCKET_BUFFER);
	set_option(xfrm->fd, SOL_NETLINK, NETLINK_CAP_ACK, 1);
	set_option(xfrm->fd, SOL_NETLINK, NETLINK_EXT_ACK, 1);
	return xfrm;
}

void vpnspi_xfrm_close(struct vpnspi_xfrm *xfrm)
{
	if (!xfrm)
		return;
	close(xfrm->fd);
	explicit_bzero(xfrm->batch, sizeof(xfrm->batch));
	free(xfrm);
}

const char *vpnspi_xfrm_said(const struct vpnspi_xfrm *xfrm)
{
	return xfrm->said;
}

/* ---- replies */

/* Keeps the kernel's own words about an error, if it has any. */
static void hear(struct vpnspi_xfrm *xfrm, const struct nlmsghdr *h, const struct nlmsgerr *err)
{
	size_t offset = NLMSG_LENGTH(sizeof(*err));
	const struct nlattr *a;

	if (!(h->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!(h->nlmsg_flags & NLM_F_CAPPED))
		offset += NLMSG_ALIGN(err->msg.nlmsg_len) - sizeof(struct nlmsghdr);
	while (offset + NLA_HDRLEN <= h->nlmsg_len) {
		a = (const void *)((const uint8_t *)h + offset);
		if (a->nla_len < NLA_HDRLEN || offset + a->nla_len > h->nlmsg_len)
			return;
		if (a->nla_type == NLMSGERR_ATTR_MSG)
			snprintf(xfrm->said, sizeof(xfrm->said), "%.*s", a->nla_len - NLA_HDRLEN,
				 (const char *)a + NLA_HDRLEN);
		offset += NLA_ALIGN(a->nla_len);
	}
}

/* One answer to the batch whose first message was number first.  True: it was the last. */
static bool take_reply(struct vpnspi_xfrm *xfrm, const struct nlmsghdr *h, uint32_t first)
{
	const struct nlmsgerr *err = NLMSG_DATA(h);
	uint32_t index = h->nlmsg_seq - first;

	if (h->nlmsg_type != NLMSG_ERROR || h->nlmsg_len < NLMSG_LENGTH(sizeof(*err)) ||
	    index >= xfrm->count)
		return false; /* not an answer to this batch */
	if (err->error) {
		hear(xfrm, h, err);
		*xfrm->result[index] = -err->error;
		if (!xfrm->error)
			xfrm->error = -err->error;
	}
	return index == xfrm->count - 1;
}

/* Reads until the last message of the batch is answered.  0 or an errno. */
static int read_replies(struct vpnspi_xfrm *xfrm, uint32_t first)
{
	bool done = false;

	while (!done) {
		struct nlmsghdr *h = (void *)xfrm->reply;
		ssize_t len = recv(xfrm->fd, xfrm->reply, sizeof(xfrm->reply), 0);

		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return errno;
		for (; NLMSG_OK(h, len); h = NLMSG_NEXT(h, len))
			done |= take_reply(xfrm, h, first);
	}
	return 0;
}

/* ---- batches */

/* The whole batch failed alike. */
static void fail_batch(struct vpnspi_xfrm *xfrm, int error)
{
	for (unsigned int i = 0; i < xfrm->count; i++)
		*xfrm->result[i] = error;
	xfrm->error = error;
}

static void send_batch(struct vpnspi_xfrm *xfrm)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct nlmsghdr *last = (void *)(xfrm->batch + xfrm->last);
	uint32_t first = xfrm->seq - xfrm->count;
	ssize_t sent;
	int error;

	if (!xfrm->count)
		return;
	last->nlmsg_flags |= NLM_F_ACK;
	do {
		sent = sendto(xfrm->fd, xfrm->batch, xfrm->used, 0, (void *)&kernel, sizeof(kernel));
	} while (sent < 0 && errno == EINTR);
	error = sent < 0 ? errno : read_replies(xfrm, first);
	if (error)
		fail_batch(xfrm, error);
	explicit_bzero(xfrm->batch, xfrm->used);
	xfrm->used = 0;
	xfrm->count = 0;
}

int vpnspi_xfrm_flush(struct vpnspi_xfrm *xfrm)
{
	int error;

	send_batch(xfrm);
	error = xfrm->error;
	xfrm->error = 0;
	return error;
}

/* Starts a message with a fixed part of size octets (netlink aligns to 4, structs may want 8). */
static void put_message(struct vpnspi_xfrm *xfrm, uint16_t type, uint16_t flags, const void *fixed,
			size_t size, int *result)
{
	struct nlmsghdr *h;

	if (xfrm->count == VPNSPI_XFRM_BATCH)
		send_batch(xfrm);
	xfrm->last = xfrm->used;
	h = (void *)(xfrm->batch + xfrm->used);
	memset(h, 0, NLMSG_SPACE(size));
	h->nlmsg_type = type;
	h->nlmsg_flags = NLM_F_REQUEST | flags;
	h->nlmsg_len = NLMSG_LENGTH(size);
	h->nlmsg_seq = xfrm->seq++;
	xfrm->used += NLMSG_SPACE(size);
	xfrm->result[xfrm->count++] = result;
	*result = 0;
	memcpy(NLMSG_DATA(h), fixed, size);
}

/* Adds an attribute of size octets to the last message; its zeroed payload is returned. */
static void *put_attribute(struct vpnspi_xfrm *xfrm, uint16_t type, size_t size)
{
	struct nlmsghdr *h = (void *)(xfrm->batch + xfrm->last);
	struct nlattr *a = (void *)(xfrm->batch + xfrm->used);

	memset(a, 0, NLA_HDRLEN + NLA_ALIGN(size));
	a->nla_type = type;
	a->nla_len = NLA_HDRLEN + size;
	xfrm->used += NLA_HDRLEN + NLA_ALIGN(size);
	h->nlmsg_len = xfrm->used - xfrm->last;
	return (uint8_t *)a + NLA_HDRLEN;
}

static void put_attribute_u32(struct vpnspi_xfrm *xfrm, uint16_t type, uint32_t value)
{
	memcpy(put_attribute(xfrm, type, sizeof(value)), &value, sizeof(value));
}

/* ---- SAs */

static void copy_address(xfrm_address_t *to, const struct vpnspi_addr *from)
{
	memcpy(to, from->octets, from->family == AF_INET ? 4 : 16);
}

static uint64_t limit(uint64_t value)
{
	return value ? value : XFRM_INF;
}

static void fill_limits(struct xfrm_lifetime_cfg *lft, const struct vpnspi_form *form, uint32_t life)
{
	lft->soft_byte_limit = limit(form->soft_bytes);
	lft->hard_byte_limit = limit(form->hard_bytes);
	lft->soft_packet_limit = limit(form->soft_packets);
	lft->hard_packet_limit = limit(form->hard_packets);
	lft->hard_add_expires_seconds = life;
}

static uint8_t sa_flags(const struct vpnspi_form *form)
{
	/* one SA carries IPv4 and IPv6 */
	uint8_t flags = XFRM_STATE_AF_UNSPEC;

	if (form->no_df)
		flags |= XFRM_STATE_NOPMTUDISC;
	if (form->no_ecn)
		flags |= XFRM_STATE_NOECN;
	if (form->decap_dscp)
		flags |= XFRM_STATE_DECAP_DSCP;
	if (form->esn)
		flags |= XFRM_STATE_ESN;
	return flags;
}

static void put_aead(struct vpnspi_xfrm *xfrm, const struct vpnspi_form *form, const uint8_t *key)
{
	struct xfrm_algo_aead *alg = put_attribute(xfrm, XFRMA_ALG_AEAD,
						   sizeof(*alg) + form->enc_len);

	snprintf(alg->alg_name, sizeof(alg->alg_name), "%s", form->enc->name);
	alg->alg_key_len = form->enc_len * 8;
	alg->alg_icv_len = form->enc->icv;
	memcpy(alg->alg_key, key, form->enc_len);
}

static void put_crypt_and_auth(struct vpnspi_xfrm *xfrm, const struct vpnspi_form *form,
			       const uint8_t *key)
{
	struct xfrm_algo *crypt = put_attribute(xfrm, XFRMA_ALG_CRYPT,
						sizeof(*crypt) + form->enc_len);
	struct xfrm_algo_auth *auth;

	snprintf(crypt->alg_name, sizeof(crypt->alg_name), "%s", form->enc->name);
	crypt->alg_key_len = form->enc_len * 8;
	memcpy(crypt->alg_key, key, form->enc_len);
	auth = put_attribute(xfrm, XFRMA_ALG_AUTH_TRUNC, sizeof(*auth) + form->integ_len);
	snprintf(auth->alg_name, sizeof(auth->alg_name), "%s", form->integ->name);
	auth->alg_key_len = form->integ_len * 8;
	auth->alg_trunc_len = form->integ->icv;
	memcpy(auth->alg_key, key + form->enc_len, form->integ_len);
}

static void put_encap(struct vpnspi_xfrm *xfrm, const struct vpnspi_form *form)
{
	struct xfrm_encap_tmpl *encap = put_attribute(xfrm, XFRMA_ENCAP, sizeof(*encap));

	encap->encap_type = UDP_ENCAP_ESPINUDP;
	encap->encap_sport = htons(form->sport);
	encap->encap_dport = htons(form->dport);
}

/* A window over 32 packets and ESN are only known to the newer attribute. */
static void put_window(struct vpnspi_xfrm *xfrm, const struct vpnspi_form *form)
{
	uint32_t words = (form->window + 31) / 32;
	struct xfrm_replay_state_esn *replay = put_attribute(xfrm, XFRMA_REPLAY_ESN_VAL,
							     sizeof(*replay) + words * 4);

	replay->bmp_len = words;
	replay->replay_window = form->window;
}

void vpnspi_xfrm_put_sa(struct vpnspi_xfrm *xfrm, const struct vpnspi_form *form, bool replace,
			uint32_t spi, uint32_t reqid, uint32_t if_id, uint32_t life,
			const uint8_t *key, int *result)
{
	struct xfrm_usersa_info sa = {
		.id = { .spi = htonl(spi), .proto = IPPROTO_ESP },
		.family = form->src.family,
		.mode = XFRM_MODE_TUNNEL,
		.reqid = reqid,
		.flags = sa_flags(form),
	};

	copy_address(&sa.saddr, &form->src);
	copy_address(&sa.id.daddr, &form->dst);
	fill_limits(&sa.lft, form, life);
	put_message(xfrm, replace ? XFRM_MSG_UPDSA : XFRM_MSG_NEWSA,
		    replace ? 0 : NLM_F_CREATE | NLM_F_EXCL, &sa, sizeof(sa), result);
	if (form->enc->aead)
		put_aead(xfrm, form, key);
	else
		put_crypt_and_auth(xfrm, form, key);
	put_window(xfrm, form);
	if (form->sport)
		put_encap(xfrm, form);
	if (form->no_encap_dscp)
		put_attribute_u32(xfrm, XFRMA_SA_EXTRA_FLAGS, XFRM_SA_XFLAG_DONT_ENCAP_DSCP);
	put_attribute_u32(xfrm, XFRMA_IF_ID, if_id);
}

static void put_del_sa(struct vpnspi_xfrm *xfrm, const xfrm_address_t *dst, uint16_t family,
		       uint32_t spi_be, int *result)
{
	struct xfrm_usersa_id id = {
		.daddr = *dst,
		.spi = spi_be,
		.family = family,
		.proto = IPPROTO_ESP,
	};

	put_message(xfrm, XFRM_MSG_DELSA, 0, &id, sizeof(id), result);
}

void vpnspi_xfrm_del_sa(struct vpnspi_xfrm *xfrm, const struct vpnspi_form *form, uint32_t spi,
			int *result)
{
	xfrm_address_t dst = { 0 };

	copy_address(&dst, &form->dst);
	put_del_sa(xfrm, &dst, form->dst.family, htonl(spi), result);
}

/* ---- policies */

static const uint8_t kernel_dir[] = {
	[VPNSPI_POLICY_IN] = XFRM_POLICY_IN,
	[VPNSPI_POLICY_OUT] = XFRM_POLICY_OUT,
	[VPNSPI_POLICY_FWD] = XFRM_POLICY_FWD,
};

static void put_template(struct vpnspi_xfrm *xfrm, const struct vpnspi_form *form, uint32_t reqid,
			 uint16_t inner_family)
{
	struct xfrm_user_tmpl *tmpl = put_attribute(xfrm, XFRMA_TMPL, sizeof(*tmpl));

	tmpl->id.proto = IPPROTO_ESP;
	tmpl->mode = XFRM_MODE_TUNNEL;
	tmpl->reqid = reqid;
	tmpl->family = form ? form->src.family : inner_family;
	tmpl->aalgos = tmpl->ealgos = tmpl->calgos = ~0u;
	if (!form)
		return;
	copy_address(&tmpl->saddr, &form->src);
	copy_address(&tmpl->id.daddr, &form->dst);
}

void vpnspi_xfrm_put_policy(struct vpnspi_xfrm *xfrm, enum vpnspi_policy_dir dir,
			    uint16_t inner_family, uint32_t if_id, const struct vpnspi_form *form,
			    uint32_t reqid, int *result)
{
	struct xfrm_userpolicy_info policy = {
		.sel = { .family = inner_family },
		.lft = { .soft_byte_limit = XFRM_INF,
			 .hard_byte_limit = XFRM_INF,
			 .soft_packet_limit = XFRM_INF,
			 .hard_packet_limit = XFRM_INF },
		.dir = kernel_dir[dir],
		.priority = VPNSPI_POLICY_PRIORITY,
		.action = XFRM_POLICY_ALLOW,
		.share = XFRM_SHARE_ANY,
	};

	put_message(xfrm, XFRM_MSG_UPDPOLICY, 0, &policy, sizeof(policy), result);
	put_template(xfrm, form, reqid, inner_family);
	put_attribute_u32(xfrm, XFRMA_IF_ID, if_id);
}

void vpnspi_xfrm_del_policy(struct vpnspi_xfrm *xfrm, enum vpnspi_policy_dir dir,
			    uint16_t inner_family, uint32_t if_id, int *result)
{
	struct xfrm_userpolicy_id id = {
		.sel = { .family = inner_family },
		.dir = kernel_dir[dir],
	};

	put_message(xfrm, XFRM_MSG_DELPOLICY, 0, &id, sizeof(id), result);
	put_attribute_u32(xfrm, XFRMA_IF_ID, if_id);
}

/* ---- dumps */

typedef void (*dump_cb)(const struct nlmsghdr *h, void *data);

/* Sends a dump request that is in h and calls back for each message.  0 or an errno. */
static int dump_read(struct vpnspi_xfrm *xfrm, struct nlmsghdr *h, dump_cb cb, void *data)
{
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	h->nlmsg_seq = xfrm->seq++;
	if (send(xfrm->fd, h, h->nlmsg_len, 0) < 0)
		return errno;
	for (;;) {
		struct nlmsghdr *m = (void *)xfrm->reply;
		ssize_t len = recv(xfrm->fd, xfrm->reply, sizeof(xfrm->reply), 0);

		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return errno;
		for (; NLMSG_OK(m, len); m = NLMSG_NEXT(m, len)) {
			if (m->nlmsg_seq != h->nlmsg_seq)
				continue;
			if (m->nlmsg_type == NLMSG_DONE)
				return 0;
			if (m->nlmsg_type == NLMSG_ERROR)
				return -((struct nlmsgerr *)NLMSG_DATA(m))->error;
			cb(m, data);
		}
	}
}

/* The same; SAs are dumped with their keys. */
static int dump(struct vpnspi_xfrm *xfrm, struct nlmsghdr *h, dump_cb cb, void *data)
{
	int error = dump_read(xfrm, h, cb, data);

	explicit_bzero(xfrm->reply, sizeof(xfrm->reply));
	return error;
}

/* The fixed part of a message (netlink aligns to 4, structs may want 8).  False: it is too short. */
static bool get_fixed(const struct nlmsghdr *h, void *fixed, size_t size)
{
	if (h->nlmsg_len < NLMSG_LENGTH(size))
		return false;
	memcpy(fixed, NLMSG_DATA(h), size);
	return true;
}

/* The payload of an attribute, at least size octets, or NULL. */
static const void *find_attribute(const struct nlmsghdr *h, size_t fixed, uint16_t type, size_t size)
{
	size_t offset = NLMSG_SPACE(fixed);

	while (offset + NLA_HDRLEN <= h->nlmsg_len) {
		const struct nlattr *a = (const void *)((const uint8_t *)h + offset);

		if (a->nla_len < NLA_HDRLEN || offset + a->nla_len > h->nlmsg_len)
			return NULL;
		if ((a->nla_type & NLA_TYPE_MASK) == type)
			return a->nla_len >= NLA_HDRLEN + size ? (const uint8_t *)a + NLA_HDRLEN
							       : NULL;
		offset += NLA_ALIGN(a->nla_len);
	}
	return NULL;
}

struct count_request {
	struct vpn_spi_prefix prefix;
	struct vpnspi_counts *counts;
};

static void count_one(const struct nlmsghdr *h, void *data)
{
	struct count_request *request = data;
	struct xfrm_usersa_info sa;
	uint64_t seconds;
	const void *last;

	if (!get_fixed(h, &sa, sizeof(sa)) || !(sa.reqid & VPNSPI_REQID_BASE) ||
	    !vpn_spi_in_pool(&request->prefix, ntohl(sa.id.spi)))
		return;
	request->counts->sas++;
	request->counts->bytes += sa.curlft.bytes;
	request->counts->packets += sa.curlft.packets;
	last = find_attribute(h, sizeof(sa), XFRMA_LASTUSED, sizeof(seconds));
	if (last) {
		memcpy(&seconds, last, sizeof(seconds));
		if (seconds > request->counts->last_used)
			request->counts->last_used = seconds;
	}
}

int vpnspi_xfrm_count(struct vpnspi_xfrm *xfrm, const struct vpnspi_form *form,
		      const struct vpn_spi_prefix *prefix, struct vpnspi_counts *counts)
{
	struct {
		struct nlmsghdr h;
		struct nlattr a;
		struct xfrm_address_filter filter;
	} request = {
		.h = { .nlmsg_type = XFRM_MSG_GETSA, .nlmsg_len = sizeof(request) },
		.a = { .nla_type = XFRMA_ADDRESS_FILTER,
		       .nla_len = NLA_HDRLEN + sizeof(request.filter) },
	};
	struct count_request count = { *prefix, counts };
	uint8_t bits = form->src.family == AF_INET ? 32 : 128;

	memset(counts, 0, sizeof(*counts));
	copy_address(&request.filter.saddr, &form->src);
	copy_address(&request.filter.daddr, &form->dst);
	request.filter.family = form->src.family;
	request.filter.splen = request.filter.dplen = bits;
	return dump(xfrm, &request.h, count_one, &count);
}

/* ---- SAs of others */

/* What a policy for one protocol between two hosts names its SAs by. */
struct host_policy {
	struct vpnspi_addr src, dst;
	uint32_t reqid;
	uint8_t protocol;
};

struct other_request {
	struct host_policy *policies;
	unsigned int count, room;
	void (*each)(const struct vpnspi_xfrm_sa *sa, void *arg);
	void *arg;
};

static bool more_room(void **array, unsigned int *room, size_t size)
{
	unsigned int wanted = *room ? *room * 2 : 64;
	void *bigger = realloc(*array, wanted * size);

	if (!bigger)
		return false;
	*array = bigger;
	*room = wanted;
	return true;
}

static struct vpnspi_addr read_address(const xfrm_address_t *from, uint16_t family)
{
	struct vpnspi_addr addr = { .family = family };

	memcpy(addr.octets, from, family == AF_INET ? 4 : 16);
	return addr;
}

static void host_policy_one(const struct nlmsghdr *h, void *data)
{
	struct other_request *request = data;
	struct xfrm_userpolicy_info policy;
	struct xfrm_user_tmpl tmpl;
	const void *found;

	if (!get_fixed(h, &policy, sizeof(policy)) || !policy.sel.proto ||
	    (policy.sel.family != AF_INET && policy.sel.family != AF_INET6))
		return;
	found = find_attribute(h, sizeof(policy), XFRMA_TMPL, sizeof(tmpl));
	if (!found)
		return;
	memcpy(&tmpl, found, sizeof(tmpl));
	if (!tmpl.reqid ||
	    (request->count == request->room &&
	     !more_room((void **)&request->policies, &request->room, sizeof(*request->policies))))
		return;
	request->policies[request->count++] = (struct host_policy){
		.src = read_address(&policy.sel.saddr, policy.sel.family),
		.dst = read_address(&policy.sel.daddr, policy.sel.family),
		.reqid = tmpl.reqid,
		.protocol = policy.sel.proto,
	};
}

/* charon puts no protocol into an SA's selector; its policy has it. */
static uint8_t protocol_of(const struct other_request *request, const struct vpnspi_xfrm_sa *sa,
			   uint32_t reqid)
{
	const struct host_policy *policy;

	for (unsigned int i = 0; i < request->count; i++) {
		policy = &request->policies[i];
		if (policy->reqid == reqid && !memcmp(&policy->src, &sa->src, sizeof(sa->src)) &&
		    !memcmp(&policy->dst, &sa->dst, sizeof(sa->dst)))
			return policy->protocol;
	}
	return 0;
}

static void other_one(const struct nlmsghdr *h, void *data)
{
	struct other_request *request = data;
	struct vpnspi_xfrm_sa found = { 0 };
	struct xfrm_usersa_info sa;
	const void *if_id;

	/* without an SPI it is what an acquire holds the place with */
	if (!get_fixed(h, &sa, sizeof(sa)) || sa.id.proto != IPPROTO_ESP || !sa.id.spi ||
	    (sa.reqid & VPNSPI_REQID_BASE) || (sa.family != AF_INET && sa.family != AF_INET6))
		return;
	found.src = read_address(&sa.saddr, sa.family);
	found.dst = read_address(&sa.id.daddr, sa.family);
	found.spi = ntohl(sa.id.spi);
	found.protocol = protocol_of(request, &found, sa.reqid);
	found.transport = sa.mode == XFRM_MODE_TRANSPORT;
	if_id = find_attribute(h, sizeof(sa), XFRMA_IF_ID, sizeof(found.if_id));
	if (if_id)
		memcpy(&found.if_id, if_id, sizeof(found.if_id));
	request->each(&found, request->arg);
}

int vpnspi_xfrm_each_other(struct vpnspi_xfrm *xfrm,
			   void (*each)(const struct vpnspi_xfrm_sa *sa, void *arg), void *arg)
{
	struct nlmsghdr get_sas = { .nlmsg_type = XFRM_MSG_GETSA, .nlmsg_len = sizeof(get_sas) };
	struct nlmsghdr get_policies = { .nlmsg_type = XFRM_MSG_GETPOLICY,
					 .nlmsg_len = sizeof(get_policies) };
	struct other_request request = { .each = each, .arg = arg };
	int error = dump(xfrm, &get_policies, host_policy_one, &request);

	if (!error)
		error = dump(xfrm, &get_sas, other_one, &request);
	free(request.policies);
	return error;
}

void vpnspi_xfrm_del_other(struct vpnspi_xfrm *xfrm, const struct vpnspi_xfrm_sa *sa, int *result)
{
	xfrm_address_t dst = { 0 };

	copy_address(&dst, &sa->dst);
	put_del_sa(xfrm, &dst, sa->dst.family, htonl(sa->spi), result);
}

/* ---- what a predecessor left */

struct found {
	struct xfrm_usersa_info *sa;
	struct xfrm_userpolicy_info *policy;
	uint32_t *if_id; /* of each policy */
	unsigned int sas, policies, sa_room, policy_room;
	bool no_memory;
};

static void find_sa(const struct nlmsghdr *h, void *data)
{
	struct found *found = data;
	struct xfrm_usersa_info sa;

	if (!get_fixed(h, &sa, sizeof(sa)) || sa.id.proto != IPPROTO_ESP ||
	    !(sa.reqid & VPNSPI_REQID_BASE))
		return;
	if (found->sas == found->sa_room &&
	    !more_room((void **)&found->sa, &found->sa_room, sizeof(sa))) {
		found->no_memory = true;
		return;
	}
	found->sa[found->sas++] = sa;
}

static void find_policy(const struct nlmsghdr *h, void *data)
{
	struct found *found = data;
	struct xfrm_userpolicy_info policy;
	const uint32_t *if_id;
	unsigned int room = found->policy_room;

	if (!get_fixed(h, &policy, sizeof(policy)) || policy.priority != VPNSPI_POLICY_PRIORITY)
		return;
	if_id = find_attribute(h, sizeof(policy), XFRMA_IF_ID, sizeof(*if_id));
	if (!if_id)
		return;
	if (found->policies == found->policy_room &&
	    (!more_room((void **)&found->policy, &found->policy_room, sizeof(policy)) ||
	     !more_room((void **)&found->if_id, &room, sizeof(*if_id)))) {
		found->no_memory = true;
		return;
	}
	found->if_id[found->policies] = *if_id;
	found->policy[found->policies++] = policy;
}

static void delete_found(struct vpnspi_xfrm *xfrm, const struct found *found, int *result)
{
	for (unsigned int i = 0; i < found->policies; i++) {
		struct xfrm_userpolicy_id id = {
			.sel = found->policy[i].sel,
			.dir = found->policy[i].dir,
		};

		put_message(xfrm, XFRM_MSG_DELPOLICY, 0, &id, sizeof(id), result);
		put_attribute_u32(xfrm, XFRMA_IF_ID, found->if_id[i]);
	}
	for (unsigned int i = 0; i < found->sas; i++)
		put_del_sa(xfrm, &found->sa[i].id.daddr, found->sa[i].family, found->sa[i].id.spi,
			   result);
}

int vpnspi_xfrm_purge(struct vpnspi_xfrm *xfrm, unsigned int *sas, unsigned int *policies)
{
	struct nlmsghdr get_sas = { .nlmsg_type = XFRM_MSG_GETSA, .nlmsg_len = sizeof(get_sas) };
	struct nlmsghdr get_policies = { .nlmsg_type = XFRM_MSG_GETPOLICY,
					 .nlmsg_len = sizeof(get_policies) };
	struct found found = { 0 };
	int error, result;

	error = dump(xfrm, &get_sas, find_sa, &found);
	if (!error)
		error = dump(xfrm, &get_policies, find_policy, &found);
	delete_found(xfrm, &found, &result);
	(void)vpnspi_xfrm_flush(xfrm); /* ENOENT: it expired meanwhile */
	*sas = found.sas;
	*policies = found.policies;
	free(found.sa);
	free(found.policy);
	free(found.if_id);
	return error ? error : found.no_memory ? ENOMEM : 0;
}
