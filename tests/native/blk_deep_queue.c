// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A full ring of reads, writes, flushes, barriers and requests that are refused, in random
 * order for some seconds: every answer is the right one, every byte in its place.
 */
#include "blk_case.h"

#define RUN_MS 4000
#define REGION 128u /* sectors that are one slot's own */

static uint64_t seed = 42;
static struct blkreq reqs[BLKFRONT_SLOTS_MAX];
static int16_t expected[BLKFRONT_SLOTS_MAX];
static bool running;

static void data_request(struct disk *d, unsigned int i, uint8_t op)
{
	struct blkreq *req = &reqs[i];

	req_init(d, req, op, 0, i * SEGMENTS, 1 + (unsigned int)(draw(&seed) % SEGMENTS), 0, 7);
	for (unsigned int k = 0; k < req->nr_segments; k++) {
		req->segments[k].first_sect = (uint8_t)(draw(&seed) % 8);
		req->segments[k].last_sect =
			(uint8_t)(req->segments[k].first_sect +
				  draw(&seed) % (8u - req->segments[k].first_sect));
	}
	req->sector = REGION * i + draw(&seed) % (REGION - req_sectors(req) + 1);
	expected[i] = BLKIF_RSP_OKAY;
}

static void choose(struct disk *d, unsigned int i)
{
	switch (draw(&seed) % 16) {
	case 0:
		req_init(d, &reqs[i], BLKIF_OP_FLUSH_DISKCACHE, 0, 0, 0, 0, 0);
		expected[i] = BLKIF_RSP_OKAY;
		break;
	case 1:
		data_request(d, i, i % 2 ? BLKIF_OP_FLUSH_DISKCACHE : BLKIF_OP_WRITE_BARRIER);
		break;
	case 2:
		data_request(d, i, BLKIF_OP_WRITE);
		reqs[i].sector = d->bytes / SECTOR;
		expected[i] = BLKIF_RSP_ERROR;
		break;
	case 3:
		data_request(d, i, BLKIF_OP_WRITE);
		reqs[i].op = UINT8_MAX;
		expected[i] = BLKIF_RSP_EOPNOTSUPP;
		break;
	case 4:
	case 5:
	case 6:
	case 7:
	case 8:
		data_request(d, i, BLKIF_OP_WRITE);
		break;
	default:
		data_request(d, i, BLKIF_OP_READ);
		break;
	}
}

static void start(struct disk *d, unsigned int i)
{
	choose(d, i);
	req_fill(d, &reqs[i], &seed);
	req_prepare(d, &reqs[i]);
	check(blkqueue_submit(d->q, &reqs[i], i) == 0, "the ring is full");
}

static void answered(struct disk *d, const struct blkdone *done)
{
	unsigned int i = (unsigned int)done->tag;

	check(done->status == expected[i], "operation %u answered %d, not %d", done->op,
	      done->status, expected[i]);
	req_done(d, &reqs[i], done->status);
	if (!running)
		return;
	start(d, i);
	/* Sometimes one by one, sometimes many at once. */
	if (draw(&seed) % 4 == 0)
		blkqueue_push(d->q);
}

static void some_seconds(struct disk *d)
{
	int64_t until = now_ms() + RUN_MS / BLKABI_NR;
	struct blkdone done;

	running = true;
	for (unsigned int i = 0; i < d->q->ring.nr_slots; i++)
		start(d, i);
	while (now_ms() < until) {
		blkqueue_push(d->q);
		check(blkqueue_wait(d->q, PATIENCE_MS) == 1, "%u requests are not answered",
		      blkqueue_inflight(d->q));
		while (blkqueue_reap(d->q, &done, 1) == 1) {
			check(!done.strange, "an answer to what was not in flight");
			answered(d, &done);
		}
	}
	running = false;
	blkqueue_push(d->q);
	disk_drain(d, answered);
}

void blk_case(void)
{
	struct disk d;

	disk_new(&d, 32 * REGION * SECTOR, false);
	for (enum blkabi abi = 0; abi < BLKABI_NR; abi++) {
		disk_connect(&d, abi);
		some_seconds(&d);
		disk_close(&d);
		disk_check_image(&d);
	}
	disk_free(&d);
}
