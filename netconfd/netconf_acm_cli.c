// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * "access ..." below "netconf": groups and rules of ietf-netconf-acm (RFC 8341)
 * as commands.
 *
 * This file is compiled into mgmtd, which has that module's configuration as it
 * has any other: so commands and NETCONF change the same rules, and a candidate,
 * a commit and a roll-back are about them, too. netconfd is a backend that is
 * told of them (netconf_acm.c). All else below "netconf" is netconfd's own
 * configuration (netconf_vty.c): who may come at all is not to be changed over
 * NETCONF.
 *
 * The order of rules and of their lists is that of their making.
 */
#include <zebra.h>

#include "lib/command.h"
#include "lib/northbound.h"
#include "lib/northbound_cli.h"
#include "lib/vty.h"
#include "lib/yang.h"

#include "netconfd/netconf_access_path.h"
#include "netconfd/netconf_acm_cli.h"
#include "netconfd/netconf_vty.h"
#include "netconfd/netconf_acm_cli_clippy.c"

#define GROUP_XPATH NETCONF_ACM_XPATH "/groups/group[name='%s']"
#define LIST_XPATH  NETCONF_ACM_XPATH "/rule-list[name='%s']"

#define ACCESS_STR "Who may do what (RFC 8341)\n"

/* Names become part of a path. */
static bool is_name(struct vty *vty, const char *name)
{
	if (!strpbrk(name, "'\""))
		return true;
	vty_out(vty, "%% %s: a name has no quotes in it\n", name);
	return false;
}

DEFPY_YANG_NOSH (netconf,
		 netconf_cmd,
		 "netconf",
		 NETCONF_STR)
{
	VTY_PUSH_XPATH(NETCONF_NODE, NETCONF_ACM_XPATH);
	return CMD_SUCCESS;
}

DEFPY_YANG (no_netconf,
	    no_netconf_cmd,
	    "no netconf",
	    NO_STR NETCONF_STR)
{
	nb_cli_enqueue_change(vty, NETCONF_ACM_XPATH, NB_OP_DESTROY, NULL);
	return nb_cli_apply_changes(vty, NULL);
}

DEFPY_YANG (nc_access_default,
	    nc_access_default_cmd,
	    "access <read-default|write-default|exec-default>$which <permit|deny>$action",
	    ACCESS_STR
	    "Reading that no rule speaks of (permit)\n"
	    "Changes that no rule speaks of (deny)\n"
	    "RPCs and actions that no rule speaks of (deny)\n"
	    "It is permitted\n"
	    "It is denied\n")
{
	char xpath[XPATH_MAXLEN];

	snprintf(xpath, sizeof(xpath), NETCONF_ACM_XPATH "/%s", which);
	nb_cli_enqueue_change(vty, xpath, NB_OP_MODIFY, action);
	return nb_cli_apply_changes(vty, NULL);
}

/* One of a leaf-list in a list; a list that nothing is left in goes, too. */
static int set_member(struct vty *vty, const char *list, const char *leaf, const char *value,
		      bool member)
{
	const struct lyd_node *dnode;
	char xpath[XPATH_MAXLEN];

	snprintf(xpath, sizeof(xpath), "%s/%s[.='%s']", list, leaf, value);
	if (member) {
		nb_cli_enqueue_change(vty, list, NB_OP_CREATE, NULL);
		nb_cli_enqueue_change(vty, xpath, NB_OP_CREATE, NULL);
		return nb_cli_apply_changes(vty, NULL);
	}
	dnode = yang_dnode_get(vty->candidate_config->dnode, xpath);
	if (!dnode)
		return CMD_SUCCESS;
	/* the key and this one */
	if (lyd_child(lyd_parent(dnode))->next == dnode && !dnode->next)
		nb_cli_enqueue_change(vty, list, NB_OP_DESTROY, NULL);
	else
		nb_cli_enqueue_change(vty, xpath, NB_OP_DESTROY, NULL);
	return nb_cli_apply_changes(vty, NULL);
}

