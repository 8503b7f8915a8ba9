// SPDX-License-Identifier: GPL-2.0-or-later
/* Judging of block requests, in every ABI. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "parse.h"

/* Field offsets as the 32-bit x86 compiler lays them out, and as all others. */
struct abi {
	enum blk_abi abi;
	unsigned int id, sector, seg;
};

static const struct abi abis[] = {
	{ BLK_ABI_X86_64, 8, 16, 24 },
	{ BLK_ABI_X86_32, 4, 12, 20 },
};

static struct blk_conf disk = {
	.abi = BLK_ABI_X86_64,
	.sector_size = 512,
	.sectors = 1000,
};

static void put_u64(struct blk_slot *slot, unsigned int at, uint64_t value)
{
	memcpy(slot->bytes + at, &value, sizeof(value));
}

static void make(struct blk_slot *slot, const struct abi *a, uint8_t op, uint8_t nr,
		 uint64_t sector)
{
	memset(slot, 0xee, sizeof(*slot));
	slot->bytes[0] = op;
	slot->bytes[1] = nr;
	put_u64(slot, a->id, 0x1122334455667788ull);
	put_u64(slot, a->sector, sector);
}

static void put_segment(struct blk_slot *slot, const struct abi *a, unsigned int i, uint32_t gref,
			uint8_t first, uint8_t last)
{
	struct blkif_request_segment seg = {
		.gref = gref,
		.first_sect = first,
		.last_sect = last,
	};

	memcpy(slot->bytes + a->seg + 8 * i, &seg, sizeof(seg));
}

static enum blk_verdict judge_one(uint8_t op, uint64_t sector, uint8_t first, uint8_t last,
				  struct blk_req *req)
{
	struct blk_slot slot;

	disk.abi = BLK_ABI_X86_64;
	make(&slot, &abis[0], op, 1, sector);
	put_segment(&slot, &abis[0], 0, 7, first, last);
	/* Of a request before, and a good one. */
	memset(req, 0x5a, sizeof(*req));
	memset(req->segments, 0, sizeof(req->segments));
	return blk_parse(&disk, &slot, req);
}

static void full_request_is_understood_in_every_abi(void **state)
{
	for (size_t k = 0; k < sizeof(abis) / sizeof(abis[0]); k++) {
		const struct abi *a = &abis[k];
		struct blk_slot slot;
		struct blk_req req;

		disk.abi = a->abi;
		make(&slot, a, BLKIF_OP_WRITE, 11, 100);
		for (unsigned int i = 0; i < 11; i++)
			put_segment(&slot, a, i, 40 + i, 0, 7);
		put_segment(&slot, a, 10, 50, 2, 3);
		assert_int_equal(blk_parse(&disk, &slot, &req), BLK_OK);
		assert_int_equal(req.kind, BLK_REQ_WRITE);
		assert_int_equal(req.id, 0x1122334455667788ull);
		assert_int_equal(req.offset, 100 * 512);
		assert_int_equal(req.len, 10 * 4096 + 1024);
		assert_int_equal(req.nr_segments, 11);
		assert_int_equal(req.segments[10].gref, 50);
		assert_int_equal(req.segments[10].offset, 1024);
		assert_int_equal(req.segments[10].len, 1024);
	}
}

static void slot_sizes_are_those_of_the_header(void **state)
{
	assert_int_equal(blk_slot_size(BLK_ABI_X86_64), 112);
	assert_int_equal(blk_slot_size(BLK_ABI_X86_32), 108);
	assert_int_equal(blk_slot_size(BLK_ABI_NATIVE), sizeof(struct blkif_request));
}

static void segment_count_out_of_range_is_refused(void **state)
{
	for (unsigned int nr = 0; nr < 256; nr++) {
		struct blk_slot slot;
		struct blk_req req;

		disk.abi = BLK_ABI_X86_64;
		make(&slot, &abis[0], BLKIF_OP_READ, (uint8_t)nr, 0);
		for (unsigned int i = 0; i < 11; i++)
			put_segment(&slot, &abis[0], i, i, 0, 0);
		assert_int_equal(blk_parse(&disk, &slot, &req),
				 nr >= 1 && nr <= 11 ? BLK_OK : BLK_REJECT);
	}
}

