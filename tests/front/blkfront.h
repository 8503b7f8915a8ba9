/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A block frontend: connects a vbd of a guest, keeps requests in flight, and
 * keeps books of them. Whatever it is asked to send it sends, right or wrong;
 * what comes back is checked: answers to what is not in flight (never sent, or
 * answered already), and those with another operation, are counted as strange.
 *
 * One thread for each queue, and one thread at a time for the rest. int
 * functions return 0 or -errno unless told otherwise.
 */
#ifndef FRONT_BLKFRONT_H
#define FRONT_BLKFRONT_H

#include "blkring.h"
#include "guest.h"
#include "xenbus.h"

#define BLKFRONT_QUEUES_MAX 16
#define BLKFRONT_ORDER_MAX 4
#define BLKFRONT_SLOTS_MAX 512 /* more than any ABI has in 2^BLKFRONT_ORDER_MAX pages */
#define BLKFRONT_PATIENCE_MS 20000

struct blkfront_conf {
	enum blkabi abi;
	bool no_protocol;	 /* leave the key out */
	unsigned int ring_order; /* -ERANGE: the backend does not offer as much */
	unsigned int nr_queues;	 /* 0 = 1; -ERANGE likewise */
	unsigned int nr_pages;	 /* of the pool; 0 = 11 for each slot of the rings */
	bool persistent;	 /* the pool's grants stay as they are */
};

/* What the backend has said by state 4. */
struct blkfront_disk {
	uint64_t sectors; /* of 512 bytes */
	uint32_t sector_size;
	uint32_t physical_sector_size;
	unsigned int info; /* VDISK_... of blkif.h */
	bool flush;
	bool barrier;
	bool discard;
	uint32_t discard_granularity;
	bool persistent;
	unsigned int indirect_segments; /* 0 = none */
};

/* A page for data. A backend may write into it by @rw only. */
struct blkpage {
	uint8_t *data;
	uint32_t rw;
	uint32_t ro;
};

struct blkqueue_count {
	uint64_t submitted;
	uint64_t answered; /* to what was in flight */
	uint64_t strange;
	uint64_t failed; /* answered with other than BLKIF_RSP_OKAY */
	uint64_t sent;	 /* events */
	uint64_t received;
	uint64_t armed; /* how often an event was asked for */
	uint64_t slept;
};

struct blkdone {
	uint64_t tag;
	uint64_t id;
	uint8_t op;
	int16_t status;
	bool strange;
	struct blkslot slot; /* all of it, as it was found */
};

struct blkpending {
	bool used;
	uint8_t op;
	uint64_t id;
	uint64_t tag;
};

struct blkqueue {
	struct blkfront *front;
	struct blkring ring;
	void *pages;
	unsigned int nr_ring_pages;
	uint32_t refs[1u << BLKFRONT_ORDER_MAX];
	struct guest_events *events;
	uint32_t port;
	struct blkpending pending[BLKFRONT_SLOTS_MAX];
	uint32_t serial; /* makes ids that were never used */
	struct blkqueue_count count;
};

struct blkfront {
	struct front *bus;
	struct guest *guest;
	struct blkfront_conf conf;
	struct blkfront_disk disk;
	unsigned int nr_queues;
	struct blkqueue *queues;
	unsigned int nr_pages;
	struct blkpage *pages;
};

/*
 * From state 1 (or, a device that was closed, 6) to 4. -ECONNRESET: the backend
 * closed the device instead.
 */
int blkfront_open(uint16_t domid, unsigned int devid, const struct blkfront_conf *conf,
		  struct blkfront **ret);

/*
 * The same in two steps: all that is needed is made and said, but no state;
 * between them keys can be changed.
 */
int blkfront_prepare(uint16_t domid, unsigned int devid, const struct blkfront_conf *conf,
		     struct blkfront **ret);
int blkfront_connect(struct blkfront *f);

/* States 5 and 6, as the backend follows. -EBUSY: it still has a grant of ours in use. */
int blkfront_close(struct blkfront *f);
/* Without a word: what was granted stays granted. */
void blkfront_abandon(struct blkfront *f);

static inline struct blkqueue *blkfront_queue(struct blkfront *f, unsigned int i)
{
	return &f->queues[i];
}

/*
 * Put a request into the ring. Its id is made here and returned in @req; @tag
 * comes back with the answer. -EAGAIN: the ring is full.
 */
int blkqueue_submit(struct blkqueue *q, struct blkreq *req, uint64_t tag);
/* The same with a slot of the caller's making; its operation and id are taken down as they are. */
int blkqueue_submit_raw(struct blkqueue *q, const struct blkslot *slot, uint64_t tag);
/* Let the backend see them; one event if it wants one. */
int blkqueue_push(struct blkqueue *q);
int blkqueue_notify(struct blkqueue *q); /* in any case */

/* Take what is answered, without waiting: how many. */
unsigned int blkqueue_reap(struct blkqueue *q, struct blkdone *done, unsigned int max);
unsigned int blkqueue_inflight(const struct blkqueue *q);

/*
 * Sleep until there is an answer that was not taken: 1, 0 = time is up, or
 * -errno. Looks into the ring only as often as the protocol says.
 */
int blkqueue_wait(struct blkqueue *q, int timeout_ms);
/* The same at descriptor level: arm, then sleep on the fd, then take the event. */
bool blkqueue_arm(struct blkqueue *q);
int blkqueue_take_event(struct blkqueue *q);

/* A segment of @page for reading from the disk (rw) or writing to it (ro). */
static inline struct blkif_request_segment blkpage_segment(const struct blkpage *page, bool rw,
							   uint8_t first, uint8_t last)
{
	return (struct blkif_request_segment){
		.gref = rw ? page->rw : page->ro,
		.first_sect = first,
		.last_sect = last,
	};
}

/* One request and its answer: BLKIF_RSP_..., or -errno below -1000 if there was none. */
#define BLKFRONT_NO_ANSWER(err) (-1000 + (err))
int blkqueue_do(struct blkqueue *q, struct blkreq *req);

#endif
