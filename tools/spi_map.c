// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Prefix lengths and VRFs, as vpnd's show commands print them.
 *
 * The SPI in a packet does not say where its prefix ends, and the prefix itself
 * crossed IKE encrypted.  So the map learns from a provider edge:
 *
 *   {"peers":  {"10.0.0.2": {"prefixLengthIn": 16, "prefixLengthOut": 16}},
 *    "labels": {"red": {"label": 257, "length": 16}},
 *    "uses":   [{"vrf": "red", "pe": "10.0.0.2", "label": 300, "length": 16}]}
 *
 * A packet to a peer carries the peer's label (a use names our VRF for it);
 * a packet from a peer to anybody who is no peer carries one of ours.  Maps of
 * several provider edges may be added; where two say something of the same
 * packet, the one who sends it is believed, since it was added as a use.
 * Prefixes change with each rekey, lengths and labels do not: the map keeps
 * only these.  Other keys are ignored, as vpnd may print more tomorrow.
 *
 * Limits: where several VRFs use one label of a peer, the first one is named;
 * labels of several provider edges that are no peers of each other cannot be
 * told apart.
 */
#include "tools/spi_map.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <json-c/json.h>

#include "wire/spi.h"
#include "wire/spi_label.h"

#define UNKNOWN_LEN 0xff

struct peer {
	struct packet_addr addr;
	uint8_t len_in; /* UNKNOWN_LEN if it is not known */
	uint8_t len_out;
};

struct label {
	struct packet_addr pe; /* family 0: our own */
	uint32_t label;
	uint8_t len; /* of the label */
	char vrf[SPI_MAP_VRF_SIZE];
};

struct spi_map {
	struct peer *peers;
	size_t peer_count;
	struct label *labels;
	size_t label_count;
	uint8_t default_len;
};

struct spi_map *spi_map_new(void)
{
	struct spi_map *map = calloc(1, sizeof(*map));

	if (map)
		map->default_len = UNKNOWN_LEN;
	return map;
}

void spi_map_free(struct spi_map *map)
{
	if (!map)
		return;
	free(map->peers);
	free(map->labels);
	free(map);
}

void spi_map_default_length(struct spi_map *map, uint8_t prefix_len)
{
	map->default_len = prefix_len;
}

static struct peer *peer_find(const struct spi_map *map, const struct packet_addr *addr)
{
	for (size_t i = 0; i < map->peer_count; i++)
		if (packet_addr_same(&map->peers[i].addr, addr))
			return &map->peers[i];
	return NULL;
}

static struct peer *peer_get(struct spi_map *map, const struct packet_addr *addr)
{
	struct peer *peer = peer_find(map, addr), *grown;

	if (peer || map->peer_count == SPI_MAP_MAX)
		return peer;
	grown = realloc(map->peers, (map->peer_count + 1) * sizeof(*grown));
	if (!grown)
		return NULL;
	map->peers = grown;
	peer = &grown[map->peer_count++];
	*peer = (struct peer){ .addr = *addr, .len_in = UNKNOWN_LEN, .len_out = UNKNOWN_LEN };
	return peer;
}

static bool label_add(struct spi_map *map, const struct label *label)
{
	struct label *grown;

	if (map->label_count == SPI_MAP_MAX)
		return false;
	grown = realloc(map->labels, (map->label_count + 1) * sizeof(*grown));
	if (!grown)
		return false;
	map->labels = grown;
	grown[map->label_count++] = *label;
	return true;
}

/* The member if it is a number from 0 to most. */
static bool get_number(struct json_object *json, const char *key, int64_t most, int64_t *number)
{
	struct json_object *member;

	if (!json_object_object_get_ex(json, key, &member) ||
	    !json_object_is_type(member, json_type_int))
		return false;
	*number = json_object_get_int64(member);
	return *number >= 0 && *number <= most;
}

static bool get_address(struct json_object *json, const char *key, struct packet_addr *addr)
{
	struct json_object *member;

	return json_object_object_get_ex(json, key, &member) &&
	       json_object_is_type(member, json_type_string) &&
	       packet_addr_parse(json_object_get_string(member), addr);
}

static const char *add_peers(struct spi_map *map, struct json_object *peers)
{
	struct packet_addr addr;
	struct peer *peer;
	int64_t len;

	json_object_object_foreach (peers, name, json) {
		if (!packet_addr_parse(name, &addr))
			return "a name under \"peers\" is no address";
		peer = peer_get(map, &addr);
		if (!peer)
			return "it has too many peers";
		if (get_number(json, "prefixLengthIn", VPN_SPI_PREFIX_LEN_MAX, &len))
			peer->len_in = len;
		if (get_number(json, "prefixLengthOut", VPN_SPI_PREFIX_LEN_MAX, &len))
			peer->len_out = len;
	}
	return NULL;
}

