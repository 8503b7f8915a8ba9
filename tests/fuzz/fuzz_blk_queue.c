// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * All of queue.c and request.c but the thread: a frontend, grants that are
 * good or bad, and a disk that answers in any order, in pieces, with errors.
 * Every slot taken is answered exactly once, with its id; what a read brought
 * is what the disk has there, and what a write took is what the page held.
 */
#include "fuzz.h"

#include "../../blkback/queue.c" // NOLINT(bugprone-suspicious-include): its steps are static
#include "fake_blk.h"

#define SLOTS 32u
#define BAD_GREF 0x10000u /* from here on the hypervisor refuses */
#define DISK_SECTORS 4096u
#define BLOCK 64u /* bytes of a page or of the disk that are alike */

/* A request as the frontend remembers it. */
struct sent {
	bool taken, answered;
	uint8_t op, nr_segments;
	uint64_t id, sector;
	struct blkif_request_segment seg[BLK_MAX_SEGMENTS];
};

static struct {
	uint32_t prod, cons;		 /* the frontend's */
	struct sent ring[SLOTS];	 /* by place in the ring */
	uint8_t pages[11 * SLOTS][4096]; /* one for each segment of each place */
	bool broken;
} guest;

struct engine {
	struct order {
		uint64_t tag, offset;
		uint8_t *buf;
		const uint8_t *data;
		uint32_t len;
		bool failed;
	} order[SLOTS];
	unsigned int nr;
	uint64_t flushes;
	struct fuzz *f;
	bool stop;
	bool orderly; /* no errors any more */
};

static struct engine engine;
static uint64_t flushes_owed; /* by what has been answered as good */

static uint8_t disk_byte(uint64_t offset)
{
	return fuzz_pattern(offset / 512 * 7 + offset % 512 / BLOCK);
}

static uint8_t page_byte(uint32_t gref, uint32_t at)
{
	return fuzz_pattern(gref * 64ull + at / BLOCK + (1ull << 40));
}

/* The disk. */

/* NOLINTNEXTLINE(readability-non-const-parameter): what is read goes there later */
static void order(uint64_t tag, uint8_t *buf, const uint8_t *data, uint32_t len, uint64_t offset)
{
	CHECK(engine.nr < SLOTS && tag < SLOTS);
	for (unsigned int i = 0; i < engine.nr; i++)
		CHECK(engine.order[i].tag != tag);
	CHECK(offset + len <= DISK_SECTORS * 512ull);
	engine.order[engine.nr++] = (struct order){
		.tag = tag, .offset = offset, .buf = buf, .data = data, .len = len
	};
}

void engine_read(struct engine *e, uint64_t tag, void *buf, uint32_t len, uint64_t offset)
{
	CHECK(len > 0);
	order(tag, buf, NULL, len, offset);
}

void engine_write(struct engine *e, uint64_t tag, const void *buf, uint32_t len, uint64_t offset)
{
	CHECK(len > 0);
	order(tag, NULL, buf, len, offset);
}

void engine_flush(struct engine *e, uint64_t tag)
{
	order(tag, NULL, NULL, 0, 0);
}

/* Bytes of its data, 0 if it cannot be a good request. */
static uint32_t bytes_of(const struct sent *s)
{
	uint32_t bytes = 0;

	for (unsigned int i = 0; i < s->nr_segments; i++) {
		if (i == BLK_MAX_SEGMENTS || s->seg[i].first_sect > s->seg[i].last_sect ||
		    s->seg[i].last_sect > 7)
			return 0;
		bytes += (s->seg[i].last_sect - s->seg[i].first_sect + 1u) * 512;
	}
	return bytes;
}

/* Do the pages of this request hold what is written to its place on the disk? */
static bool holds(const struct sent *s, const struct order *o, uint32_t len)
{
	uint64_t at = s->sector * 512;

	for (unsigned int i = 0; i < s->nr_segments; i++) {
		uint32_t in_page = s->seg[i].first_sect * 512u;

		for (; in_page < (s->seg[i].last_sect + 1u) * 512; in_page += BLOCK, at += BLOCK)
			if (at >= o->offset && at < o->offset + len &&
			    o->data[at - o->offset] != page_byte(s->seg[i].gref, in_page))
				return false;
	}
	return true;
}

