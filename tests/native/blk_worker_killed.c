// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A worker that is killed with requests in flight, which nobody can answer any more: its
 * device closes with an error node, nothing stays mapped, other disks go on; a new life works.
 */
#include <signal.h>
#include <string.h>

#include "blk_case.h"

static void kill_one(struct disk *d, struct disk *other)
{
	struct blkreq req;
	char text[256];

	disk_connect(d, BLKABI_NATIVE);
	disk_works(d);
	for (unsigned int i = 0; i < d->q->ring.nr_slots; i++) {
		req_init(d, &req, BLKIF_OP_READ, 8 * i, i, 1, 0, 7);
		blkqueue_submit(d->q, &req, i);
	}
	blkqueue_push(d->q);
	check(kill(disk_worker(d), SIGKILL) == 0, "cannot kill the worker");
	disk_wait_stopped(d);
	disk_error(d, text, sizeof(text));
	check(strstr(text, "killed"), "error node: %s", text);
	disk_works(other);
}

void blk_case(void)
{
	struct disk d, other;

	disk_new(&other, MIB, false);
	disk_connect(&other, BLKABI_NATIVE);
	disk_new(&d, MIB, false);
	for (unsigned int i = 0; i < 5; i++) {
		kill_one(&d, &other);
		/* Its counters died with it. */
		check(blkfront_close(d.front) == 0, "grants are still in use");
		d.front = NULL;
	}
	disk_connect(&d, BLKABI_NATIVE);
	disk_works(&d);
	disk_free(&d);
	disk_free(&other);
}
