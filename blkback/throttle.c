// SPDX-License-Identifier: GPL-2.0-or-later
#include "throttle.h"

#include <stddef.h>

#include "base/util.h"

/* Those who wait are woken late by some tens of microseconds; a burst below this would lose them. */
#define BURST_MIN_NS (20 * NS_PER_MS)
#define BURST_DEFAULT_NS (100 * NS_PER_MS)
#define BURST_MAX_NS (3600 * NS_PER_SEC)

/* 1 MiB at the lowest limit; nothing honest is further ahead than this and the burst. */
#define PRICE_MAX_NS (300 * NS_PER_SEC)

static const enum blk_limit_kind kinds_of[2][2] = {
	{ BLK_LIMIT_READ_IOPS, BLK_LIMIT_READ_BYTES },
	{ BLK_LIMIT_WRITE_IOPS, BLK_LIMIT_WRITE_BYTES },
};

static uint64_t price_ns(uint64_t rate, uint64_t tokens, uint64_t max)
{
	unsigned __int128 ns = (unsigned __int128)tokens * NS_PER_SEC / rate;

	return ns > max ? max : (uint64_t)ns;
}

static uint64_t burst_ns(const struct blk_limit *limit)
{
	if (limit->burst == 0)
		return BURST_DEFAULT_NS;
	return MAX(price_ns(limit->rate, limit->burst, BURST_MAX_NS), BURST_MIN_NS);
}

/* One request's worth, or one byte's, must be there for anything to start. */
static uint64_t token_ns(uint64_t rate, uint64_t burst)
{
	uint64_t ns = price_ns(rate, 1, burst);

	return ns ? ns : 1;
}

void throttle_init(struct throttle *t, struct blk_limits_used *used)
{
	static const struct blk_limits none;

	t->used = used;
	throttle_set(t, &none);
}

void throttle_set(struct throttle *t, const struct blk_limits *limits)
{
	bool on = false;

	for (unsigned int i = 0; i < BLK_NR_LIMITS; i++) {
		const struct blk_limit *limit = &limits->of[i];

		atomic_store_explicit(&t->burst_ns[i], limit->rate ? burst_ns(limit) : 0,
				      memory_order_relaxed);
		atomic_store_explicit(&t->rate[i], limit->rate, memory_order_relaxed);
		on |= limit->rate != 0;
	}
	atomic_store_explicit(&t->on, on, memory_order_relaxed);
}

static uint64_t load(const struct throttle *t, enum blk_limit_kind kind)
{
	return __atomic_load_n(&t->used->until_ns[kind], __ATOMIC_RELAXED);
}

/* How far ahead of now; what cannot be is nothing. */
static uint64_t ahead_ns(uint64_t until, uint64_t burst, uint64_t now)
{
	uint64_t ahead = until > now ? until - now : 0;

	return ahead > burst + 2 * PRICE_MAX_NS ? 0 : ahead;
}

static void move_on(struct throttle *t, enum blk_limit_kind kind, uint64_t burst, uint64_t price,
		    uint64_t now)
{
	uint64_t seen = load(t, kind), next;

	do {
		next = now + ahead_ns(seen, burst, now) + price;
	} while (!__atomic_compare_exchange_n(&t->used->until_ns[kind], &seen, next, false,
					      __ATOMIC_RELAXED, __ATOMIC_RELAXED));
}

void throttle_forgive(struct throttle *t, uint64_t now_ns)
{
	for (unsigned int i = 0; i < BLK_NR_LIMITS; i++) {
		uint64_t burst = atomic_load_explicit(&t->burst_ns[i], memory_order_relaxed);

		__atomic_store_n(&t->used->until_ns[i], now_ns + burst, __ATOMIC_RELAXED);
	}
}

uint64_t throttle_wait_ns(const struct throttle *t, bool write, uint64_t now_ns)
{
	uint64_t wait = 0;

	for (unsigned int i = 0; i < 2; i++) {
		enum blk_limit_kind kind = kinds_of[write][i];
		uint64_t burst = atomic_load_explicit(&t->burst_ns[kind], memory_order_relaxed);
		uint64_t rate = atomic_load_explicit(&t->rate[kind], memory_order_relaxed);
		uint64_t token, ahead;

		if (rate == 0)
			continue;
		token = token_ns(rate, burst);
		ahead = ahead_ns(load(t, kind), burst, now_ns);
		if (ahead + token > burst)
			wait = MAX(wait, ahead + token - burst);
	}
	return wait;
}

void throttle_charge(struct throttle *t, bool write, uint64_t bytes, uint64_t now_ns)
{
	for (unsigned int i = 0; i < 2; i++) {
		enum blk_limit_kind kind = kinds_of[write][i];
		uint64_t rate = atomic_load_explicit(&t->rate[kind], memory_order_relaxed);
		uint64_t burst = atomic_load_explicit(&t->burst_ns[kind], memory_order_relaxed);

		if (rate != 0)
			move_on(t, kind, burst, price_ns(rate, i == 0 ? 1 : bytes, PRICE_MAX_NS),
				now_ns);
	}
}
