// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the provider's server has had us make and keep (wire/vpn_certificate.h)
 * is of no use when the next one is in its place, and a private key that is of
 * no use is a risk.  So it is deleted, and charon forgets it, as soon as the
 * configuration's file names the next one: not before, as whoever is switched
 * off then comes back with what the file says.  That includes the pair that was
 * delivered with the customer edge (key.pem), which somebody else has had.
 *
 * Deleted is what
 *	- is in VPN_CERTIFICATE_FOLDER and is called as wire/vpn_certificate.h says,
 *	- no profile that runs and no configuration's file names, netconfd.conf and
 *	  the operator's own lines among them, and
 *	- is older than one of its kind that is named: what has just come, and will
 *	  be named in a moment, stays.
 * Whatever else is in the folder is somebody else's.
 */
#include <zebra.h>

#include <dirent.h>
#include <sys/stat.h>

#include "lib/libfrr.h"
#include "lib/log.h"

#include "vpnd/vpn_ce_files.h"
#include "vpnd/vpn_charon.h"
#include "vpnd/vpn_config.h"
#include "vpnd/vpn_save_file.h"
#include "vpnd/vpn_save_text.h"
#include "wire/vpn_certificate.h"

#define PATH_SIZE 128
#define SUFFIX	  ".pem"

/* What has been written, and where. */
struct written {
	const char *path, *text;
};

static bool of_kind(const char *name, const char *kind)
{
	size_t len = strlen(kind), all = strlen(name), end = strlen(SUFFIX);

	if (all < len + end || strncmp(name, kind, len) || strcmp(name + all - end, SUFFIX))
		return false;
	if (all == len + end)
		return true; /* delivered */
	return name[len] == '-' &&
	       strspn(name + len + 1, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz") == all - len - 1 - end;
}

/* --- who names it -------------------------------------------------------------------------- */

static bool same(const char *file, const char *path)
{
	return file && !strcmp(file, path);
}

static bool profile_names(const char *path)
{
	const struct vpn_profile *profile;

	frr_each (vpn_profiles_const, &vpn_config.profiles, profile)
		if (same(profile->psk_file, path) || same(profile->cert_file, path) ||
		    same(profile->key_file, path) || same(profile->crl_file, path))
			return true;
	return false;
}

/* A file that cannot be read may name anything. */
static bool file_names(const char *file_path, const char *path)
{
	struct vpn_save_file file = {};
	bool names;

	strlcpy(file.path, file_path, sizeof(file.path));
	names = !vpn_save_file_read(&file) || vpn_save_names(file.text, path);
	vpn_save_file_free(&file);
	return names;
}

/* The other daemons' own files, where there are any. */
static bool others_name(const struct written *written, const char *path)
{
	char other[PATH_MAX];
	struct dirent *entry;
	DIR *folder = opendir(frr_sysconfdir);
	bool names = !folder;

	while (!names && (entry = readdir(folder))) {
		size_t len = strlen(entry->d_name);

		if (len < 5 || strcmp(entry->d_name + len - 5, ".conf"))
			continue;
		snprintf(other, sizeof(other), "%s%s", frr_sysconfdir, entry->d_name);
		names = strcmp(other, written->path) && file_names(other, path);
	}
	if (folder)
		closedir(folder);
	return names;
}

static bool named(const struct written *written, const char *path)
{
	return vpn_save_names(written->text, path) || profile_names(path);
}

/* --- what goes ----------------------------------------------------------------------------- */

static bool is_newer(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec : a->tv_nsec > b->tv_nsec;
}

/* Calls each for the files of a kind; any order. */
static void each_file(const char *kind, const struct written *written, struct timespec *newest,
		      void (*each)(const struct written *written, const char *path,
				   const struct stat *stat, struct timespec *newest))
{
	char path[PATH_SIZE];
	struct dirent *entry;
	struct stat status;
	DIR *folder = opendir(VPN_CERTIFICATE_FOLDER);

	while (folder && (entry = readdir(folder)))
		if (of_kind(entry->d_name, kind) &&
		    (size_t)snprintf(path, sizeof(path), "%s/%s", VPN_CERTIFICATE_FOLDER,
				     entry->d_name) < sizeof(path) &&
		    !lstat(path, &status) && S_ISREG(status.st_mode))
			each(written, path, &status, newest);
	if (folder)
		closedir(folder);
}

static void look(const struct written *written, const char *path, const struct stat *stat,
		 struct timespec *newest)
{
	if (is_newer(&stat->st_mtim, newest) && named(written, path))
		*newest = stat->st_mtim;
}

static void clean(const struct written *written, const char *path, const struct stat *stat,
		  struct timespec *newest)
{
	if (!is_newer(newest, &stat->st_mtim) || named(written, path) || others_name(written, path))
		return;
	if (strstr(path, "/key"))
		vpn_charon_unload_key(path);
	if (unlink(path))
		zlog_warn("%s is not needed any more and cannot be deleted: %s", path,
			  safe_strerror(errno));
	else
		zlog_notice("%s is not needed any more and is deleted", path);
}

void vpn_ce_files_clean(const char *path, const char *text)
{
	static const char *const kinds[] = { "key", "certificate", "crl" };
	const struct written written = { path, text };

	for (size_t i = 0; i < array_size(kinds); i++) {
		struct timespec newest = {};

		each_file(kinds[i], &written, &newest, look);
		each_file(kinds[i], &written, &newest, clean);
	}
}
