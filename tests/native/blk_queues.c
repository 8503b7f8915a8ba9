// SPDX-License-Identifier: GPL-2.0-or-later
/* Two rings of one disk, both full of reads and writes in random order: every byte in its place. */
#include <errno.h>
#include <string.h>

#include "blk_case.h"

#define RUN_MS 3000
#define RINGS 2u
#define REGION 128u /* sectors that are one slot's own */

static uint64_t seed = 113;
static struct blkreq reqs[RINGS][BLKFRONT_SLOTS_MAX];
static bool running = true;

static void start(struct disk *d, unsigned int ring, unsigned int slot)
{
	unsigned int nr_slots = d->q->ring.nr_slots, place = ring * nr_slots + slot;
	struct blkreq *req = &reqs[ring][slot];

	req_init(d, req, draw(&seed) % 2 ? BLKIF_OP_READ : BLKIF_OP_WRITE, 0, place * SEGMENTS,
		 1 + (unsigned int)(draw(&seed) % SEGMENTS), 0, 7);
	req->sector = REGION * place + draw(&seed) % (REGION - req_sectors(req) + 1);
	if (req->op == BLKIF_OP_WRITE)
		req_fill(d, req, &seed);
	req_prepare(d, req);
	check(blkqueue_submit(blkfront_queue(d->front, ring), req, slot) == 0, "the ring is full");
}

static unsigned int take(struct disk *d, unsigned int ring)
{
	struct blkqueue *q = blkfront_queue(d->front, ring);
	struct blkdone done;
	unsigned int nr = 0;

	for (; blkqueue_reap(q, &done, 1) == 1; nr++) {
		check(!done.strange && done.status == BLKIF_RSP_OKAY, "answered %d in ring %u",
		      done.status, ring);
		req_done(d, &reqs[ring][done.tag], done.status);
		if (running)
			start(d, ring, (unsigned int)done.tag);
	}
	blkqueue_push(q);
	return nr;
}

static void some_seconds(struct disk *d)
{
	int64_t until = now_ms() + RUN_MS, patience = until + PATIENCE_MS;
	unsigned int nr[RINGS] = { 0 };

	for (unsigned int ring = 0; ring < RINGS; ring++) {
		for (unsigned int i = 0; i < d->q->ring.nr_slots; i++)
			start(d, ring, i);
		blkqueue_push(blkfront_queue(d->front, ring));
	}
	for (unsigned int ring = 0; running || blkqueue_inflight(blkfront_queue(d->front, 0)) ||
				    blkqueue_inflight(blkfront_queue(d->front, 1));
	     ring = 1 - ring) {
		/* Half of the time for the events of this one, then the other's turn. */
		blkqueue_wait(blkfront_queue(d->front, ring), 2);
		nr[ring] += take(d, ring);
		running = now_ms() < until;
		check(now_ms() < patience, "not all requests are answered");
	}
	check(nr[0] > 1000 && nr[1] > 1000, "%u and %u requests", nr[0], nr[1]);
}

void blk_case(void)
{
	struct blkfront_conf conf = { .nr_queues = RINGS };
	struct disk d;
	int err;

	disk_new(&d, 2 * 32 * REGION * SECTOR, false);
	err = blkfront_open(d.domid, d.devid, &conf, &d.front);
	if (err == -ERANGE)
		skip("the backend offers one ring: there is one processor");
	check(err == 0, "cannot connect: %s", strerror(-err));
	d.q = blkfront_queue(d.front, 0);
	some_seconds(&d);
	disk_free(&d);
}
