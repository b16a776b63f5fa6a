// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Time; see vpnspi_timer.h.
 *
 * A job knows a generation by its number only, so one whose generation is gone
 * finds nothing.  Rekeying and deleting are jobs of charon's own: they check the
 * IKE_SA out, which must not be done with our mutex held.
 */
#include "vpnspi_timer.h"

#include <daemon.h>
#include <processing/jobs/callback_job.h>
#include <processing/jobs/delete_child_sa_job.h>
#include <processing/jobs/rekey_child_sa_job.h>
#include <sa/ikev2/tasks/ike_dpd.h>

#include "vpnspi_peer.h"
#include "vpnspi_state.h"

struct timer {
	struct vpnspi_state *state;
	enum vpnspi_timer_kind kind;
	uint32_t id;
};

/* Charon empties its scheduler before it unloads plugins; this is for the job that runs just then. */
static bool stopped;

static void queue(job_t *job)
{
	lib->processor->queue_job(lib->processor, job);
}

static void rekey_or_delete(struct timer *timer, bool rekey)
{
	uint32_t spi;
	host_t *dst;

	if (!vpnspi_peer_timer(timer->state, timer->id, rekey, &spi, &dst))
		return;
	if (rekey)
		queue((job_t *)rekey_child_sa_job_create(PROTO_ESP, spi, dst));
	else
		queue((job_t *)delete_child_sa_job_create(PROTO_ESP, spi, dst, TRUE));
	dst->destroy(dst);
}

/* An empty INFORMATIONAL exchange, as for dead peer detection. */
static void ask(struct timer *timer)
{
	ike_sa_t *ike_sa = charon->ike_sa_manager->checkout_by_id(charon->ike_sa_manager, timer->id);

	if (!ike_sa)
		return;
	if (!vpnspi_peer_ask(timer->state, timer->id)) {
		charon->ike_sa_manager->checkin(charon->ike_sa_manager, ike_sa);
		return;
	}
	ike_sa->queue_task(ike_sa, (task_t *)ike_dpd_create(TRUE));
	if (ike_sa->initiate(ike_sa, NULL, NULL) == DESTROY_ME)
		charon->ike_sa_manager->checkin_and_destroy(charon->ike_sa_manager, ike_sa);
	else
		charon->ike_sa_manager->checkin(charon->ike_sa_manager, ike_sa);
}

static job_requeue_t run(struct timer *timer)
{
	if (stopped)
		return JOB_REQUEUE_NONE;
	switch (timer->kind) {
	case VPNSPI_TIMER_REKEY:
		rekey_or_delete(timer, true);
		break;
	case VPNSPI_TIMER_EXPIRE:
		rekey_or_delete(timer, false);
		break;
	case VPNSPI_TIMER_LINGER:
		vpnspi_peer_linger_end(timer->state, timer->id);
		break;
	case VPNSPI_TIMER_ASK:
		ask(timer);
		break;
	}
	return JOB_REQUEUE_NONE;
}

void vpnspi_timer_start(struct vpnspi_state *state, enum vpnspi_timer_kind kind, uint32_t id,
			uint64_t ms)
{
	struct timer *timer;
	job_t *job;

	INIT(timer, .state = state, .kind = kind, .id = id, );
	job = (job_t *)callback_job_create((callback_job_cb_t)run, timer, free, NULL);
	if (!ms)
		queue(job);
	else if (ms < 10000)
		lib->scheduler->schedule_job_ms(lib->scheduler, job, ms);
	else
		lib->scheduler->schedule_job(lib->scheduler, job, ms / 1000);
}

struct after {
	void (*run)(void);
};

static job_requeue_t run_after(struct after *after)
{
	if (!stopped)
		after->run();
	return JOB_REQUEUE_NONE;
}

void vpnspi_timer_after(void (*run)(void), uint32_t seconds)
{
	struct after *after;

	INIT(after, .run = run, );
	lib->scheduler->schedule_job(lib->scheduler,
				     (job_t *)callback_job_create((callback_job_cb_t)run_after,
								  after, free, NULL),
				     seconds);
}

int64_t vpnspi_now_ms(void)
{
	timeval_t now;

	time_monotonic(&now);
	return (int64_t)now.tv_sec * 1000 + now.tv_usec / 1000;
}

void vpnspi_timer_stop(void)
{
	stopped = true;
}

struct expire {
	struct vpnspi_state *state;
	uint32_t spi;
	bool hard;
	host_t *dst;
};

static void expire_destroy(struct expire *expire)
{
	expire->dst->destroy(expire->dst);
	free(expire);
}

static job_requeue_t run_expire(struct expire *expire)
{
	uint32_t spi;
	host_t *dst;

	if (stopped || !vpnspi_peer_parent(expire->state, expire->spi, expire->dst, &spi, &dst))
		return JOB_REQUEUE_NONE;
	DBG1(DBG_CHD, "vpnspi: label SA 0x%08x has reached a limit: its CHILD_SA is %s",
	     ntohl(expire->spi), expire->hard ? "deleted" : "rekeyed");
	if (expire->hard)
		queue((job_t *)delete_child_sa_job_create(PROTO_ESP, spi, dst, TRUE));
	else
		queue((job_t *)rekey_child_sa_job_create(PROTO_ESP, spi, dst));
	dst->destroy(dst);
	return JOB_REQUEUE_NONE;
}

void vpnspi_timer_kernel_expire(struct vpnspi_state *state, uint32_t wire_spi, host_t *dst,
				bool hard)
{
	struct expire *expire;

	INIT(expire, .state = state, .spi = wire_spi, .hard = hard, .dst = dst->clone(dst), );
	queue((job_t *)callback_job_create((callback_job_cb_t)run_expire, expire,
					   (callback_job_cleanup_t)expire_destroy, NULL));
}
