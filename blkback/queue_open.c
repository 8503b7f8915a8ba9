// SPDX-License-Identifier: GPL-2.0-or-later
/* What a queue needs, from before the seal until its end. */
#include "queue.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/util.h"
#include "queue_priv.h"
#include "worker/child.h"

/* Buffers: as many small ones as requests, up to 8 MiB, and up to 32 MiB of large ones. */
#define NR_SMALL_MAX 128u
#define NR_LARGE_MAX 32u

/* Of one processor, for watching the ring of a guest that sends one request after another. */
#define POLL_PERCENT 50

/* What xen-blkback keeps: a ring of one page with 32 segments in each of its requests. */
#define NR_PERSISTENT_MAX 1056u

static int open_xen(struct blk_queue *q, const struct blk_conf *conf)
{
	const struct blk_ring_conf *ring = &conf->rings[q->number];
	int err = gnttab_open(&q->gt);

	if (err)
		return child_failed(err, 0, "cannot open /dev/xen/gntdev");
	err = evtchn_open(&q->ec);
	if (err)
		return child_failed(err, 0, "cannot open /dev/xen/evtchn");
	err = gnttab_map(q->gt, conf->domid, ring->refs, conf->ring_pages, &q->ring_pages);
	if (err)
		return child_failed(err, 0, "cannot map ring %u, grant reference %u", q->number,
				    ring->refs[0]);
	/* A predecessor is out of the ring when it lets the port go. */
	err = evtchn_bind_patiently(q->ec, q->disk->dev, conf->domid, ring->evtchn,
				    CHILD_CONTROL_FD, &q->port);
	if (err == -ECANCELED) /* we are asked to stop; nothing is amiss */
		return err;
	if (err)
		return child_failed(err, 0,
				    "cannot bind event channel %u; does another backend serve it?",
				    ring->evtchn);
	err = ring_attach(&q->ring, q->ring_pages, conf->ring_pages * XEN_PAGE_SIZE,
			  blk_slot_size(conf->abi));
	if (err)
		return child_failed(err, 0, "indices in ring %u are impossible", q->number);
	evtchn_restrict(q->ec, conf->domid); /* older kernels cannot */
	return 0;
}

static int open_copies(struct blk_queue *q, unsigned int nr_buffers)
{
	unsigned int max = nr_buffers * BLK_MAX_SEGMENTS;
	uint16_t domid = q->conf.domid;
	int err = gcopy_new(q->gt, domid, GCOPY_FROM_GUEST, max, &q->from_guest);

	if (!err)
		err = gcopy_new(q->gt, domid, GCOPY_TO_GUEST, max, &q->to_guest);
	if (!err)
		err = gcopy_new(q->gt, domid, GCOPY_FROM_GUEST, q->ring.nr_slots, &q->fetch);
	return err;
}

static int open_data(struct blk_queue *q)
{
	unsigned int nr_small = MIN(q->ring.nr_slots, NR_SMALL_MAX);
	unsigned int nr_large = MIN(q->ring.nr_slots, NR_LARGE_MAX);
	int err = bounce_new(nr_small, nr_large, &q->bounce);

	if (!err)
		err = open_copies(q, nr_small + nr_large);
	if (!err && q->conf.data != BLK_DATA_COPY)
		err = persist_new(q->gt, q->conf.domid, NR_PERSISTENT_MAX, &q->persist);
	return err;
}

/* Address space, most of which is never touched. */
static int make_requests(struct blk_queue *q)
{
	q->requests = calloc(q->ring.nr_slots, sizeof(*q->requests));
	q->descriptors = calloc(q->ring.nr_slots, sizeof(*q->descriptors));
	if (!q->requests || !q->descriptors)
		return -ENOMEM;
	for (unsigned int i = q->ring.nr_slots; i > 0; i--)
		batch_add(&q->free, i - 1);
	return 0;
}

static int open_engine(struct blk_queue *q)
{
	const struct engine_conf conf = {
		.dev = q->disk->dev,
		.fd = q->disk->image,
		.depth = q->ring.nr_slots,
		.discard = q->conf.discard,
		.kind = q->conf.engine,
		.export = q->conf.export,
		.store_number = q->disk->store_number,
	};

	return q->conf.store == BLK_STORE_NBD ? engine_nbd_open(&conf, &q->engine)
					      : engine_open(&conf, &q->engine);
}

