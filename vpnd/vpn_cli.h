/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration commands of vpnd, which live in mgmtd.  See vpn_cli.c. */
#ifndef VPND_VPN_CLI_H
#define VPND_VPN_CLI_H

extern void vpn_cli_init(void);

#endif /* VPND_VPN_CLI_H */
