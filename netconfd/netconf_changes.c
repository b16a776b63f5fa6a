// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What an <edit-config> means, as a list of edits for mgmtd.
 *
 * A client sends one tree in which any node may say what is to be done with it
 * (RFC 6241, 7.2); mgmtd makes one operation at one path a message. The tree
 * becomes
 *
 *  1. deletes and removes, one each;
 *  2. one merge at the root, of all that is merged, whatever module it is of;
 *  3. creates and replaces, one each.
 *
 * So a tree that only merges, which is what most clients send, is one message
 * whatever its size, and it is done as a whole or not at all.
 *
 * libyang parses <config> leniently: what no module knows, or has no value of
 * its type, comes as an opaque node. Here that is an error, and the reason is
 * found out.
 */
#include <zebra.h>

#include "lib/darr.h"
#include "lib/memory.h"

#include "netconfd/netconf_edit.h"

/* ------------------------------------------------------------------------- faults */

static bool fault(struct netconf_changes *changes, enum netconf_fault_kind kind,
		  const struct lyd_node *node, const char *detail)
{
	struct netconf_fault *f = &changes->fault;

	if (f->kind != NETCONF_FAULT_NONE)
		return false;
	f->kind = kind;
	strlcpy(f->element, node ? LYD_NAME(node) : "config", sizeof(f->element));
	strlcpy(f->detail, detail ? detail : "", sizeof(f->detail));
	f->path = node ? lyd_path(node, LYD_PATH_STD, NULL, 0) : NULL;
	return false;
}

/* The schema node that an opaque node would have, or NULL. */
static const struct lysc_node *schema_of_opaque(const struct lyd_node *node)
{
	const struct lyd_node_opaq *opaque = (const struct lyd_node_opaq *)node;
	const struct lyd_node *parent = lyd_parent(node);
	const struct lys_module *module = lyd_node_module(node);

	if (!module || (parent && !parent->schema))
		return NULL;
	return lys_find_child(parent ? parent->schema : NULL, module, opaque->name.name, 0, 0, 0);
}

/* Why libyang could make no more of it than an opaque node. */
static bool fault_of_opaque(const struct lyd_node *node, struct netconf_changes *changes)
{
	const struct lyd_node_opaq *opaque = (const struct lyd_node_opaq *)node;
	const struct lysc_node *schema = schema_of_opaque(node);
	const char *words;
	struct lyd_node *child;

	if (!opaque->name.module_ns || !lyd_node_module(node))
		return fault(changes, NETCONF_FAULT_NAMESPACE, node,
			     opaque->name.module_ns ? opaque->name.module_ns : "");
	if (!schema)
		return fault(changes, NETCONF_FAULT_ELEMENT, node, NULL);
	if (schema->nodetype & (LYS_LEAF | LYS_LEAFLIST)) {
		if (lyd_value_validate(LYD_CTX(node), schema, opaque->value, strlen(opaque->value),
				       NULL, NULL, NULL) != LY_SUCCESS) {
			words = ly_last_errmsg();
			return fault(changes, NETCONF_FAULT_VALUE, node, words);
		}
		return fault(changes, NETCONF_FAULT_VALUE, node, "the value cannot be used here");
	}
	/* a list or container is opaque because of what is in it, or lacks */
	LY_LIST_FOR (lyd_child(node), child)
		if (!child->schema && schema_of_opaque(child))
			fault_of_opaque(child, changes);
	return fault(changes, NETCONF_FAULT_VALUE, node,
		     schema->nodetype == LYS_LIST ? "a key is missing, or has no right value"
						  : "it has content that it cannot have");
}

/* -------------------------------------------------------------------- operations */

/* The operation that a node says, or what it gets from above. */
static bool operation_of(const struct lyd_node *node, enum netconf_op above, enum netconf_op *op,
			 struct netconf_changes *changes)
{
	static const char *const names[] = {
		[NETCONF_OP_MERGE] = "merge",	[NETCONF_OP_REPLACE] = "replace",
		[NETCONF_OP_NONE] = "none",	[NETCONF_OP_CREATE] = "create",
		[NETCONF_OP_DELETE] = "delete", [NETCONF_OP_REMOVE] = "remove",
	};
	struct lyd_meta *meta = lyd_find_meta(node->meta, NULL, "ietf-netconf:operation");
	struct lyd_meta *insert = lyd_find_meta(node->meta, NULL, "yang:insert");

