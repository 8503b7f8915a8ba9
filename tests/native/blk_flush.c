// SPDX-License-Identifier: GPL-2.0-or-later
/* A flush works without data, and with data it writes them; beside writes in flight. */
#include "blk_case.h"

void blk_case(void)
{
	uint64_t seed = 5;
	struct blkreq req, writes[16];
	struct disk d;

	disk_new(&d, MIB, false);
	disk_connect(&d, BLKABI_NATIVE);
	check(d.front->disk.flush, "flush is not offered");
	req_init(&d, &req, BLKIF_OP_FLUSH_DISKCACHE, 0, 0, 0, 0, 0);
	disk_expect(&d, &req, BLKIF_RSP_OKAY);
	req.sector = UINT64_MAX; /* means nothing without data */
	disk_expect(&d, &req, BLKIF_RSP_OKAY);
	for (unsigned int nr = 1; nr <= SEGMENTS; nr++) {
		req_init(&d, &req, BLKIF_OP_FLUSH_DISKCACHE, 100 * nr, 0, nr, 1, 6);
		req_fill(&d, &req, &seed);
		disk_expect(&d, &req, BLKIF_RSP_OKAY);
	}
	for (unsigned int i = 0; i < 16; i++) {
		bool flush = i % 3 == 2;

		req_init(&d, &writes[i], flush ? BLKIF_OP_FLUSH_DISKCACHE : BLKIF_OP_WRITE, 8 * i,
			 i, 1, 0, 7);
		req_fill(&d, &writes[i], &seed);
		blkqueue_submit(d.q, &writes[i], i);
	}
	blkqueue_push(d.q);
	disk_drain(&d, NULL);
	check(d.q->count.failed == 0, "some of them failed");
	for (unsigned int i = 0; i < 16; i++)
		req_done(&d, &writes[i], BLKIF_RSP_OKAY);
	disk_free(&d);
}
