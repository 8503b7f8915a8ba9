// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A limit of requests and one of bytes hold within five percent over two seconds, and what
 * may be done at once after a rest is done at once.
 */
#include "blk_limit.h"

void blk_case(void)
{
	struct disk d;
	struct load l;

	disk_new(&d, MIB, false);
	/* From the start: written before the guest connects. */
	limit_write(&d, "limit-read-iops", "500");
	limit_write(&d, "limit-read-iops-burst", "1000");
	disk_connect(&d, BLKABI_NATIVE);
	load_init(&l, &d, 0, BLKIF_OP_READ);
	expect_about("500 a second and 1000 at once", load_one(&l, 1000), 1500);
	limit_write(&d, "limit-read-iops-burst", "1");
	limit_set(&d, BLK_LIMIT_READ_IOPS, 2000);
	expect_about("2000 a second", load_one(&l, 2000), 4000);
	limit_set(&d, BLK_LIMIT_READ_IOPS, 0);
	limit_write(&d, "limit-write-bytes-burst", "1");
	limit_set(&d, BLK_LIMIT_WRITE_BYTES, 4 * MIB);
	load_init(&l, &d, 0, BLKIF_OP_WRITE);
	expect_about("4 MiB a second", load_one(&l, 2000), 2048);
	disk_free(&d);
}
