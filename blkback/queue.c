// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One ring of a vbd and its thread.
 *
 * Theory of operation
 * -------------------
 * queue_turn() is the way of the data. Each of its steps works on the whole
 * batch that the step before has left, so that a turn costs, for any number of
 * requests, one grant copy for the writes that came, one for the reads that
 * are done, one io_uring call and at most one event to the guest.
 *
 * The thread sleeps in that io_uring call: the event channel and the stop
 * request are watched through the ring like any transfer.
 *
 * Every taken slot is a struct request until it is answered, so
 * ring_inflight() == nr_slots - nr_free at the end of every turn. There are as
 * many requests as slots: a frontend that keeps to the protocol cannot exhaust
 * them, and one that does not is caught by ring_avail().
 */
#include "queue.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/log.h"
#include "base/util.h"
#include "engine.h"
#include "parse.h"
#include "request.h"
#include "ring/ring.h"
#include "worker/child.h"
#include "xen/evtchn.h"
#include "xen/gnttab.h"

/* Engine tags: requests by their index, and these. */
#define TAG_EVENT UINT64_MAX
#define TAG_STOP (UINT64_MAX - 1)

/* From so many transfers in flight on, gather completions, for so long. */
#define GATHER_DEPTH 8
#define GATHER_NS (100 * 1000ull)

#define RING_SLOTS_MAX (32u * BLK_MAX_RING_PAGES)

/* Indices of requests that have reached the same step. */
struct batch {
	unsigned int nr;
	uint16_t index[RING_SLOTS_MAX];
};

struct counters {
	uint64_t reads, writes, flushes, refused, failed;
	uint64_t bytes;
	uint64_t turns, copies, events, notifies;
};

struct blk_queue {
	const char *dev;
	struct blk_conf conf;
	struct ring ring;
	void *ring_pages;
	struct gnttab *gt;
	struct evtchn *ec;
	uint32_t port; /* local */
	struct gcopy *from_guest;
	struct gcopy *to_guest;
	struct engine *engine;
	pthread_t thread;
	bool started;
	int stop_fd;
	bool stopping;
	bool broken;
	uint8_t *pool; /* buffers of all requests */
	struct request requests[RING_SLOTS_MAX];
	struct batch free;     /* a stack */
	struct batch taken;    /* judged good in this turn */
	struct batch finished; /* I/O done in this turn */
	struct counters count;
	struct log_meter meter;
};

static void batch_add(struct batch *b, unsigned int index)
{
	b->index[b->nr++] = (uint16_t)index;
}

static struct request *batch_at(struct blk_queue *q, const struct batch *b, unsigned int i)
{
	return &q->requests[b->index[i]];
}

static void answer(struct blk_queue *q, const struct blk_req *req, int16_t status)
{
	struct blk_response rsp;

	blk_format_response(req, status, &rsp);
	ring_put(&q->ring, &rsp, sizeof(rsp));
}

static void refuse(struct blk_queue *q, const struct blk_req *req, enum blk_verdict verdict)
{
	q->count.refused++;
	log_guest(&q->meter, q->dev, "request %s: operation %u, id %" PRIu64,
		  verdict == BLK_REJECT ? "refused" : "not supported", req->operation, req->id);
	answer(q, req, verdict == BLK_REJECT ? BLKIF_RSP_ERROR : BLKIF_RSP_EOPNOTSUPP);
}

/* Slots to judged requests in q->taken. */
static void take_requests(struct blk_queue *q)
{
	uint32_t avail;

	q->taken.nr = 0;
	if (q->stopping || q->broken)
		return;
	if (ring_avail(&q->ring, &avail) != 0) {
		q->broken = true;
		child_broken(0, "impossible number of requests");
		return;
	}
	for (; avail > 0; avail--) {
		unsigned int index = q->free.index[q->free.nr - 1];
		struct request *r = &q->requests[index];
		enum blk_verdict verdict;
		struct blk_slot slot;

		ring_take(&q->ring, &slot, blk_slot_size(q->conf.abi));
		verdict = blk_parse(&q->conf, &slot, &r->req);
		if (verdict != BLK_OK) {
			refuse(q, &r->req, verdict);
			continue;
		}
		q->free.nr--;
		r->error = 0;
		batch_add(&q->taken, index);
	}
}

static void add_copies(struct gcopy *gc, struct request *r)
{
	uint32_t at = 0;

	r->first_copy = gcopy_count(gc);
	for (unsigned int i = 0; i < r->req.nr_segments; i++) {
		const struct blk_segment *seg = &r->req.segments[i];

		gcopy_add(gc, seg->gref, seg->offset, r->buf + at, seg->len);
		at += seg->len;
	}
}

/*
 * One grant copy for all requests of @b that are of the given direction and
 * have not failed already.
 */
