// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * blkback-worker: serves one vbd. Sees its rings, grants, event channels and
 * one open image; no XenStore and no path.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/util.h"
#include "disk.h"
#include "priority.h"
#include "queue.h"
#include "worker/shm.h"
#include "worker/child.h"
#include "worker/sandbox.h"

#define MAX_ERRNO 4095u /* the kernel's */

static struct blk_queue *queues[BLK_MAX_QUEUES];
static char dev[sizeof(((struct worker_msg *)0)->dev)];
static struct disk disk;
static int life_fd = -1; /* see BLK_FD_LIFE */

static void take_store(struct child *c)
{
	if (c->nr_fds == 0)
		return;
	if (life_fd >= 0)
		close(life_fd);
	life_fd = c->nr_fds > 1 ? c->fds[1] : -1;
	blk_queue_store(queues[0], c->fds[0], c->msg.id);
}

static void set_limits(const struct blk_conf *conf)
{
	throttle_set(&disk.own_limits, &conf->limits);
	throttle_set(&disk.guest_limits, &conf->guest_limits);
	disk.stats->limits = conf->limits;
	disk.stats->guest_limits = conf->guest_limits;
}

static void change_limits(const struct blk_conf *conf)
{
	uint64_t now = now_ns();

	set_limits(conf);
	throttle_forgive(&disk.own_limits, now);
	throttle_forgive(&disk.guest_limits, now);
	for (unsigned int i = 0; i < disk.conf.nr_queues; i++)
		blk_queue_wake(queues[i]);
}

/* Until told to stop, or until the supervisor is gone. */
static void wait_for_stop(struct child *c)
{
	while (!child_recv(c)) {
		if (c->msg.type == WORKER_MSG_STOP)
			return;
		if (c->msg.type == WORKER_MSG_RESIZE)
			atomic_store(&disk.sectors, c->msg.blk.sectors);
		if (c->msg.type == WORKER_MSG_LIMITS)
			change_limits(&c->msg.blk);
		if (c->msg.type == WORKER_MSG_STORE)
			take_store(c);
	}
}

/* What is used up of the limits, and counted, goes on from where a predecessor left it. */
static int open_shared(const int *fds)
{
	void *stats, *guest;
	int err = shm_take(fds[BLK_FD_STATS], sizeof(*disk.stats), &stats);

	if (!err)
		err = shm_take(fds[BLK_FD_GUEST], sizeof(struct blk_limits_used), &guest);
	if (err)
		return child_failed(err, 0, "cannot map its counters and limits");
	disk.stats = stats;
	/* One that was killed may have left some. */
	memset(disk.stats->gauge, 0, sizeof(disk.stats->gauge));
	throttle_init(&disk.own_limits, &disk.stats->used);
	throttle_init(&disk.guest_limits, guest);
	set_limits(&disk.conf);
	atomic_store(&disk.flush_error, -(int)MIN(disk.stats->flush_error, MAX_ERRNO));
	return 0;
}

static int open_queues(void)
{
	int err = 0;

	for (unsigned int i = 0; i < disk.conf.nr_queues && !err; i++)
		err = blk_queue_open(&disk, i, &queues[i]);
	return err;
}

static int serve(struct child *c)
{
	int err = sandbox_seal(dev);

	if (err)
		return child_failed(err, 0, "cannot seal the worker");
	for (unsigned int i = 0; i < disk.conf.nr_queues && !err; i++)
		err = blk_queue_start(queues[i]);
	if (err)
		return child_failed(err, 0, "cannot start a queue's thread");
	err = child_ready();
	if (err)
		return err;
	wait_for_stop(c);
	return 0;
}

/* All are told before the first is waited for: they finish side by side. */
static void close_queues(void)
{
	for (unsigned int i = 0; i < disk.conf.nr_queues; i++)
		if (queues[i])
			blk_queue_stop(queues[i]);
	for (unsigned int i = 0; i < disk.conf.nr_queues; i++)
		blk_queue_close(queues[i]);
}

/*
 * Nothing of ours is under way any more: a successor need not wait until the
 * kernel has cleared away what we leave (the supervisor's image_lock.c).
 */
static void unlock_image(void)
{
	struct flock all = { .l_type = F_UNLCK, .l_whence = SEEK_SET };

	if (disk.conf.store == BLK_STORE_FILE && !atomic_load(&disk.unfinished))
		fcntl(disk.image, F_OFD_SETLK, &all);
}

int main(int argc, char **argv)
{
	struct child c;
	int err = child_begin(&c, argc, argv, "blkback-worker");

	if (err)
		return EXIT_FAILURE;
	if (c.nr_fds < BLK_NR_FDS || c.msg.blk.nr_queues < 1 ||
	    c.msg.blk.nr_queues > BLK_MAX_QUEUES) {
		child_failed(-EPROTO, 0, "started without an image, counters or a ring");
		return EXIT_FAILURE;
	}
	snprintf(dev, sizeof(dev), "%s", c.msg.dev); /* c.msg is used again */
	disk.dev = dev;
	disk.image = c.fds[BLK_FD_IMAGE];
	disk.conf = c.msg.blk;
	disk.conf.export[sizeof(disk.conf.export) - 1] = '\0';
	disk.store_number = c.msg.id;
	if (c.nr_fds > BLK_FD_LIFE)
		life_fd = c.fds[BLK_FD_LIFE];
	atomic_store(&disk.sectors, disk.conf.sectors);
	priority_set(dev, &disk.conf);
	err = open_shared(c.fds);
	if (!err)
		err = open_queues();
	if (!err)
		err = serve(&c);
	close_queues();
	unlock_image();
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
