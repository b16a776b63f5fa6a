// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vpnd/vpn_save_text.c with any two texts: it ends, reads nothing beyond them and
 * writes nothing beyond what it has made room for; and what it has written does
 * not change when it is written again.
 */
/* link: vpnd/vpn_save_text.c */
/* libs: frr */
#include <zebra.h>

#include "lib/memory.h"

#include "vpnd/vpn_save_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *string(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t half = size ? data[0] * size / 256 : 0;
	char *file = string(data, half), *running = string(data + half, size - half);
	struct vpn_save_count count, again;
	char *first = vpn_save_merge(file, running, &count);
	char *second = vpn_save_merge(first, running, &again);

	if (memcmp(&count, &again, sizeof(count)) != 0)
		abort();
	XFREE(MTYPE_TMP, second);
	XFREE(MTYPE_TMP, first);
	free(running);
	free(file);
	return 0;
}
