// SPDX-License-Identifier: GPL-2.0-or-later
/* Rings of 1, 2, 4, 8 and 16 pages, filled to the last slot, in any ABI. */
#include "blk_case.h"

static struct blkreq req[BLKFRONT_SLOTS_MAX];

static void full_ring(struct disk *d, uint8_t op)
{
	static uint64_t seed = 91;

	for (unsigned int i = 0; i < d->q->ring.nr_slots; i++) {
		req_init(d, &req[i], op, 8 * i, i, 1, 0, 7);
		req_fill(d, &req[i], &seed);
		req_prepare(d, &req[i]);
		check(blkqueue_submit(d->q, &req[i], i) == 0, "no room in slot %u", i);
	}
	check(blkring_room(&d->q->ring) == 0, "the ring is not full");
	blkqueue_push(d->q);
	disk_drain(d, NULL);
	check(d->q->count.failed == 0, "requests failed");
	for (unsigned int i = 0; i < d->q->ring.nr_slots; i++)
		req_done(d, &req[i], BLKIF_RSP_OKAY);
}

void blk_case(void)
{
	struct disk d;

	disk_new(&d, 2 * MIB, false);
	for (unsigned int order = 0; order <= 4; order++) {
		for (enum blkabi abi = 0; abi < BLKABI_NR; abi++) {
			struct blkfront_conf conf = { .abi = abi,
						      .ring_order = order,
						      .nr_pages = BLKFRONT_SLOTS_MAX };

			disk_connect_as(&d, &conf);
			check(d.q->ring.nr_slots == 32u << order, "%u slots in ring order %u",
			      d.q->ring.nr_slots, order);
			for (unsigned int round = 0; round < 6; round++)
				full_ring(&d, round % 2 ? BLKIF_OP_READ : BLKIF_OP_WRITE);
			disk_close(&d);
		}
	}
	disk_free(&d);
}
