// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Certificates and lists of revoked ones as somebody else sends them; see netconf_pem.c.
 */
#ifndef _NETCONF_PEM_H
#define _NETCONF_PEM_H

#include <openssl/bio.h>
#include <openssl/evp.h>

/*
 * The certificate that is in text (NUL-terminated), if it is for this key, or
 * the list of revoked ones, if charon can take it: written anew, in PEM, to be
 * freed by BIO_free(). NULL, and why not in words that stay.
 *
 * The key is the caller's; NULL: there is none.
 */
extern BIO *netconf_pem_certificate(const char *text, EVP_PKEY *key, const char **why);
extern BIO *netconf_pem_crl(const char *text, const char **why);

#endif /* _NETCONF_PEM_H */
