// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A barrier in a full ring: what was sent before it is answered before it, what was
 * sent after it after it, and of writes to one sector on both sides of it the last
 * one stays (xen/io/blkif.h).
 */
#include "blk_case.h"

#define SLOTS 32u
#define ROUNDS 150

static uint64_t seed = 73;
static struct blkreq req[SLOTS];
static unsigned int nr_answered;
static bool answered[SLOTS];

static bool is_barrier(unsigned int i)
{
	return req[i].op == BLKIF_OP_WRITE_BARRIER;
}

static void in_order(struct disk *d, const struct blkdone *done)
{
	unsigned int i = (unsigned int)done->tag;

	check(done->status == BLKIF_RSP_OKAY, "request %u answered %d", i, done->status);
	answered[i] = true;
	nr_answered++;
	if (is_barrier(i))
		check(nr_answered == i + 1, "barrier %u is answer %u", i, nr_answered);
	for (unsigned int k = 0; k < i; k++)
		check(answered[k] || !is_barrier(k), "request %u is answered before barrier %u", i,
		      k);
}

/* Writes to few places, with a barrier between any two to the same one. */
static void choose(struct disk *d, unsigned int i)
{
	unsigned int place = i % 8;

	if (i % 8 == 7 && draw(&seed) % 2) {
		req_init(d, &req[i], BLKIF_OP_WRITE_BARRIER, 0, 0, 0, 0, 0);
		return;
	}
	req_init(d, &req[i], i % 8 == 7 ? BLKIF_OP_WRITE_BARRIER : BLKIF_OP_WRITE,
		 16 * place * SEGMENTS, i * SEGMENTS, 1 + (unsigned int)(draw(&seed) % SEGMENTS), 0,
		 7);
	req_fill(d, &req[i], &seed);
}

static void round_of(struct disk *d)
{
	nr_answered = 0;
	for (unsigned int i = 0; i < SLOTS; i++) {
		answered[i] = false;
		choose(d, i);
		check(blkqueue_submit(d->q, &req[i], i) == 0, "the ring is full");
		if (draw(&seed) % 8 == 0)
			blkqueue_push(d->q);
	}
	blkqueue_push(d->q);
	disk_drain(d, in_order);
	for (unsigned int i = 0; i < SLOTS; i++)
		req_done(d, &req[i], BLKIF_RSP_OKAY);
}

void blk_case(void)
{
	struct disk d;

	disk_new(&d, MIB, false);
	disk_connect(&d, BLKABI_NATIVE);
	check(d.front->disk.barrier, "barriers are not offered");
	for (unsigned int i = 0; i < ROUNDS; i++)
		round_of(&d);
	disk_free(&d);
}
