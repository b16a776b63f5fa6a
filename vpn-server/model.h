// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the database holds, as plain structs, and the changes that can be made.
 *
 * A function that changes is called in a transaction (db_begin); it checks
 * everything, and if something is not right it makes the transaction fail with
 * words that name the object and what to do.  It also leaves the tasks that
 * follow from the change: see task.h.
 */
#ifndef VPN_SERVER_MODEL_H
#define VPN_SERVER_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "vpn-server/db.h"
#include "vpn-server/prefix.h"

#define NAME_SIZE	 41 /* of a VPN or a CE: 1 to 40 characters */
#define LINK_SIZE	 16 /* IFNAMSIZ */
#define WORD_SIZE	 16
#define PROPOSAL_SIZE	 256
#define CREDENTIALS_SIZE 24

struct vpn {
	int64_t id;
	char name[NAME_SIZE];
	char vpn_id[WORD_SIZE];		  /* RFC 2685: "00a0c9:00000001" */
	char topology[WORD_SIZE];	  /* full-mesh, hub-and-spoke, graph */
	char encapsulation[WORD_SIZE];	  /* as in YANG */
	char authentication[WORD_SIZE];	  /* psk, certificate */
	char establish[WORD_SIZE];	  /* permanent, on-traffic */
	int64_t idle;			  /* seconds */
	char routing[WORD_SIZE];	  /* static, dynamic */
	char ike_proposal[PROPOSAL_SIZE]; /* "": the CE's default, as are 0s below */
	char esp_proposal[PROPOSAL_SIZE];
	int64_t lifetime, dead_peer_detection; /* seconds; -1: default */
	int64_t generation;		       /* of the keys in use */
	int64_t rotation_step, rotation_version, rotation_deadline, rotation_wait;
};

struct ce {
	int64_t id;
	char name[NAME_SIZE];
	char address[PREFIX_TEXT];
	char mode[WORD_SIZE];	   /* push, pull, notify */
	char transport[WORD_SIZE]; /* tls, ssh */
	char host[256];		   /* "": the address */
	int64_t port;		   /* 0: the transport's own */
	char login[64];		   /* SSH user */
	char host_key[128];	   /* SSH: SHA256:… */
	bool revoked, leaving, synced;
	int64_t version, provisioned_at, failures, next_attempt;
	char error[512];
	char credentials[CREDENTIALS_SIZE]; /* name of its key pair; "": the one it was shipped with */
	int64_t certificate_until;	    /* of the certificate that it has shown; 0: not known */
	int64_t renew;			    /* see renewal.h */
};

struct site {
	int64_t id, vpn, ce;
	char vrf[LINK_SIZE];
	bool hub;
	char link_name[LINK_SIZE];
	char ce_name[NAME_SIZE];
};

/* VPNs */
void vpn_defaults(struct vpn *vpn);
bool vpn_find(struct db *db, const char *name, struct vpn *vpn); /* fails if there is none */
bool vpn_by_id(struct db *db, int64_t id, struct vpn *vpn);
bool vpn_add(struct db *db, struct vpn *vpn);	  /* sets the id */
bool vpn_remove(struct db *db, const char *name); /* refused while it has sites */
bool vpn_prefix_add(struct db *db, const struct vpn *vpn, const char *prefix);

/* CEs */
void ce_defaults(struct ce *ce);
bool ce_find(struct db *db, const char *name, struct ce *ce);
bool ce_by_id(struct db *db, int64_t id, struct ce *ce);
bool ce_exists(struct db *db, const char *name);
bool ce_add(struct db *db, struct ce *ce);
/*
 * Its sites leave their VPNs, its peers first.  Unless forget, the CE is told,
 * too, and its row goes when it was.  Refused where it is a hub, or where the
 * graph would fall apart.
 */
bool ce_remove(struct db *db, const char *name, bool forget);
void ce_forget(struct db *db, const struct ce *ce); /* no site of it may be left */
bool ce_revoke(struct db *db, const char *name);

/* Sites */
struct site_options {
	const char *vrf;	     /* NULL: the VPN's name */
	const char *link_name;	     /* NULL: made from the CE's name */
	const char *const *prefixes; /* ends with NULL; may be NULL */
	const char *const *links;    /* names of CEs, in a graph; likewise */
	bool hub;
	bool quiet; /* of many: topology_announce() comes when all are there */
};
bool site_add(struct db *db, const struct vpn *vpn, const struct ce *ce,
	      const struct site_options *options, struct site *site);
bool site_remove(struct db *db, const struct vpn *vpn, const struct ce *ce);
bool site_find(struct db *db, const struct vpn *vpn, const char *ce_name, struct site *site);
bool site_by_id(struct db *db, int64_t id,
		struct site *site); /* no failure: false if there is none */

/*
 * Topology.  kind is "full-mesh", "hub-and-spoke" with the names of hubs as
 * args, or "graph" with links as "A:B".  Refused if it leaves a site alone.
 */
bool topology_set(struct db *db, struct vpn *vpn, const char *kind, const char *const *args);
bool topology_linked(struct db *db, const struct vpn *vpn, const struct site *a,
		     const struct site *b);
/* Ids of the sites linked with a site.  malloc'ed; NULL and *count 0 if none. */
int64_t *topology_neighbours(struct db *db, const struct vpn *vpn, const struct site *site,
			     size_t *count);
/* One link of a graph, and all links of a VPN that was filled quietly. */
bool topology_edge_add(struct db *db, const struct vpn *vpn, const char *a, const char *b);
/* A task for every link of the VPN, both ends, in any order; makes keys that are missing. */
void topology_tell_all(struct db *db, const struct vpn *vpn, int64_t version);
bool topology_announce(struct db *db, const struct vpn *vpn);

/* Fails if the graph is in several parts, naming a site in a smaller one. */
bool topology_check(struct db *db, const struct vpn *vpn);

/* A word of a name: letters, digits, '-', '_', '.'; starts with a letter or digit. */
bool name_check(struct db *db, const char *what, const char *name, size_t size);
int64_t now_seconds(void);

#endif /* VPN_SERVER_MODEL_H */
