// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the provider's server has configured, written into the configuration's
 * file; see vpn_save.h.
 *
 *	schedule ─▶ vtysh runs ─▶ its output ends ─▶ merged with the file ─▶ the file replaced
 *	   ▲                            │                   │
 *	   └──────── again in a moment, or later and with an alarm ─────────┘
 */
#include <zebra.h>

#include <fcntl.h>
#include <sys/wait.h>

#include "lib/frrevent.h"
#include "lib/libfrr.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "lib/network.h"

#include "vpnd/vpn_alarm.h"
#include "vpnd/vpn_apply.h"
#include "vpnd/vpn_ce.h"
#include "vpnd/vpn_ce_files.h"
#include "vpnd/vpn_memory.h"
#include "vpnd/vpn_save.h"
#include "vpnd/vpn_save_file.h"
#include "vpnd/vpn_save_text.h"

DEFINE_MTYPE_STATIC(VPND, VPN_SAVE, "VPN running configuration");

#define SETTLE_S   VPN_SAVE_SETTLE_S
#define RETRY_S	   60 /* after a failure, which is an alarm */
#define OVERDUE_S  60 /* vtysh does not end */
#define WAITS	   10 /* times that something may change in the meantime */
#define TEXT_FIRST 65536
#define TEXT_MAX   (256 * 1024 * 1024)
#define ALARM	   "saved configuration"

/* What vtysh is saying. */
static struct {
	pid_t pid; /* 0: it does not run */
	int fd;
	char *at; /* a string */
	size_t used, size;
	bool has_version;
	uint64_t version; /* of the provider's database, when it was asked */
} vtysh;

static struct event *t_start, *t_read, *t_overdue;
static bool again; /* something has changed since it was asked */
static unsigned int waits;

static void start(struct event *event);

/* --- what becomes of it -------------------------------------------------------------------- */

static void in(unsigned int seconds)
{
	event_cancel(&t_start);
	event_add_timer(master, start, NULL, seconds, &t_start);
}

/* Ends a try.  Not for good: what is in the way may be gone in a while. */
static void failed(const char *why, const char *path)
{
	char words[VPN_REASON_SIZE];

	snprintf(words, sizeof(words),
		 "what the provider's server has changed is not in the configuration's file: %s%s%s",
		 path ? path : "", path ? ": " : "", why);
	vpn_alarm_raise(ALARM, words);
	waits = 0;
	in(RETRY_S);
}

/* Somebody else is at work; he will soon be done. */
static void wait_for(const char *what, const char *path)
{
	if (++waits > WAITS)
		failed(what, path);
	else
		in(SETTLE_S);
}

static void saved(const char *path, const char *text)
{
	waits = 0;
	zlog_notice("%s has what the provider's server has changed", path);
	vpn_alarm_clear(ALARM);
	vpn_ce_saved(vtysh.has_version, vtysh.version);
	vpn_ce_files_clean(path, text);
}

/* --- the text ------------------------------------------------------------------------------ */

/* Is this all of it?  A daemon that ends in the middle leaves vtysh with less. */
static bool complete(const struct vpn_save_count *count)
{
	unsigned int profiles, links;

	vpn_ce_count(&profiles, &links);
	return count->profiles == profiles && count->links == links;
}

/* Puts what runs into the file that was read. */
static void merge(const struct vpn_save_file *file)
{
	struct vpn_save_count count;
	char *text = vpn_save_merge(file->text, vtysh.at, &count);

	if (!complete(&count))
		wait_for("mgmtd's configuration is not what vpnd was told", NULL);
	else if (vpn_save_file_is_in_use(file))
		wait_for("somebody else is writing it", file->path);
	else if (!strcmp(text, file->text) || vpn_save_file_replace(file, text))
		saved(file->path, text);
	else
		failed(safe_strerror(errno), file->path);
	explicit_bzero(text, strlen(text));
	XFREE(MTYPE_TMP, text);
}

