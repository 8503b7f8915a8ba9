// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * blkback-worker: serves one vbd. Sees its ring, grants, event channel and
 * one open image; no XenStore and no path.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "queue.h"
#include "worker/child.h"
#include "worker/sandbox.h"

/* Until told to stop, or until the supervisor is gone. */
static void wait_for_stop(struct child *c)
{
	while (!child_recv(c))
		if (c->msg.type == WORKER_MSG_STOP)
			return;
}

static int serve(struct child *c, const char *dev, struct blk_queue *q)
{
	int err = sandbox_seal(dev);

	if (err)
		return child_failed(err, 0, "cannot seal the worker");
	err = blk_queue_start(q);
	if (err)
		return child_failed(err, 0, "cannot start the queue's thread");
	err = child_ready();
	if (err)
		return err;
	wait_for_stop(c);
	return 0;
}

int main(int argc, char **argv)
{
	char dev[sizeof(((struct worker_msg *)0)->dev)];
	struct blk_queue *q;
	struct child c;
	int err = child_begin(&c, argc, argv, "blkback-worker");

	if (err)
		return EXIT_FAILURE;
	if (c.nr_fds != 1) {
		child_failed(-EPROTO, 0, "started without an image");
		return EXIT_FAILURE;
	}
	snprintf(dev, sizeof(dev), "%s", c.msg.dev);
	if (blk_queue_open(dev, &c.msg.blk, c.fds[0], &q) != 0)
		return EXIT_FAILURE;
	err = serve(&c, dev, q);
	blk_queue_close(q);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
