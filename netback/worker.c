/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * netback-worker: serves one vif. Sees its rings, grants, event channels and
 * its tap; no XenStore, no path, no netlink.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
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

static int serve(struct child *c, const char *dev, struct net_queue *q)
{
	int ret = sandbox_seal(dev);

	if (ret)
		return child_failed(ret, 0, "cannot seal the process");
	ret = net_queue_start(q);
	if (ret)
		return ret;
	ret = child_ready();
	if (ret)
		return ret;
	wait_for_stop(c);
	return 0;
}

int main(int argc, char **argv)
{
	static char dev[sizeof(((struct worker_msg *)0)->dev)];
	struct net_queue *q;
	struct child c;
	int ret = child_begin(&c, argc, argv, "netback-worker");

	if (ret)
		return EXIT_FAILURE;
	if (c.nr_fds != 1) {
		child_failed(-EPROTO, 0, "started without a tap");
		return EXIT_FAILURE;
	}
	/* c.msg is overwritten by the next message. */
	for (unsigned int i = 0; i + 1 < sizeof(dev) && c.msg.dev[i]; i++)
		dev[i] = c.msg.dev[i];
	if (net_queue_open(dev, &c.msg.net, c.fds[0], &q))
		return EXIT_FAILURE;
	ret = serve(&c, dev, q);
	net_queue_close(q);
	return ret ? EXIT_FAILURE : EXIT_SUCCESS;
}