DEFPY_YANG (nc_access_group,
	    nc_access_group_cmd,
	    "[no] access group WORD$group user WORD$user",
	    NO_STR ACCESS_STR
	    "Users that rules speak of together\n"
	    "Name of the group\n"
	    "Who is in it\n"
	    "Name of the user\n")
{
	char xpath[XPATH_MAXLEN];

	if (!is_name(vty, group) || !is_name(vty, user))
		return CMD_WARNING_CONFIG_FAILED;
	snprintf(xpath, sizeof(xpath), GROUP_XPATH, group);
	return set_member(vty, xpath, "user-name", user, !no);
}

DEFPY_YANG (nc_access_group_alone,
	    nc_access_group_alone_cmd,
	    "[no] access group WORD$group",
	    NO_STR ACCESS_STR
	    "Users that rules speak of together\n"
	    "Name of the group\n")
{
	char xpath[XPATH_MAXLEN];

	if (!is_name(vty, group))
		return CMD_WARNING_CONFIG_FAILED;
	snprintf(xpath, sizeof(xpath), GROUP_XPATH, group);
	nb_cli_enqueue_change(vty, xpath, no ? NB_OP_DESTROY : NB_OP_CREATE, NULL);
	return nb_cli_apply_changes(vty, NULL);
}

DEFPY_YANG (nc_access_list_group,
	    nc_access_list_group_cmd,
	    "[no] access rule-list WORD$list group WORD$group",
	    NO_STR ACCESS_STR
	    "Rules that hold for a group; lists are looked at in the order of their making\n"
	    "Name of the list\n"
	    "For whom\n"
	    "Name of a group, or *: for all\n")
{
	char xpath[XPATH_MAXLEN];

	if (!is_name(vty, list) || !is_name(vty, group))
		return CMD_WARNING_CONFIG_FAILED;
	snprintf(xpath, sizeof(xpath), LIST_XPATH, list);
	return set_member(vty, xpath, "group", group, !no);
}

DEFPY_YANG (nc_access_list,
	    nc_access_list_cmd,
	    "[no] access rule-list WORD$list",
	    NO_STR ACCESS_STR
	    "Rules that hold for a group; lists are looked at in the order of their making\n"
	    "Name of the list\n")
{
	char xpath[XPATH_MAXLEN];

	if (!is_name(vty, list))
		return CMD_WARNING_CONFIG_FAILED;
	snprintf(xpath, sizeof(xpath), LIST_XPATH, list);
	nb_cli_enqueue_change(vty, xpath, no ? NB_OP_DESTROY : NB_OP_CREATE, NULL);
	return nb_cli_apply_changes(vty, NULL);
}

/* Says that a leaf of a rule has this value, or, NULL, that it is not there. */
static void set_leaf(struct vty *vty, const char *rule, const char *leaf, const char *value)
{
	char xpath[XPATH_MAXLEN + 32];

	snprintf(xpath, sizeof(xpath), "%s/%s", rule, leaf);
	nb_cli_enqueue_change(vty, xpath, value ? NB_OP_MODIFY : NB_OP_DESTROY, value);
}

static bool is_path(struct vty *vty, const char *text)
{
	struct netconf_access_path *path = netconf_access_path_new(text);

	if (!path)
		vty_out(vty, "%% %s is no path: it is /module:node/node[key='value']/...\n", text);
	netconf_access_path_free(path);
	return path != NULL;
}

