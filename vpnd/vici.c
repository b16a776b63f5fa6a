// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * VICI, charon's control protocol: the codec.  See vici.h.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "vpnd/vici.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define SEGMENT_HEADER 4 /* octets of a segment's length */

bool vici_blob_is(const struct vici_blob *blob, const char *str)
{
	return blob->len == strlen(str) && (!blob->len || !memcmp(blob->data, str, blob->len));
}

char *vici_blob_str(const struct vici_blob *blob, char *buf, size_t size)
{
	size_t i, len = blob->len < size ? blob->len : size - 1;

	for (i = 0; i < len; i++)
		buf[i] = blob->data[i] >= 0x20 && blob->data[i] < 0x7f ? blob->data[i] : '?';
	buf[len] = '\0';
	return buf;
}

/* --- writing ------------------------------------------------------------------------------- */

/* realloc() could leave a copy of a secret behind, so the old buffer is zeroed by hand. */
static bool buf_grow(struct vici_buf *buf, size_t need)
{
	size_t size = buf->size ? buf->size : 256;
	uint8_t *data;

	while (size < need)
		size *= 2;
	data = malloc(size);
	if (!data)
		return false;
	if (buf->len)
		memcpy(data, buf->data, buf->len);
	if (buf->data)
		explicit_bzero(buf->data, buf->size);
	free(buf->data);
	buf->data = data;
	buf->size = size;
	return true;
}

static void buf_put(struct vici_buf *buf, const void *data, size_t len)
{
	if (buf->failed)
		return;
	if (buf->len + len > SEGMENT_HEADER + VICI_SEGMENT_MAX ||
	    (buf->len + len > buf->size && !buf_grow(buf, buf->len + len))) {
		buf->failed = true;
		return;
	}
	if (len)
		memcpy(buf->data + buf->len, data, len);
	buf->len += len;
}

static void buf_putc(struct vici_buf *buf, uint8_t octet)
{
	buf_put(buf, &octet, 1);
}

static void buf_put_name(struct vici_buf *buf, const char *name)
{
	size_t len = strlen(name);

	if (len > UINT8_MAX)
		buf->failed = true;
	buf_putc(buf, len);
	buf_put(buf, name, len);
}

static void buf_put_value(struct vici_buf *buf, const void *data, size_t len)
{
	if (len > UINT16_MAX)
		buf->failed = true;
	buf_putc(buf, len >> 8);
	buf_putc(buf, len & 0xff);
	buf_put(buf, data, len);
}

void vici_begin(struct vici_buf *buf, enum vici_packet_type type, const char *name)
{
	static const uint8_t length_to_come[SEGMENT_HEADER];

	buf->len = 0;
	buf->failed = false;
	buf_put(buf, length_to_come, sizeof(length_to_come));
	buf_putc(buf, type);
	buf_put_name(buf, name);
}

void vici_section(struct vici_buf *buf, const char *name)
{
	buf_putc(buf, VICI_SECTION_START);
	buf_put_name(buf, name);
}

void vici_section_end(struct vici_buf *buf)
{
	buf_putc(buf, VICI_SECTION_END);
}

void vici_put_data(struct vici_buf *buf, const char *key, const void *data, size_t len)
{
	buf_putc(buf, VICI_KEY_VALUE);
	buf_put_name(buf, key);
	buf_put_value(buf, data, len);
}

void vici_put(struct vici_buf *buf, const char *key, const char *value)
{
	vici_put_data(buf, key, value, strlen(value));
}

void vici_list(struct vici_buf *buf, const char *key)
{
	buf_putc(buf, VICI_LIST_START);
	buf_put_name(buf, key);
}

void vici_item_data(struct vici_buf *buf, const void *data, size_t len)
{
	buf_putc(buf, VICI_LIST_ITEM);
	buf_put_value(buf, data, len);
}

void vici_item(struct vici_buf *buf, const char *value)
{
	vici_item_data(buf, value, strlen(value));
}

void vici_list_end(struct vici_buf *buf)
{
	buf_putc(buf, VICI_LIST_END);
}

void vici_put_list(struct vici_buf *buf, const char *key, const char *value)
{
	vici_list(buf, key);
	vici_item(buf, value);
	vici_list_end(buf);
}

bool vici_finish(struct vici_buf *buf)
{
	uint32_t len;

	if (buf->failed)
		return false;
	assert(buf->len >= SEGMENT_HEADER);
	len = buf->len - SEGMENT_HEADER;
	buf->data[0] = len >> 24;
	buf->data[1] = len >> 16 & 0xff;
	buf->data[2] = len >> 8 & 0xff;
	buf->data[3] = len & 0xff;
	return true;
}

