// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Is the charon that loads us the one we were built for?  See vpnspi_version.h.
 */
/* link.h and dlfcn.h want it for dl_iterate_phdr and RTLD_DEFAULT */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "vpnspi_version.h"

#include <ctype.h>
#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <string.h>

static const char marker[] = "strongSwan ";

/* A version starts with a digit and goes on to something that cannot be in one. */
static size_t version_length(const uint8_t *text, size_t size)
{
	size_t len = 0;

	if (!size || !isdigit(text[0]))
		return 0;
	while (len < size && (isalnum(text[len]) || text[len] == '.'))
		len++;
	return len;
}

bool vpnspi_version_find(const uint8_t *text, size_t size, char *version, size_t version_size)
{
	const uint8_t *end = text + size;

	while (text < end) {
		const uint8_t *found = memmem(text, end - text, marker, sizeof(marker) - 1);
		size_t len;

		if (!found)
			return false;
		text = found + sizeof(marker) - 1;
		len = version_length(text, end - text);
		if (!len)
			continue;
		snprintf(version, version_size, "%.*s", (int)len, (const char *)text);
		return true;
	}
	return false;
}

struct search {
	char version[32];
	bool found;
};

/* Called for the program first; its read-only parts are looked through. */
static int look(struct dl_phdr_info *info, size_t size, void *data)
{
	struct search *search = data;

	(void)size;
	for (int i = 0; i < info->dlpi_phnum && !search->found; i++) {
		const ElfW(Phdr) *part = &info->dlpi_phdr[i];

		if (part->p_type != PT_LOAD || !(part->p_flags & PF_R) || part->p_flags & PF_W)
			continue;
		search->found = vpnspi_version_find((const uint8_t *)info->dlpi_addr + part->p_vaddr,
						    part->p_filesz, search->version,
						    sizeof(search->version));
	}
	return 1;
}

/* Mediation is a configure option that moves fields; Debian has it on. */
static bool same_options(void)
{
	bool has = dlsym(RTLD_DEFAULT, "mediation_manager_create") != NULL;

#ifdef ME
	return has;
#else
	return !has;
#endif
}

bool vpnspi_version_check(char *reason, size_t reason_size)
{
	struct search search = { .found = false };

	dl_iterate_phdr(look, &search);
	if (!search.found) {
		snprintf(reason, reason_size,
			 "built for strongSwan %s, but this program does not say which version it is",
			 VERSION);
		return false;
	}
	if (strcmp(search.version, VERSION)) {
		snprintf(reason, reason_size,
			 "built for strongSwan %s, but this is %s: build the plugin against its source",
			 VERSION, search.version);
		return false;
	}
	if (!same_options()) {
		snprintf(reason, reason_size,
			 "built with other options than this strongSwan (--enable-mediation differs)");
		return false;
	}
	return true;
}