static void segment_must_lie_in_its_page(void **state)
{
	struct blk_req req;

	for (unsigned int first = 0; first < 256; first++)
		for (unsigned int last = 0; last < 256; last++)
			assert_int_equal(judge_one(BLKIF_OP_READ, 0, (uint8_t)first, (uint8_t)last,
						   &req),
					 first <= last && last < 8 ? BLK_OK : BLK_REJECT);
}

static void request_must_lie_on_the_disk(void **state)
{
	struct blk_req req;

	assert_int_equal(judge_one(BLKIF_OP_READ, 992, 0, 7, &req), BLK_OK);
	assert_int_equal(req.kind, BLK_REQ_READ);
	assert_int_equal(req.offset, 992 * 512);
	assert_int_equal(judge_one(BLKIF_OP_READ, 993, 0, 7, &req), BLK_REJECT);
	assert_int_equal(judge_one(BLKIF_OP_READ, 1000, 0, 0, &req), BLK_REJECT);
	assert_int_equal(judge_one(BLKIF_OP_READ, UINT64_MAX, 0, 0, &req), BLK_REJECT);
	assert_int_equal(judge_one(BLKIF_OP_READ, UINT64_MAX / 512 + 1, 0, 0, &req), BLK_REJECT);
}

static void readonly_disk_takes_no_write(void **state)
{
	struct blk_req req;

	disk.readonly = true;
	assert_int_equal(judge_one(BLKIF_OP_READ, 0, 0, 0, &req), BLK_OK);
	assert_int_equal(judge_one(BLKIF_OP_WRITE, 0, 0, 0, &req), BLK_REJECT);
	assert_int_equal(judge_one(BLKIF_OP_FLUSH_DISKCACHE, 0, 0, 0, &req), BLK_REJECT);
	disk.readonly = false;
}

static void large_sectors_must_be_whole(void **state)
{
	struct blk_req req;

	disk.sector_size = 4096;
	assert_int_equal(judge_one(BLKIF_OP_READ, 8, 0, 7, &req), BLK_OK);
	assert_int_equal(judge_one(BLKIF_OP_READ, 4, 0, 7, &req), BLK_REJECT);
	assert_int_equal(judge_one(BLKIF_OP_READ, 8, 0, 3, &req), BLK_REJECT);
	disk.sector_size = 512;
}

static void flush_may_carry_data(void **state)
{
	struct blk_slot slot;
	struct blk_req req;

	disk.abi = BLK_ABI_X86_64;
	make(&slot, &abis[0], BLKIF_OP_FLUSH_DISKCACHE, 0, UINT64_MAX);
	memset(&req, 0x5a, sizeof(req));
	assert_int_equal(blk_parse(&disk, &slot, &req), BLK_OK);
	assert_int_equal(req.kind, BLK_REQ_FLUSH);
	assert_int_equal(req.nr_segments, 0);
	assert_int_equal(req.offset, 0);
	assert_int_equal(req.len, 0);
	assert_int_equal(judge_one(BLKIF_OP_FLUSH_DISKCACHE, 0, 0, 7, &req), BLK_OK);
	assert_int_equal(req.kind, BLK_REQ_FLUSH_WRITE);
}

static void other_operations_are_not_supported(void **state)
{
	for (unsigned int op = 0; op < 256; op++) {
		struct blk_req req;

		if (op == BLKIF_OP_READ || op == BLKIF_OP_WRITE || op == BLKIF_OP_FLUSH_DISKCACHE ||
		    op == BLKIF_OP_WRITE_BARRIER || op == BLKIF_OP_INDIRECT)
			continue;
		assert_int_equal(judge_one((uint8_t)op, 0, 0, 0, &req), BLK_UNSUPPORTED);
		assert_int_equal(req.operation, op);
		assert_int_equal(req.id, 0x1122334455667788ull);
	}
}

