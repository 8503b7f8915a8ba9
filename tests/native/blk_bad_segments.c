// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Segments that cannot be: none at all, more than a request has (CVE-2007-5498), first
 * after last, beyond the page. Each refuses its request, at each place in it.
 */
#include "blk_case.h"

static void counts(struct disk *d, uint8_t op)
{
	struct blkreq req;

	for (unsigned int nr = 0; nr < 256; nr++) {
		if (nr >= 1 && nr <= SEGMENTS)
			continue;
		if (nr == 0 && op == BLKIF_OP_FLUSH_DISKCACHE)
			continue;
		req_init(d, &req, op, 0, 0, SEGMENTS, 0, 7);
		req.nr_segments = (uint8_t)nr;
		check(blkqueue_do(d->q, &req) == BLKIF_RSP_ERROR, "operation %u of %u segments", op,
		      nr);
	}
}

static void sectors(struct disk *d, uint8_t op)
{
	static const uint8_t bad[][2] = { { 0, 8 },   { 8, 8 },	  { 7, 6 },	{ 1, 0 },
					  { 0, 255 }, { 255, 0 }, { 255, 255 }, { 128, 7 } };
	struct blkreq req;

	for (unsigned int nr = 1; nr <= SEGMENTS; nr++) {
		for (unsigned int at = 0; at < nr; at++) {
			for (unsigned int i = 0; i < 8; i++) {
				req_init(d, &req, op, 0, 0, nr, 0, 7);
				req.segments[at].first_sect = bad[i][0];
				req.segments[at].last_sect = bad[i][1];
				check(blkqueue_do(d->q, &req) == BLKIF_RSP_ERROR,
				      "operation %u: sectors %u to %u in segment %u of %u", op,
				      bad[i][0], bad[i][1], at, nr);
			}
		}
	}
}

void blk_case(void)
{
	static const uint8_t ops[] = { BLKIF_OP_READ, BLKIF_OP_WRITE, BLKIF_OP_FLUSH_DISKCACHE };
	struct disk d;

	disk_new(&d, MIB, false);
	for (enum blkabi abi = 0; abi < BLKABI_NR; abi++) {
		disk_connect(&d, abi);
		for (unsigned int i = 0; i < 3; i++) {
			counts(&d, ops[i]);
			sectors(&d, ops[i]);
		}
		disk_works(&d);
		disk_close(&d);
	}
	disk_free(&d);
}
