/* SPDX-License-Identifier: GPL-2.0-or-later */
/* debug bgp spi-label: what bgpd and vpnd tell each other, and what follows for routes. */
#ifndef _BGP_SPI_DEBUG_H
#define _BGP_SPI_DEBUG_H

#include "log.h"

/* Switched on for this run, or by the configuration.  (lib/debug.h clashes with bgp_debug.h.) */
extern struct bgp_spi_debug_switch {
	bool terminal, config;
} bgp_spi_debug_switch;

#define bgp_spi_debug(...)                                                                         \
	do {                                                                                       \
		if (bgp_spi_debug_switch.terminal || bgp_spi_debug_switch.config)                  \
			zlog_debug("spi-label: " __VA_ARGS__);                                     \
	} while (0)

#endif /* _BGP_SPI_DEBUG_H */
