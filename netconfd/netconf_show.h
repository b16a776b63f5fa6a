// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Commands that show netconfd's state; see netconf_show.c.
 */
#ifndef _NETCONF_SHOW_H
#define _NETCONF_SHOW_H

extern void netconf_show_init(void);

#endif /* _NETCONF_SHOW_H */