void vici_buf_free(struct vici_buf *buf)
{
	if (buf->data)
		explicit_bzero(buf->data, buf->size);
	free(buf->data);
	memset(buf, 0, sizeof(*buf));
}

/* --- reading ------------------------------------------------------------------------------- */

int vici_segment(const uint8_t *data, size_t len, struct vici_blob *packet, size_t *used)
{
	uint32_t size;

	if (len < SEGMENT_HEADER)
		return 0;
	size = (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 | (uint32_t)data[2] << 8 | data[3];
	if (size > VICI_SEGMENT_MAX)
		return -1;
	if (len - SEGMENT_HEADER < size)
		return 0;
	packet->data = data + SEGMENT_HEADER;
	packet->len = size;
	*used = SEGMENT_HEADER + size;
	return 1;
}

/* Takes len octets; false if there are fewer. */
static bool take(const uint8_t **at, const uint8_t *end, size_t len, struct vici_blob *out)
{
	if ((size_t)(end - *at) < len)
		return false;
	out->data = *at;
	out->len = len;
	*at += len;
	return true;
}

static bool take_name(const uint8_t **at, const uint8_t *end, struct vici_blob *name)
{
	struct vici_blob len;

	return take(at, end, 1, &len) && take(at, end, len.data[0], name);
}

static bool take_value(const uint8_t **at, const uint8_t *end, struct vici_blob *value)
{
	struct vici_blob len;

	return take(at, end, 2, &len) &&
	       take(at, end, (size_t)len.data[0] << 8 | len.data[1], value);
}

bool vici_packet_parse(const struct vici_blob *packet, struct vici_packet *out)
{
	const uint8_t *at = packet->data, *end = packet->data + packet->len;
	struct vici_blob type;

	memset(out, 0, sizeof(*out));
	if (!take(&at, end, 1, &type) || type.data[0] > VICI_EVENT)
		return false;
	out->type = type.data[0];
	switch (out->type) {
	case VICI_CMD_REQUEST:
	case VICI_EVENT_REGISTER:
	case VICI_EVENT_UNREGISTER:
	case VICI_EVENT:
		if (!take_name(&at, end, &out->name))
			return false;
		break;
	case VICI_CMD_RESPONSE:
	case VICI_CMD_UNKNOWN:
	case VICI_EVENT_CONFIRM:
	case VICI_EVENT_UNKNOWN:
		break;
	}
	out->message.data = at;
	out->message.len = end - at;
	return true;
}

void vici_reader_init(struct vici_reader *reader, const struct vici_blob *message)
{
	reader->at = message->data;
	reader->end = message->data + message->len;
	reader->depth = 0;
	reader->in_list = false;
}

/* May an element of this type stand here? */
static bool element_fits(const struct vici_reader *reader, unsigned int type)
{
	switch (type) {
	case VICI_SECTION_START:
		return !reader->in_list && reader->depth < VICI_DEPTH_MAX;
	case VICI_SECTION_END:
		return !reader->in_list && reader->depth > 0;
	case VICI_KEY_VALUE:
	case VICI_LIST_START:
		return !reader->in_list;
	case VICI_LIST_ITEM:
	case VICI_LIST_END:
		return reader->in_list;
	}
	return false;
}

static bool element_body(struct vici_reader *reader, struct vici_element *element)
{
	switch (element->type) {
	case VICI_SECTION_START:
		reader->depth++;
		return take_name(&reader->at, reader->end, &element->name);
	case VICI_SECTION_END:
		reader->depth--;
		return true;
	case VICI_KEY_VALUE:
		return take_name(&reader->at, reader->end, &element->name) &&
		       take_value(&reader->at, reader->end, &element->value);
	case VICI_LIST_START:
		reader->in_list = true;
		return take_name(&reader->at, reader->end, &element->name);
	case VICI_LIST_ITEM:
		return take_value(&reader->at, reader->end, &element->value);
	case VICI_LIST_END:
		reader->in_list = false;
		return true;
	}
	return false;
}

int vici_next(struct vici_reader *reader, struct vici_element *element)
{
	struct vici_blob type;

	memset(element, 0, sizeof(*element));
	if (reader->at == reader->end)
		return reader->depth || reader->in_list ? -1 : 0;
	if (!take(&reader->at, reader->end, 1, &type) || !element_fits(reader, type.data[0]))
		return -1;
	element->type = type.data[0];
	return element_body(reader, element) ? 1 : -1;
}
