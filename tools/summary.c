// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a capture held: packets by kind, IKE messages by exchange, packets by SPI.
 *
 * SPIs are in a hash table of fixed size with open addressing, so that memory is
 * bounded whatever is captured; those that find no room are counted together
 * and said to be so.  They are printed in the order of addresses and SPIs, so
 * that two summaries of one capture are the same.
 *
 * An IKE message counts once: one whose octets are those of a message among the
 * last IKE_REMEMBERED is a retransmission (RFC 7296 section 2.1) and is counted
 * apart.  The fragments of a message (RFC 7383) count each.
 */
#include "tools/summary.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <json-c/json.h>

#define SLOTS	       (SUMMARY_SPIS_MAX * 2) /* a power of 2 */
#define EXCHANGES      256
#define EXCHANGE_NAME  32
#define IKE_REMEMBERED 1024 /* messages that a retransmission is recognised among */

struct spi_count {
	struct packet_addr source;
	struct packet_addr destination;
	uint32_t spi;
	bool is_ah;
	bool udp_encapsulated;
	uint64_t packets; /* 0: the slot is free */
	uint64_t octets;
};

struct summary {
	uint64_t packets;
	uint64_t octets;
	uint64_t kinds[PACKET_KINDS];
	uint64_t ike_v1[EXCHANGES];
	uint64_t ike_v2[EXCHANGES];
	uint64_t ike_retransmissions;
	uint64_t ike_messages;		   /* those remembered, ever */
	uint64_t ike_seen[IKE_REMEMBERED]; /* their digests, the oldest overwritten */
	uint64_t cleartext;
	uint64_t lost;
	uint64_t spis_beyond; /* packets of SPIs that found no room */
	size_t spi_count;
	struct spi_count *spis; /* SLOTS */
};

struct summary *summary_new(void)
{
	struct summary *summary = calloc(1, sizeof(*summary));

	if (!summary)
		return NULL;
	summary->spis = calloc(SLOTS, sizeof(*summary->spis));
	if (!summary->spis) {
		free(summary);
		return NULL;
	}
	return summary;
}

void summary_free(struct summary *summary)
{
	if (!summary)
		return;
	free(summary->spis);
	free(summary);
}

/* FNV-1a */
static uint32_t hash_octets(uint32_t hash, const void *data, size_t size)
{
	const uint8_t *p = data;

	while (size--)
		hash = (hash ^ *p++) * 16777619u;
	return hash;
}

static bool same_spi(const struct spi_count *count, const struct packet *packet,
		     const struct packet_ip *ip)
{
	return count->spi == packet->spi && count->is_ah == (packet->kind == PACKET_AH) &&
	       packet_addr_same(&count->destination, &ip->destination) &&
	       packet_addr_same(&count->source, &ip->source);
}

static void count_spi(struct summary *summary, const struct packet *packet, size_t octets)
{
	const struct packet_ip *ip = &packet->ip[packet->ip_count - 1];
	uint32_t hash = hash_octets(2166136261u, &packet->spi, sizeof(packet->spi));
	struct spi_count *count;

	hash = hash_octets(hash, ip->destination.octets, sizeof(ip->destination.octets));
	hash = hash_octets(hash, ip->source.octets, sizeof(ip->source.octets));
	for (count = &summary->spis[hash % SLOTS]; count->packets;
	     count = &summary->spis[hash % SLOTS]) {
		if (same_spi(count, packet, ip))
			break;
		hash++;
	}
	if (!count->packets) {
		if (summary->spi_count == SUMMARY_SPIS_MAX) {
			summary->spis_beyond++;
			return;
		}
		summary->spi_count++;
		count->source = ip->source;
		count->destination = ip->destination;
		count->spi = packet->spi;
		count->is_ah = packet->kind == PACKET_AH;
	}
	count->udp_encapsulated |= packet->udp_encapsulated;
	count->packets++;
	count->octets += octets;
}

static void count_ike(struct summary *summary, const struct packet_ike *ike)
{
	uint64_t *counts = ike->version >> 4 == 1 ? summary->ike_v1 : summary->ike_v2;
	size_t seen = summary->ike_messages < IKE_REMEMBERED ? summary->ike_messages
							     : IKE_REMEMBERED;

	for (size_t i = 0; i < seen; i++) {
		if (summary->ike_seen[i] == ike->digest) {
			summary->ike_retransmissions++;
			return;
		}
	}
	summary->ike_seen[summary->ike_messages++ % IKE_REMEMBERED] = ike->digest;
	counts[ike->exchange]++;
}

