// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pushing configurations over NETCONF/TLS to CEs that are stood in for, with
 * the server's real code: what is told, in which order, to whom, and what is
 * left when the CE refuses, is somebody else, is away, or the server is killed
 * at any statement of a push.
 */
/* link: vpn-server/db.c vpn-server/db_sqlite.c vpn-server/db_postgres.c vpn-server/schema.c */
/* link: vpn-server/vpn.c vpn-server/ce.c vpn-server/revocation.c vpn-server/site.c vpn-server/topology.c vpn-server/task.c */
/* link: vpn-server/rotation.c vpn-server/key.c vpn-server/prefix.c vpn-server/config.c */
/* link: vpn-server/compute.c vpn-server/provision.c vpn-server/authority.c vpn-server/files.c */
/* link: vpn-server/serverd_push.c vpn-server/serverd_session.c vpn-server/serverd_tls.c */
/* link: vpn-server/serverd_certificate.c vpn-server/renewal.c */
/* link: vpn-server/serverd_lease.c vpn-server/serverd_listen.c */
/* link: tests/vpn_server/databases.c tests/vpn_server/standin.c */
/* libs: sqlite3 pq crypto ssl json-c yang netconf2 ssh pthread */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "tests/vpn_server/databases.h"
#include "tests/vpn_server/standin.h"
#include "vpn-server/authority.h"
#include "vpn-server/compute.h"
#include "vpn-server/files.h"
#include "vpn-server/provision.h"
#include "vpn-server/renewal.h"
#include "vpn-server/revocation.h"
#include "vpn-server/schema.h"
#include "vpn-server/serverd.h"
#include "wire/vpn_certificate.h"

#define OWNER "test"

static char where[200], folder[96], last_log[1200];
static struct standin_counts *counts; /* shared with the stand-in's process */
static struct identity identity = { .ssh_key = "" };
static struct vpn red;
static struct db *db;
static struct tls *tls;
static pid_t standin;
static int port;

static int listeners; /* threads that stay */

static int threads(void)
{
	DIR *dir = opendir("/proc/self/task");
	int count = 0;

	while (readdir(dir))
		count++;
	closedir(dir);
	return count - 2; /* "." and ".." */
}

/*
 * A process beside us.  A session that was closed has a thread that takes its time to end, and may hold a lock
 * of OpenSSL's: whoever is forked then waits for it for ever.
 */
static pid_t fork_alone(void)
{
	for (int t = 0; t < 1500 && threads() > 1 + listeners; t++)
		usleep(20000);
	assert_int_equal(threads(), 1 + listeners);
	return fork();
}

void serverd_log(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(last_log, sizeof(last_log), format, args);
	va_end(args);
}

static void commit(void)
{
	if (!db_commit(db))
		fail_msg("%s", db_error(db));
}

static void put(const char *name, const char *what, const char *text)
{
	char file[120], error[300];

	snprintf(file, sizeof(file), "%s.%s", name, what);
	assert_true(file_write(folder, file, text, 0600, error, sizeof(error)));
}

static void drop(const char *name, const char *what)
{
	char path[300];

	snprintf(path, sizeof(path), "%s/%s.%s", folder, name, what);
	assert_int_equal(unlink(path), 0);
}

/* The nth edit that a CE committed; "" if there was none. */
static const char *edit(const char *name, int n)
{
	static char kept[65536];
	char path[300], error[300], *text;

	snprintf(path, sizeof(path), "%s/%s.%d.xml", folder, name, n);
	text = file_read(path, sizeof(kept) - 1, error, sizeof(error));
	snprintf(kept, sizeof(kept), "%s", text ? text : "");
	free(text);
	return kept;
}

/* The last one that a CE committed. */
static const char *last_edit(const char *name)
{
	int n = 1;

	while (edit(name, n)[0])
		n++;
	return edit(name, n - 1);
}

#define assert_has(text, part)                                                                     \
	do {                                                                                       \
		if (!strstr(text, part))                                                           \
			fail_msg("\"%s\" is not in: %s", part, text);                              \
	} while (0)

/* All that can be told now; in the order that the CEs were told, "a b ". */
static const char *push_all(void)
{
	static char order[200];
	int64_t id;

	order[0] = '\0';
	while ((id = task_claim(db, OWNER, LEASE_SECONDS))) {
		struct ce ce;

		assert_true(ce_by_id(db, id, &ce));
		snprintf(order + strlen(order), sizeof(order) - strlen(order), "%s ", ce.name);
		push_ce(db, tls, &identity, id, OWNER);
	}
	return order;
}

