// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Commands of access control, in mgmtd; see netconf_acm_cli.c.
 */
#ifndef _NETCONF_ACM_CLI_H
#define _NETCONF_ACM_CLI_H

#define NETCONF_ACM_XPATH "/ietf-netconf-acm:nacm"

/* Installs all of them. */
extern void netconf_acm_cli_init(void);

#endif /* _NETCONF_ACM_CLI_H */
