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

/*
 * In IKE, tunnel links (draft-knight-ppvpn-ipsec-dynroute-00 section 3.4,
 * draft-duffy-ppvpn-ipsec-vlink-00 section 5.3) use what is for private use, and
 * only with a peer that has sent this vendor ID in the first exchange: the first
 * 16 octets of SHA-256("frr-vpnd tunnel links 1").
 */
#define VPN_LINK_VENDOR_ID	"\x52\x57\x28\xc2\xbb\xf9\x80\xe1\xcf\xaf\x19\x41\xdf\x90\x65\xd0"
#define VPN_LINK_VENDOR_ID_SIZE 16

/* The notify that carries a VPN-ID.  RFC 7296 section 3.10.1: status types 40960 to 65535. */
#define VPN_ID_NOTIFY_IKEV2 52685

/* RFC 2408 section 3.14.1: status types 32768 to 40959. */
#define VPN_ID_NOTIFY_IKEV1 38685

#endif /* WIRE_CODEPOINTS_H */
