// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The text of a configuration's file; see vpn_save_text.h.
 *
 * A text is gone over three times: for the names of the server's links, for
 * what of the file is not the server's, and for what of the running
 * configuration is.  Indentation tells what is in what:
 *
 *	vpn
 *	 ipsec-profile vpn:red:lyon
 *	  …
 *	 exit
 *	 tunnel-link lyon vrf red
 *	  ipsec-profile vpn:red:lyon
 *	 exit
 *	exit
 *	vrf red
 *	 ip route 10.2.0.0/16 lyon
 *	exit-vrf
 */
#include <zebra.h>

#include "lib/jhash.h"
#include "lib/memory.h"
#include "lib/typesafe.h"

#include "vpnd/vpn_config.h"
#include "vpnd/vpn_save_text.h"
#include "wire/vpn_certificate.h"

#define BEGIN "! what the provider's server has configured; vpnd writes it anew when that changes"
#define END   "! end of what the provider's server has configured"

/* --- lines --------------------------------------------------------------------------------- */

struct line {
	const char *at, *next; /* all of it, with its line feed if it has one */
	const char *word;      /* without spaces before and after */
	size_t len;	       /* of that */
	size_t indent;
};

/* The line that begins there; false at the text's end. */
static bool line_read(const char *at, struct line *line)
{
	const char *end;

	if (!*at)
		return false;
	line->at = at;
	end = at + strcspn(at, "\n");
	line->next = *end ? end + 1 : end;
	line->indent = strspn(at, " \t");
	line->word = at + line->indent;
	while (end > line->word && strchr(" \t\r", end[-1]))
		end--;
	line->len = end > line->word ? end - line->word : 0;
	return true;
}

static bool line_is(const struct line *line, const char *text)
{
	return line->len == strlen(text) && !memcmp(line->word, text, line->len);
}

static bool line_begins(const struct line *line, const char *text)
{
	size_t len = strlen(text);

	return line->len >= len && !memcmp(line->word, text, len);
}

/* The next word at or after *at, of a line; false if there is none. */
static bool word_next(const struct line *line, const char **at, const char **word, size_t *len)
{
	const char *end = line->word + line->len;

	while (*at < end && (**at == ' ' || **at == '\t'))
		(*at)++;
	*word = *at;
	while (*at < end && **at != ' ' && **at != '\t')
		(*at)++;
	*len = *at - *word;
	return *len > 0;
}

/* The second word of a line. */
static bool line_name(const struct line *line, const char **name, size_t *len)
{
	const char *at = line->word;

	return word_next(line, &at, name, len) && word_next(line, &at, name, len);
}

/* Where the block ends that this line begins: behind its `exit`, and what FRR sets apart blocks with. */
static const char *block_end(const struct line *first)
{
	const char *at = first->next;
	struct line line;

	while (line_read(at, &line) && line.len && line.indent > first->indent)
		at = line.next;
	if (!line_read(at, &line) || line.indent != first->indent || !line_is(&line, "exit"))
		return at;
	at = line.next;
	if (line_read(at, &line) && line.indent == first->indent && line_is(&line, "!"))
		at = line.next;
	return at;
}

/* --- the server's links -------------------------------------------------------------------- */

PREDECL_HASH(names);

struct name {
	struct names_item item;
	const char *at; /* in the text */
	size_t len;
};

static int name_cmp(const struct name *a, const struct name *b)
{
	return numcmp(a->len, b->len) ?: memcmp(a->at, b->at, a->len);
}

static uint32_t name_hash(const struct name *name)
{
	return jhash(name->at, name->len, 0x56504e);
}

DECLARE_HASH(names, struct name, item, name_cmp, name_hash);

static bool names_have(const struct names_head *names, const char *at, size_t len)
{
	struct name key = { .at = at, .len = len };

	return names_const_find(names, &key) != NULL;
}

static void names_put(struct names_head *names, const char *at, size_t len)
{
	struct name *name;

	if (names_have(names, at, len))
		return;
	name = XCALLOC(MTYPE_TMP, sizeof(*name));
	name->at = at;
	name->len = len;
	names_add(names, name);
}

static void names_clear(struct names_head *names)
{
	struct name *name;

	while ((name = names_pop(names)))
		XFREE(MTYPE_TMP, name);
	names_fini(names);
}

static bool is_servers_profile(const struct line *line)
{
	return line_begins(line, "ipsec-profile " VPN_CE_PROFILE_PREFIX);
}

/* Does the link that this line begins use one of the server's profiles? */
static bool uses_servers_profile(const struct line *first)
{
	const char *end = block_end(first), *at = first->next;
	struct line line;

	while (at < end && line_read(at, &line)) {
		if (is_servers_profile(&line))
			return true;
		at = line.next;
	}
	return false;
}

