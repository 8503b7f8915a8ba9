// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Only the status "okay" of a grant copy is success (XSA-316, XSA-318): calls that fail, statuses
 * that were never written, positive and negative ones fail the requests they belong to,
 * and nothing that was not copied reaches the disk or is handed to the guest as read.
 */
#include <errno.h>

#include "blk_case.h"

#define BATCH 16

static uint64_t seed = 17;

/* A batch while something goes wrong; how many requests failed. */
static unsigned int batch(struct disk *d, uint8_t op, unsigned int nr_segments)
{
	struct blkreq req[BATCH];
	struct blkdone done;
	unsigned int failed = 0;

	for (unsigned int i = 0; i < BATCH; i++) {
		req_init(d, &req[i], op, 100 * i + draw(&seed) % 12, i * SEGMENTS, nr_segments, 0,
			 7);
		req_fill(d, &req[i], &seed);
		req_prepare(d, &req[i]);
		blkqueue_submit(d->q, &req[i], i);
	}
	blkqueue_push(d->q);
	while (blkqueue_inflight(d->q) > 0) {
		check(blkqueue_wait(d->q, PATIENCE_MS) == 1, "a request is not answered");
		while (blkqueue_reap(d->q, &done, 1) == 1) {
			failed += done.status == BLKIF_RSP_ERROR;
			/* OKAY has to be right in every byte */
			req_done(d, &req[done.tag], done.status);
		}
	}
	return failed;
}

static void fault(struct disk *d, enum standin_copy_fault kind, int32_t value)
{
	static const uint8_t ops[] = { BLKIF_OP_READ, BLKIF_OP_WRITE, BLKIF_OP_FLUSH_DISKCACHE };

	for (unsigned int i = 0; i < 3; i++) {
		unsigned int failed;

		world_copy_fault(kind, value, 1);
		failed = batch(d, ops[i], 1 + (unsigned int)(draw(&seed) % SEGMENTS));
		check(failed == BATCH, "fault %u, value %d, operation %u: %u of %u failed", kind,
		      value, ops[i], failed, BATCH);
		/* One in five: others in the batch are good, and must be. */
		if (kind != COPY_CALL_FAILS) {
			world_copy_fault(kind, value, 5);
			failed = batch(d, ops[i], 2);
			check(failed >= BATCH * 2 / 5 / 2 && failed <= BATCH / 2,
			      "fault %u in every fifth copy: %u of %u failed", kind, failed, BATCH);
		}
		world_copy_fault(COPY_FINE, 0, 1);
		check(batch(d, ops[i], 3) == 0, "requests fail when all is well again");
	}
}

void blk_case(void)
{
	static const int32_t statuses[] = { 1, 2, 100, INT16_MAX, INT16_MIN, -100 };
	static const int32_t errnos[] = { EFAULT, ENOMEM, EINVAL, EINTR, EAGAIN };
	struct disk d;

	disk_new(&d, MIB, false);
	disk_connect(&d, BLKABI_NATIVE);
	fault(&d, COPY_UNWRITTEN, 0);
	for (unsigned int i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		fault(&d, COPY_STATUS, statuses[i]);
	for (int32_t status = -14; status < 0; status++)
		fault(&d, COPY_STATUS, status);
	for (unsigned int i = 0; i < sizeof(errnos) / sizeof(errnos[0]); i++)
		fault(&d, COPY_CALL_FAILS, errnos[i]);
	disk_works(&d);
	disk_free(&d);
}
