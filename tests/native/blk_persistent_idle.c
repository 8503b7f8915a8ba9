// SPDX-License-Identifier: GPL-2.0-or-later
/* A disk that nobody uses for ten seconds has no page of data mapped; then it works again. */
#include "blk_case.h"

void blk_case(void)
{
	struct blkfront_conf conf = { .nr_pages = 300, .persistent = true };
	uint64_t seed = 109;
	int64_t until;
	struct blkreq req;
	struct disk d;

	disk_new(&d, 2 * MIB, false);
	disk_connect_as(&d, &conf);
	for (unsigned int i = 0; i < 2; i++) {
		req_init_indirect(&d, &req, BLKIF_OP_WRITE, 0, 0, 1, 256);
		for (unsigned int k = 0; k < 256; k++)
			req.descriptors[k].gref = d.front->pages[1 + k].rw;
		req_fill(&d, &req, &seed);
		disk_expect(&d, &req, BLKIF_RSP_OKAY);
		check(world_mappings(d.domid) == d.mapped + 1 + 256, "%u pages are mapped",
		      world_mappings(d.domid));
		if (i == 1)
			break;
		sleep_ms(8000);
		check(world_mappings(d.domid) == d.mapped + 1 + 256, "given back too early");
		until = now_ms() + 5000;
		while (world_mappings(d.domid) != d.mapped + 1) {
			check(now_ms() < until, "%u pages are still mapped",
			      world_mappings(d.domid));
			sleep_ms(50);
		}
	}
	disk_free(&d);
}
