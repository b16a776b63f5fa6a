// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mgmtd, as threads see it; see netconf_mgmt.c.
 */
#ifndef _NETCONF_MGMT_H
#define _NETCONF_MGMT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/mgmt_fe_client.h"

struct event_loop;

/* A front-end session of mgmtd: holds locks, and is asked one thing at a time. */
struct netconf_mgmt;

/* What mgmtd said; freed by netconf_reply_free(). */
struct netconf_reply {
	bool ok;
	bool lost;    /* mgmtd is away, or was meanwhile: locks are gone */
	int error;    /* errno, when mgmtd gave one */
	char *words;  /* of mgmtd or a backend, when not ok */
	size_t index; /* which edit of several it is about */
	char *data;   /* NUL-terminated */
	size_t len;
};

/* One edit of a datastore: EDIT_OP_* of mgmt_msg_native.h. */
struct netconf_change {
	uint8_t op;
	char *xpath; /* for EDIT_OP_CREATE that of the parent; "/" is all */
	char *data;  /* XML, or NULL */
};

/* Called in the main thread when mgmtd is there, and when it is not any more. */
extern void netconf_mgmt_init(struct event_loop *loop, void (*connected)(bool up),
			      void (*notified)(const char *json));
extern void netconf_mgmt_fini(void);
extern bool netconf_mgmt_is_connected(void);

/* The front-end session that is always there, the main thread's. */
extern struct netconf_mgmt *netconf_mgmt_listener(void);

/* Nothing is sent before something is asked. Never NULL. */
extern struct netconf_mgmt *netconf_mgmt_new(void);

/* Its locks are released. From any thread; nobody may be asking through it. */
extern void netconf_mgmt_free(struct netconf_mgmt *mgmt);

/*
 * Each of these asks mgmtd and waits for the answer; never in the main thread,
 * which must be free to talk to mgmtd.
 */
extern void netconf_mgmt_lock(struct netconf_mgmt *mgmt, Mgmtd__DatastoreId ds, bool lock,
			      struct netconf_reply *reply);

/* flags are GET_DATA_FLAG_*, defaults GET_DATA_DEFAULTS_*, datastore MGMT_MSG_DATASTORE_*. */
extern void netconf_mgmt_get(struct netconf_mgmt *mgmt, uint8_t datastore, LYD_FORMAT format,
			     uint8_t flags, uint8_t defaults, const char *xpath,
			     struct netconf_reply *reply);

/*
 * Edits the candidate, which must be locked, by all the changes, whatever
 * becomes of single ones. The reply is about the first that failed (index).
 */
extern void netconf_mgmt_edit(struct netconf_mgmt *mgmt, const struct netconf_change *changes,
			      size_t count, struct netconf_reply *reply);

/* Both datastores must be locked. */
extern void netconf_mgmt_commit(struct netconf_mgmt *mgmt, bool validate_only, bool abort,
				struct netconf_reply *reply);

extern void netconf_mgmt_rpc(struct netconf_mgmt *mgmt, const char *xpath, const char *xml,
			     struct netconf_reply *reply);

extern void netconf_reply_free(struct netconf_reply *reply);

/* As netconf_mgmt_rpc(), without waiting, from the main thread; xpath and xml must stay until done(). */
extern void netconf_mgmt_rpc_later(struct netconf_mgmt *mgmt, const char *xpath, const char *xml,
				   void (*done)(struct netconf_reply *reply));

/*
 * Asks whether a datastore could be locked, which nobody could who is in the middle
 * of changing it; it is not locked afterwards. As above.
 */
extern void netconf_mgmt_quiet_later(struct netconf_mgmt *mgmt, Mgmtd__DatastoreId ds,
				     void (*done)(struct netconf_reply *reply));

/*
 * Asks for data without waiting, from the main thread; done() gets the answer
 * there, which is freed after it.
 */
extern void netconf_mgmt_get_later(struct netconf_mgmt *mgmt, uint8_t datastore, LYD_FORMAT format,
				   uint8_t flags, const char *xpath,
				   void (*done)(struct netconf_reply *reply));

#endif /* _NETCONF_MGMT_H */
