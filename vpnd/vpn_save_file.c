// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The configuration's file, replaced in one step; see vpn_save_file.h.
 *
 *	FILE.vpnd written, with the rights of FILE ─▶ synced ─▶ renamed to FILE ─▶ the folder synced
 *
 * Up to the renaming FILE is the old one, from then on the new one: whenever the power
 * fails it is one of them, whole.  What a try before left in FILE.vpnd is thrown away.
 */
#include <zebra.h>

#include <fcntl.h>
#include <sys/stat.h>

#include "lib/libfrr.h"
#include "lib/log.h"
#include "lib/memory.h"

#include "vpnd/vpn_memory.h"
#include "vpnd/vpn_save_file.h"

DEFINE_MTYPE_STATIC(VPND, VPN_SAVE_FILE, "VPN configuration's file");

#define TEXT_MAX (256 * 1024 * 1024)

bool vpn_save_file_find(struct vpn_save_file *file)
{
	static const char *const names[] = { "frr.conf", "mgmtd.conf" };
	char path[PATH_MAX];

	for (size_t i = 0; i < array_size(names); i++) {
		snprintf(path, sizeof(path), "%s%s", frr_sysconfdir, names[i]);
		if (realpath(path, file->path))
			return true;
	}
	return false;
}

bool vpn_save_file_read(struct vpn_save_file *file)
{
	FILE *in = fopen(file->path, "re");
	size_t len = 0;

	if (!in)
		return false;
	if (!fstat(fileno(in), &file->stat) && file->stat.st_size < TEXT_MAX) {
		file->text = XCALLOC(MTYPE_VPN_SAVE_FILE, file->stat.st_size + 1);
		setvbuf(in, NULL, _IONBF, 0); /* no copy of the keys in there */
		len = fread(file->text, 1, file->stat.st_size, in);
	}
	fclose(in);
	return file->text && strlen(file->text) == len && (off_t)len == file->stat.st_size;
}

bool vpn_save_file_is_in_use(const struct vpn_save_file *file)
{
	struct stat now;

	if (stat(file->path, &now))
		return true;
	return now.st_ino != file->stat.st_ino || now.st_size != file->stat.st_size ||
	       now.st_mtim.tv_sec != file->stat.st_mtim.tv_sec ||
	       now.st_mtim.tv_nsec != file->stat.st_mtim.tv_nsec ||
	       labs(time(NULL) - now.st_mtim.tv_sec) < VPN_SAVE_SETTLE_S;
}

static bool write_all(int fd, const char *text)
{
	size_t left = strlen(text);
	ssize_t len;

	while (left) {
		len = write(fd, text, left);
		if (len < 0 && errno != EINTR)
			return false;
		if (len < 0)
			continue;
		text += len;
		left -= len;
	}
	return !fsync(fd);
}

/* The folder's, so that the new name is there after a power failure, too. */
static void folder_sync(const char *path)
{
	char folder[PATH_MAX];
	int fd;

	strlcpy(folder, path, sizeof(folder));
	*strrchr(folder, '/') = '\0';
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

bool vpn_save_file_replace(const struct vpn_save_file *file, const char *text)
{
	char path[PATH_MAX];
	int fd, error;
	bool done;

	if (snprintf(path, sizeof(path), "%s.vpnd", file->path) >= (int)sizeof(path))
		return false;
	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	if (fchown(fd, -1, file->stat.st_gid))
		zlog_warn("%s: its group cannot be kept: %m", file->path);
	done = !fchmod(fd, file->stat.st_mode & 0777) && write_all(fd, text);
	close(fd);
	if (done && !rename(path, file->path)) {
		folder_sync(file->path);
		return true;
	}
	error = errno;
	unlink(path);
	errno = error;
	return false;
}

void vpn_save_file_free(struct vpn_save_file *file)
{
	if (file->text)
		explicit_bzero(file->text, strlen(file->text));
	XFREE(MTYPE_VPN_SAVE_FILE, file->text);
}
