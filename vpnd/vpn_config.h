/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the operator wants: a plain copy of the running configuration.
 *
 * The northbound never touches anything that runs.  After each commit the
 * whole of /frr-vpnd:vpn in the running configuration is read anew into
 * vpn_config (vpn_config_read), and vpn_apply() is scheduled, which compares
 * it with what is.  So there is one way from any configuration to any other,
 * and a restart is the same way.
 *
 * Everything in here was validated at commit (vpn_nb_config.c): proposals
 * have known keywords, no two tunnel links can be taken for one another, the profile that the provider edge names exists, at
 * most one way to authenticate is set, numbers are in range.  What may be
 * incomplete while it is typed may be missing, and says so below.  Only a
 * configuration that mgmtd took while no vpnd ran may have faults; it is kept,
 * cannot be used, and vpn_config_incomplete() has the reason.
 */
#ifndef VPND_VPN_CONFIG_H
#define VPND_VPN_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include <net/if.h>

#include "lib/ipaddr.h"
#include "lib/prefix.h"
#include "lib/typesafe.h"
#include "lib/vrf.h"

#include "vpnd/vpn_id.h"

struct lyd_node;

#define VPN_NAME_SIZE	  64  /* of a profile, with the NUL */
#define VPN_FAULT_SIZE	  256 /* of a fault in words, with the NUL */
#define VPN_PROPOSAL_SIZE 256 /* of a proposal, with the NUL */

/* How the two ends authenticate. */
enum vpn_auth {
	VPN_AUTH_NONE = 0, /* not configured yet: the profile cannot be used */
	VPN_AUTH_PSK,
	VPN_AUTH_PSK_FILE,
	VPN_AUTH_CERTIFICATE,
};

PREDECL_RBTREE_UNIQ(vpn_profiles);

struct vpn_profile {
	struct vpn_profiles_item item;
	char name[VPN_NAME_SIZE];

	char fault[VPN_FAULT_SIZE]; /* why it cannot be used, in words; empty: it can */

	enum vpn_auth auth;
	char *psk;	 /* VPN_AUTH_PSK; zeroed before it is freed; never log it */
	char *psk_other; /* VPN_AUTH_PSK: a second one, only accepted; NULL: none; likewise secret */
	char *psk_file;	 /* VPN_AUTH_PSK_FILE: absolute path */
	char *cert_file; /* VPN_AUTH_CERTIFICATE: absolute paths, all three */
	char *key_file;
	char *ca_file;
	char *crl_file; /* NULL: none */

	char ike_proposal[VPN_PROPOSAL_SIZE]; /* strongSwan's words */
	char esp_proposal[VPN_PROPOSAL_SIZE];
	uint8_t ike_version;  /* 1 or 2 */
	uint32_t lifetime;    /* seconds, of a CHILD_SA */
	uint32_t dpd;	      /* seconds, 0: never ask */
	uint32_t dpd_timeout; /* seconds to an answer, of peers of tunnel links */

	uint32_t retry_initial; /* seconds to the second attempt */
	uint32_t retry_maximum; /* seconds between two attempts at most, >= initial */
	uint32_t retry_limit;	/* failed attempts before the alarm, 0: no limit */
};

/* This router as a provider edge. */
struct vpn_pe_config {
	bool present;		     /* false: nothing below is set */
	char fault[VPN_FAULT_SIZE];  /* why it cannot be used, in words; empty: it can */
	struct ipaddr local;	     /* IPADDR_NONE: not configured yet */
	char profile[VPN_NAME_SIZE]; /* empty: not configured yet */
	uint8_t prefix_len;	     /* bits of our SPI prefixes, 7 to 26 */
};

/*
 * Tunnel links
 */

#define VPN_IDENTITY_SIZE 256 /* of an IKE identity, with the NUL */
#define VPN_IDLE_DEFAULT  300 /* seconds, as in YANG */
#define VPN_SPOKE_ID_SIZE 192 /* of the identity of a spoke, with the NUL; VPNSPI_IDENTITY_SIZE */