static struct site join_as(bool hub, const char *name, int number, const char *prefix)
{
	const char *const prefixes[] = { prefix, NULL };
	struct site_options options = { .prefixes = prefixes, .hub = hub };
	struct site site;
	struct ce ce;

	assert_true(db_begin(db));
	ce_defaults(&ce);
	snprintf(ce.name, sizeof(ce.name), "%s", name);
	snprintf(ce.address, sizeof(ce.address), "10.255.0.%d", number);
	snprintf(ce.host, sizeof(ce.host), "127.0.0.1");
	ce.port = port;
	ce_add(db, &ce);
	site_add(db, &red, &ce, &options, &site);
	commit();
	return site;
}

static struct site join(const char *name, int number, const char *prefix)
{
	return join_as(false, name, number, prefix);
}

static struct ce ce_named(const char *name)
{
	struct ce ce;

	assert_true(ce_find(db, name, &ce));
	return ce;
}

static void start_standin(void)
{
	int pipes[2];

	assert_int_equal(pipe(pipes), 0);
	standin = fork_alone();
	if (standin == 0) {
		int chosen = standin_start(where, folder, counts);

		if (write(pipes[1], &chosen, sizeof(chosen)) != sizeof(chosen))
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(pipes[0], &port, sizeof(port)), sizeof(port));
	close(pipes[0]);
	close(pipes[1]);
}

static int setup(void **state)
{
	static int number;
	char error[300];

	snprintf(where, sizeof(where), "%s", database_fresh(databases_postgres));
	snprintf(folder, sizeof(folder), "%s/ces.%d", databases_folder(), ++number);
	assert_true(folder_make(folder, error, sizeof(error)));
	db = db_open(where, error, sizeof(error));
	if (!db || !schema_migrate(db))
		fail_msg("%s", db ? db_error(db) : error);
	assert_true(db_begin(db));
	identity.ca = authority_certificate(db);
	identity.certificate = authority_issue(db, "server", NULL, 1, &identity.key);
	vpn_defaults(&red);
	snprintf(red.name, sizeof(red.name), "red");
	snprintf(red.vpn_id, sizeof(red.vpn_id), "1:1");
	vpn_add(db, &red);
	commit();
	*counts = (struct standin_counts){ 0 };
	start_standin();
	tls = tls_new(&identity, error, sizeof(error));
	if (!tls || !session_start(error, sizeof(error)))
		fail_msg("%s", error);
	return 0;
}

static int teardown(void **state)
{
	kill(standin, SIGKILL);
	waitpid(standin, NULL, 0);
	tls_free(tls);
	free(identity.ca);
	free(identity.certificate);
	authority_cleanse(identity.key);
	db_close(db);
	return 0;
}

static void test_a_site_is_told_after_its_peers(void **state)
{
	struct ce a;

	join("a", 1, "10.1.0.0/16");
	assert_string_equal(push_all(), ""); /* alone: nothing to tell */
	join("b", 2, "10.2.0.0/16");
	assert_string_equal(push_all(), "a b ");
	assert_has(edit("a", 1),
		   "<name>b</name><vrf>red</vrf><local>10.255.0.1</local><remote>10.255.0.2</remote>");
	assert_has(edit("a", 1), "<pre-shared-key>0x");
	assert_has(edit("a", 1), "<prefix>10.2.0.0/16</prefix>");
	assert_has(edit("b", 1), "<name>a</name>");
	join("c", 3, NULL);
	assert_string_equal(push_all(), "a b c ");
	/* only what differs */
	assert_has(edit("a", 2), "<name>c</name>");
	assert_null(strstr(edit("a", 2), "<name>b</name>"));
	assert_string_equal(edit("a", 3), "");
	a = ce_named("a");
	assert_true(a.synced && a.version == 3 && !a.failures);
	assert_true(db_begin(db));
	ce_remove(db, "b", false);
	commit();
	assert_string_equal(push_all(), "a c b ");
	assert_has(edit("a", 3),
		   "<tunnel-link nc:operation=\"remove\"><name>b</name></tunnel-link>");
	assert_has(edit("a", 3), "<route-list nc:operation=\"remove\"><prefix>10.2.0.0/16</prefix>");
	assert_has(edit("b", 3), "<name>a</name></tunnel-link>");
	assert_has(edit("b", 3), "<name>c</name></tunnel-link>");
	assert_false(ce_exists(db, "b"));
}

