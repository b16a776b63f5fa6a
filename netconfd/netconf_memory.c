// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Kinds of memory of netconfd, for "show memory".
 */
#include <zebra.h>

#include "netconfd/netconf_memory.h"

DEFINE_MGROUP(NETCONFD, "netconfd");
DEFINE_MTYPE(NETCONFD, NETCONF_MGMT, "mgmtd session");
DEFINE_MTYPE(NETCONFD, NETCONF_REQUEST, "mgmtd request");
DEFINE_MTYPE(NETCONFD, NETCONF_REPLY, "mgmtd reply");
DEFINE_MTYPE(NETCONFD, NETCONF_SESSION, "NETCONF session");
DEFINE_MTYPE(NETCONFD, NETCONF_CONFIG, "NETCONF configuration");
DEFINE_MTYPE(NETCONFD, NETCONF_EDIT, "NETCONF edit");
DEFINE_MTYPE(NETCONFD, NETCONF_NOTIFICATION, "NETCONF notification");
DEFINE_MTYPE(NETCONFD, NETCONF_CONFIRM, "NETCONF confirmed commit");
