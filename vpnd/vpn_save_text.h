/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text of a configuration's file, with what is the provider's server's in
 * it replaced by what runs.  No files and no processes here.
 *
 * The server's are profiles that begin with "vpn:", links that use one, and
 * static routes over such links: by these rules vpn-serverd, too, knows its own
 * (vpn-server/config.c).  All of them stand in one section of the file, between
 * two lines of comment; what of them stands elsewhere, because somebody said
 * `write memory`, is taken out there.  The rest of the file stays, octet by
 * octet: lines of the operator's that are not saved are not in it afterwards.
 * A key and certificate that the CE made for its server are named there, too, and
 * count, as the section comes last.  Where nobody has typed `customer-edge` (a server that opens the session itself
 * makes it), or saved it, the section has it, empty.
 *
 * Limit: blocks are known by their indentation, which FRR writes; the server's
 * objects in a file that somebody has typed without it are left as they are, and
 * are in it twice.  FRR reads that as if they were in it once.
 */
#ifndef VPND_VPN_SAVE_TEXT_H
#define VPND_VPN_SAVE_TEXT_H

#include <zebra.h>

/* What of the server's was put into the text. */
struct vpn_save_count {
	unsigned int profiles, links, routes;
};

/* The text of the file anew, for XFREE(MTYPE_TMP); running is what `show running-config` says. */
extern char *vpn_save_merge(const char *file, const char *running, struct vpn_save_count *count);

/*
 * Does FRR use this file, when it has read the text?  Of the lines that name the
 * customer edge's own certificate the last one counts, of others all.
 */
extern bool vpn_save_names(const char *text, const char *path);

#endif /* VPND_VPN_SAVE_TEXT_H */
