/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What vpnd and charon's plugin vpnspi tell each other.
 *
 * vpnd says which labels it wants; the plugin has the keys and says which
 * label SAs stand.  They talk over a Unix stream socket that the plugin listens
 * on (VPNSPI_SOCKET_DEFAULT).  One vpnd at a time: a new connection
 * replaces the old one.
 *
 *   vpnd → plugin   CONFIG      our PE address, prefix length of our pool
 *                   LABEL_IN    receive on our label → if_id; from every peer
 *                   LABEL_OUT   send to a peer with its label ← if_id
 *                   LABEL_IN_DEL, LABEL_OUT_DEL
 *                   LINK        a tunnel link that is an IPsec SA: its connection and
 *                               child in charon, if_id, VPN-ID, signal
 *                   LINK_DEL
 *                   SPOKE       one that a LINK which is a template has taken before, and
 *                               its number
 *                   SPOKE_DEL
 *                   SYNC_BEGIN, SYNC_END  between them all of the above is said
 *                               again; what was not said is removed
 *                   COUNTERS_GET
 *   plugin → vpnd   HELLO       first on each connection, plugin's version
 *                   DONE        a request was carried out, or why not
 *                   PEER_IS     a peer's CHILD_SA came, was rekeyed, went
 *                   OUT_IS      a wanted LABEL_OUT came up or went down
 *                   ALERT       an IKE negotiation with a peer failed, and why
 *                   COUNTERS    of one peer, cumulative over rekeys
 *                   LINK_ALERT  an SA of a tunnel link was refused, and why
 *                   KNOCK       a peer that charon has no connection for began to
 *                               negotiate; so many in a second at the most
 *                   SILENT      a peer does not answer, or answers again
 *
 * Nothing is torn down when the connection breaks: label SAs stay, follow
 * rekeys, and vpnd finds them again by SYNC.  After HELLO the plugin sends PEER_IS
 * for every peer it has, so a vpnd that restarted knows them.
 *
 * LABEL_IN is DONE when the SAs for every peer and every live prefix stand, so
 * that vpnd may let BGP advertise the label: whatever arrives finds its SA.
 *
 * Which CHILD_SAs are the plugin's: those of IKE connections whose name starts
 * with VPNSPI_CONN_PREFIX.  The peer is the remote address of the IKE_SA.
 *
 * Tunnel links are IKE connections whose name starts with VPNSPI_LINK_PREFIX.
 * vpnd loads them and their children into charon over VICI as ever; LINK says
 * what VICI cannot: which VPN-ID an SA of that child has, and that a transport
 * mode negotiation for protocol 4 stands for a tunnel (enum vpnspi_signal).
 * Such a child of a vpnd-link connection that no LINK names is refused.  LINK is
 * said before the connection is loaded, LINK_DEL after it was unloaded.  Links
 * need no CONFIG, and stay when its family is 0.  LINK for a child known already
 * replaces what was said; SAs that stand keep what they were made with.
 *
 * A LINK with spokes is a template, a hub's: whoever proves to be somebody gets a
 * link of its own.  The plugin gives each identity a number, the lowest that is
 * free, from 1 to spokes, and the same again whenever it returns; its child is
 * called as the template's with the number behind it, its if_id is the template's
 * and the number.  vpnd hears of it from VICI (child-updown: child, remote-id) and
 * is the memory over restarts of charon: it says SPOKE of all it knows, before the
 * connection is loaded.  SPOKEs are not part of a sync: they go with SPOKE_DEL, and
 * with their LINK.
 *
 * SILENT is said whenever a request of ours in an IKE_SA is repeated, and when it is answered
 * after all: on a tunnel link's connection of each CHILD_SA; on a provider edge's of the peer,
 * when no IKE_SA with it is answered, or one is.
 *
 * Encoding: struct vpnspi_header and then the type's struct, in host byte order
 * (both ends are on one machine); addresses are in network byte order, strings
 * are NUL-terminated.  header.size covers both.  A peer that sends a size or a
 * type that does not fit is disconnected.
 */
#ifndef WIRE_PLUGIN_H
#define WIRE_PLUGIN_H

#include <assert.h>
#include <netinet/in.h>
#include <stdint.h>

#define VPNSPI_SOCKET_DEFAULT "/run/charon.vpnspi"
#define VPNSPI_CONN_PREFIX    "vpnd-pe-"
#define VPNSPI_CHILD_NAME     "vpn"
#define VPNSPI_LINK_PREFIX    "vpnd-link-"

#define VPNSPI_MAGIC	     0x76737069u /* "vspi" */
#define VPNSPI_VERSION	     5
#define VPNSPI_TEXT_SIZE     256
#define VPNSPI_MESSAGE_MAX   1024
#define VPNSPI_IDENTITY_SIZE 192 /* of a spoke, with the NUL */
#define VPNSPI_SPOKES_MAX    4095

