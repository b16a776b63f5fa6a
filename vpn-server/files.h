// SPDX-License-Identifier: GPL-2.0-or-later
/* Files that hold secrets, and files that are read whole. */
#ifndef VPN_SERVER_FILES_H
#define VPN_SERVER_FILES_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Writes text to folder/name with the mode from its first moment, replacing what
 * was there at once or not at all.  False and words.
 */
bool file_write(const char *folder, const char *name, const char *text, int mode, char *error,
		size_t size);

/* A file's text up to most octets, malloc'ed; NULL and words. */
char *file_read(const char *path, size_t most, char *error, size_t size);

/* The folder, made with mode 0700 if it is not there. */
bool folder_make(const char *path, char *error, size_t size);

#endif /* VPN_SERVER_FILES_H */
