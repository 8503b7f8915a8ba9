// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * blk_parse() in all ABIs, beside a slow judge that looks at the slot through
 * structures laid out by hand and counts sectors one by one.
 */
#include "fuzz.h"

#include "parse.h"

struct seg {
	uint32_t gref;
	uint8_t first, last;
	uint16_t pad;
};

/* What follows the sector, by operation. */
union body {
	struct seg seg[11];
	uint64_t nr_sectors; /* discard */
	struct {
		uint16_t handle, pad;
		uint32_t gref[8];
	} indirect;
} __attribute__((packed));

/* 32-bit x86: 64-bit fields lie on multiples of 4. */
struct slot_32 {
	uint8_t op, nr;
	uint16_t handle;
	uint64_t id, sector;
	union body body;
} __attribute__((packed));

struct slot_64 {
	uint8_t op, nr;
	uint16_t handle;
	uint32_t pad;
	uint64_t id, sector;
	union body body;
} __attribute__((packed));

/* The same request in any layout. */
struct plain {
	uint8_t op,
		nr; /* of a discard, nr is its flag; of an indirect request, the operation inside */
	uint16_t handle; /* of an indirect request, the number of segments */
	uint64_t id, sector;
	union body body;
};

static void read_plain(enum blk_abi abi, const struct blk_slot *slot, struct plain *p)
{
	bool is_32 = abi == BLK_ABI_X86_32 || (sizeof(long) == 4 && abi == BLK_ABI_NATIVE);
	struct slot_32 s32;
	struct slot_64 s64;

	memcpy(&s32, slot->bytes, sizeof(s32));
	memcpy(&s64, slot->bytes, sizeof(s64));
	p->op = s64.op;
	p->nr = s64.nr;
	p->handle = s64.handle;
	p->id = is_32 ? s32.id : s64.id;
	p->sector = is_32 ? s32.sector : s64.sector;
	p->body = is_32 ? s32.body : s64.body;
	CHECK(blk_slot_size(abi) == (is_32 ? sizeof(s32) : sizeof(s64)));
}

static bool on_disk(const struct blk_conf *conf, uint64_t sector, uint64_t nr)
{
	return (unsigned __int128)sector + nr <= conf->sectors &&
	       sector % (conf->sector_size / 512) == 0 && nr % (conf->sector_size / 512) == 0;
}

static bool good_transfer(const struct blk_conf *conf, uint8_t op, uint64_t sector,
			  const struct seg *seg, unsigned int nr_segments, unsigned int most)
{
	uint64_t nr = 0;

	if (nr_segments < 1 || nr_segments > most || (op != BLKIF_OP_READ && conf->readonly))
		return false;
	for (unsigned int i = 0; i < nr_segments; i++) {
		if (seg[i].last > 7 || seg[i].first > seg[i].last)
			return false;
		for (unsigned int s = seg[i].first; s <= seg[i].last; s++)
			nr++;
	}
	return on_disk(conf, sector, nr);
}

static enum blk_verdict judge_discard(const struct blk_conf *conf, const struct plain *p)
{
	uint64_t nr = p->body.nr_sectors;

	if (conf->discard == BLK_DISCARD_NONE)
		return BLK_UNSUPPORTED;
	return !conf->readonly && nr > 0 && on_disk(conf, p->sector, nr) ? BLK_OK : BLK_REJECT;
}

static enum blk_verdict judge(const struct blk_conf *conf, const struct plain *p)
{
	switch (p->op) {
	case BLKIF_OP_FLUSH_DISKCACHE:
	case BLKIF_OP_WRITE_BARRIER:
		if (p->nr == 0)
			return BLK_OK;
		/* fall through */
	case BLKIF_OP_READ:
	case BLKIF_OP_WRITE:
		return good_transfer(conf, p->op, p->sector, p->body.seg, p->nr, 11) ? BLK_OK
										     : BLK_REJECT;
	case BLKIF_OP_DISCARD:
		return judge_discard(conf, p);
	case BLKIF_OP_INDIRECT:
		return p->nr <= BLKIF_OP_WRITE && p->handle >= 1 && p->handle <= 256 ? BLK_FETCH
										     : BLK_REJECT;
	default:
		return BLK_UNSUPPORTED;
	}
}

static void check_segments(const struct blk_req *req, const struct seg *segs)
{
	uint64_t sum = 0;

	CHECK(req->nr_segments <= BLK_MAX_SEGMENTS);
	for (unsigned int i = 0; i < req->nr_segments; i++) {
		const struct blk_segment *seg = &req->segments[i];

		CHECK(seg->gref == segs[i].gref);
		CHECK(seg->offset == segs[i].first * 512u);
		CHECK(seg->len == (segs[i].last - segs[i].first + 1) * 512u);
		CHECK(seg->offset + seg->len <= 4096);
		sum += seg->len;
	}
	CHECK(sum == req->len && sum <= BLK_MAX_REQUEST_BYTES);
}

