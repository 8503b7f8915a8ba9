// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A response is what the protocol says and no more: id and operation are echoed, padding is
 * zero, and the rest of the slot holds what the guest itself has put there (XSA-216).
 */
#include <string.h>

#include "blk_case.h"

static uint64_t seed = 31;

static void one(struct disk *d, struct blkreq *req, int16_t status)
{
	const struct blkabi_layout *at = blkabi_layout(d->q->ring.abi);
	struct blkslot slot;
	struct blkdone done;
	uint64_t id = draw(&seed);
	uint8_t expected[12] = { 0 };

	blkslot_encode(d->q->ring.abi, req, &slot);
	memcpy(slot.bytes + at->id, &id, sizeof(id));
	/* Unused parts of the request: something to recognize. */
	if (req->op != BLKIF_OP_INDIRECT)
		memset(slot.bytes + 2, 0x5a, 2);
	if (at->id > 4)
		memset(slot.bytes + 4, 0x5a, 4);
	blkqueue_submit_raw(d->q, &slot, 0);
	blkqueue_push(d->q);
	check(blkqueue_wait(d->q, PATIENCE_MS) == 1 && blkqueue_reap(d->q, &done, 1) == 1,
	      "no answer");
	memcpy(expected, &id, sizeof(id));
	expected[8] = blkslot_op(&slot);
	memcpy(expected + 10, &status, sizeof(status));
	check(memcmp(done.slot.bytes, expected, sizeof(expected)) == 0,
	      "operation %u: answer %d instead of %d, or padding of %#x", req->op, done.status,
	      status, done.slot.bytes[9]);
	check(memcmp(done.slot.bytes + 12, slot.bytes + 12, at->slot_size - 12) == 0,
	      "operation %u: the slot's rest is not the guest's any more", req->op);
}

void blk_case(void)
{
	struct blkreq req;
	struct disk d;

	disk_new(&d, MIB, false);
	for (enum blkabi abi = 0; abi < BLKABI_NR; abi++) {
		disk_connect(&d, abi);
		for (unsigned int round = 0; round < 100; round++) {
			req_init(&d, &req, BLKIF_OP_READ, round, 0, 1 + round % SEGMENTS, 0, 7);
			one(&d, &req, BLKIF_RSP_OKAY);
			req.sector = UINT64_MAX;
			one(&d, &req, BLKIF_RSP_ERROR);
			req_init(&d, &req, BLKIF_OP_READ, round, 0, 1, 0, 7);
			req.segments[0].gref = UINT32_MAX;
			one(&d, &req, BLKIF_RSP_ERROR);
			req_init(&d, &req, (uint8_t)(BLKIF_OP_INDIRECT + 1 + round), 0, 0, 1, 0, 7);
			one(&d, &req, BLKIF_RSP_EOPNOTSUPP);
			req_init(&d, &req, BLKIF_OP_FLUSH_DISKCACHE, 0, 0, 0, 0, 0);
			one(&d, &req, BLKIF_RSP_OKAY);
			/* Its answer names the operation inside: Linux' frontend compares with that. */
			req_init_indirect(&d, &req, BLKIF_OP_READ, round, 0, 1, 1 + round);
			one(&d, &req, BLKIF_RSP_OKAY);
			req.indirect_gref = UINT32_MAX;
			one(&d, &req, BLKIF_RSP_ERROR);
			req.inner = BLKIF_OP_FLUSH_DISKCACHE;
			one(&d, &req, BLKIF_RSP_ERROR);
			req_init_discard(&req, UINT64_MAX, 1);
			one(&d, &req, BLKIF_RSP_ERROR);
			req_init(&d, &req, BLKIF_OP_WRITE_BARRIER, 0, 0, 0, 0, 0);
			one(&d, &req, BLKIF_RSP_OKAY);
		}
		disk_close(&d);
	}
	disk_free(&d);
}
