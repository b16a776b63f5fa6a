// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vpnctl ce preconfigure: what a CE gets before it is shipped, and nothing else
 * (draft-ietf-l3vpn-ce-based-02, section 3.2): where the server is, how the two
 * prove who they are, and its own address.
 *
 * The private key is the CE's own: it sends a signing request (--csr).  The
 * draft's form, where the key pair is delivered, is --key-pair.  A private key
 * is written to a file with mode 0600, never to the terminal, and not kept.
 */
#include "vpn-server/ctl.h"
#include "vpn-server/authority.h"
#include "vpn-server/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CSR_SIZE 65536
#define TLS_PORT 6513 /* RFC 7589 */

int ctl_ce_preconfigure(const struct ctl *ctl);

/* A server comes by itself, and there is none to call. */
static bool only_listens(const struct ctl *ctl, const struct ce *ce)
{
	return !ctl->list("server")->count && !strcmp(ce->mode, "push") &&
	       !strcmp(ce->transport, "tls");
}

static void lines_of(const struct ctl *ctl, const struct ce *ce, char *lines, size_t size)
{
	size_t used = (size_t)snprintf(lines, size,
				       "! CE %s, before it is shipped\n"
				       "vpn\n"
				       " customer-edge\n"
				       "  identity %s\n"
				       "  address %s\n",
				       ce->name, ce->name, ce->address);

	if (ctl->option("provider-interface"))
		used += (size_t)snprintf(lines + used, size - used, "  provider-interface %.15s\n",
					 ctl->option("provider-interface"));
	for (const char *const *s = ctl->list("server")->value; *s && used < size; s++)
		used += (size_t)snprintf(lines + used, size - used, "  server %s\n", *s);
	if (used < size)
		used += (size_t)
			snprintf(lines + used, size - used,
				 "  certificate /etc/frr/vpn-ce/certificate.pem key /etc/frr/vpn-ce/key.pem "
				 "ca /etc/frr/vpn-ce/ca.pem\n");
	if (used < size && only_listens(ctl, ce))
		snprintf(lines + used, size - used, " exit\nexit\nnetconf\n listen tls %s port %d\n",
			 ce->host[0] ? ce->host : ce->address, ce->port ? (int)ce->port : TLS_PORT);
}

static bool servers_check(const struct ctl *ctl, const struct ce *ce)
{
	char address[PREFIX_TEXT], error[160];

	if (!ctl->list("server")->count && !only_listens(ctl, ce))
		db_fail(ctl->db, "--server: which address has vpn-serverd? CE %s is to call it",
			ce->name);
	if (!ctl->list("server")->count && ctl->option("provider-interface"))
		db_fail(ctl->db,
			"--provider-interface: what is filtered lets nobody in but servers: name them (--server)");
	for (const char *const *s = ctl->list("server")->value; *s; s++)
		if (!address_parse(*s, address, error, sizeof(error))) {
			db_fail(ctl->db, "--server: %s", error);
			break;
		}
	return !db_failed(ctl->db);
}

static char *certificate_for(const struct ctl *ctl, const struct ce *ce, int64_t days, char **key)
{
	char error[400], *request, *certificate;

	if (ctl->option("key-pair"))
		return authority_issue(ctl->db, ce->name, ce->address, days, key);
	request = file_read(ctl->option("csr"), CSR_SIZE, error, sizeof(error));
	if (!request) {
		db_fail(ctl->db, "%s", error);
		return NULL;
	}
	certificate = authority_sign(ctl->db, request, ce->name, ce->address, days);
	free(request);
	return certificate;
}

static void write_files(const struct ctl *ctl, const char *folder, const char *lines,
			const char *ca, const char *certificate, const char *key)
{
	char error[400] = "";

	if (!folder_make(folder, error, sizeof(error)) ||
	    !file_write(folder, "frr.conf", lines, 0644, error, sizeof(error)) ||
	    !file_write(folder, "ca.pem", ca, 0644, error, sizeof(error)) ||
	    (certificate &&
	     !file_write(folder, "certificate.pem", certificate, 0644, error, sizeof(error))) ||
	    (key && !file_write(folder, "key.pem", key, 0600, error, sizeof(error))))
		db_fail(ctl->db, "%s", error);
}

static void print_json(const struct ce *ce, const char *lines, const char *ca,
		       const char *certificate)
{
	struct json_object *json = json_object_new_object();

	ctl_put(json, "ce", ce->name);
	ctl_put(json, "configuration", lines);
	ctl_put(json, "authority", ca);
	if (certificate)
		ctl_put(json, "certificate", certificate);
	ctl_print(json);
}

int ctl_ce_preconfigure(const struct ctl *ctl)
{
	const char *folder = ctl->option("output");
	char *ca = NULL, *certificate = NULL, *key = NULL, lines[8192];
	int64_t days = CERTIFICATE_DAYS;
	struct ce ce;

	if (ctl->option("key-pair") && (!folder || ctl->option("csr")))
		return ctl_error(
			"--key-pair: the private key needs a place to be written to (--output), "
			"and no signing request");
	if (!ctl_number(ctl, "days", &days))
		return 1;
	if (!db_begin(ctl->db))
		return ctl_done(ctl);
	if (ce_find(ctl->db, ctl->words[0], &ce) && servers_check(ctl, &ce)) {
		if (ce.revoked)
			db_fail(ctl->db, "CE %s is revoked: remove it and add it again", ce.name);
		lines_of(ctl, &ce, lines, sizeof(lines));
		ca = authority_certificate(ctl->db);
		if (ctl->option("csr") || ctl->option("key-pair"))
			certificate = certificate_for(ctl, &ce, days, &key);
		if (folder && !db_failed(ctl->db))
			write_files(ctl, folder, lines, ca, certificate, key);
	}
	authority_cleanse(key);
	if (db_commit(ctl->db)) {
		if (ctl->json)
			print_json(&ce, lines, ca, certificate);
		else
			printf("%s%s%s", lines, folder ? "" : ca,
			       !folder && certificate ? certificate : "");
	} else {
		ctl_error("%s", db_error(ctl->db));
	}
	free(ca);
	free(certificate);
	return db_failed(ctl->db) ? 1 : 0;
}
