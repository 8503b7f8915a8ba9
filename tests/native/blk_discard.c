// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A discarded range of a file reads back as zeros, sector by sector, whatever its
 * alignment; the image keeps its size, and takes less room.
 */
#include <sys/stat.h>

#include "blk_case.h"

static long blocks(const struct disk *d)
{
	struct stat st;

	check(stat(d->image, &st) == 0, "stat");
	return (long)st.st_blocks;
}

static void discard(struct disk *d, uint64_t sector, uint64_t nr, uint8_t flag)
{
	struct blkreq req;

	req_init_discard(&req, sector, nr);
	req.flag = flag;
	disk_expect(d, &req, BLKIF_RSP_OKAY);
	/* With what is before and behind it, as far as there is something. */
	if (sector >= 8 && sector + 16 <= MIB / SECTOR) {
		req_init(d, &req, BLKIF_OP_READ, sector - 8, 0, 3, 0, 7);
		disk_expect(d, &req, BLKIF_RSP_OKAY);
	}
}

void blk_case(void)
{
	uint64_t seed = 17;
	struct disk d;

	disk_new(&d, MIB, false);
	for (enum blkabi abi = 0; abi < BLKABI_NR; abi++) {
		disk_connect(&d, abi);
		if (!d.front->disk.discard)
			skip("the file system of the image has no holes");
		check(d.front->disk.discard_granularity > 0, "no granularity");
		for (unsigned int nr = 1; nr <= 20; nr++)
			discard(&d, 100 + 30 * nr + nr % 9, nr, 0);
		for (unsigned int i = 0; i < 50; i++) {
			uint64_t sector = draw(&seed) % 1500;

			discard(&d, sector, 1 + draw(&seed) % 300, 0);
		}
		discard(&d, MIB / SECTOR - 1, 1, 0);
		/* Secure where that is not offered is an ordinary one. */
		discard(&d, 40, 24, BLKIF_DISCARD_SECURE);
		disk_close(&d);
		disk_check_image(&d);
	}
	disk_connect(&d, BLKABI_NATIVE);
	discard(&d, 0, MIB / SECTOR, 0);
	check(blocks(&d) == 0, "%ld blocks are left of nothing", blocks(&d));
	disk_works(&d);
	disk_free(&d);
}