static void test_a_refusal_is_kept_in_the_ces_words(void **state)
{
	struct ce a;

	join("a", 1, NULL);
	join("b", 2, NULL);
	put("a", "refuse", "tunnel-link b: no such VRF");
	assert_string_equal(push_all(), "a "); /* b is not told of a link that a does not know */
	a = ce_named("a");
	assert_has(a.error, "the CE refuses: tunnel-link b: no such VRF");
	assert_int_equal(a.failures, 1);
	assert_true(a.next_attempt > now_seconds());
	assert_string_equal(edit("a", 1), "");
	assert_string_equal(edit("b", 1), "");
	drop("a", "refuse");
	assert_true(db_exec(db, "UPDATE ce SET next_attempt = 0", ""));
	assert_string_equal(push_all(), "a b ");
	assert_has(edit("a", 1), "<name>b</name>");
	assert_has(edit("b", 1), "<name>a</name>");
	assert_string_equal(ce_named("a").error, "");
}

static void test_another_ces_certificate_is_refused(void **state)
{
	join("a", 1, NULL);
	join("b", 2, NULL);
	put("a", "other", "b");
	push_all();
	assert_has(ce_named("a").error, "it has a certificate, but not that of CE a");
	assert_int_equal(counts->sessions, 0);
	drop("a", "other");
	assert_string_equal(edit("a", 1), "");
}

static void test_a_ce_that_is_away_gets_it_when_it_returns(void **state)
{
	struct ce a;

	join("a", 1, NULL);
	join("b", 2, NULL);
	assert_true(db_exec(db, "UPDATE ce SET port = 1 WHERE name = 'a'", ""));
	push_all();
	a = ce_named("a");
	assert_has(a.error, "no connection to 127.0.0.1 port 1");
	assert_true(a.next_attempt >= now_seconds() + 4);
	assert_true(db_exec(db, "UPDATE ce SET next_attempt = 0, port = $1", "i", (int64_t)port));
	push_all();
	assert_has(edit("a", 1), "<name>b</name>");
	assert_int_equal(db_number(db, -1, "SELECT count(*) FROM task", ""), 0);
	assert_int_equal(plan_backoff(1, 0), 5);
	assert_int_equal(plan_backoff(4, 0), 40);
	assert_int_equal(plan_backoff(100, 0), 300);
}

/* What the CE runs counts, once it is not known: what is ours and wrong goes, what is its own stays. */
static void test_the_difference_to_what_runs_is_told(void **state)
{
	join("a", 1, NULL);
	join("b", 2, NULL);
	put("a", "running",
	    "<vpn xmlns=\"http://frrouting.org/yang/vpnd\">"
	    "<ipsec-profile><name>OWN</name></ipsec-profile>"
	    "<ipsec-profile><name>vpn:red:old</name><lifetime>3600</lifetime></ipsec-profile>"
	    "<tunnel-link><name>own</name><ipsec-profile>OWN</ipsec-profile></tunnel-link>"
	    "<tunnel-link><name>old</name><ipsec-profile>vpn:red:old</ipsec-profile></tunnel-link>"
	    "<tunnel-link><name>b</name><vrf>red</vrf><local>10.255.0.1</local>"
	    "<remote>10.255.0.2</remote><encapsulation><type>ipip-shared</type></encapsulation>"
	    "<ipsec-profile>vpn:red:b</ipsec-profile><vpn-id>000001:00000001</vpn-id>"
	    "<establish><mode>permanent</mode></establish></tunnel-link></vpn>");
	push_all();
	assert_has(edit("a", 1),
		   "<tunnel-link nc:operation=\"remove\"><name>old</name></tunnel-link>");
	assert_has(edit("a", 1), "<ipsec-profile nc:operation=\"remove\"><name>vpn:red:old</name>");
	assert_has(edit("a", 1), "<ipsec-profile nc:operation=\"replace\"><name>vpn:red:b</name>");
	assert_null(strstr(edit("a", 1), "OWN"));
	assert_null(strstr(edit("a", 1), "own"));
	assert_null(strstr(edit("a", 1), "<name>b</name>")); /* that link is as it should be */
}

static int statements_left;

static void die_later(const char *sql)
{
	if (statements_left-- == 0)
		kill(getpid(), SIGKILL);
}

