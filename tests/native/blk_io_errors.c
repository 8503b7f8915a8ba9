// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A block device that fails (here: what lies below it has lost its end) answers errors
 * for the requests that it fails, one by one; all is well again when it is.
 */
#include <unistd.h>

#include "blk_loop.h"

#define HALF (MIB / 2 / SECTOR)

/* Reads of the good and the bad half, in turns; how many failed. */
static unsigned int mixed_reads(struct disk *d)
{
	struct blkreq req[32];
	struct blkdone done;
	unsigned int failed = 0;

	for (unsigned int i = 0; i < 32; i++) {
		req_init(d, &req[i], BLKIF_OP_READ, (i % 2 ? HALF : 0) + 16 * i, i, 1, 0, 7);
		req_prepare(d, &req[i]);
		blkqueue_submit(d->q, &req[i], i);
	}
	blkqueue_push(d->q);
	while (blkqueue_inflight(d->q) > 0) {
		check(blkqueue_wait(d->q, PATIENCE_MS) == 1, "no answer");
		while (blkqueue_reap(d->q, &done, 1) == 1) {
			check(done.tag % 2 || done.status == BLKIF_RSP_OKAY,
			      "a read of the good half failed");
			failed += done.status == BLKIF_RSP_ERROR;
			req_done(d, &req[done.tag], done.status);
		}
	}
	return failed;
}

void blk_case(void)
{
	struct disk d;

	disk_new_device(&d, MIB, 512);
	disk_connect(&d, BLKABI_NATIVE);
	disk_works(&d);
	check(mixed_reads(&d) == 0, "it fails from the start");
	disk_drop_caches();
	disk_learn(&d, 0, MIB / SECTOR);
	check(truncate(d.image, MIB / 2) == 0, "truncate");
	disk_drop_caches();
	check(mixed_reads(&d) == 16, "not all reads of what is lost have failed");
	check(truncate(d.image, MIB) == 0, "truncate");
	disk_drop_caches();
	disk_learn(&d, 0, MIB / SECTOR);
	check(mixed_reads(&d) == 0, "it still fails");
	disk_works(&d);
	disk_free_device(&d);
}
