// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A request index that cannot be (CVE-2010-4247) stops that device: error node, state 5, worker
 * gone, nothing mapped. What was in flight does not change the image beyond what it may,
 * and the other disk of the guest goes on. A new life of the device works.
 */
#include <errno.h>
#include <string.h>

#include "blk_case.h"

/* A jump from where requests and answers stand. */
static void jump(struct disk *d, struct disk *other, uint32_t by)
{
	char text[256];

	disk_connect(d, BLKABI_NATIVE);
	disk_works(d);
	atomic_store(&d->q->ring.shared->req_prod, d->q->ring.req_prod + by);
	blkqueue_notify(d->q);
	disk_wait_stopped(d);
	disk_error(d, text, sizeof(text));
	check(strstr(text, "ring"), "error node after a jump by %u: %s", by, text);
	check(d->q->ring.shared->rsp_prod == d->q->ring.rsp_cons,
	      "answers to requests that were not made");
	disk_works(other);
	disk_close(d);
}

/* The same with a ring full of reads: each is answered, or was not taken. */
static void jump_in_flight(struct disk *d, struct disk *other)
{
	uint32_t slots = d->q->ring.nr_slots, answered;
	struct blkreq req;

	for (uint32_t i = 0; i < slots; i++) {
		req_init(d, &req, BLKIF_OP_READ, 8 * i, i, 1, 0, 7);
		blkqueue_submit(d->q, &req, i);
	}
	blkqueue_push(d->q);
	atomic_store(&d->q->ring.shared->req_prod, d->q->ring.req_prod + slots + 1);
	blkqueue_notify(d->q);
	disk_wait_stopped(d);
	answered = d->q->ring.shared->rsp_prod - d->q->ring.rsp_cons;
	check(answered <= slots, "%u answers to %u requests", answered, slots);
	disk_works(other);
}

/* Before the backend has ever looked: the worker does not even begin. */
static void broken_from_the_start(struct disk *d, struct disk *other)
{
	struct blkfront_conf conf = { 0 };
	char text[256];
	int err = blkfront_prepare(d->domid, d->devid, &conf, &d->front);

	check(err == 0, "cannot prepare: %s", strerror(-err));
	d->q = blkfront_queue(d->front, 0);
	atomic_store(&d->q->ring.shared->req_prod, d->q->ring.nr_slots + 1);
	err = blkfront_connect(d->front);
	check(err == -ECONNRESET, "connected with an impossible ring (%s)", strerror(-err));
	disk_error(d, text, sizeof(text));
	check(strstr(text, "ring"), "error node: %s", text);
	disk_works(other);
	disk_close(d);
}

void blk_case(void)
{
	struct disk d, other;
	uint32_t slots;

	disk_new(&d, MIB, false);
	disk_add(&other, &d, MIB, false);
	disk_connect(&other, BLKABI_NATIVE);
	slots = other.q->ring.nr_slots;
	broken_from_the_start(&d, &other);
	jump(&d, &other, slots + 1);
	jump(&d, &other, slots * 2);
	jump(&d, &other, 1u << 31);
	jump(&d, &other, (1u << 31) + slots);
	jump(&d, &other, UINT32_MAX); /* back by one */
	jump(&d, &other, -slots);
	jump(&d, &other, -slots - 1);
	disk_connect(&d, BLKABI_NATIVE);
	disk_works(&d);
	jump_in_flight(&d, &other);
	disk_abandon(&d);
	disk_free(&other);
}
