// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A bad grant fails its request and no other (XSA-365): of every kind, at each place in
 * a batch, and each set of bad ones among the eleven segments of a request.
 */
#include <stdio.h>

#include "blk_case.h"

#define BATCH 8
#define SPARE (BATCH * SEGMENTS) /* first page that no good request has */

enum badness { OUT_OF_RANGE, HUGE, NEVER_GRANTED, REVOKED, OTHER_DOMAIN, READ_ONLY, BADNESSES };

static uint32_t grefs[BADNESSES];

static void make_bad(struct disk *d)
{
	struct guest *g = d->front->guest;
	const uint8_t *data = d->front->pages[SPARE].data;
	uint32_t free_one;

	grefs[OUT_OF_RANGE] = STANDIN_GREFS;
	grefs[HUGE] = UINT32_MAX;
	check(guest_grant(g, 0, data, false, &grefs[REVOKED]) == 0, "grant");
	check(guest_grant(g, 0, data, false, &free_one) == 0, "grant");
	check(guest_grant_end(g, free_one) == 0, "end of a grant");
	check(guest_grant_end(g, grefs[REVOKED]) == 0, "end of a grant");
	grefs[NEVER_GRANTED] = STANDIN_GREFS - 1;
	check(guest_grant(g, (uint16_t)(d->domid + 1), data, false, &grefs[OTHER_DOMAIN]) == 0,
	      "grant");
	grefs[READ_ONLY] = d->front->pages[SPARE].ro;
}

/* Requests of a batch are all sent with one push; that at @at has a bad segment. */
static void batch(struct disk *d, uint8_t op, unsigned int at, unsigned int segment,
		  enum badness badness)
{
	static uint64_t seed = 77;
	struct blkreq req[BATCH];
	struct blkdone done;

	for (unsigned int i = 0; i < BATCH; i++) {
		req_init(d, &req[i], op, 100 * i, i * SEGMENTS, SEGMENTS, 0, 7);
		req_fill(d, &req[i], &seed);
		req_prepare(d, &req[i]);
		if (i == at)
			req[i].segments[segment].gref = grefs[badness];
		blkqueue_submit(d->q, &req[i], i);
	}
	blkqueue_push(d->q);
	while (blkqueue_inflight(d->q) > 0) {
		check(blkqueue_wait(d->q, PATIENCE_MS) == 1, "a request is not answered");
		while (blkqueue_reap(d->q, &done, 1) == 1) {
			int16_t status = done.tag == at ? BLKIF_RSP_ERROR : BLKIF_RSP_OKAY;

			check(!done.strange && done.status == status,
			      "operation %u, kind %u, bad one %u: request %u answered %d", op,
			      badness, at, (unsigned int)done.tag, done.status);
			req_done(d, &req[done.tag], done.status);
		}
	}
}

static void every_set_of_bad_ones(struct disk *d, uint8_t op)
{
	static uint64_t seed = 78;
	struct blkreq req;

	for (unsigned int set = 0; set < 1u << SEGMENTS; set++) {
		req_init(d, &req, op, set % 64, 0, SEGMENTS, 0, 7);
		req_fill(d, &req, &seed);
		req_prepare(d, &req);
		for (unsigned int i = 0; i < SEGMENTS; i++)
			if (set & 1u << i)
				req.segments[i].gref = grefs[(set + i) % READ_ONLY];
		if (set == 0)
			disk_expect(d, &req, BLKIF_RSP_OKAY);
		else
			check(blkqueue_do(d->q, &req) == BLKIF_RSP_ERROR,
			      "operation %u with bad segments %#x", op, set);
	}
}

void blk_case(void)
{
	static const uint8_t ops[] = { BLKIF_OP_READ, BLKIF_OP_WRITE, BLKIF_OP_FLUSH_DISKCACHE };
	struct disk d;

	disk_new(&d, MIB, false);
	disk_connect(&d, BLKABI_NATIVE);
	make_bad(&d);
	for (unsigned int i = 0; i < 3; i++) {
		for (enum badness b = 0; b < BADNESSES; b++) {
			if (b == READ_ONLY && ops[i] != BLKIF_OP_READ)
				continue; /* a page to be read from is enough for a write */
			for (unsigned int at = 0; at < BATCH; at++)
				for (unsigned int segment = 0; segment < SEGMENTS; segment++)
					batch(&d, ops[i], at, segment, b);
		}
		every_set_of_bad_ones(&d, ops[i]);
	}
	disk_works(&d);
	disk_check_image(&d);
	disk_free(&d);
}
