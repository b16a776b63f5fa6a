// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Between libnetconf2 and what it reads from and writes to.
 *
 * libnetconf2 3.7.1 bounds neither a message nor how many connect, nor how long
 * it tries to write, and hands out no descriptor that one could wait for. It
 * reads by ssh_channel_read() of libssh and SSL_read() of OpenSSL, writes by
 * ssh_channel_write() and SSL_write(), and gets connections by accept() and, when
 * it calls home, connect(). These are defined here once more: the dynamic linker
 * takes the program's own before a library's, so libnetconf2 calls ours, which
 * call the real ones, look at what came (netconf_framing.c), and at how much was
 * taken (netconf_pace.c). listen() is
 * here for a longer queue: those that find none come again a second later.
 *
 * A connection is one thread's at a time, so what is known of it is the
 * thread's. A thread of which nothing was said here is none of ours: its calls
 * pass through. A connect() in such a thread is libnetconf2 calling home: nobody
 * else in this program connects to the network. Whether it may, and what became
 * of it, is netconf_home.c's.
 *
 * Refusing means that the read or write fails: libnetconf2 ends the session.
 */
#include <zebra.h>

#include <dlfcn.h>
#include <poll.h>
#include <openssl/ssl.h>

#include "netconfd/netconf_framing.h"
#include "netconfd/netconf_guard.h"
#include "netconfd/netconf_home.h"
#include "netconfd/netconf_nc.h"
#include "netconfd/netconf_pace.h"

/* How long a connection may take that is called home. */
#define CONNECT_MSEC 5000

/* How many may have connected before they are accepted; libnetconf2 has 5. */
#define BACKLOG_MIN 1024

/* A <hello> names capabilities, a few kilobytes of them. */
#define HELLO_MAX (256 * 1024)

/* How long at a time it is waited for a client that takes nothing. */
#define WRITE_MSEC 100

static _Thread_local struct {
	bool on;
	bool worker;  /* a thread of ours */
	bool not_now; /* libnetconf2 called home, and it was not the time */
	int fd;
	bool (*admit)(int fd, const struct sockaddr *from);
	struct netconf_framing framing;
	uint64_t handed;		/* bytes that libssh took */
	struct netconf_pace to_channel; /* as the client's window lets it */
	struct netconf_pace to_network; /* as the client's TCP acknowledges */
} guard = { .fd = -1 };

/* The next definition of a function: the library's. */
static void *real(const char *name)
{
	void *function = dlsym(RTLD_NEXT, name);

	assertf(function, "no library has %s()", name);
	return function;
}

static void guard_start(int fd)
{
	guard.on = true;
	guard.fd = fd;
	guard.handed = 0;
	netconf_pace_done(&guard.to_channel);
	netconf_pace_done(&guard.to_network);
	netconf_framing_start(&guard.framing, HELLO_MAX);
}

void netconf_guard_accepting(bool (*admit)(int fd, const struct sockaddr *from))
{
	guard_start(-1);
	guard.worker = true;
	guard.admit = admit;
}

void netconf_guard_adopt(int fd)
{
	guard_start(fd);
	guard.worker = true;
}

int netconf_guard_socket(void)
{
	return guard.fd;
}

void netconf_guard_messages(bool chunked, size_t limit)
{
	if (!guard.on)
		guard_start(-1);
	guard.worker = true;
	/* in chunks, where a message ends is seen in what comes */
	if (!chunked || guard.framing.frame == NETCONF_FRAME_EOM || guard.framing.limit != limit)
		netconf_framing_messages(&guard.framing, chunked, limit);
}

const char *netconf_guard_refused(void)
{
	return guard.on ? guard.framing.refused : NULL;
}

void netconf_guard_end(void)
{
	guard.on = false;
	guard.fd = -1;
	guard.admit = NULL;
}

/* May what was read be used? */
static bool guard_passes(const void *bytes, int count)
{
	return !guard.on || count <= 0 || netconf_framing_bytes(&guard.framing, bytes, count);
}

int ssh_channel_read(ssh_channel channel, void *dest, uint32_t count, int is_stderr)
{
	static int (*next)(ssh_channel, void *, uint32_t, int);
	int got;

	if (!next)
		next = real("ssh_channel_read");
	got = next(channel, dest, count, is_stderr);
	return guard_passes(dest, got) ? got : SSH_ERROR;
}

int SSL_read(SSL *ssl, void *buf, int num)
{
	static int (*next)(SSL *, void *, int);
	int got;

	if (!next)
		next = real("SSL_read");
	got = next(ssl, buf, num);
	if (guard_passes(buf, got))
		return got;
	/* libnetconf2 asks OpenSSL why; an ended connection is a why */
	SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	return next(ssl, buf, num);
}

