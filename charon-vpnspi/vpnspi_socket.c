// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The connection with vpnd; see vpnspi_socket.h.
 *
 * The queue of what goes to vpnd is one buffer, bounded by QUEUE_MAX.  While
 * more than QUEUE_BUSY octets wait in it, vpnd is not read from: answers can
 * then never overflow it, only events can.
 */
#include "vpnspi_socket.h"

#include <daemon.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <sys/eventfd.h>
#include <threading/mutex.h>
#include <threading/thread.h>
#include <unistd.h>

#include "vpnspi_addr.h"
#include "vpnspi_request.h"

#define READ_MAX    65536
#define SEND_BUFFER (4 << 20) /* octets that vpnd may be behind before we wait for it */
#define QUEUE_BUSY  (4u << 20)
#define QUEUE_MAX   (64u << 20)

/* Requests that fit into what is read at once: the smallest is a bare header. */
#define REQUESTS_MAX (READ_MAX / sizeof(struct vpnspi_header))

struct vpnspi_socket {
	struct vpnspi_state *state;
	stream_service_t *service;
	thread_t *thread;
	int wake; /* eventfd: there is something to do */

	mutex_t *mutex; /* of what follows */
	int accepted;	/* a new connection for the thread, or -1 */
	bool stop;
	bool connected;
	bool overflowed;
	uint8_t *queue;
	size_t sent; /* octets at its beginning that are written already */
	size_t used; /* octets in it, with those */
	size_t room;

	/* the thread's own */
	int fd; /* the connection, or -1 */
	size_t got;
	uint8_t in[READ_MAX];
	struct vpnspi_request requests[REQUESTS_MAX];
};

static void wake(struct vpnspi_socket *socket)
{
	uint64_t one = 1;

	/* it only fails when the thread is woken already */
	if (write(socket->wake, &one, sizeof(one)) < 0)
		return;
}

/* ---- queue */

/* Makes room for size octets more.  False: there is none. */
static bool queue_grow(struct vpnspi_socket *socket, size_t size)
{
	size_t room = socket->room ? socket->room : 65536;
	uint8_t *bigger;

	if (socket->used + size <= socket->room)
		return true;
	if (socket->sent) {
		socket->used -= socket->sent;
		memmove(socket->queue, socket->queue + socket->sent, socket->used);
		socket->sent = 0;
		return queue_grow(socket, size);
	}
	while (room < socket->used + size)
		room *= 2;
	if (room > QUEUE_MAX)
		return false;
	bigger = realloc(socket->queue, room);
	if (!bigger)
		return false;
	socket->queue = bigger;
	socket->room = room;
	return true;
}

void vpnspi_socket_send(struct vpnspi_socket *socket, enum vpnspi_type type, uint32_t id,
			const void *body, size_t size)
{
	struct vpnspi_header header = { .size = sizeof(header) + size, .type = type, .id = id };
	bool first = false;

	if (!socket)
		return;
	socket->mutex->lock(socket->mutex);
	if (socket->connected && !socket->overflowed) {
		if (queue_grow(socket, header.size)) {
			first = socket->used == 0;
			memcpy(socket->queue + socket->used, &header, sizeof(header));
			memcpy(socket->queue + socket->used + sizeof(header), body, size);
			socket->used += header.size;
		} else {
			socket->overflowed = true;
			first = true;
		}
	}
	socket->mutex->unlock(socket->mutex);
	if (first)
		wake(socket);
}

void vpnspi_socket_alert(struct vpnspi_socket *socket, const struct vpnspi_addr *peer,
			 const char *format, ...)
{
	struct vpnspi_alert alert = { 0 };
	char addr[VPNSPI_ADDR_STRING_SIZE] = "unknown";
	va_list args;

	va_start(args, format);
	vsnprintf(alert.text, sizeof(alert.text), format, args);
	va_end(args);
	if (peer) {
		alert.peer = *peer;
		vpnspi_addr_string(peer, addr);
	}
	DBG1(DBG_IKE, "vpnspi: peer %s: %s", addr, alert.text);
	vpnspi_socket_send(socket, VPNSPI_ALERT, 0, &alert, sizeof(alert));
}

