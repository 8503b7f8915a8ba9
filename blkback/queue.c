// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One ring of a vbd and its thread.
 *
 * Theory of operation
 * -------------------
 * queue_turn() is the way of the data. Each of its steps works on the whole
 * batch that the step before has left, so that a turn costs, for any number of
 * requests, one grant copy for the writes that came, one for the reads that
 * are done, one for the descriptors of indirect requests, one io_uring call
 * and at most one event to the guest.
 *
 * The thread sleeps in that io_uring call: the event channel and the stop
 * request are watched through the ring like any transfer.
 *
 * Every taken slot is a struct request until it is answered, so
 * ring_inflight() == nr_slots - nr_free at the end of every turn. There are as
 * many requests as slots: a frontend that keeps to the protocol cannot exhaust
 * them, and one that does not is caught by ring_avail().
 *
 * Between being judged and being started a request waits, in the order of the
 * ring (admit.c): for a buffer, for a limit that an admin has set, or for the sake of a
 * barrier, which starts when nothing runs and lets nothing start until it is
 * done.
 */
#include "queue.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "queue_priv.h"
#include "worker/child.h"

/* Engine tags: requests by their index, and these. */
#define TAG_EVENT UINT64_MAX
#define TAG_STOP (UINT64_MAX - 1)
#define TAG_WAKE (UINT64_MAX - 2)

/* From so many transfers in flight on, gather completions, for so long. */
#define GATHER_DEPTH 8
#define GATHER_NS (100 * 1000ull)

/* Nobody is woken sooner than this for the sake of a limit. */
#define LIMIT_NAP_NS (500 * 1000ull)

/* After so long without work, memory and mappings are given back. */
#define IDLE_NS (10 * NS_PER_SEC)

static void answer(struct blk_queue *q, const struct blk_req *req, int16_t status)
{
	struct blk_response rsp;

	blk_format_response(req, status, &rsp);
	ring_put(&q->ring, &rsp, sizeof(rsp));
}

static void refuse(struct blk_queue *q, unsigned int index)
{
	const struct request *r = &q->requests[index];
	bool reject = r->verdict == BLK_REJECT;

	q->count->refused++;
	log_guest(&q->meter, q->disk->dev, "request %s: operation %u, id %" PRIu64,
		  reject ? "refused" : "not supported", r->req.operation, r->req.id);
	answer(q, &r->req, reject ? BLKIF_RSP_ERROR : BLKIF_RSP_EOPNOTSUPP);
	batch_add(&q->free, index);
}

/* Slots to requests in q->taken, each with a verdict. */
static void take_requests(struct blk_queue *q)
{
	uint32_t avail;

	q->taken.nr = 0;
	if (q->stopping || q->broken)
		return;
	if (ring_avail(&q->ring, &avail) != 0) {
		q->broken = true;
		child_broken(0, "impossible number of requests");
		return;
	}
	for (; avail > 0; avail--) {
		unsigned int index = q->free.index[--q->free.nr];
		struct request *r = &q->requests[index];
		struct blk_slot slot;

		ring_take(&q->ring, &slot, blk_slot_size(q->conf.abi));
		r->verdict = blk_parse(&q->conf, &slot, &r->req);
		r->error = 0;
		r->kept = false;
		r->taken_ns = q->turn_ns;
		batch_add(&q->taken, index);
	}
}

/* The good ones queue up, the others are answered. */
static void sort_taken(struct blk_queue *q)
{
	for (unsigned int i = 0; i < q->taken.nr; i++) {
		unsigned int index = q->taken.index[i];

		if (q->requests[index].verdict == BLK_OK)
			batch_add(&q->waiting, index);
		else
			refuse(q, index);
	}
}

/* To the engine, but for those that have failed already. */
static void start_requests(struct blk_queue *q)
{
	q->done.nr = 0;
	for (unsigned int i = 0; i < q->admitted.nr; i++) {
		struct request *r = batch_at(q, &q->admitted, i);
		unsigned int index = q->admitted.index[i];

		r->started_ns = q->turn_ns;
		if (!r->error && request_will_flush(r))
			r->error = atomic_load(&q->disk->flush_error);
		if (r->error) {
			batch_add(&q->done, index);
			continue;
		}
		q->nr_running++;
		request_start(r, q->engine, index);
	}
}