static void check_written(const struct order *o, uint32_t len)
{
	for (unsigned int i = 0; i < SLOTS; i++) {
		const struct sent *s = &guest.ring[i];
		uint64_t start = s->sector * 512, end = start + bytes_of(s);

		if (s->taken && !s->answered && s->op != BLKIF_OP_READ && start <= o->offset &&
		    end >= o->offset + len && holds(s, o, len))
			return;
	}
	CHECK(!"written is what some request of the guest holds");
}

static int32_t do_order(struct order *o)
{
	uint8_t bits = engine.orderly ? 0 : fuzz_u8(engine.f);
	uint32_t len = o->len;

	if (bits >= 0xf0)
		return (bits & 1) ? -EIO : -EAGAIN;
	if (!o->buf && !o->data) {
		engine.flushes++;
		return 0;
	}
	if (bits >= 0xe0) /* a piece, or the end of the image */
		len = (bits & 15) * 512u < len ? (bits & 15) * 512u : len;
	for (uint32_t i = 0; o->buf && i < len; i += BLOCK)
		memset(o->buf + i, disk_byte(o->offset + i), BLOCK);
	if (o->data && len > 0)
		check_written(o, len);
	return (int32_t)len;
}

unsigned int engine_reap(struct engine *e, struct engine_done *done, unsigned int max)
{
	unsigned int nr = 0;
	unsigned int want = engine.orderly ? engine.nr : fuzz_u8(engine.f) & 31;

	CHECK(max >= SLOTS + 2);
	for (; want > 0 && engine.nr > 0; want--) {
		unsigned int i = fuzz_u8(engine.f) % engine.nr;
		struct order o = engine.order[i];

		engine.order[i] = engine.order[--engine.nr];
		done[nr++] = (struct engine_done){ .tag = o.tag, .res = do_order(&o) };
	}
	if (engine.stop)
		done[nr++] = (struct engine_done){ .tag = TAG_STOP };
	return nr;
}

int engine_open(int fd, unsigned int depth, struct engine **ret)
{
	CHECK(depth == SLOTS);
	*ret = &engine;
	return 0;
}

/* The hypervisor. */

struct gcopy {
	enum gcopy_direction dir;
	unsigned int nr;
	struct {
		uint32_t gref;
		uint16_t offset, len;
		uint8_t *local;
		bool ok;
	} seg[SLOTS * BLK_MAX_SEGMENTS];
};

static struct gcopy copies[2];

int gcopy_new(struct gnttab *gt, uint16_t domid, enum gcopy_direction dir, unsigned int max,
	      struct gcopy **ret)
{
	CHECK(max == SLOTS * BLK_MAX_SEGMENTS);
	*ret = &copies[dir == GCOPY_TO_GUEST];
	**ret = (struct gcopy){ .dir = dir };
	return 0;
}

void gcopy_free(struct gcopy *gc)
{
}

void gcopy_reset(struct gcopy *gc)
{
	gc->nr = 0;
}

unsigned int gcopy_count(const struct gcopy *gc)
{
	return gc->nr;
}

void gcopy_add(struct gcopy *gc, uint32_t gref, uint16_t offset, void *local, uint16_t len)
{
	CHECK(gc->nr < SLOTS * BLK_MAX_SEGMENTS);
	CHECK(offset + len <= 4096 && len > 0);
	gc->seg[gc->nr].gref = gref;
	gc->seg[gc->nr].offset = offset;
	gc->seg[gc->nr].len = len;
	gc->seg[gc->nr].ok = false;
	gc->seg[gc->nr++].local = local;
}

int gcopy_run(struct gcopy *gc)
{
	if (!engine.orderly && fuzz_u8(engine.f) == 1)
		return -EFAULT;
	for (unsigned int i = 0; i < gc->nr; i++) {
		uint32_t gref = gc->seg[i].gref;

		gc->seg[i].ok = gref < BAD_GREF;
		for (uint32_t b = 0; gc->seg[i].ok && b < gc->seg[i].len; b += BLOCK) {
			uint32_t at = gc->seg[i].offset + b;

			if (gc->dir == GCOPY_FROM_GUEST)
				memset(gc->seg[i].local + b, page_byte(gref, at), BLOCK);
			else if (gref < 11 * SLOTS)
				memcpy(guest.pages[gref] + at, gc->seg[i].local + b, BLOCK);
		}
	}
	return 0;
}

