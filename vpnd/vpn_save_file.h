/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file that the configuration is read from at the start: found, read, and replaced
 * by another text so that at each moment it is the old one or the new one.
 */
#ifndef VPND_VPN_SAVE_FILE_H
#define VPND_VPN_SAVE_FILE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

#define VPN_SAVE_SETTLE_S 2 /* after a change, and after somebody else has written the file */

/* Zero before the first use. */
struct vpn_save_file {
	char path[PATH_MAX]; /* without symbolic links */
	struct stat stat;    /* when it was read */
	char *text;	     /* a string; it may hold keys */
};

/* Sets the path to that of the file which FRR reads at its start.  False: there is none. */
bool vpn_save_file_find(struct vpn_save_file *file);

/* Reads the text of the path; false, with errno, if that fails.  Freed with vpn_save_file_free(). */
bool vpn_save_file_read(struct vpn_save_file *file);

/* Is somebody writing it, or has he since it was read? */
bool vpn_save_file_is_in_use(const struct vpn_save_file *file);

/* In one step; who may read it stays.  False, with errno: it is as it was. */
bool vpn_save_file_replace(const struct vpn_save_file *file, const char *text);

/* Zeroes and frees the text. */
void vpn_save_file_free(struct vpn_save_file *file);

#endif /* VPND_VPN_SAVE_FILE_H */
