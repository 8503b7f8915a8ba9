// SPDX-License-Identifier: GPL-2.0-or-later
/* Which request is counted where, and the bounds of the buckets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "stats.h"

#define US 1000ull

static void buckets_are_powers_of_two(void **state)
{
	assert_int_equal(stats_bucket(0), 0);
	assert_int_equal(stats_bucket(1), 0);
	for (unsigned int n = 1; n < BLK_STATS_BUCKETS; n++) {
		assert_int_equal(stats_bucket((1ull << n) - 1), n - 1);
		assert_int_equal(stats_bucket(1ull << n), n);
	}
	assert_int_equal(stats_bucket(UINT64_MAX), BLK_STATS_BUCKETS - 1);
}

static void each_kind_has_its_operation(void **state)
{
	static const struct {
		enum blk_kind kind;
		unsigned int nr_segments;
		enum blk_stats_op_kind op;
	} cases[] = {
		{ BLK_REQ_READ, 1, BLK_STATS_READ },
		{ BLK_REQ_WRITE, 1, BLK_STATS_WRITE },
		{ BLK_REQ_FLUSH, 0, BLK_STATS_FLUSH },
		{ BLK_REQ_FLUSH_WRITE, 1, BLK_STATS_WRITE },
		{ BLK_REQ_BARRIER, 0, BLK_STATS_FLUSH },
		{ BLK_REQ_BARRIER, 1, BLK_STATS_WRITE },
		{ BLK_REQ_DISCARD, 0, BLK_STATS_DISCARD },
		{ BLK_REQ_DISCARD_SECURE, 0, BLK_STATS_DISCARD },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct blk_req req = { .kind = cases[i].kind, .nr_segments = cases[i].nr_segments };

		assert_int_equal(stats_op(&req), cases[i].op);
	}
}

static void time_is_split_at_the_start(void **state)
{
	struct blk_req req = { .kind = BLK_REQ_WRITE, .nr_segments = 1, .len = 4096 };
	struct stats_request r = { 1000 * US, 1005 * US, 1105 * US, false };
	static struct blk_stats_slot slot;
	const struct blk_stats_op *op = &slot.op[BLK_STATS_WRITE];

	stats_count(&slot, &req, &r);
	assert_int_equal(op->requests, 1);
	assert_int_equal(op->failed, 0);
	assert_int_equal(op->bytes, 4096);
	assert_int_equal(op->total_us, 105);
	assert_int_equal(op->max_us, 105);
	assert_int_equal(op->latency[6], 1); /* 64 to 127 */
	assert_int_equal(op->queued[2], 1);
	assert_int_equal(op->service[6], 1);
	assert_int_equal(slot.op[BLK_STATS_READ].requests, 0);
}

static void failures_and_maxima(void **state)
{
	struct blk_req req = { .kind = BLK_REQ_FLUSH };
	struct stats_request slow = { 0, 0, 3000 * US, true }, quick = { 0, 0, 0, false };
	static struct blk_stats_slot slot;
	const struct blk_stats_op *op = &slot.op[BLK_STATS_FLUSH];

	stats_count(&slot, &req, &slow);
	stats_count(&slot, &req, &quick);
	assert_int_equal(op->requests, 2);
	assert_int_equal(op->failed, 1);
	assert_int_equal(op->max_us, 3000);
	assert_int_equal(op->latency[0] + op->latency[11], 2);
}

/* Done before it was taken, as clocks of two turns could say: no time at all, not ages. */
static void time_does_not_go_backwards(void **state)
{
	struct blk_req req = { .kind = BLK_REQ_READ, .nr_segments = 1 };
	struct stats_request r = { 9 * US, 7 * US, 5 * US, false };
	static struct blk_stats_slot slot;

	stats_count(&slot, &req, &r);
	assert_int_equal(slot.op[BLK_STATS_READ].max_us, 0);
	assert_int_equal(slot.op[BLK_STATS_READ].latency[0], 1);
	assert_int_equal(slot.op[BLK_STATS_READ].queued[0], 1);
	assert_int_equal(slot.op[BLK_STATS_READ].service[0], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buckets_are_powers_of_two),
		cmocka_unit_test(each_kind_has_its_operation),
		cmocka_unit_test(time_is_split_at_the_start),
		cmocka_unit_test(failures_and_maxima),
		cmocka_unit_test(time_does_not_go_backwards),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
