// SPDX-License-Identifier: GPL-2.0-or-later
#include "throttle.h"

#include "base/util.h"

/* Those who wait are woken late by some tens of microseconds; a burst below this would lose them. */
#define BURST_MIN_NS (20 * NS_PER_MS)
#define BURST_DEFAULT_NS (100 * NS_PER_MS)
#define BURST_MAX_NS (3600 * NS_PER_SEC)

static const enum blk_limit_kind kinds_of[2][2] = {
	{ BLK_LIMIT_READ_IOPS, BLK_LIMIT_READ_BYTES },
	{ BLK_LIMIT_WRITE_IOPS, BLK_LIMIT_WRITE_BYTES },
};

static uint64_t burst_ns(const struct blk_limit *limit)
{
	if (limit->burst == 0)
		return BURST_DEFAULT_NS;
	return MAX(bucket_price_ns(limit->rate, limit->burst, BURST_MAX_NS), BURST_MIN_NS);
}

void throttle_init(struct throttle *t, struct blk_limits_used *used)
{
	for (unsigned int i = 0; i < BLK_NR_LIMITS; i++)
		bucket_init(&t->of[i], &used->until_ns[i]);
	atomic_store_explicit(&t->on, false, memory_order_relaxed);
}

void throttle_set(struct throttle *t, const struct blk_limits *limits)
{
	bool on = false;

	for (unsigned int i = 0; i < BLK_NR_LIMITS; i++) {
		const struct blk_limit *limit = &limits->of[i];

		bucket_set(&t->of[i], limit->rate, limit->rate ? burst_ns(limit) : 0);
		on |= limit->rate != 0;
	}
	atomic_store_explicit(&t->on, on, memory_order_relaxed);
}

void throttle_forgive(struct throttle *t, uint64_t now_ns)
{
	for (unsigned int i = 0; i < BLK_NR_LIMITS; i++)
		bucket_forgive(&t->of[i], now_ns);
}

uint64_t throttle_wait_ns(const struct throttle *t, bool write, uint64_t now_ns)
{
	uint64_t requests = bucket_wait_ns(&t->of[kinds_of[write][0]], now_ns);
	uint64_t bytes = bucket_wait_ns(&t->of[kinds_of[write][1]], now_ns);

	return MAX(requests, bytes);
}

void throttle_charge(struct throttle *t, bool write, uint64_t bytes, uint64_t now_ns)
{
	bucket_charge(&t->of[kinds_of[write][0]], 1, now_ns);
	bucket_charge(&t->of[kinds_of[write][1]], bytes, now_ns);
}