static void barrier_may_carry_data(void **state)
{
	struct blk_slot slot;
	struct blk_req req;

	disk.abi = BLK_ABI_X86_64;
	make(&slot, &abis[0], BLKIF_OP_WRITE_BARRIER, 0, UINT64_MAX);
	assert_int_equal(blk_parse(&disk, &slot, &req), BLK_OK);
	assert_int_equal(req.kind, BLK_REQ_BARRIER);
	assert_false(blk_has_data(&req));
	assert_int_equal(judge_one(BLKIF_OP_WRITE_BARRIER, 0, 0, 7, &req), BLK_OK);
	assert_int_equal(req.kind, BLK_REQ_BARRIER);
	assert_true(blk_has_data(&req));
	disk.readonly = true;
	assert_int_equal(judge_one(BLKIF_OP_WRITE_BARRIER, 0, 0, 7, &req), BLK_REJECT);
	disk.readonly = false;
}

/* @flag 1 = secure */
static enum blk_verdict judge_discard(const struct abi *a, uint8_t flag, uint64_t sector,
				      uint64_t nr, struct blk_req *req)
{
	struct blk_slot slot;

	disk.abi = a->abi;
	make(&slot, a, BLKIF_OP_DISCARD, flag, sector);
	put_u64(&slot, a->sector + 8, nr);
	return blk_parse(&disk, &slot, req);
}

static void discard_must_lie_on_a_disk_that_takes_it(void **state)
{
	struct blk_req req;

	assert_int_equal(judge_discard(&abis[0], 0, 8, 8, &req), BLK_UNSUPPORTED);
	disk.discard = BLK_DISCARD_FILE;
	for (size_t k = 0; k < sizeof(abis) / sizeof(abis[0]); k++) {
		assert_int_equal(judge_discard(&abis[k], 0, 8, 992, &req), BLK_OK);
		assert_int_equal(req.kind, BLK_REQ_DISCARD);
		assert_int_equal(req.offset, 8 * 512);
		assert_int_equal(req.len, 992 * 512);
		assert_false(blk_has_data(&req));
		assert_int_equal(judge_discard(&abis[k], 0, 8, 993, &req), BLK_REJECT);
		assert_int_equal(judge_discard(&abis[k], 0, 8, 0, &req), BLK_REJECT);
		assert_int_equal(judge_discard(&abis[k], 0, 1, UINT64_MAX, &req), BLK_REJECT);
		assert_int_equal(judge_discard(&abis[k], 0, UINT64_MAX, 8, &req), BLK_REJECT);
	}
	disk.readonly = true;
	assert_int_equal(judge_discard(&abis[0], 0, 8, 8, &req), BLK_REJECT);
	disk.readonly = false;
	disk.discard = BLK_DISCARD_NONE;
}

/* "Ignored if discard-secure=0", xen/io/blkif.h */
static void secure_discard_is_an_ordinary_one_where_it_is_not_offered(void **state)
{
	struct blk_req req;

	disk.discard = BLK_DISCARD_DEVICE;
	assert_int_equal(judge_discard(&abis[0], 1, 8, 8, &req), BLK_OK);
	assert_int_equal(req.kind, BLK_REQ_DISCARD);
	disk.discard_secure = true;
	assert_int_equal(judge_discard(&abis[0], 1, 8, 8, &req), BLK_OK);
	assert_int_equal(req.kind, BLK_REQ_DISCARD_SECURE);
	disk.discard_secure = false;
	disk.discard = BLK_DISCARD_NONE;
}

static void make_indirect(struct blk_slot *slot, const struct abi *a, uint8_t op, uint16_t nr,
			  uint64_t sector)
{
	uint32_t gref = 77;

	disk.abi = a->abi;
	make(slot, a, BLKIF_OP_INDIRECT, op, sector);
	memcpy(slot->bytes + 2, &nr, sizeof(nr));
	memcpy(slot->bytes + a->sector + 12, &gref, sizeof(gref));
}

static void indirect_request_asks_for_its_descriptors(void **state)
{
	for (size_t k = 0; k < sizeof(abis) / sizeof(abis[0]); k++)
		for (unsigned int nr = 0; nr < 65536; nr++) {
			struct blk_slot slot;
			struct blk_req req;

			make_indirect(&slot, &abis[k], BLKIF_OP_WRITE, (uint16_t)nr, 0);
			assert_int_equal(blk_parse(&disk, &slot, &req),
					 nr >= 1 && nr <= 256 ? BLK_FETCH : BLK_REJECT);
			assert_int_equal(req.operation, BLKIF_OP_WRITE);
			if (nr == 256) {
				assert_int_equal(req.indirect_gref, 77);
				assert_int_equal(req.nr_segments, 256);
				assert_int_equal(req.kind, BLK_REQ_WRITE);
			}
		}
}