/* Label and its length; false if it has none now. */
static bool get_label(struct json_object *json, const char *vrf, struct label *label)
{
	int64_t number, len;

	if (!get_number(json, "label", UINT32_MAX, &number) ||
	    !get_number(json, "length", SPI_LABEL_LEN_MAX, &len) || len < SPI_LABEL_LEN_MIN)
		return false;
	label->label = number;
	label->len = len;
	snprintf(label->vrf, sizeof(label->vrf), "%s", vrf);
	return true;
}

static const char *add_labels(struct spi_map *map, struct json_object *labels)
{
	struct label label = {};

	json_object_object_foreach (labels, name, json) {
		if (get_label(json, name, &label) && !label_add(map, &label))
			return "it has too many labels";
	}
	return NULL;
}

static const char *add_uses(struct spi_map *map, struct json_object *uses)
{
	size_t count = json_object_array_length(uses);

	for (size_t i = 0; i < count; i++) {
		struct json_object *use = json_object_array_get_idx(uses, i), *vrf;
		struct label label = {};
		struct peer *peer;

		if (!get_address(use, "pe", &label.pe) ||
		    !json_object_object_get_ex(use, "vrf", &vrf) ||
		    !json_object_is_type(vrf, json_type_string) ||
		    !get_label(use, json_object_get_string(vrf), &label))
			return "one of \"uses\" has no \"pe\", \"vrf\", \"label\" or \"length\"";
		peer = peer_get(map, &label.pe);
		if (!peer || !label_add(map, &label))
			return "it has too many uses";
		if (peer->len_out == UNKNOWN_LEN)
			peer->len_out = 32 - label.len;
	}
	return NULL;
}

static const char *add_object(struct spi_map *map, struct json_object *json)
{
	struct json_object *part;
	const char *error = NULL;
	bool any = false;

	if (json_object_object_get_ex(json, "peers", &part) &&
	    json_object_is_type(part, json_type_object)) {
		any = true;
		error = add_peers(map, part);
	}
	if (!error && json_object_object_get_ex(json, "labels", &part) &&
	    json_object_is_type(part, json_type_object)) {
		any = true;
		error = add_labels(map, part);
	}
	if (!error && json_object_object_get_ex(json, "uses", &part) &&
	    json_object_is_type(part, json_type_array)) {
		any = true;
		error = add_uses(map, part);
	}
	return any || error ? error : "it has no \"peers\", \"labels\" or \"uses\"";
}

const char *spi_map_add(struct spi_map *map, const char *text)
{
	struct json_object *json = json_tokener_parse(text);
	const char *error;

	if (!json || !json_object_is_type(json, json_type_object))
		error = "it is no JSON object";
	else
		error = add_object(map, json);
	json_object_put(json);
	return error;
}

/* The VRF of a label of pe, or of our own (pe NULL). */
static const char *vrf_of(const struct spi_map *map, const struct packet_addr *pe, uint32_t number,
			  uint8_t len)
{
	for (size_t i = 0; i < map->label_count; i++) {
		const struct label *label = &map->labels[i];
		bool match = pe ? packet_addr_same(&label->pe, pe) : !label->pe.family;

		if (match && label->label == number && label->len == len)
			return label->vrf;
	}
	return NULL;
}

struct spi_meaning spi_map_explain(const struct spi_map *map, const struct packet_addr *source,
				   const struct packet_addr *destination, uint32_t spi)
{
	const struct peer *to = peer_find(map, destination), *from = peer_find(map, source);
	struct spi_meaning meaning = { .prefix_len = map->default_len };

	/* a top bit that is clear is no prefix, unless somebody has no prefix at all */
	if (to && to->len_out != UNKNOWN_LEN)
		meaning.prefix_len = to->len_out;
	else if (from && from->len_in != UNKNOWN_LEN)
		meaning.prefix_len = from->len_in;
	if (meaning.prefix_len == UNKNOWN_LEN || (meaning.prefix_len && !(spi & VPN_SPI_TOP_BIT)))
		return (struct spi_meaning){};
	meaning.known = true;
	meaning.prefix = spi & vpn_spi_prefix_mask(meaning.prefix_len);
	meaning.label = vpn_spi_wire_label(meaning.prefix_len, spi);
	meaning.vrf = vrf_of(map, to ? destination : NULL, meaning.label,
			     vpn_spi_label_len(meaning.prefix_len));
	return meaning;
}
