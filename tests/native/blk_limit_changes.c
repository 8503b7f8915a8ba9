// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A limit takes effect while requests wait for the old one, and while the disk is busy; a key that
 * is removed lifts it; those who waited need not wait any longer.
 */
#include "blk_limit.h"

/* At one a second they would take half a minute. */
static void lifted_under_load(struct disk *d)
{
	static struct blkreq req[32];
	int64_t start;

	limit_set(d, BLK_LIMIT_READ_IOPS, 1);
	for (unsigned int i = 0; i < 32; i++) {
		req_init(d, &req[i], BLKIF_OP_READ, i * 8, i, 1, 0, 7);
		check(blkqueue_submit(d->q, &req[i], i) == 0, "the ring is full");
	}
	blkqueue_push(d->q);
	sleep_ms(300);
	check(blkqueue_inflight(d->q) >= 30, "%u of 32 wait", blkqueue_inflight(d->q));
	start = now_ms();
	limit_set(d, BLK_LIMIT_READ_IOPS, 0);
	disk_drain(d, NULL);
	check(now_ms() - start < 1000, "they waited on for %d ms", (int)(now_ms() - start));
}

void blk_case(void)
{
	struct disk d;
	struct load l;

	disk_new(&d, MIB, false);
	disk_connect(&d, BLKABI_NATIVE);
	load_init(&l, &d, 0, BLKIF_OP_READ);
	check(load_one(&l, 500) > 400, "without a limit: %u in half a second", l.answered);
	limit_write(&d, "limit-read-iops-burst", "10");
	limit_set(&d, BLK_LIMIT_READ_IOPS, 400);
	expect_one_about("400 a second", &l, 1000, 400);
	limit_set(&d, BLK_LIMIT_READ_IOPS, 300);
	expect_one_about("300 a second", &l, 1000, 300);
	lifted_under_load(&d);
	check(load_one(&l, 500) > 400, "without a limit again: %u in half a second", l.answered);
	disk_free(&d);
}
