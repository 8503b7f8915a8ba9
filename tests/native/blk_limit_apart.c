// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads that a limit keeps waiting do not hold up writes in the same ring, nor the other way round. */
#include "blk_limit.h"

static void side_by_side(struct load *slow, struct load *quick)
{
	struct load *both[] = { slow, quick };

	load_run(both, 2, 1000);
	expect_about("the limited ones", slow->answered, 200);
	check(quick->answered > 2000, "the others: %u", quick->answered);
}

void blk_case(void)
{
	static struct load reads, writes;
	struct disk d;

	disk_new(&d, MIB, false);
	disk_connect(&d, BLKABI_NATIVE);
	load_init(&reads, &d, 0, BLKIF_OP_READ);
	load_init(&writes, &d, 0, BLKIF_OP_WRITE);
	limit_set(&d, BLK_LIMIT_READ_IOPS, 200);
	side_by_side(&reads, &writes);
	limit_set(&d, BLK_LIMIT_READ_IOPS, 0);
	limit_set(&d, BLK_LIMIT_WRITE_IOPS, 200);
	side_by_side(&writes, &reads);
	disk_free(&d);
}
