// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Bad grants among those that are to stay mapped (XSA-365, XSA-371): each set of bad ones
 * among the segments of a request fails that request alone, none of the good ones stays mapped
 * when the disk is closed, or when its domain is destroyed in the middle of it.
 */
#include "blk_case.h"
#include "toolstack.h"

static uint32_t revoked;

static void make_revoked(struct disk *d)
{
	struct guest *g = d->front->guest;
	uint32_t keep;

	/* Not the one that the next grant gets. */
	check(guest_grant(g, 0, d->front->pages[0].data, false, &revoked) == 0 &&
		      guest_grant(g, 0, d->front->pages[0].data, false, &keep) == 0 &&
		      guest_grant_end(g, keep) == 0 && guest_grant_end(g, revoked) == 0,
	      "grants");
}

static void every_set(struct disk *d, uint8_t op, unsigned int step)
{
	static uint64_t seed = 371;
	struct blkreq req;

	for (unsigned int set = 0; set < 1u << SEGMENTS; set += step) {
		req_init(d, &req, op, set % 64, 0, SEGMENTS, 0, 7);
		for (unsigned int i = 0; i < SEGMENTS; i++)
			req.segments[i].gref = d->front->pages[i].rw;
		req_fill(d, &req, &seed);
		req_prepare(d, &req);
		for (unsigned int i = 0; i < SEGMENTS; i++)
			if (set & 1u << i)
				req.segments[i].gref = revoked;
		if (set == 0)
			disk_expect(d, &req, BLKIF_RSP_OKAY);
		else
			check(blkqueue_do(d->q, &req) == BLKIF_RSP_ERROR,
			      "operation %u with bad segments %#x", op, set);
	}
}

void blk_case(void)
{
	struct blkfront_conf conf = { .persistent = true };
	struct disk d;

	disk_new(&d, MIB, false);
	disk_connect_as(&d, &conf);
	make_revoked(&d);
	every_set(&d, BLKIF_OP_READ, 1);
	every_set(&d, BLKIF_OP_WRITE, 1);
	disk_works(&d);
	disk_close(&d);
	check(world_mappings(d.domid) == d.mapped, "%u pages are mapped, not %u",
	      world_mappings(d.domid), d.mapped);
	disk_check_image(&d);
	disk_connect_as(&d, &conf);
	make_revoked(&d);
	every_set(&d, BLKIF_OP_WRITE, 7);
	disk_abandon(&d);
	check(toolstack_destroy(d.domid) == 0, "the domain cannot be destroyed");
	disk_wait_no_worker(&d);
	check(world_mappings(d.domid) == 0, "%u pages of a dead domain are mapped",
	      world_mappings(d.domid));
}
