// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * On a host that forbids io_uring, or has none, a disk is served by libaio without being asked
 * to, all rings of it, and one line of the log says so.
 */
#include "blk_case.h"

void blk_case(void)
{
	struct blkfront_conf conf = { .abi = BLKABI_NATIVE, .nr_queues = 2 };
	struct blkreq req;
	struct disk d;

	disk_new(&d, MIB, false);
	disk_connect_as(&d, &conf);
	for (unsigned int i = 0; i < 2; i++) {
		d.q = blkfront_queue(d.front, i);
		disk_works(&d);
		req_init(&d, &req, BLKIF_OP_FLUSH_DISKCACHE, 0, 0, 0, 0, 0);
		disk_expect(&d, &req, BLKIF_RSP_OKAY);
		req_init_discard(&req, 64, 64);
		disk_expect(&d, &req, BLKIF_RSP_OKAY);
	}
	check(daemon_lines("io_uring is not to be had (", ": going on with libaio") == 1,
	      "%u lines say that it goes on with libaio",
	      daemon_lines("io_uring is not to be had (", ": going on with libaio"));
	check(daemon_lines("going on with libaio", d.dev) == 1, "the line does not name the disk");
	disk_free(&d);
	check(daemon_lines(" aio calls, ", d.dev) == 2, "libaio does not serve both rings");
}