/* How the packets of a link look outside (draft-duffy-ppvpn-ipsec-vlink-00, section 6). */
enum vpn_encap {
	VPN_ENCAP_NONE = 0, /* not configured yet: the link cannot be used */
	VPN_ENCAP_IPSEC_TUNNEL,
	VPN_ENCAP_IPIP_SHARED,
	VPN_ENCAP_IPIP_DISTINCT,
	VPN_ENCAP_GRE,
	VPN_ENCAP_MPLS,
	VPN_ENCAP_L2TP,
};

/* How the peer is told, in IKE, that an SA is for a link (draft-knight-ppvpn-ipsec-dynroute-00, section 3.4). */
enum vpn_signal {
	VPN_SIGNAL_NONE = 0,  /* tunnel mode for everything */
	VPN_SIGNAL_TRANSPORT, /* transport mode for protocol 4 between the gateways (Method 3) */
	VPN_SIGNAL_VENDOR_ID, /* tunnel mode without client identifiers, and a vendor ID (Method 1) */
};

/* L2TPv3 (RFC 3931); host byte order; 0: not configured. */
struct vpn_l2tp {
	uint32_t tunnel_id, peer_tunnel_id;
	uint32_t session_id, peer_session_id;
	uint8_t cookie[VPN_COOKIE_SIZE], peer_cookie[VPN_COOKIE_SIZE];
	uint8_t cookie_len, peer_cookie_len; /* octets: 0, 4 or 8 */
};

PREDECL_RBTREE_UNIQ(vpn_tunnel_configs);

/*
 * A tunnel link, a template of links, or a link that vpnd makes of a template for
 * a spoke (vpn_template.h).  It owns nothing, so it may be copied.
 */
struct vpn_tunnel_config {
	struct vpn_tunnel_configs_item item;
	char name[IFNAMSIZ]; /* of the link and of its interface */

	char fault[VPN_FAULT_SIZE]; /* why it cannot be used, in words; empty: it can */

	char vrf[VRF_NAMSIZ];
	struct ipaddr local, remote; /* IPADDR_NONE: not configured (yet) */
	bool remote_any;	     /* whoever proves to be remote_id, from anywhere */

	enum vpn_encap encap;
	bool has_key; /* of VPN_ENCAP_GRE */
	uint32_t key;
	uint32_t label;	       /* of VPN_ENCAP_MPLS: on what we receive, 0: not configured */
	uint32_t remote_label; /* on what we send */
	struct vpn_l2tp l2tp;  /* of VPN_ENCAP_L2TP */

	bool no_ipsec;			   /* in clear, because somebody said so */
	char profile[VPN_NAME_SIZE];	   /* otherwise; empty: not configured yet */
	char local_id[VPN_IDENTITY_SIZE];  /* in IKE; empty: the address */
	char remote_id[VPN_IDENTITY_SIZE]; /* likewise */
	bool has_vpn_id;
	uint8_t vpn_id[VPN_ID_SIZE];
	enum vpn_signal signal; /* what applies, defaults resolved */
	bool on_traffic;	/* false: permanent */
	uint32_t idle;		/* seconds without traffic after which an on-traffic link ends */

	/* All optional, family 0: not configured. */
	struct prefix address, peer_address; /* IPv4 */
	struct prefix address6;
	char unnumbered[IFNAMSIZ]; /* whose address is borrowed; empty: vpnd chooses */
	uint32_t mtu;		   /* octets; 0: what the path allows */

	/* Of a template; its name is what the names of its links begin with. */
	uint32_t limit;	 /* spokes at most; 0: it is none */
	uint32_t forget; /* seconds that a spoke which has gone keeps its interface */

	/* Of a spoke's link. */
	char spoke_of[IFNAMSIZ];	  /* the template's name; empty: it is none */
	uint32_t number;		  /* which stands behind it in the link's name */
	char identity[VPN_SPOKE_ID_SIZE]; /* who it proved to be, as charon writes it */
};

