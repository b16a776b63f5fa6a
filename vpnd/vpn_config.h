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
 * have known keywords, the profile that the provider edge names exists, at
 * most one way to authenticate is set, numbers are in range.  What may be
 * incomplete while it is typed may be missing, and says so below.  Only a
 * configuration that mgmtd took while no vpnd ran may have faults; it is kept,
 * cannot be used, and vpn_config_incomplete() has the reason.
 */
#ifndef VPND_VPN_CONFIG_H
#define VPND_VPN_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/ipaddr.h"
#include "lib/typesafe.h"

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
	char *psk_file;	 /* VPN_AUTH_PSK_FILE: absolute path */
	char *cert_file; /* VPN_AUTH_CERTIFICATE: absolute paths, all three */
	char *key_file;
	char *ca_file;

	char ike_proposal[VPN_PROPOSAL_SIZE]; /* strongSwan's words */
	char esp_proposal[VPN_PROPOSAL_SIZE];
	uint8_t ike_version; /* 1 or 2 */
	uint32_t lifetime;   /* seconds, of a CHILD_SA */
	uint32_t dpd;	     /* seconds, 0: never ask */

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

struct vpn_config {
	struct vpn_profiles_head profiles; /* by name */
	struct vpn_pe_config pe;
	bool arrived; /* mgmtd has given us a configuration since we started */
};

extern int vpn_profile_cmp(const struct vpn_profile *a, const struct vpn_profile *b);
DECLARE_RBTREE_UNIQ(vpn_profiles, struct vpn_profile, item, vpn_profile_cmp);

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

#endif /* VPND_VPND_VPN_CONFIG_H */
