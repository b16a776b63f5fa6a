// SPDX-License-Identifier: GPL-2.0-or-later
/* Files that hold secrets: written beside, synced, renamed; never wider than their mode. */
#include "vpn-server/files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool folder_make(const char *path, char *error, size_t size)
{
	if (!mkdir(path, 0700) || errno == EEXIST)
		return true;
	snprintf(error, size, "%s: %s", path, strerror(errno));
	return false;
}

static bool write_all(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left) {
		ssize_t written = write(fd, text, left);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return false;
		text += written;
		left -= (size_t)written;
	}
	return !fsync(fd);
}

bool file_write(const char *folder, const char *name, const char *text, int mode, char *error,
		size_t size)
{
	char path[PATH_MAX], beside[PATH_MAX + 8];
	bool fine;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	snprintf(beside, sizeof(beside), "%s.new", path);
	unlink(beside);
	fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	fine = fd >= 0 && write_all(fd, text);
	if (fd >= 0)
		fine = !close(fd) && fine;
	fine = fine && !rename(beside, path);
	if (!fine)
		snprintf(error, size, "%s: %s", path, strerror(errno));
	return fine;
}

char *file_read(const char *path, size_t most, char *error, size_t size)
{
	FILE *file = fopen(path, "re");
	size_t room = 65536, count = 0;
	char *text = malloc(room + 1);

	if (!file)
		snprintf(error, size, "%s: %s", path, strerror(errno));
	while (file && text && count <= most) {
		size_t more = fread(text + count, 1, room - count, file);

		if (!more)
			break;
		count += more;
		if (count == room)
			text = realloc(text, (room *= 2) + 1);
	}
	if (!text)
		abort();
	if (file && (ferror(file) || count > most)) {
		snprintf(error, size, "%s: %s", path, ferror(file) ? "cannot be read" : "too long");
		count = most + 1;
	}
	if (file)
		fclose(file);
	text[count <= room ? count : room] = '\0';
	if (file && count <= most)
		return text;
	free(text);
	return NULL;
}
