// SPDX-License-Identifier: GPL-2.0-or-later
/* Operations that the backend does not offer are answered EOPNOTSUPP, one by one. */
#include "blk_case.h"

void blk_case(void)
{
	struct blkreq req;
	struct disk d;

	disk_new(&d, MIB, false);
	for (enum blkabi abi = 0; abi < BLKABI_NR; abi++) {
		disk_connect(&d, abi);
		for (unsigned int op = 0; op < 256; op++) {
			if (op <= BLKIF_OP_INDIRECT && op != BLKIF_OP_RESERVED_1)
				continue;
			for (unsigned int nr = 0; nr < 256; nr += 51) {
				req_init(&d, &req, (uint8_t)op, 8, 0, 1, 0, 7);
				req.nr_segments = (uint8_t)nr;
				disk_expect(&d, &req, BLKIF_RSP_EOPNOTSUPP);
			}
		}
		disk_works(&d);
		disk_close(&d);
	}
	disk_free(&d);
}
