// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Subtree filters (RFC 6241, 6), on data that libyang parsed.
 *
 * Each element of a filter is one of three:
 *
 *     <top><users/></top>              users is a selection node: all of it
 *     <user><name>fred</name></user>   name is a content match node
 *     <top> ... </top>                 with elements in it: a containment node
 *
 * In one instance of a containment node all its content match nodes must match;
 * if there is nothing but them, the whole instance is selected, else what the
 * others select, and the matched nodes themselves.
 *
 * The data is marked first and swept then, in lyd_node's priv, because several
 * elements of a filter may select in the same instance. Keys of a list are kept
 * with whatever is kept of it: without them nobody could tell whose it is.
 *
 * An element without a namespace, and the elements of a filter that no YANG
 * module has, are compared by name; attributes in a filter are not looked at.
 */
#include "netconfd/netconf_filter.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum mark {
	MARK_NONE,
	MARK_NODE,  /* it, and what is marked in it */
	MARK_WHOLE, /* it and all in it */
};

static enum mark mark_of(const struct lyd_node *node)
{
	return (enum mark)(uintptr_t)node->priv;
}

static void set_mark(struct lyd_node *node, enum mark mark)
{
	if (mark_of(node) < mark)
		node->priv = (void *)(uintptr_t)mark;
}

static const char *value_of(const struct lyd_node *node)
{
	const char *value = lyd_get_value(node);

	return value ? value : "";
}

static const char *namespace_of(const struct lyd_node *node)
{
	if (node->schema)
		return node->schema->module->ns;
	return ((const struct lyd_node_opaq *)node)->name.module_ns;
}

static bool has_text(const char *value)
{
	while (isspace((unsigned char)*value))
		value++;
	return *value;
}

/* Does this element of a filter mean this node? */
static bool same_name(const struct lyd_node *filter, const struct lyd_node *node)
{
	const char *ns = namespace_of(filter);

	if (strcmp(LYD_NAME(filter), LYD_NAME(node)))
		return false;
	return !ns || !ns[0] || !strcmp(ns, namespace_of(node)) ||
	       !strcmp(ns, "urn:ietf:params:xml:ns:netconf:base:1.0");
}

static bool is_content_match(const struct lyd_node *filter)
{
	return !lyd_child(filter) && has_text(value_of(filter));
}

/* Equal values; an identity may be written with another prefix. */
static bool same_value(const struct lyd_node *filter, const struct lyd_node *node)
{
	const char *wanted = value_of(filter), *is = value_of(node), *colon;

	if (!strcmp(wanted, is))
		return true;
	if (!node->schema || !(node->schema->nodetype & (LYS_LEAF | LYS_LEAFLIST)) ||
	    ((const struct lyd_node_term *)node)->value.realtype->basetype != LY_TYPE_IDENT)
		return false;
	colon = strchr(wanted, ':');
	wanted = colon ? colon + 1 : wanted;
	colon = strchr(is, ':');
	is = colon ? colon + 1 : is;
	return !strcmp(wanted, is);
}

/* Do all content match nodes of a filter match in this instance? */
static bool content_matches(const struct lyd_node *filter, struct lyd_node *nodes, bool *others)
{
	const struct lyd_node *want;
	struct lyd_node *node;
	bool found;

	*others = false;
	LY_LIST_FOR (filter, want) {
		if (!is_content_match(want)) {
			*others = true;
			continue;
		}
		found = false;
		LY_LIST_FOR (nodes, node)
			found = found || (same_name(want, node) && same_value(want, node));
		if (!found)
			return false;
	}
	return true;
}

static bool mark_instance(const struct lyd_node *filter, struct lyd_node *node);

/* Marks among siblings; true if anything was selected. */
static bool mark_siblings(const struct lyd_node *filter, struct lyd_node *nodes)
{
	const struct lyd_node *want;
	struct lyd_node *node;
	bool any = false;

	LY_LIST_FOR (filter, want) {
		LY_LIST_FOR (nodes, node) {
			if (!same_name(want, node))
				continue;
			if (lyd_child(want))
				any |= mark_instance(want, node);
			else if (!is_content_match(want) || same_value(want, node)) {
				set_mark(node, MARK_WHOLE);
				any = true;
			}
		}
	}
	return any;
}

/* A containment node's instance. */
static bool mark_instance(const struct lyd_node *filter, struct lyd_node *node)
{
	const struct lyd_node *wants = lyd_child(filter);
	struct lyd_node *nodes = lyd_child(node);
	bool others;

	if (!content_matches(wants, nodes, &others))
		return false;
	if (!others) {
		set_mark(node, MARK_WHOLE);
		return true;
	}
	if (!mark_siblings(wants, nodes))
		return false;
	set_mark(node, MARK_NODE);
	return true;
}

static void sweep(struct lyd_node **first)
{
	struct lyd_node *node, *next, *child;

	LY_LIST_FOR_SAFE(*first, next, node)
	{
		enum mark mark = mark_of(node);

		node->priv = NULL;
		if (mark == MARK_WHOLE ||
		    (mark == MARK_NONE && node->schema && lysc_is_key(node->schema)))
			continue;
		if (mark == MARK_NODE) {
			child = lyd_child(node);
			sweep(&child);
			continue;
		}
		if (*first == node)
			*first = next;
		lyd_free_tree(node);
	}
}

void netconf_filter_subtree(const struct lyd_node *filter, struct lyd_node **tree)
{
	bool others;

	if (filter && content_matches(filter, *tree, &others))
		mark_siblings(filter, *tree);
	sweep(tree);
}
