// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Grants that the frontend leaves in place: data of random requests is right, all of
 * it goes through pages that stay mapped, and none is mapped once the disk is closed.
 */
#include <stdio.h>

#include "blk_case.h"

#define TABLE 80u /* first page for descriptors; data is before */

static void one(struct disk *d, uint64_t *seed)
{
	uint8_t op = draw(seed) % 2 ? BLKIF_OP_WRITE : BLKIF_OP_READ;
	struct blkreq req;

	if (draw(seed) % 4 == 0) {
		req_init_indirect(d, &req, op, draw(seed) % 1000, TABLE, 0,
				  1 + (unsigned int)(draw(seed) % TABLE));
		for (unsigned int i = 0; i < req.nr_indirect; i++)
			req.descriptors[i].gref = d->front->pages[i].rw;
	} else {
		uint8_t first = (uint8_t)(draw(seed) % 8);

		req_init(d, &req, op, draw(seed) % 1900, 0, 1 + (unsigned int)(draw(seed) % 11),
			 first, (uint8_t)(first + draw(seed) % (8u - first)));
		for (unsigned int i = 0; i < req.nr_segments; i++)
			req.segments[i].gref = d->front->pages[draw(seed) % TABLE / 11 * 11 + i].rw;
	}
	if (op == BLKIF_OP_WRITE)
		req_fill(d, &req, seed);
	disk_expect(d, &req, BLKIF_RSP_OKAY);
}

void blk_case(void)
{
	struct blkfront_conf conf = { .nr_pages = TABLE + 11, .persistent = true };
	uint64_t seed = 101;
	char text[32];
	struct disk d;

	disk_new(&d, MIB, false);
	disk_connect_as(&d, &conf);
	check(d.front->disk.persistent, "persistent grants are not offered");
	for (unsigned int i = 0; i < 500; i++)
		one(&d, &seed);
	check(world_mappings(d.domid) > d.mapped + 1, "no page of data is mapped");
	check(world_mappings(d.domid) <= d.mapped + 1 + conf.nr_pages, "too many are mapped");
	disk_close(&d);
	snprintf(text, sizeof(text), " %u in mapped pages", 500);
	check(daemon_lines(d.dev, text) == 1, "requests have been copied");
	check(world_mappings(d.domid) == d.mapped, "%u pages are mapped, not %u",
	      world_mappings(d.domid), d.mapped);
	disk_free(&d);
}