static void save(void)
{
	struct vpn_save_file file = {};

	if (!vpn_config.ce.present)
		vpn_alarm_clear(ALARM); /* nothing is the server's any more */
	else if (!vpn_save_file_find(&file))
		failed("there is none: say 'write memory' in vtysh", NULL);
	else if (!vpn_save_file_read(&file))
		failed("it cannot be read", file.path);
	else if (!*file.text)
		wait_for("it is empty: say 'write memory' in vtysh", file.path);
	else
		merge(&file);
	vpn_save_file_free(&file);
}

/* --- vtysh --------------------------------------------------------------------------------- */

/* In the child: descriptors of ours are closed by exec, being made so. */
static void run(int fd)
{
	int null = open("/dev/null", O_RDWR);

	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDERR_FILENO);
	}
	dup2(fd, STDOUT_FILENO);
	/* descriptors that lack it must not outlive us in there */
	closefrom(STDERR_FILENO + 1);
	execlp("vtysh", "vtysh", "--vty_socket", frr_runstatedir, "-d", "mgmtd", "-c",
	       "show running-config", NULL);
	_exit(127);
}

/* It has closed its output, so it ends now, or has. */
static bool ended_well(void)
{
	int status;

	while (waitpid(vtysh.pid, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void forget(void)
{
	event_cancel(&t_read);
	event_cancel(&t_overdue);
	if (vtysh.pid)
		close(vtysh.fd);
	if (vtysh.at)
		explicit_bzero(vtysh.at, vtysh.used);
	XFREE(MTYPE_VPN_SAVE, vtysh.at);
	memset(&vtysh, 0, sizeof(vtysh));
}

static void ended(void)
{
	static const char last[] = "\nend\n";
	bool whole = vtysh.used >= strlen(last) &&
		     !strcmp(vtysh.at + vtysh.used - strlen(last), last) &&
		     strlen(vtysh.at) == vtysh.used;

	if (!ended_well() || !whole)
		failed("'show running-config' failed; say it in vtysh to see why", NULL);
	else
		save();
	forget();
	if (again)
		in(SETTLE_S);
	again = false;
}

/* Makes room; what was there is moved, and not left behind. */
static void grow(void)
{
	size_t size = vtysh.size ? 2 * vtysh.size : TEXT_FIRST;
	char *at = XCALLOC(MTYPE_VPN_SAVE, size);

	if (vtysh.at) {
		memcpy(at, vtysh.at, vtysh.used);
		explicit_bzero(vtysh.at, vtysh.used);
	}
	XFREE(MTYPE_VPN_SAVE, vtysh.at);
	vtysh.at = at;
	vtysh.size = size;
}

static void said(struct event *event)
{
	ssize_t len;

	if (vtysh.used + 1 >= vtysh.size)
		grow();
	len = read(vtysh.fd, vtysh.at + vtysh.used, vtysh.size - vtysh.used - 1);
	if (len < 0 && !ERRNO_IO_RETRY(errno))
		len = 0;
	if (len == 0) {
		ended();
		return;
	}
	if (len > 0)
		vtysh.used += len;
	vtysh.at[vtysh.used] = '\0';
	if (vtysh.used > TEXT_MAX)
		kill(vtysh.pid, SIGKILL);
	event_add_read(master, said, NULL, vtysh.fd, &t_read);
}

/* Its output ends when it does. */
static void overdue(struct event *event)
{
	kill(vtysh.pid, SIGKILL);
}

static void start(struct event *event)
{
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC)) {
		failed(safe_strerror(errno), NULL);
		return;
	}
	set_nonblocking(ends[0]);
	pid = fork();
	if (pid == 0)
		run(ends[1]);
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		failed(safe_strerror(errno), NULL);
		return;
	}
	vtysh.pid = pid;
	vtysh.fd = ends[0];
	vtysh.has_version = vpn_ce.has_version;
	vtysh.version = vpn_ce.version;
	event_add_read(master, said, NULL, vtysh.fd, &t_read);
	event_add_timer(master, overdue, NULL, OVERDUE_S, &t_overdue);
}

void vpn_save_schedule(void)
{
	if (vtysh.pid) {
		again = true;
		return;
	}
	in(SETTLE_S);
}

/* A vtysh that still speaks ends when nobody listens. */
void vpn_save_stop(void)
{
	event_cancel(&t_start);
	forget();
}
