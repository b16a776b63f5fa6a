/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers of the kernel's netlink interface that the headers which FRR brings
 * with it (include/linux) are too old for.  The kernel never changes them.
 */
#ifndef VPND_VPN_UAPI_H
#define VPND_VPN_UAPI_H

/* linux/if_addr.h, Linux 5.18 */
#define UAPI_IFA_PROTO 11

/* linux/if_tunnel.h: of ipip, sit and ip6tnl, in IFLA_INFO_DATA */
enum {
	UAPI_IPTUN_LOCAL = 2,
	UAPI_IPTUN_REMOTE = 3,
	UAPI_IPTUN_TTL = 4,
	UAPI_IPTUN_TOS = 5,
	UAPI_IPTUN_FLAGS = 8,
	UAPI_IPTUN_PROTO = 9,
	UAPI_IPTUN_PMTUDISC = 10,
	UAPI_IPTUN_MAX = UAPI_IPTUN_PMTUDISC,
};

/* linux/if_tunnel.h: of gre and ip6gre, in IFLA_INFO_DATA */
enum {
	UAPI_GRE_IFLAGS = 2,
	UAPI_GRE_OFLAGS = 3,
	UAPI_GRE_IKEY = 4,
	UAPI_GRE_OKEY = 5,
	UAPI_GRE_LOCAL = 6,
	UAPI_GRE_REMOTE = 7,
	UAPI_GRE_TTL = 8,
	UAPI_GRE_TOS = 9,
	UAPI_GRE_PMTUDISC = 10,
	UAPI_GRE_FLAGS = 13,
	UAPI_GRE_MAX = UAPI_GRE_FLAGS,
};
/* in network byte order in IFLAGS and OFLAGS */
#define UAPI_GRE_ROUTING 0x4000
#define UAPI_GRE_KEY	 0x2000

/* linux/ip6_tunnel.h: flags of ip6tnl and ip6gre */
#define UAPI_IP6_TNL_IGNORE_ENCAP_LIMIT 0x1
#define UAPI_IP6_TNL_USE_ORIG_TCLASS	0x2

#endif /* VPND_VPN_UAPI_H */