void vpnspi_socket_link_alert(struct vpnspi_socket *socket, const char *conn, const char *child,
			      const struct vpnspi_addr *peer, const char *why)
{
	struct vpnspi_link_alert alert = { .peer = *peer };
	char addr[VPNSPI_ADDR_STRING_SIZE];

	snprintf(alert.conn, sizeof(alert.conn), "%s", conn);
	snprintf(alert.child, sizeof(alert.child), "%s", child);
	snprintf(alert.text, sizeof(alert.text), "%s", why);
	DBG1(DBG_IKE, "vpnspi: tunnel link %s of %s with %s: %s", child, conn,
	     vpnspi_addr_string(peer, addr), alert.text);
	vpnspi_socket_send(socket, VPNSPI_LINK_ALERT, 0, &alert, sizeof(alert));
}

/* Writes what the connection takes.  False: it is broken. */
static bool queue_write(struct vpnspi_socket *socket)
{
	bool good = true;
	ssize_t sent;

	socket->mutex->lock(socket->mutex);
	if (socket->overflowed) {
		DBG1(DBG_CFG, "vpnspi: vpnd does not read, %u octets wait: disconnected", QUEUE_MAX);
		good = false;
	} else if (socket->used) {
		sent = send(socket->fd, socket->queue + socket->sent, socket->used - socket->sent,
			    MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent > 0) {
			socket->sent += sent;
			if (socket->sent == socket->used)
				socket->sent = socket->used = 0;
		} else if (sent < 0 && errno != EAGAIN && errno != EINTR) {
			good = false;
		}
	}
	socket->mutex->unlock(socket->mutex);
	return good;
}

static size_t queue_waiting(struct vpnspi_socket *socket)
{
	size_t used;

	socket->mutex->lock(socket->mutex);
	used = socket->used - socket->sent;
	socket->mutex->unlock(socket->mutex);
	return used;
}

/* ---- the thread */

static void set_connected(struct vpnspi_socket *socket, bool connected)
{
	socket->mutex->lock(socket->mutex);
	socket->connected = connected;
	socket->overflowed = false;
	socket->sent = socket->used = 0;
	socket->mutex->unlock(socket->mutex);
}

static void hang_up(struct vpnspi_socket *socket)
{
	if (socket->fd < 0)
		return;
	set_connected(socket, false);
	close(socket->fd);
	socket->fd = -1;
	socket->got = 0;
}

/* Takes over a new connection, if there is one.  False: the plugin stops. */
static bool take_new(struct vpnspi_socket *socket)
{
	uint64_t times;
	bool stop;
	int fd;

	if (read(socket->wake, &times, sizeof(times)) < 0 && errno != EAGAIN)
		DBG1(DBG_CFG, "vpnspi: eventfd: %s", strerror(errno));
	socket->mutex->lock(socket->mutex);
	fd = socket->accepted;
	socket->accepted = -1;
	stop = socket->stop;
	socket->mutex->unlock(socket->mutex);
	if (fd >= 0) {
		hang_up(socket);
		socket->fd = fd;
		set_connected(socket, true);
		DBG1(DBG_CFG, "vpnspi: vpnd has connected");
		vpnspi_requests_greet(socket->state);
	}
	return !stop;
}

/* Takes all requests that are complete out of what was read, and runs them.  False: nonsense. */
static bool run_requests(struct vpnspi_socket *socket)
{
	const char *broken = NULL;
	unsigned int count = 0;
	size_t used = 0;
	int took = 0;

	while (count < REQUESTS_MAX) {
		took = vpnspi_message_parse(socket->in + used, socket->got - used,
					    &socket->requests[count], &broken);
		if (took <= 0)
			break;
		used += took;
		count++;
	}
	if (count)
		vpnspi_requests_run(socket->state, socket->requests, count);
	socket->got -= used;
	memmove(socket->in, socket->in + used, socket->got);
	if (took < 0)
		DBG1(DBG_CFG, "vpnspi: vpnd disconnected: %s", broken);
	return took >= 0;
}

