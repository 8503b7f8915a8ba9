// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which of the requests that wait may start now.
 *
 * They start in the order of the ring, but for this: reads that a limit keeps
 * waiting do not hold up writes, nor the other way round. Nothing passes a
 * barrier, and a barrier passes nothing. A flush, a barrier and a discard count as a
 * write; a flush without data and a discard move no bytes.
 *
 * A queue that is to stop starts all it has: what was taken is answered, and soon.
 */
#include <string.h>

#include "base/util.h"
#include "queue_priv.h"

/* How long each direction has to wait; 0: not at all. */
struct waits {
	bool limited;
	uint64_t ns[2]; /* reads, writes */
};

static bool is_write(const struct request *r)
{
	return r->req.kind != BLK_REQ_READ;
}

/* Does a limit keep it? The first of a direction that is kept keeps those behind it. */
static bool is_kept(struct blk_queue *q, struct waits *w, struct request *r)
{
	bool write = is_write(r);

	if (!w->limited)
		return false;
	if (w->ns[write] == 0) {
		struct disk *d = q->disk;

		w->ns[write] = MAX(throttle_wait_ns(&d->own_limits, write, q->turn_ns),
				   throttle_wait_ns(&d->guest_limits, write, q->turn_ns));
	}
	if (w->ns[write] == 0)
		return false;
	q->count->throttled += !r->kept;
	r->kept = true;
	return true;
}

static void charge(struct blk_queue *q, const struct request *r)
{
	uint64_t bytes = blk_has_data(&r->req) ? r->req.len : 0;

	throttle_charge(&q->disk->own_limits, is_write(r), bytes, q->turn_ns);
	throttle_charge(&q->disk->guest_limits, is_write(r), bytes, q->turn_ns);
}

/* But for limits: may it start? */
static bool may_start(struct blk_queue *q, struct request *r)
{
	bool barrier = r->req.kind == BLK_REQ_BARRIER;

	if (q->barrier || (barrier && q->nr_running + q->admitted.nr > 0))
		return false;
	if (data_attach(q, r) != 0)
		return false;
	q->barrier = barrier;
	return true;
}

enum fate { START, KEEP, HALT };

static enum fate fate_of(struct blk_queue *q, struct waits *w, struct request *r, unsigned int kept)
{
	bool barrier = r->req.kind == BLK_REQ_BARRIER, limited = is_kept(q, w, r);

	if (barrier && (limited || kept > 0))
		return HALT;
	if (limited)
		return KEEP;
	if (may_start(q, r))
		return START;
	q->only_limits = false;
	return HALT;
}

/* When the first of those that are kept may start; 0: none is. */
static uint64_t first_start_ns(const struct blk_queue *q, const struct waits *w)
{
	uint64_t ns = w->ns[0] && w->ns[1] ? MIN(w->ns[0], w->ns[1]) : w->ns[0] + w->ns[1];

	return ns ? q->turn_ns + ns : 0;
}

void queue_admit(struct blk_queue *q)
{
	struct waits waits = { .limited = !q->stopping && !q->broken && disk_is_limited(q->disk) };
	enum fate fate = START;
	struct batch *w = &q->waiting;
	unsigned int kept = 0, i;

	q->admitted.nr = 0;
	q->only_limits = true;
	for (i = 0; i < w->nr && fate != HALT; i++) {
		struct request *r = batch_at(q, w, i);

		fate = fate_of(q, &waits, r, kept);
		if (fate == START)
			batch_add(&q->admitted, w->index[i]);
		else
			w->index[kept++] = w->index[i];
		if (fate == START && waits.limited)
			charge(q, r);
	}
	q->limit_ns = first_start_ns(q, &waits);
	memmove(w->index + kept, w->index + i, (w->nr - i) * sizeof(w->index[0]));
	w->nr -= i - kept;
}
