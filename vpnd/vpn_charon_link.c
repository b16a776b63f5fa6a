// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * charon: the connections of tunnel links.  See vpn_charon_link.h.
 */
#include <zebra.h>

#include "lib/jhash.h"
#include "lib/log.h"
#include "lib/printfrr.h"

#include "vpnd/vpn_charon.h"
#include "vpnd/vpn_charon_link.h"
#include "vpnd/vpn_charon_link_msg.h"
#include "vpnd/vpn_charon_queue.h"
#include "vpnd/vpn_config.h"
#include "vpnd/vpn_gateway.h"
#include "wire/plugin.h"

static bool (*keep_gateway)(const char *gateway);

/* --- connections --------------------------------------------------------------------------- */

/* The identity of one side, as its shared secret is looked for. */
static const char *identity(const struct ipaddr *addr, const char *id, char *buf, size_t size)
{
	if (id[0])
		return id;
	if (IS_IPADDR_NONE(addr))
		return NULL;
	return ipaddr2str(addr, buf, size);
}

/* Loading what charon has already would take traps away for a moment. */
static void load_conn(struct vpn_gateway *gateway, const struct vpn_profile *profile,
		      vpn_charon_done done)
{
	struct vpn_charon_request *request;
	struct vici_buf buf = {};
	uint32_t digest;

	vpn_charon_put_gateway(&buf, gateway, profile);
	digest = buf.failed ? 0 : jhash(buf.data, buf.len, 0x56504e);
	if (digest && gateway->digest == digest) {
		vici_buf_free(&buf);
		return;
	}
	gateway->digest = digest;
	request = vpn_charon_request_new(NULL, "load of connection %s", gateway->name);
	strlcpy(request->conn, gateway->name, sizeof(request->conn));
	request->conn_done = done;
	request->buf = buf;
	vpn_charon_run();
}

const char *vpn_charon_load_gateway(struct vpn_gateway *gateway, const struct vpn_profile *profile,
				    vpn_charon_done done)
{
	char local[INET6_ADDRSTRLEN], remote[INET6_ADDRSTRLEN];
	const char *const owners[] = {
		identity(&gateway->local, gateway->local_id, local, sizeof(local)),
		identity(&gateway->remote, gateway->remote_id, remote, sizeof(remote)),
		NULL,
	};
	const char *error;

	if (!vpn_charon_connected(NULL))
		return NULL;
	error = vpn_charon_put_secret(gateway->name, owners, profile, &gateway->one_key);
	if (!error)
		load_conn(gateway, profile, done);
	return error;
}

static void unload_conn(const char *gateway)
{
	struct vpn_charon_request *request = vpn_charon_request_new(NULL, "unload of connection %s",
								    gateway);

	request->essential = false; /* it may not be there */
	vici_begin(&request->buf, VICI_CMD_REQUEST, "unload-conn");
	vici_put(&request->buf, "name", gateway);
	vpn_charon_run();
}

void vpn_charon_unload_gateway(const char *gateway)
{
	if (!vpn_charon_connected(NULL))
		return;
	unload_conn(gateway);
	vpn_charon_unload_shared(gateway);
	vpn_charon_terminate_child(gateway, NULL);
}

static void unload_unless_kept(const struct vici_blob *blob)
{
	char name[VPN_GATEWAY_NAME_SIZE];

	if (blob->len >= sizeof(name))
		return;
	vici_blob_str(blob, name, sizeof(name));
	if (!strncmp(name, VPNSPI_LINK_PREFIX, strlen(VPNSPI_LINK_PREFIX)) && !keep_gateway(name))
		vpn_charon_unload_gateway(name);
}

static void conns_answered(const struct vpn_charon_request *request,
			   const struct vici_packet *packet)
{
	if (!vpn_charon_read_conns(packet, unload_unless_kept))
		zlog_warn("charon: %s: the answer is malformed", request->what);
}

void vpn_charon_unload_other_gateways(bool (*keep)(const char *gateway))
{
	struct vpn_charon_request *request;

	if (!vpn_charon_connected(NULL))
		return;
	keep_gateway = keep;
	request = vpn_charon_request_new(NULL, "list of tunnel links' connections");
	request->answer = conns_answered;
	vici_begin(&request->buf, VICI_CMD_REQUEST, "get-conns");
	vpn_charon_run();
}

/* --- negotiations -------------------------------------------------------------------------- */

void vpn_charon_initiate_child(const char *gateway, const char *child, vpn_charon_done done)
{
	struct vpn_charon_request *request;

	if (!vpn_charon_connected(NULL))
		return;
	request = vpn_charon_request_new(NULL, "initiation of %s of %s", child, gateway);
	strlcpy(request->conn, gateway, sizeof(request->conn));
	strlcpy(request->child, child, sizeof(request->child));
	request->conn_done = done;
	vici_begin(&request->buf, VICI_CMD_REQUEST, "initiate");
	vici_put(&request->buf, "ike", gateway);
	vici_put(&request->buf, "child", child);
	vici_put(&request->buf, "timeout", "-1");
	vici_put(&request->buf, "init-limits", "no");
	vpn_charon_run();
}

void vpn_charon_terminate_child(const char *gateway, const char *child)
{
	struct vpn_charon_request *request;

	if (!vpn_charon_connected(NULL))
		return;
	request = vpn_charon_request_new(NULL, "termination of %s%s%s", child ? child : "",
					 child ? " of " : "", gateway);
	request->essential = false; /* it may have gone by itself */
	vici_begin(&request->buf, VICI_CMD_REQUEST, "terminate");
	vici_put(&request->buf, "ike", gateway);
	if (child)
		vici_put(&request->buf, "child", child);
	vici_put(&request->buf, "force", "yes");
	vici_put(&request->buf, "timeout", "-1");
	vpn_charon_run();
}

void vpn_charon_terminate_child_sa(uint32_t id)
{
	struct vpn_charon_request *request;
	char str[16];

	if (!vpn_charon_connected(NULL))
		return;
	request = vpn_charon_request_new(NULL, "termination of CHILD_SA %u", id);
	request->essential = false;
	snprintf(str, sizeof(str), "%u", id);
	vici_begin(&request->buf, VICI_CMD_REQUEST, "terminate");
	vici_put(&request->buf, "child-id", str);
	vici_put(&request->buf, "timeout", "-1");
	vpn_charon_run();
}

/* --- CHILD_SAs ----------------------------------------------------------------------------- */

static void sa_listed(const struct vpn_charon_request *request, const struct vici_packet *packet)
{
	if (vici_blob_is(&packet->name, "list-sa") &&
	    !vpn_charon_read_sas(packet, vpn_gateway_sa_listed))
		zlog_warn("charon: %s: an IKE_SA is malformed", request->what);
}

static void sas_answered(const struct vpn_charon_request *request, const struct vici_packet *packet)
{
	vpn_gateways_listed();
}

void vpn_charon_list_gateways(void)
{
	struct vpn_charon_request *request;

	if (!vpn_charon_connected(NULL))
		return;
	request = vpn_charon_request_new(NULL, "list of CHILD_SAs");
	request->event = sa_listed;
	request->answer = sas_answered;
	vici_begin(&request->buf, VICI_CMD_REQUEST, "list-sas");
	vpn_charon_run();
}

void vpn_charon_event(const struct vici_packet *packet)
{
	char name[32];

	if (!vpn_charon_read_sas(packet, vpn_gateway_sa_event))
		zlog_warn("charon: event %s is malformed",
			  vici_blob_str(&packet->name, name, sizeof(name)));
}
