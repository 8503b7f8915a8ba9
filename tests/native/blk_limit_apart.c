// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads that a limit keeps waiting do not hold up writes in the same ring, nor the other way round. */
#include "blk_limit.h"

static void side_by_side(struct load *slow, struct load *quick)
{
	struct load *both[] = { slow, quick };
	unsigned int tries = 0;

	do {
		load_run(both, 2, 1000);
		check(slow->answered <= 105, "%u with a limit of 100", slow->answered);
	} while ((slow->answered < 95 || quick->answered < 400) && ++tries < 4);
	check(slow->answered >= 95 && quick->answered >= 400, "%u with a limit of 100, %u without",
	      slow->answered, quick->answered);
}

void blk_case(void)
{
	static struct load reads, writes;
	struct disk d;

	disk_new(&d, MIB, false);
	disk_connect(&d, BLKABI_NATIVE);
	load_init(&reads, &d, 0, BLKIF_OP_READ);
	load_init(&writes, &d, 0, BLKIF_OP_WRITE);
	limit_write(&d, "limit-read-iops-burst", "2");
	limit_write(&d, "limit-write-iops-burst", "2");
	limit_set(&d, BLK_LIMIT_READ_IOPS, 100);
	side_by_side(&reads, &writes);
	limit_set(&d, BLK_LIMIT_READ_IOPS, 0);
	limit_set(&d, BLK_LIMIT_WRITE_IOPS, 100);
	side_by_side(&writes, &reads);
	disk_free(&d);
}
