// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libnetconf2's header, in a program of FRR's. It includes libssh's, which still
 * declares functions from before libssh had a prefix for its names; two of them
 * are functions of libfrr. Nobody calls libssh's here.
 */
#ifndef _NETCONF_NC_H
#define _NETCONF_NC_H

#define buffer_new  libssh_buffer_new
#define buffer_free libssh_buffer_free
#include <nc_server.h>
#undef buffer_new
#undef buffer_free

#endif /* _NETCONF_NC_H */