/*
 * Over which block or route is the cursor?  A walk goes from line to line, but
 * over blocks within `vpn` as a whole.
 */
enum kind {
	OTHER,
	SECTION, /* of an earlier merge, whole */
	PROFILE,
	LINK,
	ROUTE,
};

struct walk {
	const char *at;	 /* where the next piece begins */
	bool vpn;	 /* we are in there */
	struct line vrf; /* … or in there, if it has a length */

	enum kind kind; /* of the piece that was just taken */
	struct line line;
};

static void walk_begin(struct walk *walk, const char *text)
{
	memset(walk, 0, sizeof(*walk));
	walk->at = text;
}

/* A line that is in nothing says what the ones after it are in. */
static void walk_context(struct walk *walk)
{
	if (walk->line.indent || !walk->line.len || *walk->line.word == '!')
		return;
	walk->vpn = line_is(&walk->line, "vpn");
	walk->vrf = (struct line){};
	if (line_begins(&walk->line, "vrf "))
		walk->vrf = walk->line;
}

/* Behind the section that begins there; NULL: nothing says where it ends. */
static const char *section_end(const char *at)
{
	struct line line;

	for (; line_read(at, &line); at = line.next)
		if (line_is(&line, END))
			return line.next;
	return NULL;
}

static enum kind walk_kind(const struct walk *walk)
{
	const struct line *line = &walk->line;

	if (line_is(line, BEGIN))
		return SECTION;
	if (walk->vpn && line->indent && line_begins(line, "ipsec-profile "))
		return PROFILE;
	if (walk->vpn && line->indent && line_begins(line, "tunnel-link "))
		return LINK;
	if ((!line->indent || walk->vrf.len) &&
	    (line_begins(line, "ip route ") || line_begins(line, "ipv6 route ")))
		return ROUTE;
	return OTHER;
}

/* The next piece, which ends where walk->at then is; whole: a section is one piece. */
static bool walk_next(struct walk *walk, bool whole)
{
	const char *end;

	if (!line_read(walk->at, &walk->line))
		return false;
	walk_context(walk);
	walk->kind = walk_kind(walk);
	walk->at = walk->line.next;
	if (walk->kind == SECTION) {
		end = whole ? section_end(walk->at) : NULL;
		walk->at = end ? end : walk->at;
	} else if (walk->kind == PROFILE || walk->kind == LINK) {
		walk->at = block_end(&walk->line);
	}
	return true;
}

static void names_collect(struct names_head *names, const char *text)
{
	struct walk walk;
	const char *name;
	size_t len;

	walk_begin(&walk, text);
	while (walk_next(&walk, false))
		if (walk.kind == LINK && uses_servers_profile(&walk.line) &&
		    line_name(&walk.line, &name, &len))
			names_put(names, name, len);
}

/* Does the route lead over one of these?  What follows the next hop is of other kinds. */
static bool route_over(const struct line *line, const struct names_head *names)
{
	static const char *const after[] = { "tag",   "label", "vrf",	 "nexthop-vrf", "table",
					     "color", "bfd",   "onlink", "segments" };
	const char *at = line->word, *word;
	size_t len, number = 0;

	while (word_next(line, &at, &word, &len)) {
		for (size_t i = 0; i < array_size(after); i++)
			if (len == strlen(after[i]) && !memcmp(word, after[i], len))
				return false;
		/* ip route PREFIX … */
		if (++number > 3 && names_have(names, word, len))
			return true;
	}
	return false;
}

static bool piece_is_servers(const struct walk *walk, const struct names_head *names)
{
	const char *name;
	size_t len;

	switch (walk->kind) {
	case OTHER:
		break;
	case SECTION:
		return true;
	case PROFILE:
		return is_servers_profile(&walk->line);
	case LINK:
		return line_name(&walk->line, &name, &len) && names_have(names, name, len);
	case ROUTE:
		return route_over(&walk->line, names);
	}
	return false;
}

/* --- the new text -------------------------------------------------------------------------- */

/* Large enough from the start: what is moved leaves keys behind. */
struct text {
	char *at;
	size_t used, size;
};

static void text_add(struct text *text, const char *at, size_t len)
{
	assert(len < text->size - text->used);
	memcpy(text->at + text->used, at, len);
	text->used += len;
	text->at[text->used] = '\0';
}

static void text_say(struct text *text, const char *line)
{
	text_add(text, line, strlen(line));
	text_add(text, "\n", 1);
}

/* Ends the last line, if it is not ended. */
static void text_end_line(struct text *text)
{
	if (text->used && text->at[text->used - 1] != '\n')
		text_add(text, "\n", 1);
}