DEFPY_YANG (nc_access_rule,
	    nc_access_rule_cmd,
	    "access rule WORD$list WORD$name <permit|deny>$action [module WORD$module] [<path WORD$path|rpc WORD$rpc|notification WORD$notification>] [{read$read|create$create|update$update|delete$del|exec$exec}]",
	    ACCESS_STR
	    "One rule; the first that fits decides\n"
	    "Name of the list\n"
	    "Name of the rule\n"
	    "It is permitted\n"
	    "It is denied\n"
	    "What a YANG module has\n"
	    "Name of the module\n"
	    "A node and all in it\n"
	    "Its path, /module:node/node[key='value']; without a key: every instance\n"
	    "An RPC or action\n"
	    "Its name, or *\n"
	    "A notification\n"
	    "Its name, or *\n"
	    "Reading\n"
	    "Creating\n"
	    "Changing what is there\n"
	    "Deleting\n"
	    "Having an RPC or action done\n")
{
	char rule[XPATH_MAXLEN], rights[64];

	if (!is_name(vty, list) || !is_name(vty, name) || (path && !is_path(vty, path)))
		return CMD_WARNING_CONFIG_FAILED;
	snprintf(rule, sizeof(rule), LIST_XPATH "/rule[name='%s']", list, name);
	snprintf(rights, sizeof(rights), "%s%s%s%s%s", create ? "create " : "", read ? "read " : "",
		 update ? "update " : "", del ? "delete " : "", exec ? "exec " : "");
	if (rights[0])
		rights[strlen(rights) - 1] = '\0';
	nb_cli_enqueue_change(vty, rule, NB_OP_CREATE, NULL);
	/* of these there is one at the most: the others go first */
	if (!rpc)
		set_leaf(vty, rule, "rpc-name", NULL);
	if (!notification)
		set_leaf(vty, rule, "notification-name", NULL);
	if (!path)
		set_leaf(vty, rule, "path", NULL);
	if (rpc)
		set_leaf(vty, rule, "rpc-name", rpc);
	if (notification)
		set_leaf(vty, rule, "notification-name", notification);
	if (path)
		set_leaf(vty, rule, "path", path);
	set_leaf(vty, rule, "module-name", module);
	set_leaf(vty, rule, "access-operations", rights[0] ? rights : NULL);
	set_leaf(vty, rule, "action", action);
	return nb_cli_apply_changes(vty, NULL);
}

DEFPY_YANG (nc_no_access_rule,
	    nc_no_access_rule_cmd,
	    "no access rule WORD$list WORD$name",
	    NO_STR ACCESS_STR
	    "One rule\n"
	    "Name of the list\n"
	    "Name of the rule\n")
{
	char xpath[XPATH_MAXLEN];

	if (!is_name(vty, list) || !is_name(vty, name))
		return CMD_WARNING_CONFIG_FAILED;
	snprintf(xpath, sizeof(xpath), LIST_XPATH "/rule[name='%s']", list, name);
	nb_cli_enqueue_change(vty, xpath, NB_OP_DESTROY, NULL);
	return nb_cli_apply_changes(vty, NULL);
}

DEFPY_YANG (nc_access_comment,
	    nc_access_comment_cmd,
	    "access comment WORD$list WORD$name LINE...",
	    ACCESS_STR
	    "What a rule is for\n"
	    "Name of the list\n"
	    "Name of the rule\n"
	    "Words\n")
{
	char rule[XPATH_MAXLEN], *words;
	int ret;

	if (!is_name(vty, list) || !is_name(vty, name))
		return CMD_WARNING_CONFIG_FAILED;
	snprintf(rule, sizeof(rule), LIST_XPATH "/rule[name='%s']", list, name);
	words = argv_concat(argv, argc, 4);
	set_leaf(vty, rule, "comment", words);
	ret = nb_cli_apply_changes(vty, NULL);
	XFREE(MTYPE_TMP, words);
	return ret;
}

/* -------------------------------------------------------------------- written back */

static void acm_show(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	vty_out(vty, "netconf\n");
}

static void acm_show_end(struct vty *vty, const struct lyd_node *dnode)
{
	vty_out(vty, "exit\n");
	vty_out(vty, "!\n");
}

static void default_show(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	vty_out(vty, " access %s %s\n", LYD_NAME(dnode), lyd_get_value(dnode));
}

static void group_show(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	if (!yang_dnode_exists(dnode, "./user-name"))
		vty_out(vty, " access group %s\n", yang_dnode_get_string(dnode, "./name"));
}

static void user_show(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	vty_out(vty, " access group %s user %s\n", yang_dnode_get_string(dnode, "../name"),
		lyd_get_value(dnode));
}

static void list_show(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	if (!yang_dnode_exists(dnode, "./group") && !yang_dnode_exists(dnode, "./rule"))
		vty_out(vty, " access rule-list %s\n", yang_dnode_get_string(dnode, "./name"));
}

static void list_group_show(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	vty_out(vty, " access rule-list %s group %s\n", yang_dnode_get_string(dnode, "../name"),
		lyd_get_value(dnode));
}

