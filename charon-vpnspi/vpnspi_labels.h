/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The labels that vpnd wants, the label SAs that a CHILD_SA has, and the
 * difference between the two.
 *
 * vpnd says what it wants (LABEL_IN, LABEL_OUT); nothing is done at once.  A
 * change touches a label; when all that was read is taken in, the touched
 * labels, and only those, are compared with each generation's SAs and the
 * smallest step is taken.  A generation that is new compares all.
 *
 * A label SA is never deleted before its generation is: its key is derived
 * from the SPI, so an SA made again would begin its sequence numbers again
 * under the same key; the peer would drop its packets as replays (outbound),
 * and we would accept replays (inbound).  It is parked instead: its if_id
 * becomes VPNSPI_IF_ID_PARKED, which no interface has.  A label that is wanted
 * again gets its SA back with all its counters.
 */
#ifndef VPNSPI_LABELS_H
#define VPNSPI_LABELS_H

#include <collections/hashtable.h>
#include <library.h>

#include "wire/spi.h"

/* No interface has it: what a parked SA decrypts is dropped, and nothing finds it to send. */
#define VPNSPI_IF_ID_PARKED 0xffffffffu

/* One label that vpnd wants, or wanted until a moment ago. */
struct vpnspi_want {
	uint32_t label;
	uint32_t if_id;
	uint8_t label_len;     /* of the peer, for LABEL_OUT; else 0 */
	bool stale;	       /* not said again since SYNC_BEGIN */
	bool gone;	       /* no longer wanted; forgotten when that is carried out */
	bool touched;	       /* is in struct vpnspi_touched */
	bool up;	       /* LABEL_OUT: what vpnd was told last */
	bool told;	       /* LABEL_OUT: vpnd was told anything at all */
	uint32_t spi;	       /* LABEL_OUT: the wire SPI that vpnd was told */
	uint32_t policy_if_id; /* if_id of the policies that stand, 0: none do */
	uint32_t policy_reqid; /* of the SA that the outbound policies name */
	char *why;	       /* why it does not stand, in words, or NULL */
};

/* One label SA that is in the kernel. */
struct vpnspi_label_sa {
	uint32_t label;
	uint32_t if_id; /* VPNSPI_IF_ID_PARKED: not wanted now */
	uint32_t reqid;
};

/* Labels that are to be compared. */
struct vpnspi_touched {
	uint32_t *label;
	unsigned int count;
	unsigned int room;
	bool all;
};

struct vpnspi_labels {
	hashtable_t *wants; /* label → struct vpnspi_want */
	struct vpnspi_touched touched;
};

enum vpnspi_step_kind {
	VPNSPI_STEP_NONE,
	VPNSPI_STEP_ADD,  /* an SA is to be made */
	VPNSPI_STEP_MOVE, /* its if_id is to be changed, perhaps to VPNSPI_IF_ID_PARKED */
};

struct vpnspi_step {
	enum vpnspi_step_kind kind;
	uint32_t if_id;
};

void vpnspi_labels_init(struct vpnspi_labels *labels);
void vpnspi_labels_clear(struct vpnspi_labels *labels);

/* The want of this label, gone or not, or NULL. */
struct vpnspi_want *vpnspi_labels_get(const struct vpnspi_labels *labels, uint32_t label);

/* How many are wanted. */
unsigned int vpnspi_labels_count(const struct vpnspi_labels *labels);

/*
 * vpnd wants this label.  The want, or NULL if another if_id has the label
 * already: *other_if_id says which.
 */
struct vpnspi_want *vpnspi_labels_set(struct vpnspi_labels *labels, uint32_t label, uint32_t if_id,
				      uint8_t label_len, uint32_t *other_if_id);

/* vpnd no longer wants this label with this if_id.  False: it did not. */
bool vpnspi_labels_unset(struct vpnspi_labels *labels, uint32_t label, uint32_t if_id);

/* Between these two vpnd says again what it wants; what it does not is no longer wanted. */
void vpnspi_labels_sync_begin(struct vpnspi_labels *labels);
void vpnspi_labels_sync_end(struct vpnspi_labels *labels);

/* What was touched has been carried out: forget what is gone, touch nothing. */
void vpnspi_labels_settle(struct vpnspi_labels *labels);

/* What makes this SA (NULL: there is none) what is wanted (NULL: nothing is). */
struct vpnspi_step vpnspi_labels_diff(const struct vpnspi_want *want,
				      const struct vpnspi_label_sa *sa);

/* A label's key in strongSwan's hash tables, which cannot have NULL. */
static inline void *vpnspi_label_key(uint32_t label)
{
	return (void *)((uintptr_t)label + 1);
}

#endif /* VPNSPI_LABELS_H */
