// SPDX-License-Identifier: GPL-2.0-or-later
#include "limit.h"

#include "base/clock.h"
#include "base/util.h"
#include "rate.h"

#define WAIT_MIN_NS NS_PER_MS
#define QUEUE_MIN 65536u /* a large frame */
#define QUEUE_MAX 524288u
#define QUEUE_PER_SEC 20u /* 50 ms worth */
#define WAIT_MAX_NS (50 * NS_PER_MS)

void limit_init(struct net_card *card)
{
	for (unsigned int i = 0; i < NET_NR_WAYS; i++)
		bucket_init(&card->limits[i], &card->stats->used_until_ns[i]);
}

void limit_set(struct net_card *card, const struct net_limit limits[NET_NR_WAYS])
{
	for (unsigned int i = 0; i < NET_NR_WAYS; i++) {
		const struct net_limit *limit = &limits[i];

		bucket_set(&card->limits[i], limit->rate, limit->rate ? rate_burst_ns(limit) : 0);
		card->stats->limits[i] = *limit;
	}
}

void limit_change(struct net_card *card, const struct net_limit limits[NET_NR_WAYS])
{
	uint64_t now = now_ns();

	limit_set(card, limits);
	for (unsigned int i = 0; i < NET_NR_WAYS; i++)
		bucket_forgive(&card->limits[i], now);
}

uint64_t limit_left(const struct net_card *card, enum net_way way)
{
	const struct bucket *b = &card->limits[way];

	return bucket_is_on(b) ? bucket_left(b, now_ns()) : UINT64_MAX;
}

void limit_charge(const struct net_card *card, enum net_way way, uint64_t bytes)
{
	const struct bucket *b = &card->limits[way];

	if (bytes && bucket_is_on(b))
		bucket_charge(b, bytes, now_ns());
}

uint32_t limit_queue(const struct net_card *card, enum net_way way)
{
	uint64_t rate = atomic_load_explicit(&card->limits[way].rate, memory_order_relaxed);

	if (!rate)
		return UINT32_MAX;
	return (uint32_t)MIN(MAX(rate / QUEUE_PER_SEC, QUEUE_MIN), QUEUE_MAX);
}

uint64_t limit_wait_ns(const struct net_card *card, enum net_way way)
{
	uint64_t wait = bucket_wait_ns(&card->limits[way], now_ns());

	return MIN(MAX(wait, WAIT_MIN_NS), WAIT_MAX_NS);
}
