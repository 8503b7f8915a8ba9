// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A disk that answers EIO for a while: its requests fail, each once and with
 * an error that says so, the log has a few lines and no flood, and all is well again by itself
 * when the disk is. A neighbour hears nothing of it.
 */
#include <errno.h>

#include "blk_fuse.h"

static unsigned int failed_reads(struct disk *d, unsigned int nr)
{
	unsigned int failed = 0;
	struct blkreq req;

	for (unsigned int i = 0; i < nr; i++) {
		int16_t status;

		req_init(d, &req, BLKIF_OP_READ, 8 * (i % 64), i % 16, 1, 0, 7);
		status = disk_do(d, &req);
		check(status == BLKIF_RSP_OKAY || status == BLKIF_RSP_ERROR, "status %d", status);
		failed += status == BLKIF_RSP_ERROR;
	}
	return failed;
}

void blk_case(void)
{
	struct disk d, other;
	struct blkreq req;

	disk_new(&other, MIB, false);
	disk_connect(&other, BLKABI_NATIVE);
	disk_new_fuse(&d, MIB);
	disk_connect(&d, BLKABI_NATIVE);
	disk_works(&d);
	atomic_store(&fuse_faults()->read, EIO);
	atomic_store(&fuse_faults()->write, EIO);
	check(failed_reads(&d, 200) == 200, "reads of a disk that fails have succeeded");
	req_init(&d, &req, BLKIF_OP_WRITE, 8, 0, 4, 0, 7);
	check(blkqueue_do(d.q, &req) == BLKIF_RSP_ERROR, "a write has succeeded");
	disk_works(&other);
	check(daemon_lines(d.dev, "Input/output error") > 0, "the log says nothing of it");
	check(daemon_lines(d.dev, "failed") < 30, "the log has %u lines of it",
	      daemon_lines(d.dev, "failed"));
	atomic_store(&fuse_faults()->read, 0);
	atomic_store(&fuse_faults()->write, 0);
	check(failed_reads(&d, 64) == 0, "it still fails");
	disk_works(&d);
	disk_free(&d);
	fuse_end();
	disk_free(&other);
}
