// SPDX-License-Identifier: GPL-2.0-or-later
/* However many bad requests a guest makes, the log has a few lines about them (XSA-180). */
#include "blk_case.h"

#define REQUESTS 200000u
#define LINES_MAX 100u

void blk_case(void)
{
	unsigned int before, lines;
	struct blkdone done;
	struct blkreq req;
	struct disk d;

	disk_new(&d, MIB, false);
	disk_connect(&d, BLKABI_NATIVE);
	disk_works(&d);
	before = daemon_lines(d.dev, NULL);
	for (unsigned int sent = 0; sent < REQUESTS;) {
		while (blkring_room(&d.q->ring) > 0) {
			static const uint8_t ops[] = { BLKIF_OP_READ, BLKIF_OP_WRITE, 77 };

			req_init(&d, &req, ops[sent % 3], 0, 0, 1, 0, 7);
			/* refused, cannot be fetched, not known */
			req.nr_segments = sent % 3 == 0 ? 200 : 1;
			req.segments[0].gref = UINT32_MAX;
			blkqueue_submit(d.q, &req, sent++);
		}
		blkqueue_push(d.q);
		check(blkqueue_wait(d.q, PATIENCE_MS) == 1, "requests are not answered");
		while (blkqueue_reap(d.q, &done, 1) == 1)
			check(done.status != BLKIF_RSP_OKAY, "a bad request is OKAY");
	}
	disk_drain(&d, NULL);
	lines = daemon_lines(d.dev, NULL) - before;
	check(lines > 0, "it is not told at all");
	check(lines <= LINES_MAX, "%u lines about %u requests", lines, REQUESTS);
	disk_free(&d);
}
