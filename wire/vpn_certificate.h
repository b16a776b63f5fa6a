/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a CE gets a certificate for a key that never leaves it: RPCs of
 * NETCONF, which the provider's server (vpn-server) calls and netconfd answers.
 *
 *	certificate-request	the CE makes a key pair and keeps it as NAME; it
 *				answers with a signing request (PKCS #10, PEM)
 *	certificate-install	the CE keeps the certificate beside the key of NAME,
 *				if it is for that key
 *	crl-install		the CE keeps the authority's list of revoked
 *				certificates as crl-NAME.pem, if charon can take it
 *
 * None takes anything into use: that is configuration (the paths of
 * customer-edge and of IPsec profiles), which is edited and committed as usual.
 * The files are VPN_CERTIFICATE_FOLDER/key-NAME.pem and certificate-NAME.pem;
 * those without "-NAME" are what was delivered with the CE.
 *
 * The module is here and not in a file, since the server has no folder of YANG
 * modules and both must mean the same.
 */
#ifndef WIRE_VPN_CERTIFICATE_H
#define WIRE_VPN_CERTIFICATE_H

#define VPN_CERTIFICATE_FOLDER "/etc/frr/vpn-ce"
#define VPN_CERTIFICATE_NS     "http://frrouting.org/yang/vpn-certificate"
#define VPN_CERTIFICATE_NAME   24    /* octets of a NAME, with its end */
#define VPN_CRL_SIZE	       65535 /* octets of a list in PEM, at most: VICI takes no more */

#define VPN_CERTIFICATE_YANG                                                                           \
	"module frr-vpn-certificate {"                                                                 \
	"  yang-version 1.1;"                                                                          \
	"  namespace \"" VPN_CERTIFICATE_NS "\";"                                                      \
	"  prefix frr-vpn-certificate;"                                                                \
	"  description \"Certificates for keys that a customer edge makes itself.\";"                  \
	"  revision 2026-11-21 { description \"Initial revision\"; }"                                  \
	"  typedef name {"                                                                             \
	"    type string { length \"1..23\"; pattern \"[0-9A-Za-z]*\"; }"                              \
	"    description \"What a key pair is called; its files are named so.\";"                      \
	"  }"                                                                                          \
	"  rpc certificate-request {"                                                                  \
	"    description \"Makes a key pair, and a signing request for it.\";"                         \
	"    input { leaf name { type name; mandatory true; description \"Of the pair.\"; } }"         \
	"    output { leaf request { type string; mandatory true; description \"PKCS #10, PEM.\"; } }" \
	"  }"                                                                                          \
	"  rpc certificate-install {"                                                                  \
	"    description \"Keeps the certificate of a pair; it is used when configured.\";"            \
	"    input {"                                                                                  \
	"      leaf name { type name; mandatory true; description \"Of the pair.\"; }"                 \
	"      leaf certificate { type string; mandatory true; description \"X.509, PEM.\"; }"         \
	"    }"                                                                                        \
	"  }"                                                                                          \
	"  rpc crl-install {"                                                                          \
	"    description \"Keeps a list of revoked certificates; it is used when configured.\";"       \
	"    input {"                                                                                  \
	"      leaf name { type name; mandatory true; description \"Of the list.\"; }"                 \
	"      leaf crl { type string; mandatory true; description \"X.509 CRL, PEM.\"; }"             \
	"    }"                                                                                        \
	"  }"                                                                                          \
	"}"

#endif /* WIRE_VPN_CERTIFICATE_H */
