// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A frontend that closes with a full ring: the worker is told to stop, answers
 * what it has taken, each request once, and ends; nothing stays mapped.
 */
#include "blk_case.h"

void blk_case(void)
{
	uint64_t seed = 37;
	struct disk d;

	disk_new(&d, 4 * MIB, false);
	for (unsigned int round = 0; round < 20; round++) {
		struct blkreq req[BLKFRONT_SLOTS_MAX];
		struct blkdone done;

		disk_connect(&d, (enum blkabi)(round % BLKABI_NR));
		for (unsigned int i = 0; i < d.q->ring.nr_slots; i++) {
			req_init(&d, &req[i], BLKIF_OP_WRITE, 88 * i, i * SEGMENTS, SEGMENTS, 0, 7);
			req_fill(&d, &req[i], &seed);
			blkqueue_submit(d.q, &req[i], i);
		}
		blkqueue_push(d.q);
		check(front_set_state(d.front->bus, XenbusStateClosed) == 0, "state 6");
		check(front_wait_backend(d.front->bus, FRONT_STATE(XenbusStateClosed),
					 PATIENCE_MS) == 0,
		      "the backend does not close");
		disk_wait_no_worker(&d);
		while (blkqueue_reap(d.q, &done, 1) == 1) {
			check(!done.strange && done.status == BLKIF_RSP_OKAY, "a wrong answer");
			req_done(&d, &req[done.tag], done.status);
		}
		/* What was not taken was not done either; the rest has its answer. */
		d.q->count.submitted = d.q->count.answered;
		disk_close(&d);
		disk_check_image(&d);
	}
	disk_free(&d);
}