bool gcopy_ok(const struct gcopy *gc, unsigned int first, unsigned int nr)
{
	for (unsigned int i = first; i < first + nr; i++) {
		CHECK(i < gc->nr);
		if (!gc->seg[i].ok)
			return false;
	}
	return true;
}

/* The frontend. */

static uint32_t *shared_index(unsigned int word)
{
	return (uint32_t *)fake_ring_page + word;
}

static uint8_t *slot_at(const struct blk_queue *q, uint32_t index)
{
	return fake_ring_page + 64 + index % SLOTS * blk_slot_size(q->conf.abi);
}

static void make_sent(struct fuzz *f, struct sent *s, uint32_t index)
{
	static const uint8_t ops[] = { BLKIF_OP_READ, BLKIF_OP_WRITE, BLKIF_OP_FLUSH_DISKCACHE,
				       BLKIF_OP_READ };
	uint8_t bits = fuzz_u8(f);

	*s = (struct sent){ .op = bits & 0x80 ? fuzz_u8(f) : ops[bits & 3] };
	s->id = ((uint64_t)fuzz_u8(f) << 56) + index;
	s->nr_segments = bits & 0x40 ? fuzz_u8(f) % 14 : (bits >> 2 & 3);
	s->sector = bits & 0x20 ? fuzz_u64(f) : fuzz_u16(f) % (DISK_SECTORS + 8);
	for (unsigned int i = 0; i < s->nr_segments && i < BLK_MAX_SEGMENTS; i++) {
		uint8_t span = fuzz_u8(f);

		s->seg[i].gref = index % SLOTS * 11 + i;
		s->seg[i].first_sect = span & 7;
		s->seg[i].last_sect = bits & 0x10 ? span >> 4 : (span & 7) | (span >> 3 & 7);
		if (span == 0xfe)
			s->seg[i].gref = BAD_GREF + fuzz_u8(f);
	}
}

static void post(struct blk_queue *q, struct fuzz *f)
{
	bool is_32 = blk_slot_size(q->conf.abi) == 108;
	uint8_t *slot = slot_at(q, guest.prod);
	struct sent *s = &guest.ring[guest.prod % SLOTS];

	if (guest.prod - guest.cons >= SLOTS)
		return;
	make_sent(f, s, guest.prod);
	slot[0] = s->op;
	slot[1] = s->nr_segments;
	memcpy(slot + (is_32 ? 4 : 8), &s->id, 8);
	memcpy(slot + (is_32 ? 12 : 16), &s->sector, 8);
	memcpy(slot + (is_32 ? 20 : 24), s->seg, sizeof(s->seg));
	guest.prod++;
	*shared_index(0) = guest.prod;
}

static void check_read(const struct sent *s)
{
	uint64_t at = s->sector * 512;

	for (unsigned int i = 0; i < s->nr_segments; i++) {
		uint32_t first = s->seg[i].first_sect * 512u;

		for (; first < (s->seg[i].last_sect + 1u) * 512; first += BLOCK, at += BLOCK)
			for (uint32_t b = 0; b < BLOCK; b++)
				CHECK(guest.pages[s->seg[i].gref][first + b] == disk_byte(at));
	}
}

/* Responses may come in any order, but each belongs to one request that was taken. */
static void receive(struct blk_queue *q)
{
	for (; guest.cons != *shared_index(2); guest.cons++) {
		const uint8_t *rsp = slot_at(q, guest.cons);
		struct sent *found = NULL;
		int16_t status;
		uint64_t id;

		memcpy(&id, rsp, 8);
		memcpy(&status, rsp + 10, 2);
		for (unsigned int i = 0; i < SLOTS; i++)
			if (guest.ring[i].taken && !guest.ring[i].answered &&
			    guest.ring[i].id == id)
				found = &guest.ring[i];
		CHECK(found && rsp[8] == found->op && rsp[9] == 0);
		CHECK(status == BLKIF_RSP_OKAY || status == BLKIF_RSP_ERROR ||
		      status == BLKIF_RSP_EOPNOTSUPP);
		CHECK((status == BLKIF_RSP_EOPNOTSUPP) ==
		      (found->op != BLKIF_OP_READ && found->op != BLKIF_OP_WRITE &&
		       found->op != BLKIF_OP_FLUSH_DISKCACHE));
		if (status == BLKIF_RSP_OKAY && found->op == BLKIF_OP_READ)
			check_read(found);
		CHECK(status != BLKIF_RSP_OKAY || found->op == BLKIF_OP_READ || !q->conf.readonly ||
		      found->nr_segments == 0);
		if (status == BLKIF_RSP_OKAY && found->op == BLKIF_OP_FLUSH_DISKCACHE)
			flushes_owed += found->nr_segments ? 2 : 1;
		found->answered = true;
	}
	CHECK(engine.flushes >= flushes_owed);
}

