// SPDX-License-Identifier: GPL-2.0-or-later
/* link: netconfd/netconf_access_path.c */
/* libs: yang */
/*
 * The path of an access rule, as somebody types it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "netconfd/netconf_access_path.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	memcpy(text, data, size);
	text[size] = '\0';
	netconf_access_path_free(netconf_access_path_new(text));
	free(text);
	return 0;
}
