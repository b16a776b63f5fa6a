/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The customer edge's keys, certificates and lists of revoked ones: files that
 * nothing names any more are deleted.
 */
#ifndef VPND_VPN_CE_FILES_H
#define VPND_VPN_CE_FILES_H

/* text has just been written to the configuration's file, path, and is what runs. */
void vpn_ce_files_clean(const char *path, const char *text);

#endif /* VPND_VPN_CE_FILES_H */
