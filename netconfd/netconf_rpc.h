// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests of clients; see netconf_rpc.c.
 */
#ifndef _NETCONF_RPC_H
#define _NETCONF_RPC_H

#include <stdbool.h>

#include <libyang/libyang.h>
#include "netconfd/netconf_nc.h"

#include "lib/mgmt_fe_client.h"

struct netconf_session;

/* Tells libnetconf2 whom to call. */
extern void netconf_rpc_init(void);

/* The child with this name, or NULL. */
extern struct lyd_node *netconf_rpc_child(const struct lyd_node *parent, const char *name);

/* The value of a leaf child, or NULL. */
extern const char *netconf_rpc_value(const struct lyd_node *parent, const char *name);

/* A reply with nothing in it but one anydata: takes tree over. */
extern struct nc_server_reply *netconf_rpc_data_tree(struct netconf_session *session,
						     const struct lyd_node *rpc, const char *name,
						     struct lyd_node *tree, NC_WD_MODE defaults);

/* The same with XML, which is not looked at again. */
extern struct nc_server_reply *netconf_rpc_data_xml(struct netconf_session *session,
						    const struct lyd_node *rpc, const char *name,
						    const char *xml);

/*
 * Handlers of single operations. Each returns a reply, an error too.
 */
typedef struct nc_server_reply *netconf_rpc_handler(struct netconf_session *session,
						    struct lyd_node *rpc);

/* netconf_get.c */
extern netconf_rpc_handler netconf_get, netconf_get_config, netconf_get_data;
/* netconf_edit.c */
extern netconf_rpc_handler netconf_edit_config, netconf_edit_data, netconf_copy_config,
	netconf_delete_config;
/* netconf_commit.c, netconf_confirm.c, netconf_lock.c */
extern netconf_rpc_handler netconf_commit, netconf_discard_changes, netconf_validate;
extern netconf_rpc_handler netconf_cancel_commit;
extern netconf_rpc_handler netconf_lock, netconf_unlock;
/* netconf_certificate.c */
extern netconf_rpc_handler netconf_certificate_request, netconf_certificate_install,
	netconf_crl_install;
/* netconf_notify.c */
extern netconf_rpc_handler netconf_create_subscription;

/* ------------------------------------------------------------------ datastores */

enum netconf_ds {
	NETCONF_DS_NONE, /* not one that there is */
	NETCONF_DS_RUNNING,
	NETCONF_DS_CANDIDATE,
	NETCONF_DS_OPERATIONAL,
	NETCONF_DS_CONFIG, /* configuration in the request itself */
};

/* Which datastore <source> or <target> of a request names. */
extern enum netconf_ds netconf_rpc_datastore(const struct lyd_node *rpc, const char *parameter);

extern const char *netconf_ds_name(enum netconf_ds ds);

#endif /* _NETCONF_RPC_H */
