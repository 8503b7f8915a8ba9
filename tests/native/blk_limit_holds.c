// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A limit of requests and one of bytes hold within five percent over two seconds, and what
 * may be done at once after a rest is done at once.
 */
#include "blk_limit.h"

void blk_case(void)
{
	struct load l, *one = &l;
	struct disk d;

	disk_new(&d, MIB, false);
	/* From the start: written before the guest connects. */
	limit_write(&d, "limit-read-iops", "400");
	limit_write(&d, "limit-read-iops-burst", "800");
	disk_connect(&d, BLKABI_NATIVE);
	load_init(&l, &d, 0, BLKIF_OP_READ);
	expect_about("400 a second and 800 at once", &one, 1, 1000, 2100, 1200);
	limit_write(&d, "limit-read-iops-burst", "20");
	limit_set(&d, BLK_LIMIT_READ_IOPS, 410);
	expect_one_about("410 a second", &l, 2000, 820);
	limit_set(&d, BLK_LIMIT_READ_IOPS, 0);
	limit_write(&d, "limit-read-bytes-burst", "100000");
	limit_set(&d, BLK_LIMIT_READ_BYTES, 2 * MIB);
	expect_one_about("2 MiB a second", &l, 2000, 1024);
	disk_free(&d);
}