	*op = above;
	if (insert && strcmp(lyd_get_meta_value(insert), "last"))
		return fault(changes, NETCONF_FAULT_INSERT, node, lyd_get_meta_value(insert));
	if (!meta)
		return true;
	for (size_t i = 0; i < array_size(names); i++) {
		if (strmatch(names[i], lyd_get_meta_value(meta))) {
			*op = i;
			return true;
		}
	}
	return fault(changes, NETCONF_FAULT_ATTRIBUTE, node, lyd_get_meta_value(meta));
}

/* Removes what is said to libnetconf2 or us and mgmtd would not know. */
static void strip_meta(struct lyd_node *tree)
{
	struct lyd_node *node;

	LYD_TREE_DFS_BEGIN (tree, node) {
		lyd_free_meta_siblings(node->meta);
		node->meta = NULL;
		LYD_TREE_DFS_END(tree, node);
	}
}

/* In what is created or replaced as a whole no part can be something else. */
static bool is_uniform(struct lyd_node *tree, enum netconf_op op, struct netconf_changes *changes)
{
	struct lyd_node *node;
	enum netconf_op own;

	LYD_TREE_DFS_BEGIN (tree, node) {
		if (!node->schema)
			return fault_of_opaque(node, changes);
		if (node->schema->flags & LYS_CONFIG_R)
			return fault(changes, NETCONF_FAULT_STATE, node, NULL);
		if (!operation_of(node, op, &own, changes))
			return false;
		if (own != op && own != NETCONF_OP_MERGE)
			return fault(changes, NETCONF_FAULT_ATTRIBUTE, node,
				     "another operation inside create or replace");
		LYD_TREE_DFS_END(tree, node);
	}
	return true;
}

static char *path_of(const struct lyd_node *node)
{
	char *path = lyd_path(node, LYD_PATH_STD, NULL, 0);
	char *copy = XSTRDUP(MTYPE_TMP, path ? path : "/");

	free(path);
	return copy;
}

static void add(struct netconf_changes *changes, uint8_t op, char *xpath, char *data,
		const struct lyd_node *about)
{
	struct netconf_change change = { .op = op, .xpath = xpath, .data = data };

	*darr_append(changes->list) = change;
	*darr_append(changes->paths) = about ? path_of(about) : NULL;
}

/* A node with an operation of its own, other than merge: one edit. */
static bool add_single(struct lyd_node *node, enum netconf_op op, struct netconf_changes *changes)
{
	char *xml = NULL, *xpath;
	uint8_t edit = op == NETCONF_OP_DELETE	 ? EDIT_OP_DELETE
		       : op == NETCONF_OP_REMOVE ? EDIT_OP_REMOVE
		       : op == NETCONF_OP_CREATE ? EDIT_OP_CREATE
						 : EDIT_OP_REPLACE;

	if (edit == EDIT_OP_DELETE || edit == EDIT_OP_REMOVE) {
		add(changes, edit, path_of(node), NULL, node);
		return true;
	}
	if (!is_uniform(node, op, changes))
		return false;
	if (edit == EDIT_OP_CREATE)
		xpath = lyd_parent(node) ? path_of(lyd_parent(node)) : XSTRDUP(MTYPE_TMP, "/");
	else
		xpath = path_of(node);
	strip_meta(node);
	if (lyd_print_mem(&xml, node, LYD_XML, LYD_PRINT_SHRINK) != LY_SUCCESS) {
		XFREE(MTYPE_TMP, xpath);
		return fault(changes, NETCONF_FAULT_INTERNAL, node, ly_last_errmsg());
	}
	add(changes, edit, xpath, XSTRDUP(MTYPE_TMP, xml), node);
	free(xml);
	return true;
}

/* ------------------------------------------------------------------- the whole tree */

static bool is_single(enum netconf_op op)
{
	return op != NETCONF_OP_MERGE && op != NETCONF_OP_NONE;
}

/*
 * An instance that is only on the way to something (none) has to be there, or
 * the operations below would make it.
 */
static void need(struct lyd_node *node, struct netconf_changes *changes)
{
	if (node->schema->nodetype == LYS_LIST ||
	    (node->schema->nodetype == LYS_CONTAINER && (node->schema->flags & LYS_PRESENCE)))
		*darr_append(changes->needed) = path_of(node);
}

/*
 * Takes a node apart: single edits are added to the list and leave the tree;
 * *keep says whether something to merge remains.
 */
static bool take_apart(struct lyd_node *node, enum netconf_op above, bool *keep,
		       struct netconf_changes *changes)
{
	struct lyd_node *child, *next;
	enum netconf_op op;
	bool some = false, child_keeps;

