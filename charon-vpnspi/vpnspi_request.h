/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What vpnd asks for, carried out.
 *
 * Requests are taken in as they are read and carried out together: whatever
 * vpnd wrote in one go becomes one batch in the kernel.  DONE is sent when the
 * kernel has answered, in the order of the requests.
 */
#ifndef VPNSPI_REQUEST_H
#define VPNSPI_REQUEST_H

#include "vpnspi_message.h"
#include "vpnspi_state.h"

/* Carries out count requests and answers them.  Takes the state's mutex. */
void vpnspi_requests_run(struct vpnspi_state *state, const struct vpnspi_request *requests,
			 unsigned int count);

/* A vpnd has connected: HELLO and all peers. */
void vpnspi_requests_greet(struct vpnspi_state *state);

#endif /* VPNSPI_REQUEST_H */
