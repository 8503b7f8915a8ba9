// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A flush that failed is not forgotten with the worker that saw it: neither a
 * frontend that connects again nor a new daemon gets a flush that says all is well, until
 * the disk is detached. Reads and writes go on all the while.
 */
#include <errno.h>

#include "blk_fuse.h"
#include "toolstack.h"

static int16_t flush(struct disk *d)
{
	struct blkreq req;

	req_init(d, &req, BLKIF_OP_FLUSH_DISKCACHE, 0, 0, 0, 0, 0);
	return (int16_t)blkqueue_do(d->q, &req);
}

static void still_fails(struct disk *d, const char *when)
{
	check(flush(d) == BLKIF_RSP_ERROR, "a flush %s says that all is well", when);
	disk_works(d);
}

void blk_case(void)
{
	struct disk d, other;

	disk_new(&other, MIB, false);
	disk_connect(&other, BLKABI_NATIVE);
	disk_new_fuse(&d, MIB);
	disk_connect(&d, BLKABI_NATIVE);
	check(flush(&d) == BLKIF_RSP_OKAY, "a flush before all that");
	atomic_store(&fuse_faults()->flush, EIO);
	check(flush(&d) == BLKIF_RSP_ERROR, "the flush that fails");
	atomic_store(&fuse_faults()->flush, 0);
	still_fails(&d, "after it");
	disk_close(&d);
	disk_connect(&d, BLKABI_NATIVE);
	still_fails(&d, "of a frontend that has connected again");
	daemon_restart();
	still_fails(&d, "after a restart of the daemon");
	check(daemon_lines(d.dev, "a flush failed: Input/output error") == 1,
	      "the log says it %u times", daemon_lines(d.dev, "a flush failed"));
	check(flush(&other) == BLKIF_RSP_OKAY, "a flush of another disk fails");
	disk_close(&d);
	check(toolstack_detach(d.domid, "vbd", d.devid, false) == 0, "cannot detach");
	disk_attach(&d, fuse_image());
	disk_connect(&d, BLKABI_NATIVE);
	check(flush(&d) == BLKIF_RSP_OKAY, "a flush of a disk that was attached anew fails");
	disk_free(&d);
	fuse_end();
	disk_free(&other);
}
