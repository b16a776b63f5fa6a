// SPDX-License-Identifier: GPL-2.0-or-later
/* vpnctl key rotate | revoke | authority | crl | issue */
#include "vpn-server/ctl.h"
#include "vpn-server/authority.h"
#include "vpn-server/files.h"
#include "vpn-server/renewal.h"
#include "vpn-server/task.h"

#include <stdio.h>
#include <stdlib.h>

#define DEFAULT_WAIT 86400 /* a day */

static int rotate(const struct ctl *ctl)
{
	int64_t wait = DEFAULT_WAIT;
	struct vpn vpn;

	if (!ctl_number(ctl, "max-wait", &wait))
		return 1;
	if (!db_begin(ctl->db))
		return ctl_done(ctl);
	if (vpn_find(ctl->db, ctl->words[0], &vpn))
		rotation_start(ctl->db, &vpn, wait);
	return ctl_commit(ctl);
}

static int revoke(const struct ctl *ctl)
{
	if (!db_begin(ctl->db))
		return ctl_done(ctl);
	ce_revoke(ctl->db, ctl->words[0]);
	return ctl_commit(ctl);
}

static int renew(const struct ctl *ctl)
{
	if (!db_begin(ctl->db))
		return ctl_done(ctl);
	renewal_want(ctl->db, ctl->words[0]);
	return ctl_commit(ctl);
}

static int print_text(const struct ctl *ctl, char *(*make)(struct db *db))
{
	char *text;

	if (!db_begin(ctl->db))
		return ctl_done(ctl);
	text = make(ctl->db);
	if (text && ctl->json) {
		struct json_object *json = json_object_new_object();

		ctl_put(json, "pem", text);
		ctl_print(json);
	} else if (text) {
		fputs(text, stdout);
	}
	free(text);
	return ctl_commit(ctl);
}

static int authority(const struct ctl *ctl)
{
	return print_text(ctl, authority_certificate);
}

static int crl(const struct ctl *ctl)
{
	return print_text(ctl, authority_crl);
}

/* A server's own credentials, as vpn-serverd is to use them on its machine. */
static int issue(const struct ctl *ctl)
{
	const char *folder = ctl->option("output");
	int64_t days = CERTIFICATE_DAYS;
	char *certificate, *key = NULL, *ca, error[400] = "";

	if (!folder)
		return ctl_error("usage: vpnctl key issue NAME --output DIRECTORY");
	if (!ctl_number(ctl, "days", &days))
		return 1;
	if (!db_begin(ctl->db))
		return ctl_done(ctl);
	if (name_check(ctl->db, "server", ctl->words[0], NAME_SIZE) &&
	    ce_exists(ctl->db, ctl->words[0]))
		db_fail(ctl->db, "%s is the name of a CE: give the server another", ctl->words[0]);
	certificate = authority_issue(ctl->db, ctl->words[0], NULL, days, &key);
	ca = authority_certificate(ctl->db);
	if (!db_failed(ctl->db) &&
	    !(folder_make(folder, error, sizeof(error)) &&
	      file_write(folder, "ca.pem", ca, 0644, error, sizeof(error)) &&
	      file_write(folder, "certificate.pem", certificate, 0644, error, sizeof(error)) &&
	      file_write(folder, "key.pem", key, 0600, error, sizeof(error))))
		db_fail(ctl->db, "%s", error);
	free(certificate);
	free(ca);
	authority_cleanse(key);
	return ctl_commit(ctl);
}

const struct ctl_command ctl_key_commands[] = {
	{ "key rotate", "VPN [--max-wait SECONDS]", " max-wait ", 1, 1, rotate,
	  "new keys for all links of a VPN, both valid until every CE has the new one" },
	{ "key revoke", "CE", " ", 1, 1, revoke,
	  "its peers drop it, its certificates are void, it is told nothing more" },
	{ "key renew", "CE", " ", 1, 1, renew,
	  "at its next session the CE makes a new key and gets a certificate for it" },
	{ "key issue", "NAME --output DIRECTORY [--days N]", " output days ", 1, 1, issue,
	  "a certificate and key for a vpn-serverd" },
	{ "key authority", "", " ", 0, 0, authority, "the certification authority's certificate" },
	{ "key crl", "", " ", 0, 0, crl, "the list of revoked certificates" },
	{ 0 },
};
