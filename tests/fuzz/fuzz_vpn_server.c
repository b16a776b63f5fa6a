// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What vpn-server reads from outside: a CE's configuration, its own records,
 * prefixes and addresses, settings, signing requests' surroundings are OpenSSL's.
 * The first octet says which; what was read is compared and written, too.
 */
/* link: vpn-server/config.c vpn-server/prefix.c vpn-server/settings.c */
/* libs: json-c crypto */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vpn-server/config.h"
#include "vpn-server/prefix.h"
#include "vpn-server/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use(struct config *config)
{
	const struct config none = { 0 };
	struct json_object *json = config_instance(config, false);

	free(config_edit(&none, config));
	free(config_edit(config, &none));
	if (config_edit(config, config))
		abort(); /* it does not differ from itself */
	json_object_put(json);
	config_clear(config);
}

static void read_instance(const char *text)
{
	struct json_object *json = json_tokener_parse(text);
	struct config config;
	char error[200];

	if (json && config_from_instance(&config, json, error, sizeof(error)))
		use(&config);
	json_object_put(json);
}

static void read_record(const char *text)
{
	struct config config = { 0 };

	config_from_digest(&config, text);
	config_sort(&config);
	use(&config);
}

static void read_prefix(const char *text)
{
	char address[PREFIX_TEXT], error[200];
	struct ip_prefix prefix;

	if (prefix_parse(text, &prefix, error, sizeof(error)) &&
	    strcmp(prefix.first, prefix.last) > 0)
		abort();
	address_parse(text, address, error, sizeof(error));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char value[SETTING_SIZE], *text;

	if (!size)
		return 0;
	text = malloc(size);
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	switch (data[0] % 4) {
	case 0:
		read_instance(text);
		break;
	case 1:
		read_record(text);
		break;
	case 2:
		read_prefix(text);
		break;
	case 3:
		setting_find(text, "database", value);
		break;
	}
	free(text);
	return 0;
}