static void release(struct blk_queue *q)
{
	engine_close(q->engine);
	gcopy_free(q->fetch);
	gcopy_free(q->from_guest);
	gcopy_free(q->to_guest);
	bounce_free(q->bounce);
	persist_free(q->persist);
	free(q->descriptors);
	free(q->requests);
	evtchn_close(q->ec);
	if (q->ring_pages)
		gnttab_unmap(q->gt, q->ring_pages, q->conf.ring_pages);
	gnttab_close(q->gt);
	if (q->stop_fd >= 0)
		close(q->stop_fd);
	if (q->wake_fd >= 0)
		close(q->wake_fd);
	free(q);
}

int blk_queue_open(struct disk *disk, unsigned int number, struct blk_queue **ret)
{
	struct blk_queue *q = calloc(1, sizeof(*q));
	int err;

	if (!q)
		return child_failed(-ENOMEM, 0, "no memory");
	q->disk = disk;
	q->conf = disk->conf;
	q->number = number;
	q->count = &disk->stats->slot[number];
	q->gauge = &disk->stats->gauge[number];
	q->before = *q->count;
	poller_init(&q->poller, POLL_PERCENT, now_ns());
	q->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	q->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	err = open_xen(q, &disk->conf);
	if (err)
		goto err_release; /* it has been told */
	err = q->stop_fd < 0 || q->wake_fd < 0 ? -EMFILE : open_data(q);
	if (!err)
		err = make_requests(q);
	if (!err)
		err = open_engine(q);
	if (err) {
		child_failed(err, 0, "cannot set up I/O");
		goto err_release;
	}
	*ret = q;
	return 0;

err_release:
	release(q);
	return -EIO;
}

void blk_queue_store(struct blk_queue *q, int fd, unsigned int number)
{
	engine_store(q->engine, fd, number);
}

int blk_queue_start(struct blk_queue *q)
{
	int err = pthread_create(&q->thread, NULL, queue_thread, q);

	q->started = err == 0;
	return -err;
}

/* What this worker has done: each that a disk has had says its own. */
static void log_counters(const struct blk_queue *q)
{
	const struct blk_stats_slot *c = q->count, *b = &q->before;
	const struct blk_stats_op *op = c->op, *was = b->op;
	const char *dev = q->disk->dev;
	uint64_t requests[BLK_STATS_NR_OPS], failed = 0;

	for (unsigned int i = 0; i < BLK_STATS_NR_OPS; i++) {
		requests[i] = op[i].requests - was[i].requests;
		failed += op[i].failed - was[i].failed;
	}
	log_info(dev,
		 "served %" PRIu64 " reads, %" PRIu64 " writes, %" PRIu64 " flushes, %" PRIu64
		 " bytes; refused %" PRIu64 ", failed %" PRIu64 "; %" PRIu64 " discards, %" PRIu64
		 " indirect, %" PRIu64 " in mapped pages (ring %u)",
		 requests[BLK_STATS_READ], requests[BLK_STATS_WRITE], requests[BLK_STATS_FLUSH],
		 op[BLK_STATS_READ].bytes - was[BLK_STATS_READ].bytes + op[BLK_STATS_WRITE].bytes -
			 was[BLK_STATS_WRITE].bytes,
		 c->refused - b->refused, failed, requests[BLK_STATS_DISCARD],
		 c->indirect - b->indirect, c->mapped - b->mapped, q->number);
	log_info(dev,
		 "in %" PRIu64 " turns with %" PRIu64 " grant copies, %" PRIu64
		 " %s calls, %" PRIu64 " events taken, %" PRIu64 " sent, %" PRIu64
		 " spared by watching the ring for %" PRIu64 " ms",
		 c->turns - b->turns, c->copies - b->copies, engine_syscalls(q->engine),
		 engine_name(q->engine), c->events - b->events, c->notifies - b->notifies,
		 c->watched - b->watched, (c->watched_ns - b->watched_ns) / (uint64_t)NS_PER_MS);
}

static void signal_thread(struct blk_queue *q, int fd)
{
	uint64_t one = 1;

	if (q->started && write(fd, &one, sizeof(one)) != sizeof(one))
		log_err(q->disk->dev, "cannot reach ring %u: %s", q->number, strerror(errno));
}

void blk_queue_wake(struct blk_queue *q)
{
	signal_thread(q, q->wake_fd);
}

void blk_queue_stop(struct blk_queue *q)
{
	signal_thread(q, q->stop_fd);
}

void blk_queue_close(struct blk_queue *q)
{
	if (!q)
		return;
	blk_queue_stop(q);
	if (q->started) {
		pthread_join(q->thread, NULL);
		log_counters(q);
	}
	release(q);
}