/*
 * A customer edge that a provider's server provisions
 */

#define VPN_CE_SERVERS_MAX 16

/* Names of profiles that a server has configured begin with it (contract with vpn-server/config.h). */
#define VPN_CE_PROFILE_PREFIX "vpn:"

/* May packets of a VRF pass the provider's interface? */
enum vpn_internet {
	VPN_INTERNET_NONE = 0,
	VPN_INTERNET_GATEWAY, /* as they are, both ways */
	VPN_INTERNET_NAT,     /* translated, begun from the VRF only */
};

struct vpn_ce_server {
	struct ipaddr address;
	uint16_t port;
};

/* It owns nothing, so it may be copied. */
struct vpn_ce_config {
	bool present;		      /* false: nothing below is set */
	char fault[VPN_FAULT_SIZE];   /* why it cannot be used, in words; empty: it can */
	char identity[VPN_NAME_SIZE]; /* empty: not configured yet */
	struct ipaddr address;	      /* IPADDR_NONE: not configured yet, or dhcp */
	bool dhcp;		      /* the address is that of address_if */
	char address_if[IFNAMSIZ];    /* empty: none */
	char provider_if[IFNAMSIZ];   /* empty: none, nothing is filtered */
	bool has_certificate;	      /* the three files are named; netconfd reads them */
	uint32_t certificate;	      /* hash of the certificate's path: was another one named? */
	uint32_t interval;	      /* seconds */
	uint32_t retain;	      /* seconds; 0: forever */
	enum vpn_internet internet;
	char internet_vrf[VRF_NAMSIZ]; /* empty: none */
	bool has_version;
	uint64_t version; /* of the provider's database, as the server wrote it */
	unsigned int server_count;
	struct vpn_ce_server servers[VPN_CE_SERVERS_MAX]; /* in the order in which they are tried */
};

struct vpn_config {
	struct vpn_profiles_head profiles; /* by name */
	struct vpn_pe_config pe;
	struct vpn_ce_config ce;
	struct vpn_tunnel_configs_head tunnels;	  /* by name */
	struct vpn_tunnel_configs_head templates; /* by name */
	bool arrived; /* mgmtd has given us a configuration since we started */
};

extern int vpn_profile_cmp(const struct vpn_profile *a, const struct vpn_profile *b);
DECLARE_RBTREE_UNIQ(vpn_profiles, struct vpn_profile, item, vpn_profile_cmp);

extern int vpn_tunnel_config_cmp(const struct vpn_tunnel_config *a,
				 const struct vpn_tunnel_config *b);
DECLARE_RBTREE_UNIQ(vpn_tunnel_configs, struct vpn_tunnel_config, item, vpn_tunnel_config_cmp);

/* The configuration in force.  Owned here; nobody else changes it. */
extern struct vpn_config vpn_config;

/* Makes *config empty: no profile, no provider edge. */
extern void vpn_config_init(struct vpn_config *config);

/*
 * Is what an ipsec-profile's, or the provider-edge's, data node says sound as
 * far as YANG's types cannot tell?  If not, why is a message for whoever
 * configured it: it names the object and says what to do.
 */
extern bool vpn_profile_check(const struct lyd_node *dnode, char *why, size_t size);
extern bool vpn_pe_check(const struct lyd_node *dnode, char *why, size_t size);

/* Frees what *config holds, secrets zeroed, and leaves it empty. */
extern void vpn_config_clear(struct vpn_config *config);

/*
 * Replaces *config by what is in the tree of this data node, which is the
 * root of a configuration datastore (NULL: empty).  The tree was validated.
 */
extern void vpn_config_read(struct vpn_config *config, const struct lyd_node *root);

/* The profile of this name, or NULL. */
extern struct vpn_profile *vpn_profile_find(struct vpn_config *config, const char *name);

