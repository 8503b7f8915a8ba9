// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The indices that the backend writes are the frontend's to read and no more: whatever a guest
 * puts there, requests are taken and answered in order, and the next push sets them right.
 */
#include <string.h>

#include "blk_case.h"

#define BATCH 8
#define ROUNDS 2000

static uint64_t seed = 71;

static void scribble(struct blkring_indices *shared)
{
	atomic_store(&shared->rsp_prod, (uint32_t)draw(&seed));
	atomic_store(&shared->req_event, (uint32_t)draw(&seed));
	atomic_store(&shared->rsp_event, (uint32_t)draw(&seed));
}

/* By the slot itself, as no index can be believed. */
static void await_answer(struct disk *d, uint32_t index, uint64_t id)
{
	const uint64_t *shared = (const void *)blkring_slot(&d->q->ring, index);
	int64_t until = now_ms() + PATIENCE_MS;

	while (__atomic_load_n(shared, __ATOMIC_ACQUIRE) != id)
		check(now_ms() < until, "request %u is not answered", index);
}

static void batch(struct disk *d)
{
	struct blkring *r = &d->q->ring;
	uint64_t ids[BATCH];

	for (unsigned int i = 0; i < BATCH; i++) {
		struct blkreq req;
		struct blkslot slot;

		/* Refused, and so answered in the order they are in. */
		req_init(d, &req, BLKIF_OP_READ, UINT64_MAX, 0, 1, 0, 7);
		req.id = ids[i] = draw(&seed);
		blkslot_encode(r->abi, &req, &slot);
		check(blkqueue_submit_raw(d->q, &slot, 0) == 0, "the ring is full");
	}
	scribble(r->shared);
	blkring_push(r);
	blkqueue_notify(d->q);
	for (unsigned int i = 0; i < BATCH; i++)
		await_answer(d, r->rsp_cons + i, ids[i]);
	scribble(r->shared);
	r->rsp_cons += BATCH;
	memset(d->q->pending, 0, sizeof(d->q->pending));
	d->q->count.answered += BATCH;
	d->q->count.failed += BATCH;
}

void blk_case(void)
{
	int64_t until = now_ms() + PATIENCE_MS;
	struct disk d;

	disk_new(&d, MIB, false);
	disk_connect(&d, BLKABI_NATIVE);
	for (unsigned int i = 0; i < ROUNDS; i++)
		batch(&d);
	/* One more, undisturbed; until its push the index may still be ours. */
	atomic_store(&d.q->ring.shared->rsp_prod, d.q->ring.rsp_cons);
	atomic_store(&d.q->ring.shared->req_event, d.q->ring.req_prod + 1);
	disk_works(&d);
	check(d.q->ring.shared->rsp_prod == d.q->ring.req_prod, "rsp_prod is wrong");
	check(now_ms() < until, "it took %u ms", (unsigned int)(now_ms() - until + PATIENCE_MS));
	disk_free(&d);
}