static void copy_batch(struct blk_queue *q, struct gcopy *gc, struct batch *b, bool reads)
{
	gcopy_reset(gc);
	for (unsigned int i = 0; i < b->nr; i++) {
		struct request *r = batch_at(q, b, i);

		if (!r->error && (r->req.kind == BLK_REQ_READ) == reads)
			add_copies(gc, r);
	}
	if (gcopy_count(gc) == 0)
		return;
	q->count.copies++;
	gcopy_run(gc);
	for (unsigned int i = 0; i < b->nr; i++) {
		struct request *r = batch_at(q, b, i);

		if (!r->error && (r->req.kind == BLK_REQ_READ) == reads &&
		    !gcopy_ok(gc, r->first_copy, r->req.nr_segments))
			r->error = -EFAULT;
	}
}

/* To the engine, but for those whose data could not be fetched. */
static void start_requests(struct blk_queue *q)
{
	for (unsigned int i = 0; i < q->taken.nr; i++) {
		struct request *r = batch_at(q, &q->taken, i);

		if (r->error)
			batch_add(&q->finished, q->taken.index[i]);
		else
			request_start(r, q->engine, q->taken.index[i]);
	}
}

static void on_event(struct blk_queue *q)
{
	uint32_t port;
	int nr = evtchn_take(q->ec, &port, 1);

	/* At once: the guest sends none until ring_arm() asks for it. */
	if (nr > 0)
		evtchn_unmask(q->ec, &port, 1);
	q->count.events++;
	engine_watch(q->engine, TAG_EVENT, evtchn_fd(q->ec));
}

static void on_done(struct blk_queue *q, const struct engine_done *done)
{
	if (done->tag == TAG_EVENT)
		on_event(q);
	else if (done->tag == TAG_STOP)
		q->stopping = true;
	else if (request_advance(&q->requests[done->tag], q->engine, done->tag, done->res))
		batch_add(&q->finished, (unsigned int)done->tag);
}

/* Requests whose I/O is done go into q->finished. */
static void reap(struct blk_queue *q)
{
	struct engine_done done[RING_SLOTS_MAX + 2];
	unsigned int nr = engine_reap(q->engine, done, ARRAY_SIZE(done));

	q->finished.nr = 0;
	for (unsigned int i = 0; i < nr; i++)
		on_done(q, &done[i]);
}

static void count_request(struct counters *count, const struct request *r)
{
	count->failed += r->error != 0;
	count->reads += r->req.kind == BLK_REQ_READ;
	count->writes += r->req.kind == BLK_REQ_WRITE || r->req.kind == BLK_REQ_FLUSH_WRITE;
	count->flushes += r->req.kind == BLK_REQ_FLUSH;
	count->bytes += r->req.len;
}

static void answer_finished(struct blk_queue *q)
{
	for (unsigned int i = 0; i < q->finished.nr; i++) {
		struct request *r = batch_at(q, &q->finished, i);

		if (r->error)
			log_guest(&q->meter, q->dev, "operation %u at byte %" PRIu64 " failed: %s",
				  r->req.operation, r->req.offset, strerror(-r->error));
		answer(q, &r->req, request_status(r));
		count_request(&q->count, r);
		batch_add(&q->free, q->finished.index[i]);
	}
}

static void push_and_notify(struct blk_queue *q)
{
	if (!ring_push(&q->ring))
		return;
	q->count.notifies++;
	evtchn_notify(q->ec, q->port);
}

static void queue_turn(struct blk_queue *q)
{
	q->count.turns++;
	reap(q);
	copy_batch(q, q->to_guest, &q->finished, true);
	take_requests(q);
	copy_batch(q, q->from_guest, &q->taken, false);
	start_requests(q);
	answer_finished(q);
	push_and_notify(q);
	assert(ring_inflight(&q->ring) + q->free.nr == q->ring.nr_slots);
}

/*
 * Start what the turn has prepared and sleep until there is a reason for the
 * next one.
 *
 * A deep queue gathers: while transfers come and go, completions are awaited
 * by the handful, and new requests are found in passing, without an event.
 * The limit keeps what waits from waiting long; a turn that found nothing ends
 * the gathering, so that a slow disk costs no CPU.
 */
static int submit_and_sleep(struct blk_queue *q)
{
	bool progress = q->taken.nr > 0 || q->finished.nr > 0;
	uint32_t inflight = ring_inflight(&q->ring);

	if (q->stopping || q->broken)
		return engine_submit(q->engine, 1, 0);
	if (progress && inflight >= GATHER_DEPTH)
		return engine_submit(q->engine, inflight / 4, GATHER_NS);
	return engine_submit(q->engine, ring_arm(&q->ring, 1) ? 0 : 1, 0);
}

static void *queue_thread(void *arg)
{
	struct blk_queue *q = arg;
	int err = 0;

	engine_watch(q->engine, TAG_EVENT, evtchn_fd(q->ec));
	engine_watch(q->engine, TAG_STOP, q->stop_fd);
	/* A predecessor may have pushed responses and died before its event:
	 * one for nothing costs the guest less than one that is missing. */
	evtchn_notify(q->ec, q->port);
	while (!err && !(q->stopping && ring_inflight(&q->ring) == 0)) {
		queue_turn(q);
		if (q->stopping && ring_inflight(&q->ring) == 0)
			break;
		err = submit_and_sleep(q);
	}
	if (err)
		child_failed(err, 0, "I/O engine gave up");
	return NULL;
}

