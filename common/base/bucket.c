// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/bucket.h"

#include "base/util.h"

uint64_t bucket_price_ns(uint64_t rate, uint64_t tokens, uint64_t max)
{
	unsigned __int128 ns = (unsigned __int128)tokens * NS_PER_SEC / rate;

	return ns > max ? max : (uint64_t)ns;
}

/* One token must be there for anything to start. */
static uint64_t token_ns(uint64_t rate, uint64_t burst)
{
	uint64_t ns = bucket_price_ns(rate, 1, burst);

	return ns ? ns : 1;
}

void bucket_init(struct bucket *b, uint64_t *until_ns)
{
	b->until_ns = until_ns;
	bucket_set(b, 0, 0);
}

void bucket_set(struct bucket *b, uint64_t rate, uint64_t burst_ns)
{
	atomic_store_explicit(&b->burst_ns, rate ? burst_ns : 0, memory_order_relaxed);
	atomic_store_explicit(&b->rate, rate, memory_order_relaxed);
}

static uint64_t load(const struct bucket *b)
{
	return __atomic_load_n(b->until_ns, __ATOMIC_RELAXED);
}

/* How far ahead of now; what cannot be is nothing. */
static uint64_t ahead_ns(uint64_t until, uint64_t burst, uint64_t now)
{
	uint64_t ahead = until > now ? until - now : 0;

	return ahead > burst + 2 * BUCKET_PRICE_MAX_NS ? 0 : ahead;
}

void bucket_forgive(struct bucket *b, uint64_t now_ns)
{
	uint64_t burst = atomic_load_explicit(&b->burst_ns, memory_order_relaxed);

	__atomic_store_n(b->until_ns, now_ns + burst, __ATOMIC_RELAXED);
}

uint64_t bucket_wait_ns(const struct bucket *b, uint64_t now_ns)
{
	uint64_t burst = atomic_load_explicit(&b->burst_ns, memory_order_relaxed);
	uint64_t rate = atomic_load_explicit(&b->rate, memory_order_relaxed);
	uint64_t token, ahead;

	if (rate == 0)
		return 0;
	token = token_ns(rate, burst);
	ahead = ahead_ns(load(b), burst, now_ns);
	return ahead + token > burst ? ahead + token - burst : 0;
}

uint64_t bucket_left(const struct bucket *b, uint64_t now_ns)
{
	uint64_t burst = atomic_load_explicit(&b->burst_ns, memory_order_relaxed);
	uint64_t rate = atomic_load_explicit(&b->rate, memory_order_relaxed);
	uint64_t ahead, tokens;

	if (rate == 0)
		return UINT64_MAX;
	ahead = ahead_ns(load(b), burst, now_ns);
	if (ahead + token_ns(rate, burst) > burst)
		return 0;
	tokens = (uint64_t)((unsigned __int128)(burst - ahead) * rate / NS_PER_SEC);
	return tokens ? tokens : 1;
}

void bucket_charge(const struct bucket *b, uint64_t tokens, uint64_t now_ns)
{
	uint64_t burst = atomic_load_explicit(&b->burst_ns, memory_order_relaxed);
	uint64_t rate = atomic_load_explicit(&b->rate, memory_order_relaxed);
	uint64_t seen, next, price;

	if (rate == 0)
		return;
	price = bucket_price_ns(rate, tokens, BUCKET_PRICE_MAX_NS);
	seen = load(b);
	do {
		next = now_ns + ahead_ns(seen, burst, now_ns) + price;
	} while (!__atomic_compare_exchange_n(b->until_ns, &seen, next, false, __ATOMIC_RELAXED,
					      __ATOMIC_RELAXED));
}
