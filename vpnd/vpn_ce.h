/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A customer edge and the provider's servers.
 *
 * A customer edge (draft-ietf-l3vpn-ce-based-02) knows a few things when it is
 * shipped: who it is, where the servers are, how to prove it.  It calls a
 * server, which tells it the rest over NETCONF: profiles, tunnel links, routes.
 *
 *     vpnd ── provisioning-wanted ──▶ netconfd ══ calls ══▶ server
 *      ▲                                 │ ◀══ edits ═══
 *      ├── provisioning-contact ─────────┤
 *      └── configuration ── mgmtd ◀──────┘
 *
 * netconfd does the calling, as it owns call home; vpnd decides when, and what
 * follows when nobody answers.  What came is told from what was typed by its
 * name alone: a profile that begins with "vpn:", and a link that uses one.
 *
 * If no server is reached for as long as `retain` says, the links of the
 * server's are torn down; the configuration stays, and they come back as soon
 * as a server was spoken to.  What the server removes goes as any link goes
 * that is removed: IKE's DELETE, the connection and its keys unloaded.
 */
#ifndef VPND_VPN_CE_H
#define VPND_VPN_CE_H

#include <zebra.h>

#include "lib/hook.h"

#include "vpnd/vpn_config.h"
#include "vpnd/vpn_peer.h"

struct json_object;

/* What has become of a call, as netconfd says (values of YANG's enumeration). */
enum vpn_ce_event {
	VPN_CE_CALLING = 0,
	VPN_CE_SESSION,
	VPN_CE_ENDED,
	VPN_CE_FAILED,
};

/* What is known of the servers.  Read-only for show and northbound. */
struct vpn_ce {
	struct vpn_ce_config config; /* as it was when last looked at */
	struct ipaddr address;	     /* in the provider's space; IPADDR_NONE: not known (yet) */

	bool in_session;
	struct ipaddr server; /* that was spoken to last; IPADDR_NONE: none yet */
	uint16_t port;
	time_t contact;		     /* wall clock, s: when that was; 0: never */
	time_t attempt;		     /* wall clock, s: of the last call; 0: none */
	char error[VPN_REASON_SIZE]; /* what became of it; empty: it did not fail */

	bool has_version;
	uint64_t version; /* of the provider's database, as a server wrote it last */
	bool has_saved;
	uint64_t saved; /* … as the configuration's file has it */

	bool expired; /* nobody was reached for too long: nothing of theirs is in force */
};

extern struct vpn_ce vpn_ce;

/* A server is to be called now, and why; whoever calls reads the configuration anew. */
DECLARE_HOOK(vpn_ce_wanted, (const char *why), (why));

/* Part of the run: compares with the configuration, and asks for a call if it has to be. */
extern void vpn_ce_apply(void);

/* netconfd says what became of a call; server, port and text may be unknown (IPADDR_NONE, 0, NULL). */
extern void vpn_ce_contact(enum vpn_ce_event event, const struct ipaddr *server, uint16_t port,
			   const char *text);

/* A peer that no connection is for has tried to negotiate with our address. */
extern void vpn_ce_knock(const struct ipaddr *peer);

/*
 * Why a link of this profile must not run, in words; NULL if it may: no server
 * of the provider's, to whom the profile belongs, was reached for too long.
 */
extern const char *vpn_ce_forbids(const char *profile);

/* How it is, and why it is not up. */
extern enum vpn_peer_state vpn_ce_state(char *reason, size_t size);

/* Wall clock, s, when what came from a server is to go; 0: never, or it is known not to. */
extern time_t vpn_ce_retained_until(void);

/* The configuration's file has what this version of the provider's database asks for. */
extern void vpn_ce_saved(bool has_version, uint64_t version);

/* How many profiles and links in force are the server's. */
extern void vpn_ce_count(unsigned int *profiles, unsigned int *links);

/*
 * For the state file: when a server was spoken to last outlives vpnd, and so does
 * the version that is saved, as it will be the one that runs after a reboot.
 */
extern struct json_object *vpn_ce_save(void);
extern void vpn_ce_load(struct json_object *state);

#endif /* VPND_VPN_CE_H */
