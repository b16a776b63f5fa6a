/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel device of a tunnel link: as it should be, compared with the kernel's.
 *
 *   encapsulation                      device
 *   ipsec-tunnel, ipip-* with IPsec    xfrm interface with the link's if_id
 *   ipip-distinct without IPsec        sit in its mode "any" (ip6tnl, if the outer addresses are IPv6)
 *   gre                                gre (ip6gre), with key if there is one
 *   mpls-in-ip                         vpn_device_mpls.c
 *   l2tp                               vpn_device_l2tp.c
 *
 * Each is an interface in the link's VRF with the link's name; what carries it
 * is in the default VRF.  Its alias ("frr-vpnd link gre ipsec 192.0.2.1 …") says
 * what it is: an interface with another alias is not ours and is never touched,
 * one of ours that fits stays, with its index.  Addresses of ours carry a
 * protocol number (IFA_PROTO) of ours; those that others give the interface stay.
 *
 * gre, mpls-in-ip and l2tp with IPsec leave the machine as ESP or not at all:
 * vpn_guard.h.  No policy here about when a link is up: the caller says.
 *
 * Limits: what the addresses, keys, labels or ids of a device say is never
 * changed in place; the device is made anew.  See doc/developer/tunnel-devices.md.
 */
#ifndef VPND_VPN_DEVICE_H
#define VPND_VPN_DEVICE_H

#include <zebra.h>

#include "lib/if.h"
#include "lib/ipaddr.h"
#include "lib/prefix.h"

#include "vpnd/vpn_config.h"

/* As it should be.  All zero but name, encap, local and remote is a device that is down. */
struct vpn_device {
	char name[IFNAMSIZ];
	ifindex_t master; /* the VRF device; 0: the default VRF */
	enum vpn_encap encap;
	bool ipsec; /* ipsec-tunnel and ipip-shared: always */

	struct ipaddr local, remote; /* of the outer packets; xfrm kinds need neither */
	uint32_t if_id;		     /* of the xfrm kinds, 0x30000000 and up */
	bool has_key;		     /* gre */
	uint32_t key;
	uint32_t label, remote_label; /* mpls-in-ip: of what comes in, of what goes out */
	struct vpn_l2tp l2tp;

	unsigned int mtu;		  /* octets of an inner packet; 0: the kernel's choice */
	bool up;			  /* administratively */
	struct prefix address;		  /* of the interface, IPv4; family 0: none */
	struct prefix peer_address;	  /* of the other end, IPv4; family 0: none */
	uint32_t spoke;			  /* of a spoke's link, xfrm: its number; 0: it is none */
	char spoke_of[IFNAMSIZ];	  /* and its template's name */
	char identity[VPN_SPOKE_ID_SIZE]; /* and who it is; as the two before, only remembered */
	struct prefix address6; /* beside the link-local one, which is always there; family 0: none */
};

/* What went through it: inner packets and their octets, since it was made. */
struct vpn_device_counters {
	uint64_t bytes_in, bytes_out, packets_in, packets_out;
};

/* Is there anything to change?  Costs no request. */
bool vpn_device_differs(const struct vpn_device *want);

/*
 * Makes it so, with the fewest changes: an interface that is there and fits
 * stays.  Its index; 0 if it cannot be, and why in words in error of size octets.
 * With IPsec its guard stands before the device does.
 */
ifindex_t vpn_device_ensure(const struct vpn_device *want, char *error, size_t size);

/*
 * Removes the device of this name, and all that belongs to it; the guard goes
 * last.  Nothing happens if there is none, or if it is not ours.
 */
void vpn_device_remove(const char *name);

/*
 * Calls back for each device of ours that the kernel has; the callback may
 * remove that device, no other.  For adoption at start.
 */
void vpn_device_each(void (*each)(const char *name, ifindex_t ifindex));

/* What the alias of this device of ours says (vpn_device_alias.h).  False: it is not ours. */
bool vpn_device_said(const char *name, struct vpn_device *said);

/*
 * Removes what is left of devices that are no more: guards, L2TP tunnels,
 * carriers of MPLS.  To be called once after a start, when all devices are as
 * they should be.
 */
void vpn_device_tidy(void);

/* Octets around the inner packet, of this encapsulation, IPsec's apart: 0 for the xfrm kinds. */
unsigned int vpn_device_overhead(const struct vpn_device *device);

/* Has the kernel what this encapsulation needs?  If not, why is in error, in words. */
bool vpn_device_supported(enum vpn_encap encap, char *error, size_t size);

/* Asks the kernel.  False, and all 0, if there is no device of ours of this name. */
bool vpn_device_counters(const char *name, struct vpn_device_counters *counters);

#endif /* VPND_VPN_DEVICE_H */