static int open_xen(struct blk_queue *q)
{
	const struct blk_conf *conf = &q->conf;
	int err = gnttab_open(&q->gt);

	if (err)
		return child_failed(err, 0, "cannot open /dev/xen/gntdev");
	err = evtchn_open(&q->ec);
	if (err)
		return child_failed(err, 0, "cannot open /dev/xen/evtchn");
	err = gnttab_map(q->gt, conf->domid, conf->refs, conf->nr_refs, &q->ring_pages);
	if (err)
		return child_failed(err, 0, "cannot map the ring, grant reference %u",
				    conf->refs[0]);
	/* A predecessor is out of the ring when it lets the port go. */
	err = evtchn_bind_patiently(q->ec, q->dev, conf->domid, conf->evtchn, &q->port);
	if (err)
		return child_failed(err, 0,
				    "cannot bind event channel %u; does another backend serve it?",
				    conf->evtchn);
	err = ring_attach(&q->ring, q->ring_pages, conf->nr_refs * XEN_PAGE_SIZE,
			  blk_slot_size(conf->abi));
	if (err)
		return child_failed(err, 0, "indices in the ring are impossible");
	evtchn_restrict(q->ec, conf->domid); /* older kernels cannot */
	return 0;
}

static int open_copies(struct blk_queue *q)
{
	unsigned int max = q->ring.nr_slots * BLK_MAX_SEGMENTS;
	int err = gcopy_new(q->gt, q->conf.domid, GCOPY_FROM_GUEST, max, &q->from_guest);

	if (!err)
		err = gcopy_new(q->gt, q->conf.domid, GCOPY_TO_GUEST, max, &q->to_guest);
	return err;
}

static int make_requests(struct blk_queue *q)
{
	size_t size = (size_t)q->ring.nr_slots * BLK_MAX_REQUEST_BYTES;

	q->pool = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (q->pool == MAP_FAILED) {
		q->pool = NULL;
		return -errno;
	}
	for (unsigned int i = 0; i < q->ring.nr_slots; i++) {
		q->requests[i].buf = q->pool + (size_t)i * BLK_MAX_REQUEST_BYTES;
		batch_add(&q->free, i);
	}
	return 0;
}

static void release(struct blk_queue *q)
{
	engine_close(q->engine);
	gcopy_free(q->from_guest);
	gcopy_free(q->to_guest);
	if (q->pool)
		munmap(q->pool, (size_t)q->ring.nr_slots * BLK_MAX_REQUEST_BYTES);
	evtchn_close(q->ec);
	if (q->ring_pages)
		gnttab_unmap(q->gt, q->ring_pages, q->conf.nr_refs);
	gnttab_close(q->gt);
	if (q->stop_fd >= 0)
		close(q->stop_fd);
	free(q);
}

int blk_queue_open(const char *dev, const struct blk_conf *conf, int image, struct blk_queue **ret)
{
	struct blk_queue *q = calloc(1, sizeof(*q));
	int err;

	if (!q)
		return child_failed(-ENOMEM, 0, "no memory");
	q->dev = dev;
	q->conf = *conf;
	q->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	err = open_xen(q);
	if (err)
		goto err_release; /* it has been told */
	err = q->stop_fd < 0 ? -EMFILE : open_copies(q);
	if (!err)
		err = make_requests(q);
	if (!err)
		err = engine_open(image, q->ring.nr_slots, &q->engine);
	if (err) {
		child_failed(err, 0, "cannot set up I/O (io_uring)");
		goto err_release;
	}
	*ret = q;
	return 0;

err_release:
	release(q);
	return -EIO;
}

int blk_queue_start(struct blk_queue *q)
{
	int err = pthread_create(&q->thread, NULL, queue_thread, q);

	q->started = err == 0;
	return -err;
}

static void log_counters(const struct blk_queue *q)
{
	const struct counters *c = &q->count;

	log_info(q->dev,
		 "served %" PRIu64 " reads, %" PRIu64 " writes, %" PRIu64 " flushes, %" PRIu64
		 " bytes; refused %" PRIu64 ", failed %" PRIu64,
		 c->reads, c->writes, c->flushes, c->bytes, c->refused, c->failed);
	log_info(q->dev,
		 "in %" PRIu64 " turns with %" PRIu64 " grant copies, %" PRIu64
		 " io_uring calls, %" PRIu64 " events taken, %" PRIu64 " sent",
		 c->turns, c->copies, engine_syscalls(q->engine), c->events, c->notifies);
}

void blk_queue_close(struct blk_queue *q)
{
	uint64_t one = 1;

	if (q->started) {
		if (write(q->stop_fd, &one, sizeof(one)) != sizeof(one))
			log_err(q->dev, "cannot stop its thread: %s", strerror(errno));
		pthread_join(q->thread, NULL);
		log_counters(q);
	}
	release(q);
}
