// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Commands of netconfd; see netconf_vty.c.
 */
#ifndef _NETCONF_VTY_H
#define _NETCONF_VTY_H

#define NETCONF_STR "NETCONF server\n"

extern void netconf_vty_init(void);

#endif /* _NETCONF_VTY_H */