static void only_reads_and_writes_can_be_indirect(void **state)
{
	for (unsigned int op = 2; op < 256; op++) {
		struct blk_slot slot;
		struct blk_req req;

		make_indirect(&slot, &abis[0], (uint8_t)op, 1, 0);
		assert_int_equal(blk_parse(&disk, &slot, &req), BLK_REJECT);
		assert_int_equal(req.operation, op);
	}
}

static enum blk_verdict judge_indirect(uint8_t op, uint64_t sector, uint16_t nr, uint8_t last,
				       struct blk_req *req)
{
	static struct blkif_request_segment segs[256];
	struct blk_slot slot;

	make_indirect(&slot, &abis[0], op, nr, sector);
	assert_int_equal(blk_parse(&disk, &slot, req), BLK_FETCH);
	for (unsigned int i = 0; i < nr; i++)
		segs[i] = (struct blkif_request_segment){ .gref = i, .last_sect = last };
	return blk_parse_indirect(&disk, segs, req);
}

static void indirect_segments_are_judged_like_direct_ones(void **state)
{
	struct blk_req req;

	disk.sectors = 4096;
	assert_int_equal(judge_indirect(BLKIF_OP_READ, 2048, 256, 7, &req), BLK_OK);
	assert_int_equal(req.kind, BLK_REQ_READ);
	assert_int_equal(req.len, 1 << 20);
	assert_int_equal(req.offset, 1 << 20);
	assert_int_equal(req.segments[255].gref, 255);
	assert_int_equal(judge_indirect(BLKIF_OP_READ, 2049, 256, 7, &req), BLK_REJECT);
	assert_int_equal(judge_indirect(BLKIF_OP_READ, UINT64_MAX, 1, 0, &req), BLK_REJECT);
	assert_int_equal(judge_indirect(BLKIF_OP_READ, 0, 1, 8, &req), BLK_REJECT);
	disk.readonly = true;
	assert_int_equal(judge_indirect(BLKIF_OP_READ, 0, 1, 0, &req), BLK_OK);
	assert_int_equal(judge_indirect(BLKIF_OP_WRITE, 0, 1, 0, &req), BLK_REJECT);
	disk.readonly = false;
	disk.sectors = 1000;
}

static void response_has_no_stray_byte(void **state)
{
	static const uint8_t want[12] = { 8, 7, 6, 5, 4, 3, 2, 1, 9, 0, 0xff, 0xff };
	struct blk_req req = { .id = 0x0102030405060708ull, .operation = 9 };
	struct blk_response rsp;

	memset(&rsp, 0x55, sizeof(rsp));
	blk_format_response(&req, BLKIF_RSP_ERROR, &rsp);
	assert_memory_equal(rsp.bytes, want, sizeof(want));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(full_request_is_understood_in_every_abi),
		cmocka_unit_test(slot_sizes_are_those_of_the_header),
		cmocka_unit_test(segment_count_out_of_range_is_refused),
		cmocka_unit_test(segment_must_lie_in_its_page),
		cmocka_unit_test(request_must_lie_on_the_disk),
		cmocka_unit_test(readonly_disk_takes_no_write),
		cmocka_unit_test(large_sectors_must_be_whole),
		cmocka_unit_test(flush_may_carry_data),
		cmocka_unit_test(other_operations_are_not_supported),
		cmocka_unit_test(barrier_may_carry_data),
		cmocka_unit_test(discard_must_lie_on_a_disk_that_takes_it),
		cmocka_unit_test(secure_discard_is_an_ordinary_one_where_it_is_not_offered),
		cmocka_unit_test(indirect_request_asks_for_its_descriptors),
		cmocka_unit_test(only_reads_and_writes_can_be_indirect),
		cmocka_unit_test(indirect_segments_are_judged_like_direct_ones),
		cmocka_unit_test(response_has_no_stray_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
