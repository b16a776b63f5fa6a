// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Bounds on what a client may send; see netconf_framing.c.
 */
#ifndef _NETCONF_FRAMING_H
#define _NETCONF_FRAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Elements inside each other: YANG of FRR needs about twenty. */
#define NETCONF_DEPTH_MAX 128

enum netconf_frame_state {
	NETCONF_FRAME_EOM,   /* text; the caller knows where "]]>]]>" ended it */
	NETCONF_FRAME_LF,    /* the line feed before a chunk's '#' */
	NETCONF_FRAME_HASH,  /* the '#' */
	NETCONF_FRAME_SIZE,  /* a chunk's size, or the end of the message */
	NETCONF_FRAME_END,   /* the line feed after "##" */
	NETCONF_FRAME_CHUNK, /* the chunk */
};

enum netconf_xml_state {
	NETCONF_XML_TEXT,
	NETCONF_XML_MARK,  /* after '<' */
	NETCONF_XML_TAG,   /* in a start tag */
	NETCONF_XML_EMPTY, /* in a start tag, after '/' */
	NETCONF_XML_QUOTE, /* in an attribute's value */
	NETCONF_XML_CLOSE, /* in an end tag */
	NETCONF_XML_BANG,  /* after "<!" */
	NETCONF_XML_COMMENT,
	NETCONF_XML_CDATA,
	NETCONF_XML_PI,
};

/* One direction of one connection. */
struct netconf_framing {
	size_t limit;	     /* bytes of one message */
	const char *refused; /* why nothing more is read, or NULL */

	enum netconf_frame_state frame;
	size_t size;  /* bytes of this message so far */
	size_t chunk; /* bytes of this chunk that are to come, or its size as far as read */
	unsigned int digits;

	enum netconf_xml_state xml;
	unsigned int depth;
	char quote;
	int seen; /* of the characters before the '>' that ends a comment and the like */
};

/*
 * A new connection: a <hello> of at most limit bytes is to come.
 */
extern void netconf_framing_start(struct netconf_framing *framing, size_t limit);

/*
 * Messages of at most limit bytes are to come, in chunks (NETCONF 1.1) or not
 * (1.0). Called when the <hello> is read, and for 1.0 after each message: where
 * one ends is for the reader to say, who looks for "]]>]]>".
 */
extern void netconf_framing_messages(struct netconf_framing *framing, bool chunked, size_t limit);

/*
 * The next bytes that came. Returns false when they must not be looked at by
 * anybody: then ->refused says why, and it stays so.
 */
extern bool netconf_framing_bytes(struct netconf_framing *framing, const char *bytes, size_t count);

#endif /* _NETCONF_FRAMING_H */
