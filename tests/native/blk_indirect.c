// SPDX-License-Identifier: GPL-2.0-or-later
/* Indirect requests of 1 to 256 segments, whole pages and parts of them, in any ABI. */
#include "blk_case.h"

static uint64_t seed = 61;

/* Descriptors in the first page of the pool, data in the others. */
static void one(struct disk *d, uint8_t op, unsigned int nr, bool parts)
{
	struct blkreq req;

	req_init_indirect(d, &req, op, 0, 0, 1, nr);
	for (unsigned int i = 0; parts && i < nr; i++) {
		req.descriptors[i].first_sect = (uint8_t)(draw(&seed) % 8);
		req.descriptors[i].last_sect =
			(uint8_t)(req.descriptors[i].first_sect +
				  draw(&seed) % (8u - req.descriptors[i].first_sect));
	}
	req.sector = draw(&seed) % (d->bytes / SECTOR - req_sectors(&req) + 1);
	if (op == BLKIF_OP_WRITE)
		req_fill(d, &req, &seed);
	disk_expect(d, &req, BLKIF_RSP_OKAY);
}

void blk_case(void)
{
	struct disk d;

	disk_new(&d, 2 * MIB, false);
	for (enum blkabi abi = 0; abi < BLKABI_NR; abi++) {
		disk_connect(&d, abi);
		check(d.front->disk.indirect_segments >= 256, "%u segments are offered",
		      d.front->disk.indirect_segments);
		for (unsigned int nr = 1; nr <= 256; nr += abi == BLKABI_NATIVE ? 1 : 51) {
			one(&d, BLKIF_OP_WRITE, nr, nr % 2);
			one(&d, BLKIF_OP_READ, nr, nr % 3);
		}
		disk_close(&d);
		disk_check_image(&d);
	}
	disk_free(&d);
}
