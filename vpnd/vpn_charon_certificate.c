// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What charon has to be given of a profile by certificates: the private key, and
 * the list of revoked certificates (CRL).  The certificates themselves it reads
 * from the files that the connection names.
 *
 * charon keeps a list for each authority, the one with the highest number, and
 * no command of VICI takes it out again.  It needs none: what an authority has
 * revoked stays revoked, whatever profile asks, and there is never more than
 * one list of 64 KiB for each authority.  A list that has ended is used on: who
 * is on it is refused, who is not is believed as without a list (charon's
 * default, `revocation = relaxed`).  It is not made strict, since then the links
 * of a VPN would end when its provider's server is away for long, and that is
 * for `customer-edge retain` to say; who was revoked since is not known here in
 * either case but by a server that is reached, which brings a new list.
 *
 * A key is unloaded by its identifier, which only charon tells, in its answer to
 * a load.  So a key whose file is about to be deleted is loaded once more for
 * that: it need not be remembered, and is found after a restart of ours, too.
 */
#include <zebra.h>

#include "vpnd/vpn_charon.h"
#include "vpnd/vpn_charon_queue.h"
#include "vpnd/vpn_config.h"

#define KEY_ID_SIZE 64 /* of the identifier, with its NUL: SHA-1 in hexadecimal */

static struct vpn_charon_request *put_key(const char *data, size_t len)
{
	struct vpn_charon_request *request = vpn_charon_request_new(NULL, "load of the private key");

	vici_begin(&request->buf, VICI_CMD_REQUEST, "load-key");
	vici_put(&request->buf, "type", "any");
	vici_put_data(&request->buf, "data", data, len);
	return request;
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

static const char *put_key_file(const char *path)
{
	const char *error;
	size_t len = 0;
	char *data = vpn_charon_file_read(path, &len, &error);

	if (data) {
		put_key(data, len);
		vpn_charon_run();
	}
	vpn_charon_file_free(&data);
	return error;
}

static const char *put_crl_file(const char *path)
{
	const char *error;
	size_t len = 0;
	char *data = vpn_charon_file_read(path, &len, &error);

	if (data)
		put_crl(data, len);
	vpn_charon_file_free(&data);
	return error;
}

/* The list first: with one that cannot be read nobody is believed, as it is not known who is on it. */
const char *vpn_charon_put_certificate(const struct vpn_profile *profile)
{
	const char *error = profile->crl_file ? put_crl_file(profile->crl_file) : NULL;

	return error ? error : put_key_file(profile->key_file);
}

/* --- a key that goes ----------------------------------------------------------------------- */

static bool read_id(const struct vici_packet *packet, char *id, size_t size)
{
	struct vici_reader reader;
	struct vici_element element;

	if (packet->type != VICI_CMD_RESPONSE)
		return false;
	vici_reader_init(&reader, &packet->message);
	while (vici_next(&reader, &element) > 0) {
		if (element.type == VICI_KEY_VALUE && !reader.depth &&
		    vici_blob_is(&element.name, "id"))
			return vici_blob_str(&element.value, id, size)[0] != '\0';
	}
	return false;
}

static void unload(const struct vpn_charon_request *loaded, const struct vici_packet *packet)
{
	struct vpn_charon_request *request;
	char id[KEY_ID_SIZE];

	if (!read_id(packet, id, sizeof(id)))
		return;
	request = vpn_charon_request_new(NULL, "unload of the private key %s", id);
	vici_begin(&request->buf, VICI_CMD_REQUEST, "unload-key");
	vici_put(&request->buf, "id", id);
}

void vpn_charon_unload_key(const char *path)
{
	const char *error;
	size_t len = 0;
	char *data;

	if (!vpn_charon_connected(NULL))
		return;
	data = vpn_charon_file_read(path, &len, &error);
	if (data) {
		put_key(data, len)->answer = unload;
		vpn_charon_run();
	}
	vpn_charon_file_free(&data);
}
