// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * No request reaches beyond the end of the disk, also when its sector times 512
 * is beyond 2^64: it is refused, and the image neither grows nor changes.
 */
#include <sys/stat.h>

#include "blk_case.h"

static void refused(struct disk *d, uint64_t sector, unsigned int nr)
{
	static const uint8_t ops[] = { BLKIF_OP_READ, BLKIF_OP_WRITE, BLKIF_OP_FLUSH_DISKCACHE };
	struct blkreq req;
	struct stat st;

	for (unsigned int i = 0; i < 3; i++) {
		req_init(d, &req, ops[i], sector, 0, nr, 0, 7);
		disk_expect(d, &req, BLKIF_RSP_ERROR);
		check(stat(d->image, &st) == 0 && (uint64_t)st.st_size == d->bytes,
		      "the image has grown");
	}
}

static void last_sectors_can_be_used(struct disk *d, uint64_t sectors)
{
	uint64_t seed = 3;
	struct blkreq req;

	for (uint8_t nr = 1; nr <= 8; nr++) {
		req_init(d, &req, BLKIF_OP_WRITE, sectors - nr, 0, 1, 0, (uint8_t)(nr - 1));
		req_fill(d, &req, &seed);
		disk_expect(d, &req, BLKIF_RSP_OKAY);
		req_init(d, &req, BLKIF_OP_READ, sectors - nr, 1, 1, 0, (uint8_t)(nr - 1));
		disk_expect(d, &req, BLKIF_RSP_OKAY);
	}
}

void blk_case(void)
{
	struct disk d;

	disk_new(&d, MIB, false);
	for (enum blkabi abi = 0; abi < BLKABI_NR; abi++) {
		uint64_t sectors = d.bytes / SECTOR;

		disk_connect(&d, abi);
		last_sectors_can_be_used(&d, sectors);
		for (unsigned int nr = 1; nr <= SEGMENTS; nr++)
			for (unsigned int k = 1; k < 8 * nr; k += nr)
				refused(&d, sectors - k, nr);
		for (unsigned int k = 0; k < 9; k++) {
			refused(&d, sectors + k, 1);
			refused(&d, UINT64_MAX - k, SEGMENTS);
			refused(&d, (1ull << 63) + k, 1);
			/* times 512: 2^64, and so what a careless multiplication makes 0 */
			refused(&d, (1ull << 55) + k, 1);
			refused(&d, (1ull << 55) - k, SEGMENTS);
			refused(&d, (1ull << 32) + k, 1);
		}
		disk_works(&d);
		disk_close(&d);
	}
	disk_free(&d);
}
