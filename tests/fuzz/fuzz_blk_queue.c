// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * All of a block queue but its thread: queue.c, data.c, request.c, persist.c and bounce.c,
 * between a frontend and the disk and hypervisor of fake_blk.c. Every slot taken is
 * answered exactly once, with its id; what a read brought is what the disk has
 * there, and what a write took is what the pages held, copied or mapped. A barrier runs
 * alone, and what was sent on its two sides is answered on its two sides. After
 * a flush has failed none is answered as good. At the end all buffers and all mappings are
 * back, and the counters say what was answered.
 */
#include "fake_blk.h"

#include "../../blkback/queue.c" // NOLINT(bugprone-suspicious-include): its steps are static

/* A request as the frontend remembers it. */
struct sent {
	bool taken, answered;
	bool alone_in_pages; /* no page of it is named twice */
	uint8_t op, inner;   /* operations; for a discard, inner is its flag */
	uint32_t index;
	uint64_t id, sector;
	uint64_t nr_sectors; /* of a discard */
	unsigned int nr_segments;
	struct blkif_request_segment seg[BLK_MAX_INDIRECT];
};

static struct {
	uint32_t prod, cons;	 /* the frontend's */
	struct sent ring[SLOTS]; /* by place in the ring */
	uint32_t start;
	uint32_t last_good, last_barrier; /* indices + 1 - start of what was answered OKAY */
	uint64_t flushes_owed;		  /* by what was answered OKAY */
	uint64_t answered;
	uint64_t good[BLK_STATS_NR_OPS], good_bytes[BLK_STATS_NR_OPS]; /* answered OKAY */
	bool broken;
} guest;

static struct blk_stats stats;
static struct blk_limits_used guest_used;
static struct disk disk = { .stats = &stats };

/* What it does: of an indirect request, what is inside. */
static uint8_t op_of(const struct sent *s)
{
	return s->op == BLKIF_OP_INDIRECT ? s->inner : s->op;
}

static const struct sent *sent_of(const struct blk_req *req)
{
	const struct sent *s = &guest.ring[(uint32_t)req->id % SLOTS];

	CHECK(s->id == req->id && s->taken && !s->answered);
	return s;
}

/* Do the pages of this request hold what is written to its place on the disk? */
void check_written(const struct blk_req *req, const struct iovec *iov, unsigned int nr_iov,
		   uint64_t offset, uint32_t len)
{
	const struct sent *s = sent_of(req);
	uint64_t at = s->sector * 512, end = offset + len;
	size_t in_iov = 0;

	CHECK(op_of(s) != BLKIF_OP_READ && offset >= at);
	for (unsigned int i = 0; i < s->nr_segments && at < end; i++) {
		uint32_t in_page = s->seg[i].first_sect * 512u;
		uint32_t stop = (s->seg[i].last_sect + 1u) * 512;

		for (; in_page < stop && at < end; in_page += BLOCK, at += BLOCK) {
			const uint8_t *data;

			if (at < offset)
				continue;
			data = (const uint8_t *)iov->iov_base + in_iov;
			CHECK(nr_iov > 0 && *data == fake_page_byte(s->seg[i].gref, in_page));
			in_iov += BLOCK;
			if (in_iov == iov->iov_len) {
				in_iov = 0;
				iov++;
				nr_iov--;
			}
		}
	}
	CHECK(at == end);
}