/* May it go on like this? If not, the connection ends here. */
static bool guard_holds(struct netconf_pace *pace, uint64_t taken)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (netconf_pace_holds(pace, taken, now.tv_sec * 1000LL + now.tv_nsec / 1000000))
		return true;
	guard.framing.refused = "the client does not read its replies";
	shutdown(guard.fd, SHUT_RDWR);
	return false;
}

/* libssh keeps what the network does not take, and would go on keeping. */
static bool guard_flushes(ssh_channel channel)
{
	int ret;

	while ((ret = ssh_blocking_flush(ssh_channel_get_session(channel), WRITE_MSEC)) == SSH_AGAIN)
		if (!guard_holds(&guard.to_network, netconf_pace_acknowledged(guard.fd)))
			return false;
	netconf_pace_done(&guard.to_network);
	return ret == SSH_OK;
}

int ssh_channel_write(ssh_channel channel, const void *data, uint32_t len)
{
	static int (*next)(ssh_channel, const void *, uint32_t);
	struct pollfd pfd = { .fd = guard.fd, .events = POLLIN };
	int got;

	if (!next)
		next = real("ssh_channel_write");
	got = next(channel, data, len);
	if (!guard.on || got < 0)
		return got;
	guard.handed += got;
	if (!guard_flushes(channel))
		return SSH_ERROR;
	if ((uint32_t)got == len) {
		netconf_pace_done(&guard.to_channel);
		return got;
	}
	if (!guard_holds(&guard.to_channel, guard.handed))
		return SSH_ERROR;
	/* a larger window comes as a message */
	if (!got)
		poll(&pfd, 1, WRITE_MSEC);
	return got;
}

/* OpenSSL keeps nothing: it wants to be called again until the network has taken all. */
int SSL_write(SSL *ssl, const void *buf, int num)
{
	static int (*next)(SSL *, const void *, int);
	struct pollfd pfd = { .fd = guard.fd, .events = POLLOUT };
	int got;

	if (!next)
		next = real("SSL_write");
	got = next(ssl, buf, num);
	if (!guard.on)
		return got;
	if (got > 0) {
		netconf_pace_done(&guard.to_network);
		return got;
	}
	if (SSL_get_error(ssl, got) != SSL_ERROR_WANT_WRITE)
		return got;
	if (!guard_holds(&guard.to_network, netconf_pace_acknowledged(guard.fd)))
		return next(ssl, buf, num);
	poll(&pfd, 1, WRITE_MSEC);
	return got;
}

int listen(int fd, int backlog)
{
	static int (*next)(int, int);

	if (!next)
		next = real("listen");
	return next(fd, MAX(backlog, BACKLOG_MIN));
}

int accept(int fd, struct sockaddr *addr, socklen_t *len)
{
	static int (*next)(int, struct sockaddr *, socklen_t *);
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	const socklen_t size = len ? *len : 0;
	int got;

	if (!next)
		next = real("accept");
	got = next(fd, addr, len);
	/* a flood of those that are refused must not keep the next good one waiting */
	while (guard.on && got >= 0 && guard.admit && !guard.admit(got, addr)) {
		close(got);
		errno = ECONNABORTED;
		*len = size;
		got = poll(&pfd, 1, 0) > 0 ? next(fd, addr, len) : -1;
	}
	if (guard.on && got >= 0)
		guard.fd = got;
	return got;
}

/* Waits for a connection under way; 0 or an errno. */
static int connect_wait(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };
	socklen_t len = sizeof(int);
	int error = 0;

	if (poll(&pfd, 1, CONNECT_MSEC) == 0)
		return ETIMEDOUT;
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) ? errno : error;
}

bool netconf_guard_is_quiet(void)
{
	return guard.not_now;
}

int connect(int fd, const struct sockaddr *addr, socklen_t len)
{
	static int (*next)(int, const struct sockaddr *, socklen_t);
	int error;

	if (!next)
		next = real("connect");
	if (guard.worker || (addr->sa_family != AF_INET && addr->sa_family != AF_INET6))
		return next(fd, addr, len);
	guard.not_now = !netconf_home_may_call(addr);
	if (guard.not_now) {
		errno = EAGAIN;
		return -1;
	}
	guard_start(fd);
	error = next(fd, addr, len) ? errno : 0;
	if (error == EINPROGRESS)
		error = connect_wait(fd);
	netconf_home_called(addr, error);
	errno = error;
	return error ? -1 : 0;
}
