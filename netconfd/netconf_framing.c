// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Bounds on what a client may send, byte for byte as it comes (RFC 6242, 4).
 *
 * libnetconf2 3.7.1 reads a message of any length, takes a chunk's size as
 * it is (one of 2^64-1 writes behind an empty buffer) and parses elements as
 * deep inside each other as they come, each on the stack. So every byte goes
 * through here before libnetconf2 has it, and a connection that breaks a bound
 * is ended at that byte:
 *
 *  - a message is at most so many bytes, its chunks together;
 *  - a chunk's size is a number as RFC 6242 has it, and fits the message;
 *  - elements are at most NETCONF_DEPTH_MAX deep.
 *
 * This is no parser: what is well-formed is libnetconf2's and libyang's to say.
 * It only has to count elements no lower than libyang will, so it knows start
 * tags, end tags, quotes, comments, CDATA and processing instructions, whose
 * contents could look like tags.
 */
#include "netconfd/netconf_framing.h"

static bool refuse(struct netconf_framing *framing, const char *why)
{
	framing->refused = why;
	return false;
}

/* What a message begins with. */
static void begin(struct netconf_framing *framing)
{
	framing->size = 0;
	framing->chunk = 0;
	framing->digits = 0;
	framing->xml = NETCONF_XML_TEXT;
	framing->depth = 0;
	framing->seen = 0;
}

void netconf_framing_start(struct netconf_framing *framing, size_t limit)
{
	framing->refused = NULL;
	netconf_framing_messages(framing, false, limit);
}

void netconf_framing_messages(struct netconf_framing *framing, bool chunked, size_t limit)
{
	framing->limit = limit;
	framing->frame = chunked ? NETCONF_FRAME_LF : NETCONF_FRAME_EOM;
	begin(framing);
}

/* A comment, CDATA or processing instruction, that "-->", "]]>" or "?>" ends. */
static void xml_skip(struct netconf_framing *framing, char byte, char before, int times)
{
	if (byte == '>' && framing->seen >= times)
		framing->xml = NETCONF_XML_TEXT;
	framing->seen = byte == before ? framing->seen + 1 : 0;
}

/* After "<!": a comment, CDATA, or what libyang refuses. */
static void xml_bang(struct netconf_framing *framing, char byte)
{
	/* a comment's second '-' is no part of its end */
	framing->seen = byte == '-' ? -1 : 0;
	if (byte == '-')
		framing->xml = NETCONF_XML_COMMENT;
	else if (byte == '[')
		framing->xml = NETCONF_XML_CDATA;
	else
		framing->xml = NETCONF_XML_CLOSE;
}

/* After '<'. */
static bool xml_mark(struct netconf_framing *framing, char byte)
{
	switch (byte) {
	case '/':
		framing->xml = NETCONF_XML_CLOSE;
		if (framing->depth)
			framing->depth--;
		return true;
	case '!':
		framing->xml = NETCONF_XML_BANG;
		return true;
	case '?':
		framing->xml = NETCONF_XML_PI;
		framing->seen = 0;
		return true;
	default:
		framing->xml = NETCONF_XML_TAG;
		if (++framing->depth > NETCONF_DEPTH_MAX)
			return refuse(framing, "elements are nested too deep");
		return true;
	}
}

/* In a start tag. */
static void xml_tag(struct netconf_framing *framing, char byte)
{
	bool empty = framing->xml == NETCONF_XML_EMPTY;

	framing->xml = byte == '/' ? NETCONF_XML_EMPTY : NETCONF_XML_TAG;
	if (byte == '"' || byte == '\'') {
		framing->xml = NETCONF_XML_QUOTE;
		framing->quote = byte;
	} else if (byte == '>') {
		framing->xml = NETCONF_XML_TEXT;
		if (empty)
			framing->depth--;
	}
}

/* One byte of a message's text. */
static bool xml_byte(struct netconf_framing *framing, char byte)
{
	switch (framing->xml) {
	case NETCONF_XML_TEXT:
		if (byte == '<')
			framing->xml = NETCONF_XML_MARK;
		return true;
	case NETCONF_XML_MARK:
		return xml_mark(framing, byte);
	case NETCONF_XML_TAG:
	case NETCONF_XML_EMPTY:
		xml_tag(framing, byte);
		return true;
	case NETCONF_XML_QUOTE:
		if (byte == framing->quote)
			framing->xml = NETCONF_XML_TAG;
		return true;
	case NETCONF_XML_CLOSE:
		if (byte == '>')
			framing->xml = NETCONF_XML_TEXT;
		return true;
	case NETCONF_XML_BANG:
		xml_bang(framing, byte);
		return true;
	case NETCONF_XML_COMMENT:
		xml_skip(framing, byte, '-', 2);
		return true;
	case NETCONF_XML_CDATA:
		xml_skip(framing, byte, ']', 2);
		return true;
	case NETCONF_XML_PI:
		xml_skip(framing, byte, '?', 1);
		return true;
	}
	return true;
}

/* One byte more of this message, whatever it is. */
static bool count(struct netconf_framing *framing)
{
	if (++framing->size > framing->limit)
		return refuse(framing, "the message is too long");
	return true;
}

/* After '#': a size without leading zeros, or a second '#'. */
static bool size_byte(struct netconf_framing *framing, char byte)
{
	if (!framing->digits && byte == '#') {
		framing->frame = NETCONF_FRAME_END;
		return true;
	}
	if (byte == '\n' && framing->digits) {
		framing->frame = NETCONF_FRAME_CHUNK;
		return true;
	}
	if (byte < (framing->digits ? '0' : '1') || byte > '9')
		return refuse(framing, "a chunk's size is not a number");
	framing->digits++;
	framing->chunk = framing->chunk * 10 + (byte - '0');
	if (framing->chunk > framing->limit - framing->size)
		return refuse(framing, "the message is too long");
	return true;
}

/* What frames chunks; only what is expected may come. */
static bool frame_byte(struct netconf_framing *framing, char byte)
{
	switch (framing->frame) {
	case NETCONF_FRAME_LF:
		framing->frame = NETCONF_FRAME_HASH;
		return byte == '\n' || refuse(framing, "no line feed before a chunk");
	case NETCONF_FRAME_HASH:
		framing->frame = NETCONF_FRAME_SIZE;
		framing->chunk = 0;
		framing->digits = 0;
		return byte == '#' || refuse(framing, "no '#' before a chunk's size");
	case NETCONF_FRAME_SIZE:
		return size_byte(framing, byte);
	case NETCONF_FRAME_END:
		if (byte != '\n')
			return refuse(framing, "no line feed after a message's end");
		if (!framing->size)
			return refuse(framing, "a message without a chunk");
		begin(framing);
		framing->frame = NETCONF_FRAME_LF;
		return true;
	case NETCONF_FRAME_EOM:
	case NETCONF_FRAME_CHUNK:
		break;
	}
	return true;
}

/* One byte of a message's text. */
static void text_byte(struct netconf_framing *framing, char byte)
{
	if (!count(framing) || !xml_byte(framing, byte))
		return;
	if (framing->frame == NETCONF_FRAME_CHUNK && !--framing->chunk)
		framing->frame = NETCONF_FRAME_LF;
}

bool netconf_framing_bytes(struct netconf_framing *framing, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n && !framing->refused; i++) {
		if (framing->frame == NETCONF_FRAME_CHUNK || framing->frame == NETCONF_FRAME_EOM)
			text_byte(framing, bytes[i]);
		else
			frame_byte(framing, bytes[i]);
	}
	return !framing->refused;
}