/* Killed before its nth statement, a server leaves a push that the next one completes. */
static void test_killed_at_any_statement_of_a_push(void **state)
{
	int n = 0, status, committed = 0, sites = 0;
	char name[8];

	/* of one hub: each new site has one peer */
	assert_true(db_begin(db));
	vpn_defaults(&red);
	snprintf(red.name, sizeof(red.name), "star");
	snprintf(red.vpn_id, sizeof(red.vpn_id), "1:2");
	snprintf(red.topology, sizeof(red.topology), "hub-and-spoke");
	vpn_add(db, &red);
	commit();
	join_as(true, "x", 200, NULL);
	do {
		pid_t pid;

		snprintf(name, sizeof(name), "n%d", n);
		join(name, 1 + n, NULL); /* x is to be told of it */
		pid = fork_alone();
		if (pid == 0) {
			struct db *own = db_open(where, last_log, sizeof(last_log));

			statements_left = n;
			db_before_statement = die_later;
			if (task_claim_ce(own, ce_named("x").id, OWNER, LEASE_SECONDS))
				push_ce(own, tls, &identity, ce_named("x").id, OWNER);
			_exit(0);
		}
		waitpid(pid, &status, 0);
		committed = edit("x", committed + 1)[0] ? committed + 1 : committed;
		/* the next server, under the same name */
		assert_true(plan_release_all(db, OWNER));
		assert_true(db_exec(db, "UPDATE ce SET next_attempt = 0", ""));
		last_log[0] = '\0';
		push_all();
		if (db_number(db, -1, "SELECT count(*) FROM task", ""))
			fail_msg("killed before statement %d, not all was told: %s", n, last_log);
		assert_true(ce_named("x").synced);
		while (edit("x", committed + 1)[0])
			committed++;
		assert_has(edit("x", committed), name);
		assert_int_equal(db_number(db, -1,
					   "SELECT count(*) FROM provisioned p JOIN ce c ON c.id = p.ce "
					   "WHERE c.name = 'x'",
					   ""),
				 ++sites);
		/* with PostgreSQL every third, since it takes long and is the same code */
		n += databases_postgres ? 3 : 1;
	} while (WIFSIGNALED(status));
	assert_true(n > 14);
}

/* A listener on some port of ours, which serves once start_listener() was called. */
static struct listener *listener_new(int *at)
{
	struct listener *listener = calloc(1, sizeof(*listener));
	char error[300];

	*listener = (struct listener){ .calls = calls_new(),
				       .where = where,
				       .owner = OWNER,
				       .identity = &identity,
				       .tls = tls };
	for (*at = 20000; *at < 20100; ++*at) {
		listener->fd = listen_open(*at, error, sizeof(error));
		if (listener->fd >= 0)
			return listener;
	}
	fail_msg("%s", error);
	return NULL;
}

static void start_listener(struct listener *listener)
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, listen_run, listener), 0);
	listeners++;
}

static void test_a_ce_calls_home(void **state)
{
	struct listener *listener;
	char error[300];
	int64_t until = 0;
	pid_t pids[2];
	int go[2][2], status, at;

	join("a", 1, NULL);
	join("b", 2, NULL);
	assert_true(db_exec(db, "UPDATE ce SET mode = 'pull', host = '127.0.0.7' WHERE name = 'a'",
			    ""));
	/* a is not pushed to; b does not wait for it, but will knock, and a will call */
	assert_string_equal(push_all(), "b ");
	assert_has(edit("b", 1), "<name>a</name>");
	listener = listener_new(&at);
	/* the callers are there before the thread is: a fork beside it may inherit a lock that it holds */
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pipe(go[i]), 0);
		pids[i] = fork_alone();
		if (pids[i] == 0) {
			if (read(go[i][0], error, 1) != 1)
				_exit(1);
			standin_start(where, folder, counts);
			/* first as somebody who lies about the address, then rightly */
			standin_call("a", i ? "127.0.0.7" : "127.0.0.8", at);
			_exit(0);
		}
	}
	start_listener(listener);
	for (int i = 0; i < 2; i++) {
		/* a server has it that died: it is told when that one's lease is over */
		until = now_seconds() + 3;
		assert_true(
			db_exec(db,
				"UPDATE ce SET owner = 'dead', owned_until = $1 WHERE name = 'a'",
				"i", until));
		assert_int_equal(write(go[i][1], "", 1), 1);
		waitpid(pids[i], &status, 0);
		assert_int_equal(status, 0);
		for (int t = 0; t < 1500 && i == 0 && !strstr(ce_named("a").error, "calls from");
		     t++)
			usleep(20000);
		if (i == 0) {
			assert_has(ce_named("a").error, "it calls from 127.0.0.8");
			assert_string_equal(edit("a", 1), "");
		}
	}
	for (int t = 0; t < 1500 && !ce_named("a").synced; t++)
		usleep(20000);
	assert_true(now_seconds() >= until);
	assert_has(edit("a", 1), "<name>b</name>");
	assert_string_equal(push_all(), "");
}

