// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The running configuration written to its file; see vpn_save.h.
 */
#include <zebra.h>

#include <fcntl.h>
#include <sys/wait.h>

#include "lib/frrevent.h"
#include "lib/libfrr.h"
#include "lib/log.h"

#include "vpnd/vpn_alarm.h"
#include "vpnd/vpn_apply.h"
#include "vpnd/vpn_save.h"

#define SETTLE_S 2
#define LOOK_MS	 200
#define ALARM	 "saved configuration"

static struct event *timer;
static pid_t vtysh; /* that is writing; 0: none */
static bool again;

static void look(struct event *event);

/* In the child: descriptors of ours are closed by exec, being made so. */
static void run(void)
{
	int null = open("/dev/null", O_RDWR);

	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
	}
	/* descriptors that lack it must not outlive us in there */
	closefrom(STDERR_FILENO + 1);
	execlp("vtysh", "vtysh", "--vty_socket", frr_runstatedir, "-c", "write memory", NULL);
	_exit(127);
}

static void start(struct event *event)
{
	if (vtysh) {
		again = true;
		return;
	}
	vtysh = fork();
	if (vtysh == 0)
		run();
	if (vtysh < 0) {
		zlog_err("the configuration is not saved: %s", safe_strerror(errno));
		vtysh = 0;
		return;
	}
	event_add_timer_msec(master, look, NULL, LOOK_MS, &timer);
}

static void ended(int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		zlog_notice(
			"the configuration is saved, with what the provider's server has changed");
		vpn_alarm_clear(ALARM);
		return;
	}
	vpn_alarm_raise(ALARM,
			"what the provider's server has changed is not in the configuration's file: 'write memory' failed; say it in vtysh to see why");
}

static void look(struct event *event)
{
	int status;
	pid_t pid = waitpid(vtysh, &status, WNOHANG);

	if (pid == 0) {
		event_add_timer_msec(master, look, NULL, LOOK_MS, &timer);
		return;
	}
	vtysh = 0;
	if (pid > 0)
		ended(status);
	if (again)
		vpn_save_schedule();
	again = false;
}

void vpn_save_schedule(void)
{
	if (vtysh)
		again = true;
	else
		event_add_timer(master, start, NULL, SETTLE_S, &timer);
}

void vpn_save_stop(void)
{
	event_cancel(&timer);
}
