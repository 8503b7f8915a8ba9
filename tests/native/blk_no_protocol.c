// SPDX-License-Identifier: GPL-2.0-or-later
/* A frontend that names no protocol is served in the ABI of 32-bit x86. */
#include <string.h>

#include "blk_case.h"

void blk_case(void)
{
	struct blkfront_conf conf = { .abi = BLKABI_X86_32, .no_protocol = true };
	struct disk d;
	int err;

	disk_new(&d, MIB, false);
	err = blkfront_open(d.domid, d.devid, &conf, &d.front);
	check(err == 0, "cannot connect: %s", strerror(-err));
	d.q = blkfront_queue(d.front, 0);
	disk_works(&d);
	disk_free(&d);
}
