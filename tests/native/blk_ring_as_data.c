// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guest that has its own ring overwritten by a read hurts itself alone: its worker neither
 * crashes nor hangs, the device can be closed, and others are served.
 */
#include "blk_case.h"

static void read_over_ring(struct disk *d, unsigned int requests)
{
	struct blkreq req;

	for (unsigned int i = 0; i < requests; i++) {
		req_init(d, &req, BLKIF_OP_READ, 8 * i, 0, 1, 0, 7);
		req.segments[0].gref = d->q->refs[0];
		blkqueue_submit(d->q, &req, i);
	}
	blkqueue_push(d->q);
	sleep_ms(100);
}

void blk_case(void)
{
	struct disk d, other;

	disk_new(&other, MIB, false);
	disk_connect(&other, BLKABI_NATIVE);
	disk_new(&d, MIB, false);
	for (unsigned int requests = 1; requests <= 32; requests *= 2) {
		disk_connect(&d, BLKABI_NATIVE);
		read_over_ring(&d, requests);
		disk_works(&other);
		check(blkfront_close(d.front) == 0, "it cannot be closed");
		disk_wait_no_worker(&d);
	}
	check(daemon_lines("killed by", NULL) == 0, "a worker crashed");
	check(daemon_lines("did not stop", NULL) == 0, "a worker hung");
	disk_free(&other);
}
