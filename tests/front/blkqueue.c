// SPDX-License-Identifier: GPL-2.0-or-later
/* A block frontend: requests and answers of one queue. */
#include "blkfront.h"

#include <errno.h>
#include <string.h>

/* Index in the table of what is in flight, in the low bits of an id. */
#define INDEX_BITS 16

static struct blkpending *free_pending(struct blkqueue *q)
{
	for (unsigned int i = 0; i < q->ring.nr_slots; i++)
		if (!q->pending[(q->serial + i) % q->ring.nr_slots].used)
			return &q->pending[(q->serial + i) % q->ring.nr_slots];
	return NULL;
}

static struct blkpending *find_pending(struct blkqueue *q, uint64_t id)
{
	uint64_t index = id & ((1u << INDEX_BITS) - 1);

	if (index < q->ring.nr_slots && q->pending[index].used && q->pending[index].id == id)
		return &q->pending[index];
	for (unsigned int i = 0; i < q->ring.nr_slots; i++)
		if (q->pending[i].used && q->pending[i].id == id)
			return &q->pending[i];
	return NULL;
}

static void put(struct blkqueue *q, struct blkpending *p, const struct blkslot *slot, uint64_t tag)
{
	*p = (struct blkpending){
		.used = true,
		.op = blkslot_op(slot),
		.id = blkslot_id(q->ring.abi, slot),
		.tag = tag,
	};
	blkring_put(&q->ring, slot);
	q->count.submitted++;
}

int blkqueue_submit(struct blkqueue *q, struct blkreq *req, uint64_t tag)
{
	struct blkpending *p = free_pending(q);
	struct blkslot slot;

	if (!p || blkring_room(&q->ring) == 0)
		return -EAGAIN;
	req->id = (uint64_t)(++q->serial) << INDEX_BITS | (uint64_t)(p - q->pending);
	blkslot_encode(q->ring.abi, req, &slot);
	put(q, p, &slot, tag);
	return 0;
}

int blkqueue_submit_raw(struct blkqueue *q, const struct blkslot *slot, uint64_t tag)
{
	struct blkpending *p = free_pending(q);

	if (!p || blkring_room(&q->ring) == 0)
		return -EAGAIN;
	put(q, p, slot, tag);
	return 0;
}

int blkqueue_notify(struct blkqueue *q)
{
	q->count.sent++;
	return guest_notify(q->events, q->port);
}

int blkqueue_push(struct blkqueue *q)
{
	return blkring_push(&q->ring) ? blkqueue_notify(q) : 0;
}

unsigned int blkqueue_inflight(const struct blkqueue *q)
{
	return (unsigned int)(q->count.submitted - q->count.answered);
}

static void take_down(struct blkqueue *q, struct blkdone *done)
{
	struct blkpending *p;
	struct blkrsp rsp;

	memcpy(&rsp, done->slot.bytes, offsetof(struct blkrsp, status) + sizeof(rsp.status));
	done->id = rsp.id;
	done->op = rsp.op;
	done->status = rsp.status;
	done->tag = 0;
	p = find_pending(q, rsp.id);
	done->strange = !p || p->op != rsp.op;
	if (done->strange)
		q->count.strange++;
	if (!p)
		return;
	done->tag = p->tag;
	p->used = false;
	q->count.answered++;
	q->count.failed += rsp.status != BLKIF_RSP_OKAY;
}

unsigned int blkqueue_reap(struct blkqueue *q, struct blkdone *done, unsigned int max)
{
	unsigned int nr = 0;

	while (nr < max && blkring_take(&q->ring, &done[nr].slot))
		take_down(q, &done[nr++]);
	return nr;
}

bool blkqueue_arm(struct blkqueue *q)
{
	q->count.armed++;
	return blkring_arm(&q->ring);
}

int blkqueue_take_event(struct blkqueue *q)
{
	uint32_t ports[4];
	int nr = guest_events_take(q->events, ports, 4);

	if (nr > 0)
		q->count.received += (unsigned int)nr;
	return nr < 0 ? nr : 0;
}

int blkqueue_wait(struct blkqueue *q, int timeout_ms)
{
	int ret = 1;

	while (!blkqueue_arm(q)) {
		q->count.slept++;
		ret = guest_events_wait(q->events, timeout_ms);
		if (ret <= 0)
			break;
		q->count.received++;
	}
	return ret;
}

int blkqueue_do(struct blkqueue *q, struct blkreq *req)
{
	struct blkdone done;
	int err = blkqueue_submit(q, req, 0);

	if (!err)
		err = blkqueue_push(q);
	while (!err) {
		int ret = blkqueue_wait(q, BLKFRONT_PATIENCE_MS);

		if (ret <= 0)
			err = ret < 0 ? ret : -ETIMEDOUT;
		else if (blkqueue_reap(q, &done, 1) == 1 && done.id == req->id)
			return done.status;
	}
	return BLKFRONT_NO_ANSWER(err);
}