void check_discarded(const struct blk_req *req, uint64_t offset, uint64_t len)
{
	const struct sent *s = sent_of(req);

	CHECK(s->op == BLKIF_OP_DISCARD && s->sector * 512 == offset && s->nr_sectors * 512 == len);
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

static void make_segment(struct fuzz *f, struct sent *s, unsigned int i, bool wild)
{
	uint32_t page = s->index % SLOTS * PER_SLOT + i % PER_SLOT;
	uint8_t span = i < 24 ? fuzz_u8(f) : 0x38;

	s->seg[i].first_sect = span & 7;
	s->seg[i].last_sect = wild ? span >> 4 : (span & 7) | (span >> 3 & 7);
	s->seg[i].gref = GREF_IN + page;
	if (op_of(s) != BLKIF_OP_READ)
		s->seg[i].gref = (span & 0x40 ? GREF_OUT_RO : GREF_OUT) + page;
	if (span == 0xfe)
		s->seg[i].gref = GREF_BAD + fuzz_u8(f);
}

static unsigned int number_of_segments(struct fuzz *f, const struct sent *s, uint8_t bits)
{
	if (s->op == BLKIF_OP_DISCARD)
		return 0;
	if (s->op == BLKIF_OP_INDIRECT)
		return bits & 0x40 ? fuzz_u16(f) % 258 : 1 + (bits >> 2 & 3) * 5;
	return bits & 0x40 ? fuzz_u8(f) % 14 : (bits >> 2 & 3);
}

static void make_sent(struct fuzz *f, struct sent *s, uint32_t index)
{
	static const uint8_t ops[] = { BLKIF_OP_READ, BLKIF_OP_WRITE, BLKIF_OP_FLUSH_DISKCACHE,
				       BLKIF_OP_INDIRECT };
	uint8_t bits = fuzz_u8(f);

	memset(s, 0, offsetof(struct sent, seg));
	s->op = bits & 0x80 ? fuzz_u8(f) % 9 : ops[bits & 3];
	s->index = index;
	s->id = ((uint64_t)fuzz_u8(f) << 56) + index;
	if (s->op == BLKIF_OP_INDIRECT || s->op == BLKIF_OP_DISCARD)
		s->inner = fuzz_u8(f) % 4;
	s->sector = bits & 0x20 ? fuzz_u64(f) : fuzz_u16(f) % (DISK_SECTORS + 8);
	s->nr_segments = number_of_segments(f, s, bits);
	s->nr_sectors = s->op == BLKIF_OP_DISCARD ? fuzz_u16(f) : 0;
	s->alone_in_pages = s->nr_segments <= PER_SLOT;
	for (unsigned int i = 0; i < s->nr_segments && i < BLK_MAX_INDIRECT; i++)
		make_segment(f, s, i, bits & 0x10);
}

static void put_body(struct fuzz *f, uint8_t *slot, bool is_32, const struct sent *s)
{
	uint8_t *body = slot + (is_32 ? 20 : 24);
	uint32_t table = GREF_TABLE + s->index % SLOTS;
	uint16_t nr = (uint16_t)s->nr_segments;

	slot[1] = (uint8_t)s->nr_segments;
	if (s->op == BLKIF_OP_DISCARD) {
		slot[1] = s->inner;
		memcpy(body, &s->nr_sectors, 8);
	} else if (s->op == BLKIF_OP_INDIRECT) {
		slot[1] = s->inner;
		memcpy(slot + 2, &nr, 2);
		memcpy(fake_table[s->index % SLOTS], s->seg, sizeof(s->seg));
		if (fuzz_u8(f) == 5)
			table = GREF_BAD;
		memcpy(body + 4, &table, 4);
	} else {
		memcpy(body, s->seg, 11 * sizeof(s->seg[0]));
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
	memcpy(slot + (is_32 ? 4 : 8), &s->id, 8);
	memcpy(slot + (is_32 ? 12 : 16), &s->sector, 8);
	put_body(f, slot, is_32, s);
	guest.prod++;
	*shared_index(0) = guest.prod;
}

static void check_read(const struct sent *s)
{
	uint64_t at = s->sector * 512;

	for (unsigned int i = 0; i < s->nr_segments; i++) {
		uint32_t in_page = s->seg[i].first_sect * 512u;

		for (; in_page < (s->seg[i].last_sect + 1u) * 512; in_page += BLOCK, at += BLOCK)
			CHECK(fake_in[s->seg[i].gref][in_page] == fake_disk_byte(at) &&
			      fake_in[s->seg[i].gref][in_page + BLOCK - 1] == fake_disk_byte(at));
	}
}

/* Nothing that was answered as good has passed a barrier that was. */
static void check_order(const struct sent *s)
{
	uint32_t at = s->index - guest.start + 1;

	CHECK(at > guest.last_barrier);
	if (s->op == BLKIF_OP_WRITE_BARRIER) {
		CHECK(at > guest.last_good);
		guest.last_barrier = at;
	}
	if (at > guest.last_good)
		guest.last_good = at;
}

static void check_good(const struct blk_queue *q, const struct sent *s)
{
	bool flushes = s->op == BLKIF_OP_FLUSH_DISKCACHE || s->op == BLKIF_OP_WRITE_BARRIER;

	CHECK(op_of(s) <= BLKIF_OP_FLUSH_DISKCACHE || s->op == BLKIF_OP_DISCARD);
	CHECK(op_of(s) == BLKIF_OP_READ || !q->conf.readonly || (flushes && !s->nr_segments));
	if (op_of(s) == BLKIF_OP_READ && s->alone_in_pages)
		check_read(s);
	CHECK(!flushes || !fake_disk.flush_failed);
	if (flushes)
		guest.flushes_owed += s->nr_segments ? 2 : 1;
	check_order(s);
}

/* Into the frontend's own counters. */
static void count_good(const struct sent *s)
{
	uint64_t sectors = s->nr_sectors;
	enum blk_stats_op_kind op = BLK_STATS_DISCARD;

	for (unsigned int i = 0; i < s->nr_segments; i++)
		sectors += s->seg[i].last_sect - s->seg[i].first_sect + 1u;
	if (s->op != BLKIF_OP_DISCARD)
		op = op_of(s) == BLKIF_OP_READ ? BLK_STATS_READ
		     : s->nr_segments	       ? BLK_STATS_WRITE
					       : BLK_STATS_FLUSH;
	guest.good[op]++;
	guest.good_bytes[op] += sectors * 512;
}

/* Responses may come in any order, but each belongs to one request that was taken. */
static void receive(struct blk_queue *q)
{
	for (; guest.cons != *shared_index(2); guest.cons++) {
		const uint8_t *rsp = slot_at(q, guest.cons);
		struct sent *s;
		int16_t status;
		uint64_t id;
		bool known;

		memcpy(&id, rsp, 8);
		memcpy(&status, rsp + 10, 2);
		s = &guest.ring[(uint32_t)id % SLOTS];
		known = s->op <= BLKIF_OP_INDIRECT && s->op != BLKIF_OP_RESERVED_1;
		CHECK(s->id == id && s->taken && !s->answered);
		CHECK(rsp[8] == op_of(s) && rsp[9] == 0);
		CHECK(status == BLKIF_RSP_OKAY || status == BLKIF_RSP_ERROR ||
		      status == BLKIF_RSP_EOPNOTSUPP);
		CHECK(known || status == BLKIF_RSP_EOPNOTSUPP);
		CHECK(status != BLKIF_RSP_EOPNOTSUPP || !known || s->op == BLKIF_OP_DISCARD);
		if (status == BLKIF_RSP_OKAY) {
			check_good(q, s);
			count_good(s);
		}
		guest.answered++;
		s->answered = true;
	}
	CHECK(fake_disk.flushes >= guest.flushes_owed);
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
	bool closed = q->stopping || q->broken || fake_disk.stop;
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
	CHECK(q->nr_running == fake_disk.nr && q->ring.rsp_prod == guest.cons);
	CHECK(ring_inflight(&q->ring) == q->nr_running + q->waiting.nr);
}

static void idle(struct blk_queue *q)
{
	if (ring_inflight(&q->ring) > 0)
		return;
	data_release_idle(q);
	CHECK(fake_mapped == 0);
}

/* Whatever an admin sets, what is checked here stays true. */
static void set_limits(struct fuzz *f)
{
	struct blk_limits limits = { 0 };
	uint8_t bits = fuzz_u8(f);

	for (unsigned int i = 0; i < BLK_NR_LIMITS; i++)
		limits.of[i].rate = bits >> i & 1 ? 4096u << (fuzz_u8(f) % 20) : 0;
	throttle_set(bits & 0x80 ? &disk.guest_limits : &disk.own_limits, &limits);
}

static void act(struct blk_queue *q, struct fuzz *f)
{
	switch (fuzz_below(f, 10)) {
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
	case 5:
		disk.sectors = DISK_SECTORS - fuzz_u8(f) * 8u;
		break;
	case 6:
		idle(q);
		break;
	case 7:
		set_limits(f);
		break;
	default:
		turn(q);
	}
}

/* As many as there are, and no more. */
static void check_buffers(struct blk_queue *q)
{
	unsigned int nr = 0;

	while (bounce_get(q->bounce, 512))
		nr++;
	CHECK(nr == 2 * SLOTS);
}

/* What everybody can read, beside what the frontend has seen. */
static void check_counters(void)
{
	uint64_t sum = stats.slot[0].refused;

	for (unsigned int i = 0; i < BLK_STATS_NR_OPS; i++) {
		const struct blk_stats_op *op = &stats.slot[0].op[i];
		uint64_t latency = 0, queued = 0, service = 0;

		for (unsigned int j = 0; j < BLK_STATS_BUCKETS; j++) {
			latency += op->latency[j];
			queued += op->queued[j];
			service += op->service[j];
		}
		CHECK(op->requests == guest.good[i] + op->failed);
		CHECK(op->failed ? op->bytes >= guest.good_bytes[i]
				 : op->bytes == guest.good_bytes[i]);
		CHECK(latency == op->requests && queued == latency && service == latency);
		CHECK(op->total_us >= op->max_us && op->total_us <= op->max_us * op->requests);
		sum += op->requests;
	}
	CHECK(sum == guest.answered);
}

/* Stop: what was taken is answered, and nothing else is. */
static void finish(struct blk_queue *q)
{
	uint32_t taken = q->ring.req_cons;

	fake_disk.orderly = true;
	fake_disk.stop = true;
	/* A barrier has three steps, and waits for all before it. */
	for (unsigned int i = 0; i < 5 * SLOTS && !(q->stopping && q->free.nr == SLOTS); i++)
		turn(q);
	CHECK(ring_inflight(&q->ring) == 0 && fake_disk.nr == 0 && guest.cons == taken);
	for (unsigned int i = 0; i < SLOTS; i++)
		CHECK(!guest.ring[i].taken || guest.ring[i].answered);
	check_counters();
	idle(q);
	check_buffers(q);
}

static void begin(struct fuzz *f)
{
	uint8_t bits = fuzz_u8(f), more = fuzz_u8(f);

	fake_begin(f);
	memset(&guest, 0, sizeof(guest));
	guest.start = guest.prod = guest.cons = bits & 1 ? fuzz_u32(f) : 0;
	*shared_index(0) = *shared_index(2) = guest.prod;
	*shared_index(3) = guest.prod + 1;
	disk.dev = "vbd/1/51712";
	disk.image = -1;
	disk.conf = (struct blk_conf){
		.abi = (uint8_t)((bits >> 1) % 3),
		.readonly = bits & 0x40,
		.data = more & 1 ? (more & 16 ? BLK_DATA_DIRECT : BLK_DATA_MAP) : BLK_DATA_COPY,
		.discard = (uint8_t)((more >> 1) % 3),
		.discard_secure = more & 8,
		.nr_queues = 1,
		.ring_pages = 1,
		.sector_size = bits & 0x80 ? 4096 : 512,
		.sectors = DISK_SECTORS,
		.rings = { { .evtchn = 1, .refs = { GREF_RING } } },
	};
	disk.sectors = DISK_SECTORS;
	disk.flush_error = 0;
	memset(&stats, 0, sizeof(stats));
	memset(&guest_used, 0, sizeof(guest_used));
	throttle_init(&disk.own_limits, &stats.used);
	throttle_init(&disk.guest_limits, &guest_used);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { data, size < 1024 ? size : 1024 };
	struct blk_queue *q;

	begin(&f);
	CHECK(blk_queue_open(&disk, 0, &q) == 0);
	fake_disk.q = q;
	while (f.left > 0)
		act(q, &f);
	finish(q);
	blk_queue_close(q);
	CHECK(fake_mapped == 0);
	return 0;
}
