/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VICI, charon's control protocol: the codec.
 *
 * A segment is a length (4 octets, network order, itself not counted) and a
 * packet; a packet is its type, for some types a name, and a message; a message
 * is a flat run of elements that open and close sections and lists.  (The
 * protocol is described in strongSwan's src/libcharon/plugins/vici/README.md.)
 *
 * The codec works on buffers only: no socket, no event loop, nothing of FRR.
 * Reading never copies and never looks back: each octet is visited once, so a
 * reply of 10,000 SAs takes 10,000 times as long as one of one SA, no more.
 * What comes in is trusted in nothing: every length is checked against what is
 * there, sections must balance, depth is bounded.
 */
#ifndef VPND_VICI_H
#define VPND_VICI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VICI_SEGMENT_MAX (512u * 1024) /* octets of a packet, the protocol's own limit */
#define VICI_DEPTH_MAX	 32

enum vici_packet_type {
	VICI_CMD_REQUEST = 0,
	VICI_CMD_RESPONSE = 1,
	VICI_CMD_UNKNOWN = 2,
	VICI_EVENT_REGISTER = 3,
	VICI_EVENT_UNREGISTER = 4,
	VICI_EVENT_CONFIRM = 5,
	VICI_EVENT_UNKNOWN = 6,
	VICI_EVENT = 7,
};

enum vici_element_type {
	VICI_SECTION_START = 1,
	VICI_SECTION_END = 2,
	VICI_KEY_VALUE = 3,
	VICI_LIST_START = 4,
	VICI_LIST_ITEM = 5,
	VICI_LIST_END = 6,
};

/* Octets that belong to somebody else's buffer; not NUL-terminated. */
struct vici_blob {
	const uint8_t *data;
	size_t len;
};

bool vici_blob_is(const struct vici_blob *blob, const char *str);

/* As a string, cut to what fits; octets that do not print become '?'.  Returns buf. */
char *vici_blob_str(const struct vici_blob *blob, char *buf, size_t size);

/* --- writing ------------------------------------------------------------------------------- */

/* A segment being written.  Zero-initialise; vici_buf_free ends it. */
struct vici_buf {
	uint8_t *data;
	size_t len;
	size_t size;
	bool failed; /* out of memory, or something too long: the segment must not be sent */
};

/* Starts a segment: a request of this command, or an event registration. */
void vici_begin(struct vici_buf *buf, enum vici_packet_type type, const char *name);

void vici_section(struct vici_buf *buf, const char *name);
void vici_section_end(struct vici_buf *buf);
void vici_put(struct vici_buf *buf, const char *key, const char *value);
void vici_put_data(struct vici_buf *buf, const char *key, const void *data, size_t len);
void vici_list(struct vici_buf *buf, const char *key);
void vici_item(struct vici_buf *buf, const char *value);
void vici_item_data(struct vici_buf *buf, const void *data, size_t len);
void vici_list_end(struct vici_buf *buf);

/* A list of one item. */
void vici_put_list(struct vici_buf *buf, const char *key, const char *value);

/* Ends the segment: its length is written.  False if it must not be sent. */
bool vici_finish(struct vici_buf *buf);

/* Zeroes (it may hold a secret) and frees. */
void vici_buf_free(struct vici_buf *buf);

/* --- reading ------------------------------------------------------------------------------- */

/*
 * Is there a whole segment at the start of data?  1: *packet is it, *used how
 * many octets it took.  0: more is needed.  -1: it is longer than allowed.
 */
int vici_segment(const uint8_t *data, size_t len, struct vici_blob *packet, size_t *used);

struct vici_packet {
	enum vici_packet_type type;
	struct vici_blob name;	  /* of VICI_EVENT, else empty */
	struct vici_blob message; /* for vici_reader_init */
};

/* Takes a packet apart.  False if it is malformed. */
bool vici_packet_parse(const struct vici_blob *packet, struct vici_packet *out);

struct vici_reader {
	const uint8_t *at;
	const uint8_t *end;
	unsigned int depth; /* sections open */
	bool in_list;
};

struct vici_element {
	enum vici_element_type type;
	struct vici_blob name;	/* SECTION_START, KEY_VALUE, LIST_START */
	struct vici_blob value; /* KEY_VALUE, LIST_ITEM */
};

void vici_reader_init(struct vici_reader *reader, const struct vici_blob *message);

/* The next element.  1: *element is set.  0: the end, all balanced.  -1: malformed from here. */
int vici_next(struct vici_reader *reader, struct vici_element *element);

#endif /* VPND_VICI_H */
