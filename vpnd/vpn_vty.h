/* SPDX-License-Identifier: GPL-2.0-or-later */
/* show, clear and debug commands of vpnd.  See vpn_vty.c and, of tunnel links, vpn_vty_tunnel.c. */
#ifndef VPND_VPN_VTY_H
#define VPND_VPN_VTY_H

#include "vpnd/vpn_peer.h"

struct json_object;
struct vty;

/* Installs all of them. */
extern void vpn_vty_init(void);

/* Those of a customer edge, and of tunnel links; for vpn_vty.c. */
extern void vpn_vty_ce_init(void);
extern void vpn_vty_tunnel_init(void);

/* Adds "state", and "reason" if that is not up. */
extern void vpn_json_status(struct json_object *json, enum vpn_peer_state state, const char *reason);

/* Shows the reason of what is not up, on a line of its own. */
extern void vpn_show_reason(struct vty *vty, enum vpn_peer_state state, const char *reason);

#endif /* VPND_VPN_VTY_H */
