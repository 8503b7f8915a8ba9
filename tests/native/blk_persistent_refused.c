// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * With --data=copy persistent grants are not offered, and a frontend that claims to leave
 * its grants in place all the same, as Linux does, finds none of its pages kept.
 */
#include "blk_case.h"

void blk_case(void)
{
	struct blkfront_conf conf = { .nr_pages = 64, .persistent = true };
	uint64_t seed = 113;
	struct blkreq req;
	struct disk d;

	disk_new(&d, MIB, false);
	disk_connect_as(&d, &conf);
	check(!d.front->disk.persistent, "persistent grants are offered");
	for (unsigned int i = 1; i <= SEGMENTS; i++) {
		req_init(&d, &req, BLKIF_OP_WRITE, 100 * i, i, i, 0, 7);
		for (unsigned int k = 0; k < req.nr_segments; k++)
			req.segments[k].gref = d.front->pages[k].rw;
		req_fill(&d, &req, &seed);
		disk_expect(&d, &req, BLKIF_RSP_OKAY);
		/* The ring, and none of its data. */
		check(world_mappings(d.domid) == d.mapped + 1, "%u pages are mapped, not %u",
		      world_mappings(d.domid), d.mapped + 1);
	}
	disk_free(&d);
}
