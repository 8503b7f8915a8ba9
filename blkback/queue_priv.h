/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside of a queue: what queue.c, queue_open.c and data.c share. */
#ifndef PVBACK_BLK_QUEUE_PRIV_H
#define PVBACK_BLK_QUEUE_PRIV_H

#include <pthread.h>

#include "base/log.h"
#include "bounce.h"
#include "disk.h"
#include "engine.h"
#include "parse.h"
#include "persist.h"
#include "poller.h"
#include "queue.h"
#include "request.h"
#include "ring/ring.h"
#include "stats.h"
#include "xen/evtchn.h"
#include "xen/gnttab.h"

#define RING_SLOTS_MAX (32u * BLK_MAX_RING_PAGES)

/* Private copy of what the page of an indirect request says. */
struct descriptors {
	struct blkif_request_segment segments[BLK_MAX_INDIRECT];
};

/* Indices of requests that have reached the same step. */
struct batch {
	unsigned int nr;
	uint16_t index[RING_SLOTS_MAX];
};

struct blk_queue {
	struct disk *disk;
	struct blk_conf conf; /* the disk's, with the size of this turn */
	unsigned int number;
	struct ring ring;
	void *ring_pages;
	struct gnttab *gt;
	struct evtchn *ec;
	uint32_t port; /* local */
	struct gcopy *fetch;
	struct gcopy *from_guest;
	struct gcopy *to_guest;
	struct engine *engine;
	struct bounce *bounce;
	struct persist *persist; /* NULL: the frontend takes its grants back */
	pthread_t thread;
	bool started;
	int stop_fd;
	int wake_fd; /* something of the disk has changed */
	bool stopping;
	bool broken;
	bool progress;		 /* this turn has found something to do */
	bool barrier;		 /* one is under way, alone */
	bool holding;		 /* memory or mappings that an idle queue gives back */
	bool only_limits;	 /* nothing else keeps those that wait */
	unsigned int nr_running; /* with the engine */
	uint64_t limit_ns;	 /* when a limit lets the next one start; 0: none waits for that */
	uint64_t turn_ns;	 /* when this turn began */
	uint64_t idle_ns;	 /* since when nothing is to be done; 0: there is */
	struct poller poller;
	struct request *requests;	 /* one for each slot */
	struct descriptors *descriptors; /* one for each slot */
	struct batch free;		 /* a stack */
	struct batch taken;		 /* judged good in this turn */
	struct batch waiting;		 /* for their turn to start, in the order of the ring */
	struct batch admitted;		 /* to be started in this turn */
	struct batch done;		 /* to be answered */
	struct blk_stats_slot *count;	 /* this ring's, counted on from its predecessors */
	struct blk_stats_gauge *gauge;
	struct blk_stats_slot before; /* what they had counted */
	struct log_meter meter;
};

static inline void batch_add(struct batch *b, unsigned int index)
{
	b->index[b->nr++] = (uint16_t)index;
}

static inline struct request *batch_at(struct blk_queue *q, const struct batch *b, unsigned int i)
{
	return &q->requests[b->index[i]];
}

/* queue.c: serves until it is stopped and everything is answered. */
void *queue_thread(void *queue);

/* admit.c: from q->waiting to q->admitted, with their data's place. */
void queue_admit(struct blk_queue *q);

/* data.c */

/*
 * Where the request's data is to lie: in the guest's own pages if they are
 * mapped, else in a buffer. -EAGAIN: no buffer is free, some request will put
 * one back.
 */
int data_attach(struct blk_queue *q, struct request *r);
void data_detach(struct blk_queue *q, struct request *r);

/*
 * One grant copy for all of @b that go this way, have a buffer and have not
 * failed; those whose copy fails get an error.
 */
void data_copy(struct blk_queue *q, struct gcopy *gc, struct batch *b, bool reads);

/* One grant copy for the descriptors of all indirect requests of @b; then judge them. */
void data_fetch_descriptors(struct blk_queue *q, struct batch *b);

/* An idle queue holds no page of the guest and no memory it does not need. */
void data_release_idle(struct blk_queue *q);

#endif
