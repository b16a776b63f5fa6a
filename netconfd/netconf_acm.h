// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ietf-netconf-acm as mgmtd has it; see netconf_acm.c.
 */
#ifndef _NETCONF_ACM_H
#define _NETCONF_ACM_H

#include <stdbool.h>

#include "lib/northbound.h"

struct event_loop;

/* Connects with mgmtd. */
extern void netconf_acm_init(struct event_loop *loop);
extern void netconf_acm_fini(void);

/*
 * Are the rules known that mgmtd has? If not, they are asked for until they are,
 * and then known() is called. Main thread.
 */
extern bool netconf_acm_await(void (*known)(void));

extern const struct frr_yang_module_info ietf_netconf_acm_info;
extern const struct frr_yang_module_info ietf_netconf_acm_deviations_info;
extern const struct frr_yang_module_info frr_netconfd_acm_path_info;

#endif /* _NETCONF_ACM_H */
