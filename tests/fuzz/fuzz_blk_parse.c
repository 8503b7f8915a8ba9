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

/* 32-bit x86: 64-bit fields lie on multiples of 4. */
struct slot_32 {
	uint8_t op, nr;
	uint16_t handle;
	uint64_t id, sector;
	struct seg seg[11];
} __attribute__((packed));

struct slot_64 {
	uint8_t op, nr;
	uint16_t handle;
	uint32_t pad;
	uint64_t id, sector;
	struct seg seg[11];
} __attribute__((packed));

/* The same request in any layout. */
struct plain {
	uint8_t op, nr;
	uint64_t id, sector;
	struct seg seg[11];
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
	p->id = is_32 ? s32.id : s64.id;
	p->sector = is_32 ? s32.sector : s64.sector;
	memcpy(p->seg, is_32 ? s32.seg : s64.seg, sizeof(p->seg));
	CHECK(blk_slot_size(abi) == (is_32 ? sizeof(s32) : sizeof(s64)));
}

static bool good_transfer(const struct blk_conf *conf, const struct plain *p)
{
	unsigned __int128 end = p->sector;
	uint64_t nr = 0;

	if (p->nr < 1 || p->nr > 11 || (p->op != BLKIF_OP_READ && conf->readonly))
		return false;
	for (unsigned int i = 0; i < p->nr; i++) {
		if (p->seg[i].last > 7 || p->seg[i].first > p->seg[i].last)
			return false;
		for (unsigned int s = p->seg[i].first; s <= p->seg[i].last; s++, nr++)
			end++;
	}
	return end <= conf->sectors && p->sector % (conf->sector_size / 512) == 0 &&
	       nr % (conf->sector_size / 512) == 0;
}

static enum blk_verdict judge(const struct blk_conf *conf, const struct plain *p)
{
	if (p->op == BLKIF_OP_FLUSH_DISKCACHE && p->nr == 0)
		return BLK_OK;
	if (p->op != BLKIF_OP_READ && p->op != BLKIF_OP_WRITE && p->op != BLKIF_OP_FLUSH_DISKCACHE)
		return BLK_UNSUPPORTED;
	return good_transfer(conf, p) ? BLK_OK : BLK_REJECT;
}

static void check_segments(const struct blk_req *req, const struct plain *p)
{
	uint32_t sum = 0;

	CHECK(req->nr_segments == p->nr && p->nr <= BLK_MAX_SEGMENTS);
	for (unsigned int i = 0; i < req->nr_segments; i++) {
		const struct blk_segment *seg = &req->segments[i];

		CHECK(seg->gref == p->seg[i].gref);
		CHECK(seg->offset == p->seg[i].first * 512u);
		CHECK(seg->len == (p->seg[i].last - p->seg[i].first + 1) * 512u);
		CHECK(seg->offset + seg->len <= 4096);
		sum += seg->len;
	}
	CHECK(sum == req->len && sum <= BLK_MAX_REQUEST_BYTES);
}

static void check_good(const struct blk_conf *conf, const struct blk_req *req,
		       const struct plain *p)
{
	static const enum blk_kind kinds[] = {
		[BLKIF_OP_READ] = BLK_REQ_READ,
		[BLKIF_OP_WRITE] = BLK_REQ_WRITE,
		[BLKIF_OP_FLUSH_DISKCACHE] = BLK_REQ_FLUSH_WRITE,
	};

	check_segments(req, p);
	if (p->op == BLKIF_OP_FLUSH_DISKCACHE && p->nr == 0) {
		CHECK(req->kind == BLK_REQ_FLUSH && req->len == 0);
		return;
	}
	CHECK(req->kind == kinds[p->op] && req->len > 0);
	CHECK(req->offset == p->sector * 512 && req->offset / 512 == p->sector);
	CHECK((unsigned __int128)req->offset + req->len <= (unsigned __int128)conf->sectors * 512);
	CHECK(req->offset % conf->sector_size == 0 && req->len % conf->sector_size == 0);
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
	struct blk_conf conf = { .nr_refs = 1 };
	enum blk_verdict verdict;
	struct blk_slot slot;
	struct plain plain;
	struct blk_req req;
	uint8_t bits;

	bits = fuzz_u8(&f);
	conf.abi = bits % 3;
	conf.readonly = bits & 0x10;
	conf.sector_size = bits & 0x20 ? 4096 : 512;
	/* The largest disk that has a length in bytes, or a small one. */
	conf.sectors = bits & 0x40 ? INT64_MAX / 512 - fuzz_u8(&f) : fuzz_u16(&f);
	fuzz_bytes(&f, &slot, sizeof(slot));
	memset(&req, 0xa5, sizeof(req));
	read_plain((enum blk_abi)conf.abi, &slot, &plain);

	verdict = blk_parse(&conf, &slot, &req);
	CHECK(verdict == judge(&conf, &plain));
	CHECK(req.id == plain.id && req.operation == plain.op);
	if (verdict == BLK_OK)
		check_good(&conf, &req, &plain);
	check_response(&req, (int16_t)fuzz_u16(&f));
	return 0;
}