void summary_count(struct summary *summary, const struct packet *packet, size_t octets,
		   bool cleartext)
{
	summary->packets++;
	summary->octets += octets;
	summary->kinds[packet->kind]++;
	summary->cleartext += cleartext;
	if (packet->kind == PACKET_IKE)
		count_ike(summary, &packet->ike);
	if (packet->kind == PACKET_ESP || packet->kind == PACKET_AH)
		count_spi(summary, packet, octets);
}

void summary_lost(struct summary *summary, uint64_t packets)
{
	summary->lost = packets;
}

uint64_t summary_cleartext(const struct summary *summary)
{
	return summary->cleartext;
}

static int by_address_and_spi(const void *one, const void *other)
{
	const struct spi_count *a = *(const struct spi_count *const *)one;
	const struct spi_count *b = *(const struct spi_count *const *)other;
	int order = memcmp(&a->source, &b->source, sizeof(a->source));

	if (!order)
		order = memcmp(&a->destination, &b->destination, sizeof(a->destination));
	if (!order)
		order = (a->spi > b->spi) - (a->spi < b->spi);
	return order ? order : a->is_ah - b->is_ah;
}

/* Pointers to what was counted, in order, to be freed; NULL if there is no memory. */
static const struct spi_count **sorted_spis(const struct summary *summary)
{
	const struct spi_count **sorted = calloc(summary->spi_count + 1, sizeof(*sorted));
	size_t n = 0;

	if (!sorted)
		return NULL;
	for (size_t i = 0; i < SLOTS; i++)
		if (summary->spis[i].packets)
			sorted[n++] = &summary->spis[i];
	qsort(sorted, n, sizeof(*sorted), by_address_and_spi);
	return sorted;
}

/* "IKE_SA_INIT" as a key: "ikeSaInit"; an exchange without a name: "exchange99". */
static const char *exchange_key(uint8_t version, uint8_t exchange, char key[EXCHANGE_NAME])
{
	const char *name = packet_ike_exchange_name(version, exchange);
	bool upper = false;
	size_t n = 0;

	if (!name) {
		snprintf(key, EXCHANGE_NAME, "exchange%u%s", exchange,
			 version >> 4 == 1 ? "V1" : "");
		return key;
	}
	for (; *name && n < EXCHANGE_NAME - 1; name++) {
		if (*name == '_') {
			upper = true;
			continue;
		}
		key[n++] = upper ? *name : tolower((unsigned char)*name);
		upper = false;
	}
	key[n] = '\0';
	return key;
}

static void print_exchanges(const uint64_t *counts, uint8_t version, FILE *out)
{
	const char *name;

	for (unsigned int i = 0; i < EXCHANGES; i++) {
		if (!counts[i])
			continue;
		name = packet_ike_exchange_name(version, i);
		if (name)
			fprintf(out, "    %-20s %10" PRIu64 "\n", name, counts[i]);
		else
			fprintf(out, "    exchange %-11u %10" PRIu64 "\n", i, counts[i]);
	}
}

static void print_spi(const struct spi_count *count, const struct spi_map *map, FILE *out)
{
	struct spi_meaning meaning = spi_map_explain(map, &count->source, &count->destination,
						     count->spi);
	char source[PACKET_ADDR_SIZE], destination[PACKET_ADDR_SIZE];

	fprintf(out, "  %s > %s %s 0x%08" PRIx32, packet_addr_text(&count->source, source),
		packet_addr_text(&count->destination, destination), count->is_ah ? "AH" : "ESP",
		count->spi);
	if (meaning.known)
		fprintf(out, " = prefix 0x%08" PRIx32 "/%u | label %" PRIu32, meaning.prefix,
			meaning.prefix_len, meaning.label);
	if (meaning.vrf)
		fprintf(out, ", VRF %s", meaning.vrf);
	fprintf(out, ": %" PRIu64 " packets, %" PRIu64 " octets%s\n", count->packets, count->octets,
		count->udp_encapsulated ? ", in UDP" : "");
}