static void on_event(struct blk_queue *q)
{
	uint32_t port;
	int nr = evtchn_take(q->ec, &port, 1);

	/* At once: the guest sends none until ring_arm() asks for it. */
	if (nr > 0)
		evtchn_unmask(q->ec, &port, 1);
	q->count->events++;
	engine_watch(q->engine, TAG_EVENT, evtchn_fd(q->ec));
}

static void on_wake(struct blk_queue *q)
{
	uint64_t count;

	(void)!read(q->wake_fd, &count, sizeof(count));
	engine_watch(q->engine, TAG_WAKE, q->wake_fd);
}

/* The worker's successors hear of it through the counters, which outlast it. */
static void flush_failed(struct blk_queue *q, int err)
{
	int none = 0;

	if (!atomic_compare_exchange_strong(&q->disk->flush_error, &none, err))
		return;
	q->disk->stats->flush_error = (uint32_t)-err;
	log_err(q->disk->dev,
		"a flush failed: %s; data may be lost, and no flush succeeds any more until the "
		"disk is detached and attached again",
		strerror(-err));
}

static void on_step_done(struct blk_queue *q, unsigned int index, int32_t res)
{
	struct request *r = &q->requests[index];
	bool flushed = request_flushes(r);

	if (!request_advance(r, q->engine, index, res))
		return;
	if (flushed && r->error)
		flush_failed(q, r->error);
	q->nr_running--;
	batch_add(&q->done, index);
}

/* Requests whose I/O is done go into q->done. */
static void reap(struct blk_queue *q)
{
	struct engine_done done[RING_SLOTS_MAX + 3];
	unsigned int nr = engine_reap(q->engine, done, RING_SLOTS_MAX + 3);

	q->done.nr = 0;
	for (unsigned int i = 0; i < nr; i++) {
		if (done[i].tag == TAG_EVENT)
			on_event(q);
		else if (done[i].tag == TAG_STOP)
			q->stopping = true;
		else if (done[i].tag == TAG_WAKE)
			on_wake(q);
		else
			on_step_done(q, (unsigned int)done[i].tag, done[i].res);
	}
}

static void count_request(struct blk_queue *q, const struct request *r)
{
	struct stats_request done = { r->taken_ns, r->started_ns, q->turn_ns, r->error != 0 };

	stats_count(q->count, &r->req, &done);
}

static void answer_done(struct blk_queue *q)
{
	for (unsigned int i = 0; i < q->done.nr; i++) {
		struct request *r = batch_at(q, &q->done, i);

		/* One beside it may have been told of what this one covers as well. */
		if (!r->error && request_will_flush(r))
			r->error = atomic_load(&q->disk->flush_error);
		if (r->error)
			log_guest(&q->meter, q->disk->dev,
				  "operation %u at byte %" PRIu64 " failed: %s", r->req.operation,
				  r->req.offset, strerror(-r->error));
		answer(q, &r->req, request_status(r));
		count_request(q, r);
		data_detach(q, r);
		if (r->req.kind == BLK_REQ_BARRIER)
			q->barrier = false;
		batch_add(&q->free, q->done.index[i]);
	}
}

static void push_and_notify(struct blk_queue *q)
{
	if (!ring_push(&q->ring))
		return;
	q->count->notifies++;
	evtchn_notify(q->ec, q->port);
}

/* How long has it taken the guest this time? */
static void end_idling(struct blk_queue *q)
{
	if (q->idle_ns != 0 && q->taken.nr > 0)
		poller_learn(&q->poller, q->turn_ns - q->idle_ns);
	if (q->taken.nr > 0)
		q->idle_ns = 0;
}

static void queue_turn(struct blk_queue *q)
{
	q->count->turns++;
	q->turn_ns = now_ns();
	q->conf.sectors = atomic_load(&q->disk->sectors);
	reap(q);
	q->progress = q->done.nr > 0;
	data_copy(q, q->to_guest, &q->done, true);
	answer_done(q);
	take_requests(q);
	q->progress |= q->taken.nr > 0;
	end_idling(q);
	data_fetch_descriptors(q, &q->taken);
	sort_taken(q);
	queue_admit(q);
	data_copy(q, q->from_guest, &q->admitted, false);
	start_requests(q);
	answer_done(q);
	push_and_notify(q);
	q->gauge->inflight = ring_inflight(&q->ring);
	q->gauge->waiting = q->waiting.nr;
	assert(ring_inflight(&q->ring) + q->free.nr == q->ring.nr_slots);
	assert(ring_inflight(&q->ring) == q->nr_running + q->waiting.nr);
}

