// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Neighbours on the disk whose pages are not neighbours in the guest, or are in the wrong order,
 * are never taken for one piece of memory (XSA-229): each sector of each request has its
 * own data, whichever way they go and whether pages are copied or mapped.
 */
#include "blk_case.h"

#define REQUESTS 16u
#define PAGES (REQUESTS * SEGMENTS)

static uint64_t seed = 229;

/* Pages in no order, those of one request mixed with those of the others; no page twice. */
static void shuffle(unsigned int *pages)
{
	for (unsigned int i = 0; i < PAGES; i++)
		pages[i] = i;
	for (unsigned int i = PAGES - 1; i > 0; i--) {
		unsigned int other = (unsigned int)(draw(&seed) % (i + 1)), page = pages[i];

		pages[i] = pages[other];
		pages[other] = page;
	}
}

/* All of them at once, one behind the other on the disk. */
static void stretch(struct disk *d, uint8_t op)
{
	struct blkreq req[REQUESTS];
	unsigned int pages[PAGES];
	struct blkdone done;

	shuffle(pages);
	for (unsigned int i = 0; i < REQUESTS; i++) {
		req_init(d, &req[i], op, 8 * SEGMENTS * i, 0, SEGMENTS, 0, 7);
		for (unsigned int s = 0; s < SEGMENTS; s++)
			req[i].segments[s] =
				blkpage_segment(&d->front->pages[pages[i * SEGMENTS + s]],
						op == BLKIF_OP_READ || d->front->conf.persistent, 0,
						7);
		req_fill(d, &req[i], &seed);
		req_prepare(d, &req[i]);
		check(blkqueue_submit(d->q, &req[i], i) == 0, "the ring is full");
	}
	blkqueue_push(d->q);
	while (blkqueue_inflight(d->q) > 0) {
		check(blkqueue_wait(d->q, PATIENCE_MS) == 1, "a request is not answered");
		while (blkqueue_reap(d->q, &done, 1) == 1) {
			check(done.status == BLKIF_RSP_OKAY, "a request failed");
			req_done(d, &req[done.tag], done.status);
		}
	}
}

void blk_case(void)
{
	struct disk d;

	disk_new(&d, MIB, false);
	for (unsigned int persistent = 0; persistent < 2; persistent++) {
		struct blkfront_conf conf = { .persistent = persistent != 0 };

		disk_connect_as(&d, &conf);
		for (unsigned int i = 0; i < 30; i++)
			stretch(&d, i % 2 ? BLKIF_OP_WRITE : BLKIF_OP_READ);
		disk_close(&d);
		disk_check_image(&d);
	}
	disk_free(&d);
}
