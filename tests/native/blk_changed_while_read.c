// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests that a second thread of the guest changes while they are read (XSA-155):
 * whatever is seen of them, each is answered once, and nothing is written beyond
 * the sectors that one of their forms names within the disk; on a read-only disk nothing at all.
 */
#include <pthread.h>
#include <string.h>

#include "blk_case.h"

#define BATCH 8
#define WINDOW 256u /* sectors that may be written */
#define RUN_MS 1500
#define FLIPS_MAX 8

/* A field of a slot, and the forms it takes. */
struct flip {
	uint8_t at;
	uint8_t size;
	uint32_t forms[4];
};

static struct {
	struct blkring *ring;
	_Atomic uint32_t first; /* slot of the batch */
	_Atomic bool stop;
	unsigned int nr_flips;
	struct flip flips[FLIPS_MAX];
} flipper;

static void flip(void *field, uint8_t size, uint32_t form)
{
	if (size == 1)
		__atomic_store_n((uint8_t *)field, (uint8_t)form, __ATOMIC_RELAXED);
	else if (size == 2)
		__atomic_store_n((uint16_t *)field, (uint16_t)form, __ATOMIC_RELAXED);
	else
		__atomic_store_n((uint32_t *)field, form, __ATOMIC_RELAXED);
}

/* Each field of one slot to the form that two of the random bits say. */
static void flip_slot(uint8_t *slot, uint64_t random)
{
	for (unsigned int k = 0; k < flipper.nr_flips; k++, random >>= 2) {
		const struct flip *f = &flipper.flips[k];

		flip(slot + f->at, f->size, f->forms[random & 3]);
	}
}

static void *flipper_thread(void *arg)
{
	uint64_t seed = 11;

	while (!flipper.stop) {
		uint32_t first = flipper.first;
		uint64_t random = draw(&seed);

		for (uint32_t i = 0; i < BATCH; i++)
			flip_slot(blkring_slot(flipper.ring, first + i), random >> 2 * i);
	}
	return NULL;
}

static void add_flip(uint8_t at, uint8_t size, uint32_t a, uint32_t b, uint32_t c, uint32_t e)
{
	flipper.flips[flipper.nr_flips++] = (struct flip){ at, size, { a, b, c, e } };
}

/*
 * Responses lie in the same slots, with the id where operation and number of
 * segments were: when these are flipped nothing can be read in a response.
 */
static void await_unread(struct disk *d)
{
	struct blkring *r = &d->q->ring;
	int64_t until = now_ms() + PATIENCE_MS;
	uint32_t prod;

	while ((prod = r->shared->rsp_prod) != r->req_prod) {
		check(now_ms() < until, "%u requests are not answered", r->req_prod - prod);
		check(r->req_prod - prod <= BATCH, "more answers than requests");
		atomic_store(&r->shared->rsp_event, prod + 1);
		if (r->shared->rsp_prod == prod)
			guest_events_wait(d->q->events, 100);
	}
	r->rsp_cons = prod;
	d->q->count.answered = d->q->count.submitted;
	memset(d->q->pending, 0, sizeof(d->q->pending));
}

static void send_batch(struct disk *d, uint8_t op)
{
	struct blkreq req;

	for (unsigned int i = 0; i < BATCH; i++) {
		req_init(d, &req, op, 8 * i, i * SEGMENTS, SEGMENTS, 0, 0);
		req.nr_segments = 1 + i;
		flipper.first = i == 0 ? d->q->ring.req_prod : flipper.first;
		check(blkqueue_submit(d->q, &req, i) == 0, "the ring is full");
	}
	blkqueue_push(d->q);
}

static void run(struct disk *d, bool heads, uint8_t op)
{
	int64_t until = now_ms() + RUN_MS;
	pthread_t thread;

	flipper.ring = &d->q->ring;
	flipper.stop = false;
	check(pthread_create(&thread, NULL, flipper_thread, NULL) == 0, "no thread");
	while (now_ms() < until) {
		send_batch(d, op);
		if (heads)
			await_unread(d);
		else
			disk_drain(d, NULL);
	}
	flipper.stop = true;
	pthread_join(thread, NULL);
	flipper.nr_flips = 0;
	check(d->q->count.submitted > 10 * BATCH, "nothing happened");
}

/* What to write from or read to, and where: good, and bad in every way. */
static void bodies(enum blkabi abi, uint8_t op)
{
	struct disk d;
	const struct blkabi_layout *at = blkabi_layout(abi);
	uint32_t good;

	disk_new(&d, MIB, false);
	disk_connect(&d, abi);
	good = op == BLKIF_OP_READ ? d.front->pages[0].rw : d.front->pages[0].ro;
	/* low and high half; the last form is across the end, for more than one sector */
	add_flip(at->sector, 4, 8, WINDOW - 8 * SEGMENTS, 0xffffffff,
		 (uint32_t)(d.bytes / SECTOR) - 1);
	add_flip((uint8_t)(at->sector + 4), 4, 0, 0, 0, 0x00800000);
	add_flip(at->segments, 4, good, good, good, UINT32_MAX);
	add_flip((uint8_t)(at->segments + 4), 2, 0x0700, 0x0700, 0xff00, 0x0007);
	add_flip((uint8_t)(at->segments + 8 + 4), 2, 0x0700, 0x0700, 0x0000, 0xffff);
	run(&d, false, op);
	check(d.q->count.failed > 0 && d.q->count.failed < d.q->count.submitted,
	      "all requests went the same way");
	disk_learn(&d, 0, WINDOW);
	/* What is flipped while the batch is being written can be a segment of one sector there. */
	disk_learn(&d, d.bytes / SECTOR - 1, 1);
	disk_free(&d);
}

/* Operation and number of segments. */
static void heads(enum blkabi abi, bool readonly)
{
	struct disk d;

	disk_new(&d, MIB, readonly);
	d.answers_unread = true;
	disk_connect(&d, abi);
	add_flip(0, 1, BLKIF_OP_READ, BLKIF_OP_WRITE, BLKIF_OP_FLUSH_DISKCACHE, 200);
	add_flip(1, 1, 1, SEGMENTS, SEGMENTS + 1, 255);
	run(&d, true, BLKIF_OP_READ);
	if (!readonly)
		disk_learn(&d, 0, WINDOW);
	disk_free(&d);
}

void blk_case(void)
{
	bodies(BLKABI_X86_64, BLKIF_OP_WRITE);
	bodies(BLKABI_X86_32, BLKIF_OP_WRITE);
	bodies(BLKABI_X86_64, BLKIF_OP_READ);
	heads(BLKABI_X86_64, false);
	heads(BLKABI_X86_32, true);
}
