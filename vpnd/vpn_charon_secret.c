// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Secrets on their way to charon: pre-shared keys and private keys.
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
#include "vpnd/vpn_memory.h"

DEFINE_MTYPE_STATIC(VPND, VPN_SECRET, "VPN secret on its way to charon");

#define SECRET_FILE_MAX                                                                            \
	65535 /* octets of a file: what VICI takes, 1,000 revoked certificates in PEM */
#define SECRET_ID "vpnd-secret"

/* The whole file, NUL-terminated, into a buffer of its own; NULL and *error if that fails. */
static char *secret_read(const char *path, size_t *len, const char **error)
{
	static char words[VPN_REASON_SIZE];
	char *data = XCALLOC(MTYPE_VPN_SECRET, SECRET_FILE_MAX + 1);
	FILE *file = fopen(path, "re");

	*error = NULL;
	if (file) {
		setvbuf(file, NULL, _IONBF, 0); /* no copy in a buffer of stdio */
		*len = fread(data, 1, SECRET_FILE_MAX + 1, file);
	}
	if (!file || ferror(file))
		snprintf(words, sizeof(words), "%s cannot be read: %s", path, safe_strerror(errno));
	else if (!*len)
		snprintf(words, sizeof(words), "%s is empty", path);
	else if (*len > SECRET_FILE_MAX)
		snprintf(words, sizeof(words), "%s is longer than %d octets", path, SECRET_FILE_MAX);
	else
		words[0] = '\0';
	if (file)
		fclose(file);
	if (!words[0])
		return data;
	*error = words;
	explicit_bzero(data, SECRET_FILE_MAX + 1);
	XFREE(MTYPE_VPN_SECRET, data);
	return NULL;
}

static void secret_free(char **data)
{
	if (*data)
		explicit_bzero(*data, SECRET_FILE_MAX + 1);
	XFREE(MTYPE_VPN_SECRET, *data);
}

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

static void put_key(const char *data, size_t len)
{
	struct vpn_charon_request *request = vpn_charon_request_new(NULL, "load of the private key");

	vici_begin(&request->buf, VICI_CMD_REQUEST, "load-key");
	vici_put(&request->buf, "type", "any");
	vici_put_data(&request->buf, "data", data, len);
	vpn_charon_run();
}

static void put_crl(const char *data, size_t len)
{
	struct vpn_charon_request *request =
		vpn_charon_request_new(NULL, "load of the list of revoked certificates");

	vici_begin(&request->buf, VICI_CMD_REQUEST, "load-cert");
	vici_put(&request->buf, "type", "X509_CRL");
	vici_put_data(&request->buf, "data", data, len);
	vpn_charon_run();
}

static const char *put_file(const char *id, const char *const owners[], const char *path)
{
	const char *error;
	char *data;
	size_t len = 0;

	data = secret_read(path, &len, &error);
	if (!data)
		return error;
	while (owners && len && (data[len - 1] == '\n' || data[len - 1] == '\r'))
		len--;
	if (owners)
		put_shared(id, owners, data, len);
	else
		put_key(data, len);
	secret_free(&data);
	return NULL;
}

/* Nothing secret, but with a list that cannot be read nobody is believed: who may be on it is not known. */
static const char *put_crl_file(const char *path)
{
	const char *error;
	size_t len = 0;
	char *data = secret_read(path, &len, &error);

	if (data)
		put_crl(data, len);
	secret_free(&data);
	return error;
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

/* The list first: the key is of use only with it. */
static const char *put_certificate(const char *id, const struct vpn_profile *profile)
{
	const char *error = profile->crl_file ? put_crl_file(profile->crl_file) : NULL;

	unload(id); /* of the configuration before, if any */
	return error ? error : put_file(id, NULL, profile->key_file);
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
		return put_certificate(id, profile);
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
