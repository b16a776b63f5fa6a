/* SPDX-License-Identifier: GPL-2.0-or-later */
/* show, clear and debug commands of vpnd.  See vpn_vty.c. */
#ifndef VPND_VPN_VTY_H
#define VPND_VPN_VTY_H

extern void vpn_vty_init(void);

#endif /* VPND_VPN_VTY_H */