static enum blk_kind kind_of(const struct blk_conf *conf, const struct plain *p)
{
	switch (p->op) {
	case BLKIF_OP_READ:
		return BLK_REQ_READ;
	case BLKIF_OP_WRITE:
		return BLK_REQ_WRITE;
	case BLKIF_OP_FLUSH_DISKCACHE:
		return p->nr ? BLK_REQ_FLUSH_WRITE : BLK_REQ_FLUSH;
	case BLKIF_OP_WRITE_BARRIER:
		return BLK_REQ_BARRIER;
	case BLKIF_OP_INDIRECT:
		return p->nr == BLKIF_OP_READ ? BLK_REQ_READ : BLK_REQ_WRITE;
	default:
		return conf->discard_secure && p->nr & BLKIF_DISCARD_SECURE ? BLK_REQ_DISCARD_SECURE
									    : BLK_REQ_DISCARD;
	}
}

/* @segs: where its segments are to be found. */
static void check_good(const struct blk_conf *conf, const struct blk_req *req,
		       const struct plain *p, const struct seg *segs)
{
	CHECK(req->kind == kind_of(conf, p));
	if (p->op == BLKIF_OP_DISCARD) {
		CHECK(req->nr_segments == 0 && req->len / 512 == p->body.nr_sectors);
	} else {
		CHECK(req->nr_segments == (p->op == BLKIF_OP_INDIRECT ? p->handle : p->nr));
		check_segments(req, segs);
		if (req->nr_segments == 0)
			return;
	}
	CHECK(req->len > 0 && req->offset == p->sector * 512 && req->offset / 512 == p->sector);
	CHECK((unsigned __int128)req->offset + req->len <= (unsigned __int128)conf->sectors * 512);
	CHECK(req->offset % conf->sector_size == 0 && req->len % conf->sector_size == 0);
}

/* The second half of an indirect request. */
static void fetch(struct fuzz *f, const struct blk_conf *conf, struct blk_req *req,
		  const struct plain *p)
{
	static struct seg segs[256];
	bool good;

	CHECK(req->indirect_gref == p->body.indirect.gref[0]);
	CHECK(req->nr_segments == p->handle);
	fuzz_bytes(f, segs, p->handle * sizeof(segs[0]));
	for (unsigned int i = 0; i < p->handle; i++)
		if (segs[i].pad & 1) { /* mostly good ones */
			segs[i].first &= 3;
			segs[i].last = 4 | (segs[i].last & 3);
		}
	good = good_transfer(conf, p->nr, p->sector, segs, p->handle, 256);
	CHECK(blk_parse_indirect(conf, segs, req) == (good ? BLK_OK : BLK_REJECT));
	if (good)
		check_good(conf, req, p, segs);
}

static void check_response(const struct blk_req *req, int16_t status)
{
	struct blk_response rsp;
	blkif_response_t wire;

	memset(&rsp, 0xa5, sizeof(rsp));
	blk_format_response(req, status, &rsp);
	memset(&wire, 0, sizeof(wire));
	memcpy(&wire, rsp.bytes, sizeof(rsp.bytes));
	CHECK(wire.id == req->id && wire.operation == req->operation && wire.status == status);
	CHECK(rsp.bytes[9] == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { data, size };
	struct blk_conf conf = { .nr_queues = 1 };
	enum blk_verdict verdict;
	struct blk_slot slot;
	struct plain plain;
	struct blk_req req;
	uint8_t bits;

	bits = fuzz_u8(&f);
	conf.abi = bits % 3;
	conf.readonly = bits & 0x10;
	conf.sector_size = bits & 0x20 ? 4096 : 512;
	conf.discard = (bits >> 2) % 3;
	conf.discard_secure = bits & 0x80;
	/* The largest disk that has a length in bytes, or a small one. */
	conf.sectors = bits & 0x40 ? INT64_MAX / 512 - fuzz_u8(&f) : fuzz_u16(&f);
	fuzz_bytes(&f, &slot, sizeof(slot));
	memset(&req, 0xa5, sizeof(req));
	read_plain((enum blk_abi)conf.abi, &slot, &plain);

	verdict = blk_parse(&conf, &slot, &req);
	CHECK(verdict == judge(&conf, &plain));
	CHECK(req.id == plain.id);
	/* Of an indirect request the answer names what is inside. */
	CHECK(req.operation == (plain.op == BLKIF_OP_INDIRECT ? plain.nr : plain.op));
	if (verdict == BLK_OK)
		check_good(&conf, &req, &plain, plain.body.seg);
	else if (verdict == BLK_FETCH)
		fetch(&f, &conf, &req, &plain);
	check_response(&req, (int16_t)fuzz_u16(&f));
	return 0;
}