/*
 * Nothing is to be done. True: the guest has sent something while we watched,
 * and has not had to send an event.
 */
static bool watch_ring(struct blk_queue *q)
{
	uint64_t start = now_ns(), limit = poller_limit(&q->poller, start), now = start;
	bool found = false;
	uint32_t avail;

	if (q->idle_ns == 0)
		q->idle_ns = start;
	if (limit > 0)
		ring_disarm(&q->ring);
	while (!found && now - start < limit) {
		for (unsigned int i = 0; i < 32 && !found; i++) {
			cpu_relax();
			/* What is broken is the next turn's business. */
			found = ring_avail(&q->ring, &avail) != 0 || avail > 0 ||
				engine_ready(q->engine);
		}
		now = now_ns();
	}
	poller_spent(&q->poller, now - start, now);
	q->count->watched += found;
	q->count->watched_ns += now - start;
	return found;
}

/* Wait for an event; an idle queue holds nothing that it can give back. */
static int sleep_idle(struct blk_queue *q)
{
	int err = engine_submit(q->engine, 1, q->holding ? IDLE_NS : 0);

	if (!err && q->holding && !engine_ready(q->engine) && now_ns() - q->turn_ns >= IDLE_NS)
		data_release_idle(q);
	return err;
}

/* 0: no limit keeps anything waiting. Those in a burst need not be woken one by one. */
static uint64_t limit_timeout_ns(const struct blk_queue *q)
{
	uint64_t ns = q->limit_ns > q->turn_ns ? q->limit_ns - q->turn_ns : 0;

	return q->limit_ns ? MAX(ns, LIMIT_NAP_NS) : 0;
}

/*
 * Start what the turn has prepared and sleep until there is a reason for the
 * next one.
 *
 * A deep queue gathers: while transfers come and go, completions are awaited
 * by the handful, and new requests are found in passing, without an event.
 * The limit keeps what waits from waiting long; a turn that found nothing ends
 * the gathering, so that a slow disk costs no CPU.
 */
static int submit_and_sleep(struct blk_queue *q)
{
	uint32_t inflight = ring_inflight(&q->ring);

	/* What was ahead of them has failed at once; they may start now. */
	if (q->waiting.nr > 0 && q->nr_running == 0 && !q->only_limits)
		return engine_submit(q->engine, 0, 0);
	if (q->stopping || q->broken)
		return engine_submit(q->engine, 1, 0);
	if (q->progress && q->nr_running >= GATHER_DEPTH)
		return engine_submit(q->engine, q->nr_running / 4, GATHER_NS);
	if (inflight == 0 && watch_ring(q))
		return engine_submit(q->engine, 0, 0);
	if (ring_arm(&q->ring, 1))
		return engine_submit(q->engine, 0, 0);
	return inflight > 0 ? engine_submit(q->engine, 1, limit_timeout_ns(q)) : sleep_idle(q);
}

void *queue_thread(void *arg)
{
	struct blk_queue *q = arg;
	int err = 0;

	engine_watch(q->engine, TAG_EVENT, evtchn_fd(q->ec));
	engine_watch(q->engine, TAG_STOP, q->stop_fd);
	engine_watch(q->engine, TAG_WAKE, q->wake_fd);
	/* A predecessor may have pushed responses and died before its event:
	 * one for nothing costs the guest less than one that is missing. */
	evtchn_notify(q->ec, q->port);
	while (!err && !(q->stopping && ring_inflight(&q->ring) == 0)) {
		queue_turn(q);
		if (q->stopping && ring_inflight(&q->ring) == 0)
			break;
		err = submit_and_sleep(q);
	}
	if (err) {
		atomic_store(&q->disk->unfinished, true);
		child_failed(err, 0, "I/O engine gave up");
	}
	return NULL;
}