#define EDGE                                                                                       \
	"<vpn xmlns=\"http://frrouting.org/yang/vpnd\"><customer-edge><identity>a</identity>"      \
	"<certificate><certificate>%s</certificate></certificate></customer-edge></vpn>"

static void put_edge(const char *certificate)
{
	char text[600];

	snprintf(text, sizeof(text), EDGE, certificate);
	put("a", "running", text);
}

static bool a_has(const char *what)
{
	char path[300];

	snprintf(path, sizeof(path), "%s/a.%s", folder, what);
	return access(path, F_OK) == 0;
}

/*
 * A CE whose certificate ends soon makes a key and gets a certificate for it; it is
 * told to use it in the same commit as all else; nothing is asked of it again once it
 * has shown it; and then again when somebody says so.
 */
static void test_a_certificate_is_renewed(void **state)
{
	char path[CREDENTIALS_PATH], wanted[300];
	struct ce a;

	join("a", 1, NULL);
	join("b", 2, NULL);
	put_edge("/etc/frr/vpn-ce/certificate.pem");
	put("a", "old", "");
	assert_string_equal(push_all(), "a b ");
	a = ce_named("a");
	assert_true(a_has("pem"));
	assert_true(a.credentials[0] && !a.renew && a.synced && !a.failures);
	assert_true(a.certificate_until <= now_seconds() + 86400); /* that is what it has shown */
	credentials_path(path, sizeof(path), "certificate", a.credentials);
	snprintf(wanted, sizeof(wanted), "<certificate><certificate>%s</certificate>", path);
	assert_has(edit("a", 1), wanted);
	assert_has(edit("a", 1), "<name>b</name>");
	assert_int_equal(ce_named("b").renew, 0); /* no customer edge, and its certificate is good */
	/* an attempt is not repeated at once; however long this test takes */
	assert_true(db_exec(db,
			    "UPDATE ce SET renew_after = renew_after + 3600 WHERE renew_after > 0",
			    ""));
	assert_true(renewal_look(db));
	assert_string_equal(push_all(), "");
	/* it is configured to it, and does not show it yet: it is asked again, but for no other one */
	put_edge(path);
	drop("a", "pem");
	assert_true(db_exec(db, "UPDATE ce SET renew_after = 0", ""));
	assert_true(renewal_look(db));
	assert_string_equal(push_all(), "a ");
	assert_false(a_has("pem"));
	assert_true(ce_named("a").certificate_until <= now_seconds() + 86400);
	/* after a while it is looked at again, and shows the new one */
	assert_true(db_exec(db, "UPDATE ce SET renew_after = 0", ""));
	assert_true(renewal_look(db));
	drop("a", "old");
	assert_string_equal(push_all(), "a ");
	assert_false(a_has("pem"));
	assert_true(ce_named("a").certificate_until > now_seconds() + 300 * 86400);
	assert_true(renewal_look(db));
	assert_string_equal(push_all(), "");
	/* somebody wants it */
	assert_true(db_begin(db));
	assert_true(renewal_want(db, "a"));
	commit();
	assert_string_equal(push_all(), "a ");
	assert_true(a_has("pem"));
	assert_true(strcmp(ce_named("a").credentials, a.credentials) != 0 ||
		    ce_named("a").renew == 0);
	assert_string_equal(push_all(), "");
}

