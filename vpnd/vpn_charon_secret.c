// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pre-shared keys on their way to charon; those with certificates are vpn_charon_certificate.c's.
 *
 * A pre-shared key is good for its owners: for our address alone, whoever
 * talks to it (the provider edge, whose peers nobody configures), or for one
 * gateway's two identities.  charon takes the one whose owners fit best.
 * Everything that held a secret is zeroed.
 *
 * The second key of a profile (accept-pre-shared-key) must be good for what the
 * peer proves and never be taken for what we prove.  charon 6.0 tries every key
 * that one of the two identities owns when it verifies (psk_authenticator.c),
 * but proves by the one that fits both best (credential_manager.c).  So the
 * second key has one owner, the peer: it always fits less well than the first,
 * whichever was loaded first, and it is good for no other peer.
 */
#include <zebra.h>

#include "vpnd/vpn_apply.h"
#include "vpnd/vpn_charon.h"
#include "vpnd/vpn_charon_queue.h"
#include "vpnd/vpn_config.h"
#include "vpnd/vpn_gateway.h"

#define SECRET_ID "vpnd-secret"

static void put_shared(const char *id, const char *const owners[], const char *secret, size_t len)
{
	struct vpn_charon_request *request =
		vpn_charon_request_new(NULL, "load of the pre-shared key %s", id);

	vici_begin(&request->buf, VICI_CMD_REQUEST, "load-shared");
	vici_put(&request->buf, "id", id);
	vici_put(&request->buf, "type", "IKE");
	vici_put_data(&request->buf, "data", secret, len);
	vici_list(&request->buf, "owners");
	for (; *owners; owners++)
		vici_item(&request->buf, *owners);
	vici_list_end(&request->buf);
	vpn_charon_run();
}

static const char *put_file(const char *id, const char *const owners[], const char *path)
{
	const char *error;
	size_t len = 0;
	char *data = vpn_charon_file_read(path, &len, &error);

	if (!data)
		return error;
	while (len && (data[len - 1] == '\n' || data[len - 1] == '\r'))
		len--;
	put_shared(id, owners, data, len);
	vpn_charon_file_free(&data);
	return NULL;
}

static void unload(const char *id)
{
	struct vpn_charon_request *request;

	if (!vpn_charon_connected(NULL))
		return;
	request = vpn_charon_request_new(NULL, "unload of the pre-shared key %s", id);
	request->essential = false;
	vici_begin(&request->buf, VICI_CMD_REQUEST, "unload-shared");
	vici_put(&request->buf, "id", id);
	vpn_charon_run();
}

/* Names that a second key is loaded under: where it stays, and while keys are changed. */
static const char *other_id(const char *id, const char *which)
{
	static char other[VPN_GATEWAY_NAME_SIZE + 16];

	snprintf(other, sizeof(other), "%s %s", id, which);
	return other;
}

static void put_other(const char *id, const char *which, const char *const owners[],
		      const struct vpn_profile *profile)
{
	put_shared(other_id(id, which), &owners[1], profile->psk_other, strlen(profile->psk_other));
}

/* When the two keys change places, both are good at each moment: hence the third name. */
static void put_both(const char *id, const char *const owners[], const struct vpn_profile *profile)
{
	put_other(id, "meanwhile", owners, profile);
	put_shared(id, owners, profile->psk, strlen(profile->psk));
	put_other(id, "accepted", owners, profile);
	unload(other_id(id, "meanwhile"));
}

/* A second key needs two owners: a peer that nobody can name has none. */
static bool has_other(const char *const owners[], const struct vpn_profile *profile)
{
	return profile->auth == VPN_AUTH_PSK && profile->psk_other && owners[0] && owners[1];
}

static const char *put_one(const char *id, const char *const owners[],
			   const struct vpn_profile *profile)
{
	switch (profile->auth) {
	case VPN_AUTH_PSK:
		put_shared(id, owners, profile->psk, strlen(profile->psk));
		return NULL;
	case VPN_AUTH_PSK_FILE:
		return put_file(id, owners, profile->psk_file);
	case VPN_AUTH_CERTIFICATE:
		unload(id); /* of the configuration before, if any */
		return vpn_charon_put_certificate(profile);
	case VPN_AUTH_NONE:
		break;
	}
	return "no authentication is configured";
}

const char *vpn_charon_put_secret(const char *id, const char *const owners[],
				  const struct vpn_profile *profile, bool *alone)
{
	const char *error;

	if (has_other(owners, profile)) {
		put_both(id, owners, profile);
		*alone = false;
		return NULL;
	}
	error = put_one(id, owners, profile);
	if (!*alone)
		unload(other_id(id, "accepted"));
	*alone = true;
	return error;
}

void vpn_charon_unload_shared(const char *id)
{
	unload(id);
	unload(other_id(id, "accepted"));
}

/* --- the provider edge's ------------------------------------------------------------------- */

const char *vpn_charon_load_secret(const struct ipaddr *local, const struct vpn_profile *profile)
{
	char owner[INET6_ADDRSTRLEN];
	const char *const owners[] = { ipaddr2str(local, owner, sizeof(owner)), NULL };
	bool alone = true; /* one secret for all peers has no second one */

	if (!vpn_charon_connected(NULL))
		return NULL;
	return vpn_charon_put_secret(SECRET_ID, owners, profile, &alone);
}

void vpn_charon_unload_secret(const struct ipaddr *local)
{
	vpn_charon_unload_shared(SECRET_ID);
}
