// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Labels: the number that stands for a VRF behind our SPI prefix.
 *
 * Two sets: vpn_labels are the VRFs that bgpd wants to export; bindings are the
 * numbers that VRFs have, or once had.  A binding outlives its label, because a
 * peer may still send with the number, and a returning VRF should find it
 * again.  Only when no fresh number is left is the one taken that was released
 * longest ago.
 *
 * Numbers 0 to 255 are left alone (RFC 4303 section 2.1 reserves such SPIs)
 * where that costs little; beside a prefix of more than 22 bits it would cost a
 * quarter of the labels and more, and the top bit of our prefixes keeps every
 * wire SPI clear of them anyway.
 */
#include <zebra.h>

#include "lib/json.h"
#include "lib/jhash.h"

#include "vpnd/vpn_label.h"
#include "vpnd/vpn_memory.h"

DEFINE_MTYPE_STATIC(VPND, VPN_LABEL, "VPN label");
DEFINE_MTYPE_STATIC(VPND, VPN_BINDING, "VPN label reserved for a VRF");

#define LABELS_TO_SPARE 1024 /* of a label space, before 0 to 255 are left alone */

PREDECL_RBTREE_UNIQ(bindings_by_name);
PREDECL_RBTREE_UNIQ(bindings_by_number);

struct binding {
	struct bindings_by_name_item name_item;
	struct bindings_by_number_item number_item;
	char vrf[VRF_NAMSIZ];
	uint32_t number;
	uint64_t released; /* order of release among all; 0: before this vpnd */
};

static int binding_name_cmp(const struct binding *a, const struct binding *b)
{
	return strcmp(a->vrf, b->vrf);
}

static int binding_number_cmp(const struct binding *a, const struct binding *b)
{
	return numcmp(a->number, b->number);
}

DECLARE_RBTREE_UNIQ(bindings_by_name, struct binding, name_item, binding_name_cmp);
DECLARE_RBTREE_UNIQ(bindings_by_number, struct binding, number_item, binding_number_cmp);

struct vpn_labels_head vpn_labels = INIT_RBTREE_UNIQ(vpn_labels);

static struct bindings_by_name_head by_name = INIT_RBTREE_UNIQ(by_name);
static struct bindings_by_number_head by_number = INIT_RBTREE_UNIQ(by_number);
static uint64_t releases;

int vpn_label_cmp(const struct vpn_label *a, const struct vpn_label *b)
{
	return strcmp(a->vrf, b->vrf);
}

struct vpn_label *vpn_label_find(const char *vrf)
{
	struct vpn_label key = {};

	strlcpy(key.vrf, vrf, sizeof(key.vrf));
	return vpn_labels_find(&vpn_labels, &key);
}

struct vpn_label *vpn_label_get(const char *vrf)
{
	struct vpn_label *label = vpn_label_find(vrf);

	if (label)
		return label;
	label = XCALLOC(MTYPE_VPN_LABEL, sizeof(*label));
	strlcpy(label->vrf, vrf, sizeof(label->vrf));
	label->waiting.label = label;
	vpn_labels_add(&vpn_labels, label);
	return label;
}

static struct binding *binding_of(const char *vrf)
{
	struct binding key = {};

	strlcpy(key.vrf, vrf, sizeof(key.vrf));
	return bindings_by_name_find(&by_name, &key);
}

void vpn_label_free(struct vpn_label **label)
{
	struct binding *binding = binding_of((*label)->vrf);

	if (binding)
		binding->released = ++releases;
	vpn_waiting_stop(&(*label)->waiting);
	vpn_labels_del(&vpn_labels, *label);
	XFREE(MTYPE_VPN_LABEL, *label);
}

static void bind_number(const char *vrf, uint32_t number)
{
	struct binding *binding = XCALLOC(MTYPE_VPN_BINDING, sizeof(*binding));

	strlcpy(binding->vrf, vrf, sizeof(binding->vrf));
	binding->number = number;
	bindings_by_name_add(&by_name, binding);
	bindings_by_number_add(&by_number, binding);
}

static void unbind(struct binding *binding)
{
	bindings_by_name_del(&by_name, binding);
	bindings_by_number_del(&by_number, binding);
	XFREE(MTYPE_VPN_BINDING, binding);
}

bool vpn_label_remember(const char *vrf, uint32_t number)
{
	struct binding key = { .number = number };

	if (binding_of(vrf) || bindings_by_number_find(&by_number, &key))
		return false;
	bind_number(vrf, number);
	return true;
}

/* The lowest number that is bound to nobody; false if there is none up to max. */
static bool lowest_unbound(uint32_t min, uint32_t max, uint32_t *number)
{
	struct binding key = { .number = min }, *binding;
	uint32_t candidate = min;

	for (binding = bindings_by_number_find_gteq(&by_number, &key);
	     binding && binding->number == candidate;
	     binding = bindings_by_number_next(&by_number, binding)) {
		if (candidate == max)
			return false;
		candidate++;
	}
	*number = candidate;
	return true;
}

/* The binding of a VRF that nobody wants which was released longest ago, and fits. */
static struct binding *longest_released(uint32_t min, uint32_t max)
{
	struct binding *binding, *oldest = NULL;

	frr_each (bindings_by_name, &by_name, binding) {
		if (binding->number < min || binding->number > max || vpn_label_find(binding->vrf))
			continue;
		if (!oldest || binding->released < oldest->released)
			oldest = binding;
	}
	return oldest;
}

bool vpn_label_assign(const char *vrf, uint8_t prefix_len, struct spi_label *out, bool *changed)
{
	uint32_t max = vpn_spi_label_max(prefix_len), min, number;
	struct binding *binding = binding_of(vrf), *old;

	min = max >= LABELS_TO_SPARE - 1 ? VPN_SPI_LABEL_MIN : 1;
	if (!binding || binding->number > max) {
		if (!lowest_unbound(min, max, &number)) {
			old = longest_released(min, max);
			if (!old)
				return false;
			number = old->number;
			unbind(old);
		}
		if (binding)
			unbind(binding);
		bind_number(vrf, number);
		binding = binding_of(vrf);
		*changed = true;
	}
	out->label = binding->number;
	out->len = vpn_spi_label_len(prefix_len);
	return true;
}

size_t vpn_label_reserved(void)
{
	return bindings_by_name_count(&by_name);
}

struct json_object *vpn_label_save(void)
{
	struct json_object *json = json_object_new_object();
	struct binding *binding;

	frr_each (bindings_by_name, &by_name, binding)
		json_object_int_add(json, binding->vrf, binding->number);
	return json;
}

void vpn_label_load(struct json_object *json)
{
	struct json_object_iterator at, end;
	struct json_object *value;
	const char *vrf;
	int64_t number;

	if (!json_object_is_type(json, json_type_object))
		return;
	at = json_object_iter_begin(json);
	end = json_object_iter_end(json);
	for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
		vrf = json_object_iter_peek_name(&at);
		value = json_object_iter_peek_value(&at);
		if (!json_object_is_type(value, json_type_int) || strlen(vrf) >= VRF_NAMSIZ)
			continue;
		number = json_object_get_int64(value);
		if (number > 0 && number <= UINT32_MAX)
			vpn_label_remember(vrf, number);
	}
}

void vpn_label_terminate(void)
{
	struct vpn_label *label;
	struct binding *binding;

	while ((label = vpn_labels_first(&vpn_labels)))
		vpn_label_free(&label);
	while ((binding = bindings_by_name_first(&by_name)))
		unbind(binding);
}
