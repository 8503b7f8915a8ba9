// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An image that loses its end while it is served: what is not there any more is an error, the
 * rest is served as before, and all of it again when it has come back.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "blk_case.h"

static void resize(const struct disk *d, uint64_t bytes)
{
	check(truncate(d->image, (off_t)bytes) == 0, "cannot truncate %s", d->image);
}

static void read_page(struct disk *d, uint64_t sector, int16_t status)
{
	struct blkreq req;

	req_init(d, &req, BLKIF_OP_READ, sector, 0, 1, 0, 7);
	disk_expect(d, &req, status);
}

void blk_case(void)
{
	uint64_t half = MIB / 2 / SECTOR, seed = 3;
	struct blkreq req, mixed[16];
	struct blkdone done;
	struct disk d;

	disk_new(&d, MIB, false);
	disk_connect(&d, BLKABI_NATIVE);
	resize(&d, MIB / 2);
	read_page(&d, half, BLKIF_RSP_ERROR);
	read_page(&d, half + 100, BLKIF_RSP_ERROR);
	read_page(&d, half - 4, BLKIF_RSP_ERROR); /* half of it is there */
	read_page(&d, half - 8, BLKIF_RSP_OKAY);
	for (unsigned int i = 0; i < 16; i++) {
		req_init(&d, &mixed[i], BLKIF_OP_READ, half - 8 + 8 * (i % 2), i, 1, 0, 7);
		req_prepare(&d, &mixed[i]);
		blkqueue_submit(d.q, &mixed[i], i);
	}
	blkqueue_push(d.q);
	while (blkqueue_inflight(d.q) > 0) {
		check(blkqueue_wait(d.q, PATIENCE_MS) == 1, "no answer");
		while (blkqueue_reap(d.q, &done, 1) == 1) {
			check(done.status == (done.tag % 2 ? BLKIF_RSP_ERROR : BLKIF_RSP_OKAY),
			      "request %u of a mixed batch", (unsigned int)done.tag);
			req_done(&d, &mixed[done.tag], done.status);
		}
	}
	resize(&d, MIB);
	memset(d.model + MIB / 2, 0, MIB / 2);
	read_page(&d, half - 4, BLKIF_RSP_OKAY);
	req_init(&d, &req, BLKIF_OP_WRITE, half, 0, SEGMENTS, 0, 7);
	req_fill(&d, &req, &seed);
	disk_expect(&d, &req, BLKIF_RSP_OKAY);
	disk_works(&d);
	disk_free(&d);
}