/* The value of a leaf, or NULL. */
static const char *leaf_of(const struct lyd_node *dnode, const char *leaf)
{
	return yang_dnode_exists(dnode, leaf) ? yang_dnode_get_string(dnode, "%s", leaf) : NULL;
}

static void rule_show(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	static const struct {
		const char *leaf, *word, *none;
	} parts[] = {
		{ "./module-name", " module", "*" },
		{ "./path", " path", NULL },
		{ "./rpc-name", " rpc", NULL },
		{ "./notification-name", " notification", NULL },
	};
	const char *list = yang_dnode_get_string(dnode, "../name");
	const char *name = yang_dnode_get_string(dnode, "./name");
	const char *rights = leaf_of(dnode, "./access-operations");
	const char *value;

	vty_out(vty, " access rule %s %s %s", list, name, yang_dnode_get_string(dnode, "./action"));
	for (size_t i = 0; i < array_size(parts); i++) {
		value = leaf_of(dnode, parts[i].leaf);
		if (value && !(parts[i].none && strmatch(value, parts[i].none)))
			vty_out(vty, "%s %s", parts[i].word, value);
	}
	if (rights && !strmatch(rights, "*"))
		vty_out(vty, " %s", rights);
	vty_out(vty, "\n");
	value = leaf_of(dnode, "./comment");
	if (value)
		vty_out(vty, " access comment %s %s %s\n", list, name, value);
}

/* clang-format off */
const struct frr_yang_module_info ietf_netconf_acm_cli_info = {
	.name = "ietf-netconf-acm",
	.ignore_cfg_cbs = true,
	.nodes = {
		{
			.xpath = NETCONF_ACM_XPATH,
			.cbs.cli_show = acm_show,
			.cbs.cli_show_end = acm_show_end,
		},
		{
			.xpath = NETCONF_ACM_XPATH "/read-default",
			.cbs.cli_show = default_show,
		},
		{
			.xpath = NETCONF_ACM_XPATH "/write-default",
			.cbs.cli_show = default_show,
		},
		{
			.xpath = NETCONF_ACM_XPATH "/exec-default",
			.cbs.cli_show = default_show,
		},
		{
			.xpath = NETCONF_ACM_XPATH "/groups/group",
			.cbs.cli_show = group_show,
		},
		{
			.xpath = NETCONF_ACM_XPATH "/groups/group/user-name",
			.cbs.cli_show = user_show,
		},
		{
			.xpath = NETCONF_ACM_XPATH "/rule-list",
			.cbs.cli_show = list_show,
		},
		{
			.xpath = NETCONF_ACM_XPATH "/rule-list/group",
			.cbs.cli_show = list_group_show,
		},
		{
			.xpath = NETCONF_ACM_XPATH "/rule-list/rule",
			.cbs.cli_show = rule_show,
		},
		{
			.xpath = NULL,
		},
	},
};

const struct frr_yang_module_info ietf_netconf_acm_deviations_info = {
	.name = "frr-deviations-ietf-netconf-acm",
	.ignore_cfg_cbs = true,
	.nodes = { { .xpath = NULL } },
};
/* clang-format on */

static struct cmd_node netconf_node = {
	.name = "netconf",
	.node = NETCONF_NODE,
	.parent_node = CONFIG_NODE,
	.prompt = "%s(config-netconf)# ",
};

void netconf_acm_cli_init(void)
{
	install_node(&netconf_node);
	install_default(NETCONF_NODE);
	install_element(CONFIG_NODE, &netconf_cmd);
	install_element(CONFIG_NODE, &no_netconf_cmd);
	install_element(NETCONF_NODE, &nc_access_default_cmd);
	install_element(NETCONF_NODE, &nc_access_group_cmd);
	install_element(NETCONF_NODE, &nc_access_group_alone_cmd);
	install_element(NETCONF_NODE, &nc_access_list_group_cmd);
	install_element(NETCONF_NODE, &nc_access_list_cmd);
	install_element(NETCONF_NODE, &nc_access_rule_cmd);
	install_element(NETCONF_NODE, &nc_no_access_rule_cmd);
	install_element(NETCONF_NODE, &nc_access_comment_cmd);
}
