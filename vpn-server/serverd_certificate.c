// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A CE's certificate is renewed over NETCONF, before the old one ends: the CE
 * makes a key pair and sends a signing request, we sign it, the CE keeps the
 * certificate (wire/vpn_certificate.h).  Then its configuration, in which the
 * new files are named, is pushed like any other: so all of it takes effect in one
 * commit or not at all, and the old pair works until then.
 *
 * When: a certificate that the CE has shown ends within RENEW_SECONDS, or
 * somebody said so (vpnctl key renew).  A key pair that was delivered with the CE
 * is best made to end soon (ce preconfigure --key-pair --days 7): then the CE's
 * first session replaces it by one that nobody else has ever had.
 *
 * What the CE has shown is believed, not what was sent to it: until it shows the
 * new certificate it is asked again.  Whoever is no customer edge of ours, with
 * files of that folder in its configuration, is left alone.  One that only listens
 * is renewed like one that calls: its netconfd listens with the same files.
 */
#include "vpn-server/serverd.h"
#include "vpn-server/authority.h"
#include "vpn-server/compute.h"
#include "vpn-server/renewal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In transactions of its own: a session's operations are not waited for in one. */
static char *sign(struct db *db, const struct ce *ce, const char *request)
{
	char *certificate;

	if (!db_begin(db))
		return NULL;
	certificate = authority_sign(db, request, ce->name, ce->address, CERTIFICATE_DAYS);
	if (db_commit(db))
		return certificate;
	free(certificate);
	return NULL;
}

static bool renew(struct db *db, struct nc_session *session, const struct ce *ce, const char *name,
		  char *error, size_t size)
{
	char *request = session_certificate_request(session, name, error, size), *certificate;
	bool fine;

	if (!request)
		return false;
	certificate = sign(db, ce, request);
	free(request);
	if (!certificate) {
		snprintf(error, size, "%s", db_error(db));
		return false;
	}
	fine = session_certificate_install(session, name, certificate, error, size);
	free(certificate);
	return fine;
}

/* It is configured to what it was given, and has not shown it: netconfd takes a moment to use it. */
static bool will_show(const struct ce *ce, const struct session_edge *edge)
{
	char path[CREDENTIALS_PATH];

	credentials_path(path, sizeof(path), "certificate", ce->credentials);
	return renewal_is_fresh(ce) && !strcmp(edge->certificate, path);
}

bool certificate_renew(struct db *db, struct nc_session *session, int64_t id)
{
	char name[CREDENTIALS_SIZE], error[500] = "it is no customer edge of vpnd";
	struct session_edge edge;
	struct ce ce;

	if (!ce_by_id(db, id, &ce))
		return false;
	if (!renewal_due(&ce)) {
		/* it has shown a new one since */
		if (ce.renew)
			renewal_not_due(db, &ce);
		return false;
	}
	snprintf(name, sizeof(name), "%lld", (long long)now_seconds());
	if (!session_edge(session, &edge))
		edge.certificate[0] = '\0';
	if (will_show(&ce, &edge)) {
		renewal_wait(db, &ce);
		return false;
	}
	if (edge.certificate[0] && renew(db, session, &ce, name, error, sizeof(error))) {
		serverd_log("CE %s has a new key and certificate (%s)", ce.name, name);
		return renewal_done(db, &ce, name);
	}
	serverd_log("CE %s: its certificate is not renewed: %s", ce.name, error);
	renewal_failed(db, &ce);
	return false;
}
