// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files that go to charon as they are: charon may not be allowed to read them,
 * we are.  What is read may be a secret, so no copy of it stays anywhere.
 */
#include <zebra.h>

#include "lib/memory.h"

#include "vpnd/vpn_charon_queue.h"
#include "vpnd/vpn_config.h"
#include "vpnd/vpn_memory.h"
#include "wire/opaque.h"

DEFINE_MTYPE_STATIC(VPND, VPN_CHARON_FILE, "VPN file on its way to charon");

#define FILE_MAX 65535 /* octets: what VICI takes */

char *vpn_charon_file_read(const char *path, size_t *len, const char **error)
{
	static char words[VPN_REASON_SIZE];
	char *data = XCALLOC(MTYPE_VPN_CHARON_FILE, FILE_MAX + 1);
	FILE *file = fopen(path, "re");

	*error = NULL;
	if (file) {
		setvbuf(file, NULL, _IONBF, 0); /* no copy in a buffer of stdio */
		*len = fread(data, 1, FILE_MAX + 1, file);
	}
	if (!file || ferror(file))
		snprintf(words, sizeof(words), "%s cannot be read: %s", path, safe_strerror(errno));
	else if (!*len)
		snprintf(words, sizeof(words), "%s is empty", path);
	else if (*len > FILE_MAX)
		snprintf(words, sizeof(words), "%s is longer than %d octets", path, FILE_MAX);
	else
		words[0] = '\0';
	if (file)
		fclose(file);
	if (!words[0])
		return data;
	*error = words;
	vpn_charon_file_free(&data);
	return NULL;
}

void vpn_charon_file_free(char **data)
{
	if (*data)
		explicit_bzero(*data, FILE_MAX + 1);
	XFREE(MTYPE_VPN_CHARON_FILE, *data);
}
