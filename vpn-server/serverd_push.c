// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One plan, carried out: lock, edit the candidate, validate, commit, unlock.
 * Whatever fails, the candidate is discarded and nothing is half applied; the
 * CE's words are kept with the CE.
 */
#include "vpn-server/serverd.h"
#include "vpn-server/authority.h"
#include "vpn-server/compute.h"
#include "vpn-server/provision.h"
#include "vpn-server/renewal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the CE runs takes the place of what is recorded. */
static bool read_old(struct nc_session *session, struct plan *plan, char *error, size_t size)
{
	struct json_object *running = session_running(session, error, size);
	bool fine;

	if (!running)
		return false;
	config_clear(&plan->old);
	fine = config_from_instance(&plan->old, running, error, size);
	json_object_put(running);
	return fine;
}

static bool edit(struct nc_session *session, const char *text, char *error, size_t size)
{
	return session_edit(session, text, error, size) && session_validate(session, error, size) &&
	       session_commit(session, error, size);
}

/* What differs, and what a customer edge is told beside, unless it has it; another CE has no place for that. */
static char *text_of(struct nc_session *session, const struct plan *plan)
{
	char certificate[CREDENTIALS_PATH], key[CREDENTIALS_PATH];
	struct config_edge tell = { .version = -1 };
	struct session_edge has;

	if (session_edge(session, &has)) {
		if (has.version != plan_version(plan))
			tell.version = plan_version(plan);
		credentials_path(certificate, sizeof(certificate), "certificate",
				 plan->ce.credentials);
		credentials_path(key, sizeof(key), "key", plan->ce.credentials);
		if (plan->ce.credentials[0] && strcmp(has.certificate, certificate)) {
			tell.certificate = certificate;
			tell.key = key;
		}
	}
	return config_edit_edge(&plan->old, &plan->new, &tell);
}

/* The list of revoked certificates goes ahead of the configuration that names it. */
static bool install_crl(struct db *db, struct nc_session *session, const struct plan *plan,
			const char *text, char *error, size_t size)
{
	char path[CREDENTIALS_PATH], name[24], *crl;
	bool fine;

	crl_path(path, sizeof(path), plan->crl);
	if (!plan->crl || !strstr(text, path))
		return true;
	snprintf(name, sizeof(name), "%lld", (long long)plan->crl);
	crl = db_begin(db) ? authority_crl(db) : NULL;
	if (!db_commit(db) || !crl) {
		snprintf(error, size, "%s", db_error(db));
		free(crl);
		return false;
	}
	fine = session_crl_install(session, name, crl, error, size);
	free(crl);
	return fine;
}

static bool carry_out(struct db *db, struct nc_session *session, struct plan *plan, char *error,
		      size_t size)
{
	bool fine = true;
	char *text;

	if (!session_lock(session, error, size))
		return false;
	if (plan->whole)
		fine = read_old(session, plan, error, size);
	text = fine ? text_of(session, plan) : NULL;
	if (text) {
		fine = install_crl(db, session, plan, text, error, size) &&
		       edit(session, text, error, size);
		if (!fine)
			session_discard(session);
		config_cleanse_text(text);
		free(text);
	}
	session_unlock(session);
	return fine;
}

static void failed(struct db *db, int64_t ce, const char *name, const char *owner, const char *words)
{
	serverd_log("CE %s: %s", name, words);
	if (!plan_failed(db, ce, owner, words))
		serverd_log("CE %s: %s", name, db_error(db));
}

/* The session is NULL if there is nothing to say over it. */
static bool push_plan(struct db *db, struct nc_session *session, struct plan *plan,
		      const char *owner)
{
	char error[500] = "";

	if (session && !carry_out(db, session, plan, error, sizeof(error))) {
		failed(db, plan->ce.id, plan->ce.name, owner, error);
		return false;
	}
	if (plan_done(db, plan, owner))
		return true;
	serverd_log("CE %s: it was told, but that could not be recorded: %s", plan->ce.name,
		    db_error(db));
	return false;
}

static bool make_plan(struct db *db, int64_t ce, struct plan *plan)
{
	if (plan_make(db, ce, plan))
		return true;
	serverd_log("CE %lld: %s", (long long)ce, db_error(db));
	plan_clear(plan);
	return false;
}

bool push_session(struct db *db, struct nc_session *session, int64_t ce, const char *owner)
{
	struct plan plan;
	bool fine;

	certificate_renew(db, session, ce);
	if (!make_plan(db, ce, &plan))
		return false;
	fine = push_plan(db, session, &plan, owner);
	plan_clear(&plan);
	return fine;
}

static bool nothing_to_say(const struct plan *plan)
{
	char *text;

	if (plan->whole || renewal_due(&plan->ce))
		return false;
	text = config_edit(&plan->old, &plan->new);
	config_cleanse_text(text);
	free(text);
	return !text;
}

void push_ce(struct db *db, struct tls *tls, const struct identity *identity, int64_t ce,
	     const char *owner)
{
	struct nc_session *session = NULL;
	char error[500] = "";
	struct plan plan;

	if (!make_plan(db, ce, &plan))
		return;
	if (!nothing_to_say(&plan)) {
		session = session_open(tls, identity, db, &plan.ce, error, sizeof(error));
		if (!session) {
			failed(db, ce, plan.ce.name, owner, error);
			plan_clear(&plan);
			return;
		}
	}
	/* with another certificate it is to run other things than what was planned */
	if (session && certificate_renew(db, session, ce)) {
		plan_clear(&plan);
		if (make_plan(db, ce, &plan))
			push_plan(db, session, &plan, owner);
	} else {
		push_plan(db, session, &plan, owner);
	}
	plan_clear(&plan);
	if (session)
		session_close(session);
}
