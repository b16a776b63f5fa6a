/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The running configuration written to its file.
 *
 * A customer edge that is switched off and on shall run what it ran, also when
 * no server is reached then; and what a server has removed, keys among it, shall
 * not be in a file any longer.  NETCONF offers no startup datastore here: the
 * configuration's file is FRR's, and vtysh is who writes it, for all daemons
 * (`write memory`).  So it is vtysh that is run, a moment after the server has
 * written another version; everything that runs is saved then, whoever typed it.
 */
#ifndef VPND_VPN_SAVE_H
#define VPND_VPN_SAVE_H

/* Saves in a moment; what follows within that moment is saved with it. */
extern void vpn_save_schedule(void);
extern void vpn_save_stop(void);

#endif /* VPND_VPN_SAVE_H */