/* The list that a CE has been given under a number is the authority's, and has the certificate on it. */
static void assert_revoked(const char *name, const char *list, int64_t serial)
{
	char path[300], error[300];
	ASN1_INTEGER *number = ASN1_INTEGER_new();
	X509_REVOKED *entry = NULL;
	X509_CRL *crl;
	char *text;
	BIO *bio;

	snprintf(path, sizeof(path), "%s/%s.%s", folder, name, list);
	text = file_read(path, 65536, error, sizeof(error));
	if (!text)
		fail_msg("%s", error);
	bio = BIO_new_mem_buf(text, -1);
	crl = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL);
	assert_non_null(crl);
	ASN1_INTEGER_set_int64(number, serial);
	assert_int_equal(X509_CRL_get0_by_serial(crl, &entry, number), 1);
	/* charon looks for a list by the key of who has signed it */
	assert_true(X509_CRL_get_ext_by_NID(crl, NID_authority_key_identifier, -1) >= 0);
	ASN1_INTEGER_free(number);
	X509_CRL_free(crl);
	BIO_free(bio);
	free(text);
}

static void test_a_revocation_reaches_those_who_authenticate_by_certificates(void **state)
{
	int64_t serial;

	assert_true(db_begin(db));
	assert_true(db_exec(db, "UPDATE vpn SET authentication = 'certificate'", ""));
	commit();
	assert_true(vpn_find(db, "red", &red));
	join("a", 1, NULL);
	join("b", 2, NULL);
	join("c", 3, NULL);
	push_all();
	assert_has(edit("a", 1), "<ca>" VPN_CERTIFICATE_FOLDER "/ca.pem</ca>");
	assert_null(strstr(edit("a", 1), "<crl>"));
	/* each has shown a certificate that the stand-in had made for it */
	serial = db_number(db, 0, "SELECT max(serial) FROM certificate WHERE name = 'c'", "");
	assert_true(serial > 0);
	assert_true(db_begin(db));
	ce_revoke(db, "c");
	commit();
	assert_string_equal(push_all(), "a b ");
	for (int i = 0; i < 2; i++) {
		const char *text = last_edit(i ? "b" : "a");

		assert_has(text, "<crl>" VPN_CERTIFICATE_FOLDER "/crl-1.pem</crl>");
		assert_has(text, "<tunnel-link nc:operation=\"remove\"><name>c</name>");
		assert_revoked(i ? "b" : "a", "crl-1", serial);
	}
	/* who joins later has it, too; and nobody is told again */
	join("d", 4, NULL);
	push_all();
	assert_has(edit("d", 1), "<crl>" VPN_CERTIFICATE_FOLDER "/crl-1.pem</crl>");
	assert_revoked("d", "crl-1", serial);
	assert_string_equal(push_all(), "");
}

/* It does not end before there is another one, revoked or not; VPNs by pre-shared keys are not told. */
static void test_a_list_of_revoked_certificates_is_made_anew_before_it_ends(void **state)
{
	int64_t serial, until;

	assert_true(revocation_look(db)); /* there is none, and none is made */
	assert_int_equal(revocation_number(db), 0);
	assert_true(db_exec(db, "UPDATE vpn SET authentication = 'certificate'", ""));
	assert_true(vpn_find(db, "red", &red));
	join("a", 1, NULL);
	join("b", 2, NULL);
	join("c", 3, NULL);
	push_all();
	serial = db_number(db, 0, "SELECT max(serial) FROM certificate WHERE name = 'c'", "");
	assert_true(db_begin(db));
	ce_revoke(db, "c");
	commit();
	assert_string_equal(push_all(), "a b ");
	assert_true(revocation_look(db));
	assert_string_equal(push_all(), "");
	/* the day has come */
	until = now_seconds() + LIST_RENEW_SECONDS;
	assert_true(db_exec(db, "UPDATE authority SET crl_until = $1", "i", until - 1));
	assert_true(revocation_look(db));
	assert_true(db_number(db, 0, "SELECT crl_until FROM authority", "") > until + 86400);
	assert_string_equal(push_all(), "a b ");
	for (int i = 0; i < 2; i++) {
		assert_has(last_edit(i ? "b" : "a"),
			   "<crl>" VPN_CERTIFICATE_FOLDER "/crl-2.pem</crl>");
		assert_revoked(i ? "b" : "a", "crl-2", serial);
	}
	assert_true(revocation_look(db));
	assert_string_equal(push_all(), "");
	/* where no link needs it, nobody is told */
	assert_true(db_exec(db, "UPDATE vpn SET authentication = 'psk'", ""));
	assert_true(db_exec(db, "UPDATE authority SET crl_until = 0", ""));
	assert_true(revocation_look(db));
	assert_int_equal(revocation_number(db), 3);
	assert_string_equal(push_all(), "");
}

