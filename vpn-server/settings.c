// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Settings: lines "name = value" and comments that start with '#'.  The file may
 * hold a database's password, so others must not be able to read it then; that
 * is the administrator's choice and not checked.
 */
#include "vpn-server/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_SIZE 65536

bool setting_find(const char *text, const char *name, char value[SETTING_SIZE])
{
	size_t length = strlen(name);

	while (*text) {
		const char *line = text, *end = text + strcspn(text, "\n");

		text = *end ? end + 1 : end;
		line += strspn(line, " \t");
		if (strncmp(line, name, length))
			continue;
		line += length;
		line += strspn(line, " \t");
		if (line >= end || *line != '=')
			continue;
		line++;
		line += strspn(line, " \t");
		while (end > line && strchr(" \t\r", end[-1]))
			end--;
		if (end < line || end - line >= SETTING_SIZE)
			return false;
		snprintf(value, SETTING_SIZE, "%.*s", (int)(end - line), line);
		return true;
	}
	return false;
}

/* The file's text, "" if there is none; NULL and words if it cannot be read. */
static char *read_file(char *error, size_t size)
{
	char *text = calloc(1, FILE_SIZE);
	FILE *file = fopen(SETTING_FILE, "re");

	if (!text)
		abort();
	if (!file && errno == ENOENT)
		return text;
	if (!file || fread(text, 1, FILE_SIZE - 1, file) == FILE_SIZE - 1 || ferror(file)) {
		snprintf(error, size, "%s: %s", SETTING_FILE, file ? "too long" : strerror(errno));
		free(text);
		text = NULL;
	}
	if (file)
		fclose(file);
	return text;
}

bool setting_read(const char *option, const char *variable, const char *name, const char *otherwise,
		  char value[SETTING_SIZE], char *error, size_t size)
{
	const char *given = option ? option : variable ? getenv(variable) : NULL;
	char *text;

	if (!given) {
		text = read_file(error, size);
		if (!text)
			return false;
		if (!setting_find(text, name, value))
			given = otherwise;
		free(text);
	}
	if (given && strlen(given) >= SETTING_SIZE) {
		snprintf(error, size, "%s: too long", name);
		return false;
	}
	if (given)
		snprintf(value, SETTING_SIZE, "%s", given);
	return true;
}
