/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Code points that no registry has assigned.
 *
 * seeds/003 (draft-declercq-bgp-ipsec-vpn-00) leaves the SAFI of unlabeled
 * VPN-IPv4 (section 5.2.4) and the type of the SPI-label attribute (section
 * 5.2.2) "to be assigned by IANA", which never happened.  Until then both
 * stand here, once, and a packager changes them with ./configure
 * --with-unlabeled-vpn-safi=N and --with-spi-label-attribute=N: every PE and
 * route reflector of a network must agree.
 */
#ifndef WIRE_CODEPOINTS_H
#define WIRE_CODEPOINTS_H

/* RFC 4760 section 6: SAFI 241 to 254 are for private use. */
#ifndef IANA_SAFI_UNLABELED_VPN_VALUE
#define IANA_SAFI_UNLABELED_VPN_VALUE 241
#endif

/* 255 is in use by bgpd's VNC code, 254 is the next one down. */
#ifndef BGP_ATTR_SPI_LABEL_VALUE
#define BGP_ATTR_SPI_LABEL_VALUE 254
#endif

#endif /* WIRE_CODEPOINTS_H */
