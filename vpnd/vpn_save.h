/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the provider's server has configured, written into the configuration's file.
 *
 * A customer edge that is switched off and on shall run what it ran, also when
 * no server is reached then; and what a server has removed, keys among it, shall
 * not be in a file any longer.  mgmtd has no startup datastore: the file is
 * FRR's, frr.conf (or mgmtd.conf, where there is no frr.conf), which vtysh reads
 * at the start.  `write memory` would write all that runs, also what an operator
 * is trying and has not saved.  So only what is the server's is changed in the
 * file (vpn_save_text.h), a moment after the server has written another version.
 *
 * What runs is asked of vtysh, as mgmtd writes commands; its answer is taken if it
 * has as many profiles and links as vpnd knows to be the server's.  The file is
 * replaced in one step: whenever the power fails it is the old one or the new one.
 * A file that is just being written by somebody else, or is empty, as it is when
 * `write memory` begins, is left alone until he is done.
 *
 * Limit: between the server's commit and the file's being written pass a few
 * seconds.  A customer edge that is switched off then comes back as it was before;
 * the version that it says it has is that of the file, and the server tells it
 * the difference when it calls.
 */
#ifndef VPND_VPN_SAVE_H
#define VPND_VPN_SAVE_H

/* Saves in a moment; what follows within that moment is saved with it. */
extern void vpn_save_schedule(void);
extern void vpn_save_stop(void);

#endif /* VPND_VPN_SAVE_H */
