// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vpnd/vpn_save_file.c: killed before each of its system calls, the configuration's
 * file is the old one or the new one, whole, with the rights that it had; and the
 * next try makes it the new one.  A killed process leaves what a power failure
 * leaves if data is on the disk before the name is: the order of the calls is
 * checked, too.
 */
/* link: vpnd/vpn_save_file.c vpnd/vpn_memory.c */
/* libs: frr */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <zebra.h>

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "vpnd/vpn_save_file.h"

#define NEW_SIZE 100000 /* characters: more than one page */
#define MOST	 1000	/* stops at system calls */

static const char old[] = "hostname ce\n! the old one\n";
static char new[NEW_SIZE + 1], folder[] = "/tmp/save-file.XXXXXX", path[64], beside[80];

static void put_old(void)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(old, file);
	fclose(file);
	assert_int_equal(chmod(path, 0640), 0);
}

/* Is it the new one?  It must be one of the two. */
static bool is_new(void)
{
	struct vpn_save_file file = {};
	bool found;

	snprintf(file.path, sizeof(file.path), "%s", path);
	assert_true(vpn_save_file_read(&file));
	found = !strcmp(file.text, new);
	if (!found)
		assert_string_equal(file.text, old);
	assert_int_equal(file.stat.st_mode & 07777, 0640);
	vpn_save_file_free(&file);
	return found;
}

static bool replace(void)
{
	struct vpn_save_file file = {};
	bool done;

	snprintf(file.path, sizeof(file.path), "%s", path);
	done = vpn_save_file_read(&file) && vpn_save_file_replace(&file, new);
	vpn_save_file_free(&file);
	return done;
}

static pid_t traced_child(void)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		_exit(replace() ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSTOPPED(status));
	assert_int_equal(ptrace(PTRACE_SETOPTIONS, pid, NULL,
				PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL),
			 0);
	return pid;
}

/* To the next entry of a system call or return from one: its number; -1: it has ended, as it should. */
static long step(pid_t pid)
{
	struct user_regs_struct regs;
	int status;

	assert_int_equal(ptrace(PTRACE_SYSCALL, pid, NULL, NULL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status)) {
		assert_int_equal(WEXITSTATUS(status), 0);
		return -1;
	}
	assert_true(WIFSTOPPED(status) && WSTOPSIG(status) == (SIGTRAP | 0x80));
	assert_int_equal(ptrace(PTRACE_GETREGS, pid, NULL, &regs), 0);
	return (long)regs.orig_rax;
}

static void kill_it(pid_t pid)
{
	int status;

	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
}

/* Killed at the given stop; false if it ended before. */
static bool killed_at(int stop)
{
	pid_t pid = traced_child();

	for (int i = 0; i < stop; i++)
		if (step(pid) < 0)
			return false;
	kill_it(pid);
	return true;
}

static void test_killed_at_each_step(void **state)
{
	int olds = 0, news = 0, stop = 0;

	for (; stop < MOST; stop++) {
		put_old();
		if (!killed_at(stop))
			break;
		if (is_new()) {
			news++;
		} else {
			assert_int_equal(news, 0); /* once it is the new one, it stays that */
			olds++;
		}
		/* and whatever was left, the next try succeeds */
		assert_true(replace());
		assert_true(is_new());
		assert_int_equal(access(beside, F_OK), -1);
	}
	assert_true(stop < MOST);
	assert_true(is_new());
	/* before and after each of: open, write, sync, rename, open and sync of the folder */
	assert_true(olds > 8 && news > 4);
}

static void test_on_the_disk_before_the_name_is(void **state)
{
	bool written = false, synced = false, renamed = false, folder_synced = false;
	pid_t pid;
	long call;

	put_old();
	pid = traced_child();
	while ((call = step(pid)) >= 0) {
		if (call == SYS_write)
			written = true;
		if (call == SYS_fsync) {
			assert_true(written);
			folder_synced = renamed;
			synced = true;
		}
		if (call == SYS_rename) {
			assert_true(synced);
			renamed = true;
		}
	}
	assert_true(renamed && folder_synced);
}

static void test_what_cannot_be_written_is_as_it_was(void **state)
{
	put_old();
	/* a folder in the place of the new file cannot be removed by unlink() */
	assert_int_equal(mkdir(beside, 0700), 0);
	assert_false(replace());
	assert_false(is_new());
	assert_int_equal(rmdir(beside), 0);
}

static int make_folder(void **state)
{
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/frr.conf", folder);
	snprintf(beside, sizeof(beside), "%s.vpnd", path);
	memset(new, 'n', NEW_SIZE);
	return 0;
}

static int remove_folder(void **state)
{
	unlink(path);
	return rmdir(folder);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_killed_at_each_step),
		cmocka_unit_test(test_on_the_disk_before_the_name_is),
		cmocka_unit_test(test_what_cannot_be_written_is_as_it_was),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
