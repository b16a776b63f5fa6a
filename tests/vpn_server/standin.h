// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Stands in for CEs: a NETCONF server over TLS on one port, for as many CEs as
 * are asked for.  Which one is meant says the server name of the TLS hand shake.
 *
 * In a folder it finds what a test wants of CE NAME, and leaves what happened:
 *
 *	NAME.running	what get-config answers (XML); nothing if there is none
 *	NAME.refuse	validate is refused, in these words
 *	NAME.slow	commit waits until this file is gone
 *	NAME.other	it shows the certificate of the CE that is named there
 *	NAME.N.xml	the Nth edit that was committed
 *	NAME.old	calls home with a certificate that ends in a day; otherwise in a year
 *	NAME.crl-N	the list of revoked certificates that was installed as N
 *	NAME.pem	the certificate that was installed, for a key of its own
 */
#ifndef TESTS_VPN_SERVER_STANDIN_H
#define TESTS_VPN_SERVER_STANDIN_H

struct standin_counts {
	volatile unsigned long sessions, edits, commits;
};

/*
 * Listens on a port of 127.0.0.0/8 that the system chooses and returns it; serves
 * from threads of this process.  database: whose authority signs.  folder NULL:
 * nothing is looked for or left, and all names have one certificate, *.load.test.
 */
int standin_start(const char *database, const char *folder, struct standin_counts *counts);

/* Calls home as CE name, from address, to a port of 127.0.0.1, and serves that session to its end. */
void standin_call(const char *name, const char *address, int port);

#endif /* TESTS_VPN_SERVER_STANDIN_H */