static void add_others(struct text *text, const char *file, const struct names_head *names)
{
	struct walk walk;

	walk_begin(&walk, file);
	while (walk_next(&walk, true))
		if (!piece_is_servers(&walk, names))
			text_add(text, walk.line.at, walk.at - walk.line.at);
	text_end_line(text);
}

static bool has_customer_edge(const char *text)
{
	struct line line;

	for (const char *at = text; line_read(at, &line); at = line.next)
		if (line_is(&line, "customer-edge"))
			return true;
	return false;
}

static bool line_has(const struct line *line, const char *words)
{
	return line->len && memmem(line->word, line->len, words, strlen(words));
}

bool vpn_save_names(const char *text, const char *path)
{
	struct line line, edge = {};

	for (const char *at = text; line_read(at, &line); at = line.next)
		if (line_begins(&line, "certificate "))
			edge = line;
		else if (line_has(&line, path))
			return true;
	return line_has(&edge, path);
}

/* The line that names a certificate for a key that was made here; false if what runs has none. */
static bool made_certificate(const char *running, struct line *line)
{
	for (const char *at = running; line_read(at, line); at = line->next)
		if (line->indent == 2 &&
		    line_begins(line, "certificate " VPN_CERTIFICATE_FOLDER "/certificate-"))
			return true;
	return false;
}

/* The beginning of the server's `vpn`; it says that this is a customer edge if nobody else has. */
static void add_vpn(struct text *text, const char *running)
{
	struct line certificate;
	bool made = made_certificate(running, &certificate);
	bool edge = has_customer_edge(running) && !has_customer_edge(text->at);

	text_say(text, "vpn");
	if (!edge && !made)
		return;
	text_say(text, " customer-edge");
	if (made) {
		text_add(text, certificate.at, certificate.next - certificate.at);
		text_end_line(text);
	}
	text_say(text, " exit");
}

static void add_blocks(struct text *text, const char *running, const struct names_head *names,
		       struct vpn_save_count *count)
{
	struct line certificate;
	struct walk walk;
	bool any = made_certificate(running, &certificate);

	if (any)
		add_vpn(text, running);
	walk_begin(&walk, running);
	while (walk_next(&walk, false)) {
		if ((walk.kind != PROFILE && walk.kind != LINK) || !piece_is_servers(&walk, names))
			continue;
		if (!any)
			add_vpn(text, running);
		any = true;
		text_add(text, walk.line.at, walk.at - walk.line.at);
		text_end_line(text);
		count->profiles += walk.kind == PROFILE;
		count->links += walk.kind == LINK;
	}
	if (any)
		text_say(text, "exit");
}

static void add_routes(struct text *text, const char *running, const struct names_head *names,
		       struct vpn_save_count *count)
{
	const char *vrf = NULL; /* whose line was written */
	struct walk walk;

	walk_begin(&walk, running);
	while (walk_next(&walk, false)) {
		if (walk.kind != ROUTE || !piece_is_servers(&walk, names))
			continue;
		if (vrf && vrf != walk.vrf.at)
			text_say(text, "exit-vrf");
		if (walk.vrf.len && vrf != walk.vrf.at)
			text_add(text, walk.vrf.at, walk.vrf.next - walk.vrf.at);
		vrf = walk.vrf.at;
		text_add(text, walk.line.at, walk.line.next - walk.line.at);
		text_end_line(text);
		count->routes++;
	}
	if (vrf)
		text_say(text, "exit-vrf");
}

static void add_servers(struct text *text, const char *running, const struct names_head *names,
			struct vpn_save_count *count)
{
	size_t before = text->used, begun;
	bool nothing;

	text_say(text, BEGIN);
	begun = text->used;
	add_blocks(text, running, names, count);
	add_routes(text, running, names, count);
	nothing = text->used == begun;
	text_say(text, END);
	if (nothing) {
		text->used = before;
		text->at[before] = '\0';
	}
}

char *vpn_save_merge(const char *file, const char *running, struct vpn_save_count *count)
{
	/* each block and route once; before and after routes the lines of their VRF, if they need any */
	size_t size = strlen(file) + 4 * strlen(running) + sizeof(BEGIN) + sizeof(END) + 64;
	struct names_head ours, theirs;
	struct text text = { .at = XCALLOC(MTYPE_TMP, size), .size = size };

	memset(count, 0, sizeof(*count));
	names_init(&ours);   /* links that run */
	names_init(&theirs); /* … or are in the file */
	names_collect(&ours, running);
	names_collect(&theirs, running);
	names_collect(&theirs, file);
	add_others(&text, file, &theirs);
	add_servers(&text, running, &ours, count);
	names_clear(&ours);
	names_clear(&theirs);
	return text.at;
}
