// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A client of a Unix stream socket that keeps coming back.  See vpn_socket.h.
 */
#include <zebra.h>

#include <sys/un.h>

#include "lib/frrevent.h"
#include "lib/log.h"
#include "lib/monotime.h"
#include "lib/network.h"

#include "vpnd/vpn_apply.h"
#include "vpnd/vpn_memory.h"
#include "vpnd/vpn_socket.h"

DEFINE_MTYPE_STATIC(VPND, VPN_SOCKET, "VPN client socket");
DEFINE_MTYPE_STATIC(VPND, VPN_SOCKET_BUF, "VPN client socket buffer");

#define READ_AT_ONCE (64 * 1024)
#define STEADY_S     10 /* a connection that stood so long is missed at once when it breaks */

struct buf {
	uint8_t *data;
	size_t len;
	size_t size;
};

struct vpn_socket {
	const char *path;
	const struct vpn_socket_ops *ops;
	int fd;
	bool failed;
	unsigned int pause_ms;
	time_t connected_at; /* monotonic s */
	char reason[VPN_REASON_SIZE];
	struct buf in;
	struct buf out;
	struct event *t_connect;
	struct event *t_read;
	struct event *t_write;
};

static void socket_connect(struct event *event);

static void buf_zero_free(struct buf *buf)
{
	if (buf->data)
		explicit_bzero(buf->data, buf->size);
	XFREE(MTYPE_VPN_SOCKET_BUF, buf->data);
	memset(buf, 0, sizeof(*buf));
}

/* Room for len octets more; what was in the old place is zeroed. */
static void buf_reserve(struct buf *buf, size_t len)
{
	size_t size = buf->size ? buf->size : 4096;
	struct buf bigger;

	if (buf->len + len <= buf->size)
		return;
	while (size < buf->len + len)
		size *= 2;
	bigger = (struct buf){ XMALLOC(MTYPE_VPN_SOCKET_BUF, size), buf->len, size };
	if (buf->len)
		memcpy(bigger.data, buf->data, buf->len);
	buf_zero_free(buf);
	*buf = bigger;
}

/* Takes the first len octets off, and zeroes what is no more in use. */
static void buf_consume(struct buf *buf, size_t len)
{
	if (!len)
		return;
	memmove(buf->data, buf->data + len, buf->len - len);
	explicit_bzero(buf->data + buf->len - len, len);
	buf->len -= len;
}

static void socket_close(struct vpn_socket *sock)
{
	event_cancel(&sock->t_connect);
	event_cancel(&sock->t_read);
	event_cancel(&sock->t_write);
	if (sock->fd >= 0)
		close(sock->fd);
	sock->fd = -1;
	buf_zero_free(&sock->in);
	buf_zero_free(&sock->out);
}

/* The connection is no more, or was not made: say why, and come back. */
static void socket_down(struct vpn_socket *sock, const char *what, const char *why)
{
	char reason[VPN_REASON_SIZE];
	bool news;

	snprintf(reason, sizeof(reason), "%s %s (%s: %c%s)", sock->ops->server, what, sock->path,
		 tolower((unsigned char)why[0]), why[0] ? why + 1 : "");
	news = sock->fd >= 0 || strcmp(reason, sock->reason);
	sock->failed = sock->fd < 0;
	if (sock->fd >= 0 && monotime(NULL) - sock->connected_at >= STEADY_S)
		sock->pause_ms = VPN_SOCKET_PAUSE_MIN_MS;
	socket_close(sock);
	event_add_timer_msec(master, socket_connect, sock, sock->pause_ms, &sock->t_connect);
	sock->pause_ms = MIN(sock->pause_ms * 2, (unsigned int)VPN_SOCKET_PAUSE_MAX_MS);
	if (!news)
		return;
	strlcpy(sock->reason, reason, sizeof(sock->reason));
	zlog_warn("%s", reason);
	sock->ops->down(reason);
}

