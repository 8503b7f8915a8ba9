// SPDX-License-Identifier: GPL-2.0-or-later
#include "stats.h"

#include "base/util.h"

#define NS_PER_US 1000u

enum blk_stats_op_kind stats_op(const struct blk_req *req)
{
	switch (req->kind) {
	case BLK_REQ_READ:
		return BLK_STATS_READ;
	case BLK_REQ_DISCARD:
	case BLK_REQ_DISCARD_SECURE:
		return BLK_STATS_DISCARD;
	default:
		return blk_has_data(req) ? BLK_STATS_WRITE : BLK_STATS_FLUSH;
	}
}

unsigned int stats_bucket(uint64_t us)
{
	unsigned int log2 = 63u - (unsigned int)__builtin_clzll(us | 1);

	return MIN(log2, BLK_STATS_BUCKETS - 1u);
}

/* Clocks of different turns: never backwards, but a request may be answered in the turn it came. */
static uint64_t us_between(uint64_t from_ns, uint64_t to_ns)
{
	return to_ns > from_ns ? (to_ns - from_ns) / NS_PER_US : 0;
}

void stats_count(struct blk_stats_slot *slot, const struct blk_req *req,
		 const struct stats_request *r)
{
	struct blk_stats_op *op = &slot->op[stats_op(req)];
	uint64_t us = us_between(r->taken_ns, r->done_ns);

	op->requests++;
	op->failed += r->failed;
	op->bytes += req->len;
	op->total_us += us;
	op->max_us = MAX(op->max_us, us);
	op->latency[stats_bucket(us)]++;
	op->queued[stats_bucket(us_between(r->taken_ns, r->started_ns))]++;
	op->service[stats_bucket(us_between(r->started_ns, r->done_ns))]++;
}
