// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A discard out of range or of nothing is answered ERROR; one that the toolstack
 * does not allow is neither offered nor done.
 */
#include "blk_case.h"
#include "toolstack.h"

static void out_of_range(struct disk *d)
{
	static const struct {
		uint64_t sector, nr;
	} ranges[] = {
		{ 0, 0 },
		{ 0, MIB / SECTOR + 1 },
		{ 1, MIB / SECTOR },
		{ MIB / SECTOR, 1 },
		{ UINT64_MAX, 1 },
		{ 1, UINT64_MAX },
		{ 8, UINT64_MAX - 7 },
		{ 1ull << 55, 8 },
		{ 0, 1ull << 55 },
		{ 1ull << 63, 1ull << 63 },
	};
	struct blkreq req;

	for (unsigned int i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		req_init_discard(&req, ranges[i].sector, ranges[i].nr);
		disk_expect(d, &req, BLKIF_RSP_ERROR);
	}
}

static void not_allowed(void)
{
	struct toolstack_vbd how = { .no_discard = true };
	struct blkreq req;
	struct disk d;

	disk_prepare(&d, MIB, false);
	how.devid = d.devid;
	how.image = d.image;
	check(toolstack_vbd_add(d.domid, &how) == 0, "cannot attach");
	disk_connect(&d, BLKABI_NATIVE);
	check(!d.front->disk.discard, "discard is offered");
	req_init_discard(&req, 8, 8);
	disk_expect(&d, &req, BLKIF_RSP_EOPNOTSUPP);
	disk_works(&d);
	disk_free(&d);
}

void blk_case(void)
{
	struct disk d;

	disk_new(&d, MIB, false);
	disk_connect(&d, BLKABI_NATIVE);
	if (d.front->disk.discard) {
		out_of_range(&d);
		disk_works(&d);
	}
	disk_free(&d);
	not_allowed();
}