/* The profile that the provider edge uses, or NULL: none is named, or there is no provider edge. */
extern struct vpn_profile *vpn_pe_profile(struct vpn_config *config);

/* Do both say the same?  For the diff: what is the same need not be loaded again. */
extern bool vpn_profile_same(const struct vpn_profile *a, const struct vpn_profile *b);

/*
 * Why the provider edge cannot work as configured, in words that name the
 * object and what to do, into buf; false if it can.  Known from the
 * configuration alone; whether the address is on the machine is not.
 */
extern bool vpn_config_incomplete(struct vpn_config *config, char *buf, size_t size);

/*
 * A customer edge (vpn_config_ce.c)
 */

/* As vpn_pe_check(), of the data node customer-edge. */
extern bool vpn_ce_check(const struct lyd_node *dnode, char *why, size_t size);

/* For vpn_config.c: reads the data node customer-edge, fault included. */
extern void vpn_ce_read(struct vpn_ce_config *ce, const struct lyd_node *dnode);

/* Do both say the same? */
extern bool vpn_ce_same(const struct vpn_ce_config *a, const struct vpn_ce_config *b);

/* Is something missing without which no server can be called?  If so, why is in words. */
extern bool vpn_ce_incomplete(const struct vpn_ce_config *ce, char *why, size_t size);

/* Has a server configured this profile, or what uses it, going by its name? */
extern bool vpn_ce_owns(const struct vpn_config *config, const char *profile);

/*
 * Tunnel links (vpn_config_tunnel.c)
 */

/* The tunnel link of this name, or NULL. */
extern struct vpn_tunnel_config *vpn_tunnel_config_find(struct vpn_config *config, const char *name);

/* The template of this name, or NULL. */
extern struct vpn_tunnel_config *vpn_template_config_find(struct vpn_config *config,
							  const char *name);

/* "tunnel-link" or "tunnel-link-template", for messages. */
extern const char *vpn_tunnel_config_kind(const struct vpn_tunnel_config *tunnel);

/* The profile that a tunnel link uses, or NULL: none is named, or it has `no ipsec`. */
extern struct vpn_profile *vpn_tunnel_profile(struct vpn_config *config,
					      const struct vpn_tunnel_config *tunnel);

/* Do both say the same?  For the diff.  Profiles are compared by name. */
extern bool vpn_tunnel_config_same(const struct vpn_tunnel_config *a,
				   const struct vpn_tunnel_config *b);

/*
 * Why the tunnel link cannot work as configured, in words that name the object
 * and what to do, into buf; false if it can.  Known from the configuration
 * alone; whether the addresses and the VRF are on the machine is not.
 */
extern bool vpn_tunnel_incomplete(struct vpn_config *config, const struct vpn_tunnel_config *tunnel,
				  char *buf, size_t size);

/* "gre", as in commands and YANG; "none" for VPN_ENCAP_NONE. */
extern const char *vpn_encap_str(enum vpn_encap encap);

/* May links of this kind go in clear (`no ipsec`)? */
extern bool vpn_encap_may_be_clear(enum vpn_encap encap);

/* Is one CHILD_SA shared by all links of this kind between the same two gateways? */
extern bool vpn_encap_shares_sa(enum vpn_encap encap);

/*
 * For vpn_config.c: reads all tunnel links below the data node /frr-vpnd:vpn
 * into config->tunnels, faults included; profiles are there already.
 */
extern void vpn_tunnels_read(struct vpn_config *config, const struct lyd_node *vpn);
extern void vpn_tunnels_clear(struct vpn_config *config);

/* Writes the fault of every tunnel link that has one (vpn_config_check.c). */
extern void vpn_tunnels_check(struct vpn_config *config);

/* Can packets come from and go to this address: is it neither 0, loopback, multicast nor link-local? */
extern bool vpn_address_usable(const struct ipaddr *addr);

#endif /* VPND_VPN_CONFIG_H */
