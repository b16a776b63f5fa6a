// SPDX-License-Identifier: GPL-2.0-or-later
/* link: netconfd/netconf_access_path.c */
/* libs: yang */
/*
 * The path of an access rule: which nodes it covers, and what is none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "netconfd/netconf_access_path.h"

static const char module_a[] = "module a { namespace urn:a; prefix a; container top {"
			       " list user { key 'name'; leaf name { type string; }"
			       " leaf age { type uint8; } } leaf-list tag { type string; } } }";
static const char module_b[] = "module b { namespace urn:b; prefix b; import a { prefix a; }"
			       " augment /a:top { leaf extra { type string; } } }";
static const char data[] =
	"<top xmlns='urn:a'><user><name>fred</name><age>3</age></user>"
	"<user><name>eva]'</name></user><tag>x</tag><extra xmlns='urn:b'>y</extra></top>";

static struct ly_ctx *ctx;
static struct lyd_node *tree;

static int begin(void **state)
{
	assert_int_equal(ly_ctx_new(NULL, 0, &ctx), LY_SUCCESS);
	assert_int_equal(lys_parse_mem(ctx, module_a, LYS_IN_YANG, NULL), LY_SUCCESS);
	assert_int_equal(lys_parse_mem(ctx, module_b, LYS_IN_YANG, NULL), LY_SUCCESS);
	assert_int_equal(lyd_parse_data_mem(ctx, data, LYD_XML, LYD_PARSE_ONLY, 0, &tree),
			 LY_SUCCESS);
	return 0;
}

static int end(void **state)
{
	lyd_free_all(tree);
	ly_ctx_destroy(ctx);
	return 0;
}

static bool covers(const char *text, const char *node)
{
	struct netconf_access_path *path = netconf_access_path_new(text);
	struct lyd_node *found = NULL;
	bool answer;

	assert_non_null(path);
	assert_int_equal(lyd_find_path(tree, node, false, &found), LY_SUCCESS);
	answer = netconf_access_path_covers(path, found);
	netconf_access_path_free(path);
	return answer;
}

static void test_covers(void **state)
{
	assert_true(covers("/", "/a:top"));
	assert_true(covers("/", "/a:top/user[name='fred']/age"));
	assert_true(covers("/a:top", "/a:top"));
	assert_true(covers("/a:top", "/a:top/user[name='fred']/age"));
	assert_true(covers("/a:top/user", "/a:top/user[name='fred']"));
	assert_true(covers("/a:top/a:user[a:name='fred']", "/a:top/user[name='fred']/age"));
	assert_true(covers("/a:top/user[name=\"fred\"]/age", "/a:top/user[name='fred']/age"));
	assert_true(covers("/a:top/user[name=\"eva]'\"]", "/a:top/user[name=\"eva]'\"]"));
	assert_true(covers("/a:top/tag[.='x']", "/a:top/tag[.='x']"));
	assert_true(covers("/a:top/b:extra", "/a:top/b:extra"));
}

static void test_does_not_cover(void **state)
{
	assert_false(covers("/a:top/user", "/a:top"));
	assert_false(covers("/b:top", "/a:top"));
	assert_false(covers("/a:top/extra", "/a:top/b:extra"));
	assert_false(covers("/a:top/user[name='eva']", "/a:top/user[name='fred']/age"));
	assert_false(covers("/a:top/user[age='4']", "/a:top/user[name='fred']"));
	assert_false(covers("/a:top/user[nothing='4']", "/a:top/user[name='fred']"));
	assert_false(covers("/a:top/tag[.='y']", "/a:top/tag[.='x']"));
	assert_false(covers("/a:top/user/age/more", "/a:top/user[name='fred']/age"));
}

static void test_none(void **state)
{
	static const char *const bad[] = {
		"",
		"a:top",
		"top",
		"/top",
		"/a:",
		"/:top",
		"//",
		"/a:top/",
		"/a:top[",
		"/a:top[x",
		"/a:top[x=",
		"/a:top[x=y]",
		"/a:t['",
		"/a:top[x='y'",
		"/a:top[x='y]",
		"/a:top[x='y']z",
		"/a:top user",
		"/a:b:c",
		"/a:top[k='1'][k='1'][k='1'][k='1'][k='1'][k='1'][k='1'][k='1'][k='1']",
		"/a:1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/7/8/9/0/1/2/3",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (netconf_access_path_new(bad[i]))
			fail_msg("\"%s\" is taken for a path", bad[i]);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_covers),
		cmocka_unit_test(test_does_not_cover),
		cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