bool summary_print(const struct summary *summary, const struct spi_map *map, FILE *out)
{
	const struct spi_count **spis = sorted_spis(summary);

	if (!spis)
		return false;
	fprintf(out, "%" PRIu64 " packets, %" PRIu64 " octets\n", summary->packets, summary->octets);
	for (int kind = 0; kind < PACKET_KINDS; kind++) {
		if (!summary->kinds[kind])
			continue;
		fprintf(out, "  %-22s %10" PRIu64 "\n", packet_kind_name(kind),
			summary->kinds[kind]);
		if (kind == PACKET_IKE) {
			print_exchanges(summary->ike_v2, 0x20, out);
			print_exchanges(summary->ike_v1, 0x10, out);
			if (summary->ike_retransmissions)
				fprintf(out, "    %-20s %10" PRIu64 "\n", "retransmissions",
					summary->ike_retransmissions);
		}
	}
	if (summary->spi_count)
		fprintf(out, "SPIs:\n");
	for (size_t i = 0; i < summary->spi_count; i++)
		print_spi(spis[i], map, out);
	if (summary->spis_beyond)
		fprintf(out, "  and %" PRIu64 " packets of further SPIs\n", summary->spis_beyond);
	fprintf(out, "cleartext customer packets: %" PRIu64 "\n", summary->cleartext);
	if (summary->lost)
		fprintf(out, "lost by the capture: %" PRIu64 "\n", summary->lost);
	free(spis);
	return fflush(out) == 0 && !ferror(out);
}

static void add_number(struct json_object *json, const char *key, uint64_t number)
{
	json_object_object_add(json, key, json_object_new_uint64(number));
}

static void add_hex(struct json_object *json, const char *key, uint32_t number)
{
	char text[16];

	snprintf(text, sizeof(text), "0x%08" PRIx32, number);
	json_object_object_add(json, key, json_object_new_string(text));
}

static struct json_object *kinds_json(const struct summary *summary)
{
	struct json_object *json = json_object_new_object();

	for (int kind = 0; kind < PACKET_KINDS; kind++)
		if (summary->kinds[kind])
			add_number(json, packet_kind_name(kind), summary->kinds[kind]);
	return json;
}

static struct json_object *ike_json(const struct summary *summary)
{
	struct json_object *json = json_object_new_object();
	char key[EXCHANGE_NAME];

	for (unsigned int i = 0; i < EXCHANGES; i++) {
		/* the four of RFC 7296 always, so that nobody must ask whether they are there */
		if (summary->ike_v2[i] || (i >= 34 && i <= 37))
			add_number(json, exchange_key(0x20, i, key), summary->ike_v2[i]);
		if (summary->ike_v1[i])
			add_number(json, exchange_key(0x10, i, key), summary->ike_v1[i]);
	}
	add_number(json, "retransmissions", summary->ike_retransmissions);
	return json;
}

static struct json_object *spi_json(const struct spi_count *count, const struct spi_map *map)
{
	struct spi_meaning meaning = spi_map_explain(map, &count->source, &count->destination,
						     count->spi);
	struct json_object *json = json_object_new_object();
	char text[PACKET_ADDR_SIZE];

	json_object_object_add(json, "source",
			       json_object_new_string(packet_addr_text(&count->source, text)));
	json_object_object_add(json, "destination",
			       json_object_new_string(packet_addr_text(&count->destination, text)));
	json_object_object_add(json, "protocol",
			       json_object_new_string(count->is_ah ? "ah" : "esp"));
	json_object_object_add(json, "udpEncapsulation",
			       json_object_new_boolean(count->udp_encapsulated));
	add_hex(json, "spi", count->spi);
	if (meaning.known) {
		add_hex(json, "prefix", meaning.prefix);
		add_number(json, "prefixLength", meaning.prefix_len);
		add_number(json, "label", meaning.label);
	}
	if (meaning.vrf)
		json_object_object_add(json, "vrf", json_object_new_string(meaning.vrf));
	add_number(json, "packets", count->packets);
	add_number(json, "bytes", count->octets);
	return json;
}

bool summary_print_json(const struct summary *summary, const struct spi_map *map, FILE *out)
{
	const struct spi_count **spis = sorted_spis(summary);
	struct json_object *json, *list;

	if (!spis)
		return false;
	json = json_object_new_object();
	list = json_object_new_array();
	add_number(json, "packets", summary->packets);
	add_number(json, "bytes", summary->octets);
	json_object_object_add(json, "kinds", kinds_json(summary));
	json_object_object_add(json, "ike", ike_json(summary));
	for (size_t i = 0; i < summary->spi_count; i++)
		json_object_array_add(list, spi_json(spis[i], map));
	json_object_object_add(json, "spis", list);
	add_number(json, "packetsOfFurtherSpis", summary->spis_beyond);
	add_number(json, "cleartextCustomerPackets", summary->cleartext);
	add_number(json, "lostByCapture", summary->lost);
	fprintf(out, "%s\n",
		json_object_to_json_string_ext(json, JSON_C_TO_STRING_PRETTY |
							     JSON_C_TO_STRING_SPACED |
							     JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(json);
	free(spis);
	return fflush(out) == 0 && !ferror(out);
}