	*keep = false;
	if (!node->schema)
		return fault_of_opaque(node, changes);
	if (node->schema->flags & LYS_CONFIG_R)
		return fault(changes, NETCONF_FAULT_STATE, node, NULL);
	if (!operation_of(node, above, &op, changes))
		return false;
	if (is_single(op))
		return add_single(node, op, changes);
	if (op == NETCONF_OP_NONE)
		need(node, changes);
	LY_LIST_FOR_SAFE(lyd_child_no_keys(node), next, child)
	{
		if (!take_apart(child, op, &child_keeps, changes))
			return false;
		if (!child_keeps)
			lyd_free_tree(child);
		some = some || child_keeps;
	}
	*keep = some || op == NETCONF_OP_MERGE;
	return true;
}

/* Deletes first, then the merge, then what is created or replaced. */
static int rank(const struct netconf_change *change)
{
	switch (change->op) {
	case EDIT_OP_DELETE:
	case EDIT_OP_REMOVE:
		return 0;
	case EDIT_OP_MERGE:
		return 1;
	default:
		return 2;
	}
}

static void put_in_order(struct netconf_changes *changes)
{
	struct netconf_change *list = NULL;
	char **paths = NULL;

	for (int now = 0; now <= 2; now++) {
		for (uint i = 0; i < darr_len(changes->list); i++) {
			if (rank(&changes->list[i]) != now)
				continue;
			*darr_append(list) = changes->list[i];
			*darr_append(paths) = changes->paths[i];
		}
	}
	darr_free(changes->list);
	darr_free(changes->paths);
	changes->list = list;
	changes->paths = paths;
}

/* The tree is a copy, which is taken apart; *tree is what is to be merged. */
static bool take_all(struct lyd_node **tree, enum netconf_op op, struct netconf_changes *changes)
{
	struct lyd_node *node, *next;
	bool keep;

	LY_LIST_FOR_SAFE(*tree, next, node)
	{
		if (!take_apart(node, op, &keep, changes))
			return false;
		if (keep)
			continue;
		if (*tree == node)
			*tree = next;
		lyd_free_tree(node);
	}
	return true;
}

static bool add_merge(struct lyd_node *tree, struct netconf_changes *changes)
{
	struct lyd_node *node;
	char *xml = NULL;

	LY_LIST_FOR (tree, node)
		strip_meta(node);
	if (lyd_print_mem(&xml, tree, LYD_XML, LYD_PRINT_SHRINK | LYD_PRINT_WITHSIBLINGS) !=
	    LY_SUCCESS)
		return fault(changes, NETCONF_FAULT_INTERNAL, tree, ly_last_errmsg());
	/* containers that mean nothing by themselves are not printed */
	if (xml && xml[0])
		add(changes, EDIT_OP_MERGE, XSTRDUP(MTYPE_TMP, "/"), XSTRDUP(MTYPE_TMP, xml), NULL);
	free(xml);
	return true;
}

bool netconf_changes_of(const struct lyd_node *config, enum netconf_op default_op,
			struct netconf_changes *changes)
{
	struct lyd_node *tree = NULL;
	bool good;

	memset(changes, 0, sizeof(*changes));
	if (!config)
		return true;
	if (lyd_dup_siblings(config, NULL, LYD_DUP_RECURSIVE, &tree) != LY_SUCCESS)
		return fault(changes, NETCONF_FAULT_INTERNAL, NULL, ly_last_errmsg());
	good = take_all(&tree, default_op, changes) && (!tree || add_merge(tree, changes));
	lyd_free_all(tree);
	put_in_order(changes);
	return good;
}

void netconf_changes_clear_first(struct netconf_changes *changes)
{
	struct netconf_change clear = { .op = EDIT_OP_REMOVE, .xpath = XSTRDUP(MTYPE_TMP, "/") };

	*darr_insert(changes->list, 0) = clear;
	*darr_insert(changes->paths, 0) = NULL;
}

void netconf_changes_free(struct netconf_changes *changes)
{
	char **string;

	for (uint i = 0; i < darr_len(changes->list); i++) {
		XFREE(MTYPE_TMP, changes->list[i].xpath);
		XFREE(MTYPE_TMP, changes->list[i].data);
	}
	darr_foreach_p (changes->paths, string)
		XFREE(MTYPE_TMP, *string);
	darr_foreach_p (changes->needed, string)
		XFREE(MTYPE_TMP, *string);
	darr_free(changes->list);
	darr_free(changes->paths);
	darr_free(changes->needed);
	free(changes->fault.path);
	memset(changes, 0, sizeof(*changes));
}
