// SPDX-License-Identifier: GPL-2.0-or-later
/* One broken ring of two stops the disk, with an error node; in its next life both work. */
#include <errno.h>
#include <string.h>

#include "blk_case.h"

static void connect_both(struct disk *d)
{
	struct blkfront_conf conf = { .nr_queues = 2 };
	int err = blkfront_open(d->domid, d->devid, &conf, &d->front);

	if (err == -ERANGE)
		skip("the backend offers one ring: there is one processor");
	check(err == 0, "cannot connect: %s", strerror(-err));
	for (unsigned int i = 0; i < 2; i++) {
		d->q = blkfront_queue(d->front, i);
		disk_works(d);
	}
}

void blk_case(void)
{
	struct disk d;

	disk_new(&d, MIB, false);
	for (unsigned int i = 0; i < 2; i++) {
		struct blkring *r;

		connect_both(&d);
		r = &blkfront_queue(d.front, i)->ring;
		atomic_store(&r->shared->req_prod, r->req_prod + r->nr_slots + 1);
		blkqueue_notify(blkfront_queue(d.front, i));
		disk_wait_stopped(&d);
		disk_close(&d);
	}
	connect_both(&d);
	disk_free(&d);
}