/* True as long as the connection stands. */
static bool socket_consume(struct vpn_socket *sock)
{
	ssize_t used = sock->ops->received(sock->in.data, sock->in.len);

	if (sock->fd < 0)
		return false; /* closed by what was received */
	if (used < 0 || (size_t)used > sock->in.len) {
		socket_down(sock, "sent a message that is malformed, so it is disconnected",
			    "protocol error");
		return false;
	}
	buf_consume(&sock->in, used);
	if (sock->in.len <= VPN_SOCKET_INPUT_MAX)
		return true;
	socket_down(sock, "sent a message that is too long, so it is disconnected",
		    "protocol error");
	return false;
}

static void socket_read(struct event *event)
{
	struct vpn_socket *sock = EVENT_ARG(event);
	ssize_t len;

	buf_reserve(&sock->in, READ_AT_ONCE);
	len = read(sock->fd, sock->in.data + sock->in.len, READ_AT_ONCE);
	if (len < 0 && ERRNO_IO_RETRY(errno))
		len = 0;
	else if (len <= 0) {
		socket_down(sock, "went away", len ? safe_strerror(errno) : "connection closed");
		return;
	}
	sock->in.len += len;
	if (len && !socket_consume(sock))
		return;
	event_add_read(master, socket_read, sock, sock->fd, &sock->t_read);
}

static void socket_write(struct event *event)
{
	struct vpn_socket *sock = EVENT_ARG(event);
	ssize_t len;

	len = write(sock->fd, sock->out.data, sock->out.len);
	if (len < 0 && !ERRNO_IO_RETRY(errno)) {
		socket_down(sock, "went away", safe_strerror(errno));
		return;
	}
	if (len > 0)
		buf_consume(&sock->out, len);
	if (sock->out.len)
		event_add_write(master, socket_write, sock, sock->fd, &sock->t_write);
}

static void socket_connect(struct event *event)
{
	struct vpn_socket *sock = EVENT_ARG(event);
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	if (strlcpy(addr.sun_path, sock->path, sizeof(addr.sun_path)) >= sizeof(addr.sun_path)) {
		socket_down(sock, "cannot be reached", "path of the socket is too long");
		return;
	}
	sock->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (sock->fd < 0 || connect(sock->fd, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
		int error = errno;

		if (sock->fd >= 0)
			close(sock->fd);
		sock->fd = -1;
		socket_down(sock,
			    error == EACCES
				    ? "does not let us in (charon.group must be that of vpnd)"
				    : "does not run",
			    safe_strerror(error));
		return;
	}
	sock->failed = false;
	sock->reason[0] = '\0';
	sock->connected_at = monotime(NULL);
	event_add_read(master, socket_read, sock, sock->fd, &sock->t_read);
	sock->ops->up();
}

struct vpn_socket *vpn_socket_new(const char *path, const struct vpn_socket_ops *ops)
{
	struct vpn_socket *sock = XCALLOC(MTYPE_VPN_SOCKET, sizeof(*sock));

	sock->path = path;
	sock->ops = ops;
	sock->fd = -1;
	sock->pause_ms = VPN_SOCKET_PAUSE_MIN_MS;
	snprintf(sock->reason, sizeof(sock->reason), "%s was not asked yet", ops->server);
	event_add_event(master, socket_connect, sock, 0, &sock->t_connect);
	return sock;
}

void vpn_socket_free(struct vpn_socket **sock)
{
	if (!*sock)
		return;
	socket_close(*sock);
	XFREE(MTYPE_VPN_SOCKET, *sock);
}

bool vpn_socket_connected(const struct vpn_socket *sock)
{
	return sock && sock->fd >= 0;
}

const char *vpn_socket_reason(const struct vpn_socket *sock)
{
	return sock ? sock->reason : "not started";
}

bool vpn_socket_failed(const struct vpn_socket *sock)
{
	return sock && sock->failed;
}

bool vpn_socket_send(struct vpn_socket *sock, const void *data, size_t len)
{
	if (!vpn_socket_connected(sock))
		return false;
	if (sock->out.len + len > VPN_SOCKET_OUTPUT_MAX) {
		zlog_warn("%s does not read what it is sent (%s)", sock->ops->server, sock->path);
		return false;
	}
	buf_reserve(&sock->out, len);
	memcpy(sock->out.data + sock->out.len, data, len);
	sock->out.len += len;
	event_add_write(master, socket_write, sock, sock->fd, &sock->t_write);
	return true;
}
