// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Indirect requests that are wrong are answered ERROR, and the disk goes on: page of
 * descriptors that is not to be had, impossible numbers of segments, operations that may not be
 * inside, one bad segment among many, the end of the disk.
 */
#include "blk_case.h"

#define ALL 256u

static void refused(struct disk *d, struct blkreq *req)
{
	disk_expect(d, req, BLKIF_RSP_ERROR);
	disk_works(d);
}

/* disk_works() takes the first pages of the pool. */
static void init(struct disk *d, struct blkreq *req, uint8_t op, unsigned int nr)
{
	req_init_indirect(d, req, op, 0, 8, 9, nr);
}

static void bad_pages(struct disk *d)
{
	uint32_t grefs[] = { UINT32_MAX, STANDIN_GREFS, STANDIN_GREFS - 1, 0, 0 };
	struct guest *g = d->front->guest;
	struct blkreq req;

	check(guest_grant(g, 0, d->front->pages[8].data, true, &grefs[3]) == 0 &&
		      guest_grant_end(g, grefs[3]) == 0,
	      "grant");
	check(guest_grant(g, (uint16_t)(d->domid + 1), d->front->pages[8].data, true, &grefs[4]) ==
		      0,
	      "grant");
	for (unsigned int i = 0; i < 5; i++) {
		init(d, &req, i % 2 ? BLKIF_OP_READ : BLKIF_OP_WRITE, 12);
		req.indirect_gref = grefs[i];
		refused(d, &req);
	}
	guest_grant_end(g, grefs[4]);
}

static void bad_numbers(struct disk *d)
{
	static const uint16_t numbers[] = { 0, 257, 512, 513, 4096, 32768, UINT16_MAX };
	struct blkreq req;

	for (unsigned int i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		init(d, &req, BLKIF_OP_WRITE, ALL);
		req.nr_indirect = numbers[i];
		check(blkqueue_do(d->q, &req) == BLKIF_RSP_ERROR, "%u segments", numbers[i]);
		disk_works(d);
	}
}

static void bad_operations(struct disk *d)
{
	struct blkreq req;

	for (unsigned int op = BLKIF_OP_WRITE + 1; op < 256; op++) {
		init(d, &req, (uint8_t)op, 1);
		disk_expect(d, &req, BLKIF_RSP_ERROR);
	}
}

static void bad_segments(struct disk *d)
{
	struct blkreq req;

	for (unsigned int i = 0; i < ALL; i += 15) {
		init(d, &req, i % 2 ? BLKIF_OP_READ : BLKIF_OP_WRITE, ALL);
		req_prepare(d, &req);
		req.descriptors[i].gref = UINT32_MAX;
		check(blkqueue_do(d->q, &req) == BLKIF_RSP_ERROR, "bad grant %u", i);
		init(d, &req, BLKIF_OP_WRITE, ALL);
		req.descriptors[i].last_sect = 8;
		disk_expect(d, &req, BLKIF_RSP_ERROR);
		init(d, &req, BLKIF_OP_WRITE, ALL);
		req.descriptors[i].first_sect = 5;
		req.descriptors[i].last_sect = 4;
		refused(d, &req);
	}
}

static void beyond_the_end(struct disk *d)
{
	static const uint64_t sectors[] = { UINT64_MAX, UINT64_MAX / SECTOR + 1, 1ull << 63 };
	struct blkreq req;

	init(d, &req, BLKIF_OP_WRITE, ALL);
	req.sector = d->bytes / SECTOR - ALL * 8 + 1;
	refused(d, &req);
	for (unsigned int i = 0; i < 3; i++) {
		init(d, &req, BLKIF_OP_WRITE, ALL);
		req.sector = sectors[i];
		refused(d, &req);
	}
}

void blk_case(void)
{
	struct disk d;

	disk_new(&d, 2 * MIB, false);
	disk_connect(&d, BLKABI_NATIVE);
	bad_pages(&d);
	bad_numbers(&d);
	bad_operations(&d);
	bad_segments(&d);
	beyond_the_end(&d);
	disk_learn(&d, 0, ALL * 8); /* of a write with one bad grant, nothing or a part */
	disk_free(&d);
}
