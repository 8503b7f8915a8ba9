// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guest that goes round more persistent grants than the backend keeps mapped: the
 * number of mappings is bounded, and the data is right, mapped or not.
 */
#include "blk_case.h"

#define PAGES 1500u
#define MAPPED_MAX 1056u

void blk_case(void)
{
	struct blkfront_conf conf = { .nr_pages = PAGES, .persistent = true };
	unsigned int most = 0;
	uint64_t seed = 103;
	struct blkreq req;
	struct disk d;

	disk_new(&d, MIB, false);
	disk_connect_as(&d, &conf);
	for (unsigned int round = 0; round < 3; round++) {
		for (unsigned int page = 0; page + SEGMENTS <= PAGES; page += SEGMENTS) {
			uint8_t op = (page + round) % 2 ? BLKIF_OP_WRITE : BLKIF_OP_READ;

			req_init(&d, &req, op, page, page, SEGMENTS, 0, 7);
			for (unsigned int i = 0; i < SEGMENTS; i++)
				req.segments[i].gref = d.front->pages[page + i].rw;
			if (op == BLKIF_OP_WRITE)
				req_fill(&d, &req, &seed);
			disk_expect(&d, &req, BLKIF_RSP_OKAY);
		}
		if (world_mappings(d.domid) > most)
			most = world_mappings(d.domid);
	}
	check(most > d.mapped + 500, "%u pages are mapped at most: nothing was tested", most);
	check(most <= d.mapped + 1 + MAPPED_MAX, "%u pages are mapped", most);
	disk_free(&d);
}
