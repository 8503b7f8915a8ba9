/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * netback-worker: serves one vif. Sees its rings, grants, event channels and
 * its tap; no XenStore, no path, no netlink.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "control.h"
#include "ctrl.h"
#include "direct.h"
#include "limit.h"
#include "queue.h"
#include "worker/child.h"
#include "worker/sandbox.h"
#include "worker/shm.h"

static struct net_queue *queues[NET_MAX_QUEUES];
static char dev[sizeof(((struct worker_msg *)0)->dev)];
static atomic_uint nr_stalled;
static struct net_card card = { .nr_stalled = &nr_stalled };
static struct net_control control;
static struct net_ctrl *ctrl;
static struct gmaps *maps[NET_MAX_QUEUES];

static void change_live(const struct net_live *live)
{
	net_control_live(&control, live);
	child_tell(WORKER_MSG_NET_LIVE_DONE, 0);
}

/* Nobody depends on it: what cannot be set up goes through the tap. */
static void change_pair(struct child *c)
{
	const struct net_pair_conf *how = &c->msg.pair;
	void *memory;
	int ret;

	if (!c->nr_fds && card.direct && how->slot < NET_PAIR_PEERS) {
		net_direct_part(card.direct, how->slot);
		return;
	}
	if (c->nr_fds != NET_PAIR_NR_FDS || !card.direct || how->slot >= NET_PAIR_PEERS ||
	    how->half > 1) {
		while (c->nr_fds)
			close(c->fds[--c->nr_fds]);
		return;
	}
	ret = shm_take(c->fds[NET_PAIR_FD_MEMORY], sizeof(struct net_pair_memory), &memory);
	if (ret)
		close(c->fds[NET_PAIR_FD_SOCKET]);
	else
		ret = net_direct_pair(card.direct, how, memory, c->fds[NET_PAIR_FD_SOCKET]);
	if (ret)
		log_warn(dev, "frames for vif/%u/%u go through the tap: %s", how->domid, how->devid,
			 strerror(-ret));
}

/* Until told to stop, or until the supervisor is gone. */
static void wait_for_stop(struct child *c)
{
	while (!child_recv(c)) {
		if (c->msg.type == WORKER_MSG_STOP)
			return;
		if (c->msg.type == WORKER_MSG_LIMITS)
			limit_change(&card, c->msg.net.limits);
		if (c->msg.type == WORKER_MSG_NET_LIVE)
			change_live(&c->msg.net.live);
		if (c->msg.type == WORKER_MSG_NET_PAIR)
			change_pair(c);
	}
}

static int open_stats(int fd)
{
	void *stats;
	int ret = shm_take(fd, sizeof(*card.stats), &stats);

	if (ret)
		return child_failed(ret, 0, "cannot map its counters");
	card.stats = stats;
	limit_init(&card);
	limit_set(&card, card.conf.limits);
	return 0;
}

static int open_memory(int fd)
{
	void *memory;
	int ret = shm_take(fd, sizeof(struct net_memory), &memory);

	if (ret)
		return child_failed(ret, 0, "cannot map what it knows of the frontend");
	net_control_init(&control, &card.conf, memory);
	return 0;
}

static int open_queues(void)
{
	int ret = 0;

	if (card.conf.direct && !(card.direct = net_direct_new(dev, card.conf.live.filter.mac)))
		return child_failed(-ENOMEM, 0, "no memory for frames past the tap");
	for (unsigned int i = 0; i < card.conf.nr_queues && !ret; i++)
		ret = net_queue_open(&card, i, &queues[i]);
	return ret ? ret : net_ctrl_open(&card, &ctrl);
}

static int serve(struct child *c)
{
	int ret = sandbox_seal(dev);

	if (ret)
		return child_failed(ret, 0, "cannot seal the process");
	for (unsigned int i = 0; i < card.conf.nr_queues && !ret; i++)
		ret = net_queue_start(queues[i]);
	if (!ret)
		ret = net_ctrl_start(ctrl);
	if (ret)
		return ret;
	ret = child_ready();
	if (ret)
		return ret;
	wait_for_stop(c);
	return 0;
}

/* All are told before the first is waited for: they finish side by side. */
static void close_queues(void)
{
	net_ctrl_stop(ctrl);
	for (unsigned int i = 0; i < card.conf.nr_queues; i++)
		if (queues[i])
			net_queue_stop(queues[i]);
	for (unsigned int i = 0; i < card.conf.nr_queues; i++)
		if (queues[i])
			net_queue_close(queues[i]);
	net_ctrl_close(ctrl);
	net_direct_free(card.direct);
}

int main(int argc, char **argv)
{
	struct child c;
	int ret = child_begin(&c, argc, argv, "netback-worker");

	if (ret)
		return EXIT_FAILURE;
	card.conf = c.msg.net; /* c.msg is used again */
	if (card.conf.nr_queues < 1 || card.conf.nr_queues > NET_MAX_QUEUES ||
	    c.nr_fds != (unsigned int)NET_FD_TAP + card.conf.nr_queues + 2u * card.conf.steer) {
		child_failed(-EPROTO, 0, "started without counters, a queue, or a tap for each");
		return EXIT_FAILURE;
	}
	snprintf(dev, sizeof(dev), "%s", c.msg.dev);
	card.dev = dev;
	for (unsigned int i = 0; i < card.conf.nr_queues; i++)
		card.taps[i] = c.fds[NET_FD_TAP + i];
	for (unsigned int i = 0; card.conf.steer && i < 2; i++)
		card.steer_fds[i] = c.fds[NET_FD_TAP + card.conf.nr_queues + i];
	card.control = &control;
	card.maps = maps;
	ret = open_stats(c.fds[NET_FD_STATS]);
	if (!ret)
		ret = open_memory(c.fds[NET_FD_MEMORY]);
	if (!ret)
		ret = open_queues();
	if (!ret)
		ret = serve(&c);
	close_queues();
	return ret ? EXIT_FAILURE : EXIT_SUCCESS;
}