/* Who is no customer edge of vpnd is told what there is to tell, and asked again after an hour. */
static void test_who_cannot_renew_is_left_alone(void **state)
{
	join("a", 1, NULL);
	join("b", 2, NULL);
	put("a", "old", "");
	assert_string_equal(push_all(), "a b ");
	assert_has(edit("a", 1), "<name>b</name>");
	assert_false(a_has("pem"));
	assert_string_equal(ce_named("a").credentials, "");
	assert_true(renewal_look(db));
	assert_string_equal(push_all(), "");
	assert_int_equal(db_number(db, 0, "SELECT renew_after FROM ce WHERE name = 'a'", "") >
				 now_seconds() + RENEW_AGAIN - 60,
			 1);
}

/* A connection to a port of ours from an address of ours. */
static int connect_from(const char *address, int to)
{
	struct sockaddr_in from = { .sin_family = AF_INET };
	struct sockaddr_in there = { .sin_family = AF_INET, .sin_port = htons((uint16_t)to) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(inet_pton(AF_INET, address, &from.sin_addr), 1);
	there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&from, sizeof(from)), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&there, sizeof(there)), 0);
	return fd;
}

/* What has come is read; false: the other end has closed. */
static bool still_open(int fd)
{
	char some[4096];
	ssize_t got;

	while ((got = recv(fd, some, sizeof(some), MSG_DONTWAIT)) > 0)
		continue;
	return got < 0 && errno == EAGAIN;
}

static bool closes(int fd)
{
	for (int t = 0; t < 1500; t++, usleep(20000))
		if (!still_open(fd))
			return true;
	return false;
}

/*
 * Some connect and say nothing: while the server still waits for them, a CE that
 * calls is told all.  From one address no more than CALLS_OF_ONE are waited for.
 */
static void test_silent_callers_delay_nobody(void **state)
{
	int silent[CALLS_OF_ONE + 1], elsewhere, status, at, go[2];
	struct listener *listener;
	char octet;
	pid_t pid;

	join("a", 1, NULL);
	join("b", 2, NULL);
	assert_true(db_exec(db, "UPDATE ce SET mode = 'pull', host = '127.0.0.7' WHERE name = 'a'",
			    ""));
	assert_string_equal(push_all(), "b ");
	listener = listener_new(&at);
	tls_patience = 3600; /* they are waited for as long as this test may take */
	assert_int_equal(pipe(go), 0);
	pid = fork_alone();
	if (pid == 0) {
		if (read(go[0], &octet, 1) != 1)
			_exit(1);
		standin_start(where, folder, counts);
		standin_call("a", "127.0.0.7", at);
		_exit(0);
	}
	for (size_t i = 0; i <= CALLS_OF_ONE; i++)
		silent[i] = connect_from("127.0.0.9", at);
	elsewhere = connect_from("127.0.0.10", at);
	start_listener(listener);
	assert_true(closes(silent[CALLS_OF_ONE]));
	assert_has(last_log, "a call from 127.0.0.9 is not taken");
	assert_int_equal(write(go[1], "", 1), 1);
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
	for (int t = 0; t < 1500 && !ce_named("a").synced; t++)
		usleep(20000);
	assert_has(edit("a", 1), "<name>b</name>");
	for (size_t i = 0; i < CALLS_OF_ONE; i++)
		assert_true(still_open(silent[i]));
	assert_true(still_open(elsewhere));
	for (size_t i = 0; i <= CALLS_OF_ONE; i++)
		close(silent[i]);
	close(elsewhere);
	tls_patience = CONNECT_TIMEOUT;
	for (int t = 0; t < 1500 && calls_count(listener->calls); t++)
		usleep(20000);
	assert_int_equal(calls_count(listener->calls), 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_a_site_is_told_after_its_peers),
		T(test_a_refusal_is_kept_in_the_ces_words),
		T(test_another_ces_certificate_is_refused),
		T(test_a_ce_that_is_away_gets_it_when_it_returns),
		T(test_the_difference_to_what_runs_is_told),
		T(test_killed_at_any_statement_of_a_push),
		T(test_a_ce_calls_home),
		T(test_a_certificate_is_renewed),
		T(test_a_revocation_reaches_those_who_authenticate_by_certificates),
		T(test_a_list_of_revoked_certificates_is_made_anew_before_it_ends),
		T(test_who_cannot_renew_is_left_alone),
		T(test_silent_callers_delay_nobody),
	};

	counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	return databases_run(tests);
}
