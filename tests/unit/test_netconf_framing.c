// SPDX-License-Identifier: GPL-2.0-or-later
/* link: netconfd/netconf_framing.c */
/*
 * What a client may send, byte by byte: messages in chunks and not, and each
 * bound that is kept, at its edge.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "netconfd/netconf_framing.h"

static struct netconf_framing framing;

/* Feeds text byte by byte, and all at once to another: both must say the same. */
static bool takes(const char *text)
{
	struct netconf_framing whole = framing;
	bool good = netconf_framing_bytes(&whole, text, strlen(text)), each = true;

	for (size_t i = 0; text[i]; i++)
		each = netconf_framing_bytes(&framing, &text[i], 1);
	assert_int_equal(good, each);
	return good;
}

static bool chunked(size_t limit, const char *text)
{
	netconf_framing_start(&framing, 100);
	netconf_framing_messages(&framing, true, limit);
	return takes(text);
}

static bool plain(size_t limit, const char *text)
{
	netconf_framing_start(&framing, limit);
	return takes(text);
}

static void chunks(void **state)
{
	assert_true(chunked(100, "\n#4\n<a/>\n##\n"));
	assert_true(chunked(100, "\n#1\n<\n#3\na/>\n##\n\n#4\n<b/>\n##\n"));
	assert_false(chunked(100, "#4\n<a/>\n##\n"));
	assert_false(chunked(100, "\n4\n<a/>\n##\n"));
	assert_false(chunked(100, "\n##\n"));
	assert_false(chunked(100, "\n#4\n<a/>\n##x"));
	assert_false(chunked(100, "\n#4\n<a/>x"));
}

static void sizes(void **state)
{
	static const char *const bad[] = {
		"0",
		"04",
		"-1",
		"+4",
		"4 ",
		"x",
		"",
		"18446744073709551615",
		"18446744073709551616",
		"4294967296",
		"99999999999999999999999999",
	};
	char text[64];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), "\n#%s\n", bad[i]);
		assert_false(chunked(100, text));
		assert_non_null(framing.refused);
	}
}

static void length(void **state)
{
	assert_true(chunked(4, "\n#4\n<a/>\n##\n"));
	assert_false(chunked(3, "\n#4\n"));
	assert_false(chunked(7, "\n#4\n<a/>\n#4\n"));
	assert_true(chunked(4, "\n#4\n<a/>\n##\n\n#4\n<a/>\n##\n"));
	assert_true(plain(4, "<a/>"));
	assert_false(plain(4, "<a/>x"));
}

/* A message of n elements inside each other, with something before each. */
static bool nested(unsigned int n, const char *before)
{
	char *text = calloc(n, strlen(before) + 4);
	bool good;

	for (unsigned int i = 0; i < n; i++) {
		strcat(text, "<a>");
		strcat(text, before);
	}
	good = plain(1000000, text);
	free(text);
	return good;
}

static void depth(void **state)
{
	static const char *const tricks[] = {
		"",
		"<b/>",
		"<b></b>",
		"<b c='/>'/>",
		"<b c=\"'/></a>\"/>",
		"<!-- </a> -->",
		"<!---></a>-->",
		"<![CDATA[</a></a>]]>",
		"<?pi </a>?>",
		"/>",
		"<b / >x</b>",
		"<b\n/>",
	};

	for (size_t i = 0; i < sizeof(tricks) / sizeof(tricks[0]); i++) {
		assert_true(nested(NETCONF_DEPTH_MAX - 1, tricks[i]));
		assert_false(nested(NETCONF_DEPTH_MAX + 1, tricks[i]));
	}
}

static void refused_stays_refused(void **state)
{
	assert_false(plain(4, "<abc>"));
	assert_false(takes("<a/>"));
	netconf_framing_start(&framing, 100);
	assert_true(takes("<a/>"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chunks),
		cmocka_unit_test(sizes),
		cmocka_unit_test(length),
		cmocka_unit_test(depth),
		cmocka_unit_test(refused_stays_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
