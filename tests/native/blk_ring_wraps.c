// SPDX-License-Identifier: GPL-2.0-or-later
/* Indices go beyond 2^32, and a full ring is no broken ring, in any ABI. */
#include <string.h>

#include "blk_case.h"

static void start_near_the_end(struct disk *d, enum blkabi abi)
{
	struct blkfront_conf conf = { .abi = abi };
	struct blkring *r;
	int err = blkfront_prepare(d->domid, d->devid, &conf, &d->front);

	check(err == 0, "cannot prepare: %s", strerror(-err));
	d->q = blkfront_queue(d->front, 0);
	r = &d->q->ring;
	r->req_prod = r->req_pushed = r->rsp_cons = UINT32_MAX - 5 * r->nr_slots;
	atomic_store(&r->shared->req_prod, r->req_prod);
	atomic_store(&r->shared->rsp_prod, r->req_prod);
	atomic_store(&r->shared->req_event, r->req_prod + 1);
	atomic_store(&r->shared->rsp_event, r->req_prod + 1);
	err = blkfront_connect(d->front);
	check(err == 0, "cannot connect: %s", strerror(-err));
}

void blk_case(void)
{
	struct blkreq req[BLKFRONT_SLOTS_MAX];
	uint64_t seed = 8;
	struct disk d;

	disk_new(&d, MIB, false);
	for (enum blkabi abi = 0; abi < BLKABI_NR; abi++) {
		start_near_the_end(&d, abi);
		for (unsigned int round = 0; round < 10; round++) {
			for (unsigned int i = 0; blkring_room(&d.q->ring) > 0; i++) {
				req_init(&d, &req[i], round % 2 ? BLKIF_OP_READ : BLKIF_OP_WRITE,
					 16 * i, i, 1, 0, 7);
				req_fill(&d, &req[i], &seed);
				req_prepare(&d, &req[i]);
				blkqueue_submit(d.q, &req[i], i);
			}
			blkqueue_push(d.q);
			disk_drain(&d, NULL);
			for (unsigned int i = 0; i < d.q->ring.nr_slots; i++)
				req_done(&d, &req[i], BLKIF_RSP_OKAY);
			check(d.q->count.failed == 0, "requests failed");
		}
		check(d.q->ring.req_prod < UINT32_MAX / 2, "the indices did not wrap");
		disk_close(&d);
	}
	disk_free(&d);
}
