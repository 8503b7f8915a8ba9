// SPDX-License-Identifier: GPL-2.0-or-later
/* Token bucket. */
#include "base/budget.h"

#include "base/util.h"

void budget_init(struct budget *b, uint64_t rate, uint64_t burst, uint64_t now)
{
	b->rate = rate;
	b->burst = burst;
	b->tokens = burst;
	b->part = 0;
	b->last_ns = now;
}

static void refill(struct budget *b, uint64_t now)
{
	unsigned __int128 parts, fresh;

	if (now <= b->last_ns)
		return;
	parts = (unsigned __int128)(now - b->last_ns) * b->rate + b->part;
	fresh = parts / NS_PER_SEC;
	b->last_ns = now;
	if (fresh >= b->burst - b->tokens) {
		b->tokens = b->burst;
		b->part = 0;
		return;
	}
	b->tokens += (uint64_t)fresh;
	b->part = (uint64_t)(parts - fresh * NS_PER_SEC);
}

uint64_t budget_available(struct budget *b, uint64_t want, uint64_t now)
{
	if (b->rate == 0)
		return want;
	refill(b, now);
	return MIN(want, b->tokens);
}

void budget_spend(struct budget *b, uint64_t n)
{
	if (b->rate != 0)
		b->tokens -= MIN(n, b->tokens);
}

uint64_t budget_wait_ns(const struct budget *b, uint64_t want)
{
	unsigned __int128 missing;

	want = MIN(want, b->burst);
	if (b->rate == 0 || b->tokens >= want)
		return 0;
	missing = (unsigned __int128)(want - b->tokens) * NS_PER_SEC - b->part;
	return (uint64_t)((missing + b->rate - 1) / b->rate);
}
