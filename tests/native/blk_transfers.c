// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Data arrives where it belongs: in each ABI, with every number of segments,
 * from every first to every last sector of a page, and with segments of all
 * sizes in one request.
 */
#include "blk_case.h"

static uint64_t seed = 20261121;

/* Written, read back into other pages; and what was there before is read first. */
static void there_and_back(struct disk *d, unsigned int nr, uint8_t first, uint8_t last)
{
	uint32_t sectors = nr * (last - first + 1u);
	uint64_t sector = draw(&seed) % (d->bytes / SECTOR - sectors + 1);
	struct blkreq req;

	req_init(d, &req, BLKIF_OP_READ, sector, SEGMENTS, nr, first, last);
	disk_expect(d, &req, BLKIF_RSP_OKAY);
	req_init(d, &req, BLKIF_OP_WRITE, sector, 0, nr, first, last);
	req_fill(d, &req, &seed);
	disk_expect(d, &req, BLKIF_RSP_OKAY);
	req_init(d, &req, BLKIF_OP_READ, sector, SEGMENTS, nr, first, last);
	disk_expect(d, &req, BLKIF_RSP_OKAY);
}

static void segments_of_all_sizes(struct disk *d)
{
	struct blkreq req;

	for (unsigned int round = 0; round < 200; round++) {
		uint8_t op = round % 2 ? BLKIF_OP_READ : BLKIF_OP_WRITE;

		req_init(d, &req, op, 0, 0, SEGMENTS, 0, 7);
		for (unsigned int i = 0; i < SEGMENTS; i++) {
			req.segments[i].first_sect = (uint8_t)(draw(&seed) % 8);
			req.segments[i].last_sect =
				(uint8_t)(req.segments[i].first_sect +
					  draw(&seed) % (8u - req.segments[i].first_sect));
		}
		req.sector = draw(&seed) % (d->bytes / SECTOR - req_sectors(&req) + 1);
		req_fill(d, &req, &seed);
		disk_expect(d, &req, BLKIF_RSP_OKAY);
	}
}

void blk_case(void)
{
	struct disk d;

	disk_new(&d, MIB, false);
	for (enum blkabi abi = 0; abi < BLKABI_NR; abi++) {
		disk_connect(&d, abi);
		for (uint8_t first = 0; first < 8; first++)
			for (uint8_t last = first; last < 8; last++)
				for (unsigned int nr = 1; nr <= SEGMENTS; nr++)
					there_and_back(&d, nr, first, last);
		segments_of_all_sizes(&d);
		disk_close(&d);
	}
	disk_free(&d);
}