static bool read_requests(struct vpnspi_socket *socket)
{
	ssize_t got = recv(socket->fd, socket->in + socket->got, sizeof(socket->in) - socket->got,
			   MSG_DONTWAIT);

	if (got < 0)
		return errno == EAGAIN || errno == EINTR;
	if (got == 0) {
		DBG1(DBG_CFG, "vpnspi: vpnd has gone; label SAs stay");
		return false;
	}
	socket->got += got;
	return run_requests(socket);
}

static void *serve(struct vpnspi_socket *socket)
{
	bool running = true;

	while (running) {
		size_t waiting = queue_waiting(socket);
		struct pollfd fds[] = {
			{ .fd = socket->wake, .events = POLLIN },
			{ .fd = socket->fd,
			  .events = (waiting < QUEUE_BUSY ? POLLIN : 0) | (waiting ? POLLOUT : 0) },
		};
		bool good = true;

		if (poll(fds, countof(fds), -1) < 0 && errno != EINTR)
			break;
		if (socket->fd >= 0 && fds[1].revents & POLLIN)
			good = read_requests(socket);
		if (socket->fd >= 0 && good && fds[1].revents & (POLLERR | POLLHUP) &&
		    !(fds[1].revents & POLLIN))
			good = false;
		if (socket->fd >= 0 && good)
			good = queue_write(socket);
		if (!good)
			hang_up(socket);
		if (fds[0].revents)
			running = take_new(socket);
	}
	hang_up(socket);
	return NULL;
}

/* ---- life */

/* Runs in one of charon's threads: only hands the connection over. */
static bool on_accept(struct vpnspi_socket *socket, stream_t *stream)
{
	FILE *file = stream->get_file(stream);
	int size = SEND_BUFFER;
	int fd = file ? fcntl(fileno(file), F_DUPFD_CLOEXEC, 3) : -1;

	if (file)
		fclose(file);
	if (fd < 0)
		return FALSE;
	/* the kernel's default holds the answers to some 700 requests; it is not fatal */
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	socket->mutex->lock(socket->mutex);
	if (socket->accepted >= 0)
		close(socket->accepted);
	socket->accepted = fd;
	socket->mutex->unlock(socket->mutex);
	wake(socket);
	return FALSE; /* the stream is not needed any more, its descriptor is ours */
}

struct vpnspi_socket *vpnspi_socket_create(struct vpnspi_state *state, const char *uri)
{
	struct vpnspi_socket *socket;

	INIT(socket, .state = state, .accepted = -1, .fd = -1,
	     .mutex = mutex_create(MUTEX_TYPE_DEFAULT),
	     .wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), );
	socket->service = lib->streams->create_service(lib->streams, (char *)uri, 5);
	if (!socket->service || socket->wake < 0) {
		DBG1(DBG_CFG, "vpnspi: cannot listen at %s: vpnd will find no plugin", uri);
		vpnspi_socket_destroy(socket);
		return NULL;
	}
	socket->thread = thread_create((thread_main_t)serve, socket);
	if (!socket->thread) {
		vpnspi_socket_destroy(socket);
		return NULL;
	}
	socket->service->on_accept(socket->service, (stream_service_cb_t)on_accept, socket,
				   JOB_PRIO_CRITICAL, 1);
	return socket;
}

void vpnspi_socket_destroy(struct vpnspi_socket *socket)
{
	if (!socket)
		return;
	DESTROY_IF(socket->service);
	if (socket->thread) {
		socket->mutex->lock(socket->mutex);
		socket->stop = true;
		socket->mutex->unlock(socket->mutex);
		wake(socket);
		socket->thread->join(socket->thread);
	}
	if (socket->accepted >= 0)
		close(socket->accepted);
	if (socket->wake >= 0)
		close(socket->wake);
	socket->mutex->destroy(socket->mutex);
	free(socket->queue);
	free(socket);
}