enum vpnspi_type {
	/* vpnd → plugin */
	VPNSPI_CONFIG = 1,
	VPNSPI_LABEL_IN = 2,
	VPNSPI_LABEL_IN_DEL = 3,
	VPNSPI_LABEL_OUT = 4,
	VPNSPI_LABEL_OUT_DEL = 5,
	VPNSPI_SYNC_BEGIN = 6,	 /* no body */
	VPNSPI_SYNC_END = 7,	 /* no body */
	VPNSPI_COUNTERS_GET = 8, /* no body; COUNTERS of every peer, then DONE */
	VPNSPI_LINK = 9,
	VPNSPI_LINK_DEL = 10,
	VPNSPI_SPOKE = 11,
	VPNSPI_SPOKE_DEL = 12,

	/* plugin → vpnd */
	VPNSPI_HELLO = 64,
	VPNSPI_DONE = 65,
	VPNSPI_PEER_IS = 66,
	VPNSPI_OUT_IS = 67,
	VPNSPI_ALERT = 68,
	VPNSPI_COUNTERS = 69,
	VPNSPI_LINK_ALERT = 70,
	VPNSPI_KNOCK = 71,
	VPNSPI_SILENT = 72,
};

struct vpnspi_header {
	uint32_t size; /* octets, this header included */
	uint16_t type; /* enum vpnspi_type */
	uint16_t reserved;
	uint32_t id; /* of a request, chosen by vpnd, in its DONE again; 0 in events */
};

/* family: AF_INET or AF_INET6; an IPv4 address is in the first four octets, the rest is 0. */
struct vpnspi_addr {
	uint16_t family;
	uint16_t reserved;
	uint8_t octets[16];
};

struct vpnspi_config {
	struct vpnspi_addr local; /* family 0: no provider edge; everything is torn down */
	uint8_t prefix_len;	  /* of our pool: 7 to 26; applies to CHILD_SAs from now on */
	uint8_t reserved[3];
};

struct vpnspi_label_in { /* LABEL_IN, LABEL_IN_DEL */
	uint32_t label;
	uint32_t if_id; /* of the VRF's receiving xfrm interface */
};

struct vpnspi_label_out { /* LABEL_OUT, LABEL_OUT_DEL */
	struct vpnspi_addr peer;
	uint32_t label;
	uint32_t if_id;	   /* of the sending xfrm interface; one label_out each */
	uint8_t label_len; /* bits; must be 32 minus the peer's prefix length, else OUT_IS says so */
	uint8_t reserved[3];
};

struct vpnspi_hello {
	uint32_t magic;
	uint32_t version;
	char strongswan[32]; /* the version that the plugin runs in, and was built for */
};

struct vpnspi_done {
	int32_t error; /* errno, 0 if it was carried out */
	char text[VPNSPI_TEXT_SIZE];
};

enum vpnspi_peer_state {
	VPNSPI_PEER_DOWN = 0,
	VPNSPI_PEER_UP = 1,
};

struct vpnspi_peer_is {
	struct vpnspi_addr peer;
	struct vpnspi_addr local;
	uint32_t state;	      /* enum vpnspi_peer_state */
	uint32_t prefix_in;   /* IKE form (wire/spi.h) of the newest generation: ours */
	uint32_t prefix_out;  /* and the peer's */
	uint32_t generations; /* CHILD_SAs that receive now, 2 for a while around a rekey */
	uint32_t rekeys;      /* of this peer since it came up */
	uint32_t labels_in;   /* label SAs that stand now */
	uint32_t labels_out;
	uint32_t rekey_in; /* seconds to the next rekey, 0: never */
	uint16_t overhead; /* octets before the inner packet: outer IP, UDP if any, ESP, IV */
	uint16_t trailer;  /* octets behind its padding: ICV */
	uint16_t block;	   /* inner packet + 2 octets is padded to a multiple of it */
	uint16_t encap;	   /* 1: ESP in UDP */
	char proposal[96]; /* of the CHILD_SA, in strongSwan's words */
	char text[VPNSPI_TEXT_SIZE]; /* why it is down */
};

struct vpnspi_out_is {
	struct vpnspi_addr peer;
	uint32_t label;
	uint32_t if_id;
	uint32_t spi; /* wire SPI, host byte order; 0 when down */
	uint8_t label_len;
	uint8_t up;
	uint8_t reserved[2];
	char text[VPNSPI_TEXT_SIZE]; /* why it is down */
};

