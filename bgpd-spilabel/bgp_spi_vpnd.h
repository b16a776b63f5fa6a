/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bgpd's talk with vpnd.  See bgp_spi_vpnd.c and wire/opaque.h. */
#ifndef _BGP_SPI_VPND_H
#define _BGP_SPI_VPND_H

#include "stream.h"
#include "zclient.h"

#include "wire/opaque.h"

/* Seconds for which what vpnd said holds after vpnd has gone. */
#ifndef BGP_SPI_STALE_SECONDS
#define BGP_SPI_STALE_SECONDS 300
#endif

/* Seconds that bgpd, just started, waits at most for its peers before it tells vpnd its whole set. */
#define BGP_SPI_SETTLE_SECONDS 120

/* What a person wants to know of the talk. */
struct bgp_spi_vpnd_state {
	bool here;	   /* zebra says that vpnd is there */
	bool synchronised; /* it has named its whole set since it appeared */
	bool settled;	   /* bgpd has told, or may tell, its own */
};

extern struct bgp_spi_vpnd_state bgp_spi_vpnd_state(void);

/* Sends a record, soon, together with others.  It is lost if vpnd is away; the next sync has it. */
extern void bgp_spi_vpnd_send(const struct vpn_opaque *m);

/* Carries out an opaque message of vpnd (without ZAPI's headers).  False: it is malformed. */
extern bool bgp_spi_vpnd_receive(struct stream *s);

/* zebra's side of it. */
extern void bgp_spi_vpnd_connected(struct zclient *zclient);
extern int bgp_spi_vpnd_opaque(ZAPI_CALLBACK_ARGS);
extern int bgp_spi_vpnd_notify(ZAPI_CALLBACK_ARGS);

extern void bgp_spi_vpnd_init(struct event_loop *loop);
extern void bgp_spi_vpnd_finish(void);

#endif /* _BGP_SPI_VPND_H */
