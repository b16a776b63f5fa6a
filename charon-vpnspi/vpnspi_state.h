/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All that the plugin knows, under one mutex.
 *
 * Two sides meet here: charon's threads, which bring and take CHILD_SAs
 * (vpnspi_peer.h), and the thread of vpnd's connection, which says what labels
 * it wants (vpnspi_request.h).
 *
 * Lock order: an IKE_SA that is checked out, charon's bus, this mutex, then the
 * queue of the socket.  With this mutex held nothing of charon is called but
 * its logger and the queueing of jobs.
 */
#ifndef VPNSPI_STATE_H
#define VPNSPI_STATE_H

#include <collections/hashtable.h>
#include <threading/mutex.h>

#include "wire/plugin.h"

#include "vpnspi_addr.h"
#include "vpnspi_gen.h"
#include "vpnspi_labels.h"
#include "vpnspi_links.h"
#include "vpnspi_prefix.h"
#include "vpnspi_xfrm.h"

struct vpnspi_socket;

struct vpnspi_state {
	mutex_t *mutex;
	struct vpnspi_xfrm *xfrm; /* NULL: the kernel has none */
	char xfrm_reason[VPNSPI_TEXT_SIZE];
	struct vpnspi_socket *socket;

	/* what vpnd says */
	bool configured;
	struct vpnspi_config config;
	struct vpnspi_labels in;    /* LABEL_IN; LABEL_OUT is in each peer */
	hashtable_t *in_policies;   /* if_id → how many wants share the policies */
	struct vpnspi_links *links; /* LINK; has a lock of its own */

	/* what charon says */
	hashtable_t *peers; /* struct vpnspi_addr → struct vpnspi_peer */
	struct vpnspi_pool *pool;
	bool waiting; /* a generation waits for a sign of its peer; read without the mutex */

	uint32_t next_gen;
	uint32_t next_reqid;
};

/* NULL only without memory; a kernel without XFRM is remembered. */
struct vpnspi_state *vpnspi_state_create(void);

/* Takes out of the kernel all that is ours. */
void vpnspi_state_destroy(struct vpnspi_state *state);

#endif /* VPNSPI_STATE_H */
