// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A device of 4096-byte sectors: the guest is told, units stay 512 bytes as blkif.h says,
 * and requests that are no whole sectors are refused.
 */
#include "blk_loop.h"

static uint64_t seed = 41;

static void one(struct disk *d, uint8_t op, uint64_t sector, uint8_t first, uint8_t last,
		int16_t status)
{
	struct blkreq req;

	req_init(d, &req, op, sector, 0, 2, 0, 7);
	req.segments[1].first_sect = first;
	req.segments[1].last_sect = last;
	req_fill(d, &req, &seed);
	disk_expect(d, &req, status);
}

void blk_case(void)
{
	struct disk d;

	disk_new_device(&d, MIB, 4096);
	disk_connect(&d, BLKABI_NATIVE);
	check(d.front->disk.sector_size == 4096, "sector-size is %u", d.front->disk.sector_size);
	for (uint64_t sector = 0; sector < 64; sector++) {
		int16_t status = sector % 8 ? BLKIF_RSP_ERROR : BLKIF_RSP_OKAY;

		one(&d, BLKIF_OP_WRITE, sector, 0, 7, status);
		one(&d, BLKIF_OP_READ, sector, 0, 7, status);
		one(&d, BLKIF_OP_FLUSH_DISKCACHE, sector, 0, 7, status);
	}
	for (uint8_t last = 0; last < 7; last++) {
		one(&d, BLKIF_OP_WRITE, 8, 0, last, BLKIF_RSP_ERROR);
		one(&d, BLKIF_OP_READ, 8, (uint8_t)(last + 1), 7, BLKIF_RSP_ERROR);
	}
	disk_free_device(&d);
}