struct vpnspi_alert {
	struct vpnspi_addr peer; /* family 0 if it is not known */
	char text[VPNSPI_TEXT_SIZE];
};

struct vpnspi_knock {
	struct vpnspi_addr peer;
	struct vpnspi_addr local; /* of ours that it came to */
};

struct vpnspi_counters {
	struct vpnspi_addr peer;
	uint32_t reserved;
	uint64_t bytes_in;
	uint64_t bytes_out;
	uint64_t packets_in;
	uint64_t packets_out;
};

/* How the peer is told that an SA is a tunnel link (draft-knight-ppvpn-ipsec-dynroute-00 section 3.4). */
enum vpnspi_signal {
	VPNSPI_SIGNAL_NONE = 0, /* it is not: tunnel mode, wildcard selectors */
	VPNSPI_SIGNAL_TRANSPORT =
		1, /* Method 3: transport mode, the gateways' addresses, protocol 4 */
	VPNSPI_SIGNAL_VENDOR_ID = 2, /* Method 1: our vendor ID, tunnel mode, no client identifiers */
};

struct vpnspi_link {	/* LINK, LINK_DEL; known by conn and child */
	char conn[96];	/* IKE connection, with VPNSPI_LINK_PREFIX */
	char child[64]; /* its child */
	uint32_t if_id; /* of the link's xfrm interface, not 0; as the child's if_id_in and if_id_out */
	uint8_t has_vpn_id; /* 0 or 1 */
	uint8_t vpn_id[7];  /* RFC 2685: OUI, index, as written */
	uint8_t signal;	    /* enum vpnspi_signal */
	uint8_t reserved;
	uint16_t spokes; /* a template's: so many links at most; 0: it is a link itself */
};

struct vpnspi_spoke {	/* SPOKE, SPOKE_DEL; known by conn, child and identity */
	char conn[96];	/* of the template's LINK */
	char child[64]; /* likewise, without a number */
	char identity[VPNSPI_IDENTITY_SIZE]; /* as charon writes it */
	uint32_t number;		     /* 1 to spokes of the LINK */
};

struct vpnspi_silent {
	struct vpnspi_addr peer;
	char conn[96];	/* of a tunnel link; "": of a provider edge */
	uint32_t id;	/* of a tunnel link: unique id of one of its CHILD_SAs, as VICI's; else 0 */
	uint32_t since; /* ms ago our request was sent first, not 0; 0: it was answered */
};

struct vpnspi_link_alert {
	char conn[96];	/* "": of no link's connection */
	char child[64]; /* "": it is not known which */
	struct vpnspi_addr peer;
	char text[VPNSPI_TEXT_SIZE];
};

/* Octets of the body of a message of this type, or -1 if there is no such type. */
static inline int vpnspi_body_size(unsigned int type)
{
	switch (type) {
	case VPNSPI_CONFIG:
		return sizeof(struct vpnspi_config);
	case VPNSPI_LABEL_IN:
	case VPNSPI_LABEL_IN_DEL:
		return sizeof(struct vpnspi_label_in);
	case VPNSPI_LABEL_OUT:
	case VPNSPI_LABEL_OUT_DEL:
		return sizeof(struct vpnspi_label_out);
	case VPNSPI_LINK:
	case VPNSPI_LINK_DEL:
		return sizeof(struct vpnspi_link);
	case VPNSPI_SPOKE:
	case VPNSPI_SPOKE_DEL:
		return sizeof(struct vpnspi_spoke);
	case VPNSPI_SYNC_BEGIN:
	case VPNSPI_SYNC_END:
	case VPNSPI_COUNTERS_GET:
		return 0;
	case VPNSPI_HELLO:
		return sizeof(struct vpnspi_hello);
	case VPNSPI_DONE:
		return sizeof(struct vpnspi_done);
	case VPNSPI_PEER_IS:
		return sizeof(struct vpnspi_peer_is);
	case VPNSPI_OUT_IS:
		return sizeof(struct vpnspi_out_is);
	case VPNSPI_ALERT:
		return sizeof(struct vpnspi_alert);
	case VPNSPI_COUNTERS:
		return sizeof(struct vpnspi_counters);
	case VPNSPI_LINK_ALERT:
		return sizeof(struct vpnspi_link_alert);
	case VPNSPI_KNOCK:
		return sizeof(struct vpnspi_knock);
	case VPNSPI_SILENT:
		return sizeof(struct vpnspi_silent);
	}
	return -1;
}

static_assert(sizeof(struct vpnspi_header) == 12, "no padding in the header");
static_assert(sizeof(struct vpnspi_header) + sizeof(struct vpnspi_peer_is) <= VPNSPI_MESSAGE_MAX,
	      "every message fits its limit");

#endif /* WIRE_PLUGIN_H */
