// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Persistent grants that may only be read cannot stay mapped: the data of writes is
 * copied and is right, reads into such pages fail.
 */
#include "blk_case.h"

void blk_case(void)
{
	struct blkfront_conf conf = { .nr_pages = 64, .persistent = true };
	uint64_t seed = 107;
	struct blkreq req;
	struct disk d;

	disk_new(&d, MIB, false);
	disk_connect_as(&d, &conf);
	for (unsigned int i = 1; i <= SEGMENTS; i++) {
		req_init(&d, &req, BLKIF_OP_WRITE, 100 * i, i, i, 1, 6);
		req_fill(&d, &req, &seed);
		disk_expect(&d, &req, BLKIF_RSP_OKAY);
		/* One that can be mapped beside them changes nothing. */
		req.segments[0].gref = d.front->pages[i].rw;
		disk_expect(&d, &req, BLKIF_RSP_OKAY);
		req_init(&d, &req, BLKIF_OP_READ, 100 * i, i, i, 0, 7);
		req.segments[i - 1].gref = d.front->pages[2 * i - 1].ro;
		disk_expect(&d, &req, BLKIF_RSP_ERROR);
	}
	/* Ring and the pages that were named by rw. */
	check(world_mappings(d.domid) <= d.mapped + 1 + 2 * SEGMENTS, "%u pages are mapped",
	      world_mappings(d.domid));
	disk_free(&d);
}