/*
 * A response may be written over the slot of a request that has not been
 * answered: the frontend's own memory of it is by place, so a place is used
 * again only when both are free.
 */
static bool place_is_free(uint32_t index)
{
	const struct sent *s = &guest.ring[index % SLOTS];

	return !s->taken || s->answered;
}

static void turn(struct blk_queue *q)
{
	uint32_t prod = *shared_index(0), before = guest.cons, event = *shared_index(3);
	bool closed = q->stopping || q->broken || engine.stop;
	bool possible = prod - q->ring.rsp_prod <= SLOTS && prod - q->ring.req_cons <= SLOTS;
	unsigned int notes = fake_notified;

	if (!closed && possible)
		for (uint32_t i = q->ring.req_cons; i != prod; i++)
			guest.ring[i % SLOTS].taken = true;
	queue_turn(q);
	receive(q);
	/* Reads that came back made room, and a lie may have become true. */
	CHECK(q->broken == (fake_broken_told == 1) && fake_broken_told <= 1);
	CHECK(!q->broken || guest.broken);
	CHECK((fake_notified > notes) == (guest.cons - event < guest.cons - before));
	CHECK(ring_inflight(&q->ring) + q->free.nr == SLOTS);
	CHECK(ring_inflight(&q->ring) == engine.nr && q->ring.rsp_prod == guest.cons);
}

static void act(struct blk_queue *q, struct fuzz *f)
{
	switch (fuzz_below(f, 8)) {
	case 0:
	case 1:
	case 2:
		if (!guest.broken && place_is_free(guest.prod))
			post(q, f);
		break;
	case 3:
		*shared_index(3) = guest.cons + (uint32_t)(int8_t)fuzz_u8(f);
		break;
	case 4:
		if (fuzz_u8(f) == 9) {
			/* Far enough to stay impossible whatever is answered. */
			*shared_index(0) = guest.prod + 3 * SLOTS + fuzz_u16(f);
			guest.broken = true;
		}
		break;
	default:
		turn(q);
	}
}

/* Stop: what was taken is answered, and nothing else is. */
static void finish(struct blk_queue *q)
{
	uint32_t taken = q->ring.req_cons;

	engine.orderly = true;
	engine.stop = true;
	for (unsigned int i = 0; i < 8 && !(q->stopping && ring_inflight(&q->ring) == 0); i++)
		turn(q);
	CHECK(ring_inflight(&q->ring) == 0 && engine.nr == 0 && guest.cons == taken);
	for (unsigned int i = 0; i < SLOTS; i++)
		CHECK(!guest.ring[i].taken || guest.ring[i].answered);
}

static void begin(struct fuzz *f, struct blk_conf *conf)
{
	uint8_t bits = fuzz_u8(f);

	memset(fake_ring_page, 0, sizeof(fake_ring_page));
	memset(guest.ring, 0, sizeof(guest.ring));
	memset(&engine, 0, sizeof(engine));
	guest.broken = false;
	engine.f = f;
	fake_broken_told = fake_notified = 0;
	flushes_owed = 0;
	guest.prod = guest.cons = bits & 1 ? fuzz_u32(f) : 0;
	*shared_index(0) = *shared_index(2) = guest.prod;
	*shared_index(3) = guest.prod + 1;
	*conf = (struct blk_conf){
		.abi = (uint8_t)((bits >> 1) % 3),
		.readonly = bits & 0x40,
		.evtchn = 1,
		.nr_refs = 1,
		.sector_size = bits & 0x80 ? 4096 : 512,
		.sectors = DISK_SECTORS,
	};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { data, size < 1024 ? size : 1024 };
	struct blk_queue *q;
	struct blk_conf conf;

	begin(&f, &conf);
	CHECK(blk_queue_open("vbd/1/51712", &conf, -1, &q) == 0);
	while (f.left > 0)
		act(q, &f);
	finish(q);
	blk_queue_close(q);
	return 0;
}
